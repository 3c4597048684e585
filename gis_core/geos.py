"""Shapely's geometries as Django stores them."""

from __future__ import annotations

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from shapely.geometry.base import BaseGeometry


def geos(geometry: BaseGeometry, srid: int) -> GEOSGeometry:
    """``geometry``, whose coordinates are those of EPSG:``srid``, with not a bit changed."""
    return GEOSGeometry(memoryview(shapely.to_wkb(geometry)), srid=srid)


def multi_polygon(geometry: BaseGeometry, srid: int) -> MultiPolygon:
    """The polygons of ``geometry``; the points and lines that an intersection leaves behind have no area to keep."""
    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    stored = geos(shapely.MultiPolygon(polygons), srid)
    assert isinstance(stored, MultiPolygon)
    return stored
