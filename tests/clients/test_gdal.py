"""GDAL's OAPIF driver reads back what was imported, and GDAL's own transformation agrees with the server's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import shapely

from tests.clients.conftest import HEIGHTS, Source, distance
from tests.live_city import LiveCity

CENTIMETRE_DEGREES = 2e-7  # the answer has 7 decimals
MILLIMETRES = 0.002  # the answer has 3 decimals of a metre


def by_gdal(source: str, *options: str, layer: str = "") -> list[dict[str, Any]]:
    """The features of ``source`` as ogr2ogr writes them to GeoJSON."""
    command = ["ogr2ogr", "-f", "GeoJSON", "/vsistdout/", source, *options, *([layer] if layer else [])]
    command += ["-preserve_fid", "-lco", "COORDINATE_PRECISION=12"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    features: list[dict[str, Any]] = json.loads(done.stdout)["features"]
    return features


def shape_of(feature: dict[str, Any]) -> Any:
    return shapely.from_geojson(json.dumps(feature["geometry"]))


def test_the_wards_of_2025_come_back_whole(real_city: LiveCity, wards: Source) -> None:
    features = by_gdal(f"OAPIF:{real_city.url}/ogcapi", layer="admin_units")
    assert len(features) == len(wards.features) == 40
    for feature in features:
        row, shape = wards.features[feature["properties"]["code"]]
        assert feature["properties"]["name"] == row["name"]
        assert feature["properties"]["full_name"] == row["fullName"]
        assert feature["properties"]["approximate"] is False
        assert distance(shape_of(feature), shape) < CENTIMETRE_DEGREES
    assert len({feature["id"] for feature in features}) == 40


def test_every_highway_of_the_extract_comes_back(real_city: LiveCity, data: Path) -> None:
    """Counted by GDAL's own OSM driver from the file, not by our reader."""
    ways = by_gdal(str(data / "osm" / "andorra.osm.pbf"), "-where", "highway is not null", layer="lines")
    features = by_gdal(f"OAPIF:{real_city.url}/ogcapi", layer="roads")
    theirs = {str(way["properties"]["osm_id"]): way for way in ways}
    ours = {str(road["properties"]["osm_id"]): road for road in features}
    assert len(features) == 1615
    assert set(theirs) <= set(ours)
    for osm_id, way in theirs.items():
        assert (ours[osm_id]["properties"]["name"] or None) == way["properties"].get("name")
        assert distance(shape_of(ours[osm_id]), shape_of(way)) < CENTIMETRE_DEGREES


def test_the_sites_come_back_with_the_one_repair(real_city: LiveCity, unesco: Source) -> None:
    features = by_gdal(f"OAPIF:{real_city.url}/ogcapi", layer="unesco_sites")
    assert len(features) == len(unesco.features) == 23
    for feature, (row, shape) in zip(features, unesco.features.values(), strict=True):
        assert feature["properties"]["title"] == row["title"]
        if shapely.is_valid(shape):
            assert distance(shape_of(feature), shape) < CENTIMETRE_DEGREES
        else:
            assert shapely.is_valid(shape_of(feature))


def test_numbers_of_which_the_first_are_whole_stay_numbers(real_city: LiveCity, tmp_path: Path) -> None:
    """GDAL types a field by the first features it sees: would fail if 24.0 were written 24, as 25.5 then becomes 25."""
    read = by_gdal(f"OAPIF:{real_city.url}/ogcapi", layer="so_le")
    assert [f["properties"]["cao"] for f in read] == HEIGHTS
    items = f"{real_city.url}/ogcapi/collections/so_le/items?limit=100"
    for form, source in (("json", "page.geojson"), ("csv", "page.csv"), ("fgb", "page.fgb")):
        with real_city.client() as client:
            (tmp_path / source).write_bytes(client.get(f"{items}&f={form}").content)
    sources = [
        f"OAPIF:{real_city.url}/ogcapi",
        *(str(tmp_path / f"page.{e}") for e in ("geojson", "csv", "fgb")),
    ]
    for source in sources:
        layer = ["so_le"] if source.startswith("OAPIF") else []
        options = ["-oo", "AUTODETECT_TYPE=YES"] if source.endswith(".csv") else []
        command = ["ogrinfo", "-so", "-al", *options, source, *layer]
        told = subprocess.run(command, capture_output=True, text=True, timeout=600).stdout
        assert "cao: Real (" in told and "tang: Integer" in told, told


@pytest.mark.parametrize(
    ("code", "tolerance"), [(9214, MILLIMETRES), (3857, MILLIMETRES), (3405, MILLIMETRES)]
)
def test_projected_coordinates_agree_with_gdal(
    real_city: LiveCity, wards: Source, code: int, tolerance: float
) -> None:
    uri = quote(f"http://www.opengis.net/def/crs/EPSG/0/{code}", safe="")
    url = f"{real_city.url}/ogcapi/collections/admin_units/items?crs={uri}&f=json"
    served = {f["properties"]["code"]: shape_of(f) for f in json.loads(fetched(real_city, url))["features"]}
    source = by_gdal(str(wards.path), "-t_srs", f"EPSG:{code}", "-lco", "RFC7946=NO")
    theirs = {f["properties"]["code"]: shape_of(f) for f in source}
    assert set(served) == set(theirs)
    for ward, shape in theirs.items():
        assert distance(served[ward], shape) < tolerance


def fetched(city: LiveCity, url: str) -> str:
    with city.client() as client:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        return answer.text
