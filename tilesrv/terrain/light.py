"""Light on slopes as MapLibre draws a style layer of type ``hillshade`` (its standard method).

After ``hillshade_prepare.fragment.glsl`` and ``hillshade.fragment.glsl`` of MapLibre GL JS, so that a picture has the
relief of the live map. MapLibre keeps slopes in 8 bits between its two steps; here they are not rounded.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tilesrv.grid import EARTH_RADIUS_M
from tilesrv.render.job import Light, Rgba
from tilesrv.terrain.shading import slopes

PLAIN_ZOOM = 15  # of a tile of 256 px: below it heights are raised, or nothing would show
RAISED_BY = ((2.0, 0.4), (4.5, 0.35), (PLAIN_ZOOM, 0.3))  # below each of these zooms, powers of 2 a zoom
STEEPEST = 4.0  # metres a metre of EPSG:3857
FLATTENED_BY = 0.625

Floats = NDArray[np.float32]
Slopes = NDArray[np.complex64]  # rise to the east and, as the imaginary part, to the south; NaN where unknown


def raised(zoom: int) -> float:
    """By how much heights are raised in tiles of ``zoom``."""
    power = next((power for below, power in RAISED_BY if zoom < below), 0.0)
    return float(2 ** (power * (PLAIN_ZOOM - zoom)))


def rises(heights: Floats, cell: float, north: float, zoom: int) -> Slopes:
    """Slopes on ``heights`` (h + 2, w + 2), metres, without their border: (h, w).

    Cells are ``cell`` metres of EPSG:3857 wide; the middle of the second row lies at ``north`` (EPSG:3857).
    """
    east, up = slopes(heights, cell, cell)
    by = np.float32(raised(zoom))
    found = np.empty(east.shape, np.complex64)
    found.real = np.clip(east * by, -STEEPEST, STEEPEST)
    found.imag = np.clip(up * -by, -STEEPEST, STEEPEST)
    # A metre of EPSG:3857 is shorter on the ground by the cosine of the latitude, which is 1 / cosh(y / R).
    rows = north - np.arange(found.shape[0]) * cell
    found *= np.cosh(rows / EARTH_RADIUS_M).astype(np.float32)[:, None]
    return found


def shine(found: Slopes, light: Light) -> NDArray[np.uint8]:
    """The picture to lay over what is drawn: (h, w, 4), straight RGBA, see-through where level or unknown."""
    steep = scaled(np.arctan(np.float32(FLATTENED_BY) * np.abs(found)), light.exaggeration)
    # The way down counted from the west, as MapLibre does, against where the light comes from.
    turned = np.arctan2(found.imag, -found.real) / np.float32(np.pi) + np.float32(light.direction / 180 + 1.5)
    lit = np.abs(np.mod(turned, np.float32(2)) - np.float32(1))  # 0 in the shadow, 1 facing the light
    strength = np.float32(min(2 * light.exaggeration, 1))
    shaded, accented = np.sin(steep) * strength, (1 - np.cos(steep)) * strength
    shadow, highlight, accent = (
        premultiplied(each) for each in (light.shadow, light.highlight, light.accent)
    )

    def mixed(channel: int) -> Floats:
        low, high = shadow[channel], highlight[channel]
        return np.asarray((low + (high - low) * lit) * shaded)

    alpha = mixed(3)
    under = (1 - alpha) * accented
    picture = np.zeros((*found.shape, 4), np.uint8)
    opacity = alpha + under * accent[3]
    shown = opacity > 0  # false for NaN, too
    with np.errstate(invalid="ignore", divide="ignore"):
        for channel in range(3):
            value = (mixed(channel) + under * accent[channel]) / opacity
            picture[..., channel] = np.where(shown, np.rint(value * 255), 0)
        picture[..., 3] = np.where(shown, np.rint(opacity * 255), 0)
    return picture


def scaled(slope: Floats, exaggeration: float) -> Floats:
    """Angles of slopes, up to a right one, as ``exaggeration`` has them: less below 0.5, more above."""
    base = 1.875 - exaggeration * 1.75
    if abs(base - 1) < 1e-6:
        return slope
    power, steepest = np.float32(np.log(base)), np.pi / 2
    return np.asarray(np.expm1(slope * power) * np.float32(steepest / np.expm1(steepest * np.log(base))))


def premultiplied(colour: Rgba) -> tuple[np.float32, ...]:
    red, green, blue, alpha = colour
    return tuple(
        np.float32(each) for each in (red * alpha / 255, green * alpha / 255, blue * alpha / 255, alpha)
    )
