"""Official boundaries in place of the approximate ones: whole, checked, and without contradiction to the old units."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.contrib.gis.db.models import Union
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon

from gis_core.config import Config
from layers.admin_units.boundaries import BoundariesRefused, divide, load_register, replace_boundaries
from layers.admin_units.models import AdminUnit
from layers.admin_units.services import predecessors

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def register() -> None:
    load_register()


def today(code: str) -> AdminUnit:
    return AdminUnit.objects.get(code=code, level="commune", valid_to=None)


def before(codes: object) -> list[AdminUnit]:
    return list(AdminUnit.objects.filter(code__in=codes, level="commune", valid_to=date(2025, 7, 1)))


def shifted(code: str, degrees: float) -> GEOSGeometry:
    moved = shapely.transform(
        shapely.from_wkb(bytes(today(code).geom.wkb)), lambda xy: xy + np.array([degrees, 0])
    )
    return GEOSGeometry(memoryview(shapely.to_wkb(moved)), srid=4326)


def test_official_boundary_replaces_the_approximate_one_and_its_parts_follow() -> None:
    official = shifted("19753", 0.003)
    report = replace_boundaries([({"code": "19753", "areaKm2": 10.4}, official)], source="thử")
    unit = today("19753")
    assert report.replaced == ["19753"]
    assert len(report.still_approximate) == 39
    assert (unit.approximate, unit.boundary_source, unit.area_km2) == (False, "thử", 10.4)
    assert unit.geom.equals(official)
    parts = before(predecessors("19753"))
    assert len(parts) == 6
    whole = AdminUnit.objects.filter(fid__in=[p.fid for p in parts]).aggregate(g=Union("geom"))["g"]
    assert whole.sym_difference(official).area < 1e-8
    assert sum(part.geom.area for part in parts) == pytest.approx(official.area, rel=1e-5)


def test_the_unit_that_kept_its_extent_gives_the_old_one_its_official_boundary() -> None:
    official = shifted("19909", 0.001)
    replace_boundaries([({"Code": "19909"}, official)], source="thử")
    (old,) = before(["19909"])
    assert not old.approximate
    assert old.geom.equals(official)


def test_bad_rows_are_refused_with_reasons_and_good_ones_taken() -> None:
    good = shifted("19753", 0.001)
    bowtie = Polygon(((107.5, 16.4), (107.6, 16.5), (107.6, 16.4), (107.5, 16.5), (107.5, 16.4)), srid=4326)
    rows = [
        ({"code": "19753"}, good),
        ({"code": "19753"}, good),
        ({"code": "99999"}, good),
        ({}, good),
        ({"code": "19774"}, bowtie),
        ({"code": "19777"}, Point(107.5, 16.4, srid=4326)),
        ({"code": "19789"}, MultiPolygon(Polygon(((0, 0), (1, 0), (1, 1), (0, 0))), srid=4326)),
        ({"code": "19804"}, None),
    ]
    report = replace_boundaries(rows, source="thử")
    assert report.replaced == ["19753"]
    assert [rejection.row for rejection in report.rejected] == [2, 3, 4, 5, 6, 7, 8]
    assert all(rejection.reason.vi and rejection.reason.en for rejection in report.rejected)
    assert today("19774").approximate


def test_nothing_is_written_if_no_row_can_be_taken() -> None:
    earlier = dict(AdminUnit.objects.values_list("fid", "boundary_source"))
    with pytest.raises(BoundariesRefused) as refused:
        replace_boundaries([({"code": "99999"}, shifted("19753", 0))], source="thử")
    assert len(refused.value.report.rejected) == 1
    assert dict(AdminUnit.objects.values_list("fid", "boundary_source")) == earlier


def test_divided_ground_is_neither_lost_nor_given_twice() -> None:
    whole = shapely.box(107.5, 16.4, 107.6, 16.5)
    parts = divide(whole, [shapely.box(107.5, 16.4, 107.53, 16.5), shapely.box(107.54, 16.4, 107.6, 16.45)])
    assert shapely.intersection(*parts).area == pytest.approx(0, abs=1e-12)
    assert shapely.union_all(parts).equals(whole)
    assert parts[0].contains(shapely.Point(107.51, 16.42))
    assert parts[1].contains(shapely.Point(107.58, 16.42))


def test_the_forty_official_boundaries() -> None:
    data = Config.from_env().data
    path = (data or Path()) / "admin_2025" / "hue_wards_2025.geojson"
    if data is None or not path.exists():
        pytest.skip("HUONG_DATA is not set: no official boundaries to import")
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    rows = [(f["properties"], GEOSGeometry(json.dumps(f["geometry"]), srid=4326)) for f in features]
    report = replace_boundaries(rows, source="sapnhap.bando.com.vn")
    assert (len(report.replaced), report.rejected, report.still_approximate) == (40, [], [])
    assert not any(unit.geom.valid is False for unit in AdminUnit.objects.all())
    assert today("19753").full_name == "Phường Phú Xuân"
    assert today("19753").geom.equals_exact(rows[0][1])
