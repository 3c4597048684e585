"""Port of the published tests of ets-wms13 (ctl/getcapabilities.xml), for 1.3.0 and, where it has the same, 1.1.1.

Written from what the tests do, in our own words; each check bears the name of its test. Requests take mixed-case names
of parameters, as theirs do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from tests.conformance.checks import CheckFailed, each, equal, need
from tests.conformance.wms_client import HREF, WmsServer, media_type, picture

Run = Callable[[WmsServer], None]


@dataclass
class WmsSuite:
    """The checks by the names of the tests that they port."""

    checks: dict[str, Run] = field(default_factory=dict)

    def check(self, name: str) -> Callable[[Run], Run]:
        def register(run: Run) -> Run:
            assert name not in self.checks, name
            self.checks[name] = run
            return run

        return register


SUITE = WmsSuite()


def run(suite_check: Run, server: WmsServer) -> None:
    """Try the server; an answer that cannot even be read is a failure too."""
    try:
        suite_check(server)
    except (LookupError, TypeError, ValueError, AttributeError, SyntaxError, httpx.HTTPError) as fault:
        raise CheckFailed(
            f"an answer has another form than it should: {type(fault).__name__} {fault}"
        ) from fault


def capabilities_query(server: WmsServer, **more: object) -> httpx.Response:
    return server.ask(service="WMS", request="GetCapabilities", version=server.version, **more)


@SUITE.check("getcapabilities:each-format")
def each_format(server: WmsServer) -> None:
    for format_ in each(server.formats("GetCapabilities"), "no format of capabilities"):
        server.need_format(capabilities_query(server, format=format_), format_)


@SUITE.check("getcapabilities:no-format")
def no_format(server: WmsServer) -> None:
    server.capabilities(capabilities_query(server))


@SUITE.check("getcapabilities:invalid-format")
def invalid_format(server: WmsServer) -> None:
    server.capabilities(capabilities_query(server, format="invalid"))


def sequence(server: WmsServer) -> int:
    return int(server.document.get("updateSequence", ""))


@SUITE.check("getcapabilities:updatesequence-current")
def sequence_current(server: WmsServer) -> None:
    answer = capabilities_query(server, updatesequence=sequence(server))
    server.need_exception(answer, "CurrentUpdateSequence")


@SUITE.check("getcapabilities:updatesequence-lower")
def sequence_lower(server: WmsServer) -> None:
    server.capabilities(capabilities_query(server, updatesequence=sequence(server) - 1))


@SUITE.check("getcapabilities:updatesequence-higher")
def sequence_higher(server: WmsServer) -> None:
    answer = capabilities_query(server, updatesequence=sequence(server) + 1)
    server.need_exception(answer, "InvalidUpdateSequence")


@SUITE.check("getcapabilities:capability-onlineresource")
def online_resource(server: WmsServer) -> None:
    """Each operation has an address that ends with ? or &, or holds a ? to which parameters can be added."""
    for operation in ("GetCapabilities", "GetMap", "GetFeatureInfo"):
        found = server.path(f"Capability/Request/{operation}/DCPType/HTTP/Get/OnlineResource")
        need(found, f"{operation} has no address")
        href = found[0].get(HREF, "")
        need(href.startswith("http") and href.endswith(("?", "&")), f"{operation}: {href!r} is no URL prefix")


@SUITE.check("getcapabilities:capability-xml-getcapabilities-format")
def xml_capabilities_format(server: WmsServer) -> None:
    need(server.words.capabilities_type in server.formats("GetCapabilities"), "the XML format is not listed")


@SUITE.check("getcapabilities:capability-xml-exception-format")
def xml_exception_format(server: WmsServer) -> None:
    listed = [str(one.text) for one in server.path("Capability/Exception/Format")]
    need(server.words.xml in listed, f"{server.words.xml} is not among {listed}")


@SUITE.check("getcapabilities:bbox-crs-advertised")
def boxes_of_known_crs(server: WmsServer) -> None:
    for layer in server.layers:
        unknown = set(layer.boxes) - set(layer.crs)
        need(not unknown, f"{layer.name}: boxes in CRSs that are not offered: {unknown}")


@SUITE.check("getcapabilities:bbox-present")
def boxes_present(server: WmsServer) -> None:
    for layer in each(server.named, "no named layer"):
        need(layer.boxes, f"{layer.name} has no BoundingBox")


@SUITE.check("getcapabilities:bbox-distinct-crs")
def boxes_distinct(server: WmsServer) -> None:
    for layer in server.layers:
        names = [one.get(server.words.crs) for one in layer.own("BoundingBox")]
        equal(sorted(names), sorted(set(names)), f"CRSs of the boxes of {layer.name}")


@SUITE.check("getcapabilities:crs-present")
def crs_present(server: WmsServer) -> None:
    for layer in each(server.named, "no named layer"):
        need(layer.crs, f"{layer.name} has no CRS")


@SUITE.check("getcapabilities:crs-for-all-layers")
def crs_of_all(server: WmsServer) -> None:
    """What every named layer offers stands at the root."""
    common = set.intersection(*(set(layer.crs) for layer in server.named))
    root = {str(one.text) for one in server.layers[0].own(server.words.crs)}
    need(common <= root, f"{common - root} are offered by all, but not at the root")


@SUITE.check("getcapabilities:dataurls")
def data_urls(server: WmsServer) -> None:
    urls = [url for layer in server.layers for url in layer.own("DataURL")]
    for url in each(urls, "no DataURL"):
        href = url.find(server.words.tag("OnlineResource")).get(HREF)
        answer = server.client.get(href)
        equal(answer.status_code, 200, f"status of {href}")
        equal(media_type(answer), url.findtext(server.words.tag("Format")), f"media type of {href}")


@SUITE.check("getcapabilities:ex_geobbox-present")
def geographic_present(server: WmsServer) -> None:
    name = "EX_GeographicBoundingBox" if server.version == "1.3.0" else "LatLonBoundingBox"
    for layer in each(server.named, "no named layer"):
        need(layer.inherited(name), f"{layer.name} has no {name}")


@SUITE.check("getcapabilities:ex_geobbox-coordinates")
def geographic_ordered(server: WmsServer) -> None:
    for layer in server.named:
        west, south, east, north = layer.geographic
        need(west <= east and south <= north, f"{layer.name}: {layer.geographic}")


@SUITE.check("getcapabilities:style-unique")
def styles_unique(server: WmsServer) -> None:
    for layer in server.layers:
        equal(sorted(layer.styles), sorted(set(layer.styles)), f"styles of {layer.name}")


@SUITE.check("getcapabilities:style-legendurls")
def legends(server: WmsServer) -> None:
    """The legends are pictures of the media type and the size that are said."""
    urls = [
        url
        for layer in server.layers
        for style in layer.own("Style")
        for url in style.findall(server.words.tag("LegendURL"))
    ]
    for url in each(urls, "no LegendURL"):
        href = url.find(server.words.tag("OnlineResource")).get(HREF)
        answer = server.client.get(href)
        equal(media_type(answer), url.findtext(server.words.tag("Format")), f"media type of {href}")
        equal(picture(answer).size, (int(url.get("width")), int(url.get("height"))), f"size of {href}")


@SUITE.check("getcapabilities:dims-time")
def time_dimension(server: WmsServer) -> None:
    found = [
        one
        for layer in server.layers
        for one in layer.own("Dimension")
        if one.get("name", "").lower() == "time"
    ]
    for dimension in each(found, "no dimension of time"):
        equal(dimension.get("units"), "ISO8601", "units of time")


@SUITE.check("getcapabilities:dims-no-redeclarations")
def dimensions_once(server: WmsServer) -> None:
    for layer in server.layers:
        names = [one.get("name", "").lower() for one in layer.own("Dimension")]
        equal(sorted(names), sorted(set(names)), f"dimensions of {layer.name}")


@SUITE.check("getcapabilities:layer-extents")
def children_lie_inside(server: WmsServer) -> None:
    """A layer's geographic box lies within that of the layer above it."""
    root = server.layers[0].geographic
    for layer in each(server.named, "no named layer"):
        west, south, east, north = layer.geographic
        inside = west >= root[0] and south >= root[1] and east <= root[2] and north <= root[3]
        need(inside, f"{layer.name}: {layer.geographic} is not within {root}")
