"""What each of many layers may take of one answer's time, in a time that passes as the test has it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import psycopg
import pytest

from gis_core import shares
from gis_core.audiences import CITIZEN
from gis_core.layer import Geometry, Layer
from gis_core.outages import database_busy, unreadable
from gis_core.problems import Problem
from gis_core.shares import LEAST_MS, Shares
from gis_core.words import Text
from tilesrv.turns import AT_ONCE, in_turns

BUDGET_S = 2.0
NEVER = 10**9


def layer(number: int) -> Layer:
    words = Text(f"Lớp {number}", f"Layer {number}")
    return Layer(
        id=f"l{number}",
        title=words,
        description=words,
        table="a.b",
        geometry=Geometry(type="Point"),
        fields=(),
    )


class Course:
    """Layers that take so many milliseconds each; asked, and the time that passed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, takes_ms: Sequence[int]) -> None:
        self.passed = 0.0
        self.order: list[int] = []
        monkeypatch.setattr(shares.time, "monotonic", lambda: self.passed)
        self.shares = Shares(CITIZEN, BUDGET_S)
        asked = [(layer(n), self.answer(n, ms)) for n, ms in enumerate(takes_ms)]
        self.answers = self.shares.ask_all(asked, -1)

    def answer(self, number: int, takes_ms: int) -> Callable[[int | None], int]:
        def answer(timeout_ms: int | None) -> int:
            self.order.append(number)
            self.passed += min(takes_ms, timeout_ms or NEVER) / 1000
            if timeout_ms is not None and takes_ms > timeout_ms:
                raise psycopg.errors.QueryCanceled
            return number

        return answer


def test_slow_layers_before_it_take_nothing_of_a_layers_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would fail if each took its part of what those before it left: after eight there was next to nothing."""
    course = Course(monkeypatch, [NEVER] * 8 + [90] * 12)
    assert course.answers == [-1] * 8 + [*range(8, 20)]
    assert [each.layer.id for each in course.shares.missing] == [f"l{n}" for n in range(8)]
    assert {each.why for each in course.shares.missing} == {"slow"}
    assert course.passed <= BUDGET_S + 8 * LEAST_MS / 1000


def test_what_needs_more_than_its_share_is_asked_again_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would fail if a layer that answers in time were given up because there are many others."""
    course = Course(monkeypatch, [300] + [20] * 19)
    assert course.answers == [*range(20)] and not course.shares.missing
    assert course.order == [*range(20), 0]


def test_a_few_layers_leave_time_for_what_is_asked_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would fail if one slow layer of a page could take all of the page's time, or were asked in vain once more."""
    course = Course(monkeypatch, [NEVER])
    assert course.passed == BUDGET_S / 4 and course.order == [0]
    assert course.shares.ask(layer(1), lambda timeout_ms: timeout_ms, None) == 375
    assert course.shares.ask(layer(0), lambda timeout_ms: timeout_ms, None) is None


async def never() -> str:
    await asyncio.Event().wait()
    return "never"


async def raises() -> str:
    raise unreadable()


def test_in_the_event_loop_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would fail if a click held more connections at a time than are its own, or a slow layer ended it."""
    under_way, most = 0, 0

    async def quick() -> str:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return "found"

    asked: list[Callable[[], Awaitable[str]]] = [never, raises, *[quick] * 20]
    given = asyncio.run(in_turns(asked, 0.1))
    codes = [each.code if isinstance(each, Problem) else each for each in given]
    assert codes == ["too-slow", "layer-unreadable", *["found"] * 20]
    assert most <= AT_ONCE


def test_a_fault_that_is_no_layers_is_everybodys() -> None:
    async def busy() -> str:
        raise database_busy()

    with pytest.raises(Problem, match="busy"):
        asyncio.run(in_turns([busy, raises], 1.0))
