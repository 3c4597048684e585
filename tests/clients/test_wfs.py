"""WFS as old clients read it: GDAL, OWSLib and Debian's QGIS 3.22 find the features and coordinates of the OGC API."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import quote

import pytest
import shapely
from lxml import etree
from owslib.fes2 import PropertyIsLike
from owslib.wfs import WebFeatureService

from tests.clients.conftest import Source, distance
from tests.clients.installed_qgis import said_by_qgis
from tests.clients.test_gdal import CENTIMETRE_DEGREES, by_gdal, shape_of
from tests.live_city import LiveCity

# A thousandth of a metre, or ten millionths of a degree: the last digit of the answers.
LAST_DIGIT = {4326: 1.1e-7, 3857: 0.0011, 9214: 0.0011}
LAYERS = ("admin_units", "unesco_sites", "roads")
FULL = os.environ.get("HUONG_TEST_FULL") == "1"
PATIENCE_S = 600  # a bound for a test that is broken, on a machine that is busy with others too


def by_items(city: LiveCity, layer: str, code: int) -> dict[int, Any]:
    """The shapes of the OGC API, x before y, by id."""
    uri = "http://www.opengis.net/def/crs/" + ("OGC/1.3/CRS84" if code == 4326 else f"EPSG/0/{code}")
    with city.client() as client:
        answer = client.get(f"/ogcapi/collections/{layer}/items?limit=10000&crs={quote(uri, safe='')}")
    assert answer.status_code == 200, answer.text
    return {f["id"]: shape_of(f) for f in answer.json()["features"]}


def number_of(gml_id: str) -> int:
    return int(gml_id.rpartition(".")[2])


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("version", ["2.0.0", "1.1.0"])
def test_gdal_reads_every_feature_where_the_items_have_it(
    real_city: LiveCity, layer: str, version: str
) -> None:
    source = f"WFS:{real_city.url}/wfs?VERSION={version}"
    features = by_gdal(source, layer=f"huong:{layer}")
    theirs = by_items(real_city, layer, 4326)
    found = {number_of(f["properties"]["gml_id"]): shape_of(f) for f in features}
    assert (
        set(found) == set(theirs)
        and len(found) == {"admin_units": 40, "unesco_sites": 23, "roads": 1615}[layer]
    )
    for fid, shape in found.items():
        assert distance(shape, theirs[fid]) < LAST_DIGIT[4326]


@pytest.mark.parametrize("code", [3857, 9214])
def test_gdal_reads_projected_coordinates(real_city: LiveCity, code: int) -> None:
    """Through the CRS that GDAL itself asks for, with the order of axes that it takes the name for."""
    source = f"WFS:{real_city.url}/wfs?SRSNAME=urn:ogc:def:crs:EPSG::{code}"
    found = by_gdal(source, "-lco", "RFC7946=NO", layer="huong:admin_units")
    theirs = by_items(real_city, "admin_units", code)
    assert {number_of(f["properties"]["gml_id"]) for f in found} == set(theirs)
    for feature in found:
        fid = number_of(feature["properties"]["gml_id"])
        assert distance(shape_of(feature), theirs[fid]) < LAST_DIGIT[code]


def test_gdal_s_filters_are_answered_here(real_city: LiveCity, wards: Source) -> None:
    """GDAL writes -where and -spat as a filter of FES 2.0; it would read all features where it was refused."""
    source = f"WFS:{real_city.url}/wfs"
    (ward,) = by_gdal(source, "-where", "name = 'Kim Long'", layer="huong:admin_units")
    assert distance(shape_of(ward), wards.features[ward["properties"]["code"]][1]) < CENTIMETRE_DEGREES
    box = ("107.55", "16.44", "107.60", "16.48")
    found = by_gdal(source, "-spat", *box, layer="huong:admin_units")
    with real_city.client() as client:
        items = client.get(f"/ogcapi/collections/admin_units/items?bbox={','.join(box)}").json()
    assert {number_of(f["properties"]["gml_id"]) for f in found} == {f["id"] for f in items["features"]}
    assert 0 < len(found) < 40


def test_owslib_pages_filters_and_follows(real_city: LiveCity, wards: Source) -> None:
    service = WebFeatureService(f"{real_city.url}/wfs", version="2.0.0")
    assert set(LAYERS) <= {name.removeprefix("huong:") for name in service.contents}
    assert service.get_schema("huong:admin_units")["properties"]["area_km2"] == "double"
    seen: dict[str, Any] = {}
    for start in range(0, 42, 7):
        page = service.getfeature(
            typename=["huong:admin_units"], startindex=start, maxfeatures=7, outputFormat="application/json"
        )
        answer = json.loads(page.read())
        assert answer["numberMatched"] == 40
        seen |= {f["properties"]["code"]: f for f in answer["features"]}
    assert set(seen) == set(wards.features)
    for code, feature in seen.items():
        assert distance(shape_of(feature), wards.features[code][1]) < CENTIMETRE_DEGREES
    like = PropertyIsLike(propertyname="name", literal="Kim*", wildCard="*", singleChar=".", escapeChar="!")
    text = etree.tostring(like.toXML(), encoding="unicode")
    filter_ = f'<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0">{text}</fes:Filter>'
    answer = service.getfeature(
        typename=["huong:admin_units"], filter=filter_, method="Post", outputFormat="application/json"
    )
    names = {f["properties"]["name"] for f in json.loads(answer.read())["features"]}
    assert "Kim Long" in names and all(name.startswith("Kim") for name in names)


def test_owslib_s_stored_query_and_box(real_city: LiveCity) -> None:
    service = WebFeatureService(f"{real_city.url}/wfs", version="2.0.0")
    assert [query.id for query in service.storedqueries] == ["urn:ogc:def:query:OGC-WFS::GetFeatureById"]
    some = next(iter(by_items(real_city, "roads", 4326)))
    answer = service.getfeature(
        storedQueryID="urn:ogc:def:query:OGC-WFS::GetFeatureById", storedQueryParams={"ID": f"roads.{some}"}
    )
    root = etree.fromstring(answer.read())
    assert root.get("{http://www.opengis.net/gml/3.2}id") == f"roads.{some}"
    box = (107.55, 16.44, 107.60, 16.48, "urn:ogc:def:crs:EPSG::4326")  # OWSLib turns the axes itself
    answer = service.getfeature(typename=["huong:admin_units"], bbox=box, outputFormat="application/json")
    with real_city.client() as client:
        items = client.get(f"/ogcapi/collections/admin_units/items?bbox={','.join(map(str, box[:4]))}").json()
    found = {f["id"] for f in json.loads(answer.read())["features"]}
    assert found == {f["id"] for f in items["features"]} != set()


def readings() -> list[tuple[str, str, int]]:
    """Version, layer and code: each two of them together, all together in full."""
    return [
        (version, layer, code)
        for turn, version in enumerate(("2.0.0", "1.1.0"))
        for row, layer in enumerate(LAYERS)
        for column, code in enumerate(LAST_DIGIT)
        if FULL or (turn + row + column) % 2 == 0
    ]


@pytest.fixture(scope="module")
def read_by_qgis(real_city: LiveCity) -> dict[str, Any]:
    """What QGIS reads of each layer, by version and code."""
    asked = [f"{version} {layer} {code}" for version, layer, code in readings()]
    found: dict[str, Any] = said_by_qgis(
        "qgis_read_wfs.py", f"{real_city.url}/wfs", *asked, patience_s=PATIENCE_S
    )
    return found


@pytest.mark.parametrize(("version", "layer", "code"), readings())
def test_qgis_reads_every_feature_where_the_items_have_it(
    real_city: LiveCity, read_by_qgis: dict[str, Any], layer: str, version: str, code: int
) -> None:
    read = read_by_qgis[f"{version} {layer} {code}"]
    theirs = by_items(real_city, layer, code)
    assert (read["valid"], read["crs"], read["count"]) == (True, f"EPSG:{code}", len(theirs))
    assert len(read["rows"]) == len(theirs)
    for wkt, shape in zip(read["rows"], theirs.values(), strict=True):
        assert distance(shapely.from_wkt(wkt), shape) < LAST_DIGIT[code]


def test_qgis_pushes_its_filter_and_reads_the_fields(read_by_qgis: dict[str, Any]) -> None:
    assert read_by_qgis["filtered"] == ["Kim Long"]
    fields = read_by_qgis["2.0.0 admin_units 4326"]["fields"]
    assert {"code": "QString", "area_km2": "double", "population": "qlonglong"}.items() <= fields.items()
