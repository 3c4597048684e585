"""Rows as PostgreSQL's COPY takes them in binary: put together a batch at a time, which costs a third of row by row."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis_core.layer import FieldType

BEGINNING = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
length_of = struct.Struct(">i").pack
EPOCH_DAY = (date(2000, 1, 1) - date(1970, 1, 1)).days  # PostgreSQL's first day, as NumPy counts
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def packed_rows(columns: Sequence[tuple[FieldType, Sequence[Any]]], places: Sequence[bytes]) -> bytes:
    """The rows of ``columns`` (type, values) and, last, of the geometries in WKB, which all have one: their column says
    in which CRS.

    The order of columns within a row is that of `copy_order`.
    """
    assert [kind for kind, _ in columns] == sorted((kind for kind, _ in columns), key=place_of)
    whole = [(kind, values) for kind, values in columns if kind in FIXED and None not in values]
    # Columns of one width without a gap are one block; it stands first, the others are pieces of their own.
    gapless = len(whole) == sum(kind in FIXED for kind, _ in columns)
    count = struct.pack(">h", len(columns) + 1)
    pieces: list[Iterable[bytes]] = [blocks(count, whole, len(places)) if gapless else [count] * len(places)]
    pieces += [pieces_of(kind, values) for kind, values in columns if not (gapless and kind in FIXED)]
    lengths = {size: length_of(size) for size in set(map(len, places))}
    pieces += [[lengths[len(place)] for place in places], places]
    return b"".join(chain.from_iterable(zip(*pieces, strict=True)))


def copy_order[T](columns: Iterable[T], kind: Callable[[T], FieldType]) -> list[T]:
    """Columns in the order in which they are packed: those of a fixed width first."""
    return sorted(columns, key=lambda column: place_of(kind(column)))


def place_of(kind: FieldType) -> int:
    return 0 if kind in FIXED else 1


def blocks(count: bytes, columns: Sequence[tuple[FieldType, Sequence[Any]]], rows: int) -> list[bytes]:
    """For each row its ``count`` of values and the values of ``columns``, none of which is missing."""
    if not columns:
        return [count] * rows
    parts = [("count", f"S{len(count)}")]
    for index, (kind, _) in enumerate(columns):
        parts += [(f"length_{index}", ">i4"), (f"value_{index}", FIXED[kind][0])]
    table: NDArray[Any] = np.empty(rows, dtype=parts)
    table["count"] = count
    for index, (kind, values) in enumerate(columns):
        form, numbers = FIXED[kind]
        table[f"length_{index}"] = np.dtype(form).itemsize
        table[f"value_{index}"] = numbers(values)
    width, together = table.dtype.itemsize, table.tobytes()
    return [together[at : at + width] for at in range(0, len(together), width)]


def pieces_of(kind: FieldType, values: Sequence[Any]) -> list[bytes]:
    """Each value with its length before it; a value that comes again is written out once."""
    different = set(values)
    if kind == "text" and len(different) * 2 > len(values) and None not in different:
        return [length_of(len(body)) + body for body in map(str.encode, values)]
    known = {None: NULL}
    for value in different - {None}:
        body = value.encode() if kind == "text" else fixed(kind, value)
        known[value] = length_of(len(body)) + body
    return [known[value] for value in values]


def fixed(kind: FieldType, value: Any) -> bytes:
    form, numbers = FIXED[kind]
    return np.array(numbers([value]), dtype=form).tobytes()


def as_they_are(values: Sequence[Any]) -> Sequence[Any]:
    return values


def day_numbers(values: Sequence[date]) -> NDArray[np.int64]:
    """PostgreSQL's binary form of dates: days since the first of January 2000."""
    return np.array(values, "datetime64[D]").astype(np.int64) - EPOCH_DAY


def microseconds(values: Sequence[datetime]) -> list[int]:
    """PostgreSQL's binary form of moments: microseconds since the beginning of 2000, UTC."""
    return [(value - EPOCH) // MICROSECOND for value in values]


# How values of a fixed width are sent, and the numbers that stand for some, none of which is missing.
FIXED: Mapping[FieldType, tuple[str, Callable[[Sequence[Any]], Sequence[Any] | NDArray[Any]]]] = {
    "integer": (">i8", as_they_are),
    "number": (">f8", as_they_are),
    "boolean": ("?", as_they_are),
    "date": (">i4", day_numbers),
    "datetime": (">i8", microseconds),
}
