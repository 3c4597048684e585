"""Shaded relief.

Slopes after Horn (1981), "Hill Shading and the Reflectance Map", Proceedings of the IEEE 69(1): weighted differences
over the eight neighbours. Light from four sides, after the idea of Mark (1992), "A Multidirectional, Oblique-Weighted,
Shaded-Relief Image", USGS Open-File Report 92-422, weighted as GDAL and QGIS do it (``-multidirectional``): each side
counts by the square of how directly a slope faces it, so that ridges running towards one lamp do not vanish.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tilesrv.grid import EARTH_RADIUS_M, Box
from tilesrv.terrain.elevation import elevation

AZIMUTHS = (225.0, 270.0, 315.0, 360.0)  # where light comes from, in degrees clockwise from the north
SUN_HEIGHT = 45.0  # degrees above the horizon
PLAIN_CELL_M = 20.0  # cells wider than this blunt the slopes; heights are then raised, by the power below
RAISED_BY = 0.3
NO_DATA = 0
FLAT = round(1 + 254 * float(np.sin(np.radians(SUN_HEIGHT))))  # the value of level ground

Shade = NDArray[np.uint8]
Numbers = NDArray[np.floating]


def hillshade(raster: Path, box: Box, width: int, height: int) -> Shade:
    """Light from 1 (none) to 255 (full) for each px of ``box`` (EPSG:3857), (height, width); `NO_DATA` where unknown.

    Raises OSError as `elevation` does.
    """
    across, down = (box[2] - box[0]) / width, (box[3] - box[1]) / height
    around = (box[0] - across, box[1] - down, box[2] + across, box[3] + down)
    heights = elevation(raster, around, width + 2, height + 2)
    rows = box[3] - (np.arange(height) + 0.5) * down
    # A metre of EPSG:3857 is shorter on the ground by the cosine of the latitude, which is 1 / cosh(y / R).
    ground = 1 / np.cosh(rows / EARTH_RADIUS_M)[:, None]
    raised = max(float(across * ground.mean()) / PLAIN_CELL_M, 1.0) ** RAISED_BY
    return shade(heights, across * ground, down * ground, raised)


def shade(
    heights: NDArray[np.floating], across: Numbers | float, down: Numbers | float, raised: float = 1
) -> Shade:
    """Light on ``heights`` (h + 2, w + 2), without their border: (h, w). Cells are ``across`` by ``down`` metres."""
    eastwards, northwards = slopes(heights.astype(np.float64), across, down)
    eastwards, northwards = eastwards * raised, northwards * raised
    steepness = eastwards**2 + northwards**2
    sine, cosine = np.sin(np.radians(SUN_HEIGHT)), np.cos(np.radians(SUN_HEIGHT))
    light, weights = np.zeros_like(steepness), np.zeros_like(steepness)
    for azimuth in AZIMUTHS:
        east, north = np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))
        towards = eastwards * east + northwards * north  # how fast the ground rises towards the light
        fallen = np.clip((sine - cosine * towards) / np.sqrt(1 + steepness), 0, None)
        light += towards**2 * fallen
        weights += towards**2
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(weights > 1e-12, light / weights, sine)
    known = np.isfinite(steepness) & np.isfinite(heights[1:-1, 1:-1])
    return np.where(known, np.rint(1 + 254 * np.clip(np.where(known, mean, 0), 0, 1)), NO_DATA).astype(
        np.uint8
    )


def slopes(
    heights: NDArray[np.floating], across: Numbers | float, down: Numbers | float
) -> tuple[Numbers, Numbers]:
    """Rise to the east and to the north, metres a metre, of all but the border; NaN beside what is unknown."""
    z = heights
    west = z[:-2, :-2] + 2 * z[1:-1, :-2] + z[2:, :-2]
    east = z[:-2, 2:] + 2 * z[1:-1, 2:] + z[2:, 2:]
    north = z[:-2, :-2] + 2 * z[:-2, 1:-1] + z[:-2, 2:]
    south = z[2:, :-2] + 2 * z[2:, 1:-1] + z[2:, 2:]
    return (east - west) / (8 * across), (north - south) / (8 * down)
