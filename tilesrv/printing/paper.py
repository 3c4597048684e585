"""The sheet of paper and where its parts stand. Lengths are points of 1/72 inch, from the lower left corner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Orientation = Literal["portrait", "landscape"]
ORIENTATIONS: tuple[Orientation, ...] = ("portrait", "landscape")
MM = 72 / 25.4
PAPERS_MM = {
    "A4": (210, 297),
    "A3": (297, 420),
    "A2": (420, 594),
    "A1": (594, 841),
    "A0": (841, 1189),
}  # ISO 216
# What stands around the map grows with the sheet, since a large one is read from farther off.
GROWTH = {"A4": 1.0, "A3": 1.1, "A2": 1.35, "A1": 1.7, "A0": 2.2}
MARGIN = 15 * MM
BAND = 5 * MM  # around the map, for the coordinates of its grid
HEAD = 16 * MM
FOOT = {"portrait": 43 * MM, "landscape": 37 * MM}  # scale, sources, seal; longer lines are fewer
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
    """``map`` is a whole number of points wide and high, so that Mapnik's page is exactly as large.

    ``growth`` is how many times larger than on A4 everything but the map is; ``legend`` is None where the map has
    its room too.
    """

    width: float
    height: float
    growth: float
    head: Rect
    map: Rect
    legend: Rect | None
    foot: Rect

    @property
    def body(self) -> Rect:
        """The room of a page of words that follows the sheet."""
        return Rect(MARGIN, MARGIN, self.head.width, self.head.y - MARGIN)


def layout(paper: str, orientation: Orientation, *, legend: bool = True) -> Layout:
    """The parts of a sheet of ``paper``, a key of `PAPERS_MM`, with room for a ``legend`` or none."""
    short, long = PAPERS_MM[paper]
    growth = GROWTH[paper]
    width, height = (short * MM, long * MM) if orientation == "portrait" else (long * MM, short * MM)
    inner = width - 2 * MARGIN
    band, column = BAND * growth, LEGEND * growth
    foot = Rect(MARGIN, MARGIN, inner, FOOT[orientation] * growth)
    head = Rect(MARGIN, height - MARGIN - HEAD * growth, inner, HEAD * growth)
    beside = legend and (orientation == "landscape" or paper != "A4")
    under = column * 0.75 if legend and not beside else 0.0
    wide = inner - (column if beside else 0) - 2 * band
    high = head.y - foot.top - under - 2 * band
    frame = Rect(MARGIN + band, foot.top + under + band, float(int(wide)), float(int(high)))
    place = None
    if beside:
        gap = 4 * MM * growth
        place = Rect(
            frame.right + band + gap, frame.y, MARGIN + inner - frame.right - band - gap, frame.height
        )
    elif legend:
        place = Rect(MARGIN, foot.top, inner, under - 2 * MM)
    return Layout(width, height, growth, head, frame, place, foot)
