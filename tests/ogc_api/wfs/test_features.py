"""GetFeature against the OGC API: the same features, the same coordinates, page by page, in every form of CRS."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gis_core.config import Config
from tests.acceptance.asking import citizen, staff
from tests.ogc_api.wfs.asking import (
    LAYERS,
    ask,
    exception_of,
    feature_of,
    features_of,
    flat,
    get_feature,
    items,
    post,
    root_of,
)

CITY = "demo"
OPENGIS = "http://www.opengis.net/def/crs"
# What is asked for, what the OGC API calls it, and whether this form turns the authority's axes to x, y.
FORMS = [
    (f"{form}{code}", f"{OPENGIS}/EPSG/0/{code}", x_first and code == 4326)
    for code in (4326, 3857, 9214, 3405, 3406)
    for form, x_first in (
        ("urn:ogc:def:crs:EPSG::", False),
        ("urn:ogc:def:crs:EPSG:9.9:", False),
        (f"{OPENGIS}/EPSG/0/", False),
        ("EPSG:", True),
        ("http://www.opengis.net/gml/srs/epsg.xml#", True),
    )
] + [
    (name, f"{OPENGIS}/OGC/1.3/CRS84", False)
    for name in (
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        f"{OPENGIS}/OGC/1.3/CRS84",
        "CRS:84",
    )
]


@pytest.mark.parametrize("layer", ["sensors", "roads", "admin_units", "reports", "planning_zones"])
@pytest.mark.parametrize("version", ["2.0.0", "1.1.0"])
def test_every_feature_of_the_items_with_its_values_and_coordinates(
    city: Config, layer: str, version: str
) -> None:
    expected = {f["id"]: f for f in items(layer, crs=f"{OPENGIS}/EPSG/0/4326")}
    found = features_of(get_feature(layer, version=version, COUNT=10000), version)
    assert [feature.fid for feature in found] == list(expected)
    for feature in found:
        theirs = expected[feature.fid]
        assert feature.numbers == flat(theirs["geometry"]["coordinates"])
        assert feature.srs == "urn:ogc:def:crs:EPSG::4326"
        values = {k: v for k, v in theirs["properties"].items() if v is not None and k != "version"}
        assert feature.values == {key: written(value) for key, value in values.items()}


def written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("name", "uri", "turned"), FORMS, ids=[name for name, _, _ in FORMS])
def test_each_form_of_a_crs_has_its_own_order_of_axes(
    city: Config, name: str, uri: str, turned: bool
) -> None:
    """EPSG:4326 by URN has latitude first, by its short name longitude: mixed up, Huế lies in Antarctica."""
    theirs = items("sensors", crs=uri)
    found = features_of(get_feature("sensors", SRSNAME=name))
    assert len(found) == len(theirs) > 10
    for feature, item in zip(found, theirs, strict=True):
        numbers = flat(item["geometry"]["coordinates"])
        assert feature.numbers == (numbers[::-1] if turned else numbers)
        assert feature.srs == name


@pytest.mark.parametrize(("name", "uri", "turned"), FORMS, ids=[name for name, _, _ in FORMS])
def test_a_box_is_read_in_the_order_of_its_crs(city: Config, name: str, uri: str, turned: bool) -> None:
    west, south, east, north = 107.55, 16.44, 107.60, 16.48
    corners = box_in(uri, turned, (west, south, east, north))
    wanted = {f["id"] for f in items("sensors", bbox=corners[1], **{"bbox-crs": uri})}
    found = {f.fid for f in features_of(get_feature("sensors", BBOX=f"{corners[0]},{name}"))}
    by_srs = {f.fid for f in features_of(get_feature("sensors", BBOX=corners[0], SRSNAME=name))}
    assert found == by_srs == wanted
    assert 0 < len(wanted) < len(items("sensors"))


def box_in(uri: str, turned: bool, box: tuple[float, float, float, float]) -> tuple[str, str]:
    """A lon/lat box as this form of the name and as the OGC API write it."""
    from pyproj import Transformer

    from gis_core.crs import crs_by_uri

    crs = crs_by_uri(uri)
    west, south, east, north = Transformer.from_crs(4326, crs.srid, always_xy=True).transform_bounds(*box)
    by_authority = (south, west, north, east) if crs.flipped else (west, south, east, north)
    here = (west, south, east, north) if turned else by_authority
    return ",".join(map(str, here)), ",".join(map(str, by_authority))


def test_cadastre_comes_from_the_survey_and_not_through_degrees(city: Config) -> None:
    who = staff("land")
    theirs = {f["id"]: f for f in items("parcels", who, crs=f"{OPENGIS}/EPSG/0/9214")}
    found = features_of(get_feature("parcels", who, COUNT=10000))
    assert {f.fid for f in found} == set(theirs) and len(found) > 1000
    for feature in found:
        assert feature.numbers == flat(theirs[feature.fid]["geometry"]["coordinates"])
        assert feature.srs == "urn:ogc:def:crs:EPSG::9214"


def test_ids_of_geometries_are_each_there_once(city: Config) -> None:
    """An id twice makes the whole document invalid XML Schema."""
    for layer in ("admin_units", "roads", "sensors"):
        ids = re.findall(rb'gml:id="([^"]*)"', get_feature(layer, COUNT=10000).body)
        assert len(ids) == len(set(ids)) > 10


def test_pages_follow_each_other_to_the_end_and_back(city: Config) -> None:
    reply, seen, pages = get_feature("facilities", COUNT=100), [], []
    while True:
        root = root_of(reply)
        seen += [feature.fid for feature in features_of(reply)]
        pages.append(root.get("previous"))
        assert (root.get("numberMatched"), root.get("numberReturned")) == (
            str(len(items("facilities"))),
            str(len(root)),
        )
        if root.get("next") is None:
            break
        reply = citizen().get(path_of(root.get("next")))
    assert seen == [f["id"] for f in items("facilities")] and len(pages) > 3
    assert pages[0] is None and all(pages[1:])
    back = features_of(citizen().get(path_of(pages[2])))
    assert [f.fid for f in back] == seen[100:200]


def path_of(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def test_a_posted_query_has_a_next_page_that_can_be_got(city: Config) -> None:
    body = (
        '<wfs:GetFeature xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:fes="http://www.opengis.net/fes/2.0"'
        f' xmlns:huong="{LAYERS}" service="WFS" version="2.0.0" count="7"><wfs:Query typeNames="huong:facilities"'
        ' srsName="urn:ogc:def:crs:EPSG::3857"><wfs:PropertyName>huong:name</wfs:PropertyName><fes:Filter>'
        "<fes:PropertyIsEqualTo><fes:ValueReference>huong:kind</fes:ValueReference><fes:Literal>committee"
        "</fes:Literal></fes:PropertyIsEqualTo></fes:Filter><fes:SortBy><fes:SortProperty><fes:ValueReference>"
        "name</fes:ValueReference><fes:SortOrder>DESC</fes:SortOrder></fes:SortProperty></fes:SortBy>"
        "</wfs:Query></wfs:GetFeature>"
    )
    reply, seen = post(body), []
    while True:
        seen += features_of(reply)
        following = root_of(reply).get("next")
        if following is None:
            break
        reply = citizen().get(path_of(following))
    theirs = items("facilities", kind="committee", sortby="-name", crs=f"{OPENGIS}/EPSG/0/3857")
    assert [f.fid for f in seen] == [f["id"] for f in theirs] and len(seen) > 14
    assert all(set(f.values) == {"name"} and not f.numbers for f in seen)


def test_a_form_is_a_query_too(city: Config) -> None:
    form = "service=wfs&version=2.0.0&request=getfeature&typenames=sensors&count=3"
    assert len(features_of(post(form, media_type="application/x-www-form-urlencoded"))) == 3


@pytest.mark.parametrize("version", ["2.0.0", "1.1.0"])
def test_hits_are_the_number_alone(city: Config, version: str) -> None:
    root = root_of(get_feature("roads", version=version, RESULTTYPE="hits"))
    assert len(root) == 0
    assert int(root.get("numberMatched") or root.get("numberOfFeatures")) == len(items("roads"))


def test_an_old_client_that_cannot_page_gets_everything(city: Config) -> None:
    """1.1.0 has no pages: a thousand of 1,500 parcels would look like all of them."""
    assert len(features_of(get_feature("parcels", version="1.1.0"), "1.1.0")) == len(items("parcels")) > 1000
    assert len(features_of(get_feature("parcels"))) == 1000


def test_geojson_is_the_geojson_of_the_items(city: Config) -> None:
    for name in ("application/json", "geojson", "application/geo+json"):
        answer = get_feature("roads", OUTPUTFORMAT=name, COUNT=10000)
        assert answer.headers["Content-Type"] == "application/geo+json"
        assert answer.json["features"] == items("roads") and "crs" not in answer.json


def test_geojson_in_another_crs_says_so_and_has_x_first(city: Config) -> None:
    answer = get_feature("sensors", OUTPUTFORMAT="json", SRSNAME="urn:ogc:def:crs:EPSG::9214").json
    assert answer["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::9214"
    theirs = items("sensors", crs=f"{OPENGIS}/EPSG/0/9214")
    assert [f["geometry"] for f in answer["features"]] == [f["geometry"] for f in theirs]
    by_urn = get_feature("sensors", OUTPUTFORMAT="json", SRSNAME="urn:ogc:def:crs:EPSG::4326").json
    assert [f["geometry"] for f in by_urn["features"]] == [f["geometry"] for f in items("sensors")]


def test_a_feature_by_its_id(city: Config) -> None:
    some = items("roads", crs=f"{OPENGIS}/EPSG/0/4326")[3]
    query = {"STOREDQUERY_ID": "urn:ogc:def:query:OGC-WFS::GetFeatureById", "ID": f"roads.{some['id']}"}
    root = root_of(ask(REQUEST="GetFeature", **query))
    assert root.tag == f"{{{LAYERS}}}roads"
    assert feature_of(root).numbers == flat(some["geometry"]["coordinates"])


def test_features_by_their_ids(city: Config) -> None:
    ids = [f["id"] for f in items("roads")[3:6]]
    listed = ",".join(f"roads.{id_}" for id_ in ids)
    for parameters in (
        {"RESOURCEID": listed},
        {"FEATUREID": listed},
        {"RESOURCEID": listed, "TYPENAMES": "roads"},
    ):
        assert [f.fid for f in features_of(ask(REQUEST="GetFeature", **parameters))] == ids


@pytest.mark.parametrize(
    "id_", ["roads.4503599627370001", "roads.0x1", "roads", "camera_views.1", "nope.1", "a" * 300]
)
def test_no_feature_is_not_found(city: Config, id_: str) -> None:
    reply = ask(REQUEST="GetFeature", STOREDQUERY_ID="urn:ogc:def:query:OGC-WFS::GetFeatureById", ID=id_)
    assert (reply.status, exception_of(reply)[:2]) == (404, ("NotFound", "ID"))


def test_the_values_of_one_property(city: Config) -> None:
    root = root_of(ask(REQUEST="GetPropertyValue", TYPENAMES="roads", VALUEREFERENCE="huong:lanes"))
    theirs = [f["properties"]["lanes"] for f in items("roads", filter="lanes IS NOT NULL")]
    assert [int(member[0].text) for member in root] == theirs[:1000] and theirs
    assert root.get("numberMatched") == str(len(theirs))


def test_letters_that_xml_minds_come_through(city: Config) -> None:
    """A control character in one report would make the whole layer unreadable to every client."""
    import psycopg

    words = "a<b> & \"c\" 'd' ]]> \x01\x1f Huế\t\uffff."
    with psycopg.connect(**city.connection("owner"), autocommit=True) as owner:
        fid = owner.execute("select min(fid) from citizen.reports").fetchone()[0]
        owner.execute("update reports_report set description = %s where fid = %s", [words, fid])
    (feature,) = features_of(ask(REQUEST="GetFeature", RESOURCEID=f"reports.{fid}"))
    assert feature.values["description"] == "a<b> & \"c\" 'd' ]]>  Huế\t."
