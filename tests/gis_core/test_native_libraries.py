"""GeoDjango uses the libraries of the lock file, not whatever the machine has, and they find their own data."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from django.contrib.gis.gdal import SpatialReference
from django.contrib.gis.geos import GEOSGeometry, Point
from django.contrib.gis.geos.libgeos import geos_version_tuple

from gis_core import native_libraries


def test_they_are_those_of_the_wheels() -> None:
    maps = Path("/proc/self/maps").read_text()
    for library in (native_libraries.GDAL, native_libraries.GEOS):
        assert library is not None and library in maps
    assert geos_version_tuple()[:3] == shapely.geos_version
    assert "libgdal.so" not in maps, "the system's GDAL is loaded too"


def test_gdal_knows_every_system_of_coordinates_that_is_offered() -> None:
    for code, place in ((9214, (561735.182, 1820566.129)), (3405, (775279.889, 1821687.518))):
        assert SpatialReference(code).srid == code
        moved = Point(107.58, 16.46, srid=4326).transform(code, clone=True)
        assert isinstance(moved, GEOSGeometry)
        assert moved.coords == pytest.approx(place, abs=1e-3)


def test_a_package_without_bundled_libraries_leaves_the_search_to_django() -> None:
    assert native_libraries.bundled("django", "libgdal-*") is None
    assert native_libraries.bundled("no_such_package", "libgdal-*") is None
