"""Refusals as the standard writes them: an OWS ExceptionReport, its codes and locators, the words in both languages."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from gis_core.problems import Problem
from gis_core.query.gml_text import legal_xml
from gis_core.words import Text

INVALID = "InvalidParameterValue"
MISSING = "MissingParameterValue"
NEGOTIATION_FAILED = "VersionNegotiationFailed"
NOT_SUPPORTED = "OperationNotSupported"
OPTION_NOT_SUPPORTED = "OptionNotSupported"
PARSING_FAILED = "OperationParsingFailed"
PROCESSING_FAILED = "OperationProcessingFailed"
NOT_FOUND = "NotFound"
OTHER = "NoApplicableCode"

OWS = {"2.0.0": ("http://www.opengis.net/ows/1.1", "2.0.0"), "1.1.0": ("http://www.opengis.net/ows", "1.0.0")}
# Parameters of the OGC API, whose parsers are used here too, and what WFS calls them.
LOCATORS = {"collectionId": "typeNames", "sortby": "sortBy", "bbox-crs": "srsName", "crs": "srsName"}


class ServiceException(Problem):
    """A `Problem` that knows its exception code; ``parameter`` is the locator."""

    def __init__(self, status: int, code: str, detail: Text, locator: str | None = None) -> None:
        super().__init__(status, code, detail, parameter=locator)


def refused(locator: str, vi: str, en: str, *, code: str = INVALID, status: int = 400) -> ServiceException:
    """A refusal of the parameter ``locator``."""
    return ServiceException(status, code, Text(vi, en), locator)


def code_of(problem: Problem) -> str:
    """The exception code (OGC 06-121r3, table 27; OGC 09-025r2, table 3) of any refusal."""
    if isinstance(problem, ServiceException):
        return problem.code
    if problem.code == "filter-syntax":
        return PARSING_FAILED
    return INVALID if problem.status in (400, 404, 422) and problem.parameter else OTHER


def status_of(problem: Problem) -> int:
    """The HTTP status; a layer that is not there is a wrong parameter, not a wrong address."""
    return 400 if code_of(problem) == INVALID else problem.status


def report(problem: Problem, language: str, version: str = "2.0.0") -> bytes:
    """The ExceptionReport of ``problem``: the reader's language first, then the other."""
    namespace, number = OWS[version]
    locator = LOCATORS.get(problem.parameter or "", problem.parameter)
    where = f" locator={quoteattr(locator)}" if locator else ""
    words = sorted({"vi": problem.detail.vi, "en": problem.detail.en}.items(), key=lambda w: w[0] != language)
    texts = "".join(f"<ows:ExceptionText>{escape(text)}</ows:ExceptionText>" for _, text in words)
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<ows:ExceptionReport xmlns:ows="{namespace}" version="{number}" xml:lang="{language}">'
        f'<ows:Exception exceptionCode="{code_of(problem)}"{where}>{texts}</ows:Exception></ows:ExceptionReport>\n'
    )
    return legal_xml(document.encode("utf-8", "replace"))
