"""Taking a file in: a private copy under a name of our own, its hash, and what kind of file its content says it is.

The reader works on the copy. So what was hashed is what is read, whatever becomes of the original meanwhile; no
neighbour of the original (``-journal``, ``-wal``, files that it refers to by a relative path) lies beside it; and no
name chosen by somebody else reaches a library that gives names a meaning (``/vsizip/``, ``file.gpkg:layer``).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from gis_core.problems import Problem
from gis_core.words import Text, nfc
from imports.other_formats import BY_QGIS, recognised

Format = Literal["geojson", "geopackage", "osm-pbf", "osm-xml"]
TITLES: Mapping[Format, str] = {
    "geojson": "GeoJSON",
    "geopackage": "GeoPackage",
    "osm-pbf": "OpenStreetMap PBF",
    "osm-xml": "OpenStreetMap XML (gzip)",
}
# How the private copy is called; libraries choose their reader by it.
SUFFIXES: Mapping[Format, str] = {
    "geojson": ".geojson",
    "geopackage": ".gpkg",
    "osm-pbf": ".osm.pbf",
    "osm-xml": ".osm.gz",
}
# GeoJSON is held in memory while it is read; the others are streamed.
MAX_BYTES: Mapping[Format, int] = {
    "geojson": 512 << 20,
    "geopackage": 8 << 30,
    "osm-pbf": 2 << 30,
    "osm-xml": 2 << 30,
}
# What a name promises; a file that says one thing and holds another is refused.
PROMISES: Mapping[str, Format] = {
    ".geojson": "geojson",
    ".json": "geojson",
    ".gpkg": "geopackage",
    ".osm.pbf": "osm-pbf",
    ".pbf": "osm-pbf",
    ".osm.gz": "osm-xml",
}
HEAD = 4096
GEOPACKAGE_IDS = (b"GPKG", b"GP10", b"GP11")


@dataclass(frozen=True)
class Intake:
    """A file that was taken in. ``name`` is the original's, without its folder; ``path`` is the private copy."""

    name: str
    path: Path
    format: Format
    size: int
    sha256: str


def take_in(file: Path, folder: Path) -> Intake:
    """Copy ``file`` into ``folder`` and say what it is.

    Raises Problem: 404 where there is no such file, 400 for what is no regular file or no format that we read, or
    holds something else than its name says, 413 where it is too large.
    """
    with open_regular(file) as source:
        head = source.read(HEAD)
        found = identify(head)
        name = nfc(file.name)
        promised = next((fmt for end, fmt in PROMISES.items() if name.lower().endswith(end)), None)
        if found is None:
            raise unknown_format(name, head)
        if promised is not None and promised != found:
            raise Problem(
                400,
                "content-is-not-what-the-name-says",
                Text(
                    f"Tên tệp “{name}” nói là {TITLES[promised]} nhưng nội dung là {TITLES[found]}. Kiểm tra lại tệp.",
                    f"The name “{name}” says {TITLES[promised]}, the content is {TITLES[found]}. Check the file.",
                ),
            )
        refuse_unfinished(file, found)
        copy = folder / f"input{SUFFIXES[found]}"
        size, digest = copy_within(source, head, copy, MAX_BYTES[found])
        return Intake(name, copy, found, size, digest)


def open_regular(file: Path) -> BinaryIO:
    """``file`` open for reading, a regular file for certain (a pipe or device would hang or never end)."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "?"
        raise Problem(
            404,
            "no-such-file",
            Text(
                f"Không mở được tệp “{file.name}” ({why}).",
                f"The file “{file.name}” cannot be opened ({why}).",
            ),
            parameter="file",
        ) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        other = recognised(file.name, b"")
        way = Text(f" {other.way.vi}.", f" {other.way.en}.") if other else Text("", "")
        raise Problem(
            400,
            "not-a-file",
            Text(
                f"“{file.name}” không phải là một tệp thường.{way.vi}",
                f"“{file.name}” is no regular file.{way.en}",
            ),
            parameter="file",
        )
    return os.fdopen(descriptor, "rb")


def identify(head: bytes) -> Format | None:
    """The format that the first bytes of a file show, whatever its name says; None for none that we read."""
    if head.startswith(b"SQLite format 3\x00"):
        return "geopackage" if head[68:72] in GEOPACKAGE_IDS else None
    # Length of the blob header (4 bytes), then its first field: type = "OSMHeader".
    if head[4:15] == b"\x0a\x09OSMHeader":
        return "osm-pbf"
    if head.startswith(b"\x1f\x8b"):
        return "osm-xml" if b"<osm" in unpacked(head) else None
    if is_wide(head):
        return None
    if head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").startswith(b"{"):
        return "geojson"
    return None


def unpacked(head: bytes) -> bytes:
    """What ``head``, the beginning of a gzip file, holds as far as it can be unpacked."""
    unpacking, found = zlib.decompressobj(wbits=31), b""
    with contextlib.suppress(zlib.error):
        for at in range(0, len(head), 64):
            found += unpacking.decompress(head[at : at + 64], HEAD)
    return found


def is_wide(head: bytes) -> bool:
    """Whether a text is encoded in UTF-16 or UTF-32: by its mark, or since every other byte is empty."""
    return head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")) or head[:2] in (
        b"{\0",
        b"\0{",
        b"<\0",
        b"\0<",
    )


def unknown_format(name: str, head: bytes) -> Problem:
    known = ", ".join(TITLES.values())
    if is_wide(head):
        return Problem(
            400,
            "not-utf-8",
            Text(
                f"“{name}” được mã hóa UTF-16 hoặc UTF-32. Hãy lưu lại ở dạng UTF-8.",
                f"“{name}” is encoded in UTF-16 or UTF-32. Save it as UTF-8.",
            ),
        )
    if head.startswith(b"\x1f\x8b") and not unpacked(head):
        return Problem(
            400,
            "broken-file",
            Text(
                f"“{name}” là tệp nén gzip bị hỏng hoặc bị cắt. Hãy tải hoặc chép lại tệp.",
                f"“{name}” is a gzip file that is broken or cut off. Download or copy it again.",
            ),
        )
    if not head.strip(b"\0 \t\r\n"):
        return Problem(400, "empty-file", Text(f"Tệp “{name}” trống.", f"The file “{name}” is empty."))
    other = recognised(name, head)
    if other is None:
        return Problem(
            400,
            "unknown-format",
            Text(
                f"Nội dung của “{name}” không thuộc dạng nào đọc được: {known}. {BY_QGIS.vi}.",
                f"The content of “{name}” is none of the formats that are read: {known}. {BY_QGIS.en}.",
            ),
        )
    return Problem(
        400,
        "unknown-format",
        Text(
            f"“{name}” có vẻ là {other.name}, dạng không đọc trực tiếp. {other.way.vi}. Đọc được: {known}.",
            f"“{name}” looks like {other.name}, which is not read as it is. {other.way.en}. Read are: {known}.",
        ),
    )


def refuse_unfinished(file: Path, found: Format) -> None:
    """A GeoPackage that another program holds open has its newest rows in a second file; reading without would lie."""
    log = file.with_name(file.name + "-wal")
    if found == "geopackage" and log.exists() and log.stat().st_size > 0:
        raise Problem(
            400,
            "file-in-use",
            Text(
                f"“{file.name}” đang được chương trình khác ghi (có tệp “-wal”). Đóng chương trình đó rồi nhập lại.",
                f"“{file.name}” is being written by another program (there is a “-wal” file). Close it, then import.",
            ),
        )


def copy_within(source: BinaryIO, head: bytes, target: Path, limit: int) -> tuple[int, str]:
    """Write ``head`` and the rest of ``source`` to ``target``; its size and SHA-256. Problem 413 beyond ``limit``."""
    digest, size, chunk = hashlib.sha256(), 0, head
    with target.open("xb") as copy:
        while chunk:
            size += len(chunk)
            if size > limit:
                raise Problem(
                    413,
                    "file-too-large",
                    Text(
                        f"Tệp lớn hơn {limit >> 20} MB, mức cho phép của dạng này. Hãy chia nhỏ hoặc dùng GeoPackage.",
                        f"The file is larger than {limit >> 20} MB, its format's limit. Split it, or use GeoPackage.",
                    ),
                )
            digest.update(chunk)
            copy.write(chunk)
            chunk = source.read(1 << 20)
    return size, digest.hexdigest()
