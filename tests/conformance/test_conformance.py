"""The running city conforms: every check of every suite, a skip counting as a failure.

The writers are two people of operations; they write to the layer that OPTIONS offers them first.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.conformance.checks import Check, Server
from tests.conformance.suites import CHECKS
from tests.live_city import LiveCity


@pytest.fixture(scope="module")
def server(live_city: LiveCity) -> Iterator[Server]:
    with httpx.Client(timeout=30) as client:
        editors = [live_city.headers(who) for who in ("operations", "second-operations")]
        yield Server(client, f"{live_city.url}/ogcapi", editor=editors[0], second_editor=editors[1])


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: f"{check.origin}: {check.name}")
def test_conforms(check: Check, server: Server) -> None:
    check(server)
