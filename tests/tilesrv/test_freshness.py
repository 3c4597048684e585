"""No tile from before a COMMIT outlives it, in no process and no file; tiles elsewhere are left alone."""

from __future__ import annotations

import asyncio
import errno
import gzip
import json
import tempfile
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from gis_core.changes import Event
from gis_core.config import Config
from tests.city_plugin import CLUSTER, SUPERUSER
from tests.tilesrv.conftest import A_LUOI, THUAN_AN, TileCity, path_of, plots, publish, tile_at
from tests.tilesrv.test_tiles import decoded
from tests.waiting import asked_by_a_client_who_may_leave, wait_until
from tilesrv import cache
from tilesrv.app import App
from tilesrv.cache import TileFiles, write_whole
from tilesrv.grid import TileId, tiles_showing, web_mercator
from tilesrv.http import Request
from tilesrv.journal import Journal

LEFT_WITHIN_S = 2.0  # it would be ended anyway after 3 s
HERE = "st_makeenvelope(107.2349, 16.2249, 107.2351, 16.2251, 4326)"  # the middle of A_LUOI


def codes(body: bytes) -> set[Any]:
    return {f["properties"]["code"] for f in decoded(body).values()}  # type: ignore[index]


def test_a_change_drops_the_tiles_that_show_it_and_no_others(tile_city: TileCity) -> None:
    """A change in A Lưới is seen within a second; Thuận An keeps its file, byte for byte, and its ETag."""
    here, there = tile_at(A_LUOI, 15), tile_at(THUAN_AN, 15)
    with tile_city.client(0) as one, tile_city.client(1) as other, tile_city.owner() as owner:
        tile_city.kept("test_plots", here, one)
        kept = tile_city.settled("test_plots", there, other)
        tag = one.get(path_of("test_plots", there)).headers["etag"]
        owner.execute(f"update test_plots set code = 'changed' where geom && {HERE}")
        wait_until(lambda: not tile_city.file("test_plots", here).exists(), "the old file stays")
        for client in (one, other):
            assert "changed" in codes(client.get(path_of("test_plots", here)).content)
        now = tile_city.file("test_plots", there).stat()
        assert (now.st_ino, now.st_mtime) == (kept.st_ino, kept.st_mtime)
        assert one.get(path_of("test_plots", there)).headers["etag"] == tag


def test_a_private_change_drops_nothing(tile_city: TileCity) -> None:
    """A column that citizens do not see changes no file: its time would tell of it."""
    tile = tile_at(A_LUOI, 15)
    with tile_city.client() as client, tile_city.owner() as owner:
        before = tile_city.settled("test_plots", tile, client)
        owner.execute(f"update test_plots set holder = 'somebody else' where geom && {HERE}")
        later = "update test_epochs set name = name || '.' where name like 'old%'"
        # What came before in the feed has been dealt with by then.
        tile_city.do_and_hear(partial(owner.execute, later), {"test_epochs"}, "U")
        now = tile_city.file("test_plots", tile).stat()
        assert (now.st_ino, now.st_ctime) == (before.st_ino, before.st_ctime)


def test_truncate_drops_the_layer(tile_city: TileCity) -> None:
    tile = tile_at((107.58 - 0.005, 16.46 - 0.005), 12)
    with tile_city.client() as client, tile_city.owner() as owner:
        tile_city.kept("test_epochs", tile, client)
        owner.execute("create table kept as select * from test_epochs; truncate test_epochs")
        wait_until(lambda: not tile_city.file("test_epochs", tile).exists(), "the file outlives the rows")
        owner.execute(
            "insert into test_epochs (name, valid_from, valid_to, geom)"
            " select name, valid_from, valid_to, geom from kept; drop table kept"
        )


class Held:
    """A database whose tiles are read at once and handed over when told: a query that spans a COMMIT."""

    def __init__(self, app: App) -> None:
        self.read, self.go, self.asked = asyncio.Event(), asyncio.Event(), 0
        self._row = app.database.row
        app.database.row = self.row  # type: ignore[method-assign]

    async def row(self, caller: Any, sql: str, values: Any, **more: Any) -> Any:
        self.asked += "st_asmvt" in sql
        found = await self._row(caller, sql, values, **more)
        if "st_asmvt" in sql:
            self.read.set()
            await self.go.wait()
        return found


def put_back(city: TileCity, sql: str) -> None:
    """Change plots, and wait until both servers have told of it, and so removed what they had."""
    with city.owner() as owner:
        city.do_and_hear(lambda: owner.execute(sql).rowcount > 0, {"test_plots"}, "U")  # type: ignore[call-overload]


def later_than(path: Path) -> bool:
    """Whether a file made now is younger than ``path``, by the file system's own clock."""
    with tempfile.NamedTemporaryFile(dir=path.parent) as now:
        return Path(now.name).stat().st_ctime_ns > path.stat().st_ctime_ns


def request_for(path: str) -> Request:
    async def receive() -> dict[str, Any]:
        await asyncio.sleep(3600)
        return {}

    scope = {"method": "GET", "path": path, "query_string": b"", "headers": [(b"accept-encoding", b"gzip")]}
    return Request(scope, receive)


async def started(config: Config) -> App:
    app = App(config)
    await app.start()
    for _ in range(200):
        if app.journals.citizens.mark is not None:
            return app
        await asyncio.sleep(0.05)
    raise AssertionError("the change feed is not followed")


@pytest.mark.parametrize("handed_over", ["before the change is read", "after the change is read"])
def test_a_tile_read_before_a_commit_does_not_stay(
    tile_city: TileCity, handed_over: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The snapshot is older than the COMMIT and the file is written after it.

    The other process has read the change and removed what there was, so only this one can know. Would fail without
    the journal, or if the journal were looked at before the file is in place and not after.
    """
    tile = tile_at(A_LUOI, 16)
    monkeypatch.setenv("HUONG_SECRET", CLUSTER.secret)
    config = replace(tile_city.config, var=tile_city.var)

    async def scenario() -> None:
        app = await started(config)
        try:
            held = Held(app)
            asked = asyncio.create_task(app._answer(request_for(path_of("test_plots", tile))))
            await held.read.wait()
            mark = app.journals.citizens.mark
            async with await psycopg.AsyncConnection.connect(
                **config.connection("owner"),  # type: ignore[arg-type]
                autocommit=True,
            ) as owner:
                await owner.execute(f"update test_plots set code = code || '!' where geom && {HERE}")
            if handed_over == "after the change is read":
                while app.journals.citizens.mark == mark:
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.3)  # past the second removal of files as well, mostly
            held.go.set()
            answer = await asked
            assert not any(str(c).endswith("!") for c in codes(gzip.decompress(answer.body)))
            while any(each._queued for each in app.files._folders) or app.journals.citizens.mark == mark:
                await asyncio.sleep(0.01)
            path = tile_city.file("test_plots", tile)
            await asyncio.to_thread(
                wait_until, lambda: not path.exists(), "a tile from before the commit stays", 20
            )
            fresh = await app._answer(request_for(path_of("test_plots", tile)))
            assert any(str(c).endswith("!") for c in codes(gzip.decompress(fresh.body)))
        finally:
            await app.stop()

    put_back(tile_city, "update test_plots set code = rtrim(code, '!') where code like '%!'")
    tile_city.file("test_plots", tile).unlink(missing_ok=True)
    asyncio.run(scenario())


def test_nobody_joins_a_query_from_before_a_change(
    tile_city: TileCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that comes after a change was read starts a query of its own, though an older one is under way."""
    tile = tile_at(A_LUOI, 17)
    monkeypatch.setenv("HUONG_SECRET", CLUSTER.secret)
    config = replace(tile_city.config, var=tile_city.var)

    async def scenario() -> None:
        app = await started(config)
        try:
            held = Held(app)
            first = asyncio.create_task(app._answer(request_for(path_of("test_plots", tile))))
            joined = asyncio.create_task(app._answer(request_for(path_of("test_plots", tile))))
            await held.read.wait()
            mark = app.journals.citizens.mark
            async with await psycopg.AsyncConnection.connect(
                **config.connection("owner"),  # type: ignore[arg-type]
                autocommit=True,
            ) as owner:
                await owner.execute(f"update test_plots set code = 'after' where geom && {HERE}")
            while app.journals.citizens.mark == mark:
                await asyncio.sleep(0.01)
            late = asyncio.create_task(app._answer(request_for(path_of("test_plots", tile))))
            while held.asked < 2:  # the first two share one
                await asyncio.sleep(0.01)
            held.go.set()
            bodies = [gzip.decompress((await each).body) for each in (first, joined, late)]
            assert bodies[0] == bodies[1] and "after" not in codes(bodies[0])
            assert "after" in codes(bodies[2])
        finally:
            await app.stop()

    put_back(tile_city, f"update test_plots set code = 'before' where geom && {HERE} and code <> 'before'")
    asyncio.run(scenario())


def test_whoever_is_told_of_a_change_never_gets_an_older_tile(tile_city: TileCity) -> None:
    """Writers, readers of both processes, and a client that redraws when told: it always sees what it was told of.

    The file is looked at as nginx would serve it.
    """
    tile = tile_at(A_LUOI, 14)
    path = path_of("test_plots", tile)
    stop = threading.Event()
    faults: list[str] = []

    def read_on(which: int) -> None:
        with tile_city.client(which) as client:
            while not stop.is_set():
                client.get(path)

    readers = [threading.Thread(target=read_on, args=(which,)) for which in (0, 1, 0, 1)]
    with tile_city.owner() as owner, tile_city.client(0) as one, tile_city.client(1) as other:
        fid = owner.execute(f"select min(fid) from test_plots where geom && {HERE}").fetchone()[0]  # type: ignore[index]
        for reader in readers:
            reader.start()
        try:
            with tile_city.client(0).stream("GET", "/events/?layers=test_plots", timeout=30) as stream:
                lines = stream.iter_lines()
                next(line for line in lines if line.startswith("id:"))
                for number in range(40):
                    owner.execute("update test_plots set code = %s where fid = %s", [f"n{number}", fid])
                    next(line for line in lines if line.startswith('data: {"'))
                    file = tile_city.file("test_plots", tile)
                    bodies = {"one": one.get(path).content, "other": other.get(path).content}
                    if file.exists():
                        bodies["file"] = gzip.decompress(read(file) or b"")
                    for name, body in bodies.items():
                        if body and f"n{number}" not in codes(body):
                            faults.append(f"{name} at {number}")
        finally:
            stop.set()
            for reader in readers:
                reader.join()
    assert not faults


def read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def test_a_client_that_leaves_cancels_its_query(waiting_for_locks: None, tile_city: TileCity) -> None:
    """The query waits behind a lock; its client goes, and it is gone from pg_stat_activity. A patient one's stays."""
    tile = tile_at(THUAN_AN, 18)
    url = f"{tile_city.urls[0]}{path_of('test_plots', tile)}"
    with tile_city.owner() as owner, psycopg.connect(**tile_city.config.connection("owner")) as locker:  # type: ignore[arg-type]

        def count() -> int:
            row = owner.execute(
                "select count(*) from pg_locks where relation = 'test_plots'::regclass and not granted"
            ).fetchone()
            assert row is not None
            return int(row[0])

        httpx.get(url)
        locker.execute("lock table test_plots in access exclusive mode")
        patient = threading.Thread(target=lambda: httpx.get(url, timeout=60))
        patient.start()
        wait_until(lambda: count() == 1, "the query does not begin")
        time.sleep(0.5)
        assert count() == 1, "a query whose client waits was cancelled"
        locker.rollback()
        patient.join()
        locker.execute("lock table test_plots in access exclusive mode")

        def is_ended() -> bool:
            with asked_by_a_client_who_may_leave(url):
                wait_until(lambda: count() == 1, "the query does not begin")
            left = time.monotonic()
            wait_until(lambda: count() == 0, "the query outlives its client")
            return time.monotonic() - left < LEFT_WITHIN_S

        # Not ended it takes 3 s each time; a busy machine may be as slow once.
        assert any(is_ended() for _ in range(4)), "the query outlives its client"
        locker.rollback()
    assert httpx.get(url).status_code in (200, 204)


def test_the_feed_lost_is_caught_up(tile_city: TileCity) -> None:
    """Every connection of the tile processes is cut; a change made meanwhile is in the tiles soon after."""
    tile = tile_at(A_LUOI, 15)
    with tile_city.client() as client, tile_city.owner() as owner:
        tile_city.kept("test_plots", tile, client)
        with psycopg.connect(SUPERUSER, autocommit=True) as superuser:
            superuser.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
                " and application_name like 'huong tiles%%'",
                [owner.info.dbname],
            )
        owner.execute(f"update test_plots set code = 'while cut' where geom && {HERE}")
        path = path_of("test_plots", tile)

        def fresh() -> bool:
            answer = client.get(path)
            return answer.status_code == 200 and "while cut" in codes(answer.content)

        wait_until(fresh, "the tiles stay as they were")
        file = tile_city.file("test_plots", tile)

        def kept_anew() -> bool:
            client.get(path)
            packed = read(file)
            return packed is not None and "while cut" in codes(gzip.decompress(packed))

        wait_until(kept_anew, "an old file stays, or tiles are not kept again")


# The parts on their own ---------------------------------------------------------------------------------------


def event(layer: str, box: tuple[float, float, float, float] | None, max_zoom: int | None = None) -> Event:
    return Event(1, layer, "U", 1, None if box is None else (box,), max_zoom)


def test_journal() -> None:
    """What was read since a mark makes a tile stale, what was read before does not, what is forgotten does."""
    tile = TileId(14, 13000, 7400)
    side = tile.side
    inside = (tile.x * side - 20037508.34 + 1, 20037508.34 - tile.y * side - 2) * 2
    far = tuple(value + 50_000 for value in inside)
    journal = Journal()
    assert journal.mark is None and journal.is_stale(None, "a", tile)
    journal.begin()
    mark = journal.mark
    assert not journal.is_stale(mark, "a", tile)
    journal.note([event("b", None), event("a", far), event("a", inside, max_zoom=12)])  # type: ignore[arg-type]
    assert not journal.is_stale(mark, "a", tile)
    later = journal.mark
    journal.note([event("a", inside)])  # type: ignore[arg-type]
    assert journal.is_stale(mark, "a", tile) and journal.is_stale(later, "a", tile)
    assert not journal.is_stale(journal.mark, "a", tile)
    mark = journal.mark
    for _ in range(3000):
        journal.note([])
    assert journal.is_stale(mark, "a", tile)
    mark = journal.mark
    journal.lose()
    assert journal.is_stale(mark, "a", tile)
    journal.begin()
    assert journal.is_stale(mark, "a", tile)


def test_a_change_read_while_a_file_is_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change was looked for, then read (its files removed), and only then the file appears: it must go again."""
    journal = Journal()
    journal.begin()
    files = TileFiles(tmp_path, journal)
    files.prepare()
    tile = TileId(3, 6, 3)

    def write_late(path: Path, packed: bytes, *, aside: Path) -> None:
        journal.note([event("a", None)])
        files.drop([event("a", None)])
        write_whole(path, packed, aside=aside)

    monkeypatch.setattr(cache, "write_whole", write_late)
    files._keep("a", tile, b"old", journal.mark or 0)
    assert not files.path("a", tile).exists()


def test_files_that_are_dropped(tmp_path: Path) -> None:
    """Exactly the tiles in which a box shows, buffers included, whether the range is small or large."""
    journal = Journal()
    journal.begin()
    files = TileFiles(tmp_path, journal)
    files.prepare()
    x, y = web_mercator(107.6, 16.5)
    box = (x, y, x + 3000, y + 3000)
    every: dict[TileId, bool] = {}
    for z in (5, 12, 14, 18):
        shown = tiles_showing(box, z)
        for column in (shown.min_x - 1, shown.min_x, shown.max_x, shown.max_x + 1):
            for row in (shown.min_y - 1, shown.min_y, shown.max_y, shown.max_y + 1):
                every[TileId(z, column, row)] = shown.has(column, row)
    for tile in every:
        files._keep("a", tile, json.dumps(tile).encode(), journal.mark or 0)
        files._keep("b", tile, b"b", journal.mark or 0)
    assert all(files.path("a", tile).exists() for tile in every)
    files.drop([event("a", box, max_zoom=12)])
    for tile, shows in every.items():
        assert files.path("a", tile).exists() == (not shows or tile.z > 12), tile
    files.drop([event("a", box)])
    for tile, shows in every.items():
        assert files.path("a", tile).exists() != shows, tile
        assert files.path("b", tile).exists()
    files.drop([event("b", None)])
    assert not (files.root / "b").exists() and (files.root / "a").exists()
    files.drop_all()
    assert not list(files.root.iterdir())


def test_the_bound_takes_the_oldest(tmp_path: Path) -> None:
    journal = Journal()
    journal.begin()
    files = TileFiles(tmp_path, journal, limit_bytes=3 * 4096)
    files.prepare()
    tiles = [TileId(10, 800 + number, 460) for number in range(6)]
    for tile in tiles:
        files._keep("a", tile, str(tile).encode(), journal.mark or 0)
        wait_until(partial(later_than, files.path("a", tile)), "the clock of the file system stands")
    assert files.sweep() <= 3 * 4096
    assert [files.path("a", tile).exists() for tile in tiles] == [False] * 3 + [True] * 3


def test_a_layer_taken_from_citizens_is_taken_from_the_cache(tile_city: TileCity) -> None:
    """The front door serves a file without asking anybody: one left behind would show citizens the layer for ever."""
    tile = tile_at(A_LUOI, 15)
    with tile_city.client() as client:
        tile_city.kept("test_plots", tile, client)
        try:
            publish(tile_city.config, plots(audiences=frozenset({"land"}), rows={}))
            wait_until(lambda: not tile_city.file("test_plots", tile).exists(), "citizens keep the file")
            wait_until(lambda: client.get(path_of("test_plots", tile)).status_code == 404, "citizens see it")
            assert not tile_city.file("test_plots", tile).exists()
        finally:
            publish(tile_city.config, plots())
        wait_until(
            lambda: client.get(path_of("test_plots", tile)).status_code == 200, "it does not come back"
        )


def test_a_full_disk_keeps_nothing_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would fail if there had to be room for a folder before stale files could go, or if the first of several files
    stayed, unlooked at, where there is no room for the second."""
    journal = Journal()
    journal.begin()
    files = TileFiles(tmp_path, journal)
    files.prepare()
    tile = TileId(3, 6, 3)
    mark = journal.mark or 0
    files._keep("a", tile, b"old", mark)

    def no_room(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache.tempfile, "mkdtemp", no_room)
    files.drop([event("a", None)])
    assert not files.path("a", tile).exists()

    def half(path: Path, packed: bytes, *, aside: Path) -> None:
        if packed == b"second":
            journal.note([event("a", None)])
            no_room()
        write_whole(path, packed, aside=aside)

    monkeypatch.setattr(cache, "write_whole", half)
    paths = [files.root / "a" / name for name in ("1.png", "2.png")]
    with pytest.raises(OSError, match="No space"):
        files.put_unless(lambda: journal.is_stale(mark, "a", tile), paths, lambda: [b"first", b"second"])
    assert not any(path.exists() for path in paths)
