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


class Row(msgspec.Struct, array_like=True, gc=False):
    """One feature as the file has it. ``number`` counts from 1 in file order; ``id`` is the file's own identity.

    ``wkb`` (ISO WKB, x east first) is None where there is no geometry. ``kind`` is the OpenStreetMap element.
    ``fault`` (Vietnamese, English) says why the row cannot be read; ``curved``, that arcs were made straight pieces.
    """

    number: int
    id: int | str | None
    wkb: bytes | None
    values: dict[str, Value]
    kind: str = ""
    fault: tuple[str, str] | None = None
    curved: bool = False


class Rows(msgspec.Struct, tag="rows"):
    rows: list[Row]


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
    return message
