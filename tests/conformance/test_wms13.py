"""The port of ets-wms13: a sound server passes, each fault is noticed by its checks, and the running city passes.

With ``HUONG_TEST_FULL=1`` every check is tried against every faulty server, and exactly the named ones fail.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import httpx
import pytest

from tests.conformance import wms13_basics, wms13_info, wms13_maps  # noqa: F401  (they register their checks)
from tests.conformance.checks import CheckFailed
from tests.conformance.wms13_capabilities import SUITE, run
from tests.conformance.wms_broken import FAULTS, Fault
from tests.conformance.wms_client import WORDINGS, WmsServer
from tests.conformance.wms_reference import ReferenceWms, serve
from tests.live_city import LiveCity

FULL = os.environ.get("HUONG_TEST_FULL") == "1"


def fails(name: str, fault: Fault, version: str) -> bool:
    try:
        run(SUITE.checks[name], serve(fault.wrap(ReferenceWms().handle), version))
    except CheckFailed:
        return True
    return False


@pytest.mark.parametrize("version", WORDINGS)
@pytest.mark.parametrize("name", SUITE.checks)
def test_the_sound_server_passes(name: str, version: str) -> None:
    run(SUITE.checks[name], serve(ReferenceWms().handle, version))


@pytest.mark.parametrize("version", WORDINGS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_noticed(fault: Fault, version: str) -> None:
    assert {name for name in fault.fails if fails(name, fault, version)} == set(fault.fails)


def test_every_check_notices_some_fault() -> None:
    assert {name for fault in FAULTS for name in fault.fails} == set(SUITE.checks)


@pytest.mark.skipif(not FULL, reason="every check against every faulty server: with script/test --full")
@pytest.mark.parametrize("version", WORDINGS)
@pytest.mark.parametrize("fault", [each for each in FAULTS if not each.wide], ids=lambda fault: fault.name)
def test_no_other_check_fails(fault: Fault, version: str) -> None:
    assert {name for name in SUITE.checks if fails(name, fault, version)} == set(fault.fails)


@pytest.fixture(scope="module")
def http(live_city: LiveCity) -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as client:
        yield client


@pytest.mark.parametrize("version", WORDINGS)
@pytest.mark.parametrize("name", SUITE.checks)
def test_conforms(name: str, version: str, live_city: LiveCity, http: httpx.Client) -> None:
    run(SUITE.checks[name], WmsServer(http, f"{live_city.url}/wms", version))
