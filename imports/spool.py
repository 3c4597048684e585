"""Rows between reading and writing, so that the transaction is short: in memory at first, a large file's on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec

from gis_core.layer import GeometryType
from imports.frames import Rows, read_frame, write_frame

HELD_BYTES = 96 << 20  # of frames, which take some three times as much in memory


class Spool:
    """Batches of rows, those beyond `HELD_BYTES` in a file without a name in ``folder``; gone with the object."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  (closed by __exit__)
        self._held: list[tuple[Rows, GeometryType | None]] = []
        self._held_bytes = 0
        self._on_disk: list[GeometryType | None] = []
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()
        self._held.clear()

    def add(self, rows: Rows, packed: GeometryType | None = None) -> None:
        """Keep a batch. ``packed``: the type of its geometries, where they were made fit and are WKB in EPSG:4326."""
        if rows.size and not self._on_disk and self._held_bytes + rows.size <= HELD_BYTES:
            self._held.append((rows, packed))
            self._held_bytes += rows.size
        else:
            write_frame(self._file, rows)
            self._on_disk.append(packed)
        self.rows += len(rows)

    def batches(self) -> Iterator[tuple[Rows, GeometryType | None]]:
        """The batches as they were added, in that order; may be read again."""
        yield from self._held
        self._file.seek(0)
        for packed in self._on_disk:
            message = read_frame(self._file)
            if not isinstance(message, Rows):
                raise msgspec.ValidationError("a spool holds rows alone")
            yield message, packed
