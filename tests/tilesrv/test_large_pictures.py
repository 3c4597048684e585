"""Many large pictures at once: the first are drawn, in turn, whoever would wait too long hears so at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from gis_core.audiences import CITIZEN
from gis_core.problems import Problem
from tests.tilesrv.conftest import TileCity
from tests.tilesrv.test_departures import picture_of
from tests.tilesrv.test_pictures import renderer_of
from tilesrv.render import large
from tilesrv.render.job import Drawn
from tilesrv.render.large import asked_from, is_large

SIZE = 4


class Slowly:
    """Drawings in place of a process's, which end when they are let; who has one under way, and the most at a time."""

    def __init__(self) -> None:
        self.under_way: list[tuple[str, asyncio.Event]] = []
        self.most = 0
        self.drawn: list[str] = []

    async def draw(self, job: Any) -> Drawn:
        done = asyncio.Event()
        self.under_way.append((asked_from.get(), done))
        self.most = max(self.most, len(self.under_way))
        await done.wait()
        return Drawn((b"drawn",))

    async def let_one_end(self) -> None:
        while not self.under_way:
            await asyncio.sleep(0)
        who, done = self.under_way.pop(0)
        self.drawn.append(who)
        done.set()
        for _ in range(20):
            await asyncio.sleep(0)


async def storm(renderer: Any, picture: Any, askers: list[str]) -> Counter[str]:
    """One picture for each of ``askers``, all at once; how they end."""
    slowly = Slowly()
    renderer._drawn_by_someone = slowly.draw
    ends: Counter[str] = Counter()

    async def ask(asker: str) -> None:
        asked_from.set(asker)
        (answer,) = await asyncio.gather(renderer.draw(CITIZEN, picture), return_exceptions=True)
        if answer == b"drawn":
            ends["drawn"] += 1
            return
        assert isinstance(answer, Problem) and answer.status == 503 and int(answer.headers["Retry-After"]) > 0
        ends["refused at once" if not slowly.drawn else "refused late"] += 1

    asking = [asyncio.create_task(ask(asker)) for asker in askers]
    for _ in range(50):
        await asyncio.sleep(0)
    assert slowly.most <= SIZE // 2, "small pictures find no process"
    while not all(each.done() for each in asking):
        await slowly.let_one_end()
    renderer.order = slowly.drawn
    return ends


@pytest.mark.parametrize(("count", "addresses"), [(10, 1), (30, 1), (10, 10), (30, 30)])
def test_most_of_many_large_pictures_are_drawn(tile_city: TileCity, count: int, addresses: int) -> None:
    """Would fail if all were begun at once, so that none is done in its time, or if some waited only to be refused.

    A picture is known to take 2 s, two are drawn at a time and 15 s may be waited.
    """
    with renderer_of(tile_city, size=SIZE) as (runner, renderer, watch):
        picture = replace(picture_of(tile_city, watch), width=2000, height=2000)
        ends = runner.run(storm(renderer, picture, [f"203.0.113.{n % addresses}" for n in range(count)]))
        assert ends["refused late"] == 0 and ends.total() == count
        assert ends["drawn"] >= min(count, 14)


def test_one_address_takes_no_picture_from_another(
    tile_city: TileCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would fail if who comes after a storm stood behind all of it, or were refused for its sake."""
    with renderer_of(tile_city, size=SIZE) as (runner, renderer, watch):
        picture = replace(picture_of(tile_city, watch), width=2000, height=2000)
        ends = runner.run(storm(renderer, picture, ["storm"] * 30 + ["other"]))
        assert ends["refused at once"] > 10
        assert "other" in renderer.order[:3]


def test_a_slow_machine_takes_fewer(tile_city: TileCity, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would fail if the wait were reckoned by what a picture takes on another day."""
    monkeypatch.setattr(large, "FIRST_S", 8.0)
    with renderer_of(tile_city, size=SIZE) as (runner, renderer, watch):
        picture = replace(picture_of(tile_city, watch), width=2000, height=2000)
        ends = runner.run(storm(renderer, picture, ["a"] * 10))
        assert ends == {"drawn": 3 + (SIZE // 2 - 1), "refused at once": 10 - 3 - (SIZE // 2 - 1)}


def test_what_is_large(tile_city: TileCity) -> None:
    """Tiles, drawn in squares, and sheets have turns of their own kind."""
    with renderer_of(tile_city, size=1) as (_, _, watch):
        small = picture_of(tile_city, watch)
    view = replace(small, width=1500, height=1500)
    assert is_large(view, 1) and is_large(replace(small, width=700, height=700, scale=2), 1)
    assert not is_large(small, 1) and not is_large(view, 4) and not is_large(replace(view, format="pdf"), 1)
