"""The sheet of paper and where its parts stand. Lengths are points of 1/72 inch, from the lower left corner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Orientation = Literal["portrait", "landscape"]
MM = 72 / 25.4
PAPERS_MM = {
    "A4": (210, 297),
    "A3": (297, 420),
    "A2": (420, 594),
    "A1": (594, 841),
    "A0": (841, 1189),
}  # ISO 216
MARGIN = 15 * MM
BAND = 5 * MM  # around the map, for the coordinates of its grid
HEAD = 16 * MM
FOOT = 40 * MM  # scale, sources, seal
LEGEND = 62 * MM  # a column beside the map where there is room, else a part of the foot
PX = 0.75  # points to a CSS px of 1/96 inch, in which styles are written


@dataclass(frozen=True)
class Rect:
    x: float
    y: float
    width: float
    height: float

    @property
    def top(self) -> float:
        return self.y + self.height

    @property
    def right(self) -> float:
        return self.x + self.width


@dataclass(frozen=True)
class Layout:
    """``map`` is a whole number of points wide and high, so that Mapnik's page is exactly as large."""

    width: float
    height: float
    head: Rect
    map: Rect
    legend: Rect
    foot: Rect


def layout(paper: str, orientation: Orientation) -> Layout:
    """The parts of a sheet of ``paper``, a key of `PAPERS_MM`."""
    short, long = PAPERS_MM[paper]
    width, height = (short * MM, long * MM) if orientation == "portrait" else (long * MM, short * MM)
    inner = width - 2 * MARGIN
    foot = Rect(MARGIN, MARGIN, inner, FOOT)
    head = Rect(MARGIN, height - MARGIN - HEAD, inner, HEAD)
    beside = orientation == "landscape" or paper != "A4"
    wide = inner - (LEGEND if beside else 0) - 2 * BAND
    below = foot.top + (0 if beside else LEGEND * 0.75)
    high = head.y - below - 2 * BAND
    frame = Rect(MARGIN + BAND, below + BAND, float(int(wide)), float(int(high)))
    if beside:
        legend = Rect(frame.right + BAND + 4 * MM, frame.y, LEGEND - 4 * MM, frame.height)
    else:
        legend = Rect(MARGIN, foot.top, inner, LEGEND * 0.75 - 2 * MM)
    return Layout(width, height, head, frame, legend, foot)
