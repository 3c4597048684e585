"""What a picture of the map is made of: shapes, marks and names, and how names find room in it (px)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

from web.paint import Paint, Sign
from web.window import Window

SYMBOL = 16  # px

# Be Vietnam Pro at 13 px: mean advance of Vietnamese text, and the height of a line.
LETTER, LINE = 6.9, 16.0


@dataclass(frozen=True)
class Shape:
    """A line or area: an SVG path on the grid of half px. ``key`` is ``layer/fid``; ``x``, ``y`` a point on it (px)."""

    key: str
    title: str
    paint: Paint
    path: str
    x: float
    y: float
    size: float


@dataclass(frozen=True)
class Mark:
    """A point, or ``count`` of them standing together; ``x``, ``y`` in px."""

    key: str
    title: str
    sign: Sign
    x: float
    y: float
    count: int

    @property
    def radius(self) -> int:
        """Grows with the number of digits, which is all that a reader can tell apart at this size."""
        return 8 + 2 * len(str(self.count))

    @property
    def left(self) -> str:
        return f"{self.x - SYMBOL / 2:.1f}"

    @property
    def top(self) -> str:
        return f"{self.y - SYMBOL / 2:.1f}"


@dataclass(frozen=True)
class Name:
    """A name that found room in the picture, in one or two lines around ``x``, ``y`` (px)."""

    lines: Sequence[str]
    x: float
    y: float
    at_sea: bool = False

    @property
    def placed(self) -> list[tuple[str, str, str]]:
        """(line, x, y of its baseline) for each line."""
        first = self.y + LINE * 0.3 - (len(self.lines) - 1) * LINE / 2
        return [(line, f"{self.x:.0f}", f"{first + at * LINE:.0f}") for at, line in enumerate(self.lines)]


Area = tuple[float, float, float, float]
# Where a name is tried: on its point, then a little above and below.
OFFSETS = (0.0, 14.0, -14.0, 24.0, -24.0)


def place_names(shapes: Sequence[Shape], window: Window, obstacles: Sequence[Mark]) -> list[Name]:
    """Names of areas, largest first, each where it neither leaves the picture nor touches a count or another name."""
    taken: list[Area] = [reach(mark) for mark in obstacles if mark.count > 1]
    names = []
    for shape in sorted(shapes, key=lambda each: -each.size):
        name = fitting_name(shape)
        if name is None:
            continue
        for offset in OFFSETS:
            moved = replace(name, y=name.y + offset)
            box = extent_of(moved)
            inside = box[0] >= 0 and box[1] >= 0 and box[2] <= window.width and box[3] <= window.height
            if inside and all(apart(box, other) for other in taken):
                taken.append(box)
                names.append(moved)
                break
    return names


def reach(mark: Mark) -> Area:
    half = mark.radius
    return mark.x - half, mark.y - half, mark.x + half, mark.y + half


def extent_of(name: Name) -> Area:
    half = max(len(line) for line in name.lines) * LETTER / 2 + 2
    tall = len(name.lines) * LINE / 2 + 1
    return name.x - half, name.y - tall, name.x + half, name.y + tall


def fitting_name(shape: Shape) -> Name | None:
    """The name in one line where the area is about that wide, in two where it is not, None where it is too small."""
    across = shape.size**0.5
    words = shape.title.split()
    if not words or across < LINE:
        return None
    if len(shape.title) * LETTER <= across * 1.6 or len(words) == 1:
        return Name([shape.title], shape.x, shape.y)
    middle = (len(words) + 1) // 2
    return Name([" ".join(words[:middle]), " ".join(words[middle:])], shape.x, shape.y)


def in_lines(title: str) -> list[str]:
    """A title in lines of some twenty letters, at most three of them."""
    lines = wrap(title, 22) or [""]
    return lines if len(lines) <= 3 else [*lines[:2], f"{lines[2]} …"]


def apart(one: Area, other: Area) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
