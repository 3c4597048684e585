"""Refusals as OWS Common writes them (OGC 06-121r3, clause 8): an ExceptionReport with code and locator."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from gis_core.problems import Problem
from gis_core.query.gml_text import legal_xml
from gis_core.words import Text

INVALID = "InvalidParameterValue"
INVALID_UPDATE_SEQUENCE = "InvalidUpdateSequence"
MISSING = "MissingParameterValue"
NEGOTIATION_FAILED = "VersionNegotiationFailed"
NOT_SUPPORTED = "OperationNotSupported"
OTHER = "NoApplicableCode"
POINT_OUT_OF_RANGE = "PointIJOutOfRange"
TILE_OUT_OF_RANGE = "TileOutOfRange"

# HTTP statuses of OGC 07-057r7, tables 24, 27 and 32.
STATUSES = {NOT_SUPPORTED: 501, OTHER: 500}
LISTED = frozenset(
    {INVALID, INVALID_UPDATE_SEQUENCE, MISSING, NEGOTIATION_FAILED, NOT_SUPPORTED}
    | {POINT_OUT_OF_RANGE, TILE_OUT_OF_RANGE}
)


def refused(code: str, locator: str | None, vi: str, en: str) -> Problem:
    return Problem(STATUSES.get(code, 400), code, Text(vi, en), parameter=locator)


def missing(locator: str) -> Problem:
    return refused(MISSING, locator, f"Thiếu tham số {locator}.", f"The parameter {locator} is missing.")


def report(problem: Problem, language: str) -> bytes:
    """The ExceptionReport of any refusal: the reader's language first, then the other."""
    code = problem.code if problem.code in LISTED else OTHER
    locator = f" locator={quoteattr(problem.parameter)}" if problem.parameter else ""
    words = sorted({"vi": problem.detail.vi, "en": problem.detail.en}.items(), key=lambda w: w[0] != language)
    texts = "".join(f"<ows:ExceptionText>{escape(text)}</ows:ExceptionText>" for _, text in words)
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.opengis.net/ows/1.1'
        ' http://schemas.opengis.net/ows/1.1.0/owsExceptionReport.xsd"'
        f' version="1.1.0" xml:lang="{language}"><ows:Exception exceptionCode="{code}"{locator}>{texts}'
        "</ows:Exception></ows:ExceptionReport>\n"
    )
    return legal_xml(document.encode("utf-8", "replace"))
