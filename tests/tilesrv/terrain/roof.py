"""A made-up height model whose relief can be reckoned: a roof with a flat top, on flat land, and nothing around it.

It lies on the px of zoom 13, so that nothing is lost when it is imported.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray

from gis_core.layer import DeclaredStyle, Layer
from gis_core.words import Text
from imports.terrain.run import TerrainRequest, import_terrain
from tests.tilesrv.conftest import ROWS, STEP, THUAN_AN, plots
from tilesrv.grid import EARTH_RADIUS_M, HALF_WORLD_M, lon_lat, web_mercator

ZOOM = 13
CELL = 2 * HALF_WORLD_M / (256 << ZOOM)
SIDE = 400  # px
RISE = 8.0  # m from px to px
# Columns: flat, rising to the east, flat, falling, flat.
EAVES, RIDGE, RIDGE_END, EAVES_END = 100, 180, 220, 300
GROUND = "#808080"


def origin() -> tuple[float, float]:
    """The north-western corner, EPSG:3857, with the plots of Thuận An on the rising slope."""
    x, y = web_mercator(THUAN_AN[0] + ROWS / 2 * STEP, THUAN_AN[1] + ROWS / 2 * STEP)
    column, row = round(x / CELL) - (EAVES + RIDGE) // 2, round(y / CELL) + SIDE // 2
    return column * CELL, row * CELL


def place(column: float, row: float = SIDE / 2) -> tuple[float, float]:
    """Longitude and latitude of a place, counted in px of the model from its north-western corner."""
    west, north = origin()
    x, y = west + column * CELL, north - row * CELL
    return lon_lat(x, y)


def heights(rise: float = RISE) -> NDArray[np.float32]:
    columns = np.arange(SIDE)
    profile = np.clip(columns - EAVES, 0, RIDGE - EAVES) - np.clip(
        columns - RIDGE_END, 0, EAVES_END - RIDGE_END
    )
    return np.broadcast_to(100 + rise * profile, (SIDE, SIDE)).astype(np.float32)


def put(var: Path, folder: Path, model: NDArray[np.float32] | None = None, credit: str = "") -> None:
    """Make it the height model of the city."""
    west, north = origin()
    file = folder / "roof.tif"
    shape = {
        "driver": "GTiff",
        "count": 1,
        "width": SIDE,
        "height": SIDE,
        "dtype": "float32",
        "crs": "EPSG:3857",
    }
    with rasterio.open(
        file, "w", transform=Affine(CELL, 0, west, 0, -CELL, north), nodata=np.nan, **shape
    ) as raster:
        raster.write(heights() if model is None else model, 1)
    made = import_terrain(TerrainRequest(files=(file,), credit=credit), var)
    assert made.zoom == ZOOM


# Styles ---------------------------------------------------------------------------------------------------------------

BACK: dict[str, Any] = {"id": "back", "type": "background", "paint": {"background-color": GROUND}}
FILL: dict[str, Any] = {"id": "fill", "type": "fill", "paint": {"fill-color": "#ff0000"}}


def hillshade(**paint: Any) -> dict[str, Any]:
    """Light from the west, white and black."""
    given = {"illumination_direction": 270} | paint
    painted = {f"hillshade-{name.replace('_', '-')}": value for name, value in given.items()}
    return {"id": "relief", "type": "hillshade", "paint": painted}


COLOURS = {"shadow_color": "#203050", "highlight_color": "rgba(255,240,200,0.7)", "accent_color": "#604020"}
STYLES: dict[str, tuple[dict[str, Any], ...]] = {
    "default": (BACK, hillshade(), FILL),
    "over": (BACK, FILL, hillshade()),
    "plain": (BACK, FILL),
    "bare": (BACK, hillshade()),
    "faint": (BACK, hillshade(exaggeration=0.2, **COLOURS)),
    "strong": (BACK, hillshade(exaggeration=0.9, **COLOURS)),
    "none": (BACK, hillshade(exaggeration=0)),
    "by-zoom": (BACK, hillshade(exaggeration=["step", ["zoom"], 0, 12, 0.5])),
    "from-north-west": (BACK, hillshade(illumination_direction=315)),
}


def layer() -> Layer:
    """The plots in each of `STYLES`."""
    given = (DeclaredStyle(id=name, title=Text(name, name), layers=each) for name, each in STYLES.items())
    return replace(plots(), styles=tuple(given))


# What is to be seen ---------------------------------------------------------------------------------------------------


def seen(
    zoom: int,
    rising: bool,
    *,
    exaggeration: float = 0.5,
    row: float = SIDE / 2,
    rise: float = RISE,
    **colours: Any,
) -> tuple[float, float, float]:
    """The colour of a slope in light from the west, as the shaders of MapLibre GL JS reckon it, in plain numbers.

    ``zoom`` is that of the 256 px tiles of heights that are shaded.
    """
    shadow, highlight, accent = (
        colours.get(name, default)
        for name, default in (
            ("shadow", (0, 0, 0, 1)),
            ("highlight", (255, 255, 255, 1)),
            ("accent", (0, 0, 0, 1)),
        )
    )
    steep = rise / CELL * 2 ** (0.3 * (15 - zoom)) * math.cosh((origin()[1] - row * CELL) / EARTH_RADIUS_M)
    angle = math.atan(0.625 * steep)
    base = 1.875 - exaggeration * 1.75
    if exaggeration != 0.5:
        angle = (base**angle - 1) / (base ** (math.pi / 2) - 1) * math.pi / 2
    strength = min(2 * exaggeration, 1)
    colour = highlight if rising else shadow  # what rises to the east faces the west
    top = colour[3] * math.sin(angle) * strength
    below = accent[3] * (1 - math.cos(angle)) * strength
    ground = int(GROUND[1:3], 16)
    mixed = [ground * (1 - below) + accent[at] * below for at in range(3)]
    return tuple(mixed[at] * (1 - top) + colour[at] * top for at in range(3))  # type: ignore[return-value]
