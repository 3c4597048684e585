"""Places as people write them: degrees, or metres of a grid of VN-2000."""

from __future__ import annotations

import re

from tilesrv.printing.asked import to_grid

NUMBER = r"[-−]?\d+(?:[.,]\d+)*"
# "16,4637; 107,5906", "16.4637, 107.5906", "1.822.300 561.300", and without a space "16.4637,107.5906".
PAIR = re.compile(rf"({NUMBER})\s*(?:;|,\s|\s)\s*({NUMBER})")
TIGHT_PAIR = re.compile(r"([-−]?\d+(?:\.\d+)?),([-−]?\d+(?:\.\d+)?)")
UNITS_OF_ANGLE = re.compile(r"°\s*[BNĐES]?|\b[XYBNĐES][:=]?\s*(?=\d)")
MOST_LATITUDE, MOST_LONGITUDE = 85.0, 180.0
LEAST_METRES = 1000.0  # a number beyond is no angle
LEAST_ON_GRID = 100_000.0


def written(lon: float, lat: float, language: str) -> str:
    """A place as its field shows it, and as `coordinates` reads it."""
    latitude, longitude = f"{lat:.5f}", f"{lon:.5f}"
    if language == "en":
        return f"{latitude}, {longitude}"
    return f"{latitude}; {longitude}".replace(".", ",")


def pair_of(text: str) -> tuple[str, str] | None:
    """The two numbers that ``text`` is, as they are written; None where it is anything else."""
    plain = UNITS_OF_ANGLE.sub(" ", text).strip()
    found = PAIR.fullmatch(plain) or TIGHT_PAIR.fullmatch(plain)
    return (found[1], found[2]) if found else None


def is_on_grid(text: str) -> bool:
    """Whether ``text`` is a pair of metres as a grid of VN-2000 has them in Việt Nam: over 100 km each."""
    pair = pair_of(text)
    return pair is not None and min(metres(each) for each in pair) >= LEAST_ON_GRID


def is_in_degrees(text: str) -> bool:
    """Whether ``text`` is a pair of degrees with decimals; two whole numbers may be anything."""
    pair = pair_of(text)
    return pair is not None and all(re.search(r"[.,]\d", each) for each in pair) and not is_on_grid(text)


def coordinates(text: str, srid: int) -> tuple[float, float] | None:
    """Longitude and latitude of a text that is a pair of numbers, None for any other; out of range is a ValueError.

    Latitude comes first, unless only the other order can be meant. Metres are those of grid ``srid``, in either order:
    in Việt Nam a northing is always the larger.
    """
    pair = pair_of(text)
    if pair is None:
        return None
    first, second = (number(each) for each in pair)
    if max(abs(first), abs(second)) >= LEAST_METRES:
        north, east = sorted((metres(each) for each in pair), reverse=True)
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
