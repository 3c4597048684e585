"""The running city conforms: every check of every suite, a skip counting as a failure.

``live_city`` has ``url`` (the front door); ``editor_headers`` and ``second_editor_headers`` make a request that of two
different people who may write to the collection ``writable``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conformance.checks import Check, Server
from tests.conformance.suites import CHECKS


@pytest.fixture(scope="module")
def server(live_city: Any) -> Iterator[Server]:
    with httpx.Client(timeout=30) as client:
        yield Server(
            client,
            f"{live_city.url}/ogcapi",
            editor=getattr(live_city, "editor_headers", {}),
            second_editor=getattr(live_city, "second_editor_headers", {}),
            writable=getattr(live_city, "writable", None),
        )


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: f"{check.origin}: {check.name}")
def test_conforms(check: Check, server: Server) -> None:
    check.run(server)
