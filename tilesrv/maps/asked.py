"""What a request of OGC API - Maps says (OGC 20-058), read strictly: one parser a parameter, each a 400 Problem."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import ImageColor

from gis_core.crs import CRS84, Crs, crs_by_uri
from gis_core.http.negotiation import chosen_format
from gis_core.problems import Problem, bad_request
from gis_core.times import TimeInterval, parse_datetime
from tilesrv.grid import Box
from tilesrv.http import Request
from tilesrv.maps.framing import MOST_PX, too_large
from tilesrv.render.picture import Format

NAMES = (
    *("bbox", "bbox-crs", "subset", "subset-crs", "center", "center-crs", "width", "height"),
    *("scale-denominator", "crs", "transparent", "bgcolor", "datetime", "f"),
)
FORMATS: Mapping[str, Format] = {"png": "png", "jpeg": "jpg", "webp": "webp"}
MEDIA_TYPES = {f"image/{name}": name for name in FORMATS}
NUMBER = r"[+-]?(?:\d{1,20}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?"
# One axis of ``subset``: name(low:high), name(value), name("text").
SUBSET = re.compile(r"([A-Za-z]{1,20})\(([^()]{1,80})\)(?:,|$)")
ACROSS, UP = frozenset({"lon", "long", "e", "x"}), frozenset({"lat", "n", "y"})
BACKGROUND = re.compile(r"(?:0x|#)?([0-9a-f]{6})")


@dataclass(frozen=True)
class MapAsked:
    """A request for a map. ``box`` and ``centre`` are x first, in ``place_crs``; ``crs`` is the one to draw in."""

    box: Box | None
    centre: tuple[float, float] | None
    place_crs: Crs
    width: int | None
    height: int | None
    denominator: float | None
    crs: Crs | None
    background: str | None
    at: TimeInterval | None
    format: Format


def map_asked(request: Request, given: Mapping[str, str]) -> MapAsked:
    """The request behind ``given`` (`Request.parameters`)."""
    ways = [name for name in ("bbox", "subset", "center") if name in given]
    spatial = [name for name in ways if name != "subset" or not is_only_time(given["subset"])]
    if len(spatial) > 1:
        raise bad(spatial[1], "chỉ dùng một trong bbox, subset, center.", "use one of bbox, subset, center.")
    way = spatial[0] if spatial else None
    place_crs = crs_by_uri(given[f"{way}-crs"], parameter=f"{way}-crs") if f"{way}-crs" in given else CRS84
    format_ = format_of(request, given.get("f"))
    interval = parse_datetime(given["datetime"]) if "datetime" in given else None
    if "subset" in given:
        interval = subset_time(given["subset"]) or interval
    return MapAsked(
        box=box_of(given, way, place_crs),
        centre=centre_of(given["center"], place_crs) if way == "center" else None,
        place_crs=place_crs,
        width=side_of(given, "width"),
        height=side_of(given, "height"),
        denominator=denominator_of(given),
        crs=crs_by_uri(given["crs"]) if "crs" in given else None,
        background=background_of(given, format_),
        at=interval,
        format=format_,
    )


def bad(parameter: str, vi: str, en: str) -> Problem:
    return bad_request(
        f"bad-{parameter}", f"“{parameter}”: {vi}", f"“{parameter}”: {en}", parameter=parameter
    )


def format_of(request: Request, f: str | None) -> Format:
    """``f``, else what Accept prefers; PNG where anything goes."""
    return FORMATS[chosen_format(f, request.text(b"accept"), {v: (k,) for k, v in MEDIA_TYPES.items()})]


# Place -----------------------------------------------------------------------------------------------------------


def box_of(given: Mapping[str, str], way: str | None, crs: Crs) -> Box | None:
    if way == "bbox":
        found = corners(given["bbox"], crs)
    elif way == "subset":
        found = subset_box(given["subset"], crs)
    else:
        return None
    if found[0] >= found[2] or found[1] >= found[3]:
        raise bad(str(way), "khung rỗng hoặc ngược.", "the box is empty or inverted.")
    low_x, low_y, high_x, high_y = crs.domain
    if found[2] - found[0] > 100 * (high_x - low_x) or found[3] - found[1] > 100 * (high_y - low_y):
        raise bad(str(way), "khung lớn quá mức.", "the box is absurdly large.")
    return found


def corners(text: str, crs: Crs) -> Box:
    """``bbox``: lower then upper corner in the authority's order; of six numbers the heights are ignored."""
    numbers = numbers_of(text, "bbox", (4, 6))
    half = len(numbers) // 2
    low, high = numbers[:2], numbers[half : half + 2]
    if crs.flipped:
        low, high = low[::-1], high[::-1]
    return low[0], low[1], high[0], high[1]


def centre_of(text: str, crs: Crs) -> tuple[float, float]:
    first, second = numbers_of(text, "center", (2,))
    return (second, first) if crs.flipped else (first, second)


def numbers_of(text: str, name: str, counts: tuple[int, ...]) -> list[float]:
    parts = text.split(",")
    if len(parts) not in counts or not all(re.fullmatch(NUMBER, part.strip()) for part in parts):
        wanted = " / ".join(map(str, counts))
        raise bad(name, f"phải là {wanted} số.", f"must be {wanted} numbers.")
    return [float(part) for part in parts]


def subset_axes(text: str) -> dict[str, str]:
    """The axes of ``subset`` in lower case, each with what stands between its brackets."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        axis = SUBSET.match(text, at)
        if axis is None or axis[1].lower() in found:
            raise bad_subset()
        found[axis[1].lower()] = axis[2]
        at = axis.end()
    return found


def is_only_time(text: str) -> bool:
    return set(subset_axes(text)) == {"time"}


def subset_box(text: str, crs: Crs) -> Box:
    """The box of ``subset=Lat(16.4:16.5),Lon(107.5:107.7)``; an axis that is not named is not cut."""
    minx, miny, maxx, maxy = crs.domain
    for name, inside in subset_axes(text).items():
        if name == "time":
            continue
        span = re.fullmatch(rf"({NUMBER}):({NUMBER})", inside)
        if span is None or name not in ACROSS | UP:
            raise bad_subset()
        if name in ACROSS:
            minx, maxx = float(span[1]), float(span[2])
        else:
            miny, maxy = float(span[1]), float(span[2])
    return minx, miny, maxx, maxy


def subset_time(text: str) -> TimeInterval | None:
    """The time of ``subset=time("2025-07-01")``, or ``time("2025-01-01":"2025-07-01")``."""
    inside = subset_axes(text).get("time")
    if inside is None:
        return None
    parts = re.fullmatch(r'"([^"]*)"(?::"([^"]*)")?', inside)
    if parts is None:
        raise bad_subset()
    return parse_datetime(
        parts[1] if parts[2] is None else f"{parts[1].replace('*', '..')}/{parts[2].replace('*', '..')}"
    )


def bad_subset() -> Problem:
    return bad(
        "subset",
        'có dạng Lat(16.4:16.5),Lon(107.5:107.7) hoặc time("2025-07-01").',
        'is written Lat(16.4:16.5),Lon(107.5:107.7) or time("2025-07-01").',
    )


# Size and colour --------------------------------------------------------------------------------------------------


def side_of(given: Mapping[str, str], name: str) -> int | None:
    """``width`` or ``height``; Problem 413 for one that is too long."""
    if name not in given:
        return None
    text = given[name]
    if not text.isascii() or not text.isdecimal() or int(text[:20]) < 1:
        raise bad(name, "phải là số nguyên dương.", "must be a positive whole number.")
    if len(text) > 9 or int(text) > MOST_PX:
        raise too_large()
    return int(text)


def denominator_of(given: Mapping[str, str]) -> float | None:
    text = given.get("scale-denominator")
    if text is None:
        return None
    if not re.fullmatch(NUMBER, text) or not 1 <= float(text) <= 1e9:
        raise bad("scale-denominator", "phải là số từ 1 đến 1e9.", "must be a number from 1 to 1e9.")
    return float(text)


def background_of(given: Mapping[str, str], format_: Format) -> str | None:
    """The colour behind the map as ``#rrggbb``; None for a transparent picture, as it is where no colour is said."""
    colour = None
    if "bgcolor" in given:
        colour = colour_of(given["bgcolor"])
    transparent = given.get("transparent", "false" if colour else "true").lower()
    if transparent not in ("true", "false"):
        raise bad("transparent", "phải là true hoặc false.", "must be true or false.")
    if transparent == "true" and format_ != "jpg":
        return None
    return colour or "#ffffff"


def colour_of(text: str) -> str:
    """``0xRRGGBB``, ``#RRGGBB``, ``RRGGBB`` or the name of a CSS colour."""
    found = BACKGROUND.fullmatch(text.lower())
    if found:
        return f"#{found[1]}"
    try:
        if not text.isascii() or not text.isalpha() or len(text) > 30:
            raise ValueError(text)
        red, green, blue = ImageColor.getrgb(text)[:3]
    except ValueError:
        raise bad(
            "bgcolor", "phải có dạng 0xRRGGBB hoặc tên màu CSS.", "must be 0xRRGGBB or a CSS colour."
        ) from None
    return f"#{red:02x}{green:02x}{blue:02x}"
