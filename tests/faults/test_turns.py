"""Taking turns at few places: rounds, shares, bounds, and turns that nobody takes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from gis_core.admission.lanes import lane_of
from gis_core.admission.turns import Refused, Turns

ITEMS = "/ogcapi/collections/roads/items"


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def turns(places: int, *, most_waiting: int = 100, patience_s: float = 60) -> Turns:
    return Turns(places, most_waiting=most_waiting, patience_s=patience_s)


def test_nobody_takes_every_place() -> None:
    """Would fail if one address could take all threads."""

    async def work() -> None:
        lane = turns(3)
        assert [lane.take("greedy") for _ in range(5)] == [True, True, False, False, False]
        assert lane.take("other")
        assert not lane.take("third")

    run(work())


def test_whoever_is_not_counted_may_have_all() -> None:
    """Would fail if everybody behind an unnamed proxy were held to the share of one."""

    async def work() -> None:
        lane = turns(3)
        assert [lane.take("") for _ in range(4)] == [True, True, True, False]

    run(work())


def test_askers_are_served_in_rounds() -> None:
    """Would fail if the tenth request of one address stood before the first of another."""

    async def work() -> None:
        lane, served = turns(1), []

        async def ask(asker: str) -> None:
            await lane.wait(asker)
            served.append(asker)
            lane.leave(asker)

        assert lane.take("busy")
        waiting = [asyncio.create_task(ask(asker)) for asker in ("a", "a", "a", "b", "c", "b")]
        await settled()
        lane.leave("busy")
        await asyncio.gather(*waiting)
        assert served == ["a", "b", "c", "a", "b", "a"]
        assert lane.take("a") and lane.waiting == 0

    run(work())


def test_no_more_wait_than_are_meant_to() -> None:
    """Would fail if a storm could fill the memory with what waits."""

    async def work() -> None:
        lane = turns(1, most_waiting=2)
        assert lane.take("a")
        waiting = [asyncio.create_task(lane.wait("a")) for _ in range(2)]
        await settled()
        with pytest.raises(Refused):
            await lane.wait("b")
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert lane.waiting == 0

    run(work())


def test_patience_ends() -> None:
    """Would fail if a request could wait for ever behind one that does not end."""

    async def work() -> None:
        lane = turns(1, patience_s=0.01)
        assert lane.take("a")
        with pytest.raises(Refused):
            await lane.wait("b")
        lane.leave("a")
        assert lane.take("b")

    run(work())


def test_a_turn_that_comes_to_one_who_leaves_is_the_next_ones() -> None:
    """Would fail if a place were lost for ever with a client that left in the moment of its turn."""

    async def work() -> None:
        lane = turns(1)
        assert lane.take("a")
        first, second = asyncio.create_task(lane.wait("b")), asyncio.create_task(lane.wait("c"))
        await settled()
        lane.leave("a")
        first.cancel()
        await asyncio.wait_for(second, 10)
        lane.leave("c")
        assert lane.take("a")

    run(work())


@pytest.mark.parametrize(
    ("lane", "method", "path", "query"),
    [
        ("watch", "GET", "/readyz", ""),
        ("small", "GET", ITEMS, "limit=10"),
        ("small", "GET", ITEMS, "bbox=107,16,108,17&limit=200&f=json"),
        ("small", "GET", f"{ITEMS}/7", ""),
        ("small", "GET", "/ogcapi/collections", ""),
        ("small", "GET", "/map-style.json", "mode=day"),
        ("small", "PATCH", f"{ITEMS}/7", ""),
        ("dear", "GET", ITEMS, ""),
        ("dear", "GET", ITEMS, "limit=201"),
        ("dear", "GET", ITEMS, "limit=10&filter=a=1"),
        ("dear", "GET", ITEMS, "limit=10&f%69lter=a=1"),
        ("dear", "GET", ITEMS, "limit=10&sortby=name"),
        ("dear", "GET", ITEMS, "limit=10&offset=900000"),
        ("dear", "GET", ITEMS, "limit=10&f=csv"),
        ("dear", "GET", ITEMS, "limit=10&f=html"),
        ("dear", "GET", ITEMS, "&".join(f"limit={n}" for n in range(40))),
        ("dear", "GET", "/", ""),
        ("dear", "GET", "/list", "z=12"),
        ("dear", "GET", "/wfs", "request=GetCapabilities"),
        ("dear", "POST", "/ogcapi/processes/what-is-here/execution", ""),
        ("dear", "POST", "/accounts/login/", ""),
    ],
)
def test_dear_work_has_threads_of_its_own(lane: str, method: str, path: str, query: str) -> None:
    """Would fail if a list that may cost seconds were taken for a small one, however it is written."""
    assert lane_of(method, path, query) == lane


def test_a_page_or_a_large_edit_is_no_small_request() -> None:
    """Would fail if a form that Accept asks for, or 20 MB of an edit, stood with the small ones."""
    assert lane_of("GET", ITEMS, "limit=10", accept="text/html,*/*") == "dear"
    assert lane_of("PUT", f"{ITEMS}/7", "", length=20_000_000) == "dear"


def test_a_place_that_became_free_before_the_wait_began_is_taken() -> None:
    """Whoever is refused a place waits in a task of his own; the others may all have left before it begins."""

    async def work() -> None:
        lane = turns(3)
        assert all(lane.take("") for _ in range(3)) and not lane.take("")
        waiting = asyncio.create_task(lane.wait(""))
        for _ in range(3):
            lane.leave("")
        await settled()
        assert waiting.done() and waiting.exception() is None and lane.waiting == 0
        assert lane.take("") and lane.take("") and not lane.take("")

    run(work())


@pytest.mark.parametrize("then", ["b", "c"])
def test_a_turn_whose_waiter_leaves_in_the_same_moment_goes_to_the_next(then: str) -> None:
    """Would fail if a place were given to who is gone, and lost for good."""

    async def work() -> None:
        lane = turns(1)
        assert lane.take("a")
        leaving = asyncio.create_task(lane.wait("b"))
        await settled()
        patient = asyncio.create_task(lane.wait(then))
        await settled()
        leaving.cancel()
        lane.leave("a")
        await settled()
        assert leaving.cancelled() and patient.done() and patient.exception() is None
        lane.leave(then)
        assert lane.waiting == 0 and lane.take("d") and not lane.take("e")

    run(work())


def test_how_many_have_their_turn_before() -> None:
    """Would fail if the tenth request of one address counted for another one's wait."""

    async def work() -> None:
        lane = turns(1)
        assert lane.take("busy")
        waiting = [asyncio.create_task(lane.wait(asker)) for asker in ("a", "a", "a", "b", "c")]
        await settled()
        assert [lane.ahead(asker) for asker in ("a", "b", "new")] == [5, 4, 3]
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert lane.ahead("a") == 0

    run(work())
