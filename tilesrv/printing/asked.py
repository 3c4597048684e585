"""What a request for a printed map says, read strictly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from gis_core.crs import from_degrees
from gis_core.days import CITY_ZONE
from gis_core.problems import Problem, bad_request
from gis_core.styles.colours import Mode
from gis_core.words import nfc
from tilesrv.grid import Box
from tilesrv.parameters import canonical, parse_moment
from tilesrv.printing.paper import MM, ORIENTATIONS, PAPERS_MM, Layout, Orientation, Rect, layout
from tilesrv.styles.book import BASEMAP

PARAMETERS = ("layers", "center", "scale", "paper", "orientation", "crs", "title", "lang", "mode", "t")
SCALES = (100, 1_000_000)
MOST_LAYERS = 20
LONGEST_TITLE = 120
# In the colours for paper, or in those of the screen by day; a sheet of night would be all ink.
SHEET_MODES: tuple[Mode, ...] = ("print", "day")
# What sheets are drawn in: grids whose unit is a metre on the ground, so that the scale holds all over the sheet.
GRIDS = {9214: "VN-2000 / TM-3 107°00'", 3405: "VN-2000 / UTM 48N", 3406: "VN-2000 / UTM 49N"}
CENTER = re.compile(r"(-?\d{1,3}(?:\.\d{1,9})?),(-?\d{1,2}(?:\.\d{1,9})?)")
LAYER = re.compile(r"[a-z][a-z0-9_]*(?::[a-z0-9_-]+)?")


@dataclass(frozen=True)
class Asked:
    """A sheet: ``layers`` are names of `styles.book`, the first undermost; ``center`` is longitude, latitude."""

    layers: tuple[str, ...]
    center: tuple[float, float]
    scale: int
    paper: str
    orientation: Orientation
    srid: int
    title: str
    language: str
    mode: Mode
    at: datetime | None

    @property
    def has_legend(self) -> bool:
        """The ground explains itself."""
        return any(name != BASEMAP for name in self.layers)

    @property
    def layout(self) -> Layout:
        return layout(self.paper, self.orientation, legend=self.has_legend)

    @property
    def box(self) -> Box:
        """minx, miny, maxx, maxy of the map in the sheet's grid, in metres: exactly as long as the scale says."""
        return box_around(self.center, self.srid, self.scale, self.layout.map)


def box_around(center: tuple[float, float], srid: int, scale: int, frame: Rect) -> Box:
    """What a frame (in points) shows of grid ``srid`` at ``scale``: minx, miny, maxx, maxy in metres."""
    x, y = from_degrees(srid).transform(*center)
    half_x, half_y = (side / MM / 1000 * scale / 2 for side in (frame.width, frame.height))
    return x - half_x, y - half_y, x + half_x, y + half_y


def asked_for(given: Mapping[str, str], language: str) -> Asked:
    """The sheet that a request's parameters describe; a 400 Problem names the one at fault."""
    center = CENTER.fullmatch(given.get("center", ""))
    if center is None or abs(float(center[1])) > 180 or abs(float(center[2])) > 85:
        raise refused(
            "center", "kinh độ,vĩ độ của điểm giữa, theo độ", "longitude,latitude of the middle, in degrees"
        )
    scale = given.get("scale", "500")
    if not canonical(scale) or not SCALES[0] <= int(scale) <= SCALES[1]:
        raise refused("scale", "mẫu số tỷ lệ từ 100 đến 1000000", "a scale denominator from 100 to 1000000")
    paper = one_of(given, "paper", "A4", tuple(PAPERS_MM))
    orientation = one_of(given, "orientation", "portrait", ORIENTATIONS)
    srid = one_of(given, "crs", "9214", tuple(str(each) for each in GRIDS))
    moment = printable(parse_moment(given["t"], "t")) if "t" in given else None
    found = Asked(
        layers_named(given.get("layers", "basemap")),
        (float(center[1]), float(center[2])),
        int(scale),
        paper,
        cast(Orientation, orientation),
        int(srid),
        title_of(given.get("title", "")),
        one_of(given, "lang", language, ("vi", "en")),
        cast(Mode, one_of(given, "mode", "print", SHEET_MODES)),
        moment,
    )
    if not all(map(is_finite, found.box)):
        raise refused("center", "một điểm trong vùng của lưới tọa độ", "a place within the area of the grid")
    return found


def printable(moment: datetime) -> datetime:
    """``moment``, if its day is over before the calendar is: the sheet says it in the city's time."""
    try:
        (moment + timedelta(days=1)).astimezone(CITY_ZONE)
    except OverflowError:
        raise refused("t", "một ngày trước 31/12/9999", "a day before 9999-12-31") from None
    return moment


def is_finite(value: float) -> bool:
    return abs(value) < 1e8


def layers_named(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if not 1 <= len(names) <= MOST_LAYERS or not all(LAYER.fullmatch(name) for name in names):
        raise refused(
            "layers",
            f"1 đến {MOST_LAYERS} tên lớp, cách nhau bằng dấu phẩy",
            f"1 to {MOST_LAYERS} names of layers, by commas",
        )
    return names


def title_of(text: str) -> str:
    text = nfc(text).strip()
    if len(text) > LONGEST_TITLE or any(unicodedata.category(letter).startswith("C") for letter in text):
        raise refused(
            "title", f"một dòng tối đa {LONGEST_TITLE} ký tự", f"a line of at most {LONGEST_TITLE} characters"
        )
    return text


def one_of(given: Mapping[str, str], name: str, default: str, known: tuple[str, ...]) -> str:
    value = given.get(name, default)
    if value not in known:
        listed = ", ".join(known)
        raise refused(name, f"một trong: {listed}", f"one of: {listed}")
    return value


def refused(name: str, vi: str, en: str) -> Problem:
    return bad_request("bad-" + name, f"“{name}” phải là {vi}.", f"“{name}” must be {en}.", parameter=name)
