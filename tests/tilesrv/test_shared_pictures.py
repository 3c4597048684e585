"""Pictures that several ask for: drawn once, never from before a change that was read, kept while asked for."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import psycopg
import pyproj
import pytest
from PIL import Image

from gis_core.audiences import CITIZEN, Caller
from gis_core.changes import Event
from tests.city_plugin import CLUSTER
from tests.tilesrv.conftest import A_LUOI, ROWS, STEP, TileCity, publish, tile_at
from tests.tilesrv.test_freshness import started
from tests.tilesrv.test_pictures import coloured
from tilesrv.app import App
from tilesrv.grid import TileId
from tilesrv.journal import Journals
from tilesrv.maps.drawings import drawing_named
from tilesrv.matrix_sets import VN2000
from tilesrv.recent import Recent
from tilesrv.render import shared
from tilesrv.render.picture_tiles import address_of
from tilesrv.render.shared import SharedPictures
from tilesrv.wmts.grid_tiles import GridTiles

MIDDLE = A_LUOI[0] + STEP * ROWS / 2, A_LUOI[1] + STEP * ROWS / 2
LAND = Caller("land", (), "user:1")
PUBLIC, PRIVATE = "update test_plots set kind = %s", "update test_plots set holder = %s"


class HeldBack:
    """A renderer whose pictures are drawn at once and handed over when told; ``drawn`` counts them."""

    def __init__(self, app: App) -> None:
        self.read, self.go, self.drawn = asyncio.Event(), asyncio.Event(), 0
        self._draw = app.renderer.draw_cut
        app.renderer.draw_cut = self.draw_cut  # type: ignore[method-assign]

    async def draw_cut(self, *what: Any, **more: Any) -> Sequence[bytes]:
        pictures = await self._draw(*what, **more)
        self.drawn += 1
        self.read.set()
        await self.go.wait()
        return pictures


class Asker:
    """Asks for the picture of the plots in one of the grids, in a style that shows what changes."""

    def __init__(self, app: App, caller: Caller, grid: str, style: str) -> None:
        self._app, self._caller, self._style = app, caller, style
        grids = GridTiles(app.renderer, app.journals, app.tiles.extents, app.models)
        self._grids = grids if grid == VN2000.id else None

    async def ask(self) -> bytes:
        if self._grids is None:
            tile = tile_at(A_LUOI, 17)
            parts = [f"test_plots:{self._style}", str(tile.z), str(tile.x), f"{tile.y}.png"]
            return await self._app.picture_tiles.tile(self._caller, address_of(parts))
        drawing = drawing_named(self._app.watch.now.catalogue, self._caller, "test_plots", self._style)
        x, y = pyproj.Transformer.from_crs(4326, VN2000.crs.srid, always_xy=True).transform(*MIDDLE)
        side = VN2000.side(8)
        tile = TileId(8, int((x - VN2000.corner[0]) // side), int((VN2000.corner[1] - y) // side))
        return await self._grids.tile(
            self._caller, f"test_plots:{self._style}", drawing, VN2000, tile, "png8"
        )


def colours(body: bytes) -> set[tuple[int, ...]]:
    found = Image.open(io.BytesIO(body)).convert("RGBA").getcolors(65536) or []
    return {colour for _, colour in found if isinstance(colour, tuple)}


@pytest.mark.parametrize("grid", ["WebMercatorQuad", VN2000.id])
@pytest.mark.parametrize(
    ("caller", "style", "change", "colour"),
    [
        pytest.param(CITIZEN, "default", PUBLIC, (0, 0, 0, 255), id="citizen, a public column"),
        pytest.param(LAND, "holder", PRIVATE, (0x12, 0x34, 0x56, 255), id="land office, a private column"),
    ],
)
def test_nobody_is_given_a_drawing_from_before_a_change(
    tile_city: TileCity,
    monkeypatch: pytest.MonkeyPatch,
    grid: str,
    caller: Caller,
    style: str,
    change: str,
    colour: tuple[int, ...],
) -> None:
    """Whoever asks after a change was read gets a drawing of his own, though an older one is under way or at hand; who
    asked before shares one. Would fail for the land office if only what citizens see were followed."""
    monkeypatch.setenv("HUONG_SECRET", CLUSTER.secret)
    config = tile_city.config

    async def scenario() -> None:
        app = await started(replace(config, var=tile_city.var))
        try:
            held, asker = HeldBack(app), Asker(app, caller, grid, style)
            first, joined = (asyncio.create_task(asker.ask()) for _ in range(2))
            await held.read.wait()
            journal = app.journals.of(caller)
            mark = journal.mark
            async with await psycopg.AsyncConnection.connect(
                **config.connection("owner"),  # type: ignore[arg-type]
                autocommit=True,
            ) as owner:
                await owner.execute(change, ["Nguyễn Văn 3"])
            while journal.mark == mark:
                await asyncio.sleep(0.01)
            late = asyncio.create_task(asker.ask())
            await asyncio.sleep(0.3)
            held.go.set()
            old, same, new = [await each for each in (first, joined, late)]
            assert old == same and colour not in colours(old)
            assert colour in colours(new), "who asked after the change was given what was there before it"
            assert await asker.ask() == new and held.drawn == 2
        finally:
            await app.stop()

    publish(config, coloured())
    with tile_city.owner() as owner:
        owner.execute("update test_plots set kind = 'house', holder = 'somebody'")
    asyncio.run(scenario())


# The parts on their own -------------------------------------------------------------------------------------------


def no_event(_: Event) -> bool:
    return False


def test_pictures_that_are_asked_for_stay_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would fail if those drawn first went first: a map's first metatile is the one that its middle is in."""
    monkeypatch.setattr(shared, "MOST_HELD_BYTES", 30)
    monkeypatch.setattr(shared, "HELD_S", 60.0)
    journals = Journals()
    journals.begin()
    pictures: SharedPictures[str] = SharedPictures(journals)
    drawn: list[str] = []

    async def ask(key: str) -> None:
        async def draw(_: int | None) -> Sequence[bytes]:
            drawn.append(key)
            return [key.encode() * 5, key.encode() * 5]

        assert await pictures.get(key, CITIZEN, no_event, draw) == [key.encode() * 5] * 2

    async def scenario() -> None:
        for key in "abc":
            await ask(key)
        await ask("a")
        await ask("d")  # there is room for three
        await ask("a")
        await ask("b")

    asyncio.run(scenario())
    assert drawn == ["a", "b", "c", "d", "b"]


def test_what_is_kept_is_bounded_by_its_bytes() -> None:
    recent: Recent[str, str] = Recent(10)
    recent.put("large", "x", 11)
    assert recent.get("large") is None and recent.size == 0
    recent.put("a", "1", 6)
    recent.put("a", "2", 4)  # in place of the other
    recent.put("b", "3", 6)
    assert (recent.get("a"), recent.size, len(recent)) == ("2", 10, 2)
    recent.put("c", "4", 1)
    assert (recent.get("b"), recent.get("a"), recent.get("c"), recent.size) == (None, "2", "4", 5)
