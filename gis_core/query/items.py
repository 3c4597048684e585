"""A page of features: the question, its SQL, and the position from which the next page goes on."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from gis_core.audiences import CITIZEN_TIMEOUT_MS, Caller
from gis_core.cql2 import Predicate
from gis_core.crs import CRS84, Crs
from gis_core.layer import Field
from gis_core.problems import Problem, bad_request
from gis_core.publish.views import sort_expression
from gis_core.query.feature_text import feature_sql
from gis_core.reading import read
from gis_core.registry import Published
from gis_core.times import TimeInterval, time_sql

COUNT_LIMIT = 10_000  # numberMatched is exact up to here and left out above
# A stranger's filter that no index helps reads a whole layer, and each holds a core: on a page it gets half of what a
# file may take, which somebody waits for.
FILTER_TIMEOUT_MS = CITIZEN_TIMEOUT_MS // 2
COUNT_TIMEOUT_MS = 400  # a selective filter without an index cannot be bounded by a limit
FEW_ROWS = (
    50_000  # under this estimate sorting what a box selects beats walking the key in the hope to meet it
)

Box = tuple[float, float, float, float]
NOWHERE: Box = (-1000.0, -1000.0, -999.0, -999.0)
ROUNDING = 4e-5  # two units in the last place of a 4-byte float near 180, and some


@dataclass(frozen=True)
class Sort:
    """One sortable field; NULLs come last in both directions, ``fid`` decides between equals."""

    field: Field
    descending: bool = False


@dataclass(frozen=True)
class Position:
    """The last feature of a page: where the next one goes on. ``value`` is the sort field's, as text."""

    fid: int
    value: str | None = None

    def token(self, sort: Sort | None) -> str:
        """An opaque cursor; it carries what it was sorted by, so that it is refused with another order."""
        body = json.dumps([self.fid, self.value, order_name(sort)], separators=(",", ":"))
        return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")

    @classmethod
    def from_token(cls, token: str, sort: Sort | None) -> Position:
        """The position in a cursor that `token` made; a 400 Problem for any other text."""
        try:
            raw = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), b"-_", validate=True)
            fid, value, order = json.loads(raw)
        except (ValueError, TypeError, binascii.Error, RecursionError):
            raise bad_cursor() from None
        sound = type(fid) is int and 0 <= fid < 2**63 and isinstance(value, str | None)
        if not sound or order != order_name(sort) or not is_storable(value or ""):
            raise bad_cursor()
        return cls(fid, value)


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can be sent ``text``: JSON can escape a NUL and half a surrogate pair, UTF-8 has neither."""
    return "\x00" not in text and not any(0xD800 <= ord(c) <= 0xDFFF for c in text)


def order_name(sort: Sort | None) -> str:
    return "" if sort is None else f"{'-' if sort.descending else ''}{sort.field.name}"


def bad_cursor() -> Exception:
    return bad_request(
        "bad-cursor",
        "Con trỏ trang không hợp lệ với yêu cầu này. Hãy bắt đầu lại từ trang đầu.",
        "The page cursor does not fit this request. Start again from the first page.",
        parameter="cursor",
    )


@dataclass(frozen=True)
class FeatureQuery:
    """What is asked of one layer. ``boxes`` are lon/lat (two where a bbox crosses the antimeridian)."""

    limit: int = 1000
    offset: int = 0
    after: Position | None = None
    boxes: tuple[Box, ...] = ()
    time: TimeInterval | None = None
    where: tuple[Predicate, ...] = ()
    sort: Sort | None = None
    crs: Crs = CRS84
    fid: int | None = None

    @property
    def filtered(self) -> bool:
        return bool(self.boxes or self.time or self.where or self.fid is not None)


@dataclass(frozen=True)
class Page:
    """``features`` are texts of features (bytes, GeoJSON unless another was asked for); ``next`` is None at the end."""

    features: list[bytes]
    next: Position | None
    matched: int | None


Sql = tuple[str, list[Any]]


def conditions(published: Published, query: FeatureQuery) -> Sql:
    """What a row must satisfy, page position apart."""
    parts: list[str] = []
    params: list[Any] = []
    if query.boxes:
        parts.append(" or ".join(["(" + BOX_SQL + ")"] * len(query.boxes)).join("()"))
        for box in query.boxes:
            params += [*box, *well_inside(box), *box]
    if query.time is not None:
        sql, values = time_sql(published, query.time)
        parts.append(sql)
        params += values
    for predicate in query.where:
        parts.append(f"({predicate.sql})")
        params += predicate.params
    if query.fid is not None:
        parts.append('"fid" = %s')
        params.append(query.fid)
    return (" and ".join(parts) or "true"), params


# A geometry whose own box lies well inside the query's box intersects it: only those at its edge need the exact test.
# A box without width is a line or a point, which st_envelope makes of it; as a polygon it would intersect nothing.
BOX_SQL = (
    '"geom" && st_makeenvelope(%s, %s, %s, %s, 4326) and ("geom" @ st_makeenvelope(%s, %s, %s, %s, 4326)'
    ' or st_intersects("geom", st_setsrid(st_envelope(st_makeline(st_makepoint(%s, %s), st_makepoint(%s, %s))), 4326)))'
)


def well_inside(box: Box) -> Box:
    """``box`` without its edge: the index rounds boxes to 4-byte floats, by up to `ROUNDING` degrees outwards.

    Where that leaves nothing, a box in which nothing lies.
    """
    west, south, east, north = box
    if east - west < 4 * ROUNDING or north - south < 4 * ROUNDING:
        return NOWHERE
    return west + ROUNDING, south + ROUNDING, east - ROUNDING, north - ROUNDING


def kept_original(published: Published, caller: Caller) -> int | None:
    """SRID of the surveyed original that the caller's view holds; None where it holds none."""
    geometry = published.layer.geometry
    exact = geometry.column_for(caller.audience) == geometry.column
    return geometry.original_srid if exact else None


def items_sql(
    published: Published, caller: Caller, query: FeatureQuery, *, few: bool = False, text: str | None = None
) -> Sql:
    """SQL of one page: text of the feature, fid, and (sorted) the sort value as text; one row more than asked.

    ``text`` is the SQL expression of the feature's text over the caller's view, GeoJSON unless told. ``few`` orders by
    ``fid + 0``, so that the planner collects what the filter selects instead of walking the key.
    """
    where, params = conditions(published, query)
    if text is None:
        fields = published.layer.fields_for(caller.audience)
        text = feature_sql(fields, query.crs, kept_original(published, caller))
    view = f'"{caller.audience}"."{published.layer.id}"'
    if query.sort is None:
        rows, row_params = rows_by_key(view, where, params, query, few=few)
        return f'{published.mark} select {text}, "fid" from ({rows}) _q', row_params
    rows, row_params = rows_by_field(view, where, params, query)
    return (
        f'{published.mark} select {text}, "fid", "{query.sort.field.name}"::text from ({rows}) _q',
        row_params,
    )


def rows_by_key(view: str, where: str, params: list[Any], query: FeatureQuery, *, few: bool) -> Sql:
    values = list(params)
    if query.after is not None:
        where += ' and "fid" > %s'
        values.append(query.after.fid)
    order = '"fid" + 0' if few else '"fid"'
    sql = f"select * from {view} where {where} order by {order} limit %s"
    values.append(query.limit + 1)
    if query.offset:
        sql += " offset %s"
        values.append(query.offset)
    return sql, values


def rows_by_field(view: str, where: str, params: list[Any], query: FeatureQuery) -> Sql:
    """Rows with a value in order, then those without: each half is one walk of the index, at any depth."""
    assert query.sort is not None
    name, kind = query.sort.field.name, query.sort.field.type
    key = sort_expression(name, kind)
    way, beyond = ("desc", "<") if query.sort.descending else ("asc", ">")
    many = query.limit + 1 + query.offset
    halves: list[str] = []
    values: list[Any] = []
    after = query.after
    if after is None or after.value is not None:
        test, extra = f'"{name}" is not null', []
        if after is not None:
            test += f' and ({key}, "fid") {beyond} (%s::{CASTS[kind]}, %s)'
            extra = [after.value, after.fid]
        halves.append(
            f'(select *, 0 as _part from {view} where {where} and {test} order by {key} {way}, "fid" {way} limit %s)'
        )
        values += [*params, *extra, many]
    test, extra = f'"{name}" is null', []
    if after is not None and after.value is None:
        test, extra = f'{test} and "fid" {beyond} %s', [after.fid]
    halves.append(
        f'(select *, 1 as _part from {view} where {where} and {test} order by "fid" {way} limit %s)'
    )
    values += [*params, *extra, many]
    sql = f'select * from ({" union all ".join(halves)}) _h order by _part, {key} {way}, "fid" {way} limit %s offset %s'
    return sql, [*values, query.limit + 1, query.offset]


# Literals of a cursor are cast to the column's type; the cursor is ours, a forged one ends as a 400.
CASTS = {
    "text": "text",
    "integer": "bigint",
    "number": "numeric",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamptz",
}


def fetch_page(
    published: Published,
    caller: Caller,
    query: FeatureQuery,
    *,
    count: bool = True,
    text: str | None = None,
    timeout_ms: int | None = None,
) -> Page:
    """One page as ``caller`` sees it, ``text`` as in `items_sql`; a Problem where the database refuses or gives up.

    ``timeout_ms`` for each statement; None for what the caller's role is given.
    """
    rows = page_rows(published, caller, query, text, timeout_ms)
    more = len(rows) > query.limit
    rows = rows[: query.limit]
    position = None
    if more and rows:
        last = rows[-1]
        value = last[2].decode() if query.sort is not None and last[2] is not None else None
        position = Position(last[1], value)
    matched = count_matched(published, caller, query, timeout_ms=timeout_ms) if count else None
    return Page([row[0] for row in rows], position, matched)


def page_rows(
    published: Published, caller: Caller, query: FeatureQuery, text: str | None, timeout_ms: int | None
) -> Sequence[tuple[Any, ...]]:
    """The rows of `items_sql`. What the database refuses is the question's fault only where the layer can be read
    without it: the Problem 503 ``layer-unreadable`` where it cannot."""
    is_given = query.filtered or query.after is not None
    try:
        with read(caller, raw=True, timeout_ms=timeout_ms, given=is_given) as cursor:
            few = is_few(cursor, published, caller, query)
            sql, params = items_sql(published, caller, query, few=few, text=text)
            rows: Sequence[tuple[Any, ...]] = cursor.execute(sql, params).fetchall()
            return rows
    except Problem as problem:
        if problem.code == "value-refused":
            with read(caller, raw=True, timeout_ms=timeout_ms, given=False) as cursor:
                cursor.execute(*items_sql(published, caller, FeatureQuery(limit=1, crs=query.crs), text=text))
        raise


def is_few(cursor: psycopg.Cursor[Any], published: Published, caller: Caller, query: FeatureQuery) -> bool:
    """Whether the planner expects few rows from the filter; asked only where the answer can matter."""
    if query.sort is not None or not (query.boxes or query.where) or published.rows < FEW_ROWS:
        return False
    where, params = conditions(published, query)
    view = f'"{caller.audience}"."{published.layer.id}"'
    cursor.execute(f"{published.mark} explain (format json) select 1 from {view} where {where}", params)
    row = cursor.fetchone()
    plan = row[0] if row else []
    return bool(plan and plan[0]["Plan"]["Plan Rows"] < FEW_ROWS)


def page_timeout_ms(caller: Caller, query: FeatureQuery) -> int | None:
    """What each statement of a page that is looked at may take, for `fetch_page`."""
    return FILTER_TIMEOUT_MS if caller.audience == "citizen" and query.where else None


def count_matched(
    published: Published,
    caller: Caller,
    query: FeatureQuery,
    *,
    limit: int = COUNT_LIMIT,
    timeout_ms: int | None = None,
) -> int | None:
    """Features that match, exact up to ``limit``; None above it, or where counting would cost too much."""
    if not query.filtered and published.rows > 3 * limit:
        return None
    where, params = conditions(published, query)
    view = f'"{caller.audience}"."{published.layer.id}"'
    sql = f"{published.mark} select count(*) from (select 1 from {view} where {where} limit %s) _q"
    # A timeout costs a transaction; small tables are counted faster than that.
    timeout = COUNT_TIMEOUT_MS if published.rows > COUNT_LIMIT or published.rows < 0 else timeout_ms
    try:
        with read(caller, timeout_ms=timeout) as cursor:
            row = cursor.execute(sql, [*params, limit + 1]).fetchone()
    except Exception as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            return None
        raise
    assert row is not None
    return None if row[0] > limit else int(row[0])


def digest(parts: Sequence[object]) -> str:
    """A short strong digest, for ETags of what was built from ``parts``."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()
