"""What a reader tells the process that started it: a stream of length-prefixed MessagePack frames.

MessagePack into declared types and never pickle: the reader holds a stranger's file, and whatever it has been talked
into, it can only say these things.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

import msgspec

Value = None | bool | int | float | str
MAX_FRAME = 1 << 28
ROWS_PER_FRAME = 1000
# Columns of one file: a table of PostgreSQL has 1,600 at most, and a view of it some of our own.
MOST_FIELDS = 1000
_LENGTH = struct.Struct(">I")


class Opening(msgspec.Struct, tag="opening"):
    """What the file says of itself. ``crs`` is ``EPSG:9214`` or ``OGC:CRS84``; empty where it names none that is known.

    ``crs_stated`` is False where the format's default stands in (GeoJSON without ``crs``); ``crs_words`` is how the
    file itself calls its system.
    """

    name: str
    crs: str = ""
    crs_stated: bool = False
    crs_words: str = ""
    left_out: list[str] = []


class Rows(msgspec.Struct, tag="rows"):
    """Some features as the file has them, by column: everything here has one place for each of them, in file order.

    ``numbers`` count from 1 in file order; ``ids`` are the file's own identities; ``wkb`` (ISO WKB, x east first) is
    None where there is no geometry. ``columns`` are the values by name, None where a feature has none. An OpenStreetMap
    element has its ``kinds`` and its ``tags`` instead. By position, ``faults`` (Vietnamese, English) say why a row
    cannot be read; ``curved`` are those whose arcs were made straight pieces.
    """

    numbers: list[int]
    ids: list[int | str | None]
    wkb: list[bytes | None]
    columns: dict[str, list[Value]] = {}
    kinds: list[str] = []
    tags: list[dict[str, str]] = []
    faults: dict[int, tuple[str, str]] = {}
    curved: list[int] = []
    size: int = 0  # bytes of the frame that it was read from; 0 where it was made here

    def __len__(self) -> int:
        return len(self.numbers)


class Grid(msgspec.Struct, tag="grid"):
    """A raster of heights. ``place``: width of a cell, west edge, height of a cell (negative), north edge."""

    width: int
    height: int
    place: tuple[float, float, float, float]
    crs: str = ""
    crs_words: str = ""


class Cells(msgspec.Struct, tag="cells"):
    """Whole rows of a raster from ``row`` on: metres as little-endian float32, NaN where there is no height."""

    row: int
    values: bytes


class Refusal(msgspec.Struct, tag="refusal"):
    """The file as a whole cannot be read; the last frame."""

    code: str
    vi: str
    en: str


class Closing(msgspec.Struct, tag="closing"):
    """The file was read to its end; the last frame. Without it the reader died."""

    rows: int


Message = Opening | Rows | Grid | Cells | Refusal | Closing
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Message)


def write_frame(stream: BinaryIO, message: Message) -> None:
    body = _encoder.encode(message)
    stream.write(_LENGTH.pack(len(body)))
    stream.write(body)


def read_frame(stream: BinaryIO) -> Message | None:
    """The next message; None at the end of the stream. ValueError for anything that is no message."""
    head = stream.read(_LENGTH.size)
    if not head:
        return None
    if len(head) < _LENGTH.size:
        raise ValueError("a frame ends in its length")
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME:
        raise ValueError("a frame is too long")
    body = stream.read(length)
    if len(body) < length:
        raise ValueError("a frame is cut off")
    message: Message = _decoder.decode(body)
    if isinstance(message, Rows):
        message.size = length
    return message
