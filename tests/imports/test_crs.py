"""In which system a file's numbers are: stated, overridden, refused, or doubted aloud."""

from __future__ import annotations

from pathlib import Path

import pyproj
import pytest
import shapely

from gis_core.config import Config
from imports.frames import Opening
from imports.readers.geojson import crs_from
from imports.run import run_import
from imports.source_crs import SourceCrs, choose_crs, warnings
from tests.imports.files import crs_member, feature, geojson, geopackage, point, request, rows

# The check point of Huế: EPSG:4326 -> EPSG:9214 and, wrongly, EPSG:9215, which is 26.7 km off.
HUE = (107.5905, 16.4637)
HUE_9214 = (562855.175, 1820978.806)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("urn:ogc:def:crs:EPSG::9214", "EPSG:9214"),
        ("urn:ogc:def:crs:EPSG:6.9:3405", "EPSG:3405"),
        ("epsg:4326", "EPSG:4326"),
        ("http://www.opengis.net/def/crs/EPSG/0/9214", "EPSG:9214"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84"),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "OGC:CRS84"),
        ("EPSG:9214 or so", ""),
        ("+proj=tmerc", ""),
    ],
)
def test_names_of_systems_in_geojson(words: str, name: str) -> None:
    assert crs_from(words) == name


def where(dataset: str) -> tuple[float, float]:
    return rows(f"select st_x(geom), st_y(geom) from dataset.{dataset}")[0]


def test_vn2000_of_the_file_becomes_degrees(tmp_path: Path, city: Config) -> None:
    file = geojson(tmp_path, feature(point(*HUE_9214)), name="moc.geojson", crs=crs_member("EPSG:9214"))
    report = run_import(request(file))
    assert report.crs == "EPSG:9214"
    assert report.warnings == []
    assert where("moc") == pytest.approx(HUE, abs=1e-8)


def test_crs_that_is_asked_for_overrides_the_file(tmp_path: Path, city: Config) -> None:
    file = geojson(tmp_path, feature(point(*HUE_9214)), name="moc2.geojson")
    run_import(request(file, crs="EPSG:9214"))
    assert where("moc2") == pytest.approx(HUE, abs=1e-8)


def test_zone_of_lang_son_is_doubted(tmp_path: Path, city: Config) -> None:
    file = geopackage(tmp_path / "ls.gpkg", [shapely.Point(HUE_9214)], {"ten": ["a"]}, crs="EPSG:9215")
    report = run_import(request(file))
    assert "26.7 km" in report.warnings[0].en
    lon, lat = where("ls")
    assert pyproj.Geod(ellps="WGS84").inv(*HUE, lon, lat)[2] == pytest.approx(26_700, abs=100)


def test_geopackage_of_a_system_without_a_code_is_found_by_its_definition(
    tmp_path: Path, city: Config
) -> None:
    """QGIS writes such definitions for systems that a user saved under a name of its own."""
    from tests.imports.files import tampered

    file = geopackage(tmp_path / "rieng.gpkg", [shapely.Point(HUE_9214)], {"ten": ["a"]}, crs="EPSG:9214")
    tampered(file, "update gpkg_spatial_ref_sys set organization = 'USER', organization_coordsys_id = 100000"
                   " where srs_id = 9214")  # fmt: skip
    assert run_import(request(file)).crs == "EPSG:9214"


@pytest.mark.parametrize(
    ("srid", "bounds", "words"),
    [
        (4326, (107.5, 16.4, 107.6, 16.5), []),
        (4326, (16.4, 107.5, 16.5, 107.6), ["swapped"]),
        (4326, (1.5, 42.5, 1.6, 42.6), ["outside Vietnam"]),
        (9214, (562000, 1820000, 563000, 1821000), []),
        (9214, (1820000, 562000, 1821000, 563000), ["swapped"]),
        (5897, (562000, 1820000, 563000, 1821000), ["not in Huế's zone"]),
    ],
)
def test_doubts(srid: int, bounds: tuple[float, float, float, float], words: list[str]) -> None:
    said = [w.en for w in warnings(SourceCrs(srid), bounds)]
    assert len(said) == len(words)
    assert all(word in sentence for word, sentence in zip(words, said, strict=True))


def test_refusal_of_metres_as_degrees_names_the_likely_zone() -> None:
    from gis_core.problems import Problem

    with pytest.raises(Problem) as refusal:
        choose_crs(None, Opening("", "OGC:CRS84"), (562000, 1820000, 563000, 1821000))
    assert "--crs EPSG:9214" in refusal.value.detail.vi
    assert "--crs EPSG:9214" in refusal.value.detail.en
