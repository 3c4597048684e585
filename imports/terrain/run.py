"""Files of heights become the city's height model: read apart, warped onto one grid of map tiles, published whole."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.warp import reproject

from gis_core.problems import Problem
from gis_core.runtime import console
from gis_core.runtime.own_folder import HEIGHTS, own_folder
from gis_core.terrain import OVERVIEWS, HeightModel, Terrain
from gis_core.words import Text
from imports.terrain.grid import TileGrid, grid_over, zoom_for
from imports.terrain.intake import take_heights
from imports.terrain.sheet import Sheet, bridge_gaps, read_sheet

MOST_CELLS = 2_000_000_000
WARP_MB = 256


@dataclass(frozen=True, kw_only=True)
class TerrainRequest:
    """What is asked for. ``crs`` and ``nodata`` hold for all files, whatever they say themselves.

    ``fill_gaps``: how many cells from its edge a gap is filled by interpolation; 0 leaves every gap.
    """

    files: tuple[Path, ...]
    crs: str | None = None
    nodata: float | None = None
    credit: str = ""
    fill_gaps: int = 0


def import_terrain(request: TerrainRequest, var: Path) -> HeightModel:
    """Make the height model of ``request.files`` and let it count.

    Where files overlap the finer one counts. Raises Problem; nothing is changed then.
    """
    terrain = Terrain(var)
    terrain.folder.mkdir(parents=True, exist_ok=True)
    with own_folder(terrain.folder, HEIGHTS) as folder:
        sheets = sorted(read_sheets(request, folder), key=lambda sheet: -sheet.cell)
        filled = sum(bridge_gaps(sheet, request.fill_gaps) for sheet in sheets) if request.fill_gaps else 0
        grid = common_grid(sheets)
        console.step(
            f"Nắn về lưới ô bản đồ, mức {grid.zoom}", f"Warping onto the tile grid of zoom {grid.zoom}"
        )
        made = folder / "heights.tif"
        lowest, highest = warp(sheets, grid, made)
        model = HeightModel(
            file=f"heights-{secrets.token_hex(6)}.tif",
            zoom=grid.zoom,
            bounds=union(sheets),
            lowest=lowest,
            highest=highest,
            sources=tuple(sheet.name for sheet in sheets),
            credit=request.credit,
            filled=filled,
        )
        made.replace(terrain.raster(model))
    terrain.publish(model)
    return model


def read_sheets(request: TerrainRequest, folder: Path) -> list[Sheet]:
    sheets = []
    for number, file in enumerate(request.files):
        console.step(f"Đọc {file.name}", f"Reading {file.name}")
        own = folder / f"intake-{number}"
        own.mkdir()
        taken = take_heights(file, own)
        sheets.append(read_sheet(taken, own, request.crs, request.nodata))
        for note in sheets[-1].notes:
            console.step(f"CHÚ Ý: {note.vi}", f"NOTE: {note.en}")
        taken.path.unlink()
    return sheets


def union(sheets: Sequence[Sheet]) -> tuple[float, float, float, float]:
    boxes = [sheet.bounds for sheet in sheets]
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    return west, south, max(box[2] for box in boxes), max(box[3] for box in boxes)


def common_grid(sheets: Sequence[Sheet]) -> TileGrid:
    """The grid of the finest sheet over all of them; a 400 Problem if that is too large."""
    grid = grid_over(union(sheets), zoom_for(min(sheet.cell for sheet in sheets)))
    if grid.width * grid.height > MOST_CELLS:
        raise Problem(
            400,
            "too-many-cells",
            Text(
                f"Mô hình sẽ có {grid.width} x {grid.height} ô. Nhập một vùng nhỏ hơn, hoặc tệp thô hơn.",
                f"The model would have {grid.width} x {grid.height} cells. Import a smaller area, or coarser files.",
            ),
            parameter="file",
        )
    return grid


def warp(sheets: Sequence[Sheet], grid: TileGrid, target: Path) -> tuple[float, float]:
    """Write the raster with its overviews; lowest and highest height in it."""
    profile = {
        "driver": "GTiff", "dtype": "float32", "count": 1, "width": grid.width, "height": grid.height,
        "crs": "EPSG:3857", "transform": grid.transform, "nodata": np.nan, "tiled": True, "blockxsize": 256,
        "blockysize": 256, "compress": "deflate", "predictor": 3, "sparse_ok": True, "bigtiff": "if_safer",
    }  # fmt: skip
    with rasterio.open(target, "w+", **profile) as raster:
        for sheet in sheets:
            with rasterio.open(sheet.path, driver="GTiff") as source:
                reproject(
                    rasterio.band(source, 1),
                    rasterio.band(raster, 1),
                    resampling=Resampling.bilinear,
                    src_nodata=np.nan,
                    dst_nodata=np.nan,
                    init_dest_nodata=False,
                    warp_mem_limit=WARP_MB,
                )
    with rasterio.open(target, "r+", driver="GTiff") as raster:
        raster.build_overviews([2**level for level in range(1, OVERVIEWS + 1)], Resampling.average)
        return extremes(raster)


def extremes(raster: rasterio.io.DatasetWriter) -> tuple[float, float]:
    lowest, highest = np.inf, -np.inf
    for _, window in raster.block_windows(1):
        heights = raster.read(1, window=window)
        known = heights[np.isfinite(heights)]
        if known.size:
            lowest, highest = min(lowest, float(known.min())), max(highest, float(known.max()))
    return lowest, highest
