"""No check is there that cannot fail: a sound server passes every check, each fault is noticed by its checks.

With ``--full`` every check is tried against every faulty server, and exactly the named ones fail.
"""

from __future__ import annotations

import os

import pytest

from tests.conformance.breakages import Wrap
from tests.conformance.broken_documents import BREAKS as DOCUMENTS
from tests.conformance.broken_fails import FAILS, WIDE
from tests.conformance.broken_queries import BREAKS as QUERIES
from tests.conformance.checks import CheckFailed
from tests.conformance.reference_server import ReferenceServer, serve
from tests.conformance.suites import CHECKS

BREAKS: dict[str, Wrap] = {**DOCUMENTS, **QUERIES}
FULL = os.environ.get("HUONG_TEST_FULL") == "1"


def fails(name: str, wrap: Wrap) -> bool:
    """Whether check ``name`` fails by the breakage; the server is a new one each time."""
    try:
        CHECKS[name](serve(wrap(ReferenceServer().handle)))
    except CheckFailed:
        return True
    return False


@pytest.mark.parametrize("name", CHECKS)
def test_the_sound_server_passes(name: str) -> None:
    CHECKS[name](serve(ReferenceServer().handle))


@pytest.mark.parametrize("breakage", BREAKS)
def test_a_fault_is_noticed(breakage: str) -> None:
    named = {*FAILS.get(breakage, ()), *WIDE.get(breakage, ())}
    assert named, "nothing is said to notice it"
    assert {name for name in named if fails(name, BREAKS[breakage])} == named


def test_every_check_notices_some_fault() -> None:
    noticed = {name for table in (FAILS, WIDE) for names in table.values() for name in names}
    assert set(CHECKS) == noticed
    assert set(BREAKS) == set(FAILS) | set(WIDE)


@pytest.mark.skipif(not FULL, reason="every check against every faulty server: with script/test --full")
@pytest.mark.parametrize("breakage", FAILS)
def test_no_other_check_fails(breakage: str) -> None:
    assert {name for name in CHECKS if fails(name, BREAKS[breakage])} == set(FAILS[breakage])
