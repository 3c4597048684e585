"""What the tile processes hold is never older than what they have read since: locks and second looks see to it.

The larger ones, through running processes, are in `test_freshness`.
"""

from __future__ import annotations

import asyncio
import fcntl
from pathlib import Path
from typing import Any

import pytest

from gis_core.audiences import Caller
from gis_core.changes import Batch, Position
from gis_core.config import Config
from gis_core.registry import REVISION_SQL
from tilesrv import database, follower
from tilesrv.cache import Folders, TileFiles
from tilesrv.catalogue import Watch
from tilesrv.database import Database
from tilesrv.grid import TileId
from tilesrv.journal import Journal, Journals
from tilesrv.streams import Streams

TILE = TileId(10, 800, 460)


def test_an_older_catalogue_never_takes_the_place_of_a_newer() -> None:
    """One look has read the revision, and waits for the layers; another looks at both anew meanwhile."""

    class Slow:
        def __init__(self) -> None:
            self.revision, self.looks = 5, 0
            self.waiting, self.goes_on = asyncio.Event(), asyncio.Event()

        async def rows(self, role: str, sql: str) -> list[tuple[Any, ...]]:
            if sql == REVISION_SQL:
                self.looks += 1
                return [(self.revision,)]
            if not self.waiting.is_set():
                self.waiting.set()
                await self.goes_on.wait()
            return []

    async def both() -> int:
        slow = Slow()
        watch = Watch(slow)  # type: ignore[arg-type]
        one = asyncio.create_task(watch.refresh())
        await slow.waiting.wait()
        slow.revision = 6
        other = asyncio.create_task(watch.refresh())
        for _ in range(20):  # without the lock it is through after these
            await asyncio.sleep(0)
        slow.goes_on.set()
        await asyncio.gather(one, other)
        return watch.now.catalogue.revision

    assert asyncio.run(both()) == 6


def test_two_first_readers_open_one_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    class Slow:
        def __init__(self, **given: Any) -> None:
            opened.append(self)

        async def open(self) -> None:
            await asyncio.sleep(0)

        async def close(self, timeout: float) -> None:
            pass

    monkeypatch.setattr(database, "AsyncConnectionPool", Slow)

    async def both() -> list[object]:
        made = Database(Config.from_env())
        return await asyncio.gather(made._lender("app"), made._lender("app"))

    one, other = asyncio.run(both())
    assert one is other and len(opened) == 1


def test_a_tile_from_before_a_change_is_not_even_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was read before, and is written after: the file would stand for a moment, and longer if we died then."""
    journal = Journal()
    journal.begin()
    files = TileFiles(tmp_path, journal)
    files.prepare()
    mark = journal.mark or 0
    journal.lose()
    written: list[Path] = []
    monkeypatch.setattr("tilesrv.cache.write_whole", lambda path, packed, aside: written.append(path))
    files._keep("a", TILE, b"old", mark)
    assert written == []


def test_one_process_at_a_time_sweeps(tmp_path: Path) -> None:
    journal = Journal()
    journal.begin()
    files = TileFiles(tmp_path, journal, limit_bytes=1)
    files.prepare()
    files._keep("a", TILE, b"a tile", journal.mark or 0)
    with (tmp_path / "tilecache" / "citizen.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert files.sweep() == -1
        assert files.path("a", TILE).exists()
    assert files.sweep() == 0


# The follower of the feed ------------------------------------------------------------------------------------------

GENERATION = "0123456789ab"


class Feed:
    """The feed's connection: a change of the layer ``a`` everywhere, or where it stands."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def execute(self, sql: str, values: Any = None) -> Feed:
        self.asked.append(sql)
        return self

    async def fetchone(self) -> tuple[Any, ...]:
        return GENERATION, "7:7:", "0", [[1, "a", "U", 1, None, None]]


class Held:
    """The catalogue and the extents of a process, which have nothing to do with this."""

    async def refresh(self) -> None:
        pass

    def drop(self, *layers: str) -> None:
        pass

    drop_of_staff = drop


class Told(Streams):
    """Streams that look at a file when they are told of a change."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.saw: list[bool] = []

    def tell(self, caller: Caller, batch: Batch) -> None:
        self.saw.append(self.file.exists())


def made_follower(var: Path) -> tuple[follower.Follower, TileFiles, Journals, Told]:
    journals = Journals()
    journals.begin()
    files = TileFiles(var, journals.citizens)
    files.prepare()
    told = Told(files.path("a", TILE))
    held: Any = Held()
    made = follower.Follower(held, held, journals, Folders(files), held, told)
    return made, files, journals, told


def put_in_place(files: TileFiles) -> None:
    """As a process does that has not read of the change yet."""
    path = files.path("a", TILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a tile from before the change")


def test_what_another_process_keeps_meanwhile_is_gone_before_anybody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others learn of a change a moment later, and may until then put an old tile where we have taken one away."""
    made, files, _, told = made_follower(tmp_path)
    put_in_place(files)
    pauses: list[float] = []

    async def meanwhile(seconds: float) -> None:
        assert not told.file.exists() and told.saw == []
        put_in_place(files)
        pauses.append(seconds)

    monkeypatch.setattr(follower.asyncio, "sleep", meanwhile)
    made._position = made._everything = Position(GENERATION, "5:5:")
    asyncio.run(made._round(Feed()))  # type: ignore[arg-type]
    assert pauses == [follower.SETTLE_S]
    assert told.saw == [False]


def test_what_was_kept_before_the_feed_is_followed_is_dropped(tmp_path: Path) -> None:
    """Of changes while no process followed nobody will ever be told."""
    made, files, journals, told = made_follower(tmp_path)
    put_in_place(files)
    marks = (journals.citizens.mark, journals.everybody.mark)
    position = asyncio.run(made._begin(Feed()))  # type: ignore[arg-type]
    assert position == Position(GENERATION, "7:7:")
    assert not told.file.exists()
    assert journals.citizens.is_stale(marks[0], "a", TILE) and journals.everybody.is_stale(
        marks[1], "a", TILE
    )


def test_nothing_is_kept_while_the_feed_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tile read now may be out of date before it is in place, and nobody would know."""
    made, files, journals, told = made_follower(tmp_path)

    async def lost() -> None:
        raise OSError("the database is away")

    async def then(seconds: float) -> None:
        raise asyncio.CancelledError

    put_in_place(files)
    monkeypatch.setattr(made, "_follow", lost)
    monkeypatch.setattr(follower.asyncio, "sleep", then)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(made.run())
    assert journals.citizens.mark is None and journals.everybody.mark is None
    assert not told.file.exists()


def test_the_catalogue_is_new_before_what_was_made_by_the_old_one_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a tile could be made anew by the old declaration after its file was taken away, and be kept."""
    made, files, _, told = made_follower(tmp_path)
    put_in_place(files)
    seen: list[bool] = []

    class Watch:
        async def refresh(self) -> None:
            seen.append(told.file.exists())

    class Published(Feed):
        async def fetchone(self) -> tuple[Any, ...]:
            return GENERATION, "7:7:", "0", [[1, "a", "P", None, None, None]]

    monkeypatch.setattr(made, "_watch", Watch())
    made._position = made._everything = Position(GENERATION, "5:5:")
    asyncio.run(made._round(Published()))  # type: ignore[arg-type]
    assert seen[:1] == [True] and told.saw == [False]


def test_pictures_that_staff_share_are_old_after_any_change(tmp_path: Path) -> None:
    """What citizens cannot see happen is read too, before anybody is told, and ends what others share."""
    made, _, journals, told = made_follower(tmp_path)
    mark = journals.everybody.mark
    made._position = made._everything = Position(GENERATION, "5:5:")
    asyncio.run(made._round(Feed()))  # type: ignore[arg-type]
    assert journals.everybody.is_stale(mark, "a", TILE) and told.saw == [False]


def test_the_feed_is_listened_to_before_its_position_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What commits between the two is then notified and read; the other way round it would wait for the next look."""
    made, _, _, _ = made_follower(tmp_path)
    order: list[str] = []

    class Connection(Feed):
        async def __aenter__(self) -> Connection:
            return self

        async def __aexit__(self, *error: object) -> None:
            pass

        async def execute(self, sql: str, values: Any = None, **more: Any) -> Feed:
            order.append(sql.split()[0])
            return self

    class Database:
        def parameters(self, role: str) -> dict[str, Any]:
            return {}

    async def connect(**parameters: Any) -> Connection:
        return Connection()

    async def ended(feed: object) -> None:
        raise OSError("far enough")

    monkeypatch.setattr(follower.psycopg.AsyncConnection, "connect", connect)
    monkeypatch.setattr(made, "_database", Database())
    monkeypatch.setattr(made, "_round", ended)
    monkeypatch.setattr(made, "_await_notices", ended)
    with pytest.raises(OSError, match="far enough"):
        asyncio.run(made._follow())
    assert order == ["listen", "listen", "select"]
