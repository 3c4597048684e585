"""``huong terrain``"""

from __future__ import annotations

from pathlib import Path

import click

from gis_core.config import Config
from gis_core.runtime import console
from gis_core.terrain import Terrain


@click.command()
@click.argument("files", nargs=-1, metavar="FILE...", type=click.Path(path_type=Path))
@click.option(
    "--crs", metavar="EPSG:N", help="Hệ tọa độ, thay cho điều tệp ghi · The CRS, whatever the files say."
)
@click.option(
    "--nodata", type=float, help="Giá trị nghĩa là không có số liệu · A value that stands for no data."
)
@click.option(
    "--fill-gaps", type=click.IntRange(0, 200), default=0, metavar="CELLS",
    help="Nội suy chỗ trống, tối đa bấy nhiêu ô từ mép · Interpolate gaps, so many cells from their edge.",
)  # fmt: skip
@click.option("--source", default="", help="Nguồn, ghi cùng bản đồ · Where it comes from; credited.")
@click.option("--remove", is_flag=True, help="Bỏ mô hình đang có · Do without a height model.")
def terrain(
    files: tuple[Path, ...], crs: str | None, nodata: float | None, fill_gaps: int, source: str, remove: bool
) -> None:
    """Nhập mô hình độ cao (GeoTIFF, SRTM) cho bóng địa hình · Import a height model for relief and terrain."""
    from imports.terrain.run import TerrainRequest, import_terrain

    var = Config.from_env().var
    if remove == bool(files):
        raise click.UsageError("FILE... hoặc --remove · FILE... or --remove")
    if remove:
        if not Terrain(var).remove():
            raise console.Failure("Không có mô hình độ cao nào.", "There is no height model.")
        console.step("Đã bỏ mô hình độ cao", "Removed the height model")
        return
    request = TerrainRequest(files=files, crs=crs, nodata=nodata, credit=source, fill_gaps=fill_gaps)
    try:
        model = import_terrain(request, var)
    except OSError as error:
        raise console.Failure(
            f"Không đủ chỗ hoặc không ghi được: {error.strerror or error}.",
            f"No space, or it cannot be written: {error.strerror or error}.",
        ) from error
    console.step(
        f"Mô hình độ cao: mức {model.lowest_zoom} đến {model.zoom}, cao {model.lowest:,.0f} đến {model.highest:,.0f} m",
        f"Height model: zooms {model.lowest_zoom} to {model.zoom}, {model.lowest:,.0f} to {model.highest:,.0f} m high",
    )
    if model.filled:
        console.step(f"Đã nội suy {model.filled:,} ô", f"Interpolated {model.filled:,} cells")
