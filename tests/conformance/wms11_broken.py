"""The faults that the port of ets-wms11 must notice; see `services_broken`."""

from __future__ import annotations

import io

from PIL import Image

from tests.conformance.faulty import Fault

WHOLE = rb"\A.*\Z"


def drawn(colour: str, size: tuple[int, int] = (200, 200)) -> bytes:
    """A picture of one colour, to stand in the place of `WHOLE`."""
    held = io.BytesIO()
    Image.new("RGB", size, colour).save(held, "PNG")
    return held.getvalue().replace(b"\\", rb"\\")


WMS11 = (
    Fault(
        "one parameter too many makes another answer",
        ("basic_elements-param_rules-order_and_case-5",),
        "bogus=",
        media_type="application/vnd.ogc.se_xml",
    ),
    Fault(
        "the old name of the request is another request",
        ("getcapabilities-params-request-1",),
        "request=capabilities",
        rb"WMT_MS_Capabilities",
        b"Capabilities",
    ),
    Fault(
        "WMTVER is passed over",
        ("getcapabilities-params-version-1 and 2",),
        r"wmtver=1\.3\.0",
        rb'version="1.3.0"',
        b'version="1.1.1"',
    ),
    Fault(
        "WMTVER counts more than VERSION",
        ("getcapabilities-params-version-3 to 6",),
        "wmtver=100",
        rb'version="1.1.1"',
        b'version="1.3.0"',
    ),
    Fault(
        "the old name of GetMap is another request",
        ("getmap-params-request-1 and version-1",),
        "request=map",
        media_type="application/vnd.ogc.se_xml",
    ),
    Fault(
        "an element that the document type has not",
        ("getcapabilities-response-1 and 2",),
        "GetCapabilities",
        rb"(</?)Fees>",
        rb"\1Fee>",
    ),
    Fault(
        "addresses end before their parameters",
        ("getcapabilities-response-capability_metadata-1",),
        "GetCapabilities",
        rb'/wms\?"',
        b'/wms"',
    ),
    Fault(
        "GML has another name",
        ("getcapabilities-response-capability_metadata-2 and getfeatureinfo-params-info_format-2",),
        "GetCapabilities",
        rb"application/vnd.ogc.gml",
        b"application/gml+xml",
    ),
    Fault(
        "exceptions are of no listed format",
        ("getcapabilities-output_formats-1",),
        "GetCapabilities",
        rb"se_xml",
        b"se_text",
    ),
    Fault(
        "the service has another name",
        ("getcapabilities-response-general_metadata-1 and 2",),
        "GetCapabilities",
        rb"OGC:WMS",
        b"WMS",
    ),
    Fault(
        "no layer has an SRS",
        ("getcapabilities-response-layer_properties-latlonbbox and srs",),
        "GetCapabilities",
        rb"<SRS>[^<]*</SRS>",
    ),
    Fault(
        "time is in days",
        ("getcapabilities-response-layer_properties-dim_and_extent, dims-declaring",),
        "GetCapabilities",
        rb'units="ISO8601"',
        b'units="day"',
    ),
    Fault(
        "every style is declared twice",
        ("getcapabilities-response-layer_properties-identifier_and_authorityurl, style-1",),
        "GetCapabilities",
        rb"(<Style>.*?</Style>)",
        rb"\1\1",
    ),
    Fault(
        "whole numbers are no numbers",
        ("getmap-params-bbox-1 and 2",),
        "bbox=107(%2C|,)16(%2C|,)",
        media_type="application/vnd.ogc.se_xml",
    ),
    Fault(
        "something lies beyond the pole",
        ("getmap-params-bbox-10 to 12",),
        "bbox=107(%2C|,)91",
        WHOLE,
        drawn("red"),
    ),
    Fault(
        "a map of another shape is empty",
        ("getmap-params-bbox-4 and width_height-3",),
        "height=400",
        WHOLE,
        drawn("white", (200, 400)),
    ),
    Fault(
        "all maps are one",
        ("getmap-params-layers-4",),
        "request=getmap",
        WHOLE,
        drawn("green"),
    ),
    Fault(
        "transparent maps are PNG",
        ("getmap-each-format-transparent",),
        "webp.*transparent=TRUE",
        media_type="image/png",
    ),
    Fault(
        "escapes in names are not read",
        ("getmap-layer-encoded-name",),
        r"\?LAYERS=%\d",
        media_type="application/vnd.ogc.se_xml",
    ),
    Fault(
        "exceptions are of a document type elsewhere",
        ("basic_elements-validate-exception",),
        "srs=NONE",
        rb"http://schemas.opengis.net",
        b"http://example.org",
    ),
    Fault(
        "one feature takes more than the default",
        ("getfeatureinfo-params-feature_count-1 and 2",),
        "feature_count=1",
        rb"\Z",
        b" ",
    ),
    Fault(
        "a format of information must be named",
        ("getfeatureinfo-params-info_format-1",),
        "^(?!.*info_format).*GetFeatureInfo",
        status=400,
    ),
)
