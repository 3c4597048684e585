"""Exports changed under, stopped, gone on with, refused: an archive is whole and of one moment, or not there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gis_core.problems import Problem
from tests.city_plugin import IN_PROCESS, environment_of
from tests.tilesrv.archives import (
    OFFICER,
    added,
    around,
    codes_of,
    count_cells,
    export,
    settled,
    tiles_of,
)
from tests.tilesrv.conftest import TileCity, plots, publish
from tilesrv.export.partial import Partial


def test_what_changes_meanwhile_is_in_the_archive(tile_city: TileCity, tmp_path: Path) -> None:
    """Would fail if tiles were as old as the moment they were asked for: half of the change would be seen."""
    count_cells(tile_city)
    file, place = tmp_path / "moving.pmtiles", (107.40, 16.40)
    with tile_city.owner() as owner:

        def change(zoom: int, _done: int) -> None:
            if zoom == 13 and not owner.execute("select 1 from test_plots where code = 'moved'").fetchone():
                owner.execute(
                    "insert into test_plots (code, kind, geom) values"
                    " ('moved', 'shop', st_multi(st_makeenvelope(%s, %s, %s, %s, 4326)))",
                    [place[0], place[1], place[0] + 0.01, place[1] + 0.01],
                )
                owner.execute("delete from test_plots where code like 'T1\\_%'")
                count_cells(tile_city)

        try:
            export(tile_city, file, hook=change)
            settled(tile_city, file)
            codes = codes_of(tile_city, file)
            assert "moved" in codes and "T0_1" in codes and not any(c.startswith("T1_") for c in codes)
        finally:
            owner.execute("delete from test_plots where code = 'moved'")


@pytest.mark.parametrize("format_", ["pmtiles", "mbtiles"])
def test_an_export_that_was_stopped_is_gone_on_with(
    tile_city: TileCity, tmp_path: Path, format_: str
) -> None:
    """What was done is not done again, except where something has changed since."""
    count_cells(tile_city)
    file = tmp_path / f"stopped.{format_}"
    seen: list[tuple[int, int]] = []

    def stop(zoom: int, done: int) -> None:
        if zoom == 13:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(tile_city, file, hook=stop)
    assert not file.exists() and [p.name for p in tmp_path.iterdir()] == [f"{file.name}.partial"]
    with added(tile_city, (107.45, 16.45)):
        count_cells(tile_city)
        export(tile_city, file, hook=lambda zoom, done: seen.append((zoom, done)), resume=True)
        settled(tile_city, file)
        whole = tiles_of(file)
        assert "added" in codes_of(tile_city, file)
    asked = sum(done for zoom, done in seen if zoom < 13)
    assert asked < sum(1 for tile in whole if tile.z < 13), "all was asked for again"
    assert [p.name for p in tmp_path.iterdir()] == [file.name]


class Gate:
    """Lets an export in another process read its table in rounds: it waits for us, however fast the machine is.

    A lock that nothing gets past is handed from one connection to the next; who waited in between reads meanwhile.
    """

    LOCK = "lock table test_plots in access exclusive mode"
    WAITING_SQL = (
        "select count(*) from pg_locks where relation = 'test_plots'::regclass and mode = %s and not granted"
    )

    def __init__(self, city: TileCity) -> None:
        self._holder, self._next, self._watcher = city.owner(), city.owner(), city.owner()
        self._holder.execute("begin")
        self._holder.execute(self.LOCK)

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in (self._holder, self._next, self._watcher):
            connection.close()

    def let_through(self) -> None:
        """Who waits now reads; who comes after waits."""
        self._next.execute("begin")
        with ThreadPoolExecutor(1) as thread:
            locked = thread.submit(self._next.execute, self.LOCK)
            self._until("AccessExclusiveLock")
            self._holder.execute("commit")
            locked.result(60)
        self._holder, self._next = self._next, self._holder

    def until_it_waits(self, process: subprocess.Popen[str]) -> None:
        self._until("AccessShareLock", lambda: process.poll() is None)

    def _until(self, mode: str, going_on: Callable[[], bool] = lambda: True) -> None:
        deadline = time.monotonic() + 60
        while self._watcher.execute(self.WAITING_SQL, [mode]).fetchone() == (0,):
            assert going_on() and time.monotonic() < deadline, f"nobody waits for {mode}"
            time.sleep(0.01)


def test_ctrl_c_leaves_no_archive_and_resume_makes_it_whole(tile_city: TileCity, tmp_path: Path) -> None:
    """The command itself, stopped by the signal of the terminal when some of its tiles are done and some are not."""
    file = tmp_path / "deep.pmtiles"
    command = [
        sys.executable,
        "-m",
        "gis_core.cli",
        "tiles",
        "export",
        "test_plots",
        str(file),
        "--zoom",
        "0-16",
    ]
    unfinished = tmp_path / "deep.pmtiles.partial"
    with Gate(tile_city) as gate:
        process = subprocess.Popen(command, env=environment_of(IN_PROCESS), stderr=subprocess.PIPE, text=True)
        gate.until_it_waits(process)
        nothing_done = unfinished.stat().st_size
        while unfinished.stat().st_size == nothing_done:
            gate.let_through()
            gate.until_it_waits(process)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 2 and "--resume" in said and "Traceback" not in said
    assert not file.exists() and unfinished.exists()
    done = subprocess.run(
        [*command, "--resume"], env=environment_of(IN_PROCESS), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    fresh = tmp_path / "fresh.mbtiles"
    export(tile_city, fresh, zooms=(0, 16))
    assert tiles_of(file) == tiles_of(fresh)
    assert not unfinished.exists()


def test_refusals(tile_city: TileCity, tmp_path: Path) -> None:
    def code(file: Path, *targets: str, **changes: Any) -> str:
        with pytest.raises(Problem) as refused:
            export(tile_city, file, *targets, **changes)
        return refused.value.code

    file = tmp_path / "a.pmtiles"
    assert code(file, "no_such_layer") == "no-such-collection"
    assert code(file, "test_plots:no-such") == "no-such-style"
    assert code(file, zooms=(23, 24)) == "no-such-zoom"
    assert code(file, box=around((10.0, 50.0))) == "nothing-to-export"
    assert code(tmp_path / "none" / "a.pmtiles") == "no-folder"
    assert list(tmp_path.iterdir()) == [], "a refusal leaves something behind"
    file.write_bytes(b"held")
    assert code(file) == "file-exists" and file.read_bytes() == b"held"
    other = tmp_path / "b.pmtiles.partial"
    other.write_bytes(b"somebody's notes, which are no database of ours" * 100)
    assert code(tmp_path / "b.pmtiles") == "not-an-export" and other.stat().st_size == 4700
    at_work = Partial(tmp_path / "c.pmtiles.partial")
    assert code(tmp_path / "c.pmtiles") == "export-at-work"
    at_work.close(remove=True)


def interrupted(city: TileCity, file: Path) -> None:
    def stop(zoom: int, _done: int) -> None:
        if zoom == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(city, file, hook=stop)


def test_what_cannot_be_gone_on_with_is_refused(tile_city: TileCity, tmp_path: Path) -> None:
    """Another question, another publication, a feed of which the middle is gone: each would make a false archive."""
    file = tmp_path / "a.pmtiles"

    def code(**changes: Any) -> str:
        with pytest.raises(Problem) as refused:
            export(tile_city, file, resume=True, **changes)
        return refused.value.code

    interrupted(tile_city, file)
    assert code(zooms=(0, 13)) == code(caller=OFFICER) == "another-export"
    before = plots()
    fewer = plots(fields=tuple(f for f in before.fields if f.name != "area"))
    try:
        publish(tile_city.config, fewer)
        assert code() == "published-anew"
    finally:
        publish(tile_city.config, before)
    interrupted(tile_city, file)
    with tile_city.owner() as owner:
        (held,) = owner.execute("select horizon::text from huong.feed").fetchone() or ("0",)
        owner.execute("update huong.feed set horizon = pg_snapshot_xmax(pg_current_snapshot())")
        try:
            assert code() == "too-old"
        finally:
            owner.execute("update huong.feed set horizon = %s::xid8", [held])
    assert not file.exists()
    export(tile_city, file)
    settled(tile_city, file)


def test_a_publication_during_an_export_ends_it(tile_city: TileCity, tmp_path: Path) -> None:
    """Would fail if the archive mixed tiles of two declarations, or if reading kept the layer from being published."""
    before = plots()
    fewer = plots(fields=tuple(f for f in before.fields if f.name != "area"))
    told: list[int] = []

    def change(zoom: int, _done: int) -> None:
        if zoom == 12 and not told:
            told.append(zoom)
            publish(tile_city.config, fewer)

    try:
        with pytest.raises(Problem) as refused:
            export(tile_city, tmp_path / "a.mbtiles", hook=change)
        assert refused.value.code == "published-anew" and told
    finally:
        publish(tile_city.config, before)
    assert not (tmp_path / "a.mbtiles").exists()


def test_a_full_disk_ends_as_words(tile_city: TileCity, tmp_path: Path) -> None:
    """A file system of 300 kB: exit code 2, no trace, no archive."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        command = ["tiles", "export", "test_plots", str(place / "a.pmtiles"), "--zoom", "0-18"]
        done = subprocess.run(
            [sys.executable, "-m", "gis_core.cli", *command],
            env=environment_of(IN_PROCESS), capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 2 and "No space" in done.stderr and "Traceback" not in done.stderr
        assert not (place / "a.pmtiles").exists()
    finally:
        subprocess.run(["umount", str(place)], check=True)
