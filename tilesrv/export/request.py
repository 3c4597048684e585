"""What an export is asked for, checked before anything is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import quote

from gis_core.audiences import CITIZEN, Caller
from gis_core.problems import Problem, bad_request
from gis_core.words import Language, Text
from tilesrv.grid import MAX_ZOOM, Box

Format = Literal["pmtiles", "mbtiles"]
FORMATS: tuple[Format, ...] = get_args(Format)
Raster = Literal["png", "webp"]
RASTERS: tuple[Raster, ...] = get_args(Raster)


@dataclass(frozen=True, kw_only=True)
class ExportRequest:
    """One archive. ``box`` is EPSG:3857; ``zooms`` are inclusive; ``caller`` is who the file is for.

    ``raster`` asks for pictures in the place of vector tiles.
    """

    targets: tuple[str, ...]
    file: Path
    format: Format
    zooms: tuple[int, int] = (0, 16)
    box: Box | None = None
    caller: Caller = CITIZEN
    raster: Raster | None = None
    language: Language = "vi"
    resume: bool = False
    replace: bool = False

    @property
    def unfinished(self) -> Path:
        """The file beside the archive that holds what is done so far."""
        return self.file.with_name(f"{self.file.name}.partial")

    @property
    def url(self) -> str:
        """The archive's address for the protocols ``pmtiles:`` and ``mbtiles:``, beside the page that reads it."""
        return f"{self.format}://{quote(self.file.name)}"

    def document(self) -> dict[str, Any]:
        """What an unfinished export must agree on with the one that goes on with it."""
        return {
            "targets": list(self.targets),
            "zooms": list(self.zooms),
            "box": list(self.box) if self.box else None,
            "caller": self.caller.key,
            "raster": self.raster,
        }


def parse_zooms(text: str) -> tuple[int, int]:
    """``0-16`` or ``14``; Problem 400 for anything else."""
    found = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", text.strip(), re.ASCII)
    if found:
        low, high = int(found[1]), int(found[2] or found[1])
        if low <= high <= MAX_ZOOM:
            return low, high
    raise bad_request(
        "bad-zoom",
        f"“--zoom” phải là mức thu phóng nhỏ nhất và lớn nhất, từ 0 đến {MAX_ZOOM}, ví dụ 0-16.",
        f"“--zoom” must be the lowest and the highest zoom, from 0 to {MAX_ZOOM}: 0-16.",
        parameter="zoom",
    )


def format_of(given: str | None, file: Path) -> Format:
    """The format that is asked for, or the one that the file's name ends in; Problem 400 where neither says."""
    wanted = given or file.suffix.lower().removeprefix(".")
    for known in FORMATS:
        if wanted == known:
            return known
    raise bad_request(
        "bad-format",
        "Tên tệp phải kết thúc bằng .pmtiles hoặc .mbtiles, hoặc dùng --format.",
        "The file's name must end in .pmtiles or .mbtiles; or use --format.",
        parameter="format",
    )


def check_file(request: ExportRequest) -> None:
    """Problem where the archive could not be put in its place at the end."""
    folder = request.file.parent
    if not folder.is_dir():
        raise bad_request(
            "no-folder",
            f"Không có thư mục “{folder}”.",
            f"There is no folder “{folder}”.",
            parameter="file",
        )
    if request.file.is_dir() or (request.file.exists() and not request.replace):
        raise Problem(
            409,
            "file-exists",
            Text(
                f"Đã có “{request.file}”. Dùng --replace để thay khi bản mới đã xong.",
                f"“{request.file}” exists. Use --replace to replace it once the new one is whole.",
            ),
            parameter="file",
        )
