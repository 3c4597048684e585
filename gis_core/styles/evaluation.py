"""What an expression is for one feature, in Python: the meaning that every compiler is tested against."""

from __future__ import annotations

import operator
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gis_core.styles.colours import Colour
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

ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# A number is calculated with where it is 0 or of a size between these: no product, quotient or curve of two such leaves
# the range of a double, which PostgreSQL raises an error for, and no city has anything so large or small.
LEAST, MOST = 1e-100, 1e100
DECIMAL = re.compile(
    r"[ \t\n\r\f\v]*[-+]?([0-9]{1,20}\.?[0-9]{0,20}|\.[0-9]{1,20})([eE][-+]?[0-7]?[0-9])?[ \t\n\r\f\v]*"
)
SIGNS: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


def evaluate(
    expr: Expr, properties: Mapping[str, Any], *, zoom: float | None = None, geometry: str | None = None
) -> Any:
    """The value of ``expr`` for a feature with ``properties`` and ``geometry`` (``Point`` ...) at ``zoom``.

    Null where a property is missing or of a type that the operator does not take, where a number is too large
    (`MOST`) or would be divided by nothing; the caller then has the property's default drawn, as MapLibre does.
    """

    def of(part: Expr) -> Any:
        return evaluate(part, properties, zoom=zoom, geometry=geometry)

    match expr:
        case Literal(value):
            return value
        case Get(name):
            found = properties.get(name)
            return in_reach(found) if is_number(found) else found
        case Has(name):
            return properties.get(name) is not None
        case Zoom():
            return zoom
        case GeometryKind():
            return geometry
        case Match(input, cases, default):
            found = of(input)
            return of(next((out for labels, out in cases if is_among(found, labels)), default))
        case Case(pairs, default):
            return of(next((out for condition, out in pairs if of(condition) is True), default))
        case Step(input, default, stops):
            value = of(input)
            if not is_number(value):
                return None
            at = bisect_right([reached for reached, _ in stops], value)
            return of(stops[at - 1][1] if at else default)
        case Interpolate(base, input, stops):
            value = in_reach(of(input))
            return mixed(base, value, [(at, of(out)) for at, out in stops]) if value is not None else None
        case _:
            return _of_values(expr, of)


def _of_values(expr: Expr, of: Callable[[Expr], Any]) -> Any:
    match expr:
        case Compare(sign, left, right):
            return compared(sign, of(left), of(right))
        case Logic("all", terms):
            return all(of(term) is True for term in terms)
        case Logic(_, terms):
            return any(of(term) is True for term in terms)
        case Not(term):
            return of(term) is not True
        case In(needle, values):
            return is_among(of(needle), values)
        case Coalesce(terms):
            return next((value for term in terms if (value := of(term)) is not None), None)
        case Concat(terms):
            return "".join(as_text(of(term)) for term in terms)
        case ToString(term):
            return as_text(of(term))
        case ToNumber(term, fallback):
            return as_number(of(term), fallback)
        case Arithmetic(sign, left, right):
            return calculated(sign, of(left), of(right))
    raise TypeError(expr)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def in_reach(value: Any) -> float | None:
    """A number that can be calculated with: null for one beyond `MOST` and for none at all, 0 for one below `LEAST`."""
    if not is_number(value) or not abs(value) <= MOST:
        return None
    return value if abs(value) >= LEAST else 0.0


def is_among(value: Any, labels: Sequence[str | float]) -> bool:
    """Whether ``value`` is one of ``labels``; true is not 1."""
    return not isinstance(value, bool) and value in labels


def compared(sign: str, left: Any, right: Any) -> bool:
    alike = (is_number(left) and is_number(right)) or type(left) is type(right)
    if sign == "==":
        return bool(alike and left == right)
    if sign == "!=":
        return not (alike and left == right)
    ordered = is_number(left) or isinstance(left, str)  # truth values have no order
    return bool(alike and ordered and ORDER[sign](left, right))


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def as_number(value: Any, fallback: float) -> float:
    """``value`` as a number: null and the empty text are 0, a text that is no decimal number is ``fallback``."""
    if value is None or isinstance(value, bool):
        return float(bool(value))
    if is_number(value):
        return float(value)
    if not str(value).strip():
        return 0.0
    return float(value) if DECIMAL.fullmatch(str(value)) else fallback


def calculated(sign: str, left: Any, right: Any) -> float | None:
    one, two = in_reach(left), in_reach(right)
    if one is None or two is None:
        return None
    if sign == "/":
        return float(one) / two if two else None
    return SIGNS[sign](float(one), float(two))


def share_between(base: float, value: float, low: float, high: float) -> float:
    """How far ``value`` is from ``low`` to ``high``, 0 to 1 (MapLibre's exponential interpolation)."""
    if base == 1:
        return (value - low) / (high - low)
    return float((base ** (value - low) - 1) / (base ** (high - low) - 1))


def mixed(base: float, value: float, stops: Sequence[tuple[float, Any]]) -> Any:
    """The output at ``value``: numbers and colours between stops, held beyond the ends; null between others. At a stop
    it is that of the stop, whatever the next one has."""
    at = bisect_right([reached for reached, _ in stops], value)
    if at == 0:
        return stops[0][1]
    if at == len(stops) or stops[at - 1][0] == value:
        return stops[at - 1][1]
    (low, first), (high, second) = stops[at - 1], stops[at]
    share = share_between(base, value, low, high)
    if is_number(first) and is_number(second):
        one, two = in_reach(first), in_reach(second)
        return None if one is None or two is None else float(one) + (float(two) - one) * share
    if isinstance(first, str) and isinstance(second, str):
        return Colour.parse(first).towards(Colour.parse(second), share).css
    return None
