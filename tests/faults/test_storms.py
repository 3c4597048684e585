"""The storms of `tests.faults.storms`, each for some seconds; what the onlookers waited is printed, not asserted."""

from __future__ import annotations

import asyncio
import os

import pytest

from tests.faults.storms import STORMS, lines, weather
from tests.live_city import LiveCity

pytestmark = pytest.mark.skipif(
    not os.environ.get("HUONG_TEST_FULL"), reason="each storm blows for seconds: script/test --full"
)


@pytest.mark.parametrize("name", STORMS)
def test_a_storm_takes_nothing_away_from_others(live_city: LiveCity, name: str) -> None:
    """Would fail if anybody else were refused, or left without an answer, while a storm blows or after it."""
    course = asyncio.run(weather(live_city.url, STORMS[name], 6))
    print("\n".join(lines(name, course)))
    assert course.during.refused == course.after.refused == []
    assert all(course.during.waits[path] for path in course.during.waits)
    assert 500 not in course.statuses, course.statuses
