"""What one feature is drawn as: the values of all properties of a style layer for it, at one zoom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from gis_core.layer import FieldType
from gis_core.styles.evaluation import evaluate, is_among
from gis_core.styles.folding import fold
from gis_core.styles.model import StyleLayer
from gis_core.styles.nodes import Case, Coalesce, Concat, Expr, Get, Literal, Match, Scalar, ToString
from gis_core.styles.properties import PROPERTIES, Property
from tilesrv.styles.classes import Class, Inputs, classes, sampled
from tilesrv.styles.colours import is_colour

MOST_CLASSES = 4_000  # combinations that are looked at for one style layer and zoom
# How finely a number that comes straight from a feature is told apart, by what it is for.
SIZES = (0.5, 1.5, 2.5, 3.5, 5.0, 7.0, 9.0, 12.0, 16.0, 22.0, 30.0, 40.0, 56.0, 80.0, 112.0, 160.0)
ANGLES = tuple(float(angle) for angle in range(-345, 375, 30))
SHARES = (0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95)

# Who goes before whom where there is no room: no look.
ORDER = frozenset(
    {"symbol-sort-key", "icon-allow-overlap", "text-allow-overlap", "icon-optional", "text-optional"}
)

Look = tuple[tuple[str, Any], ...]


class Looks:
    """The looks that a style layer gives to features with fields of the given types and ``geometry`` (`GeometryKind`),
    at ``zoom``."""

    def __init__(
        self, layer: StyleLayer, zoom: float, fields: Mapping[str, FieldType], geometry: str
    ) -> None:
        self._layer = layer
        self._fields = fields
        self._geometry = geometry
        self._kinds = PROPERTIES[layer.type]
        self._folded = {name: fold(layer.get(name), zoom) for name in self._kinds if name not in ORDER}

    def look(self, samples: Mapping[Expr, Scalar]) -> Look | None:
        """Every property's value for a feature whose inputs are ``samples``; None where it is not drawn.

        The value of ``text-field`` are the texts and fields that stand in it.
        """
        if self._layer.filter is not None and self._value(self._layer.filter, samples) is not True:
            return None
        values: dict[str, Any] = {}
        for name, expr in self._folded.items():
            if name == "text-field":
                values[name] = self.pieces(expr, samples)
            else:
                values[name] = valued(self._kinds[name], self._value(expr, samples))
        return tuple(sorted(values.items()))

    def inputs(self, *, finely: bool) -> Inputs:
        """What the looks depend on. ``finely`` tells numbers apart that come straight from features."""
        inputs = Inputs(self._fields)
        self.ask(inputs, finely=finely)
        return inputs

    def ask(self, inputs: Inputs, *, finely: bool) -> None:
        if self._layer.filter is not None:
            inputs.condition(self._layer.filter)
        for name, expr in self._folded.items():
            if name == "text-field":
                self._ask_text(inputs, expr)
            else:
                inputs.value(expr, grid(name, self._kinds[name]) if finely else ())

    def classes(self) -> list[Class]:
        """The classes of features that differ in their look, which is None where nothing is drawn."""
        inputs = self.inputs(finely=True)
        if prod(len(each.cells()) for each in inputs.listed) > MOST_CLASSES:
            inputs = self.inputs(finely=False)
        return classes(inputs.listed, self.look)

    def _value(self, expr: Expr, samples: Mapping[Expr, Scalar]) -> Any:
        return evaluate(sampled(expr, samples), {}, geometry=self._geometry)

    def _ask_text(self, inputs: Inputs, expr: Expr) -> None:
        """What decides which text is written; the fields in it are only asked whether they are null."""
        match expr:
            case Concat(terms):
                for term in terms:
                    self._ask_text(inputs, term)
            case ToString(term):
                self._ask_text(inputs, term)
            case _:
                inputs.value(expr)

    def pieces(self, expr: Expr, samples: Mapping[Expr, Scalar]) -> tuple[Expr, ...]:
        """The texts and fields of which a label is made; nulls are left out."""
        match expr:
            case Concat(terms):
                return tuple(piece for term in terms for piece in self.pieces(term, samples))
            case ToString(term):
                return self.pieces(term, samples)
            case Coalesce(terms):
                first = next((term for term in terms if self._value(term, samples) is not None), None)
                return self.pieces(first, samples) if first is not None else ()
            case Case(tests, default):
                holding = (out for test, out in tests if self._value(test, samples) is True)
                return self.pieces(next(holding, default), samples)
            case Match(asked, cases, default):
                given = self._value(asked, samples)
                chosen = next((out for labels, out in cases if is_among(given, labels)), default)
                return self.pieces(chosen, samples)
            case Get():
                return (expr,) if self._value(expr, samples) is not None else ()
        written = self._value(expr, samples)
        return () if written in (None, "") else (Literal(written),)


def grid(name: str, given: Property) -> Sequence[float]:
    if given.kind != "number":
        return ()
    if name == "icon-rotate":
        return ANGLES
    return SHARES if given.high == 1 else SIZES


def valued(given: Property, value: Any) -> Any:
    """``value``, or the default of the property where it is not of its kind; numbers within the bounds."""
    match given.kind:
        case "colour":
            return value if is_colour(value) else given.default
        case "number":
            if isinstance(value, bool) or not isinstance(value, int | float):
                return given.default
            return min(max(float(value), given.low), given.high)
    return given.default if value is None else value
