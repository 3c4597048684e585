"""What clients wish for, by RFC 9110, 12.4 and RFC 4647."""

from __future__ import annotations

import pytest

from gis_core.http.media import DOCUMENTS
from gis_core.http.negotiation import chosen_format, language, preferred, takes_gzip
from gis_core.problems import Problem
from gis_core.runtime.refusals import answer


@pytest.mark.parametrize(
    ("header", "spoken"),
    [
        ("", "vi"), ("en", "en"), ("en-GB,vi;q=0.9", "en"), ("vi;q=0.1,en;q=0.9", "en"), ("EN", "en"),
        ("en;q=0, *;q=0.5", "vi"), ("vi;q=0", "en"), ("*", "vi"), ("fr,en;q=0.3", "en"), ("*;q=0", "vi"),
        ("en;q=0", "vi"), ("en,vi", "en"), ("vi,en", "vi"), ("en;q=0.1, *", "vi"), ("fr", "vi"),
        ("en;q=0,en-GB;q=0.5,vi;q=0.4", "en"), ("en;q=high,vi;q=0.1", "vi"), (",,;;q,", "vi"),
        ("english", "vi"), ("vi" + ",x" * 100_000, "vi"),
    ],
)  # fmt: skip
def test_language(header: str, spoken: str) -> None:
    assert language(header) == spoken


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        ("", False), ("gzip", True), ("gzip;q=0", False), ("gzip;q=0.0", False), ("gzip;q=0.001", True),
        ("*", True), ("*;q=0", False), ("identity, *;q=0", False), ("br, gzip", True), ("gzip ; q=0", False),
        ("gzip;q=0.5, identity", False), ("x-gzip", True), ("identity;q=0.5, gzip;q=0.8", True),
        ("gzip;q=0, *", False), ("GZIP", True), ("gzipped", False),
    ],
)  # fmt: skip
def test_gzip(header: str, takes: bool) -> None:
    assert takes_gzip(header) is takes


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", "json"), ("*/*", "json"), (BROWSER, "html"), ("text/html;q=0.5,application/json", "json"),
        ("application/json;q=0,*/*", "html"), ("application/geo+json", "json"), ("image/png", None),
        ("text/html;q=0", None), ("text/*", "html"), ("application/*;q=0.2, text/html;q=0.1", "json"),
        ("*/*;q=0", None), ("application/problem+json", "json"), ("text/html;level=1", "html"),
        ("application/json;q=0, application/geo+json", "json"), ("text/html, application/json", "json"),
        ("text/html;q=0.9, application/json;q=0.8", "html"), ("application/jsonx", None),
    ],
)  # fmt: skip
def test_format(header: str, found: str | None) -> None:
    assert preferred(header, DOCUMENTS) == found


def test_a_parameter_divides_two_versions_of_one_format() -> None:
    offered = {"one": ("application/x;version=1.1",), "other": ("application/x;version=1.0",)}
    assert preferred("application/x;version=1.0", offered) == "other"
    assert preferred("application/x", offered) == "one"


@pytest.mark.parametrize(
    ("asked", "accept", "status"), [("xml", "*/*", 400), ("", "", 400), (None, "image/png", 406)]
)
def test_no_such_format(asked: str | None, accept: str, status: int) -> None:
    with pytest.raises(Problem) as refused:
        chosen_format(asked, accept, DOCUMENTS)
    assert refused.value.status == status


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("", "application/problem+json"), ("*/*", "application/problem+json"), (BROWSER, "text/html; charset=utf-8"),
     ("text/html;q=0", "application/problem+json"), ("image/png", "application/problem+json")],
)  # fmt: skip
def test_what_a_process_says_in_the_words_of_the_door(accept: str, kind: str) -> None:
    said = answer(503, accept)
    assert (said.status, said.headers["Content-Type"]) == (503, kind)
    assert said.headers["Retry-After"] == "2" and "Hệ thống đang khởi động".encode() in said.body
