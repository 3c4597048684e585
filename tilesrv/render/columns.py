"""The SQL of a drawn collection: its features in a box, with a column for everything that a style computes of them."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from typing import Literal

from psycopg import sql

from gis_core.audiences import Caller
from gis_core.layer import FieldType
from gis_core.registry import Published
from gis_core.styles.nodes import Expr
from gis_core.styles.sql import Term, Writer
from gis_core.times import Moment, interval_of, time_sql
from tilesrv.grid import HALF_WORLD_M
from tilesrv.tile_sql import CELLS, cell_share

# Cells of a picture are taken from this many zooms deeper than its own: 4 px wide instead of a vector tile's 16.
FINER = 2
CELL_FIELDS: Mapping[str, FieldType] = {
    "_cell": "boolean",
    "class": "text",
    "n": "number",
    "area_m2": "number",
    "share": "number",
}
MOST_FEATURES = (
    300_000  # of one collection in one picture: past it the picture would take longer than its deadline
)
# What lies on top is the same whichever way rows were found: an UPDATE of what the reader must not see moves them. The
# sum keeps the planner from walking the key's index there.
KEY_ORDER = '"fid" + 0'
# What features that are drawn alike are drawn as one: lines of one name from end to end, or their borders, each once.
Merged = Literal["lines", "borders"]
# In the order of the features: else lines would begin, and be named, elsewhere after each write of a row.
MERGED: Mapping[Merged, str] = {
    "lines": 'st_linemerge(st_collectionextract(st_collect("geom3857" order by "fid"), 2))',
    "borders": (
        'st_linemerge(st_unaryunion(st_collect(st_clipbybox2d(st_boundary("geom3857"), (!bbox!)::box2d)'
        ' order by "fid")))'
    ),
}


class Columns:
    """Collects the computed columns of one collection; equal expressions share one."""

    def __init__(self, fields: Mapping[str, FieldType]) -> None:
        self._writer = Writer(fields)
        self._names: dict[str, str] = {}

    def term(self, expr: Expr) -> Term:
        return self._writer.write(expr)

    def add(self, text: str) -> str:
        """The name of the column that holds the SQL ``text``."""
        return self._names.setdefault(text, f"_c{len(self._names)}")

    def condition(self, expr: Expr) -> str:
        return self._writer.condition(expr)

    @property
    def names(self) -> list[str]:
        return list(self._names.values())

    @property
    def listed(self) -> str:
        return "".join(f', {text} as "{name}"' for text, name in self._names.items())


def fields_of(published: Published, caller: Caller) -> Mapping[str, FieldType]:
    return {field.name: field.type for field in published.layer.fields_for(caller.audience)}


def features_table(
    published: Published,
    caller: Caller,
    columns: Columns,
    *,
    where: str = "true",
    order: str | None = None,
    at: Moment | None = None,
    merged: Merged | None = None,
) -> str:
    """The sub-select of features: ``fid``, ``geom3857`` and the columns, within Mapnik's ``!bbox!``; ``merged``: one
    row for those whose columns are the same."""
    conditions = ['"geom3857" && !bbox!', where]
    if at is not None:
        test, values = time_sql(published, interval_of(at))
        for value in values:
            test = test.replace("%s", sql.Literal(value).as_string(None), 1)
        conditions.append(test)
    kept = " and ".join(f"({each})" for each in conditions if each != "true")
    found = (
        f'select "fid", "geom3857"{columns.listed}'
        f' from "{caller.audience}"."{published.layer.id}" where {kept}'
        f" order by {order or KEY_ORDER} limit {MOST_FEATURES}"
    )
    if merged is not None:
        names = "".join(f', "{name}"' for name in columns.names)
        alike = f"group by {names[2:]}" if names else "having count(*) > 0"
        found = (
            f'select min("fid") as "fid", {MERGED[merged]} as "geom3857"{names} from ({found}) _each {alike}'
            " order by 1"
        )
    return f"({published.mark} {found}) as _t"


def cells_table(
    published: Published,
    caller: Caller,
    view: str,
    columns: Columns,
    *,
    zoom: float,
    max_zoom: int,
    where: str = "true",
) -> str:
    """The sub-select of an overview's cells, as squares."""
    z = max(0, min(max_zoom, floor(zoom) + FINER))
    side = 2 * HALF_WORLD_M / (CELLS << z)
    cells = (
        'select min(cx::bigint << 32 | cy) as fid, true as "_cell", sum(n)::float8 as n, sum(area_m2) as area_m2,'
        f" {cell_share(repr(side))} as share,"
        " (array_agg(class order by area_m2 desc, n desc, class))[1] as class,"
        f" st_makeenvelope(cx * {side!r} - {HALF_WORLD_M!r}, {HALF_WORLD_M!r} - (cy + 1) * {side!r},"
        f' (cx + 1) * {side!r} - {HALF_WORLD_M!r}, {HALF_WORLD_M!r} - cy * {side!r}, 3857) as "geom3857"'
        f' from "{caller.audience}".overview_cell'
        f" where layer = '{published.layer.id}' and view = '{view}' and z = {z}"
        f" and cx between floor((st_xmin(!bbox!) + {HALF_WORLD_M!r}) / {side!r})"
        f" and floor((st_xmax(!bbox!) + {HALF_WORLD_M!r}) / {side!r})"
        f" and cy between floor(({HALF_WORLD_M!r} - st_ymax(!bbox!)) / {side!r})"
        f" and floor(({HALF_WORLD_M!r} - st_ymin(!bbox!)) / {side!r})"
        " group by cx, cy"
    )
    return f'({published.mark} select "fid", "geom3857"{columns.listed} from ({cells}) c where {where}) as t'
