"""Geometry literals: checked GeoJSON structures that become EWKB in EPSG:4326."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from gis_core.cql2 import faults
from gis_core.cql2.limits import Limits
from gis_core.crs import Crs, bbox_to_lonlat, densified, to_lonlat
from gis_core.words import Text

# How many levels of arrays stand above a position, and whether the innermost array is a closed ring.
LEVELS: dict[str, int] = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
RINGS = ("Polygon", "MultiPolygon")


class GeometryReader:
    """Reads the geometries of one filter; their vertices count together against ``limits.vertices``."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.vertices = 0

    def read(self, document: Mapping[str, Any]) -> BaseGeometry:
        """The geometry of a GeoJSON object; Problem where it is malformed, empty, not finite or too large."""
        kind = document.get("type")
        if kind == "GeometryCollection":
            members = document.get("geometries")
            if not isinstance(members, list) or not members:
                raise faults.bad_geometry("tập hợp hình học rỗng", "an empty geometry collection")
            return shapely.geometrycollections([self._member(member) for member in members])
        return self._member(document)

    def _member(self, document: object) -> BaseGeometry:
        kind = document.get("type") if isinstance(document, dict) else None
        if not isinstance(document, dict) or not isinstance(kind, str) or kind not in LEVELS:
            raise faults.bad_geometry(
                f"không có loại «{str(kind)[:30]}»", f'no geometry type "{str(kind)[:30]}"'
            )
        coordinates = self._positions(document.get("coordinates"), LEVELS[kind], kind in RINGS)
        try:
            return shapely.geometry.shape({"type": kind, "coordinates": coordinates})
        except (ValueError, TypeError, GEOSException):
            raise faults.bad_geometry(f"{kind} thiếu điểm", f"{kind} has too few points") from None

    def _positions(self, value: object, levels: int, ring: bool) -> Any:
        if not isinstance(value, list) or not value:
            raise faults.bad_geometry("thiếu tọa độ", "coordinates are missing")
        if levels == 0:
            return self._position(value)
        positions = [self._positions(item, levels - 1, ring) for item in value]
        if ring and levels == 1 and (len(positions) < 4 or positions[0] != positions[-1]):
            raise faults.bad_geometry(
                "vành đa giác cần ít nhất 4 điểm và điểm cuối trùng điểm đầu",
                "a polygon ring needs at least 4 points, the last equal to the first",
            )
        return positions

    def _position(self, value: Sequence[object]) -> tuple[float, ...]:
        self.vertices += 1
        if self.vertices > self.limits.vertices:
            raise faults.too_large(Text("số đỉnh hình học", "vertices of geometries"), self.limits.vertices)
        if not 2 <= len(value) <= 4:
            raise faults.bad_geometry(
                f"một điểm có {len(value)} tọa độ", f"a position with {len(value)} coordinates"
            )
        return tuple(coordinate(item) for item in value[:2])


def coordinate(value: object) -> float:
    """``value`` as a finite number; Problem otherwise."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            if math.isfinite(value):
                return float(value)
        except OverflowError:
            pass
    raise faults.bad_geometry("tọa độ phải là số hữu hạn", "coordinates must be finite numbers")


def shape_ewkb(geometry: BaseGeometry, crs: Crs) -> str:
    """Hex EWKB in EPSG:4326 of ``geometry`` in ``crs`` (authority axis order).

    Problem where it leaves the CRS or the globe, or is invalid: PostGIS may stop with a TopologyException on such.
    """
    if not shapely.is_valid(geometry):
        reason = shapely.is_valid_reason(geometry)
        raise faults.bad_geometry(f"không hợp lệ ({reason})", f"invalid ({reason})")
    degrees = to_lonlat(densified(geometry, crs), crs, parameter=faults.PARAMETER)
    return _ewkb(degrees)


def box_ewkb(numbers: tuple[float, ...], crs: Crs) -> str:
    """Hex EWKB in EPSG:4326 of a box in ``crs``: two polygons where it crosses the antimeridian.

    A box of a projected CRS keeps its curved edges; a box without width or height is a line or a point.
    """
    boxes = bbox_to_lonlat(numbers, crs, parameter=faults.PARAMETER)
    if crs.is_geographic:
        parts = [_rectangle(*box) for box in boxes]
        return _ewkb(parts[0] if len(parts) == 1 else shapely.union_all(parts))
    half = len(numbers) // 2
    (west, south), (east, north) = numbers[:2], numbers[half : half + 2]
    return shape_ewkb(_rectangle(west, south, east, north), crs)


def _rectangle(west: float, south: float, east: float, north: float) -> BaseGeometry:
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def _ewkb(geometry: BaseGeometry) -> str:
    text: str = shapely.to_wkb(shapely.set_srid(geometry, 4326), hex=True, include_srid=True)
    return text
