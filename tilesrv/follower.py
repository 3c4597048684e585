"""Following the change feed: one LISTEN connection a process wakes everything that depends on changes.

At every wake-up, in this order: the catalogue if something was published, what citizens could see happen (their tile
files and extents are dropped), what other groups of streams could see, and what anybody could (nothing that is shared
among others than citizens is given from before that); then, after a moment for the other processes to do the same, the
files once more, and only then the streams. So nobody is told of a change and then handed a tile from before it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from functools import cache

import psycopg

from gis_core.audiences import CITIZEN, Caller
from gis_core.changes import CHANNELS, Batch, Event, Position, batch_from, events_sql, position_sql
from gis_core.layer import Audience
from gis_core.problems import Problem
from tilesrv.cache import Folders
from tilesrv.catalogue import Watch
from tilesrv.database import Database
from tilesrv.extents import Extents
from tilesrv.journal import Journals
from tilesrv.lending import Connection
from tilesrv.streams import Stream, Streams

log = logging.getLogger(__name__)

SETTLE_S = 0.06  # from dropping a tile to telling of it: the other processes drop theirs meanwhile
LOOK_EVERY_S = 5.0  # also without a wake-up
RETRY_S = 1.0


class Follower:
    """The one reader of the feed in this process."""

    def __init__(
        self,
        database: Database,
        watch: Watch,
        journals: Journals,
        files: Folders,
        extents: Extents,
        streams: Streams,
    ) -> None:
        self._database = database
        self._watch = watch
        self._journals = journals
        self._files = files
        self._extents = extents
        self._streams = streams
        self._wake = streams.wake
        self._position: Position | None = None
        self._everything: Position | None = None  # up to where what nobody or few may see was read

    async def run(self) -> None:
        """Follow for ever; whenever the feed is lost everything kept is dropped before it is followed again."""
        while True:
            try:
                await self._follow()
            except (psycopg.Error, Problem, OSError) as error:
                log.warning("the change feed is lost: %s", error)
            self._journals.lose()
            try:
                await asyncio.to_thread(self._files.drop_all)
            except OSError as error:  # the feed is followed whatever becomes of files
                log.warning("files of tiles cannot be dropped: %s", error)
            await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        parameters = self._database.parameters("app") | {"application_name": "huong tiles listen"}
        listening = await psycopg.AsyncConnection.connect(**parameters)
        # A connection of its own: under load the feed must not wait behind tiles.
        feed = await psycopg.AsyncConnection.connect(**self._database.parameters("app"))
        async with listening, feed:
            for channel in CHANNELS:
                await listening.execute(f"listen {channel}", prepare=False)
            # Listening first, then the position: what commits between is notified and read.
            self._position = self._everything = await self._begin(feed)
            waking = asyncio.create_task(self._await_notices(listening))
            try:
                while not waking.done():
                    await self._round(feed)
                    await self._sleep(waking)
                waking.result()
            finally:
                waking.cancel()

    async def _begin(self, feed: Connection) -> Position:
        """Nothing that is held may be trusted; from the returned position on, everything is followed."""
        cursor = await feed.execute(position_sql())
        row = await cursor.fetchone()
        assert row is not None
        await asyncio.to_thread(self._files.drop_all)
        self._extents.drop()
        await self._watch.refresh()
        self._journals.begin()
        self._streams.rejoin()
        return Position(row[0], row[1])

    async def _await_notices(self, listening: Connection) -> None:
        async for _ in listening.notifies():
            self._wake.set()

    async def _sleep(self, waking: asyncio.Task[None]) -> None:
        """Until something was notified, a stream wants to join, or the time is up."""
        woken = asyncio.create_task(self._wake.wait())
        await asyncio.wait((waking, woken), timeout=LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        self._wake.clear()

    async def _round(self, feed: Connection) -> None:
        """Read what is new for everyone and hand it on."""
        before = self._position
        assert before is not None
        joining = self._streams.take_joining()
        try:
            backlogs = [(stream, await self._backlog(stream)) for stream in joining]
            batch = await self._news(feed, CITIZEN.audience, before)
            await self._drop(batch.events)
            self._position = batch.position
            batches = [(CITIZEN, batch), *[each async for each in self._of_others()]]
            await self._note_everything(feed)
            if any(each.events for _, each in batches) or any(b and b.events for _, b in backlogs):
                await asyncio.sleep(SETTLE_S)
                await self._drop_files(batch.events)
        except BaseException:
            self._streams.put_back(joining)
            raise
        for stream, backlog in backlogs:
            self._streams.join(stream, backlog, before)
        for caller, each in batches:
            self._streams.tell(caller, each)

    async def _news(self, feed: Connection, audience: Audience | None, since: Position) -> Batch:
        """What is new in the feed, the catalogue being as new; OperationalError where it begins anew."""
        cursor = await feed.execute(feed_sql(audience), [since.snapshot])
        batch = batch_from(await cursor.fetchone() or (), since)
        if batch.reset:
            raise psycopg.OperationalError("the feed is another one than before")
        if any(event.op in "POS" for event in batch.events):
            await self._watch.refresh()
        return batch

    async def _note_everything(self, feed: Connection) -> None:
        """Let go of what others than citizens share, after all batches are read and before anybody is told of one."""
        assert self._everything is not None
        batch = await self._news(feed, None, self._everything)
        self._everything = batch.position
        if batch.events:
            self._journals.everybody.note(batch.events)
            for layer_id in {event.layer for event in batch.events if event.op != "O"}:
                self._extents.drop_of_staff(layer_id)

    async def _of_others(self) -> AsyncIterator[tuple[Caller, Batch]]:
        """What is new for the groups of streams that see more than citizens; a busy pool's turn comes again."""
        for caller, since in self._streams.groups():
            if caller.key != CITIZEN.key:
                try:
                    yield caller, await self._read(caller, since)
                except Problem as problem:
                    log.warning("events of %s wait: %s", caller.audience, problem)
                    self._wake.set()

    async def _backlog(self, stream: Stream) -> Batch | None:
        """What a stream that resumes has missed; None for one that begins."""
        return None if stream.since is None else await self._read(stream.caller, stream.since)

    async def _read(self, caller: Caller, since: Position) -> Batch:
        row = await self._database.row(caller, feed_sql(caller.audience), [since.snapshot], binary=False)
        return batch_from(row, since)

    async def _drop(self, events: Sequence[Event]) -> None:
        """Let go of everything in this process, then of every file, that is older than ``events``."""
        if not events:
            return
        self._journals.citizens.note(events)
        for layer_id in {event.layer for event in events if event.op != "O"}:
            self._extents.drop(layer_id)
        await self._drop_files(events)

    async def _drop_files(self, events: Sequence[Event]) -> None:
        if events:
            await asyncio.to_thread(self._files.drop, events)


@cache
def feed_sql(audience: Audience | None) -> str:
    """Events since the snapshot ``$1``, as an audience sees them; all of them with None."""
    return events_sql(audience).replace("%s", "$1")
