"""What a legend's swatch is drawn with: a few shapes in a box of px, from the looks that the style gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gis_core.styles.colours import Colour
from tilesrv.assets import ICON_PX
from tilesrv.styles.legend import Drawn, Entry

WIDTH, HEIGHT = 30.0, 20.0
INSET = 3.0  # of an area's edge, so that its outline is seen whole
WIDEST_LINE = 12.0
LARGEST_MARK = 18.0
LARGEST_LETTERS = 14.0
SAMPLE = "Abc"

Point = tuple[float, float]


@dataclass(frozen=True)
class Area:
    points: tuple[Point, ...]
    fill: Colour


@dataclass(frozen=True)
class Pattern:
    points: tuple[Point, ...]
    icon: str
    opacity: float


@dataclass(frozen=True)
class Stroke:
    """``dashes`` in px; ``closed`` for the edge of an area."""

    points: tuple[Point, ...]
    colour: Colour
    width: float
    dashes: tuple[float, ...] = ()
    cap: str = "butt"
    join: str = "miter"
    closed: bool = False


@dataclass(frozen=True)
class Disc:
    """``radius`` is that of the fill; the stroke lies around it."""

    centre: Point
    radius: float
    fill: Colour
    edge: Colour
    width: float


@dataclass(frozen=True)
class Mark:
    """An icon about ``centre``, ``size`` px for each of its own px; ``tint`` and ``halo`` for silhouettes."""

    centre: Point
    icon: str
    size: float
    turn: float
    tint: Colour
    halo: Colour
    halo_width: float
    opacity: float


@dataclass(frozen=True)
class Letters:
    text: str
    centre: Point
    size: float
    face: str
    colour: Colour
    halo: Colour
    halo_width: float


Shape = Area | Pattern | Stroke | Disc | Mark | Letters

BOX: tuple[Point, ...] = (
    (INSET, INSET),
    (WIDTH - INSET, INSET),
    (WIDTH - INSET, HEIGHT - INSET),
    (INSET, HEIGHT - INSET),
)
WAY: tuple[Point, ...] = ((1.0, HEIGHT - 6), (WIDTH / 3, 6.0), (2 * WIDTH / 3, HEIGHT - 6), (WIDTH - 1, 6.0))
MIDDLE: Point = (WIDTH / 2, HEIGHT / 2)


def shapes(entry: Entry) -> list[Shape]:
    """The shapes of a line's swatch, the lowest first."""
    return [shape for drawn in entry.drawn for shape in SHAPES[drawn.type](drawn, entry)]


def _faded(css: str, opacity: float) -> Colour:
    colour = Colour.parse(css)
    return colour._replace(alpha=colour.alpha * opacity)


def _fill(drawn: Drawn, entry: Entry) -> Iterator[Shape]:
    look = dict(drawn.look)
    opacity = look["fill-opacity"]
    if look["fill-pattern"] is not None:
        yield Pattern(BOX, look["fill-pattern"], opacity)
        return
    yield Area(BOX, _faded(look["fill-color"], opacity))
    edge = _faded(look["fill-outline-color"], opacity)
    if edge.alpha > 0:
        yield Stroke(BOX, edge, 1.0, closed=True)


def _extrusion(drawn: Drawn, entry: Entry) -> Iterator[Shape]:
    look = dict(drawn.look)
    yield Area(BOX, _faded(look["fill-extrusion-color"], look["fill-extrusion-opacity"]))


def _line(drawn: Drawn, entry: Entry) -> Iterator[Shape]:
    look = dict(drawn.look)
    width = min(look["line-width"], WIDEST_LINE)
    if width <= 0:
        return
    yield Stroke(
        BOX if entry.kind in ("area", "cell") else WAY,
        _faded(look["line-color"], look["line-opacity"]),
        width,
        tuple(each * width for each in look["line-dasharray"]),
        look["line-cap"],
        look["line-join"],
        closed=entry.kind in ("area", "cell"),
    )


def _circle(drawn: Drawn, entry: Entry) -> Iterator[Shape]:
    look = dict(drawn.look)
    width = look["circle-stroke-width"]
    share = min(1.0, LARGEST_MARK / max(2 * (look["circle-radius"] + width), 1e-6))
    yield Disc(
        MIDDLE,
        look["circle-radius"] * share,
        _faded(look["circle-color"], look["circle-opacity"]),
        _faded(look["circle-stroke-color"], look["circle-stroke-opacity"]),
        width * share,
    )


def _symbol(drawn: Drawn, entry: Entry) -> Iterator[Shape]:
    look = dict(drawn.look)
    if look["icon-image"] is not None:
        yield _mark(look)
    elif entry.kind == "name":
        yield Letters(
            shouted(SAMPLE, look["text-transform"]),
            MIDDLE,
            min(look["text-size"], LARGEST_LETTERS),
            look["text-font"][0],
            _faded(look["text-color"], look["text-opacity"]),
            _faded(look["text-halo-color"], look["text-opacity"]),
            look["text-halo-width"],
        )


def _mark(look: Mapping[str, Any]) -> Mark:
    return Mark(
        MIDDLE,
        look["icon-image"],
        min(look["icon-size"], LARGEST_MARK / ICON_PX),
        look["icon-rotate"],
        Colour.parse(look["icon-color"]),
        Colour.parse(look["icon-halo-color"]),
        look["icon-halo-width"],
        look["icon-opacity"],
    )


def shouted(text: str, transform: str) -> str:
    return {"uppercase": text.upper(), "lowercase": text.lower()}.get(transform, text)


SHAPES: Mapping[str, Callable[[Drawn, Entry], Iterator[Shape]]] = {
    "fill": _fill,
    "line": _line,
    "circle": _circle,
    "symbol": _symbol,
    "fill-extrusion": _extrusion,
}
