"""Rows between reading and writing: on disk, so that a large file needs no memory and the transaction is short."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec

from gis_core.layer import GeometryType
from imports.frames import Rows, read_frame, write_frame


class Spool:
    """Batches of rows in a file without a name in ``folder``; gone with the object."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  (closed by __exit__)
        self._packed: list[GeometryType | None] = []
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    def add(self, rows: Rows, packed: GeometryType | None = None) -> None:
        """Keep a batch. ``packed``: the type of its geometries, where they were made fit and are EWKB in EPSG:4326."""
        write_frame(self._file, rows)
        self._packed.append(packed)
        self.rows += len(rows)

    def batches(self) -> Iterator[tuple[Rows, GeometryType | None]]:
        """The batches as they were added, in that order; may be read again."""
        self._file.seek(0)
        for packed in self._packed:
            message = read_frame(self._file)
            if not isinstance(message, Rows):
                raise msgspec.ValidationError("a spool holds rows alone")
            yield message, packed
