"""One file of heights as its reader gave it: checked, and kept as a raster of our own making."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from rasterio.fill import fillnodata
from rasterio.warp import calculate_default_transform, transform_bounds
from rasterio.windows import Window

from gis_core.problems import Problem
from gis_core.words import Text
from imports.frames import Cells, Grid, Message, Opening
from imports.sandbox import Limits, run
from imports.source_crs import SourceCrs, choose_crs, warnings
from imports.terrain.grid import Bounds
from imports.terrain.intake import HeightFile

LIMITS = Limits(memory_bytes=4 << 30, cpu_s=900, wall_s=1800)
UNKNOWN = np.float32(-99999)
LOWEST_M, HIGHEST_M = -12000.0, 9000.0  # below the deepest trench, above the highest mountain


@dataclass(frozen=True)
class Sheet:
    """A raster of heights in its own system. ``cell`` and ``bounds`` in metres of EPSG:3857.

    ``notes`` say what looks wrong about its place and may be meant.
    """

    name: str
    path: Path
    crs: SourceCrs
    cell: float
    bounds: Bounds
    notes: tuple[Text, ...] = ()


def bridge_gaps(sheet: Sheet, cells: int) -> int:
    """Fill what is unknown no further than ``cells`` cells from a known height, in place; how many cells were filled.

    Inverse-distance interpolation from the edges of the gap, then smoothed (GDALFillNodata).
    """
    with rasterio.open(sheet.path, "r+", driver="GTiff") as raster:
        heights = raster.read(1)
        known = np.isfinite(heights)
        prepared = np.where(known, heights, UNKNOWN)
        filled = fillnodata(prepared, mask=known, max_search_distance=cells, smoothing_iterations=1)
        bridged = ~known & (filled != UNKNOWN)
        raster.write(np.where(bridged, filled, heights), 1)
        return int(bridged.sum())


def read_sheet(file: HeightFile, folder: Path, crs: str | None, nodata: float | None) -> Sheet:
    """Have ``file`` read in a process of its own, into a raster below ``folder``.

    Raises Problem 400 where it is no raster of plausible heights, or its system is unknown (``crs`` names one).
    """
    options = {"nodata": "" if nodata is None else repr(nodata)}
    with closing(run(file.format, file.path, options, LIMITS)) as messages:
        grid = next(messages, None)
        if not isinstance(grid, Grid):
            raise unreadable(file.name)
        path = folder / f"{file.path.stem}-{len(list(folder.iterdir()))}.tif"
        cell, west, down, north = grid.place
        edges = (west, north + down * grid.height, west + cell * grid.width, north)
        chosen = choose_crs(
            crs, Opening(file.name, crs=grid.crs, crs_stated=True, crs_words=grid.crs_words), edges
        )
        profile = {
            "driver": "GTiff", "dtype": "float32", "count": 1, "width": grid.width, "height": grid.height,
            "crs": chosen.name, "transform": Affine(cell, 0, west, 0, down, north), "nodata": np.nan,
            "tiled": True, "blockxsize": 256, "blockysize": 256, "bigtiff": "if_safer",
        }  # fmt: skip
        with rasterio.open(path, "w", **profile) as raster:
            fill(raster, messages, file.name)
    width, height = grid.width, grid.height
    transform, columns, rows = calculate_default_transform(chosen.name, "EPSG:3857", width, height, *edges)
    assert transform is not None and columns and rows
    box = transform_bounds(chosen.name, "EPSG:3857", *edges)
    return Sheet(file.name, path, chosen, transform.a, box, tuple(warnings(chosen, edges)))


def fill(raster: rasterio.io.DatasetWriter, messages: Iterator[Message], name: str) -> None:
    """Write the cells as they come; Problem 400 where they are none, not all, or no heights above the sea."""
    done, known = 0, False
    for message in messages:
        if not isinstance(message, Cells) or message.row != done:
            raise unreadable(name)
        values = np.frombuffer(message.values, "<f4")
        rows, rest = divmod(values.size, raster.width)
        if rest or not rows or done + rows > raster.height:
            raise unreadable(name)
        heights = values.reshape(rows, raster.width)
        refuse_implausible(heights, name)
        known = known or bool(np.isfinite(heights).any())
        raster.write(heights, 1, window=Window(0, done, raster.width, rows))
        done += rows
    if done != raster.height:
        raise unreadable(name)
    if not known:
        raise Problem(
            400,
            "no-heights",
            Text(f"“{name}” không có ô nào có độ cao.", f"“{name}” has no cell with a height."),
            parameter="file",
        )


def refuse_implausible(heights: np.ndarray, name: str) -> None:
    """A Problem 400 where a value is no height in metres: mostly what stands for none, and is not said to."""
    bad = heights[(heights < LOWEST_M) | (heights > HIGHEST_M)]  # NaN is neither
    if bad.size:
        value = f"{float(bad[0]):g}"
        raise Problem(
            400,
            "implausible-heights",
            Text(
                f"“{name}” có ô mang giá trị {value}, không thể là độ cao (mét). Nếu đó là “không có số liệu”, thêm"
                f" --nodata {value}.",
                f"“{name}” has a cell with {value}, which is no height in metres. If it stands for no data, add"
                f" --nodata {value}.",
            ),
            parameter="file",
        )


def unreadable(name: str) -> Problem:
    return Problem(
        400,
        "reader-failed",
        Text(f"Không đọc hết được “{name}”; tệp có thể hỏng.", f"“{name}” could not be read to its end."),
        parameter="file",
    )
