"""What a style gives a feature in a small picture: one fill, one line, one sign; colours as CSS says them.

The palette's names stay names (``var(--map-water)``), so that the picture follows day and night by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gis_core.styles.evaluation import evaluate
from gis_core.styles.model import MapStyle, StyleLayer
from gis_core.styles.properties import PROPERTIES
from web.symbols import is_symbol

HATCH = "url(#s-hatch)"  # every pattern is drawn as this one
MOST_WIDTH = 6.0  # px; a road of zoom 18 would cover the whole of a small picture


@dataclass(frozen=True)
class Paint:
    """How a line or area is drawn. Empty colours are not drawn; ``width`` in px; ``dash`` as SVG has it."""

    fill: str = ""
    fill_opacity: float = 1.0
    stroke: str = ""
    width: float = 0.0
    dash: str = ""
    stroke_opacity: float = 1.0

    @property
    def is_seen(self) -> bool:
        return bool(self.fill or self.stroke)

    def attributes(self, around: Paint | None = None) -> list[tuple[str, str]]:
        """SVG's attributes, those that are other than in the group ``around``."""
        before = dict(around.attributes()) if around else {}
        own = {
            "fill": self.fill or "none",
            "fill-opacity": f"{self.fill_opacity:g}",
            "stroke": self.stroke or "none",
            "stroke-width": f"{self.width:.3g}",
            "stroke-dasharray": self.dash or "none",
            "stroke-opacity": f"{self.stroke_opacity:g}",
        }
        return [(name, value) for name, value in own.items() if before.get(name) != value]


@dataclass(frozen=True)
class Sign:
    """How a point is drawn."""

    symbol: str
    colour: str


def css_colour(value: Any) -> str:
    """A colour of a style in CSS; none for what is not drawn at all."""
    if not isinstance(value, str) or value == "transparent":
        return ""
    return f"var(--{value[1:]})" if value.startswith("@") else value


class Brush:
    """A style at one zoom. Where drawings lie on each other, areas show the uppermost fill,
    lines the colour of their casing in the width of what lies on it."""

    def __init__(self, style: MapStyle, zoom: float) -> None:
        self._zoom = zoom
        self._drawings = [each for each in style.layers if each.is_drawn_at(zoom)]

    @property
    def fields(self) -> set[str]:
        """The properties of features that the drawings speak of."""
        return set().union(*(each.fields() for each in self._drawings))

    def shape(self, properties: Mapping[str, Any], geometry: str) -> Paint:
        """The paint of a line or area; nothing of it is drawn where no drawing takes the feature."""
        fill: dict[str, Any] = {}
        line: dict[str, Any] = {}
        for layer in self._taking(properties, geometry):

            def value(name: str, layer: StyleLayer = layer) -> Any:
                return self._value(layer, name, properties, geometry)

            if layer.type in ("fill", "fill-extrusion") and geometry.endswith("Polygon"):
                hatched = layer.type == "fill" and value("fill-pattern")
                fill = {
                    "fill": HATCH if hatched else css_colour(value(f"{layer.type}-color")),
                    "fill_opacity": value(f"{layer.type}-opacity"),
                }
            elif layer.type == "line":
                if value("line-width") >= line.get("width", 0):
                    line = self._line(value)
                else:  # the line on its casing, which is what makes it seen
                    line["width"] = value("line-width")
        return Paint(**fill, **line)

    @staticmethod
    def _line(value: Any) -> dict[str, Any]:
        width = min(value("line-width"), MOST_WIDTH)
        return {
            "stroke": css_colour(value("line-color")),
            "width": width,
            "dash": " ".join(f"{part * max(width, 1):g}" for part in value("line-dasharray") or ()),
            "stroke_opacity": value("line-opacity"),
        }

    def sign(self, properties: Mapping[str, Any], geometry: str) -> Sign | None:
        """The sign of a point, None where no drawing takes the feature."""
        found = None
        for layer in self._taking(properties, geometry):
            if layer.type == "circle":
                colour = self._value(layer, "circle-color", properties, geometry)
                found = Sign("circle", css_colour(colour))
            elif layer.type == "symbol":
                image = self._value(layer, "icon-image", properties, geometry)
                if image:
                    colour = self._value(layer, "icon-color", properties, geometry)
                    found = Sign(image if is_symbol(image) else "square", css_colour(colour))
        return found

    def _taking(self, properties: Mapping[str, Any], geometry: str) -> Iterator[StyleLayer]:
        for layer in self._drawings:
            taken = layer.filter is None or evaluate(
                layer.filter, properties, zoom=self._zoom, geometry=geometry
            )
            if taken is True:
                yield layer

    def _value(self, layer: StyleLayer, name: str, properties: Mapping[str, Any], geometry: str) -> Any:
        found = evaluate(layer.get(name), properties, zoom=self._zoom, geometry=geometry)
        return found if found is not None else PROPERTIES[layer.type][name].default
