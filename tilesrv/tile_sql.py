"""The SQL of a tile: one text per layer, audience and form, with ``$1 $2 $3`` for zoom, column and row.

A text begins with the layer's publish mark, so that a layer published anew is another text and no prepared plan of an
old view is used again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gis_core.audiences import Caller
from gis_core.layer import CELLS as CELLS
from gis_core.layer import Field
from gis_core.registry import Published
from gis_core.sql_names import TILE_PLACE, TILE_ROW
from gis_core.styles.parts import APART, EDGES, GROUPS, NAMES, is_grouped
from gis_core.time_text import MOMENT_IN_SECONDS, date_text_sql, moment_text_sql
from gis_core.times import TimeInterval, time_sql
from tilesrv.grid import BUFFER, EARTH_RADIUS_M, EXTENT, HALF_WORLD_M
from tilesrv.tile_parts import (
    GENERAL,
    IS_PLAIN,
    MOVED,
    PLAIN_POLYGON,
    POLYGON,
    apart_sql,
    cell_groups_sql,
    edges_sql,
    groups_sql,
    names_sql,
    places_sql,
)

MOST_FEATURES = 15_000  # in one tile; beyond, the largest are kept (50 m parcels fill a z13 tile with 11,000)

ALL_FIELDS_FROM = 16  # where a tile holds few enough features to carry all that is known of them

MARGIN = BUFFER / EXTENT


def tiled_fields(published: Published, caller: Caller) -> list[Field]:
    """The attributes of the layer's tiles for the caller's audience, in the declared order."""
    return [f for f in published.layer.fields_for(caller.audience) if f.tiled]


def fields_at(published: Published, caller: Caller, zoom: int) -> list[Field]:
    """The attributes at ``zoom``: below `ALL_FIELDS_FROM` those that the layer's styles and its label speak of.

    Attributes are most of a tile and of its making: 9,500 parcels with twelve of them weigh 1,160 kB at zoom 13, with
    what is drawn 290 kB, and take four times as long.
    """
    fields = tiled_fields(published, caller)
    if zoom >= ALL_FIELDS_FROM:
        return fields
    return [f for f in fields if f.name in published.drawn]


def attribute(field: Field) -> str:
    """SQL of one attribute; ST_AsMVT writes numbers and booleans as they are, and knows no time."""
    name = f'"{field.name}"'
    if field.type == "date":
        return f"{date_text_sql(name)} as {name}"
    if field.type == "datetime":
        return f"{moment_text_sql(name, MOMENT_IN_SECONDS)} as {name}"
    return name


def features_sql(
    published: Published,
    caller: Caller,
    fields: Sequence[Field],
    *,
    at: datetime | None = None,
    largest: bool = False,
    parts: str = "",
) -> tuple[str, list[Any]]:
    """One row: the tile, how many features are in it (one more than `MOST_FEATURES` if there were more), and how many
    of them are apart: their names are a statement of their own (`apart_tile_sql`), for tiles that have any.

    ``fields`` are the attributes (`fields_at`). ``at`` keeps the features valid at that moment; its values are bound
    from ``$4`` on. ``largest`` keeps the `MOST_FEATURES` largest by area (by length where the layer is of lines), the
    lowest ``fid`` among equals; it sorts all that the tile shows, so it is for tiles that are known to hold too many.
    ``parts`` of the tile (`tile_parts.parts_at`) follow the features.

    The limit is also a fence: flattened into ST_AsMVT's query the same rows take twice the time. They are put in order
    after it, so that the same features are the same bytes whichever way the planner found them, and an index of the
    key never tempts it to walk there; within ST_AsMVT's own call, which costs half of what a sort below it does.
    """
    layer = published.layer
    conditions, values = conditions_of(published, at)
    order = f" order by {SIZE.get(layer.geometry.type, BOX_SIZE)}fid + 0" if largest else ""
    limit = MOST_FEATURES if largest else MOST_FEATURES + 1
    in_order = "" if largest else " order by fid"
    more = ""
    if EDGES in parts:
        more += f" || {edges_sql(published, caller, fields, attribute, conditions)}"
    if GROUPS in parts:
        more += f" || {groups_sql(published, caller, fields, attribute, conditions)}"
    columns = ", ".join(['"fid"', *map(attribute, fields)])
    place, apart, cut_off = GENERAL, "", "0"
    read = f'from "{caller.audience}"."{layer.id}" where {conditions}{order} limit {limit}'
    if NAMES in parts and (test := apart_sql(published, fields, IS_PLAIN)) != "false":
        apart, cut_off = f', case when {test} then true end as "{APART}"', f'count("{APART}")'
    if layer.geometry.type in ("Polygon", "MultiPolygon"):
        place = POLYGON
        if apart:  # both ask whether it is plain, and a fence keeps it asked once
            place = f"case when {IS_PLAIN} then {MOVED} else {GENERAL} end"
            read = f"from (select *, {PLAIN_POLYGON} as {IS_PLAIN} {read}) _seen"
    sql = (
        f"{published.mark} select st_asmvt({TILE_ROW}, '{layer.id}', {EXTENT}, '{TILE_PLACE}', 'fid'{in_order}){more},"
        f" count(*), {cut_off} from (select {columns}{apart}, {place} as {TILE_PLACE} {read}) {TILE_ROW}"
    )
    return sql, values


def apart_tile_sql(
    published: Published, caller: Caller, fields: Sequence[Field], *, at: datetime | None = None
) -> tuple[str, list[Any]]:
    """One row, of a tile in which `features_sql` found features apart: the layer ``:names``, and ``fid`` and key of
    those of a large geometry (arrays, or None where there are none), of which the last value, an array of ``fid``, says
    which may be named here. The values before it as there.
    """
    conditions, values = conditions_of(published, at)
    named = f"${len(values) + 4}::bigint[]"
    sql = f"{published.mark} select {names_sql(published, caller, fields, attribute, conditions, named)}"
    return sql, values


def apart_places_sql(published: Published, caller: Caller) -> str:
    """One row: keys of geometries, and x and y of where they are named, of the features whose ``fid`` are ``$1``."""
    return f"{published.mark} {places_sql(published, caller, '$1::bigint[]')}"


def conditions_of(published: Published, at: datetime | None) -> tuple[str, list[Any]]:
    """What is in the tile (``$1 $2 $3``) and valid ``at`` a moment, with the values that are bound from ``$4`` on."""
    conditions = f'"geom3857" && st_tileenvelope($1, $2, $3, margin => {MARGIN})'
    if at is None:
        return conditions, []
    test, values = time_sql(published, TimeInterval(at, at))
    for number in range(len(values)):
        test = test.replace("%s", f"${number + 4}", 1)
    return f"{conditions} and {test}", values


SIZE = {
    "Point": "",
    "MultiPoint": "",
    "LineString": 'st_length("geom3857") desc, ',
    "MultiLineString": 'st_length("geom3857") desc, ',
    "Polygon": 'st_area("geom3857") desc, ',
    "MultiPolygon": 'st_area("geom3857") desc, ',
}
BOX_SIZE = 'st_area(st_envelope("geom3857")) desc, '


def cells_sql(published: Published, caller: Caller, view: str) -> str:
    """One row: the tile of an overview's cells, and how many there are.

    Each cell is a square with the number of features whose boxes have their centre in it (``n``), their area
    (``area_m2``), the ``share`` of the cell that this is (0 to 1), and the class with most area, or most features where
    there is no area (``class``). The squares are written in the tile's own coordinates (y down), where an outer ring
    runs the other way.
    """
    step = EXTENT // CELLS
    more = f" || {cell_groups_sql(published, caller, view, CELLS)}" if is_grouped(published.layer) else ""
    return (
        f"{published.mark} select st_asmvt({TILE_ROW}, '{published.layer.id}', {EXTENT}, '{TILE_PLACE}'){more},"
        ' count(*) from (select sum(n)::bigint as n, sum(area_m2) as area_m2, true as "_cell",'
        f" {cell_share(f'({2 * HALF_WORLD_M / CELLS!r} / (1 << $1))')} as share,"
        " (array_agg(class order by area_m2 desc, n desc, class))[1] as class,"
        f" st_reverse(st_makeenvelope((cx - $2 * {CELLS}) * {step}, (cy - $3 * {CELLS}) * {step},"
        f" (cx - $2 * {CELLS} + 1) * {step}, (cy - $3 * {CELLS} + 1) * {step})) as {TILE_PLACE}"
        f' from "{caller.audience}".overview_cell'
        f" where layer = '{published.layer.id}' and view = '{view}' and z = $1"
        f" and cx between $2 * {CELLS} and $2 * {CELLS} + {CELLS - 1}"
        f" and cy between $3 * {CELLS} and $3 * {CELLS} + {CELLS - 1}"
        f" group by cx, cy) {TILE_ROW}"
    )


def anything_sql(published: Published, caller: Caller) -> str:
    """One row: whether the caller sees any feature whose box touches the tile or its buffer."""
    return (
        f'{published.mark} select exists(select 1 from "{caller.audience}"."{published.layer.id}"'
        f' where "geom3857" && st_tileenvelope($1, $2, $3, margin => {MARGIN}))'
    )


def cell_share(side: str) -> str:
    """SQL of the share of a cell that its features cover: their area over that of the cell, whose ``side`` in
    metres of EPSG:3857 is 1 / cos(latitude) = cosh(y / R) times as long as on the ground."""
    middle = f"(({HALF_WORLD_M!r} - (cy + 0.5) * {side}) / {EARTH_RADIUS_M!r})"
    return f"round(least(1, sum(area_m2) * cosh({middle}) ^ 2 / {side} ^ 2)::numeric, 3)::float8"


def extent_sql(published: Published, caller: Caller) -> str:
    """One row (minx, miny, maxx, maxy) in EPSG:3857 of everything that the caller sees; NULLs where there is nothing.

    Four walks of the spatial index, each from a line beyond one edge of the world to the nearest box: exact and as
    quick for a million features as for ten.
    """
    view = f'"{caller.audience}"."{published.layer.id}"'
    edges = (
        ("st_xmin", "-3e7 -3e7, -3e7 3e7"),
        ("st_ymin", "-3e7 -3e7, 3e7 -3e7"),
        ("st_xmax", "3e7 -3e7, 3e7 3e7"),
        ("st_ymax", "-3e7 3e7, 3e7 3e7"),
    )
    walks = [
        f'(select {edge}("geom3857") from {view} where not st_isempty("geom3857")'
        f" order by \"geom3857\" <#> 'SRID=3857;LINESTRING({line})'::geometry limit 1)"
        for edge, line in edges
    ]
    return f"{published.mark} select {', '.join(walks)}"
