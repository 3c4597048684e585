"""SQL of a tile's parts beside its features (`gis_core.styles.parts`): names apart, borders of a coverage, groups.

Each is a layer of the tile of its own, which is put behind that of the features. ``$1 $2 $3`` are zoom, column and row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gis_core.audiences import Caller
from gis_core.kept import kept
from gis_core.layer import Field
from gis_core.query.point_on import point_on
from gis_core.registry import Published
from gis_core.sql_names import TILE_PLACE, TILE_ROW
from gis_core.styles.parts import (
    ALONE,
    COUNT,
    EDGES,
    GROUPED_BELOW,
    GROUPS,
    NAMES,
    edge_fields,
    is_grouped,
    names_of,
)
from tilesrv.grid import BUFFER, EXTENT, HALF_WORLD_M

# Squares of a grid across a tile, 128 pixels each, in which points are counted: with smaller ones, from afar there is
# no room left for names.
PARTS = 4
SQUARE = EXTENT // PARTS
GEOMETRY = '"geom3857"'
ENVELOPE = "(select st_tileenvelope($1, $2, $3))"
SCALE = (
    f"(select {EXTENT / 2 / HALF_WORLD_M}::float8 * (1 << $1))"  # units of the tile to a metre of EPSG:3857
)
# A point in the tile's units, on its last one where rounding would lead out of it: a reader leaves such a point out.
COLUMN = (
    f"least(floor((st_x(_at) + {HALF_WORLD_M!r}) * (select {SCALE}) - {EXTENT}::float8 * $2), {EXTENT - 1})"
)
ROW = f"least(floor(({HALF_WORLD_M!r} - st_y(_at)) * (select {SCALE}) - {EXTENT}::float8 * $3), {EXTENT - 1})"
# Of all tiles of a zoom a point is in one: each has its western and its northern edge.
IN_TILE = (
    f"st_x(_at) >= st_xmin({ENVELOPE}) and st_x(_at) < st_xmax({ENVELOPE})"
    f" and st_y(_at) > st_ymin({ENVELOPE}) and st_y(_at) <= st_ymax({ENVELOPE})"
)

# ST_AsMVTGeom clips and repairs every polygon, which is half of the cost of a tile of parcels. A small one needs no
# clipping: whole in every tile that shows any of it, it has its name at the same place in all of them, and in one tile
# alone. One that is compact (at most as drawn out as a rectangle of five to one), in one piece, has few corners (16
# bytes each) and 16 square units or more to a corner is not broken by rounding. It is moved to the tile's coordinates,
# rounded and turned round, by functions that cost a fifth; the others go the general way. The test is of the polygon
# and the zoom alone, the same in every tile.
SMALL = EXTENT // 4  # units
GENERAL = f"st_asmvtgeom({GEOMETRY}, {ENVELOPE}, {EXTENT}, {BUFFER}, true)"
PLAIN_POLYGON = (
    f"pg_column_size({GEOMETRY}) < 300 and st_area({GEOMETRY}) * (select {SCALE} ^ 2) > pg_column_size({GEOMETRY})"
    f" and st_perimeter({GEOMETRY}) ^ 2 < least(st_area({GEOMETRY}) * 30, (select ({2 * SMALL} / {SCALE}) ^ 2))"
    f" and st_numgeometries({GEOMETRY}) = 1"
)
# The forms of these functions that are written in C: the shorter ones are SQL, called anew for every row.
MOVED = (
    f"st_forcepolygonccw(st_snaptogrid(st_affine({GEOMETRY}, (select {SCALE}), 0, 0, 0, (select -{SCALE}), 0, 0, 0, 1,"
    f" (select {EXTENT} * ((1 << $1) / 2.0::float8 - $2)), (select {EXTENT} * ((1 << $1) / 2.0::float8 - $3)), 0),"
    " 0, 0, 1, 1))"
)
POLYGON = f"case when {PLAIN_POLYGON} then {MOVED} else {GENERAL} end"
IS_PLAIN = "_plain"
MOST_NAMES = 15_000  # apart, in one tile
# Bytes from which on a geometry is not asked for its place by every tile that shows any of it: that of the sea or of a
# lagoon is wanted by one of a thousand.
LARGE = f"pg_column_size({GEOMETRY}) > 1000"

Attribute = Callable[[Field], str]


def parts_at(published: Published, zoom: int) -> str:
    """Which parts tiles of ``zoom`` have, as a word for the form of the statement."""
    return kept(published, ("parts", zoom), lambda: _parts_at(published, zoom))


def _parts_at(published: Published, zoom: int) -> str:
    layer, found = published.layer, ""
    names = names_of(layer)
    if names is not None and zoom >= names.first:
        found += NAMES
    if layer.geometry.coverage and edge_fields(layer) is not None:
        found += EDGES
    if is_grouped(layer) and zoom < GROUPED_BELOW:
        found += GROUPS
    return found


def apart_sql(published: Published, fields: Sequence[Field], plain: str) -> str:
    """The test of features whose names stand apart: those that an edge of the tiles cuts, the same in every tile that
    shows any of them, and those in pieces. ``false`` where the caller sees nothing that a name is made of.

    ``plain``: SQL of whether an area is a `PLAIN_POLYGON`.
    """
    names = names_of(published.layer)
    if names is None:
        return "false"
    seen = [f'"{field.name}"' for field in fields if field.name in names.fields]
    if not names.all and not seen:
        return "false"
    test = f"(not {GEOMETRY} @ {ENVELOPE} or st_numgeometries({GEOMETRY}) > 1)"
    if not names.all:
        test += f" and num_nonnulls({', '.join(seen)}) > 0"
    match published.layer.geometry.type:
        case "Polygon" | "MultiPolygon":
            return f"not {plain} and {test}"
        case "Geometry":
            return f"{test} and st_dimension({GEOMETRY}) > 0"
    return test


def names_sql(
    published: Published,
    caller: Caller,
    fields: Sequence[Field],
    attribute: Attribute,
    conditions: str,
    named: str,
) -> str:
    """Columns of one row: the layer ``:names``, a point for each feature apart in the one tile that holds it; ``fid``
    and key of those that are `LARGE`, of which ``named`` (SQL of an array of ``fid``) alone are looked at.

    The key is a digest of the geometry as this caller's view shows it: what has the same key has the same place.
    """
    layer = published.layer
    drawn = [field for field in fields if field.name in published.drawn]
    columns = ", ".join(['"fid"', *map(attribute, drawn)])
    names = ", ".join(['"fid"', *(f'"{field.name}"' for field in drawn)])
    apart = apart_sql(published, fields, f"({PLAIN_POLYGON})")
    view = f'"{caller.audience}"."{layer.id}"'
    return (
        f"(select st_asmvt({TILE_ROW}, '{layer.id}{NAMES}', {EXTENT}, '{TILE_PLACE}', 'fid') from ("
        f"select {names}, st_point({COLUMN}, {ROW}) as {TILE_PLACE} from"
        f" (select {columns}, {point_on(GEOMETRY)} as _at from {view}"
        f" where {conditions} and (not {LARGE} or fid = any({named})) and {apart}"
        f" order by fid limit {MOST_NAMES}) _named"
        f" where {IN_TILE} order by fid) {TILE_ROW}), _fids, _keys"
        f" from (select array_agg(fid) as _fids, array_agg(sha256({GEOMETRY}::bytea)) as _keys from {view}"
        f" where {conditions} and {LARGE} and {apart}) _large"
    )


def places_sql(published: Published, caller: Caller, fids: str) -> str:
    """One row: keys, x and y (EPSG:3857) of the names of ``fids`` (SQL of an array)."""
    return (
        "select array_agg(_key), array_agg(st_x(_at)), array_agg(st_y(_at)) from"
        f" (select sha256({GEOMETRY}::bytea) as _key, {point_on(GEOMETRY)} as _at"
        f' from "{caller.audience}"."{published.layer.id}" where fid = any({fids})) _placed'
    )


def edges_sql(
    published: Published, caller: Caller, fields: Sequence[Field], attribute: Attribute, conditions: str
) -> str:
    """The layer ``:edges``: the borders of areas, each once among those that are drawn alike.

    They are put together in the order of the areas: else they would begin elsewhere after each write of a row.
    """
    layer = published.layer
    spoken = edge_fields(layer) or frozenset()
    seen = [field for field in fields if field.name in spoken]
    columns = "".join(f", {attribute(field)}" for field in seen)
    names = "".join(f', "{field.name}"' for field in seen)
    grouped = f" group by {names[2:]} order by {names[2:]}" if names else ""
    drawn_once = "st_linemerge(st_unaryunion(st_collect(_border order by fid)))"
    around = f"(select st_tileenvelope($1, $2, $3, margin => {2 * BUFFER / EXTENT})::box2d)"
    return (
        f"(select st_asmvt({TILE_ROW}, '{layer.id}{EDGES}', {EXTENT}, '{TILE_PLACE}') from ("
        f"select st_asmvtgeom({drawn_once}, {ENVELOPE}, {EXTENT}, {BUFFER}, true) as {TILE_PLACE}{names} from"
        f' (select fid, st_clipbybox2d(st_boundary("geom3857"), {around}) as _border{columns}'
        f' from "{caller.audience}"."{layer.id}" where {conditions}) _bordered'
        f"{grouped}) {TILE_ROW} where {TILE_PLACE} is not null)"
    )


def groups_sql(
    published: Published, caller: Caller, fields: Sequence[Field], attribute: Attribute, conditions: str
) -> str:
    """The layer ``:groups``: for each square how many points stand in it (`_midst`); of one alone, itself.

    All are counted, however many the tile shows. The mark keeps away from the square's edges, so that two never touch.
    """
    layer = published.layer
    view = f'"{caller.audience}"."{layer.id}"'
    place = GEOMETRY if layer.geometry.type == "Point" else point_on(GEOMETRY)
    own = "".join(f", {attribute(field)}" for field in fields)
    names = "".join(f', _own."{field.name}"' for field in fields)
    return (
        f"(select st_asmvt({TILE_ROW}, '{layer.id}{GROUPS}', {EXTENT}, '{TILE_PLACE}', 'fid') from ("
        f'select _own.fid, _counted."{COUNT}", case when _own.fid is not null then true end as "{ALONE}"{names},'
        f" {_midst('case when _own.fid is null then true end')} as {TILE_PLACE} from"
        f' (select count(*) as "{COUNT}", min(fid) as _first, avg(_column) as _x, avg(_row) as _y, _i, _j from'
        f" (select fid, _column, _row, floor(_column / {SQUARE}) as _i, floor(_row / {SQUARE}) as _j from"
        f" (select fid, {COLUMN} as _column, {ROW} as _row from"
        f" (select fid, {place} as _at from {view} where {conditions}) _points where {IN_TILE}) _placed) _squared"
        f" group by _i, _j) _counted left join lateral (select fid{own} from {view}"
        f' where _counted."{COUNT}" = 1 and fid = _counted._first) _own on true order by _j, _i) {TILE_ROW})'
    )


def cell_groups_sql(published: Published, caller: Caller, view: str, cells: int) -> str:
    """The layer ``:groups`` where a large layer is counted in an overview, of ``cells`` across a tile."""
    layer, across = published.layer, cells // PARTS
    side = EXTENT // cells
    return (
        f"(select st_asmvt({TILE_ROW}, '{layer.id}{GROUPS}', {EXTENT}, '{TILE_PLACE}') from ("
        f'select "{COUNT}", {_midst("true")} as {TILE_PLACE} from'
        f' (select sum(n)::bigint as "{COUNT}", sum(n * _x) / sum(n) as _x, sum(n * _y) / sum(n) as _y,'
        f" _i / {across} as _i, _j / {across} as _j from"
        f" (select n, cx - $2 * {cells} as _i, cy - $3 * {cells} as _j,"
        f" (cx - $2 * {cells} + 0.5) * {side} as _x, (cy - $3 * {cells} + 0.5) * {side} as _y"
        f" from \"{caller.audience}\".overview_cell where layer = '{layer.id}' and view = '{view}' and z = $1"
        f" and cx between $2 * {cells} and $2 * {cells} + {cells - 1}"
        f" and cy between $3 * {cells} and $3 * {cells} + {cells - 1}) _cells"
        f" group by _i / {across}, _j / {across}) _counted order by _j, _i) {TILE_ROW})"
    )


def _midst(is_group: str) -> str:
    """The place of a square's mark: of many in the middle column, so that marks of several layers, which a map moves
    beside each other, never cover one another's numbers; as high as the middle of them, a quarter from its edges."""
    low, high = f"_j * {SQUARE} + {SQUARE // 4}", f"_j * {SQUARE} + {SQUARE * 3 // 4}"
    column = f"case when {is_group} then _i * {SQUARE} + {SQUARE // 2} else _x end"
    row = f"case when {is_group} then least(greatest(_y, {low}), {high}) else _y end"
    return f"st_point(floor({column}), floor({row}))"
