"""WMS of both versions: how everything absurd is refused, and what is no request of a version."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from lxml import etree

from tests.tilesrv.marks import (
    BLUE,
    client,
    image_of,
    marked,
)
from tests.tilesrv.wms_queries import code_of, colours_of, info_query, map_query

__all__ = ["client", "marked"]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown layer": ({"layers": "nope"}, "LayerNotDefined"),
    "a hidden character in a layer": ({"layers": "a\x00b"}, "LayerNotDefined"),
    "no layer": ({"layers": ""}, "MissingParameterValue"),
    "too many layers": ({"layers": ",".join(["test_marks"] * 21)}, "InvalidParameterValue"),
    "an unknown style": ({"styles": "nope"}, "StyleNotDefined"),
    "a style too many": ({"styles": "default,default"}, "StyleNotDefined"),
    "an unknown CRS": ({"crs": "EPSG:27700"}, "InvalidCRS"),
    "no CRS": ({"crs": None}, "MissingParameterValue"),
    "an unknown format": ({"format": "image/tiff"}, "InvalidFormat"),
    "no box": ({"bbox": None}, "MissingParameterValue"),
    "three numbers": ({"bbox": "1,2,3"}, "InvalidParameterValue"),
    "no numbers": ({"bbox": "a,b,c,d"}, "InvalidParameterValue"),
    "not a number": ({"bbox": "nan,1,2,3"}, "InvalidParameterValue"),
    "no end": ({"bbox": "-inf,1,inf,3"}, "InvalidParameterValue"),
    "an inverted box": ({"bbox": "10,10,0,0"}, "InvalidParameterValue"),
    "an empty box": ({"bbox": "10,10,10,20"}, "InvalidParameterValue"),
    "an absurd box": ({"bbox": "-1e99,-1e99,1e99,1e99"}, "InvalidParameterValue"),
    "100,000 px": ({"width": 100_000}, "InvalidParameterValue"),
    "no px": ({"width": 0}, "InvalidParameterValue"),
    "half a px": ({"height": "1.5"}, "InvalidParameterValue"),
    "digits of another script": ({"height": "٣٠٠"}, "InvalidParameterValue"),
    "an impossible time": ({"time": "2025-02-30"}, "InvalidDimensionValue"),
    "a list of times": ({"time": "2025-01-01,2025-02-01"}, "InvalidDimensionValue"),
    "a time that runs backwards": ({"time": "2025-02-01/2025-01-01"}, "InvalidDimensionValue"),
    "an unknown transparency": ({"transparent": "maybe"}, "InvalidParameterValue"),
    "a colour of no kind": ({"bgcolor": "mauve"}, "InvalidParameterValue"),
    "a style of the client's": ({"sld": "http://127.0.0.1/x.sld"}, "OperationNotSupported"),
    "a style in the request": ({"sld_body": "<StyledLayerDescriptor/>"}, "OperationNotSupported"),
    "a filter of GeoServer's": ({"cql_filter": "kind='a'"}, "InvalidParameterValue"),
    "a filter of FES": ({"filter": "<Filter/>"}, "InvalidParameterValue"),
    "features by their ids": ({"featureId": "test_marks.1"}, "InvalidParameterValue"),
    "parameters of a view": ({"viewParams": "low:1"}, "InvalidParameterValue"),
    "an unknown operation": ({"request": "GetStyles"}, "OperationNotSupported"),
    "what only SLD has": ({"request": "DescribeLayer", "sld_version": "1.1.0"}, "OperationNotSupported"),
    "no operation": ({"request": None}, "MissingParameterValue"),
    "another service": ({"service": "WFS"}, "InvalidParameterValue"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_map_is_refused_by_the_standards_exception(client: httpx.Client, fault: str) -> None:
    """Fast, in both languages, never a 500; in both versions."""
    changes, code = REFUSED[fault]
    size = {name: changes[name] for name in ("width", "height") if name in changes}
    for version in ("1.3.0", "1.1.1"):
        own = {
            "srs" if name == "crs" and version == "1.1.1" else name: value for name, value in changes.items()
        }
        own = {name: value for name, value in own.items() if name not in size}
        query = {
            name: v for name, v in {**map_query(version=version), **own, **size}.items() if v is not None
        }
        answer = client.get("/wms", params=query)
        wanted = "InvalidSRS" if code == "InvalidCRS" and version == "1.1.1" else code
        assert answer.status_code == 200
        assert code_of(answer, version) == wanted


def test_an_unknown_version_is_refused(client: httpx.Client) -> None:
    assert code_of(client.get("/wms", params=map_query() | {"version": "7.7.7"})) == "InvalidParameterValue"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"i": 201}, "InvalidPoint"),
        ({"j": -1}, "InvalidPoint"),
        ({"i": "x"}, "InvalidPoint"),
        ({"i": None}, "MissingParameterValue"),
        ({"query_layers": "nope"}, "LayerNotDefined"),
        ({"query_layers": "test_areas"}, "LayerNotDefined"),
        ({"layers": "basemap", "query_layers": "basemap"}, "LayerNotQueryable"),
        ({"info_format": "application/zip"}, "InvalidFormat"),
        ({"feature_count": "0"}, "InvalidParameterValue"),
        ({"exceptions": "INIMAGE", "info_format": "x"}, "InvalidFormat"),
        ({"CQL_FILTER": "kind='a'"}, "InvalidParameterValue"),
    ],
)
def test_a_question_is_refused_by_the_standards_exception(
    client: httpx.Client, changes: dict[str, Any], code: str
) -> None:
    assert code_of(client.get("/wms", params=info_query(**changes))) == code


def test_update_sequences(client: httpx.Client) -> None:
    query = {"service": "WMS", "request": "GetCapabilities"}
    current = int(etree.fromstring(client.get("/wms", params=query).content).get("updateSequence"))
    assert (
        code_of(client.get("/wms", params=query | {"updatesequence": str(current)}))
        == "CurrentUpdateSequence"
    )
    assert (
        code_of(client.get("/wms", params=query | {"updatesequence": str(current + 1)}))
        == "InvalidUpdateSequence"
    )
    lower = client.get("/wms", params=query | {"updatesequence": str(current - 1)})
    assert b"WMS_Capabilities" in lower.content


@pytest.mark.parametrize(
    ("version", "inimage", "blank"),
    [
        ("1.3.0", "INIMAGE", "BLANK"),
        ("1.1.1", "application/vnd.ogc.se_inimage", "application/vnd.ogc.se_blank"),
    ],
)
def test_exceptions_can_be_pictures(client: httpx.Client, version: str, inimage: str, blank: str) -> None:
    query = map_query(version=version, layers="nope", bgcolor="0x0000FF", width=400, height=120)
    told = image_of(client.get("/wms", params=query | {"exceptions": inimage}))
    assert told.size == (400, 120)
    assert len(colours_of(told)) > 10, "no letters are on it"
    empty = image_of(client.get("/wms", params=query | {"exceptions": blank}))
    assert colours_of(empty) == {(*BLUE, 255)}
    clear = image_of(client.get("/wms", params=query | {"exceptions": blank, "transparent": "TRUE"}))
    assert {pixel[3] for pixel in colours_of(clear)} == {0}
    # There is no picture of a size that cannot be.
    assert code_of(client.get("/wms", params=query | {"exceptions": blank, "width": "100000"}), version)


def test_a_legend_is_drawn_and_as_large_as_it_is_said_to_be(client: httpx.Client) -> None:
    root = etree.fromstring(client.get("/wms?service=WMS&request=GetCapabilities").content)
    spaces = {"w": "http://www.opengis.net/wms", "x": "http://www.w3.org/1999/xlink"}
    (url,) = root.xpath(
        "//w:Layer[w:Name='test_marks']/w:Style[w:Name='green']/w:LegendURL", namespaces=spaces
    )
    href = url.xpath("w:OnlineResource/@x:href", namespaces=spaces)[0]
    image = image_of(client.get("/wms?" + href.partition("?")[2]))
    assert image.size == (int(url.get("width")), int(url.get("height")))
    assert any(pixel[:3] == (0, 255, 0) for pixel in colours_of(image))
    assert (
        code_of(client.get("/wms?service=WMS&version=1.3.0&request=GetLegendGraphic&layer=nope"))
        == "LayerNotDefined"
    )


@pytest.mark.parametrize("request_", ["GetMap", "GetFeatureInfo"])
def test_a_map_in_no_version_is_refused(client: httpx.Client, request_: str) -> None:
    """The order of axes hangs on it: a guess would draw another place without a word."""
    info = {
        "query_layers": "test_marks",
        "info_format": "application/json",
        "i": "1",
        "j": "1",
        "x": "1",
        "y": "1",
    }
    for version in ("1.3.0", "1.1.1"):
        query = map_query(version=version) | info | {"request": request_}
        del query["version"]
        answer = client.get("/wms", params=query)
        assert code_of(answer, version) == "MissingParameterValue" and "VERSION" in answer.text
    for number in ("", "9.9.9"):
        answer = client.get("/wms", params=map_query() | {"version": number})
        assert code_of(answer) == ("InvalidParameterValue" if number else "MissingParameterValue")


def test_capabilities_are_of_a_service_and_of_a_version_that_there_is(client: httpx.Client) -> None:
    """A service that is not said is missed; versions are agreed on (OGC 06-042, 6.2.4)."""
    assert code_of(client.get("/wms", params={"request": "GetCapabilities"})) == "MissingParameterValue"
    assert (
        code_of(client.get("/wms", params={"service": "WFS", "request": "GetCapabilities"}))
        == "InvalidParameterValue"
    )
    assert (
        code_of(client.get("/wms", params={"service": "WMS", "version": "1.3.0"})) == "MissingParameterValue"
    )
    for asked, spoken in (
        (None, "1.3.0"),
        ("100.0.0", "1.3.0"),
        ("1.2.0", "1.1.1"),
        ("0.0.0", "1.1.1"),
        ("1.1.1", "1.1.1"),
    ):
        query = {"service": "WMS", "request": "GetCapabilities"} | ({"version": asked} if asked else {})
        root = etree.fromstring(client.get("/wms", params=query).content, etree.XMLParser(load_dtd=False))
        assert root.get("version") == spoken, asked


@pytest.mark.parametrize(("version", "right", "wrong"), [("1.3.0", "CRS", "SRS"), ("1.1.1", "SRS", "CRS")])
def test_words_fit_the_case(client: httpx.Client, version: str, right: str, wrong: str) -> None:
    """Who writes the parameter of the other version is told which one this version has."""
    query = map_query(version=version)
    query[wrong.lower()] = query.pop(right.lower())
    answer = client.get("/wms", params=query)
    assert code_of(answer, version) == "MissingParameterValue"
    assert f"{right}=EPSG:3857" in answer.text and f"not {wrong}" in answer.text
