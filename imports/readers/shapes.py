"""Geometries as a reader hands them on: ISO WKB, or the reason why there is none."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from imports.readers.curves import straightened

MAX_DEPTH = 4
COLLECTION = 7
PLAIN_HEADS = {b"\x01%c\0\0\0" % kind for kind in range(1, COLLECTION)}
Fault = tuple[str, str]
TOO_DEEP: Fault = (
    f"tập hợp hình học lồng nhau quá {MAX_DEPTH} tầng",
    f"geometry collections are nested more than {MAX_DEPTH} deep",
)


def packed(
    shapes: Sequence[Any] | NDArray[Any], bodies: Sequence[bytes | None] = ()
) -> tuple[list[bytes | None], dict[int, Fault]]:
    """WKB of each of ``shapes`` (None stays None) and, by position, what cannot be handed on.

    Deep collections are stopped here: everything that walks a geometry does so recursively. ``bodies`` are WKB that the
    shapes were read from, handed on as they are where all are plain ones.
    """
    array = np.array(shapes, dtype=object)
    if bodies and are_plain(bodies) and not shapely.is_missing(array).any():
        return list(bodies), {}
    deep = too_deep(array)
    array[deep] = None
    wkb = shapely.to_wkb(array, output_dimension=4, flavor="iso")
    return list(wkb), {int(index): TOO_DEEP for index in np.flatnonzero(deep)}


def are_plain(bodies: Sequence[bytes | None]) -> bool:
    """Whether all are little-endian WKB of one flat point, line, polygon, or of several (types 1 to 6)."""
    return {None if body is None else body[:5] for body in bodies} <= PLAIN_HEADS


def read_wkb(blobs: Sequence[bytes | None]) -> tuple[NDArray[Any], list[int]]:
    """Shapely's geometries of ``blobs``, None for what is none; and the positions of curves, which are straightened."""
    array = np.array(blobs, dtype=object)
    try:
        return shapely.from_wkb(array, on_invalid="ignore"), []
    except NotImplementedError:  # GEOS's word for a curve among them
        pass
    found = np.full(len(array), None, dtype=object)
    curved = []
    for index, blob in enumerate(blobs):
        try:
            found[index] = shapely.from_wkb(blob, on_invalid="ignore")
        except NotImplementedError:
            with contextlib.suppress(ValueError, TypeError, shapely.errors.ShapelyError):
                found[index] = straightened(blob or b"")
                curved.append(index)
    return found, curved


def too_deep(array: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of ``array`` are collections of collections beyond `MAX_DEPTH`."""
    deep = np.zeros(len(array), dtype=bool)
    for index in np.flatnonzero(shapely.get_type_id(array) == COLLECTION):
        level = np.array([array[index]], dtype=object)
        for _ in range(MAX_DEPTH):
            parts = shapely.get_parts(level)
            level = parts[shapely.get_type_id(parts) == COLLECTION]
        deep[index] = len(level) > 0
    return deep
