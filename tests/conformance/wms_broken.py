"""The faulty servers, each with the checks that must notice it.

``fails`` names every check that fails by a fault, and no other may (measured, then read over); of a ``wide`` fault,
which takes so much away that most checks fail, only the checks that it is there for are named.
"""

from __future__ import annotations

from tests.conformance.wms_faults import (
    EMPTY,
    UNDEFINED,
    ZERO,
    Fault,
    as_html,
    asked_as,
    attribute,
    axes_swapped,
    box_of_unknown_crs,
    crs_moved_down,
    data_as_html,
    document,
    dropped,
    format_renamed,
    geographic,
    legend_of_another_size,
    prefix_lost,
    reading,
    refused,
    twice,
    unknown_layers_left_out,
    when,
    without,
    xml_exceptions_lost,
)
from tests.conformance.wms_reference import LIMIT

BASICS = (
    Fault(
        "without a version the lowest is answered",
        reading("VERSION", "1.1.1", REQUEST="GetCapabilities", VERSION=None),
        ("basic_elements:negotiate-no-version",),
    ),
    Fault(
        "a higher version than there is makes it the lowest",
        reading("VERSION", "1.1.1", REQUEST="GetCapabilities", VERSION="100.*"),
        ("basic_elements:negotiate-higher-version",),
    ),
    Fault(
        "a lower version than there is makes it the highest",
        reading("VERSION", "1.3.0", REQUEST="GetCapabilities", VERSION="0.*"),
        ("basic_elements:negotiate-lower-version",),
    ),
    Fault(
        "what is escaped is another format",
        as_html(REQUEST="GetCapabilities", FORMAT=None, BOGUS=None, UPDATESEQUENCE=None),
        ("basic_elements:escaped-chars",),
        wide=True,
    ),
    Fault(
        "parameters of nobody's are refused",
        refused(REQUEST="GetMap", BOGUS="ignored"),
        ("basic_elements:extra parameters",),
    ),
    Fault(
        "a map is of any version",
        asked_as(
            lambda given: {**given, "VERSION": "1.1.1" if "SRS" in given else "1.3.0"},
            VERSION=None,
            REQUEST="GetMap|GetFeatureInfo",
        ),
        ("VERSION is missing",),
    ),
    Fault(
        "any service is this one",
        reading("SERVICE", "WMS", REQUEST="GetCapabilities", SERVICE=None),
        ("SERVICE is missing",),
    ),
    Fault(
        "one version is answered as the other",
        asked_as(
            lambda given: {**given, "VERSION": "1.1.1" if given["VERSION"] == "1.3.0" else "1.3.0"},
            REQUEST="GetCapabilities",
            VERSION="1[.][13][.][01]",
        ),
        ("basic_elements:negotiate-basic_elements-version",),
        wide=True,
    ),
)
CAPABILITIES = (
    Fault(
        "a format of capabilities is answered as another",
        as_html(REQUEST="GetCapabilities", FORMAT="(?!invalid).*"),
        ("getcapabilities:each-format",),
    ),
    Fault(
        "capabilities are HTML unless a format is named",
        as_html(REQUEST="GetCapabilities", FORMAT=None, UPDATESEQUENCE=None),
        ("getcapabilities:no-format",),
        wide=True,
    ),
    Fault(
        "an unknown format of capabilities is answered with HTML",
        as_html(REQUEST="GetCapabilities", FORMAT="invalid"),
        ("getcapabilities:invalid-format",),
    ),
    Fault(
        "the sequence is ignored",
        without("UPDATESEQUENCE", REQUEST="GetCapabilities"),
        ("getcapabilities:updatesequence-current", "getcapabilities:updatesequence-higher"),
    ),
    Fault(
        "a lower sequence is refused",
        reading("UPDATESEQUENCE", "99", UPDATESEQUENCE="[0-6]"),
        ("getcapabilities:updatesequence-lower",),
    ),
    Fault("addresses are no prefixes", document(prefix_lost), ("getcapabilities:capability-onlineresource",)),
    Fault(
        "the XML format is not listed",
        document(format_renamed),
        ("getcapabilities:each-format", "getcapabilities:capability-xml-getcapabilities-format"),
    ),
    Fault(
        "XML exceptions are not listed",
        document(xml_exceptions_lost),
        ("getcapabilities:capability-xml-exception-format",),
    ),
    Fault(
        "a box in a CRS that is not offered",
        document(box_of_unknown_crs),
        ("getcapabilities:bbox-crs-advertised",),
    ),
    Fault(
        "there are no boxes",
        dropped("BoundingBox"),
        ("getcapabilities:bbox-present", "getmap:bbox-direct", "getmap:each-crs"),
    ),
    Fault("a box twice", twice("BoundingBox"), ("getcapabilities:bbox-distinct-crs",)),
    Fault(
        "there is no CRS",
        dropped("CRS", "SRS"),
        ("getcapabilities:bbox-crs-advertised", "getcapabilities:crs-present", "getmap:each-crs"),
    ),
    Fault(
        "the root does not say what all offer",
        document(crs_moved_down),
        ("getcapabilities:bbox-crs-advertised", "getcapabilities:crs-for-all-layers"),
    ),
    Fault("data is of another media type", data_as_html, ("getcapabilities:dataurls",)),
    Fault(
        "there is no geographic box",
        dropped("EX_GeographicBoundingBox", "LatLonBoundingBox"),
        ("getcapabilities:ex_geobbox-present",),
        wide=True,
    ),
    Fault(
        "a geographic box is inverted",
        geographic("wards", lambda box: {**box, "west": box["east"], "east": box["west"]}),
        ("getcapabilities:ex_geobbox-coordinates",),
        wide=True,
    ),
    Fault(
        "a layer lies outside the layer above it",
        geographic("wards", lambda box: {**box, "east": "150.0"}),
        ("getcapabilities:layer-extents",),
    ),
    Fault("a style twice", twice("Style"), ("getcapabilities:style-unique",)),
    Fault(
        "legends are of another size",
        when(legend_of_another_size, REQUEST="GetLegendGraphic"),
        ("getcapabilities:style-legendurls",),
    ),
    Fault("time is no ISO 8601", attribute("Dimension", "units", "days"), ("getcapabilities:dims-time",)),
    Fault("time twice", twice("Dimension"), ("getcapabilities:dims-no-redeclarations",)),
)

BOXES = (
    Fault(
        "minx above maxx is taken",
        reading("BBOX", ZERO, BBOX="1,0,0,1"),
        ("getmap:bbox-minx-gt-maxx",),
    ),
    Fault(
        "minx equal to maxx is taken",
        reading("BBOX", ZERO, BBOX="0,0,0,1"),
        ("getmap:bbox-minx-eq-maxx",),
    ),
    Fault(
        "miny above maxy is taken",
        reading("BBOX", ZERO, BBOX="0,1,1,0"),
        ("getmap:bbox-miny-gt-maxy",),
    ),
    Fault(
        "miny equal to maxy is taken",
        reading("BBOX", ZERO, BBOX="0,0,1,0"),
        ("getmap:bbox-miny-eq-maxy",),
    ),
    Fault("exponents are not read", refused(BBOX=".*E.*"), ("getmap:bbox-exponential",)),
    Fault(
        "beside a layer all is red",
        reading("BGCOLOR", "0xFF0000", BBOX="97.*", BGCOLOR=None),
        ("getmap:bbox-no-overlap", "getmap:no-bgcolor"),
    ),
    Fault("a box beyond the pole is refused", refused(BBOX="-10,90,10,110"), ("getmap:bbox-outside-crs",)),
    Fault("a CRS is refused that is offered", refused(CRS="EPSG:3857"), ("getmap:each-crs",)),
    Fault(
        "the axes of EPSG:4326 are swapped",
        asked_as(axes_swapped, REQUEST="GetMap", CRS="EPSG:4326"),
        ("getmap:each-crs",),
        wide=True,
    ),
    Fault(
        "an unknown CRS is refused with another code",
        reading("LAYERS", UNDEFINED, CRS="CRS:invalid"),
        ("getmap:invalid-crs",),
    ),
)

GET_MAP: dict[str, str | None] = {"REQUEST": "GetMap"}
GET_INFO: dict[str, str | None] = {"REQUEST": "GetFeatureInfo"}
WRONG: dict[str, str | None] = {"LAYERS": UNDEFINED, "BBOX": ZERO}
XML = "(?i)(xml|application/vnd.ogc.se_xml)"
INIMAGE = "(?i).*inimage"
BLANK = "(?i).*blank"

EXCEPTIONS = (
    Fault(
        "exceptions are HTML", as_html(**GET_MAP, **WRONG, EXCEPTIONS=None), ("getmap:exceptions-default",)
    ),
    Fault("EXCEPTIONS=XML gives HTML", as_html(**GET_MAP, EXCEPTIONS=XML), ("getmap:exceptions-xml",)),
    Fault(
        "INIMAGE is ignored", without("EXCEPTIONS", EXCEPTIONS=INIMAGE), ("getmap:exceptions-inimage-mime",)
    ),
    Fault(
        "BLANK is ignored",
        without("EXCEPTIONS", EXCEPTIONS=BLANK),
        (
            "getmap:exceptions-blank-mime",
            "getmap:exceptions-blank-red",
            "getmap:exceptions-blank-transparent",
        ),
    ),
    Fault(
        "exceptions about features are HTML",
        as_html(**GET_INFO, **WRONG, EXCEPTIONS=None),
        ("getfeatureinfo:exceptions-default",),
    ),
    Fault(
        "EXCEPTIONS=XML about features gives HTML",
        as_html(**GET_INFO, EXCEPTIONS=XML),
        ("getfeatureinfo:exceptions-xml",),
    ),
)

MAPS = (
    Fault(
        "an unknown format is taken",
        reading("FORMAT", "image/png", FORMAT="image/invalid"),
        ("getmap:invalid-format",),
    ),
    Fault("JPEG is PNG", reading("FORMAT", "image/png", FORMAT="image/jpeg"), ("getmap:each-format",)),
    Fault(
        "a map of one layer is refused",
        refused(**GET_MAP, LAYERS="ground|houses|wards", STYLES=EMPTY, EXCEPTIONS=None),
        ("getmap:bbox-direct", "getmap:each-layer", "getmap:styles-default-single-layer"),
        wide=True,
    ),
    Fault(
        "two layers are refused",
        refused(**GET_MAP, LAYERS="[a-z]+,[a-z]+", STYLES=EMPTY),
        ("getmap:two-layers", "getmap:styles-default-multiple-layers"),
    ),
    Fault(
        "three layers are refused",
        refused(**GET_MAP, LAYERS="[a-z]+,[a-z]+,[a-z]+", STYLES=EMPTY),
        ("getmap:three-layers",),
    ),
    Fault("a layer is refused", refused(**GET_MAP, LAYERS="wards", STYLES=EMPTY), ("getmap:each-layer",)),
    Fault(
        "unknown layers are left out",
        asked_as(unknown_layers_left_out, **GET_MAP, LAYERS=f".*{UNDEFINED}.*", EXCEPTIONS=None),
        (
            "getmap:exceptions-default",
            "getmap:invalid-layer",
            "getmap:first-layer-invalid",
            "getmap:second-layer-invalid",
        ),
    ),
    Fault(
        "layers beyond the limit are left out",
        asked_as(lambda given: {**given, "LAYERS": ",".join(given["LAYERS"].split(",")[:LIMIT])}, **GET_MAP),
        ("getmap:layerlimit",),
    ),
    Fault(
        "a style is refused", refused(**GET_MAP, STYLES="day"), ("getmap:styles-direct", "getmap:each-style")
    ),
    Fault("two styles are refused", refused(**GET_MAP, STYLES="[a-z]+,[a-z]+"), ("getmap:two-styles",)),
    Fault(
        "three styles are refused",
        refused(**GET_MAP, STYLES="[a-z]+,[a-z]+,[a-z]+"),
        ("getmap:three-styles",),
    ),
    Fault("commas alone are refused", refused(**GET_MAP, STYLES=",,"), ("getmap:styles-default-commas",)),
    Fault(
        "an empty style among others is refused",
        refused(**GET_MAP, STYLES=",[a-z]+"),
        ("getmap:styles-some-default",),
    ),
    Fault(
        "unknown styles are ignored",
        reading("STYLES", "", **GET_MAP, STYLES=".*UndefinedStyle.*"),
        ("getmap:invalid-style", "getmap:first-style-invalid", "getmap:second-style-invalid"),
    ),
    Fault(
        "maps are transparent unless they must not be",
        reading("TRANSPARENT", "TRUE", **GET_MAP, TRANSPARENT=None, BGCOLOR=None, BBOX="97.*"),
        ("getmap:bbox-no-overlap", "getmap:transparent-default", "getmap:no-bgcolor"),
    ),
    Fault(
        "FALSE is TRUE", reading("TRANSPARENT", "TRUE", TRANSPARENT="FALSE"), ("getmap:transparent-false",)
    ),
    Fault(
        "TRANSPARENT is ignored",
        without("TRANSPARENT", **GET_MAP, TRANSPARENT="TRUE"),
        ("getmap:exceptions-blank-transparent", "getmap:transparent-true"),
    ),
    Fault(
        "an opaque layer is seen through",
        reading("BBOX", "0,0,1,1", **GET_MAP, LAYERS="ground", TRANSPARENT="TRUE", BBOX="100.*"),
        ("getmap:transparent-opaque-layer",),
    ),
    Fault("BGCOLOR is ignored", without("BGCOLOR"), ("getmap:exceptions-blank-red", "getmap:blue-bgcolor")),
    Fault("a large picture is refused", refused(**GET_MAP, WIDTH=r"\d{4}"), ("getmap:large-size",)),
    Fault(
        "a picture of one pixel has four", reading("WIDTH", "2", **GET_MAP, WIDTH="1"), ("getmap:small-size",)
    ),
)

INFO = (
    Fault(
        "an unknown format of information is taken",
        reading("INFO_FORMAT", "text/plain", INFO_FORMAT="invalid/invalid"),
        ("getfeatureinfo:invalid-info_format",),
    ),
    Fault(
        "JSON is text",
        reading("INFO_FORMAT", "text/plain", INFO_FORMAT="application/json"),
        ("getfeatureinfo:each-info_format",),
    ),
    Fault(
        "a column outside is taken",
        asked_as(lambda given: {**given, "I": "1", "X": "1"}, **GET_INFO),
        ("getfeatureinfo:invalid-i",),
    ),
    Fault(
        "a row outside is taken",
        asked_as(lambda given: {**given, "J": "1", "Y": "1"}, **GET_INFO),
        ("getfeatureinfo:invalid-j",),
    ),
    Fault(
        "two layers cannot be asked about",
        refused(QUERY_LAYERS="[a-z]+,[a-z]+"),
        ("getfeatureinfo:two-query_layers",),
    ),
    Fault(
        "three layers cannot be asked about",
        refused(QUERY_LAYERS="[a-z]+,[a-z]+,[a-z]+"),
        ("getfeatureinfo:three-query_layers",),
    ),
    Fault(
        "all that is drawn must be asked about",
        refused(**GET_INFO, LAYERS="[a-z]+,[a-z]+", QUERY_LAYERS="[a-z]+"),
        ("getfeatureinfo:less-query_layers",),
    ),
    Fault(
        "an unknown layer is not asked about",
        reading("QUERY_LAYERS", "houses", QUERY_LAYERS=UNDEFINED, LAYERS="houses"),
        ("getfeatureinfo:invalid-query_layers",),
    ),
    Fault(
        "any layer can be asked about",
        asked_as(
            lambda given: {**given, "LAYERS": "houses", "QUERY_LAYERS": "houses"}, QUERY_LAYERS="ground"
        ),
        ("getfeatureinfo:query_layers-not-queryable",),
    ),
    Fault(
        "a layer cannot be asked about",
        refused(QUERY_LAYERS="wards", LAYERS="wards"),
        ("getfeatureinfo:each-queryable-layer",),
    ),
)

FAULTS: tuple[Fault, ...] = (*BASICS, *CAPABILITIES, *BOXES, *EXCEPTIONS, *MAPS, *INFO)
