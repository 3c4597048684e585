"""Refusals as WMS writes them: a ServiceExceptionReport with the standard's codes, in both languages."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from gis_core.problems import Problem
from gis_core.query.gml_text import legal_xml
from gis_core.words import Text
from tilesrv.wms.versions import V130, Version

CURRENT_UPDATE_SEQUENCE = "CurrentUpdateSequence"
INVALID_CRS = "InvalidCRS"
INVALID_DIMENSION_VALUE = "InvalidDimensionValue"
INVALID_FORMAT = "InvalidFormat"
INVALID_POINT = "InvalidPoint"
INVALID_SRS = "InvalidSRS"  # what 1.1.1 calls InvalidCRS
INVALID_UPDATE_SEQUENCE = "InvalidUpdateSequence"
LAYER_NOT_DEFINED = "LayerNotDefined"
LAYER_NOT_QUERYABLE = "LayerNotQueryable"
OPERATION_NOT_SUPPORTED = "OperationNotSupported"
STYLE_NOT_DEFINED = "StyleNotDefined"
# For what the standard has no code of its own (its table E.1 is not closed): those of OWS Common.
INVALID = "InvalidParameterValue"
MISSING = "MissingParameterValue"

LISTED = frozenset(
    {
        CURRENT_UPDATE_SEQUENCE,
        INVALID_CRS,
        INVALID_DIMENSION_VALUE,
        INVALID_FORMAT,
        INVALID_POINT,
        INVALID_UPDATE_SEQUENCE,
        LAYER_NOT_DEFINED,
        LAYER_NOT_QUERYABLE,
        OPERATION_NOT_SUPPORTED,
        STYLE_NOT_DEFINED,
        INVALID,
        MISSING,
    }
)


class ServiceException(Problem):
    """A `Problem` whose code is an exception code of WMS.

    Its status is 200: clients (QGIS, OWSLib) read the words of an exception only from an answer that arrived.
    """

    def __init__(self, code: str, detail: Text, parameter: str | None = None) -> None:
        super().__init__(200, code, detail, parameter=parameter)


def refused(code: str, parameter: str, vi: str, en: str) -> ServiceException:
    return ServiceException(code, Text(vi, en), parameter)


def missing(parameter: str) -> ServiceException:
    return refused(
        MISSING, parameter, f"Thiếu tham số {parameter}.", f"The parameter {parameter} is missing."
    )


def code_of(problem: Problem, version: Version) -> str | None:
    """The exception code of any refusal; None where WMS has no word for it (busy, sign-in)."""
    if problem.code not in LISTED:
        return None
    return INVALID_SRS if problem.code == INVALID_CRS and version is not V130 else problem.code


def report(problem: Problem, version: Version, language: str) -> bytes:
    """The ServiceExceptionReport of ``problem``: the reader's language first, then the other."""
    code = code_of(problem, version)
    locator = f" locator={quoteattr(problem.parameter)}" if problem.parameter and version is V130 else ""
    words = problem.detail
    first, second = (words.en, words.vi) if language == "en" else (words.vi, words.en)
    text = escape(first if first == second else f"{first} · {second}")
    opened = f"<ServiceException{f' code={quoteattr(code)}' if code else ''}{locator}>"
    document = f"{version.exception_head}{opened}{text}</ServiceException></ServiceExceptionReport>\n"
    return legal_xml(document.encode("utf-8", "replace"))
