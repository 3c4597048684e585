"""A legend in columns: as large as there is room for, and what finds none goes on to the next page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gis_core.styles.colours import Mode
from tilesrv.printing.paper import MM, Rect
from tilesrv.styles.legend import Section
from tilesrv.styles.legend_layout import INDENT, MARGIN, Sheet, sheet
from tilesrv.styles.legend_png import text_width

# Points to a px of the legend, tried one after the other: 7 to 5.5 points for a letter.
SIZES = (0.55, 0.48, 0.42)
COLUMN = 58 * MM


@dataclass(frozen=True)
class Placed:
    """A piece of the legend with its lower left corner at ``x``, ``y``; ``scale`` in points to a px."""

    piece: Sheet
    x: float
    y: float
    scale: float


@dataclass(frozen=True)
class Room:
    """Columns of ``width`` points in ``place``; a legend is drawn with ``scale`` points to a px."""

    place: Rect
    width: float
    scale: float
    language: str
    mode: Mode

    def laid_out(self, section: Section) -> Sheet:
        """The section with labels broken to the column; the paper is its ground."""
        widest = self.width / self.scale - INDENT - MARGIN
        laid_out = sheet([section], self.language, self.mode, text_width, widest=widest)
        return replace(laid_out, ground="#ffffff")

    def height(self, section: Section) -> float:
        return self.laid_out(section).height * self.scale

    def entries_within(self, section: Section, height: float) -> int:
        """How many of the section's first lines are at most ``height`` high; never all but one, nor only one."""
        low, high = 0, len(section.entries)
        while low < high:
            middle = (low + high + 1) // 2
            fits = self.height(replace(section, entries=section.entries[:middle])) <= height
            low, high = (middle, high) if fits else (low, middle - 1)
        total = len(section.entries)
        if low == total:
            return low
        low = min(low, total - 2)
        return low if low >= 2 else 0


def in_columns(
    sections: Sequence[Section], place: Rect, growth: float, language: str, mode: Mode
) -> tuple[list[Placed], list[Section]]:
    """The pieces that find room in ``place`` (points), and what is left; letters shrink before anything is left."""
    count = max(1, int((place.width + 2 * MM) / (COLUMN * growth)))
    rooms = [Room(place, place.width / count, size * growth, language, mode) for size in SIZES]
    for room in rooms:
        placed, rest = filled(sections, room, count)
        if not rest:
            return placed, rest
    return filled(sections, rooms[1], count)


def filled(sections: Sequence[Section], room: Room, columns: int) -> tuple[list[Placed], list[Section]]:
    """The sections one below the other, column by column, and what found no room."""
    placed: list[Placed] = []
    left = list(sections)
    for column in range(columns):
        high = room.place.height
        while left:
            section = left[0]
            taken = room.entries_within(section, high)
            if high == room.place.height and not taken:
                taken = 1  # a label higher than the room must not stop all that follow
            if not taken:
                break
            piece = room.laid_out(replace(section, entries=section.entries[:taken]))
            high -= piece.height * room.scale
            x, y = room.place.x + column * room.width, room.place.y + high
            placed.append(Placed(piece, x, y, room.scale))
            left[:1] = (
                [replace(section, entries=section.entries[taken:])] if taken < len(section.entries) else []
            )
    return placed, left
