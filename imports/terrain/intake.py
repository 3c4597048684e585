"""Taking files of heights in: GeoTIFF, and those of the Shuttle Radar mission (``N16E107.hgt``, ``.hgt.zip``)."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from gis_core.problems import Problem
from gis_core.words import Text, nfc
from imports.intake import HEAD, copy_within, open_regular

HeightFormat = Literal["geotiff", "hgt"]
TIFF_HEADS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")  # the last two: BigTIFF
HGT_NAME = re.compile(
    r"([NS]\d{2}[EW]\d{3})(\.SRTMGL[13])?\.hgt", re.IGNORECASE
)  # its only word of where it lies
HGT_BYTES = frozenset({2 * side * side for side in (1201, 3601)})
MAX_BYTES = 8 << 30


@dataclass(frozen=True)
class HeightFile:
    """A file that was taken in; ``path`` is the private copy."""

    name: str
    path: Path
    format: HeightFormat


def take_heights(file: Path, folder: Path) -> HeightFile:
    """Copy ``file`` into ``folder``, which is its own, and say what it is.

    Raises Problem: 404 where there is no such file, 400 for what is no file of heights that we read, 413 if too large.
    """
    name = nfc(file.name)
    with open_regular(file) as source:
        head = source.read(HEAD)
        if head.startswith(TIFF_HEADS):
            copy = folder / "input.tif"
            copy_within(source, head, copy, MAX_BYTES)
            return HeightFile(name, copy, "geotiff")
        if head.startswith(b"PK\x03\x04"):
            source.seek(0)
            return HeightFile(name, unzipped(source, name, folder), "hgt")
        if match := HGT_NAME.fullmatch(name):
            copy = folder / f"{match[1].upper()}.hgt"
            size, _ = copy_within(source, head, copy, max(HGT_BYTES))
            if size in HGT_BYTES:
                return HeightFile(name, copy, "hgt")
    raise no_heights(name)


def unzipped(source: BinaryIO, name: str, folder: Path) -> Path:
    """The one height file of a ZIP archive; its size is checked before a byte is unpacked."""
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            match = HGT_NAME.fullmatch(Path(members[0].filename).name) if len(members) == 1 else None
            if match is None or members[0].file_size not in HGT_BYTES:
                raise no_heights(name)
            copy = folder / f"{match[1].upper()}.hgt"
            with archive.open(members[0]) as member:
                copy.write_bytes(member.read(members[0].file_size))
            return copy
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise no_heights(name) from error


def no_heights(name: str) -> Problem:
    return Problem(
        400,
        "unknown-format",
        Text(
            f"“{name}” không phải tệp độ cao đọc được: GeoTIFF một băng, hoặc SRTM (N16E107.hgt, N16E107.hgt.zip).",
            f"“{name}” is no file of heights that is read: GeoTIFF with one band, SRTM (N16E107.hgt, .hgt.zip).",
        ),
        parameter="file",
    )
