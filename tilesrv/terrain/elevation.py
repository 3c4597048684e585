"""Heights of any box at any size, out of the height model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT

from tilesrv.grid import Box

Heights = NDArray[np.float32]


def elevation(raster: Path, box: Box, width: int, height: int) -> Heights:
    """Metres above sea level in the middle of each px of ``box`` (EPSG:3857), (height, width); NaN where unknown.

    Px finer than those of ``raster`` are read off a smooth surface, coarser ones out of the means of its overviews.
    Raises OSError (RasterioIOError) where the raster has been replaced meanwhile.
    """
    across, down = (box[2] - box[0]) / width, (box[3] - box[1]) / height
    with opened(raster, across) as source:
        finer = across < abs(source.transform.a) * 0.999
        with WarpedVRT(
            source,
            crs="EPSG:3857",
            transform=Affine(across, 0, box[0], 0, -down, box[3]),
            width=width,
            height=height,
            nodata=float("nan"),
            resampling=Resampling.cubic_spline if finer else Resampling.bilinear,
            warp_mem_limit=64,
        ) as warped:
            heights: Heights = warped.read(1)
    return heights


def opened(raster: Path, cell: float) -> rasterio.DatasetReader:
    """``raster``, or that of its overviews whose px are the widest that are no wider than ``cell`` metres.

    Left to itself GDAL takes a finer one, which costs more and makes other heights of a tile than of its neighbour.
    """
    whole = rasterio.open(raster, driver="GTiff")
    overviews = whole.overviews(1)
    fitting = sum(factor * whole.transform.a <= cell * 1.001 for factor in overviews)
    if not fitting:
        return whole
    whole.close()
    return rasterio.open(raster, driver="GTiff", overview_level=fitting - 1)
