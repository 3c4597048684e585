"""Port of the published tests of ets-wms11 that WMS 1.1.1 has to itself; what it shares is in the ports of ets-wms13.

Written from what the tests do, in our own words; each check bears the name of its test, without ``wmsops-``. Theirs ask
for the layers of a data set of their own (Blue Lake), these for the layers that the capabilities name.
"""

from __future__ import annotations

import hashlib
import re
from importlib.util import find_spec
from pathlib import Path

import httpx
import numpy as np
from lxml import etree

from tests.conformance.checks import equal, need
from tests.conformance.faulty import Checks, Service
from tests.conformance.wms_client import HREF, Layer, WmsServer, colours, media_type, written

SUITE = Checks()
VERSION = "1.1.1"
EMPTY = (255, 255, 255, 255)


def server_of(service: Service) -> WmsServer:
    return WmsServer(service.client, service.url, VERSION)


def asked_version(service: Service, **pairs: str) -> str:
    """The version of the capabilities that are answered to ``pairs``, in this order."""
    root = etree.fromstring(server_of(service).ask(service="WMS", request="GetCapabilities", **pairs).content)
    return str(root.get("version"))


def document_type(name: str) -> etree.DTD:
    found = find_spec("mapproxy")
    assert found is not None and found.origin is not None
    return etree.DTD(str(Path(found.origin).parent / "test" / "schemas" / "wms" / VERSION / name))


def need_valid(answer: httpx.Response, name: str) -> None:
    """The answer names the document type at OGC's own address and is valid by it."""
    reference = re.search(rb'<!DOCTYPE \w+ SYSTEM "([^"]*)"', answer.content)
    need(reference, "the document names no document type")
    assert reference is not None
    need(reference[1].startswith(b"http://schemas.opengis.net/wms/1.1.1/"), f"{reference[1]!r} is not OGC's")
    by = document_type(name)
    root = etree.fromstring(answer.content, etree.XMLParser(load_dtd=False, no_network=True))
    need(by.validate(root), f"not valid: {list(by.error_log)[:3]}")


def crowded(server: WmsServer) -> tuple[Layer, tuple[float, float, float, float]]:
    """A layer that can be queried and a box in the middle of which several of its features lie."""
    for layer in server.queryable:
        west, south, east, north = layer.geographic
        answer = server.info(layer, info_format="application/json", feature_count=2)
        if answer.status_code == 200 and answer.text.count('"Feature"') > 1:
            return layer, (west, south, east, north)
    raise LookupError("no layer has two features at the middle of its box")


# Rules for parameters, versions ---------------------------------------------------------------------------------


@SUITE.check("basic_elements-param_rules-order_and_case-5")
def extra_in_feature_info(service: Service) -> None:
    server = server_of(service)
    server.need_format(server.info(bogus="ignored"), server.formats("GetFeatureInfo")[0])


@SUITE.check("getcapabilities-params-request-1")
def capabilities_by_their_old_name(service: Service) -> None:
    server = server_of(service)
    server.capabilities(server.ask(service="WMS", version=VERSION, request="capabilities"))


@SUITE.check("getcapabilities-params-version-1 and 2")
def version_by_its_old_name(service: Service) -> None:
    for version in (VERSION, "1.3.0"):
        equal(asked_version(service, wmtver=version), version, "version asked for as WMTVER")


@SUITE.check("getcapabilities-params-version-3 to 6")
def version_by_both_names(service: Service) -> None:
    """VERSION is what counts, wherever it stands."""
    for other in ("0.0.0", "100.0.0"):
        equal(
            asked_version(service, version=VERSION, wmtver=other), VERSION, f"version beside WMTVER={other}"
        )
        equal(asked_version(service, wmtver=other, version=VERSION), VERSION, f"version after WMTVER={other}")


@SUITE.check("getmap-params-request-1 and version-1")
def map_by_its_old_names(service: Service) -> None:
    server = server_of(service)
    server.need_picture(server.map(request="map"))
    server.need_picture(server.map(version=None, wmtver=VERSION))


# Capabilities ---------------------------------------------------------------------------------------------------


@SUITE.check("getcapabilities-response-1 and 2")
def response(service: Service) -> None:
    answer = server_of(service).ask(service="WMS", request="GetCapabilities", version=VERSION)
    equal(media_type(answer), "application/vnd.ogc.wms_xml", "media type")
    need_valid(answer, "WMS_MS_Capabilities.dtd")


@SUITE.check("getcapabilities-response-capability_metadata-1")
def addresses_are_prefixes(service: Service) -> None:
    server = server_of(service)
    found = [each.get(HREF, "") for each in server.document.iterfind(".//Request//HTTP/Get/OnlineResource")]
    need(found, "no address of an operation")
    for address in found:
        need("?" in address and address[-1] in "?&", f"{address} cannot be followed by parameters")


@SUITE.check("getcapabilities-response-capability_metadata-2 and getfeatureinfo-params-info_format-2")
def speaks_gml(service: Service) -> None:
    gml, server = "application/vnd.ogc.gml", server_of(service)
    need(gml in server.formats("GetFeatureInfo"), f"{gml} is not listed")
    answer = server.info(info_format=gml)
    server.need_format(answer, gml)
    etree.fromstring(answer.content)


@SUITE.check("getcapabilities-output_formats-1")
def exceptions_listed(service: Service) -> None:
    listed = [each.text for each in server_of(service).path("Capability/Exception/Format")]
    need("application/vnd.ogc.se_xml" in listed, f"exceptions come as {listed} only")


@SUITE.check("getcapabilities-response-general_metadata-1 and 2")
def general(service: Service) -> None:
    (said,) = server_of(service).path("Service")
    equal(said.findtext("Name"), "OGC:WMS", "name of the service")
    for name in ("Fees", "AccessConstraints"):
        equal((said.findtext(name) or "").lower(), "none", name)


@SUITE.check("getcapabilities-response-layer_properties-latlonbbox and srs")
def root_layer(service: Service) -> None:
    server = server_of(service)
    root = server.layers[0]
    need(root.own("SRS"), "the root layer has no SRS")
    need(root.own("LatLonBoundingBox"), "the root layer has no box in degrees")
    for layer in server.layers:
        need(
            all(-180 <= value <= 180 for value in layer.geographic), f"box of {layer.name} is not in degrees"
        )


@SUITE.check("getcapabilities-response-layer_properties-dim_and_extent, dims-declaring")
def dimensions(service: Service) -> None:
    tried = 0
    for layer in server_of(service).layers:
        declared = {each.get("name", "") for each in layer.inherited("Dimension")}
        above = declared - {each.get("name", "") for each in layer.own("Dimension")}
        for each in layer.own("Dimension"):
            name, units = each.get("name", ""), each.get("units", "")
            tried += 1
            need(name == re.sub(r"\s", "", name) and name not in above, f"dimension “{name}” of {layer.name}")
            need(units == "ISO8601" or name.lower() != "time", f"time of {layer.name} is in {units}")
            need(
                units.startswith("EPSG:") or name.lower() != "elevation", f"heights of {layer.name}: {units}"
            )
        extents = {each.get("name", "") for each in layer.own("Extent")}
        need(extents <= declared, f"extents of {layer.name} without a dimension: {extents - declared}")
    need(tried, "no layer has a dimension")


@SUITE.check("getcapabilities-response-layer_properties-identifier_and_authorityurl, style-1")
def nothing_is_declared_anew(service: Service) -> None:
    for layer in server_of(service).layers:
        authorities = [each.get("name") for each in layer.inherited("AuthorityURL")]
        equal(len(authorities), len(set(authorities)), f"authorities of {layer.name}, each once")
        own = {each.get("authority") for each in layer.own("Identifier")}
        need(own <= set(authorities), f"identifiers of {layer.name} by nobody: {own - set(authorities)}")
        equal(len(layer.styles), len(set(layer.styles)), f"styles of {layer.name}, each once")


# Maps -----------------------------------------------------------------------------------------------------------


@SUITE.check("getmap-params-bbox-1 and 2")
def whole_and_decimal_numbers(service: Service) -> None:
    server = server_of(service)
    for box in ("107,16,108,17", "107.25,16.25,107.75,16.75"):
        server.need_picture(server.map(bbox=box))


@SUITE.check("getmap-params-bbox-10 to 12")
def beyond_the_world(service: Service) -> None:
    """Nothing lies beyond the pole; beyond the date line lies nothing, or what lies there the other way round."""
    server = server_of(service)
    north = server.map(bbox="107,91,108,100")
    equal(colours(server.need_picture(north)), {EMPTY}, "colours north of the pole")
    west, south, east, top = server.local.geographic
    plain = server.need_picture(server.map(server.local))
    for turn in (360.0, -360.0):
        box = written((west + turn, south, east + turn, top))
        turned = server.need_picture(server.map(server.local, bbox=box))
        need(
            colours(turned) == {EMPTY} or turned.tobytes() == plain.tobytes(),
            f"the map {turn} degrees away is neither empty nor the same",
        )


@SUITE.check("getmap-params-bbox-4 and width_height-3")
def stretched(service: Service) -> None:
    """The box goes round the pixels, so that half the box fills the picture's half; another shape stretches it."""
    server = server_of(service)
    layer = server.local
    west, south, east, north = layer.geographic
    whole = server.need_picture(server.map(layer, width=200, height=100), (200, 100))
    tall = server.need_picture(server.map(layer, width=200, height=400), (200, 400))
    inked = [np.any(np.asarray(image) != EMPTY, axis=2).sum() / image.width for image in (whole, tall)]
    need(inked[0] and inked[1] / inked[0] > 1.5, f"the taller picture is not stretched: {inked}")
    half = server.map(
        layer, bbox=written((west, south, west + (east - west) / 2, north)), width=100, height=100
    )
    left = server.need_picture(half, (100, 100))
    cut = whole.crop((0, 0, 100, 100))
    same = np.all(np.asarray(left) == np.asarray(cut), axis=2).mean()
    need(same > 0.9, f"half the box is not half the picture: {same:.0%} of its pixels are")


@SUITE.check("getmap-params-layers-4")
def first_layer_lies_below(service: Service) -> None:
    """Layers asked for the other way round are drawn the other way round; each alone is the same both times."""
    server = server_of(service)
    seen = set()
    for below in server.named[1:]:
        for above in server.named[1:]:
            if below is above or below.geographic != above.geographic:
                continue
            one, other = server.map(below, above), server.map(above, below)
            seen.add(digest(one) != digest(other))
            if True in seen:
                return
    need(True in seen, "the order of layers makes no difference")


def digest(answer: httpx.Response) -> str:
    return hashlib.sha256(answer.content).hexdigest()


@SUITE.check("getmap-each-format-transparent")
def every_format_takes_transparency(service: Service) -> None:
    server = server_of(service)
    for format_ in server.formats("GetMap"):
        server.need_format(server.map(format=format_, transparent="TRUE"), format_)


@SUITE.check("getmap-layer-encoded-name")
def encoded_name(service: Service) -> None:
    server = server_of(service)
    query = server.map_query()
    name = "".join(f"%{byte:02X}" for byte in str(query.pop("layers")).encode())
    rest = "&".join(f"{key}={value}" for key, value in query.items())
    server.need_picture(server.client.get(f"{server.url}?LAYERS={name}&{rest}"))


@SUITE.check("basic_elements-validate-exception")
def exceptions_are_valid(service: Service) -> None:
    server = server_of(service)
    answer = server.map(crs="NONE")
    server.need_exception(answer, "InvalidCRS")
    need_valid(answer, "exception_1_1_1.dtd")


# What lies at a pixel -------------------------------------------------------------------------------------------


@SUITE.check("getfeatureinfo-params-feature_count-1 and 2")
def feature_count(service: Service) -> None:
    """One feature is told unless more are asked for."""
    server = server_of(service)
    layer, _ = crowded(server)
    one, default, two = (
        len(server.info(layer, info_format="application/json", feature_count=count).content)
        for count in (1, None, 2)
    )
    equal(default, one, "length of the answer without FEATURE_COUNT")
    need(one < two, f"two features take {two} bytes, one {one}")


@SUITE.check("getfeatureinfo-params-info_format-1")
def info_format_missing(service: Service) -> None:
    server = server_of(service)
    answer = server.info(info_format=None)
    equal(answer.status_code, 200, "status")
    need(media_type(answer) in server.formats("GetFeatureInfo"), f"{media_type(answer)} is not listed")
