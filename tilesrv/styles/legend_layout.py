"""Where a legend's parts stand: one column of swatches with their labels, a heading for each layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gis_core.palette import PRINT_TONES, TONES
from gis_core.styles.colours import Mode
from gis_core.words import Text
from tilesrv.styles.legend import Section
from tilesrv.styles.swatches import HEIGHT, WIDTH, Shape, shapes

MARGIN, GAP, ROW, HEADING = 8.0, 8.0, 24.0, 26.0
INDENT = MARGIN + WIDTH + GAP  # where labels begin
TEXT_PX, HEADING_PX = 13.0, 14.0
WIDEST_PX = 360.0  # a longer label is broken, where nobody asks for less
FACE, HEADING_FACE = "Be Vietnam Pro Regular", "Be Vietnam Pro SemiBold"
NOTHING_TO_SHOW = Text("Không có gì để chú giải", "Nothing to explain")

Measure = Callable[[str, float, str], float]


@dataclass(frozen=True)
class Line:
    """A text with its baseline's start at ``x``, ``y``."""

    text: str
    x: float
    y: float
    size: float
    face: str


@dataclass(frozen=True)
class Placed:
    """A swatch whose box has its upper left corner at ``x``, ``y``."""

    shapes: Sequence[Shape]
    x: float
    y: float


@dataclass(frozen=True)
class Sheet:
    """A legend laid out in px."""

    width: float
    height: float
    lines: Sequence[Line]
    swatches: Sequence[Placed]
    ground: str
    ink: str


def sheet(
    sections: Sequence[Section], language: str, mode: Mode, measure: Measure, widest: float = WIDEST_PX
) -> Sheet:
    """The legend in ``language``; ``measure(text, size, face)`` is the width of a text in px, of a label ``widest``.

    One section with one line needs no heading: its label is the layer's title already.
    """
    lines: list[Line] = []
    swatches: list[Placed] = []
    y, right = MARGIN, 0.0

    def write(text: str, x: float, baseline: float, size: float, face: str) -> None:
        nonlocal right
        lines.append(Line(text, x, baseline, size, face))
        right = max(right, x + measure(text, size, face))

    for section in sections:
        if len(sections) > 1 or len(section.entries) > 1:
            for part in broken(section.title.to(language), measure, widest + INDENT - MARGIN, HEADING_PX):
                write(part, MARGIN, y + 18, HEADING_PX, HEADING_FACE)
                y += HEADING_PX + 4
            y += HEADING - HEADING_PX - 4
        for entry in section.entries:
            swatches.append(Placed(shapes(entry), MARGIN, y + (ROW - HEIGHT) / 2))
            parts = broken(entry.label.to(language), measure, widest)
            for at, part in enumerate(parts):
                write(part, INDENT, y + 16.5 + at * (TEXT_PX + 4), TEXT_PX, FACE)
            y += ROW + (len(parts) - 1) * (TEXT_PX + 4)
    if not lines:
        write(NOTHING_TO_SHOW.to(language), MARGIN, y + 16, TEXT_PX, FACE)
        y += ROW
    ground, ink = colours(mode)
    return Sheet(round(right + MARGIN), round(y + MARGIN), lines, swatches, ground, ink)


def broken(text: str, measure: Measure, widest: float, size: float = TEXT_PX) -> list[str]:
    """``text`` in lines of at most ``widest`` px, broken between words."""
    found = [""]
    for word in text.split():
        longer = f"{found[-1]} {word}".strip()
        if found[-1] and measure(longer, size, FACE) > widest:
            found.append(word)
        else:
            found[-1] = longer
    return found


def colours(mode: Mode) -> tuple[str, str]:
    """The ground and the ink of a legend: those of the map's land and of the pages' text."""
    if mode == "night":
        return TONES["map-land"].dark, TONES["text"].dark
    ground = PRINT_TONES["map-land"] if mode == "print" else TONES["map-land"].light
    return ground, TONES["text"].light
