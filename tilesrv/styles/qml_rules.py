"""Style layers as rules of QGIS: one for each class that the colour or the icon tells apart, so that QGIS's legend
speaks of the same classes as ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from gis_core.layer import Layer
from gis_core.styles.model import StyleLayer
from gis_core.styles.nodes import (
    Case,
    Compare,
    Expr,
    Get,
    In,
    Literal,
    Logic,
    Match,
    Not,
    Step,
    ToString,
    Zoom,
    rebuilt,
)
from gis_core.styles.nodes import children as children_of
from gis_core.styles.standard import Kind
from gis_core.words import Text
from tilesrv.styles.qgis_expression import QgisWriter
from tilesrv.styles.qml_symbols import SYMBOL_TYPES, symbol_layers
from tilesrv.styles.qml_values import Values
from tilesrv.styles.qml_xml import Symbol, SymbolLayer
from tilesrv.styles.scales import CLOSEST, CSS_PX_M, WIDEST, scale_denominator
from tilesrv.styles.words import NO_DATA, OTHERS, code_label, numbers_label

PRINCIPAL = {
    "fill": ("fill-color",),
    "line": ("line-color",),
    "circle": ("circle-color",),
    "symbol": ("icon-image", "icon-color"),
    "fill-extrusion": ("fill-extrusion-color",),
}
MOST_CLASSES = 120


@dataclass(frozen=True)
class Class:
    """The features of a group that one rule draws: those for which ``test`` holds, None for all."""

    test: Expr | None
    label: Text
    chosen: tuple[Expr, frozenset[str | float] | None] | None = (
        None  # the input and its labels; None: no label
    )


@dataclass(frozen=True)
class Rule:
    """One rule. Scales are QGIS's denominators, 0 where there is no limit. ``whole``: it and its neighbours draw all
    features at all scales."""

    filter: str
    label: str
    closest: float
    widest: float
    symbol: Symbol
    whole: bool


def rules(
    layers: Sequence[StyleLayer], layer: Layer, kind: Kind, writer: QgisWriter, language: str
) -> list[Rule]:
    """The rules that draw ``layers`` (all of one collection); names are no rules but labels (`qml_labels`)."""
    drawn = [
        (order, each)
        for order, each in enumerate(layers)
        if each.get("visibility") == Literal("visible") and writer.filter(each.filter) != "false"
    ]
    found: list[Rule] = []
    for (condition, low, high), group in groupby(
        drawn, key=lambda pair: (writer.filter(pair[1].filter), pair[1].minzoom, pair[1].maxzoom)
    ):
        members = list(group)
        classes = [
            (each, test, _symbol(members, each, kind, writer))
            for each in classes_of([member for _, member in members], layer)
            if (test := "true" if each.test is None else writer.condition(each.test)) != "false"
        ]
        limits = scales(low, high)
        whole = condition == "true" and not any(limits) and all(symbol for _, _, symbol in classes)
        for each, test, symbol in classes:
            if symbol is not None:
                text = " AND ".join(part for part in (condition, test) if part != "true")
                found.append(Rule(text, each.label.to(language), *limits, symbol, whole))
    return found


def scales(low: float, high: float) -> tuple[float, float]:
    """The scale denominators between which zooms ``low`` to ``high`` lie; 0 where there is no limit."""
    closest = scale_denominator(high, CSS_PX_M) if high < CLOSEST else 0.0
    widest = scale_denominator(low, CSS_PX_M) if low > WIDEST else 0.0
    return round(closest, 1), round(widest, 1)


def _symbol(
    members: Sequence[tuple[int, StyleLayer]], chosen: Class, kind: Kind, writer: QgisWriter
) -> Symbol | None:
    made: list[SymbolLayer] = []
    for order, member in members:
        made += symbol_layers(Values(specialised(member, chosen), writer), kind, order)
    return Symbol(SYMBOL_TYPES[kind], made) if made else None


# Classes ----------------------------------------------------------------------------------------------------------


def classes_of(members: Sequence[StyleLayer], layer: Layer) -> Iterator[Class]:
    """The classes that the first colour or icon of ``members`` tells apart; all in one where none does."""
    for member in members:
        for name in PRINCIPAL.get(member.type, ()):
            expr = member.get(name)
            if isinstance(expr, Match) and len(expr.cases) <= MOST_CLASSES:
                yield from _matched(expr, layer)
                return
            if isinstance(expr, Case) and len(expr.cases) <= MOST_CLASSES:
                yield from _cased(expr)
                return
            if isinstance(expr, Step) and expr.input != Zoom() and len(expr.stops) <= MOST_CLASSES:
                yield from _stepped(expr, layer)
                return
    yield Class(None, layer.title)


def _matched(expr: Match, layer: Layer) -> Iterator[Class]:
    field = field_of(expr.input)
    for labels, _ in expr.cases:
        words = [code_label(layer, field, label) for label in labels]
        label = Text(", ".join(each.vi for each in words), ", ".join(each.en for each in words))
        yield Class(In(expr.input, labels), label, (expr.input, frozenset(labels)))
    every = tuple(label for labels, _ in expr.cases for label in labels)
    yield Class(Not(In(expr.input, every)), OTHERS, (expr.input, None))


def _cased(expr: Case) -> Iterator[Class]:
    """A case says no words of its own: the condition stands in QGIS beside its number."""
    tried: list[Expr] = []
    for at, (test, _) in enumerate(expr.cases, 1):
        yield Class(Logic("all", (*(Not(each) for each in tried), test)), Text(f"Loại {at}", f"Class {at}"))
        tried.append(test)
    yield Class(Logic("all", tuple(Not(each) for each in tried)), OTHERS)


def _stepped(expr: Step, layer: Layer) -> Iterator[Class]:
    field = field_of(expr.input)
    marks = [at for at, _ in expr.stops]
    for low, high in zip([None, *marks], [*marks, None], strict=True):
        tests: list[Expr] = []
        if low is not None:
            tests.append(Compare(">=", expr.input, Literal(low)))
        if high is not None:
            tests.append(Compare("<", expr.input, Literal(high)))
        yield Class(Logic("all", tuple(tests)), numbers_label(layer, field, low, high))
    first = Literal(marks[0])
    known = Logic("any", (Compare("<", expr.input, first), Compare(">=", expr.input, first)))
    yield Class(Not(known), NO_DATA)


def field_of(expr: Expr) -> str | None:
    """The field that ``expr`` is the value of, if it is one."""
    return expr.name if isinstance(expr, Get) else field_of(expr.term) if isinstance(expr, ToString) else None


def specialised(layer: StyleLayer, chosen: Class) -> StyleLayer:
    """``layer`` for the features of a class: what it chooses by the same input is chosen already."""
    if chosen.chosen is None:
        return layer
    input, labels = chosen.chosen

    def settled(expr: Expr) -> Expr:
        if isinstance(expr, Match) and expr.input == input:
            if labels is None:
                return settled(expr.default)
            for own, output in expr.cases:
                if labels <= set(own):
                    return settled(output)
            if not any(labels & set(own) for own, _ in expr.cases):
                return settled(expr.default)
        return rebuilt(expr, tuple(settled(child) for child in children_of(expr)))

    return replace(layer, properties={name: settled(expr) for name, expr in layer.properties.items()})
