"""Geometries made fit for a layer: checked, repaired where asked, in EPSG:4326 and in the layer's own type."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from gis_core.layer import GeometryType
from gis_core.plain_shapes import make_plain, snap_to_edges
from gis_core.values import MAX_VERTICES, MULTI
from gis_core.words import Text
from imports.source_crs import SourceCrs

AREAL = (3, 6)  # Polygon, MultiPolygon
MAX_LATITUDE = 85.06  # where Web Mercator, from which tiles are cut, ends
# The words of GEOS for what is wrong with a shape, in Vietnamese.
REASONS = {
    "Self-intersection": "tự cắt",
    "Ring Self-intersection": "vòng tự cắt",
    "Hole lies outside shell": "lỗ nằm ngoài vòng bao",
    "Holes are nested": "lỗ lồng trong lỗ",
    "Nested shells": "vòng bao lồng nhau",
    "Interior is disconnected": "phần trong bị chia cắt",
    "Duplicate Rings": "vòng lặp lại",
    "Too few points in geometry component": "quá ít đỉnh",
    "Invalid Coordinate": "tọa độ không hợp lệ",
    "Ring is not closed": "vòng không khép kín",
}
TYPE_IDS: dict[str, int] = {
    "Point": 0,
    "LineString": 1,
    "Polygon": 3,
    "MultiPoint": 4,
    "MultiLineString": 5,
    "MultiPolygon": 6,
}
SINGLE: dict[str, str] = {multi: single for single, multi in MULTI.items()}
HEADS_OF_ONE_PART = {b"\x01%c\0\0\0" % kind for kind in (1, 2, 3)}  # little-endian WKB: point, line, polygon
NAMES: dict[int, GeometryType] = {number: cast(GeometryType, name) for name, number in TYPE_IDS.items()}
MISSING = Text("không có hình học", "there is no geometry")
EMPTY = Text("hình học rỗng", "the geometry is empty")
OUTSIDE = Text(
    "tọa độ ngoài phạm vi (kiểm tra hệ tọa độ và thứ tự trục)",
    "a coordinate is out of range (check the CRS and the axis order)",
)
TOO_MANY = Text(f"quá {MAX_VERTICES} đỉnh", f"more than {MAX_VERTICES} vertices")
NOTHING_LEFT = Text("sửa hình không còn lại gì", "repairing the shape leaves nothing of it")


@dataclass
class Shapes:
    """A batch: ``lonlat`` (EPSG:4326), ``surveyed`` (in the file's CRS), None where ``faults`` say why."""

    lonlat: NDArray[Any]
    surveyed: NDArray[Any]
    faults: dict[int, Text] = field(default_factory=dict)
    repairs: dict[int, Text] = field(default_factory=dict)

    def fault(self, index: int, why: Text) -> None:
        self.faults.setdefault(index, why)
        self.lonlat[index] = self.surveyed[index] = None


def fit_shapes(
    wkb: Sequence[bytes | None],
    crs: SourceCrs,
    wanted: GeometryType,
    *,
    repair: bool,
    as_points: bool = False,
) -> Shapes:
    """The geometries of ``wkb`` for a layer of type ``wanted``. Heights and measures are dropped.

    ``repair`` makes invalid polygons valid, keeping their surface alone; ``as_points`` puts lines and areas at a
    point on them where ``wanted`` is Point.
    """
    return fitted(parsed(wkb), crs, wanted, repair=repair, as_points=as_points)


def parsed(wkb: Sequence[bytes | None]) -> NDArray[Any]:
    """Shapely's geometries of ``wkb``, their parts plain; None where there is none."""
    found: NDArray[Any] = shapely.from_wkb(np.array(wkb, dtype=object), on_invalid="ignore")
    make_plain(found)
    return found


def packed_if_fit(
    found: NDArray[Any], wkb: Sequence[bytes | None], crs: SourceCrs
) -> tuple[list[bytes], GeometryType] | None:
    """WKB in EPSG:4326 of all of ``found``, and the type of all of them; None unless nothing is to be said of any.

    ``wkb`` is what they were read from.
    """
    kinds = np.unique(shapely.get_type_id(found))
    kind = NAMES.get(int(kinds[0])) if len(kinds) == 1 else None
    if kind is None:
        return None
    if crs.srid == 4326 and are_fit(found) and are_written_so(found, wkb):
        return list(cast(Sequence[bytes], wkb)), kind
    shapes = fitted(found, crs, kind, repair=False)
    return None if shapes.faults else (list(shapely.to_wkb(shapes.lonlat)), kind)


def are_fit(lonlat: NDArray[Any]) -> bool:
    """Whether nothing is to be said of any of ``lonlat`` (EPSG:4326), nor anything to be done to it."""
    bounds = shapely.bounds(lonlat)  # NaN where there is none
    within = bool((np.abs(bounds) <= (180, MAX_LATITUDE, 180, MAX_LATITUDE)).all())
    counts = shapely.get_num_coordinates(lonlat)
    return within and bool((counts <= MAX_VERTICES).all()) and bool(shapely.is_valid(lonlat).all())


def are_written_so(found: NDArray[Any], wkb: Sequence[bytes | None]) -> bool:
    """Whether ``wkb`` is to the byte what would be written of ``found``: flat points, lines or polygons, no more."""
    heads = {None if body is None else body[:5] for body in wkb}
    if len(heads) != 1 or next(iter(heads)) not in HEADS_OF_ONE_PART:
        return False
    kind = int(shapely.get_type_id(found[0]))
    counts = shapely.get_num_coordinates(found)
    if kind == 0:
        lengths = np.full(len(found), 5)
    elif kind == 1:
        lengths = np.full(len(found), 9)
    else:
        lengths = 9 + 4 * (1 + shapely.get_num_interior_rings(found))
    return bool((np.array([*map(len, cast(Sequence[bytes], wkb))]) == lengths + 16 * counts).all())


def fitted(
    found: NDArray[Any], crs: SourceCrs, wanted: GeometryType, *, repair: bool, as_points: bool = False
) -> Shapes:
    """`fit_shapes` of what `parsed` gave."""
    if shapely.has_z(found).any() or shapely.has_m(found).any():
        found = shapely.force_2d(found)
    shapes = Shapes(found.copy(), found.copy())
    for index in map(int, np.flatnonzero(shapely.is_missing(found) | shapely.is_empty(found))):
        shapes.fault(index, MISSING if found[index] is None else EMPTY)
    check_coordinates(shapes)
    check_validity(shapes, repair=repair)
    project(shapes, crs)
    fit_types(shapes, wanted, as_points=as_points)
    return shapes


def check_coordinates(shapes: Shapes) -> None:
    bounds = shapely.bounds(shapes.surveyed)
    there = ~shapely.is_missing(shapes.surveyed)
    for index in np.flatnonzero(there & ~np.isfinite(bounds).all(axis=1)):
        shapes.fault(int(index), OUTSIDE)
    for index in np.flatnonzero(shapely.get_num_coordinates(shapes.surveyed) > MAX_VERTICES):
        shapes.fault(int(index), TOO_MANY)


def check_validity(shapes: Shapes, *, repair: bool) -> None:
    there = ~shapely.is_missing(shapes.surveyed)
    for index in map(int, np.flatnonzero(there & ~shapely.is_valid(shapes.surveyed))):
        shape = shapes.surveyed[index]
        why = reason(shape)
        if not repair or shapely.get_type_id(shape) not in AREAL:
            shapes.fault(index, why)
            continue
        mended = repaired(shape)
        if mended is None:
            shapes.fault(index, NOTHING_LEFT)
            continue
        shapes.surveyed[index] = mended
        change = relative_change(shape, mended)
        shapes.repairs[index] = Text(
            f"{why.vi}; diện tích đổi {change}", f"{why.en}; its area changed by {change}"
        )


def reason(shape: BaseGeometry) -> Text:
    """Why ``shape`` is invalid: "Self-intersection[107.5 16.4]" with its place."""
    said = shapely.is_valid_reason(shape)
    name, bracket, place = said.partition("[")
    where = f" ({place.rstrip(']')})" if bracket else ""
    return Text(
        f"hình không hợp lệ: {REASONS.get(name.strip(), name.strip())}{where}",
        f"the shape is not valid: {name.strip()}{where}",
    )


def repaired(shape: BaseGeometry) -> Polygon | MultiPolygon | None:
    """``shape`` (areal) made valid, its surface alone; None where nothing of it is left."""
    whole = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    parts = [part for part in all_parts(whole) if isinstance(part, Polygon) and not part.is_empty]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def all_parts(shape: BaseGeometry) -> list[BaseGeometry]:
    return list(shapely.get_parts(shapely.get_parts(shape)))


def relative_change(before: BaseGeometry, after: BaseGeometry) -> str:
    old, new = abs(shapely.area(before)), shapely.area(after)
    return f"{(new - old) / old:+.2%}" if old > 0 and math.isfinite(old) else "?"


def project(shapes: Shapes, crs: SourceCrs) -> None:
    """Fill ``lonlat``, and refuse what has no place between the edges of the map."""
    as_it_is = crs.srid == 4326
    shapes.lonlat = shapes.surveyed.copy() if as_it_is else shapely.transform(shapes.surveyed, crs.to_lonlat)
    snap_to_edges(shapes.lonlat)
    west, south, east, north = shapely.bounds(shapes.lonlat).T
    there = ~shapely.is_missing(shapes.lonlat)
    with np.errstate(invalid="ignore"):
        within = (west >= -180) & (east <= 180) & (south >= -MAX_LATITUDE) & (north <= MAX_LATITUDE)
    finite = np.isfinite(west) & np.isfinite(south) & np.isfinite(east) & np.isfinite(north)
    for index in map(int, np.flatnonzero(there & ~(within & finite))):
        shapes.fault(index, OUTSIDE)
    if as_it_is:
        return
    there = ~shapely.is_missing(shapes.lonlat)
    for index in map(int, np.flatnonzero(there & ~shapely.is_valid(shapes.lonlat))):
        shapes.fault(index, reason(shapes.lonlat[index]))


def fit_types(shapes: Shapes, wanted: GeometryType, *, as_points: bool) -> None:
    """One part becomes a Multi where the layer has those; a Multi of one part its part where it has not."""
    if wanted == "Geometry":
        return
    kinds = shapely.get_type_id(shapes.lonlat)
    single = kinds == TYPE_IDS.get(SINGLE.get(wanted, ""), -2)
    if wanted in SINGLE and single.any():  # one by one this takes as long as all other checks
        shapes.lonlat[single] = multi_of(wanted, shapes.lonlat[single])
        shapes.surveyed[single] = multi_of(wanted, shapes.surveyed[single])
        kinds[single] = TYPE_IDS[wanted]
    for index in map(int, np.flatnonzero(kinds != TYPE_IDS[wanted])):
        shape = shapes.lonlat[index]
        if shape is None:
            continue
        if as_points and wanted == "Point":
            shapes.lonlat[index] = shapely.point_on_surface(shape)
            continue
        fitted = fit_type(shape, wanted)
        if fitted is None:
            shapes.fault(index, wrong_type(shape, wanted))
            continue
        shapes.lonlat[index] = fitted
        shapes.surveyed[index] = fit_type(shapes.surveyed[index], wanted)


def multi_of(wanted: GeometryType, parts: NDArray[Any]) -> NDArray[Any]:
    """A geometry of the multi-part type ``wanted`` around each of ``parts``."""
    made: NDArray[Any] = getattr(shapely, f"{wanted.lower()}s")(parts, indices=np.arange(len(parts)))
    return made


def fit_type(shape: BaseGeometry, wanted: GeometryType) -> BaseGeometry | None:
    if shape.geom_type == wanted:
        return shape
    if MULTI.get(shape.geom_type) == wanted:
        made: BaseGeometry = getattr(shapely, wanted)([shape])
        return made
    if MULTI.get(wanted) == shape.geom_type and shapely.get_num_geometries(shape) == 1:
        return shapely.get_geometry(shape, 0)
    return None


def wrong_type(shape: BaseGeometry, wanted: GeometryType) -> Text:
    return Text(
        f"là {shape.geom_type}, lớp cần {wanted}", f"is a {shape.geom_type}, the layer needs a {wanted}"
    )
