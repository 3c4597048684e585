"""Capabilities and schemas: what they say, to whom, in which version."""

from __future__ import annotations

import pytest
from lxml import etree

from gis_core.config import Config
from gis_core.reading import registry
from tests.acceptance.asking import Call, citizen, person, staff
from tests.ogc_api.wfs.asking import OWS, WFS, ask, exception_of, get_feature, root_of

CITY = "demo"
XSD = "{http://www.w3.org/2001/XMLSchema}"


def names(reply_root: object, version: str = "2.0.0") -> list[str]:
    return [name.text for name in reply_root.iter(f"{{{WFS[version]}}}Name")]  # type: ignore[attr-defined]


@pytest.mark.parametrize("version", ["2.0.0", "1.1.0"])
@pytest.mark.parametrize("audience", ["citizen", "officer", "operations", "land"])
def test_the_types_are_the_collections_of_the_caller(city: Config, version: str, audience: str) -> None:
    """A layer of another audience would show here first."""
    who = person(audience)
    listed = [each["id"] for each in who.get("/ogcapi/collections").json["collections"]]
    found = names(root_of(ask(who, version=version, REQUEST="GetCapabilities")), version)
    assert [name.removeprefix("huong:") for name in found] == listed
    assert len(listed) > 5


@pytest.mark.parametrize("version", ["2.0.0", "1.1.0"])
def test_every_type_has_its_place_and_every_crs(city: Config, version: str) -> None:
    root = root_of(ask(version=version, REQUEST="GetCapabilities"))
    other = "OtherCRS" if version == "2.0.0" else "OtherSRS"
    default = "DefaultCRS" if version == "2.0.0" else "DefaultSRS"
    for type_ in root.iter(f"{{{WFS[version]}}}FeatureType"):
        named = [e.text for e in type_.iter(f"{{{WFS[version]}}}{default}", f"{{{WFS[version]}}}{other}")]
        assert sorted(named) == sorted(
            ["urn:ogc:def:crs:OGC:1.3:CRS84"]
            + [f"urn:ogc:def:crs:EPSG::{code}" for code in (4326, 3857, 9214, 3405, 3406)]
        )
        lower = type_.find(f".//{{{OWS[version]}}}LowerCorner").text.split()
        upper = type_.find(f".//{{{OWS[version]}}}UpperCorner").text.split()
        assert float(lower[0]) <= float(upper[0]) and float(lower[1]) <= float(upper[1])


def test_cadastre_is_given_as_surveyed_to_whom_it_is_shown_exactly(city: Config) -> None:
    """In degrees a surveyed point would be moved by a centimetre."""
    root = root_of(ask(staff("land"), REQUEST="GetCapabilities"))
    by_name = dict(zip(names(root), root.iter(f"{{{WFS['2.0.0']}}}DefaultCRS"), strict=True))
    assert by_name["huong:parcels"].text == "urn:ogc:def:crs:EPSG::9214"
    assert by_name["huong:roads"].text == "urn:ogc:def:crs:EPSG::4326"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ({"VERSION": None}, "2.0.0"),
        ({"VERSION": "2.0.2"}, "2.0.0"),
        ({"VERSION": "1.1.0"}, "1.1.0"),
        ({"VERSION": "1.0.0"}, "1.1.0"),
        ({"VERSION": "3.0.0"}, "2.0.0"),
        ({"VERSION": None, "ACCEPTVERSIONS": "1.1.0,2.0.0"}, "1.1.0"),
        ({"VERSION": None, "AcceptVersions": "9.9.9,2.0.0"}, "2.0.0"),
    ],
)
def test_the_version_is_negotiated(city: Config, asked: dict[str, str | None], given: str) -> None:
    pairs = {"SERVICE": "WFS", "REQUEST": "GetCapabilities", **asked}
    query = "&".join(f"{key}={value}" for key, value in pairs.items() if value)
    root = root_of(citizen().get(f"/wfs?{query}"))
    assert root.get("version") == given and root.tag.startswith(f"{{{WFS[given]}}}")


def test_versions_that_nobody_speaks_are_refused(city: Config) -> None:
    reply = ask(REQUEST="GetCapabilities", ACCEPTVERSIONS="3.0.0,0.9")
    assert (reply.status, exception_of(reply)[:2]) == (400, ("VersionNegotiationFailed", None))


def test_sections_leave_the_rest_out(city: Config) -> None:
    root = root_of(ask(REQUEST="GetCapabilities", SECTIONS="FeatureTypeList"))
    assert [etree.QName(child).localname for child in root] == ["FeatureTypeList"]


def test_capabilities_are_small_and_asked_for_once(city: Config) -> None:
    reply = ask(REQUEST="GetCapabilities")
    types = len(names(root_of(reply)))
    assert len(reply.body) / types * 60 < 300_000
    headers = {"If-None-Match": reply.headers["ETag"], "Accept-Language": "vi"}
    again = citizen().ask(Call("/wfs?SERVICE=WFS&VERSION=2.0.0&REQUEST=GetCapabilities", headers=headers))
    assert (again.status, again.body) == (304, b"")


def test_capabilities_speak_the_reader_s_language(city: Config) -> None:
    vi, en = (ask(REQUEST="GetCapabilities", language=language).body.decode() for language in ("vi", "en"))
    assert "Đường" in vi and "Roads" in en and vi != en


@pytest.mark.parametrize("audience", ["citizen", "operations"])
def test_a_schema_has_the_fields_of_the_audience_and_no_others(city: Config, audience: str) -> None:
    who = person(audience)
    for published in registry().current().seen_by(who.caller):
        layer = published.layer
        if not layer.listed:
            continue
        root = root_of(ask(who, REQUEST="DescribeFeatureType", TYPENAMES=f"huong:{layer.id}"))
        (sequence,) = root.iter(f"{XSD}sequence")
        declared = [element.get("name") for element in sequence.iterfind(f"{XSD}element")]
        assert declared == [*(field.name for field in layer.fields_for(who.caller.audience)), "geom"]


def test_features_have_the_elements_of_their_schema_in_its_order(city: Config) -> None:
    """XML Schema's sequences are in order: a client that validates would refuse all else."""
    for layer in ("roads", "reports", "parcels", "planning_zones"):
        schema = root_of(ask(REQUEST="DescribeFeatureType", TYPENAMES=layer))
        order = [element.get("name") for element in schema.iter(f"{XSD}element")][1:]
        for member in root_of(get_feature(layer, COUNT=50)):
            written = [etree.QName(child).localname for child in member[0]]
            assert written == sorted(written, key=order.index) and written


def test_a_schema_of_all_types_is_one_document(city: Config) -> None:
    root = root_of(ask(REQUEST="DescribeFeatureType"))
    listed = [each["id"] for each in citizen().get("/ogcapi/collections").json["collections"]]
    assert [element.get("name") for element in root.findall(f"{XSD}element")] == listed


def test_the_stored_query_is_listed_and_described(city: Config) -> None:
    for operation in ("ListStoredQueries", "DescribeStoredQueries"):
        root = root_of(ask(REQUEST=operation))
        assert root[0].get("id") == "urn:ogc:def:query:OGC-WFS::GetFeatureById"
