"""What is handed to a process that draws: a map, written out; it knows no layer and no caller."""

from __future__ import annotations

from typing import Literal

import msgspec


class Source(msgspec.Struct, frozen=True):
    """One Mapnik layer: features from ``table`` (a sub-select in brackets) or cells of the raster file ``table``."""

    name: str
    table: str
    styles: tuple[str, ...]
    kind: Literal["postgis", "raster"] = "postgis"


class Job(msgspec.Struct, frozen=True):
    """A picture to draw. ``connection`` are libpq's words after ``dbname=``; ``fontsets`` are tried from the left.

    ``cut`` divides the picture into that many tiles on each side; the answer has them row by row.
    """

    key: str  # of what can be prepared once: everything but the box and the size
    styles: str  # XML of Mapnik styles
    sources: tuple[Source, ...]
    connection: str
    fontsets: tuple[tuple[str, ...], ...]
    srid: int
    box: tuple[float, float, float, float]
    width: float
    height: float
    scale: float
    background: str | None
    format: str
    buffer: int
    cut: int = 1


class Drawn(msgspec.Struct, frozen=True):
    """The answer: encoded pictures, or what went wrong; ``size_mb`` is the process's resident memory after it.

    ``is_worn``: the process asks to be replaced.
    """

    pictures: tuple[bytes, ...]
    error: str = ""
    size_mb: int = 0
    is_worn: bool = False


def frame(message: Job | Drawn) -> bytes:
    """The message with its length before it."""
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(4) + body
