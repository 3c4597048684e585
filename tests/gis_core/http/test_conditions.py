"""Entity tags and conditions, by RFC 9110, 8.8.3.2 and 13."""

from __future__ import annotations

import pytest

from gis_core.http.conditions import outcome, tags_of


@pytest.mark.parametrize(
    ("header", "etag", "strongly", "weakly"),
    [
        ('"a"', '"a"', True, True), ('W/"a"', '"a"', False, True), ('"a"', 'W/"a"', False, True),
        ('W/"a"', 'W/"a"', False, True), ('"b", "a"', '"a"', True, True), ('"b","a"', '"a"', True, True),
        ('"b,a" ,"a"', '"b,a"', True, True), ('"b,a"', '"a"', False, False), ("*", '"a"', True, True),
        ("", '"a"', False, False), ("a", '"a"', True, True), ('"', '"a"', False, False),
        ('"a",, "b"', '"b"', True, True), (', "b"', '"b"', True, True), ('"b" , ,', '"b"', True, True),
        (",", '"b"', False, False), ('"a",, "b" "c"', '"b"', False, False),
        ('"x" "a"', '"a"', False, False), ('w/"a"', '"a"', False, False), ('"x", W/"a"', '"a"', False, True),
    ],
)  # fmt: skip
def test_comparison(header: str, etag: str, strongly: bool, weakly: bool) -> None:
    assert (tags_of(header).have(etag, weakly=False), tags_of(header).have(etag, weakly=True)) == (
        strongly,
        weakly,
    )


@pytest.mark.parametrize(
    ("method", "headers", "etag", "found"),
    [
        ("GET", {}, '"a"', None),
        ("GET", {"if-none-match": '"a"'}, '"a"', 304),
        ("HEAD", {"if-none-match": "*"}, '"a"', 304),
        ("GET", {"if-none-match": "*"}, None, None),
        ("PUT", {"if-none-match": "*"}, '"a"', 412),
        ("PUT", {"if-none-match": "*"}, None, None),
        ("GET", {"if-match": '"b"'}, '"a"', 412),
        ("GET", {"if-match": "*"}, '"a"', None),
        ("PUT", {"if-match": "*"}, None, 412),
        ("GET", {"if-match": '"b"', "if-none-match": '"a"'}, '"a"', 412),  # If-Match counts first
        ("GET", {"if-match": '"a"', "if-none-match": '"a"'}, '"a"', 304),
    ],
)  # fmt: skip
def test_outcome(method: str, headers: dict[str, str], etag: str | None, found: int | None) -> None:
    assert outcome(method, headers, etag) == found
