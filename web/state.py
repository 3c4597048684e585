"""The state of the map page, which lives in its address: place, layers, feature, search. Every view is a link."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from gis_core.problems import Problem, bad_request
from gis_core.words import nfc
from web.window import Box, to_mercator

MIN_ZOOM, MAX_ZOOM = 4.0, 20.0
MAX_LATITUDE = 85.0511
MAX_SEARCH = 200
FEATURE = re.compile(r"([a-z][a-z0-9_]{0,62})/(\d{1,16})(/all)?")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
LAYERS = re.compile(r"[a-z][a-z0-9_]{0,62}(,[a-z][a-z0-9_]{0,62}){0,199}")


@dataclass(frozen=True)
class MapState:
    """What an address asks for; None and empty mean that the page chooses.

    ``zoom`` counts as MapLibre does (512 px tiles); ``lon``, ``lat`` are EPSG:4326 degrees of the centre. ``ground`` is
    False where somebody put out every layer of the ground; else layers that are named alone stand on the whole of it.
    ``day`` is the day that the map shows, None for today. ``whole`` is the feature with all the pieces of its name
    that lie about it (``feature=roads/12/all``). ``spot`` is a place that is marked, longitude and latitude.
    """

    zoom: float | None = None
    lat: float | None = None
    lon: float | None = None
    layers: tuple[str, ...] | None = None
    ground: bool = True
    day: date | None = None
    feature: tuple[str, int] | None = None
    whole: bool = False
    spot: tuple[float, float] | None = None
    q: str = ""

    @property
    def placed(self) -> bool:
        return self.zoom is not None

    def at(self, lon: float, lat: float, zoom: float) -> MapState:
        """The same state over another place."""
        return replace(self, lon=lon, lat=lat, zoom=min(max(zoom, MIN_ZOOM), MAX_ZOOM))

    def query(self) -> str:
        """The address's query, ``?`` included, empty where nothing is chosen. Same order as the islands write it."""
        parts: list[tuple[str, str]] = []
        if self.zoom is not None and self.lat is not None and self.lon is not None:
            parts += [("z", f"{self.zoom:.2f}"), ("lat", f"{self.lat:.5f}"), ("lon", f"{self.lon:.5f}")]
        if self.layers is not None:
            parts.append(("layers", ",".join(self.layers)))
        if not self.ground:
            parts.append(("ground", "0"))
        if self.day is not None:
            parts.append(("t", self.day.isoformat()))
        if self.feature is not None:
            parts.append(("feature", f"{self.feature[0]}/{self.feature[1]}{'/all' if self.whole else ''}"))
        if self.spot is not None:
            parts.append(("at", f"{self.spot[1]:.5f},{self.spot[0]:.5f}"))
        if self.q:
            parts.append(("q", self.q))
        return "?" + urlencode(parts, safe=",/") if parts else ""


def parse_state(query: Mapping[str, str]) -> MapState:
    """Read an address; Problem 400 names the faulty parameter. Parameters of others (utm_source) are left alone."""
    zoom = parse_number(query, "z", 0, 24)
    lat = parse_number(query, "lat", -90, 90)
    lon = parse_number(query, "lon", -180, 180)
    given = [value is not None for value in (zoom, lat, lon)]
    if any(given) and not all(given):
        raise bad_request(
            "incomplete-place",
            "Địa chỉ nêu vị trí bản đồ chưa đủ: cần cả z, lat và lon.",
            "The address names only a part of the place on the map: z, lat and lon are all needed.",
            parameter=("z", "lat", "lon")[given.index(False)],
        )
    state = MapState(
        layers=parse_layers(query),
        ground=query.get("ground") != "0",
        day=parse_day(query),
        feature=parse_feature(query),
        whole=query.get("feature", "").endswith("/all"),
        spot=parse_spot(query),
        q=parse_search(query),
    )
    if zoom is None or lat is None or lon is None:
        return state
    return state.at(lon, min(max(lat, -MAX_LATITUDE), MAX_LATITUDE), zoom)


def parse_number(query: Mapping[str, str], name: str, low: float, high: float) -> float | None:
    text = query.get(name, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise bad_request(
            "bad-number",
            f"Tham số {name} phải là một số từ {low:g} đến {high:g}.",
            f"Parameter {name} must be a number from {low:g} to {high:g}.",
            parameter=name,
        )
    return value


def parse_layers(query: Mapping[str, str]) -> tuple[str, ...] | None:
    """``layers=a,b``; an empty value means no layer at all, an absent one that the page chooses."""
    if "layers" not in query:
        return None
    # A form without script sends one ``layers`` for each box that is ticked.
    many = query.getlist("layers") if hasattr(query, "getlist") else [query["layers"]]
    text = ",".join(part for part in many if part)
    if text and not LAYERS.fullmatch(text):
        raise bad_request(
            "bad-layers",
            "Tham số layers phải là danh sách mã lớp, cách nhau bằng dấu phẩy.",
            "Parameter layers must be a list of layer ids, separated by commas.",
            parameter="layers",
        )
    return tuple(dict.fromkeys(text.split(","))) if text else ()


def parse_day(query: Mapping[str, str]) -> date | None:
    """``t=2025-06-30``, a day of the city; empty means today."""
    text = query.get("t", "")
    if not text:
        return None
    try:
        if not DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise bad_request(
            "bad-day",
            "Tham số t phải là một ngày, ví dụ 2025-06-30.",
            "Parameter t must be a day, for example 2025-06-30.",
            parameter="t",
        ) from None


def parse_feature(query: Mapping[str, str]) -> tuple[str, int] | None:
    text = query.get("feature", "")
    if not text:
        return None
    match = FEATURE.fullmatch(text)
    if not match:
        raise bad_request(
            "bad-feature",
            "Tham số feature phải có dạng lớp/số, ví dụ admin_units/12.",
            "Parameter feature must look like layer/number, for example admin_units/12.",
            parameter="feature",
        )
    return match[1], int(match[2])


def parse_spot(query: Mapping[str, str]) -> tuple[float, float] | None:
    """``at=16.46761,107.58667``, latitude and longitude, as longitude and latitude."""
    text = query.get("at", "")
    if not text:
        return None
    try:
        lat, lon = (float(part) for part in text.split(","))
        if not (abs(lat) <= MAX_LATITUDE and abs(lon) <= 180):
            raise ValueError
    except ValueError:
        raise bad_spot() from None
    return lon, lat


def bad_spot() -> Problem:
    return bad_request(
        "bad-spot",
        "Tham số at phải là vĩ độ và kinh độ, ví dụ 16.46761,107.58667.",
        "Parameter at must be a latitude and a longitude, for example 16.46761,107.58667.",
        parameter="at",
    )


def place_asked(query: Mapping[str, str]) -> tuple[float, float]:
    """``lon`` and ``lat`` in degrees, both needed; a Problem 400 otherwise."""
    found = parse_number(query, "lon", -180, 180), parse_number(query, "lat", -MAX_LATITUDE, MAX_LATITUDE)
    if found[0] is None or found[1] is None:
        raise bad_request(
            "no-place",
            "Cần cả lon và lat (độ) của nơi được hỏi.",
            "Both lon and lat (degrees) of the place are needed.",
            parameter="lon" if found[0] is None else "lat",
        )
    return found[0], found[1]


def parse_box(query: Mapping[str, str]) -> Box:
    """``box=west,south,east,north`` in degrees, as EPSG:3857; Problem 400 where it is missing or none."""
    try:
        west, south, east, north = (float(part) for part in query.get("box", "").split(","))
        fits = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    except ValueError:
        fits = False
    if not fits:
        raise bad_request(
            "bad-box",
            "Tham số box phải gồm bốn số: tây, nam, đông, bắc (độ).",
            "Parameter box must be four numbers: west, south, east, north (degrees).",
            parameter="box",
        )
    low, high = max(south, -MAX_LATITUDE), min(north, MAX_LATITUDE)
    return *to_mercator(west, min(low, MAX_LATITUDE)), *to_mercator(east, max(high, -MAX_LATITUDE))


def parse_search(query: Mapping[str, str]) -> str:
    text = nfc(query.get("q", "")).strip()
    if len(text) > MAX_SEARCH or "\0" in text:
        raise bad_request(
            "bad-search",
            f"Nội dung tìm kiếm dài quá {MAX_SEARCH} ký tự hoặc có ký tự lạ.",
            f"The search text is longer than {MAX_SEARCH} characters or has characters that cannot be searched.",
            parameter="q",
        )
    return text
