"""Carrying out an export: down from the whole world to where something is, then once more over what changed meanwhile.

No transaction is held open while thousands of tiles are made: it would keep layers from being published and old rows
from being cleared away. What changes meanwhile is read from the change feed, as the audience sees it, and the tiles in
which it shows are asked for again, until few are left; those are asked for in one snapshot together with the feed. So
the archive shows one state of the database, that of its last snapshot, and so does one that was broken off and gone on
with days later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from gis_core.changes import Event, Position, batch_from, position_sql
from gis_core.config import Config
from gis_core.problems import Problem
from gis_core.runtime.progress import Progress
from gis_core.words import Text
from tilesrv.catalogue import Watch
from tilesrv.database import Database
from tilesrv.export.partial import Asked, Partial, Waiting
from tilesrv.export.pictures import PictureTiles
from tilesrv.export.reading import PatientDatabase, Pooled, Reader, published_anew, snapshot
from tilesrv.export.request import ExportRequest
from tilesrv.export.source import Content, Found, VectorTiles, content_of
from tilesrv.follower import feed_sql
from tilesrv.grid import Box, TileId, TileRange, whole
from tilesrv.render.pool import Renderer
from tilesrv.tile_sql import extent_sql

BATCH = 64  # tiles between two commits
FEW = 256  # tiles that are asked for in the last snapshot, a few seconds
PASSES = 6  # over what changed; a layer that changes faster than it is read is caught up with in the snapshot
NOW_SQL = "select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"


class Tiles(Protocol):
    """What makes the tiles."""

    at_once: int  # tiles that are asked for at a time
    lag: int  # zooms beyond an overview's at which its cells still show

    async def find(self, reader: Reader, content: Content, tile: TileId, layers: int) -> Found: ...

    def showing(self, box: Box, z: int) -> TileRange: ...

    def forget(self) -> None: ...


@dataclass(frozen=True)
class Outcome:
    """What lies in the finished `Partial`. ``box``: EPSG:3857, where it lies; ``as_of``: an RFC 3339 time."""

    content: Content
    box: Box | None
    as_of: str


async def collect(request: ExportRequest, unfinished: Partial, config: Config, progress: Progress) -> Outcome:
    """Ask for every tile of the archive; what is done so far is in ``unfinished`` whenever this ends early."""
    database = PatientDatabase(config)
    watch = Watch(database)
    renderer = Renderer(config, watch) if request.raster else None
    try:
        tiles: Tiles = VectorTiles(request.caller)
        if renderer is not None and request.raster is not None:
            tiles = PictureTiles(renderer, request.caller, request.raster)
        return await Export(request, unfinished, database, watch, tiles, progress).run()
    finally:
        if renderer is not None:
            await renderer.close()
        await database.close()


class Export:
    """One export under way."""

    def __init__(
        self,
        request: ExportRequest,
        unfinished: Partial,
        database: Database,
        watch: Watch,
        tiles: Tiles,
        progress: Progress,
    ) -> None:
        self._request = request
        self._unfinished = unfinished
        self._database = database
        self._watch = watch
        self._tiles = tiles
        self._progress = progress

    async def run(self) -> Outcome:
        pooled = Pooled(self._database, self._request.caller)
        self._content = content_of(await self._watch.refresh(), self._request)
        await self._begin_or_go_on(pooled)
        for _ in range(PASSES):
            await self._walk(pooled)
            await self._note_changes(pooled)
            if self._unfinished.waiting() <= FEW:
                break
        async with snapshot(self._database, self._request.caller) as fixed:
            await self._note_changes(fixed)
            await self._walk(fixed)
            (as_of,) = await fixed.row(NOW_SQL, [])
            box = await self._extent(fixed)
        await self._look_again()
        return Outcome(self._content, box, as_of)

    async def _begin_or_go_on(self, reader: Reader) -> None:
        state = {"request": self._request.document(), "versions": self._content.versions()}
        before = self._unfinished.get("request")
        if not self._request.resume or before is None:
            generation, now, _ = await reader.row(position_sql(), [])
            position = str(Position(generation, now))
            self._unfinished.begin({**state, "position": position}, self._content.all_layers)
            return
        if before != state["request"]:
            raise another_export()
        if self._unfinished.get("versions") != state["versions"]:
            raise published_anew()
        await self._note_changes(reader)

    # Walking --------------------------------------------------------------------------------------------------------

    async def _walk(self, reader: Reader) -> None:
        """Ask for what waits, zoom by zoom, and for what lies below the tiles that have something."""
        zoom, total, done = -1, 0, 0
        while batch := self._unfinished.next(BATCH):
            if batch[0].tile.z != zoom:
                zoom, done = batch[0].tile.z, 0
                total = self._unfinished.waiting(zoom)
            self._unfinished.record(await gathered(partial(self._ask, reader), batch, self._tiles.at_once))
            done += len(batch)
            self._progress.at(STAGE.format(z=zoom), done, total)
        self._progress.done(done)

    async def _ask(self, reader: Reader, waiting: Waiting) -> Asked:
        found = await self._tiles.find(reader, self._content, waiting.tile, waiting.layers)
        below = (
            [Waiting(tile, found.layers) for tile in self._content.below(waiting.tile)]
            if found.layers
            else []
        )
        return Asked(waiting.tile, found.data, below)

    # Changes --------------------------------------------------------------------------------------------------------

    async def _note_changes(self, reader: Reader) -> None:
        """Let the tiles wait again in which something has changed since they were asked for, if they were."""
        await self._look_again()
        since = Position.parse(self._unfinished.get("position"))
        assert since is not None
        row = await reader.row(feed_sql(self._request.caller.audience), [since.snapshot], binary=False)
        batch = batch_from(row, since)
        if batch.reset:
            raise too_old()
        self._tiles.forget()
        ranges = ranges_of(batch.events, self._content, self._tiles)
        self._unfinished.ask_again(ranges, self._content.all_layers, {"position": str(batch.position)})

    async def _look_again(self) -> None:
        """Styles and overviews as they are now; Problem 409 where a layer has been published anew."""
        before, self._content = self._content, content_of(await self._watch.refresh(), self._request)
        if self._content.versions() != before.versions():
            raise published_anew()

    async def _extent(self, reader: Reader) -> Box | None:
        """The box around what the caller sees of the layers, within what is wanted; None where that is nothing."""
        boxes = []
        for published in self._content.layers:
            row = await reader.row(extent_sql(published, self._request.caller), [])
            if row[0] is not None:
                boxes.append(row)
        if not boxes:
            return None
        west, south, east, north = zip(*boxes, strict=True)
        return common((min(west), min(south), max(east), max(north)), self._content.box)


def common(box: Box, wanted: Box | None) -> Box | None:
    """The part of ``box`` that lies in ``wanted``; None where they do not meet."""
    if wanted is None:
        return box
    west, south = max(box[0], wanted[0]), max(box[1], wanted[1])
    east, north = min(box[2], wanted[2]), min(box[3], wanted[3])
    return (west, south, east, north) if west <= east and south <= north else None


def ranges_of(events: Sequence[Event], content: Content, tiles: Tiles) -> Iterator[tuple[int, TileRange]]:
    """The tiles (zoom, columns and rows) in which something of ``events`` shows; a style changes pictures alone."""
    layers = content.versions()
    places: set[tuple[int, Box | None]] = set()
    for event in events:
        if event.layer in layers and not (event.op == "S" and isinstance(tiles, VectorTiles)):
            highest = content.zooms[1] if event.max_zoom is None else event.max_zoom + tiles.lag
            boxes = event.boxes if event.boxes is not None else [None]
            places |= {(min(highest, content.zooms[1]), box) for box in boxes}
    for highest, box in places:
        for z in range(highest + 1):
            yield z, whole(z) if box is None else tiles.showing(box, z)


async def gathered(
    ask: Callable[[Waiting], Awaitable[Asked]], batch: Sequence[Waiting], at_once: int
) -> list[Asked]:
    """``ask`` for all of ``batch``, ``at_once`` at a time; the first failure ends the others and is raised."""
    turn = asyncio.Semaphore(at_once)

    async def in_turn(waiting: Waiting) -> Asked:
        async with turn:
            return await ask(waiting)

    tasks = [asyncio.ensure_future(in_turn(waiting)) for waiting in batch]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


STAGE = Text("mức {z}, ô", "zoom {z}, tiles")


def another_export() -> Problem:
    return Problem(
        409,
        "another-export",
        Text(
            "Lần xuất dở dang là của lớp, mức thu phóng, vùng hoặc đối tượng xem khác. Bỏ --resume để xuất lại từ đầu.",
            "What is unfinished is of other layers, zooms, another area or audience. Leave out --resume to start anew.",
        ),
    )


def too_old() -> Problem:
    return Problem(
        409,
        "too-old",
        Text(
            "Lần xuất dở dang quá cũ: không còn biết điều gì đã thay đổi từ đó. Bỏ --resume để xuất lại từ đầu.",
            "What is unfinished is too old: what changed since is no longer known. Leave out --resume to start anew.",
        ),
    )
