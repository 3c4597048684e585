"""Links in the documents that describe tiles."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import pytest

from gis_core.config import Config
from tilesrv.http import Request
from tilesrv.metadata import Metadata, host_of

PUBLIC = "https://ban-do.example.org:8443"


def origin(host: str) -> str:
    config = dataclasses.replace(Config.from_env(), public_url=PUBLIC)
    nothing = cast(Any, None)
    scope = {
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [(b"host", host.encode("latin-1"))],
    }
    return Metadata(config, nothing, nothing).origin(Request(scope, nothing))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "[::1]:8000", "[::1]", "ban-do.example.org"])
def test_links_lead_back_by_the_way_one_came(host: str) -> None:
    assert origin(host) == f"http://{host}"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "", "localhost:80@evil.example", "ban-do.example.org:1@evil.example",
     'localhost:"><script>', "localhost:", "localhost:80:80", "localhost.evil.example", "x@localhost:80",
     "localhost:²"],
)  # fmt: skip
def test_a_host_that_is_not_ours_is_in_no_link(host: str) -> None:
    """``localhost:80@evil.example`` is somebody else's machine, with a user called localhost."""
    assert origin(host) == PUBLIC


def test_the_host_of_an_address() -> None:
    assert [host_of(url) for url in (PUBLIC, "http://[::1]:80/x", "http://[::1]")] == [
        "ban-do.example.org",
        "[::1]",
        "[::1]",
    ]
