"""What is handed to a process that draws: a map, written out; it knows no layer and no caller."""

from __future__ import annotations

import msgspec

Rgba = tuple[float, float, float, float]  # 0 to 255, opacity 0 to 1


class Light(msgspec.Struct, frozen=True):
    """The paint of a ``hillshade``. ``direction``: where light comes from, degrees clockwise from the top."""

    exaggeration: float
    direction: float
    shadow: Rgba
    highlight: Rgba
    accent: Rgba


class Relief(msgspec.Struct, frozen=True):
    """Light on the height model in the file ``raster``, from slopes between its px at ``zoom`` (tiles of 256 px)."""

    raster: str
    zoom: int
    light: Light


class Source(msgspec.Struct, frozen=True):
    """One Mapnik layer: features from ``table`` (a sub-select in brackets), or ``relief``.

    ``buffer``: how far beyond the picture's edge features are drawn, in px; as far as their drawings reach.
    """

    name: str
    styles: tuple[str, ...]
    table: str = ""
    buffer: int = 0
    relief: Relief | None = None


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
    is_opaque: bool  # whether the background lets nothing through
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
