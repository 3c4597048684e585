"""One tile for one caller: from a file, from a query that is under way already, or from a query of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import blake2b

from gis_core.audiences import CITIZEN, Caller
from gis_core.problems import Problem, not_found
from gis_core.registry import Published
from tilesrv.cache import TileFiles
from tilesrv.catalogue import Served, Watch
from tilesrv.database import Database
from tilesrv.extents import Extents
from tilesrv.grid import MAX_ZOOM, TileId, whole
from tilesrv.http import compress
from tilesrv.journal import Journal
from tilesrv.making import Statements, make_tile

PATIENCE_S = 0.05  # most tiles are ready by then, and listening for a client's leaving costs more than they


class Abandoned(Exception):
    """Nobody waits for the tile any more."""


@dataclass(frozen=True, slots=True)
class TileKey:
    """What makes two requests one: who sees, what, where, when."""

    caller: str
    layer: str
    tile: TileId
    at: datetime | None = None


@dataclass(slots=True)
class Flight:
    """A query under way, and how many wait for it; it is cancelled when the last one leaves."""

    task: asyncio.Task[bytes]
    waiting: int = 0


class Tiles:
    """The tiles of this process."""

    def __init__(self, database: Database, watch: Watch, journal: Journal, files: TileFiles) -> None:
        self._database = database
        self._watch = watch
        self._journal = journal
        self._files = files
        self._flights: dict[TileKey, Flight] = {}
        self.extents = Extents(database)
        self._statements = Statements()

    def published(self, layer_id: str, caller: Caller) -> Published:
        """The layer as it stands; the same 404 for one that is not there and one that is not for the caller."""
        return self._watch.now.catalogue.get(layer_id, caller)

    async def tile(
        self,
        caller: Caller,
        layer_id: str,
        tile: TileId,
        at: datetime | None = None,
        *,
        unless: Callable[[], Awaitable[None]] | None = None,
    ) -> bytes:
        """The tile as ST_AsMVT made it, empty where it shows nothing.

        ``unless`` returns when nobody wants the tile any more; it is asked for only once the tile takes longer than
        `PATIENCE_S`. Raises `Abandoned` then, and Problem: 404 no such layer or tile, 503 too slow or too busy.
        """
        key = TileKey(caller.key, layer_id, tile, at)
        flight = self._flights.get(key)
        if flight is None:
            task = asyncio.create_task(self._fetch(key, caller))
            flight = self._flights[key] = Flight(task)
            task.add_done_callback(lambda _: self._land(key, task))
        flight.waiting += 1
        try:
            await done_unless(flight.task, unless)
            return flight.task.result()
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                flight.task.cancel()
                self._land(key, flight.task)

    def _land(self, key: TileKey, task: asyncio.Task[bytes]) -> None:
        flight = self._flights.get(key)
        if flight is not None and flight.task is task:
            del self._flights[key]

    def forget(self, is_stale: Callable[[str, TileId], bool]) -> None:
        """Let nobody join a query that began before a change it would show; who waits for it may have it."""
        for key in [k for k in self._flights if is_stale(k.layer, k.tile)]:
            del self._flights[key]

    async def _fetch(self, key: TileKey, caller: Caller) -> bytes:
        mark = self._journal.mark  # before the query's snapshot: what is noted later is newer than the tile
        body = await self._query(key, caller, self._watch.now)
        if body and key.at is None and key.caller == CITIZEN.key:
            self._files.keep(key.layer, key.tile, body, mark)
        return body

    async def _query(self, key: TileKey, caller: Caller, served: Served) -> bytes:
        published = served.catalogue.get(key.layer, caller)
        await self._require_inside(published, caller, key.tile)
        view = served.view(published, caller, key.tile.z)
        row = partial(self._database.row, caller)
        made = await make_tile(row, self._statements, published, caller, key.tile, view=view, at=key.at)
        return made.body

    async def _require_inside(self, published: Published, caller: Caller, tile: TileId) -> None:
        """Raise the 404 Problem for a tile beyond the layer's zooms, or where the caller's view has nothing at all."""
        low, high = published.layer.zoom
        if not low <= tile.z <= min(high, MAX_ZOOM) or not whole(tile.z).has(tile.x, tile.y):
            raise no_such_tile()
        limits = await self.extents.limits(published, caller, tile.z)
        if not limits.has(tile.x, tile.y):
            raise no_such_tile()


async def done_unless(task: asyncio.Task[bytes], unless: Callable[[], Awaitable[None]] | None) -> None:
    """Wait until ``task`` is done, which goes on if the wait is cancelled; Abandoned when ``unless`` returns first."""
    done, _ = await asyncio.wait((task,), timeout=PATIENCE_S if unless else None)
    if done or unless is None:
        return
    gone = asyncio.ensure_future(unless())
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Abandoned
    finally:
        gone.cancel()


def no_such_tile() -> Problem:
    return not_found(
        "no-such-tile",
        "Ô bản đồ này nằm ngoài phạm vi của lớp (mức thu phóng, cột hoặc hàng).",
        "This tile is outside the limits of the layer (zoom, column or row).",
        parameter="tile",
    )


def strong_tag(body: bytes) -> bytes:
    """The entity tag of an uncompressed tile."""
    return b'"%s-%x"' % (blake2b(body, digest_size=8).hexdigest().encode(), len(body))


def gzipped(body: bytes) -> tuple[bytes, bytes]:
    """The compressed tile and its entity tag, the one that nginx gives to its file."""
    packed = compress(body)
    return packed, TileFiles.tag(packed)
