"""A raster of heights as blocks of numbers: GeoTIFF or SRTM, whichever the process was started for, and nothing else.

GDAL would open whatever a file turns out to be, a VRT that names addresses and other files among it; so the driver is
given, and no neighbouring file is looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from imports.frames import Cells, Closing, Grid, Message, Refusal

DRIVERS: Mapping[str, str] = {".tif": "GTiff", ".hgt": "SRTMHGT"}
MAX_CELLS = 400_000_000
CELLS_PER_FRAME = 4_000_000
METRES = frozenset({"", "m", "metre", "meter", "metres", "meters"})


def read(path: Path, options: dict[str, str]) -> Iterator[Message]:
    """A Grid, its Cells from the north, and how many rows there were; a Refusal for what is no raster of heights.

    ``options["nodata"]`` is a value that stands for no height, besides what the file says itself.
    """
    quiet = {
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_PAM_ENABLED": False,
        "GDAL_CACHEMAX": 64 << 20,
    }
    with rasterio.Env(**quiet):
        try:
            with rasterio.open(path, driver=DRIVERS[path.suffix]) as raster:
                yield from read_raster(raster, options.get("nodata", ""))
        except rasterio.errors.RasterioError:
            yield Refusal(
                "broken-raster", "Tệp hỏng hoặc không đúng dạng.", "The file is broken or of another format."
            )


def read_raster(raster: rasterio.DatasetReader, nodata: str) -> Iterator[Message]:
    refusal = refusal_of(raster)
    if refusal is not None:
        yield refusal
        return
    crs = raster.crs
    code = crs.to_epsg() if crs else None
    turn = raster.transform
    yield Grid(
        raster.width,
        raster.height,
        (turn.a, turn.c, turn.e, turn.f),
        f"EPSG:{code}" if code else "",
        "" if crs is None or code else crs.to_wkt()[:60],
    )
    step = max(CELLS_PER_FRAME // raster.width, 1)
    block = raster.block_shapes[0][0]
    step = max(step // block, 1) * block if block <= step else step
    scale, offset = raster.scales[0], raster.offsets[0]
    for row in range(0, raster.height, step):
        window = Window(0, row, raster.width, min(step, raster.height - row))
        masked = raster.read(1, window=window, masked=True)
        heights = masked.astype(np.float64).filled(np.nan)
        if nodata:
            heights[heights == float(nodata)] = np.nan
        heights = (heights * scale + offset).astype("<f4")
        yield Cells(row, heights.tobytes())
    yield Closing(raster.height)


def refusal_of(raster: rasterio.DatasetReader) -> Refusal | None:
    """Why ``raster`` is no raster of heights in metres that we read."""
    if raster.count != 1 or raster.dtypes[0].startswith("complex"):
        return Refusal(
            "not-heights",
            f"Tệp có {raster.count} băng; mô hình độ cao có một băng số thực hoặc số nguyên.",
            f"The file has {raster.count} bands; a height model has one, of plain numbers.",
        )
    if raster.width * raster.height > MAX_CELLS:
        return Refusal(
            "too-many-cells",
            f"Tệp có {raster.width} x {raster.height} ô, nhiều hơn {MAX_CELLS:,}. Hãy chia nhỏ.",
            f"The file has {raster.width} x {raster.height} cells, more than {MAX_CELLS:,}. Split it.",
        )
    turn = raster.transform
    if turn.b or turn.d or turn.a <= 0 or turn.e >= 0:
        return Refusal(
            "turned-grid",
            "Lưới của tệp bị xoay hoặc không có vị trí. Hãy nắn về hướng bắc.",
            "The grid of the file is turned or has no place. Warp it to face north.",
        )
    if (raster.units[0] or "").lower() not in METRES:
        return Refusal(
            "not-metres",
            f"Độ cao tính bằng “{raster.units[0][:20]}”. Hãy chuyển sang mét.",
            f"The heights are in “{raster.units[0][:20]}”. Convert them to metres.",
        )
    return None
