"""The grid of a sheet: lines of equal easting and northing, and what is written at their ends."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

from gis_core.spoken import number
from tilesrv.grid import Box
from tilesrv.printing.paper import MM, Rect

APART_MM = 40  # lines are about so far apart on paper


@dataclass(frozen=True)
class GridLine:
    """A line of the sheet at ``at`` points from its left (``axis`` x) or lower edge (y); ``value`` in metres."""

    axis: str
    at: float
    value: int


def spacing(scale: int) -> int:
    """Metres between lines: 1, 2 or 5 times a power of ten, nearest below `APART_MM` and a half on paper."""
    wanted = APART_MM * 1.5 / 1000 * scale
    power = 10 ** floor(log10(wanted))
    return int(max(step * power for step in (1, 2, 5) if step * power <= wanted))


def grid_lines(box: Box, frame: Rect, scale: int) -> list[GridLine]:
    """All lines that cross the map."""
    step = spacing(scale)
    points_per_metre = 1000 * MM / scale
    found = []
    for axis, low, high, start in (("x", box[0], box[2], frame.x), ("y", box[1], box[3], frame.y)):
        for at in range(ceil(low / step) * step, floor(high / step) * step + 1, step):
            found.append(GridLine(axis, start + (at - low) * points_per_metre, at))
    return found


def written(value: int, language: str) -> str:
    """A whole number as maps write it: 1.822.500, in English 1,822,500."""
    return number(value, language)


def bar_length(scale: int, most: float) -> int:
    """Metres of the scale bar: the longest of 1, 2 or 5 times a power of ten that is at most ``most`` points."""
    metres = most / MM / 1000 * scale
    power = 10 ** floor(log10(metres))
    return int(max(step * power for step in (1, 2, 5) if step * power <= metres)) or 1
