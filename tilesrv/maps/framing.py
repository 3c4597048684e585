"""The frame of a map: which box in which CRS, and how many pixels, from whatever of that a request says.

OGC 20-058, clauses 11 (scaling) and 13 (spatial subsetting): what is missing is filled so that a length on the ground
is as many pixels across as up. A pixel is 0.28 mm wide, as scale denominators have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, isfinite, radians

import pyproj

from gis_core.crs import Crs
from gis_core.problems import Problem
from gis_core.words import Text
from tilesrv.grid import Box, lon_lat

PIXEL_M = 0.00028
DEGREE_M = 111_319.49079327358
DEFAULT_PX = 1024  # of the longer side
MOST_PX = 4096


@dataclass(frozen=True)
class Frame:
    """``box`` is minx, miny, maxx, maxy with x first, in the unit of the CRS; the size is in px."""

    box: Box
    width: int
    height: int


def ground_metres(box: Box, crs: Crs) -> tuple[float, float]:
    """Metres on the ground to a unit of ``crs``, across and up, about the middle of ``box``.

    Degrees of longitude are measured at the latitude of the box that is nearest to the equator.
    """
    if crs.is_geographic:
        nearest = 0.0 if box[1] <= 0 <= box[3] else min(abs(box[1]), abs(box[3]))
        return DEGREE_M * max(cos(radians(nearest)), 0.01), DEGREE_M
    if crs.srid == 3857:
        latitude = lon_lat(0, (box[1] + box[3]) / 2)[1]
        scale = max(cos(radians(latitude)), 0.01)
        return scale, scale
    return 1.0, 1.0


def framed_box(box: Box, crs: Crs, width: int | None, height: int | None, denominator: float | None) -> Frame:
    """The frame that shows ``box``: of the size that is asked for, else of its shape on the ground."""
    across_m, up_m = ground_metres(box, crs)
    across, up = (box[2] - box[0]) * across_m, (box[3] - box[1]) * up_m
    if width is None and height is None:
        px = denominator * PIXEL_M if denominator else max(across, up) / DEFAULT_PX
        return Frame(box, sized(across / px), sized(up / px))
    if width is None:
        assert height is not None
        width = sized(height * across / up)
    return Frame(box, width, sized(width * up / across) if height is None else height)


def framed_centre(
    centre: tuple[float, float], crs: Crs, width: int | None, height: int | None, denominator: float
) -> Frame:
    """The frame about ``centre`` (x, y) at a scale; a square where only one side is said."""
    wide, high = width or height or DEFAULT_PX, height or width or DEFAULT_PX
    x, y = centre
    across_m, up_m = ground_metres((x, y, x, y), crs)
    half_x = wide * denominator * PIXEL_M / across_m / 2
    half_y = high * denominator * PIXEL_M / up_m / 2
    return Frame((x - half_x, y - half_y, x + half_x, y + half_y), wide, high)


def scale_to_fit(box: Box, crs: Crs, width: int | None, height: int | None) -> float:
    """The scale denominator at which all of ``box`` finds room."""
    across_m, up_m = ground_metres(box, crs)
    wide, high = width or height or DEFAULT_PX, height or width or DEFAULT_PX
    return max((box[2] - box[0]) * across_m / wide, (box[3] - box[1]) * up_m / high) / PIXEL_M


def sized(px: float) -> int:
    """A side of the picture; Problem 413 for one that is too long."""
    if not isfinite(px) or px > MOST_PX:
        raise too_large()
    return max(1, round(px))


def moved(box: Box, source: Crs, target: Crs) -> Box | None:
    """The box of ``target`` around ``box`` of ``source``, both x first; None where it has none."""
    if source.srid == target.srid:
        return box
    transformer = pyproj.Transformer.from_crs(source.srid, target.srid, always_xy=True)
    found = transformer.transform_bounds(*box, densify_pts=20)
    return found if all(map(isfinite, found)) else None


def moved_point(point: tuple[float, float], source: Crs, target: Crs) -> tuple[float, float]:
    if source.srid == target.srid:
        return point
    x, y = pyproj.Transformer.from_crs(source.srid, target.srid, always_xy=True).transform(*point)
    return x, y


def too_large() -> Problem:
    return Problem(
        413,
        "picture-too-large",
        Text(
            f"Ảnh bản đồ có tối đa {MOST_PX} px mỗi cạnh.",
            f"A map has at most {MOST_PX} px on a side.",
        ),
        parameter="width",
    )
