"""Boxes between coordinate reference systems, for documents: around what is inside, clear of what cannot be said."""

from __future__ import annotations

import math

from gis_core.crs import EDGE_POINTS, Crs, from_degrees
from tilesrv.grid import Box

# Where a projected CRS of the platform may be spoken of: beyond, transverse Mercator folds over itself.
REACH: dict[int, Box] = {3857: (-180.0, -85.06, 180.0, 85.06)}
ZONE_REACH: Box = (85.0, -30.0, 129.0, 60.0)


def in_crs(box: Box, crs: Crs) -> Box | None:
    """The box (easting, northing or longitude, latitude) around ``box``, which is west, south, east, north in degrees.

    Rounded outwards; None where nothing of it lies within the reach of ``crs``.
    """
    if crs.is_geographic:
        return box
    reach = REACH.get(crs.srid, ZONE_REACH)
    west, south, east, north = (
        max(box[0], reach[0]),
        max(box[1], reach[1]),
        min(box[2], reach[2]),
        min(box[3], reach[3]),
    )
    if west > east or south > north:
        return None
    bounds = from_degrees(crs.srid).transform_bounds(west, south, east, north, densify_pts=EDGE_POINTS // 5)
    if not all(map(math.isfinite, bounds)):
        return None
    minx, miny, maxx, maxy = bounds
    return (
        math.floor(minx * 100) / 100,
        math.floor(miny * 100) / 100,
        math.ceil(maxx * 100) / 100,
        math.ceil(maxy * 100) / 100,
    )
