"""A parsed style as MapLibre style JSON again, normalised: what browsers, native apps and QGIS are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gis_core.styles.model import MapStyle, StyleLayer
from gis_core.styles.nodes import (
    Arithmetic,
    Case,
    Coalesce,
    Compare,
    Concat,
    Expr,
    GeometryKind,
    Get,
    Has,
    In,
    Interpolate,
    Literal,
    Logic,
    Match,
    Not,
    Step,
    ToNumber,
    ToString,
    Zoom,
)
from gis_core.styles.properties import PROPERTIES


def layers_json(style: MapStyle, sources: Mapping[str | None, str]) -> list[dict[str, Any]]:
    """The ``layers`` of ``style`` (see `MapStyle.in_mode`); ``sources`` names the source of each collection, and of
    rasters (``hillshade``, ``raster``) by their type."""
    return [layer_json(layer, sources) for layer in style.layers]


def layer_json(layer: StyleLayer, sources: Mapping[str | None, str]) -> dict[str, Any]:
    json: dict[str, Any] = {"id": layer.id, "type": layer.type}
    if layer.collection is not None:
        json |= {"source": sources[layer.collection], "source-layer": layer.collection + layer.part}
    elif layer.type != "background":
        json["source"] = sources[layer.type]
    if layer.minzoom > 0:
        json["minzoom"] = _number(layer.minzoom)
    if layer.maxzoom < 24:
        json["maxzoom"] = _number(layer.maxzoom)
    if layer.filter is not None:
        json["filter"] = expression_json(layer.filter)
    for name, expr in layer.properties.items():
        json.setdefault(PROPERTIES[layer.type][name].group, {})[name] = value_json(expr)
    return json


def value_json(expr: Expr) -> Any:
    """The value of a property: an array stands for itself there."""
    if isinstance(expr, Literal):
        return [*map(_number, expr.value)] if isinstance(expr.value, tuple) else _number(expr.value)
    return expression_json(expr)


def expression_json(expr: Expr) -> Any:
    """``expr`` as MapLibre writes it."""
    of = expression_json
    match expr:
        case Literal(tuple() as value):
            return ["literal", [*map(_number, value)]]
        case Literal(value):
            return _number(value)
        case Get(name):
            return ["get", name]
        case Has(name):
            return ["has", name]
        case Zoom():
            return ["zoom"]
        case GeometryKind():
            return ["geometry-type"]
        case Match(input, cases, default):
            pairs = [part for labels, out in cases for part in (_labels(labels), of(out))]
            return _where_known([input], ["match", of(input), *pairs, of(default)], of(default))
        case Case(tests, default):
            pairs = [part for test, out in tests for part in (condition_json(test), of(out))]
            return ["case", *pairs, of(default)]
        case Step(input, default, stops):
            return ["step", of(input), of(default), *_stops(stops)]
        case Interpolate(base, input, stops):
            way = ["linear"] if base == 1 else ["exponential", _number(base)]
            return ["interpolate", way, of(input), *_stops(stops)]
    return _operation_json(expr)


def _operation_json(expr: Expr) -> Any:
    of = expression_json
    match expr:
        case Compare(sign, left, right):
            return _compared(sign, left, right)
        case Arithmetic(sign, left, right):
            return [sign, of(left), of(right)]
        case Logic(word, terms):
            return [word, *_joined(word, [condition_json(term) for term in terms])]
        case Not(term):
            return ["!", condition_json(term)]
        case In(needle, values):
            test = ["in", of(needle), ["literal", [_number(each) for each in values]]]
            return ["all", *_present([needle]), test] if _present([needle]) else test
        case Coalesce((first, *rest)):
            others = ["coalesce", *map(of, rest)]
            return (
                _where_known([first], of(first), others)
                if _present([first])
                else ["coalesce", of(first), *others[1:]]
            )
        case Concat(terms):
            return ["concat", *(_where_known([term], of(term), "") for term in terms)]
        case ToString(term):
            return _where_known([term], ["to-string", of(term)], "")
        case ToNumber(term, fallback):
            return _where_known([term], ["to-number", of(term), _number(fallback)], 0)
    raise TypeError(expr)


def _joined(word: str, terms: Sequence[Any]) -> list[Any]:
    """The terms, those of the same word within it among them, each once: what was read is written as it was."""
    found: list[Any] = []
    for term in terms:
        parts = term[1:] if isinstance(term, list) and term and term[0] == word else [term]
        found += [part for part in parts if part not in found]
    return found


def condition_json(expr: Expr) -> Any:
    """``expr`` where MapLibre wants a truth value: for a null it would give up the whole expression."""
    return ["==", ["get", expr.name], True] if isinstance(expr, Get) else expression_json(expr)


# MapLibre gives up a whole expression where null comes into a sum or an order. Ours is then only null or false at that
# place, as in SQL, so the place is asked for only where its fields are there.


def _compared(sign: str, left: Expr, right: Expr) -> Any:
    test = [sign, expression_json(left), expression_json(right)]
    if sign == "!=":
        absent = [["!", each] for each in _present([left, right])]
        return ["any", *absent, test] if absent else test
    ordered = [] if sign == "==" else [["has", each.name] for each in (left, right) if isinstance(each, Get)]
    present = [*ordered, *_present([left, right])]
    return ["all", *_joined("all", [*present, test])] if present else test


def _present(exprs: Sequence[Expr]) -> list[Any]:
    """Conditions that those fields are there without which one of ``exprs`` would be given up."""
    names = [name for expr in exprs if not isinstance(expr, Get) for name in _needed(expr)]
    return [["has", name] for name in dict.fromkeys(names)]


def _needed(expr: Expr) -> list[str]:
    match expr:
        case Get(name):
            return [name]
        case Arithmetic(_, left, right):
            return [*_needed(left), *_needed(right)]
        case Step(input) | Interpolate(_, input):
            return _needed(input)
    return []


def _where_known(exprs: Sequence[Expr], known: Any, unknown: Any) -> Any:
    present = _present(exprs)
    return ["case", ["all", *present], known, unknown] if present else known


def _labels(labels: tuple[str | float, ...]) -> Any:
    return _number(labels[0]) if len(labels) == 1 else [_number(each) for each in labels]


def _stops(stops: tuple[tuple[float, Expr], ...]) -> list[Any]:
    return [part for at, out in stops for part in (_number(at), expression_json(out))]


def _number(value: Any) -> Any:
    """Whole numbers without a decimal point, as people write them."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
