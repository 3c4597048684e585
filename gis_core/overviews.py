"""Overviews: at low zooms a layer is shown as square cells with counts and areas, kept up to date per dirty cell.

A cell of zoom z is 1/32 of a tile's edge (8 pixels), so four cells make one of the next coarser zoom exactly. A
feature belongs to the cell in which the centre of its box lies, whole: counts and areas are exact sums. Cells are
counted for each class of audiences that sees the same rows, so that nothing hidden is counted, and by unit where the
class is scoped. One process keeps them up: `gis_core.overview_maintainer`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gis_core.layer import AUDIENCES, Layer, Overview
from gis_core.layer import CELLS as CELLS
from gis_core.publish.projection import Projection, projections
from gis_core.publish.publisher import Cursor, bump_catalogue, table_of

EARTH_RADIUS_M = 6378137.0
WORLD_M = 2 * math.pi * EARTH_RADIUS_M
ECCENTRICITY2 = 0.00669437999014  # WGS 84
DECLARED_FROM = 5_000  # features from which a declared overview is used; fewer are drawn themselves
AUTOMATIC_FROM = 20_000  # points or areas from which a layer without a declared overview gets one
AUTOMATIC_ZOOM = 12
# Beyond this much change counting everything anew is cheaper than cell by cell.
MANY_FEATURES, MANY_CELLS = 20_000, 20_000

Box = tuple[float, float, float, float]
Cells = tuple[int, int, int, int]  # first and last column, first and last row, of one zoom


@dataclass(frozen=True)
class Dirt:
    """What changed for one class (and unit) of a layer since the last look. ``boxes`` None: everything."""

    layer: str
    audiences: tuple[str, ...]
    unit: str | None
    n: int
    boxes: tuple[Box, ...] | None


def overview_of(layer: Layer, rows: int, *, has_one: bool = False) -> Overview | None:
    """The overview that a class of audiences who see ``rows`` features is shown; None: the features themselves.

    A layer that has one keeps it until half as many features are left.
    """
    divisor = 2 if has_one else 1
    if layer.overview is not None:
        return layer.overview if rows > DECLARED_FROM // divisor else None
    if (
        layer.geometry.type in ("Point", "MultiPoint", "Polygon", "MultiPolygon")
        and rows > AUTOMATIC_FROM // divisor
    ):
        return Overview(max_zoom=AUTOMATIC_ZOOM, by=layer.style.by)
    return None


@dataclass(frozen=True)
class Count:
    """What is counted once for all ``audiences`` that see the same rows, places and classes of a layer."""

    layer: Layer
    projection: Projection
    audiences: tuple[str, ...]

    @property
    def view(self) -> str:
        return ",".join(self.audiences)


def counts_of(cursor: Cursor, layer: Layer) -> list[Count]:
    """The counts of a layer; DeclarationError where it does not fit its table."""
    by = layer.overview.by if layer.overview else layer.style.by
    found: dict[tuple[object, ...], list[Projection]] = {}
    for projection in projections(layer, table_of(cursor, layer.table)):
        sees_class = any(f.name == by for f in projection.fields)
        key = (projection.rows, projection.geometry, projection.scope, sees_class)
        found.setdefault(key, []).append(projection)
    return [
        Count(layer, same[0], tuple(a for a in AUDIENCES if any(a in p.audiences for p in same)))
        for same in found.values()
    ]


# Counting -------------------------------------------------------------------------------------------------------


def area_sql(layer: Layer, place: str) -> str:
    """Area on the WGS 84 ellipsoid, in m2, of a small geometry in EPSG:3857.

    Web Mercator enlarges areas by (a / dA): with t = tanh(y/R) = sin(lat) the ellipsoid's element of area is
    M N cos(lat) dlat dlon and the map's R^2 / cos(lat) dlat dlon, so the factor is
    (1 - t^2) (1 - e^2) / (1 - e^2 t^2)^2 (M, N: radii of curvature; Snyder, Map Projections, USGS PP 1395, 4-17 ff.),
    taken at the centre of the feature's box.
    """
    if layer.geometry.type not in ("Polygon", "MultiPolygon", "Geometry"):
        return "0::float8"
    t = f"tanh((st_ymin({place}) + st_ymax({place})) / {2 * EARTH_RADIUS_M})"
    e2 = ECCENTRICITY2
    return f"st_area({place}) * (1 - {t} ^ 2) * {1 - e2} / (1 - {e2} * {t} ^ 2) ^ 2"


def features_sql(count: Count, overview: Overview) -> str:
    """Rows (unit, class, cx, cy, area) of the features that are counted, in cells of the finest zoom."""
    layer, projection = count.layer, count.projection
    place = f'"{projection.geometry}3857"'
    side = WORLD_M / CELLS / (1 << overview.max_zoom)
    last = CELLS * (1 << overview.max_zoom) - 1
    half = WORLD_M / 2
    by = next((f.sql_column for f in projection.fields if f.name == overview.by), None)
    unit = f"coalesce(\"{projection.scope}\", '')" if projection.scope else "''"
    kind = f"coalesce(\"{by}\"::text, '')" if by else "''"
    column = f"((st_xmin({place}) + st_xmax({place})) / 2 + {half}) / {side}"
    row = f"({half} - (st_ymin({place}) + st_ymax({place})) / 2) / {side}"
    return (
        f"select {unit} as unit, {kind} as class,"
        f" least(greatest(floor({column}), 0), {last})::int as cx,"
        f" least(greatest(floor({row}), 0), {last})::int as cy,"
        f" {area_sql(layer, place)} as area"
        f" from {layer.table} where ({projection.rows}) and {place} is not null and not st_isempty({place})"
    )


INSERT = "insert into huong.overview (layer, view, unit, z, cx, cy, class, n, area_m2)"
IN_CELLS = "cx between %s and %s and cy between %s and %s and (%s::text is null or unit = %s)"
CLEAR = f"delete from huong.overview where layer = %s and view = %s and z = %s and {IN_CELLS}"
HALVE = f"""{INSERT}
select layer, view, unit, z - 1, cx >> 1, cy >> 1, class, sum(n), sum(area_m2) from huong.overview
where layer = %s and view = %s and z = %s and {IN_CELLS}
group by layer, view, unit, z, cx >> 1, cy >> 1, class on conflict do nothing"""


def count_all(cursor: Cursor, count: Count, overview: Overview) -> None:
    """Count every cell, at every zoom from the overview's down to 0."""
    layer_id = count.layer.id
    cursor.execute("delete from huong.overview where layer = %s and view = %s", [layer_id, count.view])
    cursor.execute(
        f"{INSERT} select %s, %s, unit, %s, cx, cy, class, count(*), sum(area)"
        f" from ({features_sql(count, overview)}) f group by unit, cx, cy, class",
        [layer_id, count.view, overview.max_zoom],
    )
    for z in range(overview.max_zoom, 0, -1):
        last = CELLS * (1 << z) - 1
        cursor.execute(HALVE, [layer_id, count.view, z, 0, last, 0, last, None, None])


def count_cells(
    cursor: Cursor, count: Count, overview: Overview, dirty: Iterable[Cells], unit: str | None
) -> None:
    """Count the ``dirty`` cells of the finest zoom anew, and those above them; of one ``unit`` where it is given."""
    key, z = (count.layer.id, count.view), overview.max_zoom
    place = f'"{count.projection.geometry}3857"'
    ranges = list(dict.fromkeys(dirty))
    for cells in ranges:
        cursor.execute(CLEAR, [*key, z, *cells, unit, unit])
    for cells in ranges:
        # Ranges may overlap: what one has counted, the next leaves as it is.
        cursor.execute(
            f"{INSERT} select %s, %s, unit, %s, cx, cy, class, count(*), sum(area)"
            f" from ({features_sql(count, overview)} and {place} && st_makeenvelope(%s, %s, %s, %s, 3857)) f"
            f" where {IN_CELLS} group by unit, cx, cy, class on conflict do nothing",
            [*key, z, *box_of(cells, z), *cells, unit, unit],
        )
    for z in range(overview.max_zoom, 0, -1):
        ranges = list(dict.fromkeys((a >> 1, b >> 1, c >> 1, d >> 1) for a, b, c, d in ranges))
        for cells in ranges:
            cursor.execute(CLEAR, [*key, z - 1, *cells, unit, unit])
        for a, b, c, d in ranges:
            below = (2 * a, 2 * b + 1, 2 * c, 2 * d + 1)
            cursor.execute(HALVE, [*key, z, *below, unit, unit])


def cells_of(box: Box, z: int) -> Cells:
    """The cells of zoom ``z`` that a box in EPSG:3857 touches."""
    side = WORLD_M / CELLS / (1 << z)
    last = CELLS * (1 << z) - 1

    def index(metres: float) -> int:
        return min(max(math.floor(metres / side), 0), last)

    half = WORLD_M / 2
    return index(box[0] + half), index(box[2] + half), index(half - box[3]), index(half - box[1])


def box_of(cells: Cells, z: int) -> Box:
    """The box in EPSG:3857 that ``cells`` of zoom ``z`` fill."""
    side, half = WORLD_M / CELLS / (1 << z), WORLD_M / 2
    a, b, c, d = cells
    return a * side - half, half - (d + 1) * side, (b + 1) * side - half, half - c * side


def size(cells: Cells) -> int:
    return (cells[1] - cells[0] + 1) * (cells[3] - cells[2] + 1)


# Keeping up -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """The overviews of a layer as they stand: of which publication, up to which zoom, for which audiences."""

    version: int
    max_zoom: int
    class_field: str | None
    views: Mapping[str, str]


def state_of(cursor: Cursor, layer_id: str) -> State | None:
    """The state of a layer's overviews; None where it has none."""
    cursor.execute(
        "select version, max_zoom, class_field, views::text from huong.overview_state where layer = %s",
        [layer_id],
    )
    row = cursor.fetchone()
    return State(row[0], row[1], row[2], json.loads(row[3])) if row else None


def rebuild(cursor: Cursor, layer: Layer, version: int) -> None:
    """Count all overviews of a layer anew (or take them away), and let every process know. Runs as owner."""
    before = state_of(cursor, layer.id)
    counts = counts_of(cursor, layer)
    cursor.execute("delete from huong.overview where layer = %s", [layer.id])
    cursor.execute("delete from huong.overview_state where layer = %s", [layer.id])
    views: dict[str, str] = {}
    chosen: Overview | None = None
    for count in counts:
        overview = wanted(cursor, count, before)
        if overview is not None:
            chosen = overview
            count_all(cursor, count, overview)
            views |= dict.fromkeys(count.audiences, count.view)
    if chosen is not None:
        cursor.execute(
            "insert into huong.overview_state (layer, version, max_zoom, class_field, views)"
            " values (%s, %s, %s, %s, %s)",
            [layer.id, version, chosen.max_zoom, chosen.by, json.dumps(views)],
        )
    if chosen is not None or before is not None:
        zoom = max(each.max_zoom for each in (chosen, before) if each is not None)
        for count in counts:
            announce(cursor, layer, count.audiences, "*" if count.projection.scope else None, None, zoom)
        bump_catalogue(cursor)


def wanted(cursor: Cursor, count: Count, state: State | None) -> Overview | None:
    """The overview that a count should have now; its rows are counted no further than matters."""
    cursor.execute(
        f"select count(*) from (select 1 from {count.layer.table}"
        f" where {count.projection.rows} limit {AUTOMATIC_FROM + 1}) r"
    )
    has_one = state is not None and count.view in state.views.values()
    return overview_of(count.layer, int(cursor.fetchone()[0]), has_one=has_one)


def announce(
    cursor: Cursor,
    layer: Layer,
    audiences: Sequence[str],
    unit: str | None,
    boxes: Sequence[Box] | None,
    max_zoom: int,
) -> None:
    """Record in the feed that tiles of ``max_zoom`` and below show something new to ``audiences``."""
    listed = None if boxes is None else [[float(metres) for metres in box] for box in boxes]
    cursor.execute(
        "insert into huong.change (layer, audiences, unit, op, boxes, max_zoom)"
        " values (%s, %s, %s, 'O', huong.coarsen(%s::float8[]), %s)",
        [layer.id, list(audiences), unit, listed, max_zoom],
    )
    cursor.execute("select pg_notify('huong_change', %s)", [layer.id])


def refresh(cursor: Cursor, layer: Layer, version: int, dirt: Sequence[Dirt]) -> None:
    """Bring a layer's overviews up to what ``dirt`` says has changed. Runs as owner."""
    state = state_of(cursor, layer.id)
    counts = counts_of(cursor, layer)
    for count in counts:
        stands = state is not None and count.view in state.views.values()
        if (wanted(cursor, count, state) is not None) != stands:
            rebuild(cursor, layer, version)
            return
    if state is None:
        return
    if state.version != version:
        rebuild(cursor, layer, version)
        return
    for count in counts:
        mine = [each for each in dirt if set(each.audiences) <= set(count.audiences)]
        if mine and count.view in state.views.values():
            refresh_count(cursor, count, Overview(max_zoom=state.max_zoom, by=state.class_field), mine)


def refresh_count(cursor: Cursor, count: Count, overview: Overview, dirt: Sequence[Dirt]) -> None:
    """Count what changed, cell by cell or as a whole, and announce it to those who saw it change."""
    dirty: dict[str | None, dict[Cells, None]] = {}
    for each in dirt:
        for box in each.boxes or ():
            dirty.setdefault(each.unit, {})[cells_of(box, overview.max_zoom)] = None
    many = sum(size(cells) for found in dirty.values() for cells in found) > MANY_CELLS
    if many or any(each.boxes is None or each.n > MANY_FEATURES for each in dirt):
        count_all(cursor, count, overview)
    else:
        for unit, found in dirty.items():
            count_cells(cursor, count, overview, found, unit)
    for each in dirt:
        announce(cursor, count.layer, each.audiences, each.unit, each.boxes, overview.max_zoom)
