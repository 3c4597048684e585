"""The shapes of our icons, for whoever draws them without a program that reads SVG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from xml.etree import ElementTree as ET

import shapely
from fontTools.pens.basePen import BasePen  # type: ignore[import-untyped]
from fontTools.svgLib import SVGPath  # type: ignore[import-untyped]
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from gis_core.styles.colours import Colour
from tilesrv.styles.icons import SVG, Icon, size_of

CURVE_STEPS = 8
SHAPES = frozenset({"path", "rect", "circle", "ellipse", "polygon", "polyline", "line"})
BLACK = Colour(0, 0, 0)
CAPS: Mapping[str, Literal["flat", "round", "square"]] = {
    "butt": "flat",
    "round": "round",
    "square": "square",
}


@dataclass(frozen=True)
class Painted:
    """A shape in px of its icon, from the upper left corner, y down. ``colour`` None: that of the style."""

    geometry: BaseGeometry
    colour: Colour


class Flattening(BasePen):  # type: ignore[misc]
    """Collects contours as points; curves become `CURVE_STEPS` straight pieces."""

    def __init__(self, glyph_set: Mapping[str, Any] | None = None) -> None:
        super().__init__(glyph_set)
        self.contours: list[list[tuple[float, float]]] = []

    def _moveTo(self, point: tuple[float, float]) -> None:
        self.contours.append([point])

    def _lineTo(self, point: tuple[float, float]) -> None:
        self.contours[-1].append(point)

    def _curveToOne(self, one: Any, two: Any, end: Any) -> None:
        start = self.contours[-1][-1]
        for step in range(1, CURVE_STEPS + 1):
            t = step / CURVE_STEPS
            a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            self.contours[-1].append(
                (
                    a * start[0] + b * one[0] + c * two[0] + d * end[0],
                    a * start[1] + b * one[1] + c * two[1] + d * end[1],
                )
            )

    def _closePath(self) -> None:
        if self.contours[-1][0] != self.contours[-1][-1]:
            self.contours[-1].append(self.contours[-1][0])


def even_odd(contours: Iterable[Sequence[tuple[float, float]]]) -> BaseGeometry:
    """The areas that lie within an odd number of ``contours``."""
    shape: BaseGeometry = Polygon()
    for contour in contours:
        if len(contour) > 3:
            shape = shape.symmetric_difference(Polygon(contour).buffer(0))
    return shape


@cache
def icon_shapes(icon: Icon) -> tuple[Painted, ...]:
    """The painted shapes of ``icon``, the lowest first: fills by the even-odd rule, strokes with round joins."""
    root = ET.fromstring(icon.text)
    width, height = size_of(root)
    box = [float(part) for part in root.get("viewBox", f"0 0 {width} {height}").split()]
    placed = [width / box[2], 0, 0, height / box[3], -box[0] * width / box[2], -box[1] * height / box[3]]
    found = []
    for element, paint in _walk(root, {}):
        for geometry, colour in _painted(element, paint):
            moved = shapely.affinity.affine_transform(geometry, placed)
            found.append(Painted(moved, colour))
    return tuple(found)


def _walk(element: ET.Element, inherited: dict[str, str]) -> list[tuple[ET.Element, dict[str, str]]]:
    """Shapes with the paint that they inherit."""
    paint = {**inherited, **{key: value for key, value in element.attrib.items() if key != "transform"}}
    if element.tag.removeprefix(f"{{{SVG}}}") in SHAPES:
        return [(element, paint)]
    return [found for child in element for found in _walk(child, paint)]


def _painted(element: ET.Element, paint: dict[str, str]) -> list[tuple[BaseGeometry, Colour]]:
    document = ET.Element(f"{{{SVG}}}svg")
    document.append(element)
    pen = Flattening()
    SVGPath.fromstring(ET.tostring(document)).draw(pen)
    found = []
    if (fill := paint.get("fill", "#000000")) != "none":
        found.append((even_odd(pen.contours), _colour(fill, paint)))
    if (stroke := paint.get("stroke", "none")) != "none":
        lines = [LineString(each) for each in pen.contours if len(each) > 1]
        half = float(paint.get("stroke-width", "1")) / 2
        cap = CAPS.get(paint.get("stroke-linecap", "butt"), "flat")
        drawn = shapely.union_all([line.buffer(half, cap_style=cap) for line in lines])
        found.append((drawn, _colour(stroke, paint)))
    return [(geometry, colour) for geometry, colour in found if not geometry.is_empty]


def _colour(text: str, paint: dict[str, str]) -> Colour:
    colour = BLACK if text in ("currentColor", "black") else Colour.parse(text)
    return colour._replace(alpha=float(paint.get("opacity", "1")))
