"""What a WMS request says, read strictly: one parser a parameter, each raising the standard's exception."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

from gis_core.crs import CRS84, SUPPORTED, Crs
from gis_core.days import day_end, day_start, with_zone
from gis_core.http.ows import (
    INVALID,
    INVALID_CRS,
    INVALID_DIMENSION_VALUE,
    INVALID_FORMAT,
    INVALID_POINT,
    MISSING,
    missing,
    refused,
)
from gis_core.times import Moment, TimeInterval
from tilesrv.grid import Box
from tilesrv.render.picture import Format
from tilesrv.wms.versions import V130, Version

MOST_FIELDS = 200
MOST_PIXELS = 4096  # on a side
NUMBER = re.compile(r"[+-]?(?:\d{1,20}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?")
COLOUR = re.compile(r"(?:0[xX]|#)([0-9A-Fa-f]{6})")
# A year, a month, a day, or a time of it; of the city where no zone is named (`gis_core.days`).
MOMENT = re.compile(
    r"\d{4}(?:-\d\d(?:-\d\d(?:[Tt ]\d\d(?::\d\d(?::\d\d(?:\.\d{1,6})?)?)?(?:[Zz]|[+ -]\d\d:?\d\d)?)?)?)?"
)
FORMATS: Mapping[str, Format] = {
    "image/png": "png",
    "image/png; mode=8bit": "png8",
    "image/jpeg": "jpg",
    "image/webp": "webp",
}
_FORMATS_NAMED = {name.replace(" ", ""): name for name in FORMATS} | {"image/jpg": "image/jpeg"}
# What a CRS is called in WMS: the prefix form, and the longer names that some clients send.
CRS_NAMES: Mapping[str, Crs] = {
    ("CRS:84" if crs is CRS84 else f"EPSG:{crs.uri.rsplit('/', 1)[1]}"): crs for crs in SUPPORTED
}
_LONGER_NAMES = {"OGC:CRS84": "CRS:84", "URN:OGC:DEF:CRS:OGC:1.3:CRS84": "CRS:84"}
_URN = re.compile(r"URN:OGC:DEF:CRS:EPSG:[0-9.]{0,10}:(\d{4,6})")


def key_value_pairs(query: bytes) -> dict[str, str]:
    """Parameters by their names in capitals; the first of equal names counts."""
    try:
        text = query.decode("utf-8")
        pairs = parse_qsl(text, True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise refused(INVALID, "", "Chuỗi truy vấn không đọc được.", "The query cannot be read.") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name.upper(), value)
    return found


def required(given: Mapping[str, str], name: str) -> str:
    """The value of parameter ``name``, which must not be empty."""
    value = given.get(name, "").strip()
    if not value:
        raise missing(name)
    return value


def shown(text: str) -> str:
    """Text of a stranger's as it may stand in an answer."""
    return text if len(text) <= 60 else text[:60] + "…"


@dataclass(frozen=True)
class NamedCrs:
    """A CRS as a request names it. ``flipped``: this version writes its boxes with northing or latitude first."""

    name: str
    crs: Crs
    flipped: bool

    def in_xy(self, box: Box) -> Box:
        """``box`` between the request's order of axes and easting, northing (it is the same both ways)."""
        return (box[1], box[0], box[3], box[2]) if self.flipped else box


def crs_of(given: Mapping[str, str], version: Version) -> NamedCrs:
    """CRS (SRS in 1.1.1). From 1.3.0 on axes are in the order of the authority; before, x came first everywhere."""
    other = "SRS" if version is V130 else "CRS"
    if not given.get(version.crs_parameter, "").strip() and given.get(other, "").strip():
        said = f"{version.crs_parameter}={shown(given[other].strip())}"
        raise refused(
            MISSING,
            version.crs_parameter,
            f"Thiếu {version.crs_parameter}: ở phiên bản {version.number} hãy viết {said}, không phải {other}.",
            f"{version.crs_parameter} is missing: in version {version.number} it is {said}, not {other}.",
        )
    name = required(given, version.crs_parameter)
    upper = name.upper()
    urn = _URN.fullmatch(upper)
    found = f"EPSG:{urn[1]}" if urn else _LONGER_NAMES.get(upper, upper)
    crs = CRS_NAMES.get(found)
    if crs is None:
        known = ", ".join(CRS_NAMES)
        raise refused(
            INVALID_CRS,
            version.crs_parameter,
            f"Không có hệ tọa độ “{shown(name)}”; có: {known}.",
            f"There is no CRS “{shown(name)}”; there are: {known}.",
        )
    return NamedCrs(found, crs, crs.flipped and version is V130)


def box_of(given: Mapping[str, str], crs: NamedCrs) -> Box:
    """BBOX as minx, miny, maxx, maxy in easting, northing."""
    parts = required(given, "BBOX").split(",")
    if len(parts) != 4 or not all(NUMBER.fullmatch(part.strip()) for part in parts):
        raise refused(INVALID, "BBOX", "BBOX phải là bốn số.", "BBOX must be four numbers.")
    minx, miny, maxx, maxy = crs.in_xy(tuple(map(float, parts)))  # type: ignore[arg-type]
    if minx >= maxx or miny >= maxy:
        raise refused(
            INVALID,
            "BBOX",
            "BBOX rỗng hoặc ngược: giá trị nhỏ phải đứng trước giá trị lớn ở cả hai trục.",
            "BBOX is empty or inverted: the lesser value must come before the greater on both axes.",
        )
    low_x, low_y, high_x, high_y = crs.crs.domain
    if maxx - minx > 100 * (high_x - low_x) or maxy - miny > 100 * (high_y - low_y):
        raise refused(
            INVALID,
            "BBOX",
            f"BBOX lớn hơn phạm vi của {crs.name} hàng trăm lần.",
            f"BBOX is hundreds of times larger than the domain of {crs.name}.",
        )
    return minx, miny, maxx, maxy


def whole_number(given: Mapping[str, str], name: str, low: int, high: int, code: str = INVALID) -> int:
    text = required(given, name)
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not low <= int(text) <= high:
        raise refused(
            code,
            name,
            f"{name} phải là số nguyên từ {low} đến {high}.",
            f"{name} must be a whole number from {low} to {high}.",
        )
    return int(text)


def size_of(given: Mapping[str, str]) -> tuple[int, int]:
    """WIDTH and HEIGHT."""
    return whole_number(given, "WIDTH", 1, MOST_PIXELS), whole_number(given, "HEIGHT", 1, MOST_PIXELS)


def pixel_of(given: Mapping[str, str], version: Version, size: tuple[int, int]) -> tuple[int, int]:
    """The pixel that GetFeatureInfo asks about: column from the left, row from the top."""
    column = whole_number(given, version.column, 0, size[0] - 1, INVALID_POINT)
    return column, whole_number(given, version.row, 0, size[1] - 1, INVALID_POINT)


def format_of(given: Mapping[str, str]) -> str:
    """FORMAT, as `FORMATS` calls it."""
    asked = required(given, "FORMAT")
    found = _FORMATS_NAMED.get(asked.lower().replace(" ", "").replace("+", ""))
    if found is None:
        raise not_offered("FORMAT", asked, FORMATS)
    return found


def not_offered(parameter: str, asked: str, offered: Mapping[str, object]) -> Exception:
    known = ", ".join(offered)
    return refused(
        INVALID_FORMAT,
        parameter,
        f"Không có định dạng “{shown(asked)}”; có: {known}.",
        f"The format “{shown(asked)}” is not offered; there are: {known}.",
    )


def is_transparent(given: Mapping[str, str]) -> bool:
    """TRANSPARENT, FALSE by default."""
    text = (given.get("TRANSPARENT") or "FALSE").upper()
    if text not in ("TRUE", "FALSE"):
        raise refused(
            INVALID,
            "TRANSPARENT",
            "TRANSPARENT phải là TRUE hoặc FALSE.",
            "TRANSPARENT must be TRUE or FALSE.",
        )
    return text == "TRUE"


def background_of(given: Mapping[str, str]) -> str:
    """BGCOLOR as a CSS colour, white by default."""
    text = given.get("BGCOLOR") or "0xFFFFFF"
    found = COLOUR.fullmatch(text)
    if not found:
        raise refused(
            INVALID,
            "BGCOLOR",
            "BGCOLOR phải có dạng 0xRRGGBB.",
            "BGCOLOR must be written 0xRRGGBB.",
        )
    return f"#{found[1].lower()}"


def moment_of(given: Mapping[str, str]) -> Moment | None:
    """TIME: a moment of ISO 8601, a whole day, month or year, or ``from/to``; None for the current state."""
    text = given.get("TIME", "").strip()
    if not text or text.lower() in ("current", "default"):
        return None
    first, slash, rest = text.partition("/")
    last = rest.partition("/")[0]  # what stands behind a second stroke is a step, of no matter to one picture
    try:
        start, end = span_of(first)
        if slash:
            end = span_of(last)[1]
    except (ValueError, OverflowError):
        raise bad_moment(text) from None
    if end < start:
        raise bad_moment(text)
    return start if start == end else TimeInterval(start, end)


def span_of(text: str) -> tuple[datetime, datetime]:
    """The first and the last moment of what ``text`` names; ValueError for no time of ISO 8601."""
    if not MOMENT.fullmatch(text):
        raise ValueError(text)
    if len(text) > 10:
        # A plus sign that nobody encoded arrives as a space.
        value = datetime.fromisoformat(text[:11] + text[11:].replace(" ", "+"))
        moment = with_zone(value).astimezone(UTC)
        return moment, moment
    year, month, day = (int(part) for part in (text + "-00-00")[:10].split("-"))
    first = date(year, month or 1, day or 1)
    last = first if day else date(year, month or 12, monthrange(year, month or 12)[1])
    return day_start(first), day_end(last)


def bad_moment(text: str) -> Exception:
    return refused(
        INVALID_DIMENSION_VALUE,
        "TIME",
        f"TIME “{shown(text)}” không phải một thời điểm hay khoảng thời gian ISO 8601 "
        "(2025, 2025-07-01, 2025-07-01T08:00:00Z, 2025-01-01/2025-07-01); không nhận danh sách.",
        f"TIME “{shown(text)}” is no moment or interval of ISO 8601 "
        "(2025, 2025-07-01, 2025-07-01T08:00:00Z, 2025-01-01/2025-07-01); lists are not taken.",
    )


def pixel_scale(given: Mapping[str, str]) -> float:
    """How many px of the picture make one of the style's, as QGIS and MapServer (MAP_RESOLUTION, DPI) and GeoServer
    (FORMAT_OPTIONS=dpi:300) are told it: prints ask for more pixels and mean the same map. 1 where it is not said."""
    options = re.search(r"(?:^|;)dpi:([^;]*)", given.get("FORMAT_OPTIONS", "").lower())
    for text in (given.get("MAP_RESOLUTION"), given.get("DPI"), options and options[1]):
        if text and NUMBER.fullmatch(text.strip()):
            return min(max(float(text), 48.0), 600.0) / 96.0
    return 1.0
