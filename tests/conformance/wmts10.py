"""Port of the published tests of ets-wmts10 for key-value pairs and addresses.

Written from what the tests do, in our own words; each check bears the name of its test, without ``Server.KVP.GET``.
Where theirs ask for every tile of every layer, so do these for a few layers at one tile that shows something.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import httpx
from lxml import etree
from PIL import Image

from tests.conformance.checks import each, equal, need
from tests.conformance.faulty import Checks, Service, need_exception, root_of

SUITE = Checks()
WMTS, OWS = "http://www.opengis.net/wmts/1.0", "http://www.opengis.net/ows/1.1"
SPACES = {"w": WMTS, "o": OWS, "x": "http://www.w3.org/1999/xlink"}
CAPABILITIES = f"{{{WMTS}}}Capabilities"
LAYERS = ("roads", "admin_units", "admin_units_history")
SECTIONS = {
    "ServiceIdentification": f"{{{OWS}}}ServiceIdentification",
    "ServiceProvider": f"{{{OWS}}}ServiceProvider",
    "OperationsMetadata": f"{{{OWS}}}OperationsMetadata",
    "Contents": f"{{{WMTS}}}Contents",
}
# The tile of Huế's citadel at zoom 12.
TILE = {"TileMatrixSet": "WebMercatorQuad", "TileMatrix": "12", "TileRow": "1858", "TileCol": "3272"}


def asked(operation: str = "GetCapabilities", **more: object) -> dict[str, object]:
    return {"service": "WMTS", "request": operation, **more}


def capabilities(service: Service, **more: object) -> etree._Element:
    return root_of(service.ask(asked(**more)), CAPABILITIES)


def tile(operation: str = "GetTile", **changes: object) -> dict[str, object]:
    """A valid request; ``changes`` replace parameters, None removes them."""
    query: dict[str, object] = {
        "service": "WMTS",
        "request": operation,
        "version": "1.0.0",
        "Layer": "roads",
        "Style": "default",
        "Format": "image/png",
        **TILE,
    }
    if operation == "GetFeatureInfo":
        query |= {"InfoFormat": "application/json", "I": "10", "J": "10"}
    return query | changes


def picture(answer: httpx.Response, format_: str = "image/png") -> Image.Image:
    equal(answer.status_code, 200, f"status of {answer.request.url} ({answer.text[:200]})")
    equal(answer.headers["content-type"], format_, "media type")
    return Image.open(io.BytesIO(answer.content))


# Common operations ------------------------------------------------------------------------------------------------


@SUITE.check("InvalidQueryString")
def invalid_query(service: Service) -> None:
    for query in (
        "service=WMTS&request~GetCapabilities!version~1.0.0",
        "request~GetCapabilities!service~!'WMTS'",
    ):
        need_exception(service.client.get(f"{service.url}?{query}"), "MissingParameterValue")


@SUITE.check("InvalidService")
def invalid_service(service: Service) -> None:
    for query in (
        asked(service="BOGUS"),
        asked(service="BOGUS", AcceptVersions="1.0.0"),
        tile(service="BOGUS"),
    ):
        need_exception(service.ask(query), "InvalidParameterValue", "service")


@SUITE.check("InvalidRequest")
def invalid_request(service: Service) -> None:
    for more in ({}, {"version": "1.0.0"}):
        need_exception(service.ask(asked("GetBOGUS", **more)), "InvalidParameterValue", "request")


# GetCapabilities --------------------------------------------------------------------------------------------------


@SUITE.check("GetCapabilities.Request.Mandatory")
def mandatory(service: Service) -> None:
    root = capabilities(service)
    equal(root.get("version"), "1.0.0", "version")
    equal(
        [e.tag for e in root if e.tag in SECTIONS.values()],
        list(SECTIONS.values()),
        "sections and their order",
    )


@SUITE.check("GetCapabilities.Request.NoService")
def no_service(service: Service) -> None:
    need_exception(service.ask(asked(service=None)), "MissingParameterValue", "service")


@SUITE.check("GetCapabilities.Request.NoRequest")
def no_request(service: Service) -> None:
    """Ours beside theirs of the query that is no pairs: the request alone is missing."""
    need_exception(service.ask({"service": "WMTS", "version": "1.0.0"}), "MissingParameterValue", "request")


@SUITE.check("GetCapabilities.Request.AcceptVersions.Valid")
def accept_versions(service: Service) -> None:
    for versions in ("1.0.0", "9.9.9,1.0.0"):
        equal(capabilities(service, AcceptVersions=versions).get("version"), "1.0.0", f"of {versions}")


@SUITE.check("GetCapabilities.Request.AcceptVersions.Invalid")
def accept_no_version(service: Service) -> None:
    need_exception(service.ask(asked(AcceptVersions="2.2.2")), "VersionNegotiationFailed", None)


@SUITE.check("GetCapabilities.Request.AcceptFormats and Response.AdvertisedFormat")
def accept_formats(service: Service) -> None:
    """The first format that there is, and XML where there is none of them."""
    for formats in ("text/xml", "application/xml", "image/BOGUS,text/xml", "image/BOGUS"):
        answer = service.ask(asked(AcceptFormats=formats))
        root_of(answer, CAPABILITIES)
        said = answer.headers["content-type"].partition(";")[0]
        wanted = [each for each in formats.split(",") if each.endswith("/xml")] or [
            "application/xml",
            "text/xml",
        ]
        need(said in (*wanted, "application/xml"), f"AcceptFormats={formats} is answered as {said}")


@SUITE.check("GetCapabilities.Request.CaseInsensitive.KVP.Names")
def any_case(service: Service) -> None:
    root_of(service.ask({"SeRvIcE": "WMTS", "rEqUeSt": "GetCapabilities"}), CAPABILITIES)


@SUITE.check("GetCapabilities.Request.Sections")
def sections(service: Service) -> None:
    for name in (*SECTIONS, "Themes", "All", "ServiceProvider,Contents"):
        wanted = SECTIONS if name == "All" else {n: SECTIONS[n] for n in name.split(",") if n in SECTIONS}
        found = [e.tag for e in capabilities(service, Sections=name) if e.tag in SECTIONS.values()]
        equal(found, list(wanted.values()), f"Sections={name}")


@SUITE.check("GetCapabilities.Request.Sections.Invalid and Missing")
def no_such_section(service: Service) -> None:
    need_exception(service.ask(asked(Sections="Bogus")), "InvalidParameterValue", "sections")
    need_exception(service.client.get(f"{service.url}?service=WMTS&request=GetCapabilities&sections="),
                   "MissingParameterValue", "sections")  # fmt: skip


@SUITE.check("GetCapabilities.Request.UpdateSequence")
def sequence(service: Service) -> None:
    current = int(capabilities(service).get("updateSequence") or "")
    equal(len(capabilities(service, UpdateSequence=current)), 0, "elements for who has the document")
    need(len(capabilities(service, UpdateSequence=current - 1)), "nothing for who has an older document")
    need_exception(service.ask(asked(UpdateSequence=current + 1)), "InvalidUpdateSequence")


@SUITE.check("GetCapabilities.Response.Encoding.Constraint and OnlineResource")
def operations(service: Service) -> None:
    root = capabilities(service)
    for name in ("GetCapabilities", "GetTile", "GetFeatureInfo"):
        found = root.xpath(f"//o:Operation[@name='{name}']//o:Get", namespaces=SPACES)
        for get in each(found, f"no GET of {name}"):
            need(
                str(get.get(f"{{{SPACES['x']}}}href")).endswith(("?", "&")),
                f"the address of {name} is no prefix",
            )
            encodings = get.xpath("o:Constraint[@name='GetEncoding']//o:Value/text()", namespaces=SPACES)
            equal(encodings, ["KVP"], f"encodings of {name}")


@SUITE.check("GetCapabilities.Response.identifiers are unique")
def unique(service: Service) -> None:
    root = capabilities(service)
    for path in ("//w:Layer/o:Identifier", "//w:Contents/w:TileMatrixSet/o:Identifier"):
        found = [e.text for e in root.xpath(path, namespaces=SPACES)]
        need(found and len(set(found)) == len(found), f"{path} are not unique")
    for matrix_set in root.xpath("//w:Contents/w:TileMatrixSet", namespaces=SPACES):
        for path in ("w:TileMatrix/o:Identifier", "w:TileMatrix/w:ScaleDenominator"):
            found = [e.text for e in matrix_set.xpath(path, namespaces=SPACES)]
            need(found and len(set(found)) == len(found), f"{path} are not unique")


@SUITE.check("GetCapabilities.Response.Layer.TileMatrixSet.Valid")
def matrix_sets(service: Service) -> None:
    root = capabilities(service)
    known = set(root.xpath("//w:Contents/w:TileMatrixSet/o:Identifier/text()", namespaces=SPACES))
    for layer in each(root.iter(f"{{{WMTS}}}Layer"), "no layer"):
        named = set(layer.xpath("w:TileMatrixSetLink/w:TileMatrixSet/text()", namespaces=SPACES))
        need(named and named <= known, f"{named} are not sets of the document")


@SUITE.check("GetCapabilities.Response.TileMatrixSet.WellKnownScaleSet")
def well_known_scales(service: Service) -> None:
    """Annex E of the standard: the CRS by the name it has there, the scales from the largest on, without a gap."""
    found = capabilities(service).xpath("//w:TileMatrixSet[w:WellKnownScaleSet]", namespaces=SPACES)
    for matrix_set in each(found, "no well-known scale set"):
        named = matrix_set.findtext("w:WellKnownScaleSet", namespaces=SPACES)
        equal(named, "urn:ogc:def:wkss:OGC:1.0:GoogleMapsCompatible", "scale set")
        crs = matrix_set.findtext("o:SupportedCRS", namespaces=SPACES)
        equal(crs, "urn:ogc:def:crs:EPSG:6.18:3:3857", "CRS of the scale set")
        scales = matrix_set.xpath("w:TileMatrix/w:ScaleDenominator/text()", namespaces=SPACES)
        for z, scale in enumerate(sorted(map(float, scales), reverse=True)[:19]):
            need(abs(scale - 559082264.0287178 / 2**z) < 1e-6, f"scale {scale} of matrix {z}")


@SUITE.check("GetCapabilities.Response.Layer.LegendURL")
def legends(service: Service) -> None:
    root = capabilities(service)
    for link in each(root.xpath("//w:Layer/w:Style/w:LegendURL", namespaces=SPACES)[:5], "no legend"):
        picture(service.client.get(link.get(f"{{{SPACES['x']}}}href")), link.get("format"))


# GetTile ----------------------------------------------------------------------------------------------------------


def drawn(service: Service) -> Iterator[tuple[etree._Element, str, list[str], list[str]]]:
    """Some layers: element, name, styles, formats."""
    for layer in capabilities(service).iter(f"{{{WMTS}}}Layer"):
        name = layer.findtext("o:Identifier", namespaces=SPACES)
        if name in LAYERS:
            styles = layer.xpath("w:Style/o:Identifier/text()", namespaces=SPACES)
            yield layer, str(name), styles, layer.xpath("w:Format/text()", namespaces=SPACES)


@SUITE.check("GetTile.Mandatory, Valid.Tile.Format and Size")
def tiles(service: Service) -> None:
    for _, name, styles, formats in each(drawn(service), "none of the layers"):
        for style in styles:
            for format_ in formats:
                found = picture(service.ask(tile(Layer=name, Style=style, Format=format_)), format_)
                equal(found.size, (256, 256), "size of a tile")


@SUITE.check("GetTile.Missing")
def missing(service: Service) -> None:
    for name in tile():
        need_exception(service.ask(tile(**{name: None})), "MissingParameterValue", name)


def invalid(service: Service, operation: str) -> None:
    for name, value in (
        ("Layer", "BOGUS"),
        ("Style", "BOGUS"),
        ("Format", "image/BOGUS"),
        ("TileMatrixSet", "BOGUS"),
        ("TileMatrix", "BOGUS"),
        ("version", "9.9.9"),
    ):
        need_exception(service.ask(tile(operation, **{name: value})), "InvalidParameterValue", name)
    for name in ("TileRow", "TileCol"):
        need_exception(service.ask(tile(operation, **{name: "4096"})), "TileOutOfRange", name)


@SUITE.check("GetTile.Invalid")
def invalid_tiles(service: Service) -> None:
    invalid(service, "GetTile")


@SUITE.check("GetTile.SampleDimension")
def dimension(service: Service) -> None:
    """A value that is defined, the default and the current one, and one that there is not."""
    for layer, name, _, _ in drawn(service):
        values = layer.xpath("w:Dimension/w:Value/text()", namespaces=SPACES)
        if not values:
            continue
        default = layer.findtext("w:Dimension/w:Default", namespaces=SPACES)
        now = service.ask(tile(Layer=name, Time=default)).content
        equal(service.ask(tile(Layer=name)).content, now, "the tile without Time")
        equal(service.ask(tile(Layer=name, Time="current")).content, now, "the current tile")
        first = values[0].partition("/")[0]
        need(picture(service.ask(tile(Layer=name, Time=first))), "the first moment")
        need_exception(service.ask(tile(Layer=name, Time="BOGUS")), "InvalidParameterValue", "time")
        return
    need(False, "no layer has a dimension")


@SUITE.check("GetTile.Valid.Tile.Transparency")
def transparency(service: Service) -> None:
    far = tile(TileRow="0", TileCol="0")
    pixels = picture(service.ask(far)).convert("RGBA").getchannel("A")
    equal(pixels.getextrema(), (0, 0), "opacity where nothing is")


# GetFeatureInfo ---------------------------------------------------------------------------------------------------


@SUITE.check("GetFeatureInfo.Valid.InfoFormat")
def info(service: Service) -> None:
    for layer, name, _, _ in each(drawn(service), "none of the layers"):
        for format_ in each(layer.xpath("w:InfoFormat/text()", namespaces=SPACES), "no format"):
            answer = service.ask(tile("GetFeatureInfo", Layer=name, InfoFormat=format_))
            equal(answer.status_code, 200, f"status of {answer.request.url}")
            equal(answer.headers["content-type"].partition(";")[0], format_.partition(";")[0], "media type")


@SUITE.check("GetFeatureInfo.Missing")
def info_missing(service: Service) -> None:
    for name in tile("GetFeatureInfo"):
        if name != "Format":  # says nothing about an answer, and is left out by many
            need_exception(service.ask(tile("GetFeatureInfo", **{name: None})), "MissingParameterValue", name)


@SUITE.check("GetFeatureInfo.Invalid")
def info_invalid(service: Service) -> None:
    invalid(service, "GetFeatureInfo")
    answer = service.ask(tile("GetFeatureInfo", InfoFormat="text/BOGUS"))
    need_exception(answer, "InvalidParameterValue", "infoformat")
    for name in ("I", "J"):
        need_exception(service.ask(tile("GetFeatureInfo", **{name: "256"})), "PointIJOutOfRange", name)


@SUITE.check("GetFeatureInfo.NonQueryable.Layer")
def not_queryable(service: Service) -> None:
    answer = service.ask(tile("GetFeatureInfo", Layer="basemap", Style="day"))
    need_exception(answer, "OperationNotSupported", status=501)


# By address -------------------------------------------------------------------------------------------------------


@SUITE.check("RESTful.GetCapabilities and GetTile")
def by_address(service: Service) -> None:
    same = service.client.get(f"{service.url}/1.0.0/WMTSCapabilities.xml")
    equal(same.content, service.ask(asked()).content, "the two documents")
    for layer, name, styles, _ in each(drawn(service), "none of the layers"):
        for link in each(layer.xpath("w:ResourceURL", namespaces=SPACES), "no address"):
            address = str(link.get("template"))
            for key, value in {**TILE, "Style": styles[0], "Time": "current"}.items():
                address = address.replace(f"{{{key}}}", value)
            found = service.client.get(f"{service.url}{address.partition('/wmts')[2]}")
            picture(found, link.get("format"))
            pairs = tile(Layer=name, Style=styles[0], Format=link.get("format"))
            equal(found.content, service.ask(pairs).content, "the tile by pairs")


@SUITE.check("QGIS")
def qgis(service: Service) -> None:
    """Ours: QGIS asks what it is given for the capabilities of WMS, and takes those of WMTS."""
    root_of(service.ask({"SERVICE": "WMS", "REQUEST": "GetCapabilities"}), CAPABILITIES)
    need_exception(service.ask({"SERVICE": "WMS", "REQUEST": "GetMap"}), "InvalidParameterValue", "service")
