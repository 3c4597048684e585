"""Refusals as OGC's services with key-value pairs write them (WMS, WMTS, WFS): one list of codes, one writer.

A `Dialect` is what one version of one protocol says otherwise: the document, its media type, its codes and statuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from gis_core.http.problems import VARY, Refusal
from gis_core.problems import Problem
from gis_core.query.gml_text import legal_xml
from gis_core.words import Text

# OWS Common (OGC 06-121r3, table 27).
INVALID = "InvalidParameterValue"
INVALID_UPDATE_SEQUENCE = "InvalidUpdateSequence"
MISSING = "MissingParameterValue"
NEGOTIATION_FAILED = "VersionNegotiationFailed"
NOT_SUPPORTED = "OperationNotSupported"
OPTION_NOT_SUPPORTED = "OptionNotSupported"
OTHER = "NoApplicableCode"
# WMS (OGC 06-042, table E.1).
CURRENT_UPDATE_SEQUENCE = "CurrentUpdateSequence"
INVALID_CRS = "InvalidCRS"
INVALID_DIMENSION_VALUE = "InvalidDimensionValue"
INVALID_FORMAT = "InvalidFormat"
INVALID_POINT = "InvalidPoint"
LAYER_NOT_DEFINED = "LayerNotDefined"
LAYER_NOT_QUERYABLE = "LayerNotQueryable"
STYLE_NOT_DEFINED = "StyleNotDefined"
# WMTS (OGC 07-057r7, tables 24 and 32).
POINT_OUT_OF_RANGE = "PointIJOutOfRange"
TILE_OUT_OF_RANGE = "TileOutOfRange"
# WFS (OGC 09-025r2, table 3).
NOT_FOUND = "NotFound"
PARSING_FAILED = "OperationParsingFailed"
PROCESSING_FAILED = "OperationProcessingFailed"

COMMON = frozenset({INVALID, MISSING, NOT_SUPPORTED, INVALID_UPDATE_SEQUENCE})
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
SCHEMAS = "http://schemas.opengis.net"


class OwsException(Problem):
    """A `Problem` whose ``code`` is one of the codes above; ``parameter`` is the locator."""

    def __init__(self, code: str, detail: Text, locator: str | None = None, *, status: int = 400) -> None:
        super().__init__(status, code, detail, parameter=locator)


def refused(code: str, locator: str | None, vi: str, en: str, *, status: int = 400) -> OwsException:
    """A refusal of the parameter ``locator``."""
    return OwsException(code, Text(vi, en), locator, status=status)


# By what other servers let a client choose among features, and these services do not: GeoServer's CQL_FILTER and
# VIEWPARAMS, QGIS Server's EXP_FILTER and FILTER_GEOM, ArcGIS' LAYERDEFS, OGC API's datetime. In any case of letters,
# with or without strokes and dots.
NARROWING = frozenset(
    {"CQLFILTER", "EXPFILTER", "FILTERGEOM", "VIEWPARAMS", "CLIP", "LAYERDEFS", "WHERE", "DATETIME"}
)
WFS_NARROWING = NARROWING | {"TIME"}
# A picture shows a whole layer, or what of it is valid at TIME. That counts for the layers that have time, since one
# map has layers with it and without.
MAP_NARROWING = NARROWING | {"FILTER", "FEATUREID", "RESOURCEID"}


def refuse_narrowing(names: Iterable[tuple[str, str]], narrowing: frozenset[str], instead: Text) -> None:
    """Refuse the first of the parameters (names and values) that asks for less than would be answered.

    Other unknown parameters are the client's own affair, as the standards have it; but who filters and gets everything
    takes a wrong answer for a right one. ``instead`` says how it is asked for here.
    """
    for name, value in names:
        if value.strip() and re.sub(r"[^A-Z0-9]", "", name.upper()) in narrowing:
            said = name[:60]
            raise refused(
                INVALID,
                said,
                f"Dịch vụ này không lọc theo “{said}”, và bỏ qua nó thì câu trả lời sẽ sai. {instead.vi}",
                f"This service does not filter by “{said}”, and to ignore it would answer wrongly. {instead.en}",
            )


def missing(locator: str) -> OwsException:
    """A refusal of a request without the parameter ``locator``."""
    return refused(MISSING, locator, f"Thiếu tham số {locator}.", f"The parameter {locator} is missing.")


@dataclass(frozen=True)
class Dialect:
    """How one version of one service says no.

    ``root`` is the opening tag of the report, after the declaration; ``{language}`` in it is the reader's. ``renamed``
    has what this protocol calls the codes of others, ``statuses`` the HTTP statuses that it prescribes by code,
    ``locators`` its names for parameters of the OGC API, whose parsers are shared.
    """

    media_type: str
    root: str
    codes: frozenset[str]
    renamed: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)
    locators: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = (
        OTHER  # the code of what the protocol has no word for; None where it leaves that out
    )
    element: str = "ows:Exception"
    code_attribute: str = "exceptionCode"
    says_locator: bool = True
    text: str = "ows:ExceptionText"  # one for each language; "" for both within the exception's element

    @property
    def head(self) -> str:
        """All that stands before the exception."""
        return f"{DECLARATION}{self.root}"


WMS_CODES = COMMON | {
    CURRENT_UPDATE_SEQUENCE,
    INVALID_CRS,
    INVALID_DIMENSION_VALUE,
    INVALID_FORMAT,
    INVALID_POINT,
    LAYER_NOT_DEFINED,
    LAYER_NOT_QUERYABLE,
    STYLE_NOT_DEFINED,
}
# Clients (QGIS, OWSLib) read the words of an exception of WMS only from an answer that arrived.
WMS_STATUSES = dict.fromkeys(WMS_CODES | {"InvalidSRS"}, 200)
WMS_130 = Dialect(
    media_type="text/xml",
    root='<ServiceExceptionReport version="1.3.0" xmlns="http://www.opengis.net/ogc"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.opengis.net/ogc'
    f' {SCHEMAS}/wms/1.3.0/exceptions_1_3_0.xsd">',
    codes=WMS_CODES,
    statuses=WMS_STATUSES,
    otherwise=None,
    element="ServiceException",
    code_attribute="code",
    text="",
)
WMS_111 = Dialect(
    media_type="application/vnd.ogc.se_xml",
    root=f'<!DOCTYPE ServiceExceptionReport SYSTEM "{SCHEMAS}/wms/1.1.1/exception_1_1_1.dtd">\n'
    '<ServiceExceptionReport version="1.1.1">',
    codes=WMS_CODES | {"InvalidSRS"},
    renamed={INVALID_CRS: "InvalidSRS"},
    statuses=WMS_STATUSES,
    otherwise=None,
    element="ServiceException",
    code_attribute="code",
    says_locator=False,
    text="",
)
OWS_11 = '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1"'
OWS_11_SCHEMA = (
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.opengis.net/ows/1.1'
    f' {SCHEMAS}/ows/1.1.0/owsExceptionReport.xsd"'
)
WMTS_100 = Dialect(
    media_type="text/xml",
    root=f'{OWS_11}{OWS_11_SCHEMA} version="1.1.0" xml:lang="{{language}}">',
    codes=COMMON | {NEGOTIATION_FAILED, POINT_OUT_OF_RANGE, TILE_OUT_OF_RANGE},
    renamed={
        INVALID_POINT: POINT_OUT_OF_RANGE,
        LAYER_NOT_QUERYABLE: NOT_SUPPORTED,
        **dict.fromkeys(
            (INVALID_CRS, INVALID_DIMENSION_VALUE, INVALID_FORMAT, LAYER_NOT_DEFINED, STYLE_NOT_DEFINED),
            INVALID,
        ),
    },
    statuses={NOT_SUPPORTED: 501},
    locators={"INFO_FORMAT": "InfoFormat", "QUERY_LAYERS": "Layer"},
)
WFS_CODES = COMMON | {
    NEGOTIATION_FAILED,
    OPTION_NOT_SUPPORTED,
    PARSING_FAILED,
    PROCESSING_FAILED,
    NOT_FOUND,
}
# A layer that is not there is a wrong parameter of WFS, not a wrong address.
WFS_STATUSES = {INVALID: 400}
WFS_RENAMED = {"filter-syntax": PARSING_FAILED}
WFS_LOCATORS = {"collectionId": "typeNames", "sortby": "sortBy", "bbox-crs": "srsName", "crs": "srsName"}
WFS_200 = Dialect(
    media_type="application/xml",
    root=f'{OWS_11} version="2.0.0" xml:lang="{{language}}">',
    codes=WFS_CODES,
    renamed=WFS_RENAMED,
    statuses=WFS_STATUSES,
    locators=WFS_LOCATORS,
)
WFS_110 = Dialect(
    media_type="text/xml",
    root='<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows" version="1.0.0" language="{language}">',
    codes=WFS_CODES,
    renamed=WFS_RENAMED,
    statuses=WFS_STATUSES,
    locators=WFS_LOCATORS,
)


def code_of(problem: Problem, dialect: Dialect) -> str | None:
    """The exception code of any refusal. What names a parameter of the request is at least its invalid value."""
    code = dialect.renamed.get(problem.code, problem.code)
    if code in dialect.codes:
        return code
    return INVALID if problem.status in (400, 404, 422) and problem.parameter else dialect.otherwise


def status_of(problem: Problem, dialect: Dialect) -> int:
    """The HTTP status of any refusal."""
    return dialect.statuses.get(code_of(problem, dialect) or "", problem.status)


def report(problem: Problem, dialect: Dialect, language: str) -> bytes:
    """The exception report of ``problem``: the reader's language first, then the other."""
    code = code_of(problem, dialect)
    locator = dialect.locators.get(problem.parameter or "", problem.parameter)
    attributes = {dialect.code_attribute: code, "locator": locator if dialect.says_locator else None}
    shown = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items() if value)
    words = dict.fromkeys([problem.detail.to(language), problem.detail.vi, problem.detail.en])
    if dialect.text:
        texts = "".join(f"<{dialect.text}>{escape(each)}</{dialect.text}>" for each in words)
    else:
        texts = escape(" · ".join(words))
    closing = dialect.root.rpartition("<")[2].partition(" ")[0]
    opening = f"{dialect.head.format(language=language)}<{dialect.element}{shown}>"
    document = f"{opening}{texts}</{dialect.element}></{closing}>\n"
    return legal_xml(document.encode("utf-8", "replace"))


def ows_refusal(problem: Problem, dialect: Dialect, language: str) -> Refusal:
    """``problem`` as an answer of that protocol; no cache keeps it."""
    headers = {
        "Content-Type": f"{dialect.media_type}; charset=utf-8",
        "Cache-Control": "no-store",
        "Vary": VARY,
        **problem.headers,
    }
    return Refusal(status_of(problem, dialect), headers, report(problem, dialect, language))
