"""The sprite: all icons in one picture, and where each one lies, as MapLibre and QGIS load them.

Icons are signed distance fields (``"sdf": true``), so that their colour and halo come from the style; patterns keep
their colour. Layout as in the MapLibre style specification, "Sprite".
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from PIL import Image

from tilesrv.assets.distance_field import BUFFER, distance_field
from tilesrv.styles.icon_shapes import Painted, icon_shapes
from tilesrv.styles.icons import icon_names, is_tinted, tinted_svg

WIDTH = 256  # px of the picture at scale 1
SAMPLES = 8  # along each edge of a px, to see how much of it a pattern covers

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Sprite:
    """The picture (PNG) and its index (JSON) at one scale."""

    png: bytes
    json: bytes


@cache
def sprite(scale: int) -> Sprite:
    """The sprite with ``scale`` device px to a px (1 or 2); made at first use, the same bytes in every process."""
    pictures = {name: picture_of(name, scale) for name in icon_names()}
    places, height = packed({name: each.shape[:2] for name, each in pictures.items()}, WIDTH * scale)
    sheet = np.zeros((height, WIDTH * scale, 4), np.uint8)
    index: dict[str, Any] = {}
    for name, (x, y) in places.items():
        rows, columns, _ = pictures[name].shape
        sheet[y : y + rows, x : x + columns] = pictures[name]
        index[name] = {"x": x, "y": y, "width": columns, "height": rows, "pixelRatio": scale}
        if is_tinted(name):
            index[name]["sdf"] = True
    out = io.BytesIO()
    Image.fromarray(sheet).save(out, "png", optimize=True)
    return Sprite(out.getvalue(), orjson.dumps(index, option=orjson.OPT_SORT_KEYS))


def packed(sizes: dict[str, tuple[int, int]], width: int) -> tuple[dict[str, tuple[int, int]], int]:
    """Places (x, y) of pictures of (rows, columns) px in shelves of ``width``, and the height of all; a px between."""
    places: dict[str, tuple[int, int]] = {}
    x = y = shelf = 0
    for name, (rows, columns) in sorted(sizes.items(), key=lambda each: (-each[1][0], each[0])):
        if x + columns > width:
            x, y, shelf = 0, y + shelf + 1, 0
        places[name] = (x, y)
        x, shelf = x + columns + 1, max(shelf, rows)
    return places, y + shelf


def picture_of(name: str, scale: int) -> Pixels:
    """RGBA of an icon: black with the distance field as opacity, or a pattern as it is painted."""
    icon = tinted_svg(name)
    assert icon is not None
    shapes = icon_shapes(icon)
    width, height = round(icon.width), round(icon.height)
    if not is_tinted(name):
        return painted(shapes, width, height, scale)
    shape = shapely.union_all([each.geometry for each in shapes])
    field = distance_field(shape, width, height, scale)
    assert field.shape == ((height + 2 * BUFFER) * scale, (width + 2 * BUFFER) * scale)
    return np.dstack([np.zeros((*field.shape, 3), np.uint8), field])


def painted(shapes: tuple[Painted, ...], width: int, height: int, scale: int) -> Pixels:
    """A pattern of one colour: its opacity in each px is the part of the px that it covers."""
    step = np.arange(width * scale * SAMPLES), np.arange(height * scale * SAMPLES)
    x, y = np.meshgrid(*((each + 0.5) / (scale * SAMPLES) for each in step))
    inside = shapely.contains_xy(shapely.union_all([each.geometry for each in shapes]), x, y)
    covered = inside.reshape(height * scale, SAMPLES, width * scale, SAMPLES).mean(axis=(1, 3))
    colour = shapes[0].colour
    pixels = np.zeros((*covered.shape, 4), np.uint8)
    pixels[..., :3] = colour[:3]
    pixels[..., 3] = np.rint(covered * 255 * colour.alpha)
    return pixels
