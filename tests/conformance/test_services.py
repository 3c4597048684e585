"""The ports of ets-wfs20, ets-wms11, ets-wmts10, ets-ogcapi-processes10: the city passes, and each check can fail.

A fault changes the city's answers on their way; the checks that are named for it must notice.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.conformance import processes10, wfs20, wfs20_comparison, wfs20_space_time, wms11, wmts10  # noqa: F401
from tests.conformance.checks import CheckFailed
from tests.conformance.faulty import Checks, Fault, Service
from tests.conformance.services_broken import FAULTS as OF_SERVICES
from tests.conformance.wms11_broken import WMS11
from tests.live_city import LiveCity

SUITES: dict[str, tuple[Checks, str]] = {
    "wfs20": (wfs20.SUITE, "/wfs"),
    "wms11": (wms11.SUITE, "/wms"),
    "wmts10": (wmts10.SUITE, "/wmts"),
    "processes10": (processes10.SUITE, "/ogcapi"),
}
FAULTS = {**OF_SERVICES, "wms11": WMS11}
ALL = [(suite, name) for suite, (checks, _) in SUITES.items() for name in checks.checks]


@pytest.fixture(scope="module")
def http(live_city: LiveCity) -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as client:
        yield client


@pytest.mark.parametrize(("suite", "name"), ALL)
def test_conforms(suite: str, name: str, live_city: LiveCity, http: httpx.Client) -> None:
    checks, path = SUITES[suite]
    checks.run(name, Service(http, f"{live_city.url}{path}", live_city.headers("operations")))


@pytest.mark.parametrize(
    ("suite", "fault"),
    [(s, f) for s, faults in FAULTS.items() for f in faults],
    ids=lambda v: getattr(v, "name", v),
)
def test_a_fault_is_noticed(suite: str, fault: Fault, live_city: LiveCity) -> None:
    checks, path = SUITES[suite]
    noticed = set()
    with fault.client(timeout=60) as client:
        for name in fault.fails:
            try:
                checks.run(name, Service(client, f"{live_city.url}{path}", live_city.headers("operations")))
            except CheckFailed:
                noticed.add(name)
    assert noticed == set(fault.fails)


def test_every_check_notices_some_fault() -> None:
    named = {(suite, name) for suite, faults in FAULTS.items() for fault in faults for name in fault.fails}
    assert named == set(ALL)
