"""What an export has done so far: a SQLite file beside the archive, from which the archive is written at the end.

Tiles go by their PMTiles number, which counts zoom by zoom along a Hilbert curve: the lowest that waits is the next
to ask for, and what is written in this order is written as PMTiles wants it.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pmtiles.tile import tileid_to_zxy, zxy_to_tileid

from gis_core.problems import Problem
from gis_core.words import Text
from tilesrv.grid import TileId, TileRange

FORMAT = "huong-tiles-1"
SCHEMA = """
create table state (name text primary key, value text not null);
create table waiting (id integer primary key, layers integer not null);
create table asked (id integer primary key, z integer not null, x integer not null, y integer not null, image integer);
create index asked_place on asked (z, x, y);
create table image (id integer primary key, digest blob not null unique, data blob not null);
"""
ADD_WAITING = """
insert into waiting values (?, ?) on conflict (id) do update set layers = layers | excluded.layers"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A tile to ask for; ``layers`` has a bit for each layer that may have something in it."""

    tile: TileId
    layers: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A tile that was asked for: its bytes as they are kept (b"" where nothing shows), and what to ask for next."""

    tile: TileId
    data: bytes
    below: Sequence[Waiting]


def number(tile: TileId) -> int:
    """The tile's number in PMTiles."""
    return zxy_to_tileid(*tile)


class Partial:
    """An unfinished export. Its file belongs to one process, and survives it."""

    def __init__(self, path: Path) -> None:
        """Open or make ``path``; Problem 409 where another process is at work on it or it is something else."""
        self.path = path
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # it may hold what citizens may not see
        self.connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            self.connection.execute("pragma locking_mode = exclusive")
            self.connection.execute("begin exclusive")
            found = self._tables()
            if not found:
                for statement in SCHEMA.strip().split(";\n"):
                    self.connection.execute(statement)
                self._set({"format": FORMAT})
            self.connection.execute("commit")
            if found and self.get("format") != FORMAT:
                raise not_ours(path)
        except sqlite3.OperationalError as error:
            self.connection.close()
            raise (at_work(path) if "locked" in str(error) else not_ours(path)) from error
        except (sqlite3.DatabaseError, Problem) as error:
            self.connection.close()
            raise not_ours(path) from error

    def _tables(self) -> int:
        return int(self.connection.execute("select count(*) from sqlite_master").fetchone()[0])

    def close(self, *, remove: bool = False) -> None:
        if remove:
            self.path.unlink(missing_ok=True)
        self.connection.close()

    # State ----------------------------------------------------------------------------------------------------------

    def get(self, name: str) -> Any:
        """A value that was kept with the export; None if there is none."""
        row = self.connection.execute("select value from state where name = ?", [name]).fetchone()
        return None if row is None else json.loads(row[0])

    def begin(self, state: dict[str, Any], layers: int) -> None:
        """Start from nothing: the whole world waits."""
        with Writing(self.connection):
            for table in ("state", "waiting", "asked", "image"):
                self.connection.execute(f"delete from {table}")
            self._set({"format": FORMAT, **state})
            self.connection.execute(ADD_WAITING, [0, layers])

    def _set(self, state: dict[str, Any]) -> None:
        rows = [(name, json.dumps(value)) for name, value in state.items()]
        self.connection.executemany("insert or replace into state values (?, ?)", rows)

    # Tiles ----------------------------------------------------------------------------------------------------------

    def next(self, limit: int) -> list[Waiting]:
        """The next tiles to ask for, all of one zoom."""
        rows = self.connection.execute(
            "select id, layers from waiting order by id limit ?", [limit]
        ).fetchall()
        found = [Waiting(TileId(*tileid_to_zxy(id_)), layers) for id_, layers in rows]
        return [each for each in found if each.tile.z == found[0].tile.z]

    def waiting(self, z: int | None = None) -> int:
        """How many tiles wait, at zoom ``z`` or at all."""
        first, last = (0, 2**62) if z is None else (number(TileId(z, 0, 0)), number(TileId(z + 1, 0, 0)) - 1)
        sql = "select count(*) from waiting where id between ? and ?"
        return int(self.connection.execute(sql, [first, last]).fetchone()[0])

    def record(self, done: Iterable[Asked]) -> None:
        """Keep what was asked for; equal tiles are kept once."""
        with Writing(self.connection):
            for each in done:
                id_, image = number(each.tile), self._image(each.data)
                self.connection.execute("delete from waiting where id = ?", [id_])
                self.connection.execute(
                    "insert or replace into asked values (?, ?, ?, ?, ?)", [id_, *each.tile, image]
                )
                for below in each.below:
                    self._await_unless_asked(below)

    def _image(self, data: bytes) -> int | None:
        if not data:
            return None
        digest = blake2b(data, digest_size=16).digest()
        row = self.connection.execute("select id from image where digest = ?", [digest]).fetchone()
        if row is None:
            insert = "insert into image (digest, data) values (?, ?) returning id"
            row = self.connection.execute(insert, [digest, data]).fetchone()
        return int(row[0])

    def _await_unless_asked(self, below: Waiting) -> None:
        id_ = number(below.tile)
        if self.connection.execute("select 1 from asked where id = ?", [id_]).fetchone() is None:
            self.connection.execute(ADD_WAITING, [id_, below.layers])

    def ask_again(self, ranges: Iterable[tuple[int, TileRange]], layers: int, state: dict[str, Any]) -> None:
        """Let the tiles in ``ranges`` (zoom, columns and rows) that were asked for wait again, for all ``layers``.

        Those that were not lie below empty ones, and are asked for once those are empty no more. ``state`` is kept in
        the same transaction.
        """
        with Writing(self.connection):
            for z, r in ranges:
                self.connection.execute(
                    "insert into waiting select id, ? from asked"
                    " where z = ? and x between ? and ? and y between ? and ?"
                    " on conflict (id) do update set layers = excluded.layers",
                    [layers, z, r.min_x, r.max_x, r.min_y, r.max_y],
                )
            self._set(state)

    # What there is --------------------------------------------------------------------------------------------------

    def tiles(self) -> Iterator[tuple[int, bytes]]:
        """Number and bytes of every tile that shows something, in order."""
        yield from self.connection.execute(
            "select asked.id, image.data from asked join image on image.id = asked.image order by asked.id"
        )

    def zooms(self) -> tuple[int, int]:
        """The lowest and the highest zoom at which a tile shows something; (0, 0) where none does."""
        sql = "select coalesce(min(z), 0), coalesce(max(z), 0) from asked where image is not null"
        low, high = self.connection.execute(sql).fetchone()
        return int(low), int(high)

    def counts(self) -> tuple[int, int]:
        """How many tiles show something, and how many different ones they are."""
        sql = "select count(image), count(distinct image) from asked"
        tiles, different = self.connection.execute(sql).fetchone()
        return int(tiles), int(different)


class Writing:
    """A transaction; whatever ends it early leaves what was there before."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("begin")

    def __exit__(self, kind: object, *_: object) -> None:
        if self._connection.in_transaction:
            self._connection.execute("commit" if kind is None else "rollback")


def at_work(path: Path) -> Problem:
    return Problem(
        409,
        "export-at-work",
        Text(
            f"Một lần xuất khác đang ghi “{path}”.",
            f"Another export is at work on “{path}”.",
        ),
        parameter="file",
    )


def not_ours(path: Path) -> Problem:
    return Problem(
        409,
        "not-an-export",
        Text(
            f"“{path}” không phải là lần xuất dở dang của Hương. Hãy dời nó đi.",
            f"“{path}” is no unfinished export of Hương. Move it away.",
        ),
        parameter="file",
    )
