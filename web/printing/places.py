"""The place that somebody types: degrees, metres of the grid, or a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gis_core.audiences import Caller
from gis_core.naming import Speaker, fields_of_name
from gis_core.problems import Problem
from tilesrv.printing.asked import to_grid
from web import city, search
from web.window import Box, to_degrees

NUMBER = r"[-−]?\d+(?:[.,]\d+)*"
# "16,4637; 107,5906", "16.4637, 107.5906", "1.822.300 561.300", and without a space "16.4637,107.5906".
PAIR = re.compile(rf"({NUMBER})\s*(?:;|,\s|\s)\s*({NUMBER})")
TIGHT_PAIR = re.compile(r"([-−]?\d+(?:\.\d+)?),([-−]?\d+(?:\.\d+)?)")
UNITS_OF_ANGLE = re.compile(r"°\s*[BNĐES]?|\b[XYBNĐES][:=]?\s*(?=\d)")
MOST_LATITUDE, MOST_LONGITUDE = 85.0, 180.0
LEAST_METRES = 1000.0  # a number beyond is no angle
MOST_CHOICES = 8


@dataclass(frozen=True)
class Place:
    """A place by its degrees; ``title`` and ``box`` (EPSG:3857) where it is a feature of the city."""

    lon: float
    lat: float
    title: str = ""
    box: Box | None = None

    def name(self, language: str) -> str:
        """What stands in the form for it."""
        return self.title or written(self.lon, self.lat, language)


@dataclass(frozen=True)
class Choice:
    """One of several features that a name means; ``key`` is ``layer/fid``."""

    key: str
    title: str
    subtitle: str


def written(lon: float, lat: float, language: str) -> str:
    """A place as its field shows it, and as `coordinates` reads it."""
    latitude, longitude = f"{lat:.5f}", f"{lon:.5f}"
    if language == "en":
        return f"{latitude}, {longitude}"
    return f"{latitude}; {longitude}".replace(".", ",")


def coordinates(text: str, srid: int) -> tuple[float, float] | None:
    """Longitude and latitude of a text that is a pair of numbers, None for any other; out of range is a ValueError.

    Latitude comes first, unless only the other order can be meant. Metres are those of grid ``srid``, in either order:
    in Việt Nam a northing is always the larger.
    """
    plain = UNITS_OF_ANGLE.sub(" ", text).strip()
    pair = PAIR.fullmatch(plain) or TIGHT_PAIR.fullmatch(plain)
    if pair is None:
        return None
    first, second = (number(each) for each in pair.groups())
    if max(abs(first), abs(second)) >= LEAST_METRES:
        north, east = sorted((metres(each) for each in pair.groups()), reverse=True)
        lon, lat = to_grid(srid).transform(east, north, direction="INVERSE")
    elif abs(first) > MOST_LATITUDE >= abs(second):
        lon, lat = first, second
    else:
        lat, lon = first, second
    if not (abs(lat) <= MOST_LATITUDE and abs(lon) <= MOST_LONGITUDE):
        raise ValueError(text)
    return lon, lat


def number(text: str) -> float:
    """``1.822.300,5``, ``16,4637`` and ``16.4637``: the last sign is that of decimals, unless it comes twice."""
    text = text.replace("−", "-")
    marks = re.findall(r"[.,]", text)
    if not marks:
        return float(text)
    if len(marks) > 1 and marks[-1] == marks[0]:
        return float(re.sub(r"[.,]", "", text))
    whole, _, decimals = text.rpartition(marks[-1])
    return float(f"{re.sub('[.,]', '', whole)}.{decimals}")


def metres(text: str) -> float:
    """A number of which a single sign before three digits groups thousands: ``561.300``."""
    if re.fullmatch(r"\d{1,3}[.,]\d{3}", text):
        return float(re.sub(r"[.,]", "", text))
    return number(text)


def of_feature(caller: Caller, key: str, language: str) -> Place | None:
    """The middle of the feature ``layer/fid``; None where there is none for the caller."""
    layer_id, _, fid = key.partition("/")
    if not fid.isdecimal() or len(fid) > 16:
        return None
    try:
        found = city.feature(caller, layer_id, int(fid))
    except Problem:
        return None
    minx, miny, maxx, maxy = found.box
    lon, lat = to_degrees((minx + maxx) / 2, (miny + maxy) / 2)
    speaker = Speaker(caller, language)
    speaker.learn(fields_of_name(found.layer, caller.audience), [found.values])
    return Place(lon, lat, speaker.name(found.layer, found.values).title, found.box)


def choices(caller: Caller, text: str, language: str) -> Sequence[Choice]:
    """The features that a name means, best first, at most `MOST_CHOICES`; a unit of today that bears it, alone."""
    found = search.search(caller, text, language)
    if not found.ambiguous:
        units = search.unit_hits(caller, search.units_named(text), language)
        today = [hit for hit in units if hit.layer_id == city.UNITS]
        if len(today) == 1:
            return [Choice(f"{hit.layer_id}/{hit.fid}", hit.title, hit.subtitle) for hit in today]
    hits = found.ambiguous or found.hits
    return [Choice(f"{hit.layer_id}/{hit.fid}", hit.title, hit.subtitle) for hit in hits[:MOST_CHOICES]]
