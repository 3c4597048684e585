"""What the pages read: layers, counts and features as one caller sees them, by SQL over the published views."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import psycopg
from psycopg import sql

from gis_core.audiences import Caller
from gis_core.days import ZONE_NAME
from gis_core.layer import BASE_MAP, Field, Layer
from gis_core.naming import fields_of_name, naming_fields
from gis_core.problems import Problem, not_found
from gis_core.query.point_on import point_on
from gis_core.reading import read, registry
from gis_core.shares import Shares, why_missing
from gis_core.styles.standard import APPROXIMATE, KINDS
from gis_core.times import parse_datetime, time_sql
from gis_core.words import Text
from web.moments import take_any_time
from web.window import Box

UNITS, ROADS = "admin_units", "roads"
# Where the page looks while the city has no unit yet: Huế with its coast, EPSG:3857 metres.
HUE: Box = (11913000.0, 1803000.0, 12046000.0, 1891000.0)
MOST_COUNTED = 10_000
MOST_UNITS = 400
MOST_DAYS = 24  # on which something changed
ON_IT = sql.SQL(point_on("geom"))
LABEL_LENGTH = 120
PIECES_APART = (
    300.0  # EPSG:3857 metres between pieces of one street; another of the same name is farther away
)
MOST_PIECES = 2000
PAGE_S = 10.0  # for all layers of a page together; see `Shares`


@dataclass(frozen=True)
class Named:
    """A feature in a list: ``values`` are those that it is named by; lon, lat a point on it (EPSG:4326)."""

    layer: Layer
    fid: int
    values: Mapping[str, Any]
    lon: float
    lat: float


@dataclass(frozen=True)
class Feature(Named):
    """One feature whole, as the caller sees it. ``box`` is its extent in EPSG:3857."""

    version: int
    box: Box


@dataclass(frozen=True)
class InView:
    """What a layer has in a window: its features nearest to the middle, and how many there are up to a limit."""

    layer: Layer
    features: Sequence[Named]
    count: int


def page_shares(caller: Caller) -> Shares:
    """The time that the layers of one page have together."""
    return Shares(caller, PAGE_S)


def layers(caller: Caller) -> list[Layer]:
    """The listed layers that the caller sees: units first, then by group, the ground of the map at the end."""
    seen = [p.layer for p in registry().current().seen_by(caller) if p.layer.listed]
    return sorted(
        seen,
        key=lambda each: (each.id != UNITS, each.group == BASE_MAP, each.group.vi, each.title.vi, each.id),
    )


def view_of(layer: Layer, caller: Caller, day: date | None = None) -> sql.Composed:
    """The caller's view of a layer; of a layer of intervals, where ``day`` is given, what is valid on that day."""
    view = sql.SQL("{}.{}").format(sql.Identifier(caller.audience), sql.Identifier(layer.id))
    if day is None or not layer.has_intervals:
        return view
    published = registry().current().get(layer.id, caller)
    condition, values = time_sql(published, parse_datetime(day.isoformat()))
    parts = [sql.SQL(part) for part in condition.split("%s")]
    literals = [*map(sql.Literal, values), sql.SQL("")]
    tested = sql.SQL("").join(each for pair in zip(parts, literals, strict=True) for each in pair)
    return sql.SQL("(select * from {} where {}) _on_day").format(view, tested)


def columns_of(fields: Sequence[Field]) -> sql.Composed:
    """SQL of these columns, each after a comma."""
    return sql.SQL("").join(sql.SQL(", {}").format(sql.Identifier(field.name)) for field in fields)


def text_of(name: str | None) -> sql.Composable:
    """SQL of a field as a line of text, empty for none."""
    if name is None:
        return sql.SQL("''")
    return sql.SQL("left(coalesce({}::text, ''), {})").format(sql.Identifier(name), LABEL_LENGTH)


def map_label(layer: Layer, caller: Caller) -> str | None:
    """The field that names a feature on the map: short for units ("Phú Bài", where a list says "Phường Phú Bài")."""
    names = {f.name for f in layer.fields_for(caller.audience)}
    if layer.id == UNITS and "name" in names:
        return "name"
    return layer.label if layer.label in names else None


def extent(caller: Caller, shares: Shares | None = None) -> Box:
    """The box of the city's units, EPSG:3857; that of Huế while there are none, or they cannot be read."""
    layer = next((each for each in layers(caller) if each.id == UNITS), None)
    if layer is None:
        return HUE
    statement = sql.SQL(
        "select st_xmin(_e), st_ymin(_e), st_xmax(_e), st_ymax(_e) from (select st_extent(geom3857) _e"
        " from {}) _whole where _e is not null"
    ).format(view_of(layer, caller))

    def box(timeout_ms: int | None) -> Box:
        with read(caller, timeout_ms=timeout_ms) as cursor:
            found = cursor.execute(statement).fetchone()
        return found if found is not None else HUE

    return (shares or page_shares(caller)).ask(layer, box, HUE)


def unit_points(caller: Caller, shares: Shares, day: date | None = None) -> list[tuple[str, float, float]]:
    """(name, lon, lat) of each unit, once: cut by tiles, a unit would be named in every one of them.

    With ``day`` those of that day, where some layer has them, the larger first.
    """
    known = layers(caller)
    then = next((each for each in known if each.of_now == UNITS), None) if day else None
    layer = then or next((each for each in known if each.id == UNITS), None)
    if layer is None:
        return []
    statement = sql.SQL(
        "select {}, round(st_x(_p)::numeric, 4)::float8, round(st_y(_p)::numeric, 4)::float8"
        " from (select *, {} _p from {} order by {}fid limit {}) _placed"
    ).format(
        text_of(map_label(layer, caller)),
        ON_IT,
        view_of(layer, caller, day),
        sql.SQL("st_area(geom) desc, " if then else ""),
        MOST_UNITS,
    )

    def points(timeout_ms: int | None) -> list[tuple[str, float, float]]:
        with read(caller, timeout_ms=timeout_ms) as cursor:
            return cursor.execute(statement).fetchall()

    return shares.ask(layer, points, [])


def units_at(
    caller: Caller, points: Sequence[tuple[float | None, float | None]], shares: Shares
) -> list[str]:
    """The name of the unit that each point (EPSG:4326) lies in; empty where there is none, or it cannot be read."""
    layer = next((each for each in layers(caller) if each.id == UNITS), None)
    if layer is None or not points:
        return [""] * len(points)
    statement = sql.SQL(
        "select coalesce((select {name} from {view} where st_intersects(geom, st_setsrid(st_makepoint(_x, _y), 4326))"
        " order by fid limit 1), '') from unnest(%s::float8[], %s::float8[]) with ordinality _points (_x, _y, _at)"
        " order by _at"
    ).format(name=text_of(layer.label), view=view_of(layer, caller))
    xs, ys = zip(*points, strict=True)

    def names(timeout_ms: int | None) -> list[str]:
        with read(caller, timeout_ms=timeout_ms) as cursor:
            return [row[0] for row in cursor.execute(statement, [list(xs), list(ys)]).fetchall()]

    return shares.ask(layer, names, [""] * len(points))


def counts(caller: Caller, of: Sequence[Layer], shares: Shares, day: date | None = None) -> dict[str, int]:
    """How many features each layer has on the map of ``day``, counted to `MOST_COUNTED` + 1; without those that
    cannot be read."""
    return dict(each_or_alone(caller, of, shares, partial(counted, day=day)))


def counted(caller: Caller, of: Sequence[Layer], day: date | None = None) -> sql.Composed:
    """SQL of (layer id, count) rows."""
    parts = [
        sql.SQL("select {}, (select count(*) from (select 1 from {} limit {}) _counted)").format(
            layer.id, view_of(layer, caller, day), MOST_COUNTED + 1
        )
        for layer in of
    ]
    return sql.SQL(" union all ").join(parts)


def each_or_alone(
    caller: Caller,
    of: Sequence[Layer],
    shares: Shares,
    statement: Callable[[Caller, Sequence[Layer]], sql.Composed],
) -> list[tuple[Any, ...]]:
    """The rows of ``statement`` over all layers at once; where that fails, over each layer that can be read."""

    def rows(layers: Sequence[Layer], timeout_ms: int | None) -> list[tuple[Any, ...]]:
        with read(caller, timeout_ms=timeout_ms) as cursor:
            take_any_time(cursor)
            return cursor.execute(statement(caller, layers)).fetchall()

    none: list[tuple[Any, ...]] = []
    if not of:
        return none
    known_bad = {missing.layer.id for missing in shares.missing}
    if not known_bad & {layer.id for layer in of}:
        try:
            return rows(of, shares.timeout_ms)
        except (Problem, psycopg.Error) as error:
            why_missing(error)
    alone = shares.ask_all([(layer, partial(rows, [layer])) for layer in of], none)
    return [row for found in alone for row in found]


def days_of_change(caller: Caller, of: Sequence[Layer], shares: Shares) -> list[date]:
    """The days on which some feature of the layers (of intervals) began to be valid, and another before it, latest
    first."""
    able = [
        layer
        for layer in of
        if layer.time is not None and layer.time.start in {f.name for f in layer.fields_for(caller.audience)}
    ]
    rows = each_or_alone(caller, able, shares, beginnings)
    return sorted({row[0] for row in rows if isinstance(row[0], date)}, reverse=True)[:-1]


def beginnings(caller: Caller, of: Sequence[Layer]) -> sql.Composed:
    """SQL of the days on which features of each layer began to be valid, the latest `MOST_DAYS`."""
    parts = []
    for layer in of:
        assert layer.time is not None
        start: sql.Composable = sql.Identifier(layer.time.start)
        if layer.field(layer.time.start).type == "datetime":
            start = sql.SQL("({} at time zone {})").format(start, sql.Literal(ZONE_NAME))
        parts.append(
            sql.SQL(
                "(select distinct {0}::date _day from {1} where isfinite({0}) order by _day desc limit {2})"
            ).format(start, view_of(layer, caller), MOST_DAYS)
        )
    return sql.SQL(" union all ").join(parts)


def roughly_drawn(caller: Caller, of: Sequence[Layer], shares: Shares) -> frozenset[str]:
    """The layers of which some feature says that its outline is only approximate."""
    able = [layer for layer in of if any(f.name == APPROXIMATE for f in layer.fields_for(caller.audience))]
    return frozenset(row[0] for row in each_or_alone(caller, able, shares, approximate))


def approximate(caller: Caller, of: Sequence[Layer]) -> sql.Composed:
    """SQL of the ids of those layers that have an approximate feature."""
    parts = [
        sql.SQL("select {} where exists (select 1 from {} where {})").format(
            layer.id, view_of(layer, caller), sql.Identifier(APPROXIMATE)
        )
        for layer in of
    ]
    return sql.SQL(" union all ").join(parts)


def has_moments(layer: Layer, caller: Caller) -> bool:
    """Whether features of ``layer`` are of one moment each, which the caller may see."""
    time = layer.time
    return (
        time is not None
        and time.end is None
        and any(f.name == time.start for f in layer.fields_for(caller.audience))
    )


def views(
    caller: Caller,
    layers: Sequence[Layer],
    box: Box,
    most: int | Callable[[Layer], int],
    shares: Shares,
    day: date | None = None,
    *,
    newest: bool = False,
) -> list[InView]:
    """`in_view` of each layer, in their order; nothing of those that give no answer."""

    def most_of(layer: Layer) -> int:
        return most if isinstance(most, int) else most(layer)

    asked = [
        (layer, partial(in_view, caller, layer, box, most_of(layer), day, newest=newest)) for layer in layers
    ]
    found = shares.ask_all(asked, None)
    return [each or InView(layer, [], 0) for layer, each in zip(layers, found, strict=True)]


def in_view(
    caller: Caller,
    layer: Layer,
    box: Box,
    most: int,
    day: date | None = None,
    timeout_ms: int | None = None,
    *,
    newest: bool = False,
) -> InView:
    """Features of ``layer`` that touch ``box`` (EPSG:3857) on the map of ``day``, ``most`` of them: the nearest to its
    middle first, or with ``newest`` the latest where they are of a moment (`has_moments`)."""
    minx, miny, maxx, maxy = box
    values = {
        "box": list(box),
        "x": (minx + maxx) / 2,
        "y": (miny + maxy) / 2,
        "most": most,
        "count": MOST_COUNTED + 1,
    }
    inside = sql.SQL(
        "geom3857 && st_makeenvelope(%(box)s[1], %(box)s[2], %(box)s[3], %(box)s[4], 3857)"
        if layer.geometry.type == "Point"
        else "st_intersects(geom3857, st_makeenvelope(%(box)s[1], %(box)s[2], %(box)s[3], %(box)s[4], 3857))"
    )
    fields = fields_of_name(layer, caller.audience)
    names = {
        "on_it": ON_IT,
        "view": view_of(layer, caller, day),
        "columns": columns_of(fields),
        "inside": inside,
        "order": sql.SQL("geom3857 <-> st_setsrid(st_makepoint(%(x)s, %(y)s), 3857), fid"),
    }
    if newest and layer.time is not None and has_moments(layer, caller):
        names["order"] = sql.SQL("{} desc nulls last, fid desc").format(sql.Identifier(layer.time.start))
    nearest = sql.SQL(
        "select fid, st_x(_p), st_y(_p){columns} from (select *, {on_it} _p from {view} where {inside}"
        " order by {order} limit %(most)s) _near"
    ).format(**names)
    counting = sql.SQL(
        "select count(*) from (select 1 from {view} where {inside} limit %(count)s) _counted"
    ).format(**names)
    with read(caller, timeout_ms=timeout_ms) as cursor:
        found = cursor.execute(nearest, values).fetchall()
        counted = cursor.execute(counting, values).fetchone() if len(found) == most else (len(found),)
    features = [
        Named(layer, fid, dict(zip((f.name for f in fields), values, strict=True)), lon, lat)
        for fid, lon, lat, *values in found
    ]
    return InView(layer, features, counted[0] if counted else len(features))


def feature(caller: Caller, layer_id: str, fid: int) -> Feature:
    """One feature; a 404 Problem alike for one that is not there and one that is not for the caller."""
    layer = registry().current().get(layer_id, caller).layer
    fields = layer.fields_for(caller.audience)
    statement = sql.SQL(
        "select st_x({on_it}), st_y({on_it}), version,"
        " st_xmin(geom3857), st_ymin(geom3857), st_xmax(geom3857), st_ymax(geom3857){columns}"
        " from {view} where fid = %s"
    ).format(
        on_it=ON_IT,
        columns=columns_of(fields),
        view=view_of(layer, caller),
    )
    with read(caller, given=False) as cursor:  # a number that is none of a feature is no fault of the layer
        take_any_time(cursor)
        found = fetch_one(cursor, statement, fid)
    if found is None:
        raise no_such_feature(layer)
    lon, lat, version, minx, miny, maxx, maxy, *rest = found
    values = dict(zip((f.name for f in fields), rest, strict=True))
    return Feature(layer, fid, values, lon, lat, version, (minx, miny, maxx, maxy))


@dataclass(frozen=True)
class Whole:
    """A line with the others of its name that lie about it: their fids, their box (EPSG:3857), the fields of one
    value in all of them."""

    fids: Sequence[int]
    box: Box
    shared: frozenset[str]


def whole(caller: Caller, found: Feature, shares: Shares) -> Whole:
    """The whole street of which the feature is a piece; the piece alone where it has no name or is no line."""
    alone = Whole([found.fid], found.box, frozenset(found.values))
    name = next(iter(naming_fields(found.layer, caller.audience)), None)
    if KINDS[found.layer.geometry.type] != "line" or name is None or not found.values.get(name.name):
        return alone
    fields = [field.name for field in found.layer.fields_for(caller.audience)]
    statement = sql.SQL(
        "with _named as (select *, st_clusterdbscan(geom3857, {apart}, 1) over () _part"
        " from (select * from {view} where {name} = %(name)s order by fid limit {most}) _same)"
        " select array_agg(fid order by fid), st_xmin(st_extent(geom3857)), st_ymin(st_extent(geom3857)),"
        " st_xmax(st_extent(geom3857)), st_ymax(st_extent(geom3857)){shared}"
        " from _named where _part = (select _part from _named where fid = %(fid)s)"
    ).format(
        apart=sql.Literal(PIECES_APART),
        view=view_of(found.layer, caller),
        name=sql.Identifier(name.name),
        most=sql.Literal(MOST_PIECES),
        shared=sql.SQL("").join(
            sql.SQL(", count(distinct coalesce({}::text, '')) = 1").format(sql.Identifier(each))
            for each in fields
        ),
    )

    def pieces(timeout_ms: int | None) -> Any:
        with read(caller, timeout_ms=timeout_ms) as cursor:
            return cursor.execute(statement, {"name": found.values[name.name], "fid": found.fid}).fetchone()

    row = shares.ask(found.layer, pieces, None)
    if row is None or row[0] is None:
        return alone
    fids, minx, miny, maxx, maxy, *same = row
    shared = frozenset(each for each, is_one in zip(fields, same, strict=True) if is_one)
    return Whole(fids, (minx, miny, maxx, maxy), shared)


def fetch_one(cursor: psycopg.Cursor[Any], statement: sql.Composed, fid: int) -> Sequence[Any] | None:
    try:
        found: Sequence[Any] | None = cursor.execute(statement, [fid]).fetchone()
    except psycopg.errors.NumericValueOutOfRange:
        return None
    return found


def no_such_feature(layer: Layer) -> Exception:
    what: Text = layer.title
    return not_found(
        "no-such-feature",
        f"Không có đối tượng này trong lớp “{what.vi}”. Có thể nó đã được xóa, hoặc địa chỉ bị gõ sai.",
        f"There is no such feature in “{what.en}”. It may have been deleted, or the address was mistyped.",
    )
