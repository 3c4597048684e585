"""Coordinate reference systems: the few that the platform speaks, with the axis order of their authority.

Inside, every coordinate is longitude, latitude (EPSG:4326 in the order of PostGIS). A coordinate that a caller
sends, or that an answer carries, is in the order of the authority's definition (latitude first for EPSG:4326), as
OGC API Features Part 2 asks wherever a CRS is named. The order is read from the EPSG registry by pyproj and never
assumed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis_core.crs_uris import CRS84_URI as CRS84_URI
from gis_core.crs_uris import EPSG_URI as EPSG_URI
from gis_core.problems import Problem, bad_request
from gis_core.words import Text

Box = tuple[float, float, float, float]
"""west, south, east, north in degrees, EPSG:4326; west <= east."""


# Edges of a projected rectangle are curves in longitude and latitude: points per edge (50 km of a transverse Mercator
# edge bend by 14 m, so 100 points keep the error of its box under 2 mm), and metres between the points of a literal.
EDGE_POINTS = 100
EDGE_STEP = 1000.0
MAX_STEPS = 2000


@dataclass(frozen=True)
class Crs:
    """A coordinate reference system that data can be asked for, filtered by and written in.

    ``srid`` is PostGIS's number. ``axes`` is the authority's order: ``lonlat`` (or easting, northing) or ``latlon``.
    ``domain`` (west, south, east, north in the CRS's own units, x first) is where its formulas can be inverted.
    """

    uri: str
    srid: int
    axes: Literal["lonlat", "latlon"]
    title: Text
    is_geographic: bool
    precision: int
    domain: Box

    @property
    def flipped(self) -> bool:
        """True where the order of the authority is not that of PostGIS (x = east, y = north)."""
        return self.axes == "latlon"


def _crs(uri: str, definition: str, srid: int, title: Text, domain: Box) -> Crs:
    known = pyproj.CRS.from_user_input(definition)
    first = known.axis_info[0].direction
    if first not in ("east", "north"):
        raise ValueError(f"{definition}: first axis points {first}, neither east nor north")
    return Crs(
        uri=uri,
        srid=srid,
        axes="lonlat" if first == "east" else "latlon",
        title=title,
        is_geographic=known.is_geographic,
        precision=7 if known.is_geographic else 3,
        domain=domain,
    )


DEGREES: Box = (-180.0, -90.0, 180.0, 90.0)
# EPSG:3857 goes to latitude 89.99 here; transverse Mercator is inverted well within 3,000 km of its axis.
WORLD_METRES: Box = (-20037508.342789244, -62_000_000.0, 20037508.342789244, 62_000_000.0)
ZONE_METRES: Box = (-2_500_000.0, -9_500_000.0, 3_500_000.0, 9_500_000.0)

CRS84 = _crs(
    CRS84_URI,
    "OGC:CRS84",
    4326,
    Text("WGS 84, kinh độ trước vĩ độ", "WGS 84, longitude before latitude"),
    DEGREES,
)
EPSG4326 = _crs(
    EPSG_URI + "4326",
    "EPSG:4326",
    4326,
    Text("WGS 84, vĩ độ trước kinh độ", "WGS 84, latitude before longitude"),
    DEGREES,
)
EPSG3857 = _crs(EPSG_URI + "3857", "EPSG:3857", 3857, Text("Web Mercator", "Web Mercator"), WORLD_METRES)
EPSG9214 = _crs(
    EPSG_URI + "9214",
    "EPSG:9214",
    9214,
    Text("VN-2000, múi 3°, kinh tuyến trục 107° (Huế)", "VN-2000 / TM-3 107-00 (Huế)"),
    ZONE_METRES,
)
EPSG3405 = _crs(
    EPSG_URI + "3405",
    "EPSG:3405",
    3405,
    Text("VN-2000, UTM múi 48 Bắc", "VN-2000 / UTM zone 48N"),
    ZONE_METRES,
)
EPSG3406 = _crs(
    EPSG_URI + "3406",
    "EPSG:3406",
    3406,
    Text("VN-2000, UTM múi 49 Bắc", "VN-2000 / UTM zone 49N"),
    ZONE_METRES,
)

SUPPORTED: tuple[Crs, ...] = (CRS84, EPSG4326, EPSG3857, EPSG9214, EPSG3405, EPSG3406)
"""Every CRS that collections list, the default first."""


def _names(crs: Crs) -> tuple[str, ...]:
    if crs is CRS84:
        return (
            crs.uri,
            "urn:ogc:def:crs:OGC:1.3:CRS84",
            "urn:ogc:def:crs:OGC::CRS84",
            "OGC:CRS84",
            "[OGC:CRS84]",
        )
    code = crs.uri.removeprefix(EPSG_URI)
    return (crs.uri, f"urn:ogc:def:crs:EPSG::{code}", f"EPSG:{code}", f"[EPSG:{code}]")


_BY_NAME = {name: crs for crs in SUPPORTED for name in _names(crs)}


def crs_by_uri(uri: str, *, parameter: str = "crs") -> Crs:
    """The CRS called ``uri``: its URI, its URN, ``EPSG:4326`` or the safe CURIE ``[EPSG:4326]``.

    Whatever form was asked for, answers name the CRS by ``Crs.uri``. Problem 400 on ``parameter`` for any other.
    """
    found = _BY_NAME.get(uri)
    if found is None:
        shown = uri if len(uri) <= 100 else uri[:100] + "…"
        raise bad_request(
            "unknown-crs",
            f"Không có hệ tọa độ «{shown}». Dùng một trong: {', '.join(c.uri for c in SUPPORTED)}.",
            f'There is no coordinate reference system "{shown}". Use one of: '
            f"{', '.join(c.uri for c in SUPPORTED)}.",
            parameter=parameter,
        )
    return found


@cache
def _to_degrees(crs: Crs) -> pyproj.Transformer:
    # One Transformer serves all threads: pyproj keeps a clone per thread inside it.
    return pyproj.Transformer.from_crs(crs.srid, 4326, always_xy=True)


def to_lonlat(geometry: BaseGeometry, crs: Crs, *, parameter: str = "geometry") -> BaseGeometry:
    """``geometry``, given in ``crs`` with the authority's axis order, in longitude, latitude (EPSG:4326), 2-D.

    Vertices are transformed, edges are not densified (see `densified`). Problem 400 on ``parameter`` where a
    coordinate is not finite, or lies outside the CRS or the globe.
    """
    flat = shapely.force_2d(geometry)
    if crs.flipped:
        flat = shapely.transform(flat, lambda points: points[:, ::-1])
    points = shapely.get_coordinates(flat)
    if not _inside(points, crs.domain):
        raise _outside(parameter)
    if crs.is_geographic:
        return flat
    moved = shapely.transform(flat, lambda points: np.column_stack(_degrees(points, crs)))
    if not _inside(shapely.get_coordinates(moved), DEGREES):
        raise _outside(parameter)
    return moved


def from_lonlat(geometry: BaseGeometry, crs: Crs) -> BaseGeometry:
    """``geometry``, in degrees, in a projected ``crs``: metres, x east and y north whatever the authority's order."""
    there = _to_degrees(crs)

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(there.transform(points[:, 0], points[:, 1], direction="INVERSE"))

    return shapely.transform(shapely.force_2d(geometry), moved)


def densified(geometry: BaseGeometry, crs: Crs) -> BaseGeometry:
    """``geometry`` with points added along its edges, so that a straight edge in ``crs`` stays one in degrees.

    At most about `MAX_STEPS` points are added; a geometry in a geographic CRS comes back as it is.
    """
    length = float(shapely.length(geometry))
    if crs.is_geographic or not math.isfinite(length) or length <= EDGE_STEP:
        return geometry
    return shapely.segmentize(geometry, max(EDGE_STEP, length / MAX_STEPS))


def _degrees(points: NDArray[np.float64], crs: Crs) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = _to_degrees(crs).transform(points[:, 0], points[:, 1])
    # x = 20037508.342789244 is longitude 180, give or take the last bit.
    return np.where(np.abs(x) - 180.0 < 1e-9, np.clip(x, -180.0, 180.0), x), np.asarray(y)


def _inside(points: NDArray[np.float64], domain: Box) -> bool:
    low, high = np.array(domain[:2]), np.array(domain[2:])
    return bool(np.isfinite(points).all() and (points >= low).all() and (points <= high).all())


def _outside(parameter: str) -> Problem:
    return bad_request(
        "coordinates-out-of-range",
        "Tọa độ nằm ngoài phạm vi của hệ tọa độ. Hãy kiểm tra hệ tọa độ và thứ tự trục (EPSG:4326: vĩ độ trước).",
        "A coordinate lies outside the coordinate reference system. Check the CRS and the axis order "
        "(EPSG:4326 has latitude first).",
        parameter=parameter,
    )


def bbox_to_lonlat(numbers: Sequence[float], crs: Crs = CRS84, *, parameter: str = "bbox") -> list[Box]:
    """The box of four (or six, with heights, which are ignored) ``numbers`` in ``crs``, in degrees.

    The numbers are the lower corner then the upper corner, each in the authority's axis order. One box comes back,
    or two where a box crosses the antimeridian (west > east in a geographic CRS). Values beyond the CRS are moved to
    its edge; a box of a projected CRS becomes the box around its curved edges. Problem 400 on ``parameter`` for a wrong
    count, a number that is not finite, south > north, and west > east in a projected CRS.
    """
    west, south, east, north = _corners(numbers, crs, parameter)
    low_x, low_y, high_x, high_y = crs.domain
    west, east = _clamp(west, low_x, high_x), _clamp(east, low_x, high_x)
    south, north = _clamp(south, low_y, high_y), _clamp(north, low_y, high_y)
    if not crs.is_geographic:
        west, south, east, north = _to_degrees(crs).transform_bounds(
            west, south, east, north, densify_pts=EDGE_POINTS
        )
        if not all(map(math.isfinite, (west, south, east, north))):
            raise _outside(parameter)
    if west > east:
        return [(west, south, 180.0, north), (-180.0, south, east, north)]
    return [(west, south, east, north)]


def _corners(numbers: Sequence[float], crs: Crs, parameter: str) -> Box:
    if len(numbers) not in (4, 6):
        raise bad_request(
            "bad-bbox",
            f"Khung tọa độ cần 4 số (hoặc 6 số khi có độ cao), không phải {len(numbers)}.",
            f"A bounding box has 4 numbers (or 6 with heights), not {len(numbers)}.",
            parameter=parameter,
        )
    if not all(map(math.isfinite, numbers)):
        raise bad_request(
            "bad-bbox",
            "Khung tọa độ có giá trị không phải là số hữu hạn.",
            "The bounding box has a value that is not a finite number.",
            parameter=parameter,
        )
    half = len(numbers) // 2
    low, high = numbers[:2], numbers[half : half + 2]
    if crs.flipped:
        low, high = low[::-1], high[::-1]
    if low[1] > high[1]:
        raise bad_request(
            "bad-bbox",
            f"Khung tọa độ có cạnh nam ({low[1]:g}) ở phía bắc cạnh bắc ({high[1]:g}).",
            f"The bounding box has its south ({low[1]:g}) north of its north ({high[1]:g}).",
            parameter=parameter,
        )
    if low[0] > high[0] and not crs.is_geographic:
        raise bad_request(
            "bad-bbox",
            f"Khung tọa độ có cạnh tây ({low[0]:g}) ở phía đông cạnh đông ({high[0]:g}).",
            f"The bounding box has its west ({low[0]:g}) east of its east ({high[0]:g}).",
            parameter=parameter,
        )
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


@cache
def from_degrees(srid: int) -> pyproj.Transformer:
    """Longitude, latitude (EPSG:4326) to the CRS ``srid``, x first."""
    return pyproj.Transformer.from_crs(4326, srid, always_xy=True)
