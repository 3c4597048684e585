"""``huong tiles``: tiles as files."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import cast

import click

from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.layer import AUDIENCES, Audience
from gis_core.runtime import console
from gis_core.runtime.progress import Progress
from gis_core.words import LANGUAGES, Language
from tilesrv.export.export import Archive, export_tiles
from tilesrv.export.request import FORMATS, RASTERS, ExportRequest, Raster, format_of, parse_zooms
from tilesrv.parameters import box_of


@click.group()
def tiles() -> None:
    """Ô bản đồ thành tệp · Tiles as files."""


@tiles.command(name="export")
@click.argument("targets", nargs=-1, required=True, metavar="LAYER|STYLE...")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    help="Mặc định theo tên tệp · Default: by the file's name.",
)
@click.option(
    "--zoom", default="0-16", show_default=True, metavar="MIN-MAX", help="Các mức thu phóng · The zooms."
)
@click.option(
    "--bbox",
    metavar="W,S,E,N",
    help="Chỉ vùng này, theo độ; mặc định tất cả · Only this area, in degrees; default: all.",
)
@click.option(
    "--audience", default="citizen", show_default=True, type=click.Choice(AUDIENCES),
    help="Tệp dành cho ai: chỉ chứa điều họ được xem · Who the file is for: it holds what they may see.",
)  # fmt: skip
@click.option(
    "--unit", "units", multiple=True, metavar="CODE",
    help="Đơn vị của cán bộ (lặp lại được) · The units that an officer answers for (repeat it).",
)  # fmt: skip
@click.option(
    "--lang",
    default="vi",
    show_default=True,
    type=click.Choice(LANGUAGES),
    help="Ngôn ngữ của tên và nguồn · Language of name and credit.",
)
@click.option(
    "--raster",
    type=click.Choice(RASTERS),
    help="Ảnh thay cho ô vectơ · Pictures in the place of vector tiles.",
)
@click.option("--resume", is_flag=True, help="Làm tiếp lần xuất dở dang · Go on with an unfinished export.")
@click.option(
    "--replace", is_flag=True, help="Thay tệp đang có khi đã xong · Replace an existing file at the end."
)
def export(
    targets: tuple[str, ...], file: Path, format_name: str | None, zoom: str, bbox: str | None, audience: str,
    units: tuple[str, ...], lang: str, raster: str | None, resume: bool, replace: bool,
) -> None:  # fmt: skip
    """Xuất lớp thành PMTiles, MBTiles để dùng ngoại tuyến · Write layers into one archive for offline use."""
    request = ExportRequest(
        targets=tuple(dict.fromkeys(targets)),
        file=file.absolute(),
        format=format_of(format_name, file),
        zooms=parse_zooms(zoom),
        box=None if bbox is None else box_of(bbox),
        caller=Caller(audience=cast(Audience, audience), units=units),
        language=cast(Language, lang),
        raster=cast(Raster | None, raster),
        resume=resume,
        replace=replace,
    )
    archive = to_the_end(request)
    console.step(
        f"{archive.file.name}: {archive.tiles:,} ô ({archive.different:,} ô khác nhau), {archive.size / 1e6:,.1f} MB,"
        f" dữ liệu lúc {archive.as_of}",
        f"{archive.tiles:,} tiles, {archive.different:,} of them different, {archive.size / 1e6:,.1f} MB,"
        f" as of {archive.as_of}",
    )


def to_the_end(request: ExportRequest) -> Archive:
    """The export; Ctrl-C and a lack of space end as words."""
    try:
        return export_tiles(request, Config.from_env(), Progress(sys.stderr))
    except KeyboardInterrupt:
        raise console.Failure(
            f"Đã dừng; chưa có tệp nào. Làm tiếp: thêm --resume (phần đã xong ở “{request.unfinished.name}”).",
            f"Stopped; there is no archive. Go on with --resume (what is done lies in “{request.unfinished.name}”).",
        ) from None
    except (OSError, sqlite3.OperationalError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise console.Failure(
            f"Không đủ chỗ hoặc không ghi được tệp: {reason}. Sau khi xử lý, chạy lại với --resume.",
            f"No space, or the file cannot be written: {reason}. Mend it, then run the command again with --resume.",
        ) from error


COMMANDS: list[click.Command] = [tiles]
