"""Real files, compared with what GDAL reads of them; they come from the folder that HUONG_DATA names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pyogrio.raw
import pytest
import shapely

from gis_core.config import Config
from gis_core.words import nfc
from imports.run import run_import
from tests.imports.files import nothing_of, request, rows

CITY = "demo"
DATA = Path(os.environ.get("HUONG_DATA") or "/nonexistent")
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="HUONG_DATA names no folder of source data; the real files are read from there"
)


def by_gdal(file: Path) -> tuple[list[dict[str, Any]], np.ndarray]:
    meta, _, geometry, columns = pyogrio.raw.read(file)
    records = [dict(zip(meta["fields"], values, strict=True)) for values in zip(*columns, strict=True)]
    return records, shapely.from_wkb(geometry)


def places(sql: str) -> np.ndarray:
    return shapely.from_wkb([bytes(row[0]) for row in rows(sql)])


def test_wards_replace_the_approximate_boundaries(city: Config) -> None:
    file = DATA / "admin_2025" / "hue_wards_2025.geojson"
    records, shapes = by_gdal(file)
    report = run_import(request(file, layer="admin_units", source="sapnhap.bando.com.vn"))
    assert (report.carried_out, report.written, report.rejections) == (True, 40, [])
    units = rows("select boundary_source, approximate, count(*) from citizen.admin_units group by 1, 2")
    assert units == [("sapnhap.bando.com.vn", False, 40)]
    order = np.argsort([record["code"] for record in records])
    stored = rows("select code, full_name, area_km2 from citizen.admin_units order by code")
    assert stored == [(records[i]["code"], records[i]["fullName"], records[i]["areaKm2"]) for i in order]
    found = places("select st_asbinary(geom) from citizen.admin_units order by code")
    assert all(shapely.equals_exact(shapely.normalize(found), shapely.normalize(shapes[order]), 0))


def test_unesco_sites_are_refused_then_repaired(city: Config) -> None:
    file = DATA / "heritage_hue" / "unesco_sites_polygons.geojson"
    records, shapes = by_gdal(file)
    refused = run_import(request(file, dataset="unesco"))
    assert (refused.carried_out, refused.read, [r.row for r in refused.rejections]) == (False, 23, [20])
    assert nothing_of("unesco")
    report = run_import(request(file, dataset="unesco", repair=True, title="Di sản", title_en="Heritage"))
    assert (report.carried_out, report.written, [r.row for r in report.repairs]) == (True, 23, [20])
    stored = rows("select title from citizen.unesco order by fid")
    assert [title for (title,) in stored] == [record["title"] for record in records]
    found = places("select st_asbinary(st_geometryn(geom, 1)) from citizen.unesco order by fid")
    kept = [i for i in range(23) if i != 19]
    assert all(shapely.equals_exact(found[kept], shapes[kept], 0))


def test_parcels_of_a_town_with_three_that_have_no_place(city: Config) -> None:
    file = DATA / "parcels" / "forestcity_parcels_noowner.geojson"
    records, shapes = by_gdal(file)
    refused = run_import(request(file, dataset="thi_tran", repair=True))
    assert (refused.carried_out, refused.rejected) == (False, 3)
    report = run_import(request(file, dataset="thi_tran", skip_rejected=True))
    assert (report.read, report.written, report.rejected) == (7234, 7231, 3)
    kept = [i for i in range(7234) if not shapely.is_empty(shapes[i])]
    stored = rows("select objectid, mbl, pin, physical_a, zoning from citizen.thi_tran order by fid")
    assert stored == [
        tuple(records[i][n] for n in ("OBJECTID", "MBL", "PIN", "Physical_A", "Zoning")) for i in kept
    ]
    found = places("select st_asbinary(geom) from citizen.thi_tran order by fid")
    parts = shapely.get_parts(found) if found[0].geom_type.startswith("Multi") else found
    assert shapely.area(parts).sum() == pytest.approx(shapely.area(shapes[kept]).sum(), rel=1e-12)


def test_andorra_gives_every_way_with_a_highway(city: Config) -> None:
    file = DATA / "osm" / "andorra.osm.pbf"
    ways = {
        thing.id: ([(n.location.lon, n.location.lat) for n in thing.nodes], dict(thing.tags))
        for thing in osmium.FileProcessor(str(file)).with_locations()
        if thing.is_way() and "highway" in thing.tags
    }
    assert len(ways) == 1615
    report = run_import(request(file, layer="roads", mode="replace"))
    assert (report.carried_out, report.written) == (True, 1615)
    stored = rows(
        "select osm_id, name, st_asbinary(st_geometryn(geom, 1)) from citizen.roads order by osm_id"
    )
    assert [row[0] for row in stored] == sorted(ways)
    for osm_id, name, wkb in stored:
        line, tags = ways[osm_id]
        assert np.array_equal(shapely.get_coordinates(shapely.from_wkb(bytes(wkb))), np.array(line))
        assert name == nfc(tags.get("name:vi") or tags.get("name", ""))


def test_facilities_are_points_of_andorra(city: Config) -> None:
    file = DATA / "osm" / "andorra.osm.pbf"
    report = run_import(request(file, layer="facilities", mode="replace"))
    assert report.carried_out
    assert report.written == report.read > 100
    kinds = dict(rows("select osm_type, count(*) from citizen.facilities group by 1"))
    assert set(kinds) == {"node", "way", "relation"} or set(kinds) == {"node", "way"}
    west, south, east, north = rows("select st_xmin(e), st_ymin(e), st_xmax(e), st_ymax(e)"
                                    " from (select st_extent(geom) e from citizen.facilities) q")[0]  # fmt: skip
    assert 1.3 < west < east < 1.9
    assert 42.4 < south < north < 42.7


def test_gzipped_xml_is_read_too(city: Config) -> None:
    report = run_import(
        request(DATA / "osm" / "north-bayreuth.osm.gz", layer="roads", mode="append", skip_rejected=True)
    )
    assert report.carried_out
    assert report.written > 1000
    assert report.rejected == 0 or all("not in the file" in r.words.en for r in report.rejections)


@pytest.mark.parametrize(
    "name",
    [
        "heritage_hue/hue_french_buildings_osm",
        "heritage_hue/lagoon_outline_tam_giang",
        "parcels/forestcity_zoning_4326",
    ],
)
def test_geopackage_of_gdal_reads_as_the_geojson_did(name: str, tmp_path: Path, city: Config) -> None:
    """The same file through both readers: what GDAL writes as GeoPackage is what we read of the GeoJSON."""
    source = DATA / f"{name}.geojson"
    copy = tmp_path / "ban_sao.gpkg"
    meta, _, geometry, columns = pyogrio.raw.read(source)
    names = [name if name != "fid" else "fid_cu" for name in meta["fields"]]
    pyogrio.raw.write(copy, geometry, columns, names, driver="GPKG", geometry_type="Unknown", crs="EPSG:4326")
    key = source.stem[:30]
    options: dict[str, Any] = {"skip_rejected": True, "repair": True}
    first = run_import(request(source, dataset=f"{key}_a", **options))
    second = run_import(request(copy, dataset=f"{key}_b", **options))
    assert first.written == second.written
    a, b = (places(f"select st_asbinary(geom) from dataset.{key}_{x} order by fid") for x in "ab")
    assert all(shapely.equals_exact(a, b, 0))
