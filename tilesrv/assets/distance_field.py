"""Signed distance fields, as MapLibre's shaders read them: for glyphs and for icons that take a colour.

A field says for each px how far it lies from the outline, so that one picture can be drawn at any size, in any colour
and with a halo (Green 2007, "Improved Alpha-Tested Magnification for Vector Textures and Special Effects", SIGGRAPH).
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

# The numbers of node-fontnik and of MapLibre's shader (symbol_sdf.fragment.glsl: SDF_PX 8, edge at 256 - 64).
RADIUS = 8  # px in which the field falls from its highest value to 0
CUTOFF = 0.25  # of the values lie inside the outline
BUFFER = 3  # px about a glyph or icon, for its halo
EDGE = 255 * (1 - CUTOFF)  # the value of a px on the outline: 191.25

Bytes = NDArray[np.uint8]


def encoded(distance: NDArray[np.float64]) -> Bytes:
    """Distances from the outline in px, outside positive, as bytes."""
    return np.clip(np.rint(EDGE - distance * (255 / RADIUS)), 0, 255).astype(np.uint8)


def distance_field(shape: BaseGeometry, width: int, height: int, scale: int) -> Bytes:
    """The field of ``shape`` (areas in px, y down), which is ``width`` x ``height`` px and has `BUFFER` about it.

    The array has ``scale`` rows and columns for each px.
    """
    columns = (np.arange((width + 2 * BUFFER) * scale) + 0.5) / scale - BUFFER
    rows = (np.arange((height + 2 * BUFFER) * scale) + 0.5) / scale - BUFFER
    x, y = np.meshgrid(columns, rows)
    shapely.prepare(shape)
    distance = shapely.distance(shape.boundary, shapely.points(x, y))
    return encoded(np.where(shapely.contains_xy(shape, x, y), -distance, distance))
