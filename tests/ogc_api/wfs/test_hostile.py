"""Requests of strangers: hostile XML, absurd values; refused with the standard's own exceptions, in two languages."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gis_core.config import Config
from tests.acceptance.asking import Call, citizen
from tests.ogc_api.wfs.asking import ask, exception_of, fes, get_feature, literal, post, reference
from tests.waiting import at_most_cpu

CITY = "demo"
QUERY = '<GetFeature service="WFS" version="2.0.0"><Query typeNames="{}"/></GetFeature>'


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """The address of a server on this machine, and what it has been asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def documents(address: str, secret: Path) -> dict[str, bytes]:
    """Hostile documents by what they try."""
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    attack = QUERY.format("&x;")
    return {
        "a file": f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]>{attack}'.encode(),
        "an address": f'<!DOCTYPE a [<!ENTITY x SYSTEM "{address}/entity">]>{attack}'.encode(),
        "a document type elsewhere": f'<!DOCTYPE a SYSTEM "{address}/dtd">{QUERY.format("roads")}'.encode(),
        "a parameter entity": f'<!DOCTYPE a [<!ENTITY % x SYSTEM "{address}/pe"> %x;]>{attack}'.encode(),
        "an attribute": f'<!DOCTYPE a [<!ENTITY x "roads">]>{attack}'.encode(),
        "a billion laughs": f'<!DOCTYPE a [<!ENTITY a0 "ha">{laughs}]>{QUERY.format("&a11;")}'.encode(),
        "UTF-16": f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY x "roads">]>{attack}'.encode(
            "utf-16"
        ),
        "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-' + attack.encode(),
        "XInclude": (
            '<GetFeature service="WFS" version="2.0.0"><xi:include xmlns:xi="http://www.w3.org/2001/XInclude"'
            f' href="{address}/xi"/></GetFeature>'
        ).encode(),
        "a schema elsewhere": (
            '<GetFeature service="WFS" version="2.0.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            f' xsi:schemaLocation="urn:a {address}/xsd"/>'
        ).encode(),
        "depth": b"<a>" * 100_000 + b"</a>" * 100_000,
        "some depth": b"<a>" * 200 + b"</a>" * 200,
        "size": QUERY.format("roads" * 100_000).encode(),
        "many attributes": attributes(28_800),
        "attributes of many elements": b"<a>" + b'<b c="1" d="2"/>' * 1_500 + b"</a>",
        "attributes of one element": attributes(100),
        "many elements": b"<a>" + b"<b/>" * 20_000 + b"</a>",
        "a long namespace": b'<a xmlns="urn:' + b"x" * 100_000 + b'">' + b"<b/>" * 3_000 + b"</a>",
        "a long name": b"<GetFeature " + b"x" * 1_000 + b'="1"/>',
        "nothing": b"",
        "no XML": b"\x00\x01\x02\xff",
        "half of it": QUERY.format("roads")[:60].encode(),
        "NUL": QUERY.format("ro\x00ads").encode(),
    }


def attributes(count: int) -> bytes:
    return b"<GetFeature " + b" ".join(b'a%d="1"' % n for n in range(count)) + b"/>"


NAMES = list(documents("", Path("/")))
COUNTED = ("many attributes", "attributes of many elements", "many elements", "size")


@pytest.mark.parametrize("name", NAMES)
def test_hostile_documents_are_refused_and_nothing_is_fetched(
    city: Config, canary: tuple[str, list[str]], tmp_path: Path, name: str
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("roads-of-the-secret-file")
    address, asked = canary
    with at_most_cpu(2):
        reply = post(documents(address, secret)[name])
    assert reply.status in (400, 413), reply.body.decode()[:300]
    assert asked == [] and b"secret-file" not in reply.body
    code, _, words = exception_of(reply)
    assert (
        code in ("OperationParsingFailed", "MissingParameterValue", "InvalidParameterValue")
        and len(words) == 2
    )


@pytest.mark.parametrize("name", COUNTED)
def test_what_costs_a_parser_dearly_reaches_none(
    city: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """Would fail if libxml2 or lxml were handed 28,800 attributes, which take them seconds."""

    def parse(*arguments: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr("ogc_api.wfs.documents.etree.fromstring", parse)
    assert post(documents("", tmp_path / "none")[name]).status in (400, 413)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("size", "nothing", "UTF-7")])
def test_the_same_as_a_filter(city: Config, canary: tuple[str, list[str]], tmp_path: Path, name: str) -> None:
    address, asked = canary
    text = documents(address, tmp_path / "none")[name].decode("utf-8", "replace")
    form = f"service=WFS&version=2.0.0&request=GetFeature&typenames=roads&filter={quoted(text)}"
    reply = post(form, media_type="application/x-www-form-urlencoded")
    assert reply.status in (400, 413) and asked == []
    exception_of(reply)


def quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def many(condition: str, count: int) -> str:
    return fes("<Or>" + condition * count + "</Or>")


EQUAL = f"<PropertyIsEqualTo>{reference('kind')}{literal('x')}</PropertyIsEqualTo>"


@pytest.mark.parametrize(
    "filter_",
    [
        many(EQUAL, 60),
        fes("<Not>" * 60 + EQUAL + "</Not>" * 60),
        fes(f"<PropertyIsEqualTo>{reference('kind')}{literal('x' * 3000)}</PropertyIsEqualTo>"),
        fes(
            f'<Intersects>{reference("geom")}<gml:LineString srsName="EPSG:4326"><gml:posList>'
            f"{'107 16 108 17 ' * 600}</gml:posList></gml:LineString></Intersects>"
        ),
        fes('<ResourceId rid="roads.1"/>' * 60),
    ],
    ids=["conditions", "depth", "characters", "vertices", "identifiers"],
)
def test_a_filter_has_bounds(city: Config, filter_: str) -> None:
    form = f"service=WFS&version=2.0.0&request=GetFeature&typenames=roads&filter={quoted(filter_)}"
    reply = post(form, media_type="application/x-www-form-urlencoded")
    code, locator, _ = exception_of(reply)
    assert (reply.status, locator) == (400, "filter")
    assert code in ("InvalidParameterValue", "OperationParsingFailed")


REFUSALS: list[tuple[dict[str, object], str, str | None]] = [
    ({"SERVICE": None, "REQUEST": "GetCapabilities"}, "MissingParameterValue", "service"),
    ({"SERVICE": "WMS", "REQUEST": "GetCapabilities"}, "InvalidParameterValue", "service"),
    ({}, "MissingParameterValue", "request"),
    ({"REQUEST": "Transaction"}, "OperationNotSupported", "request"),
    ({"REQUEST": "<script>"}, "InvalidParameterValue", "request"),
    ({"REQUEST": "GetFeature"}, "MissingParameterValue", "typeNames"),
    ({"REQUEST": "GetFeature", "version": "4.0.0", "TYPENAMES": "roads"}, "InvalidParameterValue", "version"),
    ({"REQUEST": "GetFeature", "TYPENAMES": "nope"}, "InvalidParameterValue", "typeNames"),
    ({"REQUEST": "GetFeature", "TYPENAMES": "camera_views"}, "InvalidParameterValue", "typeNames"),
    ({"REQUEST": "GetFeature", "TYPENAMES": "roads,reports"}, "OptionNotSupported", "typeNames"),
    ({"REQUEST": "DescribeFeatureType", "TYPENAMES": "roads,nope"}, "InvalidParameterValue", "typeNames"),
    ({"REQUEST": "DescribeFeatureType", "OUTPUTFORMAT": "json"}, "InvalidParameterValue", "outputFormat"),
    ({"REQUEST": "GetPropertyValue", "TYPENAMES": "roads"}, "MissingParameterValue", "valueReference"),
    (
        {"REQUEST": "GetPropertyValue", "TYPENAMES": "roads", "VALUEREFERENCE": "x"},
        "InvalidParameterValue",
        "valueReference",
    ),
    ({"REQUEST": "GetFeature", "STOREDQUERY_ID": "urn:x"}, "InvalidParameterValue", "STOREDQUERY_ID"),
    (
        {"REQUEST": "GetFeature", "STOREDQUERY_ID": "urn:ogc:def:query:OGC-WFS::GetFeatureById"},
        "MissingParameterValue",
        "ID",
    ),
]
ROADS: list[tuple[dict[str, object], str]] = [
    ({"COUNT": "-1"}, "count"),
    ({"COUNT": "many"}, "count"),
    ({"STARTINDEX": "1e9"}, "startIndex"),
    ({"STARTINDEX": "99999999999"}, "startIndex"),
    ({"RESULTTYPE": "some"}, "resultType"),
    ({"OUTPUTFORMAT": "application/vnd.ms-excel"}, "outputFormat"),
    ({"SRSNAME": "EPSG:32648"}, "srsName"),
    ({"SRSNAME": "urn:ogc:def:crs:EPSG::4326'--"}, "srsName"),
    ({"SRSNAME": 'EPSG:4326" onload="'}, "srsName"),
    ({"BBOX": "1,2,3"}, "bbox"),
    ({"BBOX": "a,b,c,d"}, "bbox"),
    ({"BBOX": "nan,0,1,1"}, "bbox"),
    ({"BBOX": "1e999,0,1,1"}, "bbox"),
    ({"BBOX": "20,107,16,108"}, "bbox"),
    ({"BBOX": "1,2,3,4,EPSG:1"}, "bbox"),
    ({"BBOX": "16,107,17,108", "FILTER": fes(EQUAL)}, "bbox"),
    ({"PROPERTYNAME": "nope"}, "propertyName"),
    ({"SORTBY": "nope"}, "sortBy"),
    ({"SORTBY": "name SIDEWAYS"}, "sortBy"),
    ({"RESOURCEID": "reports.1"}, "resourceId"),
    ({"RESOURCEID": ",".join(f"roads.{n}" for n in range(1100))}, "resourceId"),
    ({"FILTER": "name = 'x'"}, "filter"),
    ({"FILTER": "<Filter/>"}, "filter"),
    ({"FILTER": "<a/>"}, "filter"),
    *(
        ({name: "x=1"}, name.upper())
        for name in ("CQL_FILTER", "cql-filter", "exp_filter", "viewparams", "time", "datetime")
    ),
]


@pytest.mark.parametrize(("parameters", "code", "locator"), REFUSALS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_refusals_have_the_standard_s_codes(
    city: Config, parameters: dict[str, object], code: str, locator: str | None, language: str
) -> None:
    reply = ask(language=language, **parameters)  # type: ignore[arg-type]
    found, where, words = exception_of(reply)
    assert (reply.status, found, where) == (400, code, locator), reply.body.decode()
    assert len(set(words)) == 2
    english = words[0] if language == "en" else words[1]
    assert english.isascii() or "“" in english
    assert reply.headers["Content-Type"].startswith("application/xml")


@pytest.mark.parametrize(("parameters", "locator"), ROADS)
@pytest.mark.parametrize("version", ["2.0.0", "1.1.0"])
def test_faulty_parameters_are_named(
    city: Config, parameters: dict[str, object], locator: str, version: str
) -> None:
    with at_most_cpu(2):
        reply = get_feature("roads", version=version, **parameters)  # type: ignore[arg-type]
    code, where, words = exception_of(reply, version)
    assert (reply.status, where) == (400, locator), reply.body.decode()
    assert code in ("InvalidParameterValue", "OperationParsingFailed") and len(set(words)) == 2


@pytest.mark.parametrize(
    "text", ["\x00", "\x1b", "\ufffe", "\x7f", "&#0;", "]]>", "'\"<>&", "%ed%a0%80", "😀" * 50]
)
def test_an_exception_report_is_xml_whatever_was_sent(city: Config, text: str) -> None:
    for parameters in (
        {"TYPENAMES": text},
        {"TYPENAMES": "roads", "SORTBY": text},
        {"FILTER": text, "TYPENAMES": "roads"},
    ):
        reply = ask(REQUEST="GetFeature", **parameters)
        assert 400 <= reply.status < 500
        exception_of(reply)


def test_a_thousand_parameters_and_other_methods(city: Config) -> None:
    reply = citizen().get("/wfs?" + "&".join(f"p{n}=1" for n in range(1200)))
    assert reply.status == 400 and exception_of(reply)[0] == "InvalidParameterValue"
    assert citizen().get("/ogcapi/conformance?" + "&".join(f"p{n}=1" for n in range(1200))).status == 400
    form = "&".join(f"p{n}=1" for n in range(1200))
    assert post(form, media_type="application/x-www-form-urlencoded").status == 400
    assert citizen().ask(Call("/wfs", "OPTIONS")).status == 204
    for method in ("PUT", "DELETE", "PATCH"):
        reply = citizen().ask(Call("/wfs", method))
        assert reply.status == 405 and "GET" in reply.headers["Allow"]
        exception_of(reply)


@pytest.mark.parametrize("name", ["CQL_FILTER", "FILTER", "BBOX", "RESOURCEID"])
def test_a_feature_by_its_id_is_chosen_by_nothing_else(city: Config, name: str) -> None:
    by_id = {
        "REQUEST": "GetFeature",
        "STOREDQUERY_ID": "urn:ogc:def:query:OGC-WFS::GetFeatureById",
        "ID": "roads.1",
    }
    reply = ask(**by_id, **{name: "0,0,1,1"})  # type: ignore[arg-type]
    assert (reply.status, exception_of(reply)[1]) == (400, name)


def test_parameters_of_the_client_s_own_are_left_alone(city: Config) -> None:
    """QGIS and MapInfo add theirs (MAP=, a cache breaker), in any case of letters."""
    reply = citizen().get(
        "/wfs?map=x&Service=wfs&VERSION=2.0.0&request=getFeature&TypeNames=roads&_=123&count=1&cql_filter="
    )
    assert reply.status == 200
