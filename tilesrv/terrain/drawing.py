"""Heights and light as PNG: the tiles of the terrain."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tilesrv.grid import Box
from tilesrv.terrain.elevation import Heights, elevation
from tilesrv.terrain.shading import FLAT, NO_DATA, Shade, hillshade

DARKEST, LIGHTEST = 0.6, 0.45  # opacity of full shadow and of full light


def draw_heights(raster: Path, box: Box, side: int) -> bytes:
    """The heights of ``box`` (EPSG:3857) as a Terrarium tile of ``side`` px; empty where none is known."""
    heights = elevation(raster, box, side, side)
    return terrarium(heights, (box[2] - box[0]) / side) if np.isfinite(heights).any() else b""


def draw_relief(raster: Path, box: Box, side: int) -> bytes:
    """The relief of ``box`` (EPSG:3857) as a picture of ``side`` px; empty where nothing is known."""
    shade = hillshade(raster, box, side, side)
    return relief(shade) if (shade != NO_DATA).any() else b""


def terrarium(heights: Heights, cell: float) -> bytes:
    """Heights as Terrarium tiles hold them: red * 256 + green + blue / 256 - 32768 metres; sea level where unknown.

    What is finer than a 512th of ``cell`` (metres a px) is left out: it would be noise, and most of the bytes.
    """
    step = 2.0 ** np.clip(np.floor(np.log2(cell / 512)), -8, 0)
    known = np.where(np.isfinite(heights), heights, 0).astype(np.float64)
    value = np.rint(np.rint(known / step) * step * 256).astype(np.int64) + (32768 << 8)
    value = np.clip(value, 0, (1 << 24) - 1)
    pixels = np.stack([value >> 16, value >> 8 & 0xFF, value & 0xFF], axis=-1).astype(np.uint8)
    return png(Image.fromarray(pixels))


def relief(shade: Shade) -> bytes:
    """Light as a picture to lay over any map: shadow is black, light white, level and unknown ground see-through."""
    value = shade.astype(np.float64)
    dark, light = (FLAT - value) / (FLAT - 1), (value - FLAT) / (255 - FLAT)
    opacity: NDArray[np.float64] = np.where(value < FLAT, dark * DARKEST, light * LIGHTEST)
    opacity[shade == NO_DATA] = 0
    pixels = np.stack([np.where(value < FLAT, 0, 255), np.rint(opacity * 255)], axis=-1).astype(np.uint8)
    return png(Image.fromarray(pixels, "LA"))


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "png")
    return out.getvalue()
