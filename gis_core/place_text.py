"""Places as people type them: coordinates in degrees or in VN-2000 metres, one corner a line; WKT and GeoJSON too.

The one reader of every form in which a place can be entered, with a map beside it or without. Degrees are WGS 84; of
two numbers the latitude comes first, as it is said, and the other order is noticed where it can only be that. Metres
are VN-2000, north first or east first: in Vietnam the two are never alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry.base import BaseGeometry

from gis_core.crs import CRS84, EPSG3405, EPSG3406, EPSG9214, Crs, from_lonlat, to_lonlat
from gis_core.problems import Problem
from gis_core.values import MAX_VERTICES, MULTI, check_place
from gis_core.words import Text, nfc

METRIC: dict[int, Crs] = {crs.srid: crs for crs in (EPSG9214, EPSG3405, EPSG3406)}
MAX_CHARACTERS = 12_000_000
PLACE_KINDS = (*MULTI, *MULTI.values())
# A millimetre, on paper as in the field.
MOST_DECIMALS_METRIC, MOST_DECIMALS_DEGREES = 3, 8
# Where numbers must be metres, and the least northing (Cà Mau) beyond the greatest easting in a zone.
MOST_DEGREES = 180.0
LEAST_NORTHING = 900_000.0
# No zone reaches west of this: a smaller number is an easting that lacks digits.
LEAST_EASTING = 100_000.0
# Brackets in brackets of WKT or GeoJSON; GEOS follows them by recursion, and its stack ends with the process.
DEEPEST = 20

Point = tuple[float, float]  # east, north: longitude and latitude, or metres

# One angle, marked as people mark it; a fraction ends it. Minutes and seconds whose marks are left out are still plain.
_LETTER = "[NSEWBDĐTnsewbdđt]"
_NUMBER = r"(\d{1,2}(?:[.,]\d+)?)(?![.,]?\d|\s*[°º˚])"
_ANGLE = (
    r"((?:(?<=[\s,;])|^)[-+−]|)(\d{1,3}(?:[.,]\d+)?)\s*[°º˚]"
    rf"""(?:\s*{_NUMBER}(?:\s*['′’‘´`ʹ](?!['′’‘´`ʹ]))?"""
    rf"""(?:\s*{_NUMBER}(?:\s*(?:["″”“˝]|['′’‘´`ʹ]{{2}}))?)?)?"""
)
_BETWEEN = r"\s*[,;]?\s*"
TWO_ANGLES = tuple(
    re.compile(pattern + r"\s*[,;]?")
    for pattern in (
        rf"(){_ANGLE}(){_BETWEEN}(){_ANGLE}()",
        rf"(){_ANGLE}\s*({_LETTER}){_BETWEEN}(){_ANGLE}\s*({_LETTER})",
        rf"({_LETTER})\s*{_ANGLE}(){_BETWEEN}({_LETTER})\s*{_ANGLE}()",
    )
)
LETTER_FIRST = re.compile(rf"{_LETTER}\s*\d")
AXIS = re.compile(r"\b[XYxy]\s*[:=]\s*(?=\d)")  # X=1822345.12; Y=562345.67
# Bắc, Nam, Đông, Tây beside North, South, East, West; N is north where degrees are latitudes of both languages.
NORTH, SOUTH, EAST, WEST = "NB", "S", "EĐD", "WT"


class PlaceError(ValueError):
    """A text that is no place; ``words`` say why, ``line`` (from 1) where, 0 for the whole."""

    def __init__(self, words: Text, line: int = 0) -> None:
        where = Text(f"dòng {line}: ", f"line {line}: ") if line else Text("", "")
        self.words, self.line = Text(where.vi + words.vi, where.en + words.en), line
        super().__init__(self.words.en)


@dataclass(frozen=True)
class Corner:
    """A vertex as typed: ``east`` and ``north`` in degrees, or in metres of the chosen zone."""

    east: float
    north: float
    metric: bool


def read_place(text: str, kind: str, srid: int, zone: int = EPSG9214.srid) -> BaseGeometry:
    """The geometry of ``kind`` (a `GeometryType`) that ``text`` says, in EPSG:``srid``, x east and y north.

    ``zone`` is the EPSG code of metres. What is typed in EPSG:``srid`` itself keeps every digit. PlaceError where it
    is no place, is another kind, or lies nowhere on Earth.
    """
    if len(text) > MAX_CHARACTERS:
        raise PlaceError(Text("quá dài.", "it is too long."))
    text = nfc(text).replace("\r\n", "\n").strip("\n ")
    if not text.strip():
        raise PlaceError(Text("chưa có tọa độ.", "there are no coordinates."))
    if is_written(text):
        found = in_kind(read_written(text, srid), kind)
    else:
        found = assembled(read_corners(text), kind, srid, zone)
    lonlat = in_degrees(found, srid)
    try:
        check_place(lonlat)
    except Problem as problem:
        raise PlaceError(Text(*(said.removeprefix("“geometry”: ") for said in problem.detail))) from problem
    return found


def is_written(text: str) -> bool:
    """Whether a text is WKT or GeoJSON rather than corners."""
    begins = re.match(r"\s*[{A-Za-z]", text)
    return bool(begins) and not (LETTER_FIRST.match(text.strip()) or AXIS.match(text.strip()))


def in_degrees(geometry: BaseGeometry, srid: int) -> BaseGeometry:
    """``geometry`` of EPSG:``srid`` (x east) in longitude and latitude."""
    crs = METRIC.get(srid)
    if crs is None:
        return geometry
    ordered = shapely.transform(geometry, lambda p: p[:, ::-1]) if crs.flipped else geometry
    try:
        return to_lonlat(ordered, crs)
    except Problem as problem:
        raise PlaceError(problem.detail) from problem


# Corners, one a line -----------------------------------------------------------------------------------------------


def read_corners(text: str) -> list[list[Corner]]:
    """Blocks of corners; an empty line ends a block: a part, or a ring."""
    blocks: list[list[Corner]] = [[]]
    for at, line in enumerate(text.split("\n"), 1):
        if line.strip():
            blocks[-1].append(read_corner(line.strip(), at))
        elif blocks[-1]:
            blocks.append([])
    blocks = [block for block in blocks if block]
    if sum(map(len, blocks)) > MAX_VERTICES:
        raise PlaceError(Text(f"quá {MAX_VERTICES} đỉnh.", f"more than {MAX_VERTICES} vertices."))
    return blocks


def read_corner(line: str, at: int = 1) -> Corner:
    """One corner: ``16.4637, 107.5905``, ``16°27'49"B 107°35'26"Đ``, ``1822345.12 562345.67``."""
    if re.search("[°º˚]", line):
        first, second = degrees_of(line, at)
        return Corner(second, first, False)
    parts = two_parts(AXIS.sub("", line), at)
    first, second = (number(part, at) for part in parts)
    if max(abs(first), abs(second)) > MOST_DEGREES:
        first, second = (metres(part, at) for part in parts)
    if abs(first) <= MOST_DEGREES and abs(second) <= MOST_DEGREES:
        # No latitude is above 90: whoever wrote longitude first is understood.
        north, east = (second, first) if abs(first) > 90 else (first, second)
        return Corner(east, north, False)
    north, east = max(first, second), min(first, second)
    if north < LEAST_NORTHING or east < LEAST_EASTING:
        raise PlaceError(
            Text(
                "hai số này không phải độ (WGS 84) cũng không phải mét (VN-2000).",
                "the two numbers are neither degrees (WGS 84) nor metres (VN-2000).",
            ),
            at,
        )
    return Corner(east, north, True)


def two_parts(line: str, at: int) -> list[str]:
    for separator in (";", None, ","):
        parts = [part.strip(" ,;\t") for part in line.split(separator)]
        parts = [part for part in parts if part]
        if len(parts) == 2:
            return parts
    raise PlaceError(
        Text(
            "cần hai số: vĩ độ, kinh độ (hoặc X, Y).",
            "two numbers are needed: latitude, longitude (or X, Y).",
        ),
        at,
    )


def number(text: str, at: int) -> float:
    """``1.822.345,12``, ``1822345.12`` and ``16,4637`` as they are meant."""
    plain = text.replace("\u00a0", "").removesuffix("m").strip()
    if "," in plain and "." in plain:
        thousands = "." if plain.rfind(",") > plain.rfind(".") else ","
        plain = plain.replace(thousands, "")
    elif plain.count(".") > 1 or plain.count(",") > 1:
        plain = plain.replace(".", "").replace(",", "")
    plain = plain.replace(",", ".")
    if not re.fullmatch(r"[+-]?\d{1,12}(\.\d{0,20})?", plain):
        raise PlaceError(Text(f"“{text[:30]}” không phải là số.", f"“{text[:30]}” is not a number."), at)
    return float(plain)


def metres(text: str, at: int) -> float:
    """A number beside one of metres: a single sign before three digits groups its thousands (``561.300``)."""
    return number(re.sub(r"[.,]", "", text) if re.fullmatch(r"\d{1,3}[.,]\d{3}", text.strip()) else text, at)


def degrees_of(line: str, at: int) -> Point:
    """Latitude and longitude of the two angles that the whole line is, in the order that their letters say."""
    found = next((match for each in TWO_ANGLES if (match := each.fullmatch(line))), None)
    if found is None:
        raise PlaceError(Text("cần hai góc độ, phút, giây.", "two angles are needed."), at)
    parts = [part or "" for part in found.groups()]
    one, other = parts[:6], parts[6:]
    first, second = angle(one, at), angle(other, at)
    letters = [(each[0] or each[5]).upper() for each in (one, other)]
    if not letters[0]:
        return (second, first) if abs(first) > 90 else (first, second)
    eastward = [letter in EAST + WEST for letter in letters]
    if eastward[0] == eastward[1]:
        raise PlaceError(
            Text("cần một vĩ độ và một kinh độ.", "one latitude and one longitude are needed."), at
        )
    return (second, first) if eastward[0] else (first, second)


def angle(parts: Sequence[str], at: int) -> float:
    """Degrees of a letter, a sign, degrees, minutes, seconds and another letter, each of which may be empty."""
    before, sign, *numbers, after = parts
    letter = (before or after).upper()
    if sign and letter:
        raise PlaceError(
            Text("dùng dấu hoặc chữ chỉ hướng, không dùng cả hai.", "a sign or a letter, not both."), at
        )
    given = [each for each in numbers if each]
    if any(not each.isdecimal() for each in given[:-1]):
        raise PlaceError(
            Text("chỉ số cuối của góc có phần lẻ.", "only an angle's last part has a fraction."), at
        )
    degrees, minutes, seconds = (float((each or "0").replace(",", ".")) for each in numbers)
    if minutes >= 60 or seconds >= 60:
        raise PlaceError(Text("phút và giây phải nhỏ hơn 60.", "minutes and seconds must be below 60."), at)
    found = degrees + minutes / 60 + seconds / 3600
    turned = letter in SOUTH + WEST if letter else sign in ("-", "−")
    return -found if turned else found


def assembled(blocks: Sequence[Sequence[Corner]], kind: str, srid: int, zone: int) -> BaseGeometry:
    """The geometry whose parts or rings are ``blocks``."""
    parts = [placed(block, srid, zone) for block in blocks]
    single = kind.removeprefix("Multi")
    if single == "Point":
        points = [point for part in parts for point in part]
        return in_kind(shapely.MultiPoint(points) if len(points) > 1 else shapely.Point(points[0]), kind)
    least = {"LineString": 2, "Polygon": 3}.get(single)
    if least is None:
        raise PlaceError(Text("lớp này nhận WKT hoặc GeoJSON.", "this collection takes WKT or GeoJSON here."))
    if any(len(part) < least for part in parts):
        raise PlaceError(Text(f"mỗi phần cần ít nhất {least} đỉnh.", f"every part needs {least} vertices."))
    if single == "LineString":
        lines = [shapely.LineString(part) for part in parts]
        return in_kind(shapely.MultiLineString(lines) if len(lines) > 1 else lines[0], kind)
    polygons = polygons_of(parts)
    return in_kind(shapely.MultiPolygon(polygons) if len(polygons) > 1 else polygons[0], kind)


def placed(block: Sequence[Corner], srid: int, zone: int) -> list[Point]:
    """East and north in EPSG:``srid`` of corners that may be typed partly in degrees and partly in metres."""
    own = srid in METRIC
    exact: list[Point | None] = [
        (c.east, c.north) if (c.metric and srid == zone) or (not c.metric and not own) else None
        for c in block
    ]
    moved = {
        metric: [
            at
            for at, (c, known) in enumerate(zip(block, exact, strict=True))
            if known is None and c.metric == metric
        ]
        for metric in (False, True)
    }
    for metric, which in moved.items():
        if not which:
            continue
        points: BaseGeometry = shapely.MultiPoint([(block[at].east, block[at].north) for at in which])
        if metric:
            if zone not in METRIC:
                raise PlaceError(Text("không có hệ tọa độ này.", "there is no such coordinate system."))
            points = in_degrees(points, zone)
        if own:
            points = from_lonlat(points, METRIC[srid])
        for at, (east, north) in zip(which, shapely.get_coordinates(points), strict=True):
            exact[at] = (float(east), float(north))
    return [point for point in exact if point is not None]


def polygons_of(rings: Sequence[Sequence[Point]]) -> list[shapely.Polygon]:
    """Polygons whose holes are the rings that lie in another one, as deep as they go."""
    areas = [shapely.Polygon(ring) for ring in rings]
    if len(areas) == 1:
        return areas
    if not all(area.is_valid for area in areas):
        raise PlaceError(Text("ranh tự cắt.", "a border crosses itself."))
    spots = [area.representative_point() for area in areas]
    around: list[list[int]] = [[] for _ in areas]
    for at, other in zip(*shapely.STRtree(areas).query(spots, predicate="within").tolist(), strict=True):
        # A ring's own inside point may lie in a hole of it: only a larger ring is around it.
        if areas[other].area > areas[at].area:
            around[at].append(other)
    holes: dict[int, list[Sequence[Point]]] = {
        at: [] for at, outer in enumerate(around) if len(outer) % 2 == 0
    }
    for at, outer in enumerate(around):
        if len(outer) % 2:
            holes[min(outer, key=lambda i: areas[i].area)].append(rings[at])
    return [shapely.Polygon(rings[at], inner) for at, inner in holes.items()]


# WKT and GeoJSON ---------------------------------------------------------------------------------------------------


def read_written(text: str, srid: int) -> BaseGeometry:
    """A geometry in (E)WKT, x east, in its SRID or else EPSG:``srid``; or in GeoJSON, which is longitude, latitude."""
    named, body = re.match(r"\s*(?:SRID=(\d{4,6});)?(.*)", text, re.DOTALL | re.IGNORECASE).groups()  # type: ignore[union-attr]
    try:
        if body.lstrip().startswith("{"):
            geometry = json.loads(body)
            plain = json.dumps(geometry.get("geometry", geometry))
            shape, given = shapely.from_geojson(not_deep(plain)), CRS84.srid
        else:
            shape, given = shapely.from_wkt(not_deep(body)), int(named or srid)
    except PlaceError:
        raise
    except (ValueError, AttributeError, TypeError, GEOSException, ShapelyError, RecursionError) as error:
        raise PlaceError(
            Text("không phải tọa độ, WKT hay GeoJSON.", "these are no coordinates, WKT or GeoJSON.")
        ) from error
    if shape is None or shape.is_empty:
        raise PlaceError(Text("hình học rỗng.", "the geometry is empty."))
    shape = shapely.force_2d(shape)
    if given == srid:
        return shape
    if given not in METRIC and given != CRS84.srid:
        raise PlaceError(Text("không có hệ tọa độ này.", "there is no such coordinate system."))
    degrees = in_degrees(shape, given)
    return from_lonlat(degrees, METRIC[srid]) if srid in METRIC else degrees


def not_deep(text: str) -> str:
    """``text``, in which no more than `DEEPEST` brackets stand in each other; PlaceError for any other."""
    signs = np.frombuffer(text.encode(errors="replace"), np.uint8)
    steps = np.isin(signs, list(b"([{")).astype(np.int32) - np.isin(signs, list(b")]}"))
    if len(steps) and np.cumsum(steps).max() > DEEPEST:
        raise PlaceError(Text("lồng nhau quá sâu.", "it is nested too deeply."))
    return text


def in_kind(geometry: BaseGeometry, kind: str) -> BaseGeometry:
    """``geometry`` as ``kind``; PlaceError for another. One part is made a Multi."""
    if kind in ("Geometry", geometry.geom_type):
        return geometry
    if MULTI.get(geometry.geom_type) == kind:
        made: BaseGeometry = getattr(shapely, kind)([geometry])
        return made
    if "Multi" in geometry.geom_type and geometry.geom_type == f"Multi{kind}":
        raise PlaceError(Text("chỉ nhận một phần.", "only one part is taken here."))
    names = CALLED[kind.removeprefix("Multi")]
    raise PlaceError(Text(f"phải là {names.vi}.", f"must be {names.en}."))


CALLED = {
    "Point": Text("điểm", "a point"),
    "LineString": Text("đường", "a line"),
    "Polygon": Text("vùng", "an area"),
}

# Written out -------------------------------------------------------------------------------------------------------


def rings_of(geometry: BaseGeometry) -> Iterable[BaseGeometry]:
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            yield part.exterior
            yield from part.interiors
        else:
            yield part


def write_place(geometry: BaseGeometry, srid: int) -> str:
    """``geometry`` of EPSG:``srid`` for `read_place`: north, east, to the digit that a hand can mean.

    A ring's last corner is its first. What is finer than that is kept by `keep_corners` when the text comes back.
    """
    blocks = []
    for part in rings_of(geometry):
        points = np.asarray(shapely.get_coordinates(part))
        closed = part.geom_type == "LinearRing" and len(points) > 1
        blocks.append(
            [write_corner(east, north, srid) for east, north in (points[:-1] if closed else points).tolist()]
        )
    if geometry.geom_type == "MultiPoint":
        return "\n".join(line for block in blocks for line in block)
    return "\n\n".join("\n".join(lines) for lines in blocks)


def write_corner(east: float, north: float, srid: int) -> str:
    """Millimetres in VN-2000; in degrees as many decimals, without those that are naught."""
    if srid in METRIC:
        return f"{north:.{MOST_DECIMALS_METRIC}f}, {east:.{MOST_DECIMALS_METRIC}f}"
    return ", ".join(f"{value:.{MOST_DECIMALS_DEGREES}f}".rstrip("0").rstrip(".") for value in (north, east))


def written_blocks(text: str, srid: int, zone: int) -> list[list[str]] | None:
    """The corners of ``text``, block by block as typed, written in EPSG:``srid``; None for WKT and GeoJSON.

    PlaceError for a line that is no corner.
    """
    text = nfc(text).replace("\r\n", "\n").strip("\n ")
    if len(text) > MAX_CHARACTERS or is_written(text):
        return None
    return [
        [write_corner(east, north, srid) for east, north in placed(block, srid, zone)]
        for block in read_corners(text)
    ]


def keep_corners(found: BaseGeometry, held: Sequence[BaseGeometry], srid: int) -> BaseGeometry:
    """``found``; its corners that are written as a corner of ``held`` stand where that one does, to the last bit."""
    points = shapely.get_coordinates(found)
    first = shapely.get_coordinates(held[0]) if held else points[:0]
    known: dict[str, tuple[float, float]] = {}
    for shape in held:
        for east, north in shapely.get_coordinates(shape).tolist():
            known.setdefault(write_corner(east, north, srid), (east, north))
    for at, (east, north) in enumerate(points.tolist()):
        written = write_corner(east, north, srid)
        if at < len(first) and written == write_corner(float(first[at, 0]), float(first[at, 1]), srid):
            points[at] = first[at]
        elif written in known:
            points[at] = known[written]
    at = 0
    for part in rings_of(found):
        count = len(shapely.get_coordinates(part))
        if part.geom_type == "LinearRing" and count:
            points[at + count - 1] = points[
                at
            ]  # two corners that are written alike may not part a ring's two ends
        at += count
    kept: BaseGeometry = shapely.transform(found, lambda _: points)
    return kept
