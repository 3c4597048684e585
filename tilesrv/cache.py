"""Anonymous tiles as files that nginx serves: ``<var>/tilecache/citizen/<layer>/<z>/<x>/<y>.mvt.gz``.

A file appears whole (rename) and its modification time is made from its content, so that nginx's entity tag, which is
made of that time and the size, is one of the content: it is the same in every process, and changes only with the tile.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from gis_core.changes import Event
from tilesrv.grid import TileId, TileRange, tiles_showing, whole
from tilesrv.http import compress
from tilesrv.journal import Journal
from tilesrv.tile_sql import ALL_FIELDS_FROM

log = logging.getLogger(__name__)

SUFFIX = ".mvt.gz"
MOST_QUEUED = 200  # tiles that wait to be written; beyond, they are simply not kept
LEFT_AFTER_S = 600.0
FEW_TILES = 256  # a range this small is tried tile by tile, a larger one by listing what there is


class TileFiles:
    """The folder of anonymous tiles, shared by all processes of the city."""

    FOLDER = "citizen"
    PATTERN = f"*{SUFFIX}"

    def __init__(self, var: Path, journal: Journal, *, limit_bytes: int = 2 * 2**30) -> None:
        self.root = var / "tilecache" / self.FOLDER
        self._aside = var / "tilecache" / "dropped"
        self._journal = journal
        self.limit_bytes = limit_bytes
        self._writer = ThreadPoolExecutor(1, "tile-files")
        self._queued = 0

    def prepare(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self._aside.mkdir(parents=True, exist_ok=True)

    async def close(self) -> None:
        await asyncio.to_thread(self._writer.shutdown)

    def path(self, layer_id: str, tile: TileId) -> Path:
        return self.root / layer_id / str(tile.z) / str(tile.x) / f"{tile.y}{SUFFIX}"

    @staticmethod
    def seconds(packed: bytes) -> int:
        """The modification time of a file with this content: 31 bits of its hash."""
        return int.from_bytes(blake2b(packed, digest_size=4).digest()) & 0x7FFFFFFF

    @classmethod
    def tag(cls, packed: bytes) -> bytes:
        """The entity tag that nginx gives to the file (ngx_http_set_etag)."""
        return b'"%x-%x"' % (cls.seconds(packed), len(packed))

    # Keeping ------------------------------------------------------------------------------------------------------

    def keep(self, layer_id: str, tile: TileId, body: bytes, mark: int | None) -> None:
        """Write the tile's file soon, unless a change that it may not show has been read since ``mark``."""
        if mark is not None:
            self.soon(lambda: self._keep(layer_id, tile, body, mark))

    def soon(self, write: Callable[[], None]) -> None:
        """Have the writer's thread ``write``; not at all while too much waits already."""
        if self.limit_bytes <= 0 or self._queued >= MOST_QUEUED:
            return
        self._queued += 1
        self._writer.submit(self._write_logged, write)

    def _write_logged(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            log.warning("a tile cannot be kept: %s", error)
        finally:
            self._queued -= 1

    def _keep(self, layer_id: str, tile: TileId, body: bytes, mark: int) -> None:
        path = self.path(layer_id, tile)
        self.put_unless(
            lambda: self._journal.is_stale(mark, layer_id, tile), [path], lambda: [compress(body)]
        )

    def put_unless(
        self, is_stale: Callable[[], bool], paths: Sequence[Path], bodies: Callable[[], Sequence[bytes]]
    ) -> None:
        """Put files in place that are not there yet, unless what they show ``is_stale``."""
        if all(path.exists() for path in paths) or is_stale():
            return
        try:
            for path, body in zip(paths, bodies(), strict=True):
                write_whole(path, body, aside=self._aside)
        finally:  # a full disk leaves the first of several
            # Only now: a change read before the files were in place did not find them to remove.
            if is_stale():
                for path in paths:
                    path.unlink(missing_ok=True)

    # Dropping -----------------------------------------------------------------------------------------------------

    def drop(self, events: Iterable[Event]) -> int:
        """Remove the files in which something of ``events`` shows; how many there were."""
        dropped = 0
        for event in events:
            if event.op == "S":  # what is drawn by is among the attributes of these zooms
                dropped += sum(
                    unlink(path) for path in self.showing(replace(event, max_zoom=ALL_FIELDS_FROM - 1))
                )
            elif event.boxes is None and event.max_zoom is None:
                self.drop_layer(event.layer)
            else:
                dropped += sum(unlink(path) for path in self.showing(event))
        return dropped

    def showing(self, event: Event) -> Iterator[Path]:
        """The files that there are of tiles in which ``event`` shows."""
        for z, folder in numbered(self.root / event.layer):
            if event.max_zoom is not None and z > event.max_zoom:
                continue
            ranges = [whole(z)] if event.boxes is None else [tiles_showing(box, z) for box in event.boxes]
            yield from files_in(folder, ranges)

    def drop_layer(self, layer_id: str) -> None:
        """Remove all tiles of a layer at once: the folder is moved away, then emptied."""
        self._set_aside(self.root / layer_id)

    def drop_all(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            for folder in list(self.root.iterdir()):
                self._set_aside(folder)

    def _set_aside(self, folder: Path) -> None:
        try:
            place = Path(tempfile.mkdtemp(dir=self._aside))
        except OSError:  # a full disk has no room for a folder; what is stale must go all the same
            shutil.rmtree(folder, ignore_errors=True)
            return
        with contextlib.suppress(OSError):
            folder.rename(place / folder.name)
        shutil.rmtree(place, ignore_errors=True)

    # Bound --------------------------------------------------------------------------------------------------------

    def sweep(self) -> int:
        """Remove the oldest files while all of them are larger than the bound; bytes that are left.

        One process at a time; files are as old as their last change of inode, the modification time being a hash.
        """
        with open(self._aside.parent / f"{self.FOLDER}.lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return -1
            self._clear_aside()
            found = []
            for path in self.root.rglob(self.PATTERN):
                with contextlib.suppress(FileNotFoundError):
                    stat = path.stat()
                    found.append((stat.st_ctime, max(stat.st_size, 4096), path))
            total = sum(size for _, size, _ in found)
            found.sort(key=lambda each: each[0])
            for _, size, path in found:
                if total <= self.limit_bytes:
                    break
                total -= size
                unlink(path)
            self._remove_empty_folders()
            return total

    def _remove_empty_folders(self) -> None:
        """A folder takes as much room as a small picture, and there is one for each column of tiles ever asked for."""
        for folder, _, files in os.walk(self.root, topdown=False):
            if not files and folder != str(self.root):
                with contextlib.suppress(OSError):  # it has folders, or a file has just come
                    Path(folder).rmdir()

    def _clear_aside(self) -> None:
        """Remove what processes that died left behind; what is younger is still being worked with."""
        for path in self._aside.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_ctime < time.time() - LEFT_AFTER_S:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


class Folders:
    """Several folders of files that the same changes concern."""

    def __init__(self, *folders: TileFiles) -> None:
        self._folders = folders

    def prepare(self) -> None:
        for each in self._folders:
            each.prepare()

    async def close(self) -> None:
        for each in self._folders:
            await each.close()

    def drop(self, events: Sequence[Event]) -> int:
        return sum(each.drop(events) for each in self._folders)

    def drop_all(self) -> None:
        for each in self._folders:
            each.drop_all()

    def sweep(self) -> None:
        for each in self._folders:
            each.sweep()


def write_whole(path: Path, packed: bytes, *, aside: Path) -> None:
    """Put a file in place at once, with the time that its content asks for."""
    handle, temporary = tempfile.mkstemp(dir=aside)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(packed)
            os.fchmod(file.fileno(), 0o644)
        moment = TileFiles.seconds(packed)
        os.utime(temporary, (moment, moment))
        path.parent.mkdir(parents=True, exist_ok=True)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def unlink(path: Path) -> bool:
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def numbered(folder: Path) -> list[tuple[int, Path]]:
    """The subfolders whose names are numbers; none if the folder is not there."""
    try:
        return [(int(each.name), each) for each in folder.iterdir() if each.name.isdecimal()]
    except (FileNotFoundError, NotADirectoryError):
        return []


def files_in(folder: Path, ranges: Sequence[TileRange]) -> Iterator[Path]:
    """The tiles of one zoom's folder that lie in ``ranges``; a small range is named outright, there or not."""
    if sum(each.size for each in ranges) <= FEW_TILES:
        for each in ranges:
            for x in range(each.min_x, each.max_x + 1):
                for y in range(each.min_y, each.max_y + 1):
                    yield folder / str(x) / f"{y}{SUFFIX}"
        return
    for x, column in numbered(folder):
        rows = [each for each in ranges if each.min_x <= x <= each.max_x]
        if not rows:
            continue
        with contextlib.suppress(FileNotFoundError):
            for path in column.iterdir():
                row = path.name.removesuffix(SUFFIX)
                if row.isdecimal() and any(each.min_y <= int(row) <= each.max_y for each in rows):
                    yield path
