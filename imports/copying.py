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
EPOCH_DAY = date(2000, 1, 1).toordinal()
EPOCH_1970 = EPOCH_DAY - date(1970, 1, 1).toordinal()  # days from NumPy's first to PostgreSQL's
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
        form, _ = FIXED[kind]
        table[f"length_{index}"] = np.dtype(form).itemsize
        table[f"value_{index}"] = numbers(kind, values)
    width, together = table.dtype.itemsize, table.tobytes()
    return [together[at : at + width] for at in range(0, len(together), width)]


def numbers(kind: FieldType, values: Sequence[Any]) -> Sequence[Any] | NDArray[Any]:
    """What stands for each of ``values``, none of which is missing, in PostgreSQL's binary form."""
    if kind == "date":
        return np.array(values, "datetime64[D]").astype(np.int64) - EPOCH_1970
    _, number = FIXED[kind]
    return values if number is None else [*map(number, values)]


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
    form, number = FIXED[kind]
    return np.array(value if number is None else number(value), dtype=form).tobytes()


def day_number(value: date) -> int:
    """PostgreSQL's binary form of a date: days since the first of January 2000."""
    return value.toordinal() - EPOCH_DAY


def microseconds(value: datetime) -> int:
    """PostgreSQL's binary form of a moment: microseconds since the beginning of 2000, UTC."""
    return (value - EPOCH) // MICROSECOND


# How values of a fixed width are sent, and the number that stands for one.
FIXED: Mapping[FieldType, tuple[str, Callable[[Any], int] | None]] = {
    "integer": (">i8", None),
    "number": (">f8", None),
    "boolean": ("?", None),
    "date": (">i4", day_number),
    "datetime": (">i8", microseconds),
}
