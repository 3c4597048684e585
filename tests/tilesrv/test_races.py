"""What the tile processes hold is never older than what they have read since: locks and second looks see to it.

The larger ones, through running processes, are in `test_freshness`.
"""

from __future__ import annotations

import asyncio
import fcntl
from pathlib import Path
from typing import Any

import pytest

from gis_core.config import Config
from gis_core.registry import REVISION_SQL
from tilesrv import database
from tilesrv.cache import TileFiles
from tilesrv.catalogue import Watch
from tilesrv.database import Database
from tilesrv.grid import TileId
from tilesrv.journal import Journal

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
        return await asyncio.gather(made._pool("app"), made._pool("app"))

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
