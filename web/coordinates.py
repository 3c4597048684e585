"""Coordinates in the place of a name, where either may be typed: which texts are some, and how a place is written."""

from __future__ import annotations

import re

import shapely

from gis_core.place_text import PlaceError, read_place
from gis_core.words import Text

NUMBER = r"[-−]?\d+(?:[.,]\d+)*"
# "16,4637; 107,5906", "16.4637, 107.5906", "1.822.300 561.300", and without a space "16.4637,107.5906".
PAIR = re.compile(rf"({NUMBER})\s*(?:;|,\s|\s)\s*({NUMBER})")
TIGHT_PAIR = re.compile(r"([-−]?\d+(?:\.\d+)?),([-−]?\d+(?:\.\d+)?)")
DEGREES = re.compile("[°º˚]")
SIGNS = re.compile(r"°\s*[BNĐES]?|\b[XYBNĐES][:=]?\s*(?=\d)")
MOST_LATITUDE = 85.0  # of a map in Web Mercator
OUT_OF_RANGE = Text("vĩ độ nằm ngoài bản đồ.", "the latitude is beyond the map.")
ON_GRID = re.compile(r"\d{6,}|\d{1,3}(?:[.,]\d{3})+")  # the whole metres of a grid: over 100 km


def written(lon: float, lat: float, language: str) -> str:
    """A place as its field shows it, and as `coordinates` reads it."""
    latitude, longitude = f"{lat:.5f}", f"{lon:.5f}"
    if language == "en":
        return f"{latitude}, {longitude}"
    return f"{latitude}; {longitude}".replace(".", ",")


def pair_of(text: str) -> tuple[str, str] | None:
    """The two numbers that ``text`` is, as they are written; None where it is anything else."""
    plain = SIGNS.sub(" ", text).strip()
    found = PAIR.fullmatch(plain) or TIGHT_PAIR.fullmatch(plain)
    return (found[1], found[2]) if found else None


def is_on_grid(text: str) -> bool:
    """Whether ``text`` is a pair of metres as a grid of VN-2000 has them in Việt Nam: over 100 km each."""
    pair = pair_of(text)
    return pair is not None and all(ON_GRID.match(each) for each in pair)


def is_in_degrees(text: str) -> bool:
    """Whether ``text`` has signs of degrees, or is a pair of numbers with decimals: two whole ones may be anything."""
    if DEGREES.search(text):
        return True
    pair = pair_of(text)
    return pair is not None and all(re.search(r"[.,]\d", each) for each in pair) and not is_on_grid(text)


def coordinates(text: str, srid: int) -> tuple[float, float] | None:
    """Longitude and latitude of a text that is a pair of numbers or has signs of degrees, None for any other.

    Raises ValueError where it is out of range, or is no place after all.

    Metres are those of the grid ``srid``; all else is as `gis_core.place_text` reads a corner.
    """
    if pair_of(text) is None and not DEGREES.search(text):
        return None
    point = read_place(text.replace("−", "-"), "Point", 4326, srid)
    lon, lat = shapely.get_coordinates(point)[0].tolist()
    if abs(lat) > MOST_LATITUDE:
        raise PlaceError(OUT_OF_RANGE)
    return lon, lat
