"""An expression at one zoom: ``["zoom"]`` evaluated away, and with it everything that no feature changes."""

from __future__ import annotations

from bisect import bisect_right
from math import log2

from gis_core.styles.evaluation import evaluate, is_among
from gis_core.styles.nodes import (
    Case,
    Expr,
    GeometryKind,
    Get,
    Has,
    Interpolate,
    Literal,
    Match,
    Step,
    Zoom,
    children,
    rebuilt,
    walk,
)

METRES_PER_PX_AT_0 = 78271.516964020485  # 2 pi 6378137 / 512, EPSG:3857


def is_constant(expr: Expr) -> bool:
    """Whether no feature changes the value of an expression without zoom."""
    return not any(isinstance(node, Get | Has | GeometryKind | Zoom) for node in walk(expr))


def fold(expr: Expr, zoom: float) -> Expr:
    """``expr`` at ``zoom``: without `Zoom`, a `Literal` where it is the same for all features.

    An interpolation over the zoom between two outputs that differ by feature is left as an interpolation over a
    constant, which renderers mix per feature.
    """
    if isinstance(expr, Step) and expr.input == Zoom():
        at = bisect_right([reached for reached, _ in expr.stops], zoom)
        return fold(expr.stops[at - 1][1] if at else expr.default, zoom)
    if isinstance(expr, Interpolate) and expr.input == Zoom():
        folded = _between(expr, zoom)
    elif isinstance(expr, Zoom):
        return Literal(zoom)
    else:
        folded = rebuilt(expr, tuple(fold(child, zoom) for child in children(expr)))
    return Literal(evaluate(folded, {})) if is_constant(folded) else folded


def _between(expr: Interpolate, zoom: float) -> Expr:
    stops = expr.stops
    at = bisect_right([reached for reached, _ in stops], zoom)
    if at == 0:
        return fold(stops[0][1], zoom)
    if at == len(stops):
        return fold(stops[-1][1], zoom)
    (low, first), (high, second) = stops[at - 1], stops[at]
    return Interpolate(expr.base, Literal(zoom), ((low, fold(first, zoom)), (high, fold(second, zoom))))


def settle(expr: Expr) -> Expr:
    """``expr`` without what no feature and no zoom can change: constant parts are evaluated, choices that are made
    already are made, and what was not chosen is gone."""
    parts = rebuilt(expr, tuple(settle(child) for child in children(expr)))
    if is_constant(parts):
        return Literal(evaluate(parts, {}))
    if isinstance(parts, Match) and isinstance(parts.input, Literal):
        found = parts.input.value
        return next((out for labels, out in parts.cases if is_among(found, labels)), parts.default)
    if isinstance(parts, Case):
        open_cases = [
            pair for pair in parts.cases if not isinstance(pair[0], Literal) or pair[0].value is True
        ]
        sure = next((at for at, (test, _) in enumerate(open_cases) if isinstance(test, Literal)), None)
        default = parts.default if sure is None else open_cases[sure][1]
        left = tuple(open_cases[:sure])
        return Case(left, default) if left else default
    return parts


def zoom_of(metres_per_px: float) -> float:
    """The zoom at which a px is ``metres_per_px`` metres of EPSG:3857 wide."""
    return log2(METRES_PER_PX_AT_0 / metres_per_px)
