"""Relief as a picture: light on the height model, px by px of a map in any CRS."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.warp import transform

from tilesrv.grid import HALF_WORLD_M, Box
from tilesrv.render.job import Relief
from tilesrv.terrain.elevation import Heights, opened
from tilesrv.terrain.light import Slopes, rises, shine

STRIP_PX = 2**18  # drawn at once
NODE_PX = 16  # between places whose coordinates are computed; those between them are interpolated
UNREACHED = 1e9  # metres: coordinates beyond are those of no place

Numbers = NDArray[np.float64]
Picture = NDArray[np.uint8]


def shaded(relief: Relief, srid: int, box: Box, width: int, height: int) -> Picture | None:
    """The relief in ``box`` (x before y) of EPSG:``srid``: (height, width, 4), straight RGBA; None where it is unknown.

    Raises OSError (RasterioIOError) where the raster has been replaced meanwhile.
    """
    picture = None
    cell = 2 * HALF_WORLD_M / (256 << relief.zoom)
    with opened(Path(relief.raster), cell) as source:
        for rows in strips(width, height):
            x, y = places(srid, box, width, height, rows)
            found = slopes_at(source, relief.zoom, x, y)
            if found is not None:
                if picture is None:
                    picture = np.zeros((height, width, 4), np.uint8)
                picture[rows.start : rows.stop] = shine(found, relief.light)
    return picture


def strips(width: int, height: int) -> Iterator[range]:
    """Rows in portions that need little memory."""
    portion = max(STRIP_PX // width, 1)
    for start in range(0, height, portion):
        yield range(start, min(start + portion, height))


# Places ---------------------------------------------------------------------------------------------------------------


def places(srid: int, box: Box, width: int, height: int, rows: range) -> tuple[Numbers, Numbers]:
    """EPSG:3857 of the middles of the px in ``rows``: x and y, of which each may be one row or column for all."""
    across, down = (box[2] - box[0]) / width, (box[3] - box[1]) / height
    first, last = rows.start + 0.5, rows.stop - 0.5
    if srid == 3857:
        x = box[0] + (np.arange(width, dtype=np.float64) + 0.5) * across
        y = box[3] - (np.arange(rows.start, rows.stop, dtype=np.float64) + 0.5) * down
        return x[None, :], y[:, None]
    columns = np.linspace(box[0] + across / 2, box[2] - across / 2, ceil(width / NODE_PX) + 1)
    lines = np.linspace(box[3] - first * down, box[3] - last * down, ceil(len(rows) / NODE_PX) + 1)
    u, v = np.meshgrid(columns, lines)
    found = transform(f"EPSG:{srid}", "EPSG:3857", u.ravel(), v.ravel())
    x, y = (between(np.reshape(each, u.shape), len(rows), width) for each in found)
    return x, y


def between(nodes: Numbers, height: int, width: int) -> Numbers:
    """``nodes``, which lie evenly, interpolated to (height, width); NaN beside those that are no place."""
    known = np.where(np.abs(nodes) < UNREACHED, nodes, np.nan)
    for axis, size in ((0, height), (1, width)):
        at = np.linspace(0, known.shape[axis] - 1, size)
        low = np.minimum(at.astype(int), known.shape[axis] - 2)
        share = np.expand_dims(at - low, 1 - axis)
        known = np.take(known, low, axis) * (1 - share) + np.take(known, low + 1, axis) * share
    return known


# Slopes ---------------------------------------------------------------------------------------------------------------


def slopes_at(source: rasterio.DatasetReader, zoom: int, x: Numbers, y: Numbers) -> Slopes | None:
    """Slopes at places of EPSG:3857, read off between the px of ``source``; None where it has none of them."""
    cell, left, top = source.transform.a, source.transform.c, source.transform.f
    columns, rows = (x - left) / cell - 0.5, (top - y) / cell - 0.5
    across, down = reach(columns, source.width), reach(rows, source.height)
    if not across or not down:
        return None
    heights = read_around(source, across, down)
    if not np.isfinite(heights).any():
        return None
    found = rises(heights, cell, top - (down.start + 0.5) * cell, zoom)
    return read_between(found, rows - down.start, columns - across.start)


def reach(at: Numbers, size: int) -> range:
    """Those of ``size`` px that are needed between the places ``at``."""
    if not np.isfinite(at).any():
        return range(0)
    low, high = np.floor(np.nanmin(at)), np.floor(np.nanmax(at)) + 2
    return range(int(max(low, 0)), int(min(high, size)))


def read_around(source: rasterio.DatasetReader, columns: range, rows: range) -> Heights:
    """Heights of these px and one more on each side, NaN beyond the raster."""
    heights = np.full((len(rows) + 2, len(columns) + 2), np.nan, np.float32)
    left, right = max(columns.start - 1, 0), min(columns.stop + 1, source.width)
    upper, lower = max(rows.start - 1, 0), min(rows.stop + 1, source.height)
    window = ((upper, lower), (left, right))
    at = (upper - rows.start + 1, left - columns.start + 1)
    heights[at[0] : at[0] + lower - upper, at[1] : at[1] + right - left] = source.read(1, window=window)
    return heights


def read_between(found: Slopes, rows: Numbers, columns: Numbers) -> Slopes:
    """``found`` at fractions of its rows and columns; NaN beyond them."""
    (upper, below), (left, beside) = (
        split(at, size) for at, size in zip((rows, columns), found.shape, strict=True)
    )
    if not below.any() and not beside.any():
        return np.asarray(found[upper, left])
    right, lower = np.minimum(left + 1, found.shape[1] - 1), np.minimum(upper + 1, found.shape[0] - 1)
    above = found[upper, left] * (1 - beside) + found[upper, right] * beside
    return np.asarray(
        above * (1 - below) + (found[lower, left] * (1 - beside) + found[lower, right] * beside) * below
    )


def split(at: Numbers, size: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The whole number before each of ``at`` and the rest, NaN for those that lie not within ``size``."""
    whole = np.floor(np.where(np.isfinite(at), at, -1))
    rest = np.where((at >= 0) & (at <= size - 1), at - whole, np.nan).astype(np.float32)
    return np.clip(whole, 0, size - 1).astype(np.int64), rest


# For Mapnik -----------------------------------------------------------------------------------------------------------


def write_cells(picture: Picture, box: Box, path: str) -> None:
    """``picture`` as a GeoTIFF that lies at ``box``."""
    height, width, _ = picture.shape
    place = Affine((box[2] - box[0]) / width, 0, box[0], 0, -(box[3] - box[1]) / height, box[3])
    shape = {"width": width, "height": height, "count": 4, "dtype": "uint8", "transform": place}
    how = {"interleave": "pixel", "photometric": "RGB", "alpha": "NON-PREMULTIPLIED"}
    with rasterio.open(path, "w", driver="GTiff", **shape, **how) as file:
        file.write(np.moveaxis(picture, 2, 0))
