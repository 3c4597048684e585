"""Geometries without parts that nobody can serve: collections inside collections, and parts that are empty.

GeoJSON (RFC 7946, 3.1.8), GML and SVG know no collection in another; ST_AsGeoJSON, ST_AsGML and ST_AsSVG raise for it,
and GEOS 3.11 ends the process in ST_PointOnSurface of a multi-part geometry with an empty part. Every door through
which geometries come in makes them plain first; nothing of their place is lost.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

ROUNDING = 1e-9  # degrees: a tenth of a millimetre
COLLECTION = 7
FIRST_OF_PARTS = 4  # type ids of multi-part geometries and collections begin here


def plain(geometry: BaseGeometry) -> BaseGeometry:
    """``geometry`` with the same points in one level of parts, none of them empty; a collection of one part is it."""
    kind = shapely.get_type_id(geometry)
    if kind < FIRST_OF_PARTS:
        return geometry
    if kind != COLLECTION:
        parts = shapely.get_parts(geometry)
        empty = shapely.is_empty(parts)
        if not empty.any():
            return geometry
        made: BaseGeometry = getattr(shapely, f"{geometry.geom_type.lower()}s")(parts[~empty])
        return made
    found = list(leaves(geometry))
    if len(found) == 1:
        return found[0]
    return shapely.GeometryCollection(found)


def leaves(geometry: BaseGeometry) -> Iterator[BaseGeometry]:
    """The members of a collection that are no collections, in order; empty ones are left out."""
    waiting = [geometry]
    while waiting:
        part = waiting.pop()
        if shapely.get_type_id(part) == COLLECTION:
            waiting += list(shapely.get_parts(part))[::-1]
        elif not part.is_empty:
            yield plain(part)


def snap_to_edges(geometries: NDArray[np.object_]) -> None:
    """Bring longitudes that a rounding error put beyond 180 degrees back to it, in place; None stays."""
    west, _, east, _ = shapely.bounds(geometries).T
    with np.errstate(invalid="ignore"):
        beyond = ((west < -180) & (west >= -180 - ROUNDING)) | ((east > 180) & (east <= 180 + ROUNDING))
    for index in np.flatnonzero(beyond):
        geometries[index] = shapely.transform(geometries[index], clipped)


def within_edges(geometry: BaseGeometry) -> BaseGeometry:
    """`snap_to_edges` of one."""
    one = np.array([geometry], dtype=object)
    snap_to_edges(one)
    snapped: BaseGeometry = one[0]
    return snapped


def clipped(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) longitudes and latitudes, those longitudes at 180 degrees that lie no more than `ROUNDING` beyond."""
    near = np.abs(np.abs(points[:, 0]) - 180) <= ROUNDING
    points[near, 0] = np.clip(points[near, 0], -180, 180)
    return points


def make_plain(geometries: NDArray[np.object_]) -> None:
    """`plain` for every geometry of an array, in place; None stays."""
    for index in np.flatnonzero(shapely.get_type_id(geometries) >= FIRST_OF_PARTS):
        geometries[index] = plain(geometries[index])
