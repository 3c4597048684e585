"""Refusals in the words of each protocol: one writer, the codes, statuses and documents of five dialects."""

from __future__ import annotations

import pytest
from lxml import etree

from gis_core.http import ows
from gis_core.http.problems import busy
from gis_core.problems import Problem
from gis_core.words import Text

DIALECTS = (ows.WMS_130, ows.WMS_111, ows.WMTS_100, ows.WFS_200, ows.WFS_110)
EVIL = Text("Không có “<&>\x01”.", "There is no “<&>\x01”.")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_report_can_be_read_and_says_both(dialect: ows.Dialect, language: str) -> None:
    problem = ows.OwsException(ows.INVALID, EVIL, '"<layer>"')
    status, headers, body = ows.ows_refusal(problem, dialect, language)
    root = etree.fromstring(body, etree.XMLParser(load_dtd=False, no_network=True))
    words = "".join(root.itertext())
    assert words.index("Không có “<&>”.") != words.index("There is no “<&>”.")
    assert (words.index("Không") < words.index("There")) is (language == "vi")
    assert headers["Content-Type"].startswith(f"{dialect.media_type};")
    assert headers["Cache-Control"] == "no-store"
    assert status == (200 if dialect in (ows.WMS_130, ows.WMS_111) else 400)
    assert root[0].get("locator") == ('"<layer>"' if dialect.says_locator else None)


@pytest.mark.parametrize(
    ("dialect", "code", "said", "status"),
    [
        (ows.WMS_130, ows.INVALID_CRS, "InvalidCRS", 200),
        (ows.WMS_111, ows.INVALID_CRS, "InvalidSRS", 200),
        (ows.WMTS_100, ows.INVALID_POINT, "PointIJOutOfRange", 400),
        (ows.WMTS_100, ows.INVALID_FORMAT, "InvalidParameterValue", 400),
        (ows.WMTS_100, ows.LAYER_NOT_QUERYABLE, "OperationNotSupported", 501),
        (ows.WMTS_100, ows.TILE_OUT_OF_RANGE, "TileOutOfRange", 400),
        (ows.WFS_200, ows.PARSING_FAILED, "OperationParsingFailed", 400),
        (ows.WFS_200, ows.NEGOTIATION_FAILED, "VersionNegotiationFailed", 400),
    ],
)
def test_each_protocol_has_its_codes(dialect: ows.Dialect, code: str, said: str, status: int) -> None:
    problem = ows.refused(code, "bbox", "Sai.", "Wrong.")
    assert (ows.code_of(problem, dialect), ows.status_of(problem, dialect)) == (said, status)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_no_parameter_causes_keeps_its_status(dialect: ows.Dialect) -> None:
    assert ows.status_of(busy(7), dialect) == 503
    assert ows.code_of(busy(7), dialect) in (None, "NoApplicableCode")
    assert ows.ows_refusal(busy(7), dialect, "vi").headers["Retry-After"] == "7"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_parser_of_the_api_names_the_parameter_as_the_protocol_does(dialect: ows.Dialect) -> None:
    problem = Problem(404, "no-such-collection", EVIL, parameter="collectionId")
    assert ows.code_of(problem, dialect) == "InvalidParameterValue"
    root = etree.fromstring(ows.report(problem, dialect, "vi"), etree.XMLParser(no_network=True))
    if dialect in (ows.WFS_200, ows.WFS_110):
        assert root[0].get("locator") == "typeNames"
        assert ows.status_of(problem, dialect) == 400
