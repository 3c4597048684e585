"""The expressions of a style, parsed: a closed subset of MapLibre's, each node a frozen value.

Every renderer compiles these nodes and nothing else, so what can be written is what all of them can draw.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as OneOf

Scalar = str | float | bool | None
Value = Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it stands; a tuple for arrays (dashes, offsets, fonts)."""

    value: Value


@dataclass(frozen=True, slots=True)
class Get:
    """The feature's property ``name``; null where it has none."""

    name: str


@dataclass(frozen=True, slots=True)
class Has:
    """Whether the feature's property ``name`` is there (a vector tile leaves nulls out)."""

    name: str


@dataclass(frozen=True, slots=True)
class Zoom:
    """The zoom of the map, of a world of 512 px at 0; only as the input of a `Step` or an `Interpolate`."""


@dataclass(frozen=True, slots=True)
class GeometryKind:
    """``Point``, ``LineString`` or ``Polygon``, a multi-geometry being of the kind of its parts."""


@dataclass(frozen=True, slots=True)
class Match:
    """The output of the first case among whose labels ``input`` is, else ``default``."""

    input: Expr
    cases: tuple[tuple[tuple[str | float, ...], Expr], ...]
    default: Expr


@dataclass(frozen=True, slots=True)
class Case:
    """The output of the first condition that holds, else ``default``."""

    cases: tuple[tuple[Expr, Expr], ...]
    default: Expr


@dataclass(frozen=True, slots=True)
class Step:
    """``default`` below the first stop, else the output of the last stop that ``input`` has reached."""

    input: Expr
    default: Expr
    stops: tuple[tuple[float, Expr], ...]


@dataclass(frozen=True, slots=True)
class Interpolate:
    """Between stops, linear (``base`` 1) or exponential; numbers, or colours in sRGB; held beyond the ends."""

    base: float
    input: Expr
    stops: tuple[tuple[float, Expr], ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """False where a side is null or the sides are of different types, but for ``!=``, which is then true."""

    operator: OneOf["==", "!=", "<", "<=", ">", ">="]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Logic:
    operator: OneOf["all", "any"]
    terms: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not:
    term: Expr


@dataclass(frozen=True, slots=True)
class In:
    """Whether ``needle`` is one of ``values``."""

    needle: Expr
    values: tuple[str | float, ...]


@dataclass(frozen=True, slots=True)
class Coalesce:
    """The first that is not null."""

    terms: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Concat:
    """Texts joined; null is the empty text."""

    terms: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ToString:
    """As text; null is the empty text, a whole number has no decimal point."""

    term: Expr


@dataclass(frozen=True, slots=True)
class ToNumber:
    """As a number; ``fallback`` where it is none."""

    term: Expr
    fallback: float


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: OneOf["+", "-", "*", "/"]
    left: Expr
    right: Expr


Expr = (
    Literal
    | Get
    | Has
    | Zoom
    | GeometryKind
    | Match
    | Case
    | Step
    | Interpolate
    | Compare
    | Logic
    | Not
    | In
    | Coalesce
    | Concat
    | ToString
    | ToNumber
    | Arithmetic
)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions that ``expr`` is directly made of, in the order in which they are written."""
    match expr:
        case Match(input, cases, default):
            return (input, *(output for _, output in cases), default)
        case Case(cases, default):
            return (*(part for pair in cases for part in pair), default)
        case Step(input, default, stops):
            return (input, default, *(output for _, output in stops))
        case Interpolate(_, input, stops):
            return (input, *(output for _, output in stops))
        case Compare(_, left, right) | Arithmetic(_, left, right):
            return (left, right)
        case Logic(_, terms) | Coalesce(terms) | Concat(terms):
            return terms
        case Not(term) | ToString(term) | ToNumber(term, _) | In(term, _):
            return (term,)
    return ()


def rebuilt(expr: Expr, parts: tuple[Expr, ...]) -> Expr:
    """``expr`` made of other ``parts``, which are in the order of `children`."""
    match expr:
        case Match(_, cases, _):
            labels = [each for each, _ in cases]
            return Match(parts[0], tuple(zip(labels, parts[1:-1], strict=True)), parts[-1])
        case Case():
            return Case(tuple(zip(parts[0:-1:2], parts[1:-1:2], strict=True)), parts[-1])
        case Step(_, _, stops):
            return Step(parts[0], parts[1], tuple(zip([at for at, _ in stops], parts[2:], strict=True)))
        case Interpolate(base, _, stops):
            return Interpolate(base, parts[0], tuple(zip([at for at, _ in stops], parts[1:], strict=True)))
        case Compare(operator):
            return Compare(operator, parts[0], parts[1])
        case Arithmetic(sign):
            return Arithmetic(sign, parts[0], parts[1])
        case Logic(word):
            return Logic(word, parts)
        case Coalesce():
            return Coalesce(parts)
        case Concat():
            return Concat(parts)
        case Not():
            return Not(parts[0])
        case ToString():
            return ToString(parts[0])
        case ToNumber(_, fallback):
            return ToNumber(parts[0], fallback)
        case In(_, values):
            return In(parts[0], values)
    return expr


def walk(expr: Expr) -> Iterator[Expr]:
    """``expr`` and everything in it, from the outside in."""
    yield expr
    for child in children(expr):
        yield from walk(child)


def fields_in(expr: Expr) -> set[str]:
    """The properties of a feature that ``expr`` speaks of."""
    return {node.name for node in walk(expr) if isinstance(node, Get | Has)}
