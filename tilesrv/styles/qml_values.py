"""Properties of a style layer as QGIS takes them: a value that stands still, and an expression where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gis_core.styles.colours import Colour
from gis_core.styles.folding import fold
from gis_core.styles.model import StyleLayer
from gis_core.styles.nodes import Expr, Literal
from gis_core.styles.properties import PROPERTIES
from tilesrv.styles.colours import is_colour
from tilesrv.styles.legend import SEEN_AT
from tilesrv.styles.qgis_expression import QgisWriter, colour_text
from tilesrv.styles.scales import MM_OF_PX, mm


@dataclass(frozen=True)
class Given:
    """``text`` for QGIS's option; ``expression``, if any, is asked before it."""

    text: str
    expression: str | None = None

    def times(self, factor: float) -> Given:
        """The number, enlarged."""
        changed = f"({self.expression}) * {factor:g}" if self.expression is not None else None
        return Given(f"{float(self.text) * factor:.6g}", changed)


class Values:
    """The properties of one style layer."""

    def __init__(self, layer: StyleLayer, writer: QgisWriter) -> None:
        self.layer = layer
        self.writer = writer
        self.zoom = min(max(SEEN_AT, layer.minzoom), max(layer.minzoom, layer.maxzoom - 0.01))

    def default(self, name: str) -> Any:
        return PROPERTIES[self.layer.type][name].default

    def fixed(self, name: str) -> Any:
        """The value that is the same for all features at `zoom`, else the property's default."""
        expr = fold(self.layer.get(name), self.zoom)
        value = expr.value if isinstance(expr, Literal) else None
        return self.default(name) if value is None else value

    def changes(self, name: str) -> bool:
        return not isinstance(self.layer.get(name), Literal)

    def number(self, name: str, factor: float = 1.0) -> Given:
        """A number times ``factor``."""
        text = f"{self.fixed(name) * factor:.6g}"
        if not self.changes(name):
            return Given(text)
        written = self.writer.value(self.layer.get(name))
        return Given(text, written if factor == 1 else f"({written}) * {factor:.6g}")

    def length(self, name: str) -> Given:
        """Px as millimetres."""
        return self.number(name, MM_OF_PX)

    def total(self, parts: list[tuple[str, float]]) -> Given:
        """The millimetres of several lengths, each times its factor."""
        text = f"{mm(sum(self.fixed(name) * factor for name, factor in parts)):.6g}"
        if not any(self.changes(name) for name, _ in parts):
            return Given(text)
        terms = [f"{factor:g} * ({self.writer.value(self.layer.get(name))})" for name, factor in parts]
        return Given(text, f"({' + '.join(terms)}) * {MM_OF_PX:.6g}")

    def colour(self, name: str, opacity: str | None = None) -> Given:
        """A colour with the opacity that another property gives it; opaque where none does."""
        shown = self.fixed(name)
        shown = shown if is_colour(shown) else self.default(name)
        if opacity is None:
            text = colour_text(Colour.parse(shown)._replace(alpha=1).css)
            return Given(text, self.writer.colour(self.layer.get(name)) if self.changes(name) else None)
        text = colour_text(shown, self.fixed(opacity))
        if not self.changes(name) and not self.changes(opacity):
            return Given(text)
        return Given(text, self._colour_expression(self.layer.get(name), self.layer.get(opacity)))

    def share(self, name: str, opacity: str) -> Given:
        """The opacity of a colour times that of a property, 0 to 1; a colour that differs has its own in it."""
        shown = self.fixed(name)
        alpha = Colour.parse(shown).alpha if is_colour(shown) and not self.changes(name) else 1.0
        return self.number(opacity, alpha)

    def _colour_expression(self, colour: Expr, opacity: Expr) -> str:
        if isinstance(opacity, Literal) and isinstance(opacity.value, int | float):
            return self.writer.colour(colour, opacity.value)
        share = self.writer.value(opacity)
        if isinstance(colour, Literal):
            red, green, blue, alpha = Colour.parse(str(colour.value))
            parts = f"{round(red)}, {round(green)}, {round(blue)}"
            return f"color_rgba({parts}, round({255 * alpha:.6g} * ({share})))"
        written = self.writer.colour(colour)
        return f"set_color_part({written}, 'alpha', color_part({written}, 'alpha') * ({share}))"


def defined(**given: Given) -> dict[str, str]:
    """The expressions among ``given``, by QGIS's name of the property."""
    return {name: each.expression for name, each in given.items() if each.expression is not None}
