"""Shapely's geometries as Django stores them."""

from __future__ import annotations

import threading
from typing import Any, cast

import shapely
from django.contrib.gis.gdal import CoordTransform, SpatialReference
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import models
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

_of_thread = threading.local()  # GDAL's transformations may not be shared


def transformed[AnyGeometry: GEOSGeometry](geometry: AnyGeometry, srid: int) -> AnyGeometry:
    """``geometry``, which says its own CRS, in EPSG:``srid``, x before y.

    As its own method ``transform``, which searches PROJ's database each time; here it is searched once.
    """
    source = geometry.srid
    assert source is not None
    if source == srid:
        return geometry.clone()
    kept: dict[tuple[int, int], CoordTransform] = _of_thread.__dict__.setdefault("kept", {})
    way = (source, srid)
    if way not in kept:
        kept[way] = CoordTransform(SpatialReference(source), SpatialReference(srid))
    moved = geometry.transform(kept[way], clone=True)
    moved.srid = srid
    return cast(AnyGeometry, moved)


def geos(geometry: BaseGeometry, srid: int) -> GEOSGeometry:
    """``geometry``, whose coordinates are those of EPSG:``srid``, with not a bit changed."""
    return GEOSGeometry(memoryview(shapely.to_wkb(geometry)), srid=srid)


def moved(shapes: NDArray[Any], source: int, srid: int) -> NDArray[Any]:
    """Shapely's ``shapes`` of EPSG:``source`` in EPSG:``srid``, x before y: to the bit as `transformed`, all in one."""
    coordinates = shapely.get_coordinates(shapes)
    if not len(coordinates):
        return shapes
    points = transformed(geos(shapely.MultiPoint(coordinates), source), srid)
    there = shapely.get_coordinates(shapely.from_wkb(bytes(points.wkb)))
    result: NDArray[Any] = shapely.set_coordinates(shapes.copy(), there)
    return result


def ewkb_of(instance: models.Model, column: str) -> memoryview:
    """The geometry in ``column`` as EWKB; one that was set as such and never looked at costs nothing."""
    raw = instance.__dict__.get(column)
    return raw if isinstance(raw, memoryview) else cast(memoryview, getattr(instance, column).ewkb)


def multi_polygon(geometry: BaseGeometry, srid: int) -> MultiPolygon:
    """The polygons of ``geometry``; the points and lines that an intersection leaves behind have no area to keep."""
    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    stored = geos(shapely.MultiPolygon(polygons), srid)
    assert isinstance(stored, MultiPolygon)
    return stored
