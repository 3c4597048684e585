"""The features around a place, of the same table, as far as the caller sees them: to draw along their corners."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.geos import Polygon
from django.db.models import QuerySet
from shapely.geometry.base import BaseGeometry

from gis_core.administration.reach import Reach
from gis_core.administration.shown import shape_of
from gis_core.place_changes import corners_of
from gis_core.place_text import in_degrees, write_corner

Box = tuple[float, float, float, float]

MOST_FEATURES = 300
MOST_CORNERS = 5000
# So much of the ground may be asked for at once, in degrees: some 5 km.
WIDEST = 0.05


def neighbours(rows: QuerySet[Any], reach: Reach, box: Box, but: Any = None) -> list[BaseGeometry]:
    """The places, as the caller changes them, of ``rows`` whose box meets ``box`` (degrees); none beyond `WIDEST`."""
    layer, place = reach.main, reach.place
    west, south, east, north = box
    if layer is None or place is None or not (0 <= east - west <= WIDEST and 0 <= north - south <= WIDEST):
        return []
    around = Polygon.from_bbox(box)
    around.srid = 4326
    near = rows.filter(**{f"{layer.geometry.column}__bboverlaps": around}).exclude(pk=but).order_by("pk")
    return [shape_of(each) for each in near.values_list(place, flat=True)[:MOST_FEATURES] if each is not None]


def corners_written(shapes: list[BaseGeometry], srid: int) -> list[tuple[float, float, str]]:
    """Longitude, latitude and text of the corners of ``shapes`` (EPSG:``srid``)."""
    found: list[tuple[float, float, str]] = []
    for shape in shapes:
        corners = zip(corners_of(in_degrees(shape, srid)), corners_of(shape), strict=True)
        found += [(lon, lat, write_corner(east, north, srid)) for (lon, lat), (east, north) in corners]
        if len(found) > MOST_CORNERS:
            break
    return found[:MOST_CORNERS]
