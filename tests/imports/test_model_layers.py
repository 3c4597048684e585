"""Many rows into the model of a layer: by its own rules, as one row at a time would be, and in few statements."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.db import connections
from django.test.utils import CaptureQueriesContext

from gis_core.config import Config
from gis_core.geos import multi_polygon
from imports.run import run_import
from layers.parcels.models import Parcel
from tests.imports.files import feature, geojson, geopackage, request, rows

CITY = "demo"
FIRST_SHEET = 9000


def lots(count: int) -> list[shapely.Polygon]:
    """Lots of 10 m by 12 m side by side in Kim Long, EPSG:9214."""
    return [shapely.box(561000 + 12.5 * n, 1821000.25, 561010 + 12.5 * n, 1821012.25) for n in range(count)]


def parcels_file(file: Path, shapes: list[shapely.Polygon], **columns: Any) -> Path:
    count = len(shapes)
    fields: dict[str, Any] = {
        "sheet": [FIRST_SHEET] * count,
        "number": list(range(1, count + 1)),
        "land_use": ["ODT"] * count,
        **columns,
    }
    return geopackage(file, shapes, fields, crs="EPSG:9214")


@pytest.fixture(autouse=True)
def only_the_demo(city: Config) -> None:
    rows(f"delete from parcels_parcel where sheet >= {FIRST_SHEET} returning 1")


def test_rows_are_what_the_model_would_have_saved_one_by_one(tmp_path: Path, city: Config) -> None:
    """Would fail if a bulk write left out what `save` derives: place, identifier, unit and its name."""
    shapes = lots(3)
    report = run_import(
        request(
            parcels_file(tmp_path / "lo.gpkg", shapes, legal_area_m2=[120.3] * 3),
            layer="parcels",
            mode="append",
            source="Đo 2025",
        )
    )
    assert (report.carried_out, report.written) == (True, 3)
    columns = (
        "legal_area_m2, geom, geom_original, national_id, unit_code, unit_name, area_m2, designation, source"
    )
    imported = rows(f"select {columns} from parcels_parcel where sheet = {FIRST_SHEET} order by number")
    rows(f"delete from parcels_parcel where sheet = {FIRST_SHEET} returning 1")
    for number, shape in enumerate(shapes, start=1):
        one = Parcel(sheet=FIRST_SHEET, number=number, land_use="ODT", source="Đo 2025")
        one.legal_area_m2 = Decimal("120.3")
        one.geom_original = multi_polygon(shape, 9214)
        one.geom = multi_polygon(shapely.box(0, 0, 1, 1), 4326)
        one.full_clean(exclude=["designation", "area_m2", "geom3857"])
        one.save()
    saved = rows(f"select {columns} from parcels_parcel where sheet = {FIRST_SHEET} order by number")
    assert imported == saved
    assert all(row[4] and row[5] for row in saved)


def test_a_model_is_filled_in_few_statements(tmp_path: Path, city: Config) -> None:
    """Would fail if its rules were asked of the database row by row: then 400 rows take thousands."""
    file = parcels_file(tmp_path / "nhieu.gpkg", lots(400))
    with CaptureQueriesContext(connections["default"]) as asked:
        report = run_import(request(file, layer="parcels", mode="append"))
    assert (report.carried_out, report.written) == (True, 400)
    assert len(asked) < 20, [each["sql"][:80] for each in asked]


def test_each_rule_names_its_row_among_good_ones(tmp_path: Path, city: Config) -> None:
    count = 40
    numbers = list(range(1, count + 1))
    numbers[7] = 3  # the number of an earlier row
    scales = [500] * count
    scales[20] = 777  # no scale of a cadastral map: a rule of the database
    uses = ["ODT"] * count
    uses[30] = "XXX"  # not in the list
    file = parcels_file(tmp_path / "luat.gpkg", lots(count), number=numbers, map_scale=scales, land_use=uses)
    report = run_import(request(file, layer="parcels", mode="append", skip_rejected=True))
    assert (report.carried_out, report.written, report.rejected) == (True, count - 3, 3)
    said = {note.row: note.words.en for note in report.rejections}
    assert "9000, 3" in said[8]
    assert "parcels_parcel_map_scale" in said[21]
    assert "“XXX”" in said[31]
    assert rows(f"select count(*) from parcels_parcel where sheet = {FIRST_SHEET}") == [(count - 3,)]


def test_a_camera_gets_its_view_and_a_wrong_one_is_refused_alone(tmp_path: Path, city: Config) -> None:
    good = {"name": "A", "purpose": "traffic", "owner_type": "police", "direction_deg": 90.0, "fov_deg": 60.0}
    file = geojson(
        tmp_path,
        feature(**good, range_m=80.0),
        feature(**{**good, "fov_deg": -5.0}, range_m=80.0),
        feature(**good, range_m=1e300),
        name="may_quay.geojson",
    )
    report = run_import(request(file, layer="cameras", mode="append", skip_rejected=True))
    assert (report.written, sorted(note.row for note in report.rejections)) == (1, [2, 3])
    ((view, unit),) = rows(
        "select st_geometrytype(view), unit_code <> '' from cameras_camera order by created_at desc limit 1"
    )
    assert (view, unit) == ("ST_Polygon", True)
