"""Glyphs as MapLibre and Mapbox clients load them: 256 characters of a face in one Protocol Buffers message.

Format: glyphs.proto of Mapbox's node-fontnik. Each glyph is a distance field (`tilesrv.assets.distance_field`) of
24 px to the em, with its metrics in whole px.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import ceil, floor
from pathlib import Path
from typing import Any

import shapely
from fontTools.pens.transformPen import TransformPen  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from shapely.geometry.base import BaseGeometry

from tilesrv.assets.distance_field import distance_field
from tilesrv.styles.icon_shapes import Flattening, even_odd

EM_PX = 24
# Where a line begins above its base line. node-fontnik takes the typeface's own ascender, which moves names up and down
# with the typeface; MapLibre draws the browser's fonts as if it were about this, so that both stand in one place.
ASCENDER_PX = 27
RANGE = 256
LAST = 0x10FFFF


def glyphs_pbf(faces: Mapping[str, Path], start: int) -> bytes:
    """The message with the characters from ``start`` to ``start + 255`` that a face has, each from the first that does.

    ``faces``: TrueType files by name, in the order of preference. A range in which they have nothing is a message
    without glyphs.
    """
    found: dict[int, bytes] = {}
    for path in faces.values():
        found = {**face_glyphs(path, start), **found}
    name = ", ".join(faces).encode()
    stack = field(1, name) + field(2, f"{start}-{start + RANGE - 1}".encode())
    return field(1, stack + b"".join(field(3, found[point]) for point in sorted(found)))


@lru_cache(maxsize=128)
def face_glyphs(path: Path, start: int) -> dict[int, bytes]:
    """The encoded glyphs of one face by code point, from ``start`` to ``start + 255``; a second's work at most."""
    with TTFont(path) as font:
        glyph_set, names = font.getGlyphSet(), font.getBestCmap()
        scale = EM_PX / font["head"].unitsPerEm
        found = {}
        for point in range(start, start + RANGE):
            if point in names:
                glyph = glyph_set[names[point]]
                shape = outline(glyph_set, names[point], scale)
                found[point] = encoded_glyph(point, shape, round(glyph.width * scale))
        return found


def outline(glyph_set: Mapping[str, Any], name: str, scale: float) -> BaseGeometry:
    """The areas of a glyph in px, the base line at 0, y down; contours within contours are holes."""
    pen = Flattening(glyph_set)
    glyph_set[name].draw(TransformPen(pen, (scale, 0, 0, -scale, 0, 0)))
    return even_odd(pen.contours)


def encoded_glyph(point: int, shape: BaseGeometry, advance: int) -> bytes:
    """A ``glyph`` message. ``top`` counts from `ASCENDER_PX`, ``left`` from the origin; a space has no bitmap."""
    left = top = width = height = 0
    bitmap = b""
    if not shape.is_empty:
        box = shape.bounds
        left, upper = floor(box[0]), floor(box[1])
        width, height, top = ceil(box[2]) - left, ceil(box[3]) - upper, -upper - ASCENDER_PX
        moved = shapely.transform(shape, lambda points: points - (left, upper))
        bitmap = field(2, distance_field(moved, width, height, 1).tobytes())
    numbers = ((3, width), (4, height), (5, zigzag(left)), (6, zigzag(top)), (7, advance))
    return number(1, point) + bitmap + b"".join(number(key, value) for key, value in numbers)


# Protocol Buffers, as far as five kinds of field need them ----------------------------------------------------------


def varint(value: int) -> bytes:
    """``value`` (not negative) in groups of seven bits, the lowest first."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def zigzag(value: int) -> int:
    """A signed number as ``sint32`` holds it."""
    return value << 1 if value >= 0 else (-value << 1) - 1


def number(key: int, value: int) -> bytes:
    return varint(key << 3) + varint(value)


def field(key: int, content: bytes) -> bytes:
    """Bytes, a string or a message."""
    return varint(key << 3 | 2) + varint(len(content)) + content


def known_faces(stack: str, faces: Mapping[str, Path]) -> dict[str, Path]:
    """Those of the names in ``stack`` (with commas between) that are ours; the family alone means its regular face."""
    family = {
        name.removesuffix(" Regular"): path for name, path in faces.items() if name.endswith(" Regular")
    }
    ours = {**family, **faces}
    names = [each.strip() for each in stack.split(",")]
    return {name: ours[name] for name in names if name in ours}
