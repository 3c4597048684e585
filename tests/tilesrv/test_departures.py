"""Who leaves takes his drawing and its query with him; what somebody else waits for too goes on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
import psycopg
import pyproj
import pytest

from gis_core.audiences import CITIZEN
from tests.tilesrv.conftest import A_LUOI, TileCity, tile_at
from tests.tilesrv.test_pictures import coloured, renderer_of, running_renders, slow_style
from tests.waiting import asked_by_a_client_who_may_leave, wait_until
from tilesrv.flights import PATIENCE_S, Abandoned, unless_left
from tilesrv.grid import web_mercator
from tilesrv.matrix_sets import VN2000
from tilesrv.render.picture import Drawing, Picture
from tilesrv.render.pool import GRACE_S

TILE = tile_at(A_LUOI, 17)
# The database looks every half second whether its reader is still there.
GONE_WITHIN_S = 6.0  # it would be ended anyway after 10 s
STAYS_FOR_S = GRACE_S + 1.2


def vn2000_tile() -> str:
    x, y = pyproj.Transformer.from_crs(4326, VN2000.crs.srid, always_xy=True).transform(*A_LUOI)
    side = VN2000.side(8)
    column, row = int((x - VN2000.corner[0]) // side), int((VN2000.corner[1] - y) // side)
    return f"/wmts/1.0.0/test_plots/default/{VN2000.id}/8/{row}/{column}.png"


GET_MAP = (
    "/wms?service=WMS&version=1.1.1&request=GetMap&layers=test_plots&styles=&srs=EPSG:4326"
    "&bbox=107.23,16.22,107.24,16.23&width=300&height=300&format=image/png"
)
ADDRESSES = {
    "picture tile": f"/tiles/test_plots/{TILE.z}/{TILE.x}/{TILE.y}.webp",
    "map picture": f"/pictures/test_plots/{A_LUOI[0]},{A_LUOI[1]},15/300x300.png",
    "WMS GetMap": GET_MAP,
    "WMTS tile": f"/wmts/1.0.0/test_plots/default/WebMercatorQuad/{TILE.z}/{TILE.y}/{TILE.x}.jpg",
    "WMTS tile in VN-2000": vn2000_tile(),
    "OGC API map": "/ogcapi/collections/test_plots/map?bbox=107.23,16.22,107.24,16.23&width=300&height=300",
    "sheet": "/print/map.pdf?layers=test_plots&center=107.235,16.225&scale=5000&paper=A4",
}


@pytest.fixture
def maps(waiting_for_locks: None, tile_city: TileCity) -> TileCity:
    tile_city.publish(coloured())
    return tile_city


@contextmanager
def nothing_can_be_read(city: TileCity) -> Iterator[psycopg.Connection[Any]]:
    """Queries of the plots wait behind a lock until this ends, or the transaction of the connection does."""
    with psycopg.connect(**city.config.connection("owner")) as locker:  # type: ignore[arg-type]
        locker.execute("lock table test_plots in access exclusive mode")
        try:
            yield locker
        finally:
            locker.rollback()


def known_extent(city: TileCity) -> None:
    """Have the process measure where the plots lie: behind the lock it could not."""
    assert httpx.get(f"{city.urls[0]}/tiles/test_plots.json", timeout=60).status_code == 200


def change(city: TileCity) -> None:
    """Change a plot that all the pictures show, and wait until the processes know."""
    sql = "update test_plots set code = code || '.' where fid = (select min(fid) from test_plots)"
    with city.owner() as owner:
        city.do_and_hear(partial(owner.execute, sql), {"test_plots"}, "U")


@pytest.mark.parametrize("what", ADDRESSES)
def test_a_client_that_leaves_ends_its_query(maps: TileCity, what: str) -> None:
    """Would fail if a map that is panned away, or a page that is closed, went on drawing until its deadline."""
    path = ADDRESSES[what]
    with maps.client() as client:
        assert client.get(path).status_code == 200  # what the service needs is loaded, a process has drawn
        change(maps)  # and there is no file or picture of it any more
        known_extent(maps)
        with nothing_can_be_read(maps):
            with asked_by_a_client_who_may_leave(f"{maps.urls[0]}{path}"):
                wait_until(lambda: running_renders(maps) == 1, "it is not drawn")
            wait_until(lambda: running_renders(maps) == 0, "the query outlives its client", GONE_WITHIN_S)
        assert client.get(path).status_code == 200


def test_a_drawing_goes_on_while_anybody_waits_for_it(maps: TileCity) -> None:
    """Would fail if the first to leave took from the others what they wait for, or if each had a drawing of his own."""
    path = ADDRESSES["picture tile"].replace(f"{TILE.y}.webp", f"{TILE.y}@2x.webp")
    url = f"{maps.urls[0]}{path}"
    statuses: list[int] = []
    known_extent(maps)
    with nothing_can_be_read(maps) as locker:
        patient = threading.Thread(target=lambda: statuses.append(httpx.get(url, timeout=60).status_code))
        patient.start()
        wait_until(lambda: running_renders(maps) == 1, "it is not drawn")
        for _ in range(3):
            with pytest.raises(httpx.ReadTimeout):
                httpx.get(url, timeout=httpx.Timeout(60, read=0.4))
        time.sleep(STAYS_FOR_S)
        assert running_renders(maps) == 1, "the drawing of who waits was ended, or there are several"
        locker.rollback()
        patient.join()
    assert statuses == [200]


# The renderer on its own -----------------------------------------------------------------------------------------


def picture_of(city: TileCity, watch: Any) -> Picture:
    published = watch.now.catalogue.get("test_plots", CITIZEN)
    west, south = web_mercator(*A_LUOI)
    return Picture(
        (Drawing(slow_style(), (published,)),), 3857, (west, south, west + 500, south + 500), 200, 200
    )


def test_who_leaves_the_queue_is_never_drawn_for(maps: TileCity) -> None:
    """Two wait for the one process; the first leaves: the second is drawn, and nothing for the first."""
    with renderer_of(maps, size=1) as (runner, renderer, watch):
        picture = picture_of(maps, watch)
        runner.run(renderer.draw(CITIZEN, picture))
        begun: list[Any] = []
        begin = renderer._begun
        renderer._begun = lambda job: (begun.append(job), begin(job))[1]  # type: ignore[method-assign]

        async def scenario() -> bytes:
            with nothing_can_be_read(maps) as locker:
                first, leaving, last = (
                    asyncio.create_task(renderer.draw(CITIZEN, picture)) for _ in range(3)
                )
                await asyncio.sleep(0.2)
                leaving.cancel()
                await asyncio.sleep(0.1)
                locker.rollback()
                await first
            return await last

        assert runner.run(scenario())
        assert len(begun) == 2 and renderer._waiting == 0


def test_a_short_drawing_outlives_its_client(maps: TileCity, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would fail if every tile that a map is panned away from cost a process: starting one takes longer than a tile."""
    monkeypatch.setattr("tilesrv.render.pool.GRACE_S", 10 * GRACE_S)  # short on a busy machine too
    with renderer_of(maps, size=1) as (runner, renderer, watch):
        picture = picture_of(maps, watch)
        runner.run(renderer.draw(CITIZEN, picture))
        before = renderer._free[0].process.pid

        async def scenario() -> None:
            with nothing_can_be_read(maps) as locker:
                leaving = asyncio.create_task(renderer.draw(CITIZEN, picture))
                while not renderer._busy:
                    await asyncio.sleep(0.01)
                leaving.cancel()
                await asyncio.sleep(GRACE_S / 3)
                locker.rollback()
            while renderer._busy:
                await asyncio.sleep(0.01)

        runner.run(scenario())
        assert [each.process.pid for each in renderer._free] == [before]
        assert runner.run(renderer.draw(CITIZEN, picture))


def test_work_ends_with_the_wait_for_it() -> None:
    """The client leaves, or the server gives up the request: either way nothing goes on unseen."""
    ended: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(name)

    async def soon() -> None:
        await asyncio.sleep(0.1)

    async def scenario() -> None:
        with pytest.raises(Abandoned):
            await unless_left(work("client"), soon)
        request = asyncio.create_task(unless_left(work("server"), lambda: asyncio.sleep(60)))
        await asyncio.sleep(0.1)
        request.cancel()
        await asyncio.sleep(0.01)

    asyncio.run(scenario())
    assert ended == ["client", "server"]


def test_who_was_left_goes_on_and_who_was_quick_is_not_listened_to() -> None:
    """The request's own task does the work: nothing of the watch over it is left in it afterwards."""
    listened: list[str] = []

    async def left() -> None:
        listened.append("asked")

    async def scenario() -> None:
        assert await unless_left(asyncio.sleep(0, "quick"), left) == "quick"
        await asyncio.sleep(2 * PATIENCE_S)
        assert not listened
        with pytest.raises(Abandoned):
            await unless_left(asyncio.sleep(60), left)
        task = asyncio.current_task()
        assert task is not None and task.cancelling() == 0
        await asyncio.sleep(0)  # raises where a cancel is still to come
        assert asyncio.all_tasks() == {task}

    asyncio.run(scenario())
    assert listened == ["asked"]
