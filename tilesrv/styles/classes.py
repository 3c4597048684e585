"""The classes of features that a style tells apart, in each of which every value is constant.

What a style asks of a feature (its fields, and what it computes of them) is an input; the values that an input is
compared with cut its range into cells. Taking the cells of all inputs together and joining those that look alike gives
a tree of classes: the rules of an SLD, the lines of a legend.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal as OneOf

from gis_core.layer import FieldType
from gis_core.styles.nodes import (
    Arithmetic,
    Case,
    Coalesce,
    Compare,
    Concat,
    Expr,
    Get,
    Has,
    In,
    Interpolate,
    Literal,
    Logic,
    Match,
    Not,
    Scalar,
    Step,
    ToNumber,
    ToString,
    Zoom,
    rebuilt,
    walk,
)
from gis_core.styles.nodes import children as children_of

InputType = OneOf["text", "number", "boolean"]
PIECES = 10  # into which an interpolation between two stops is cut
UNLIKE_ANY = "\ue000"  # stands for a text that no style names


@dataclass(frozen=True)
class Cell:
    """A part of an input's range: null, one value, an interval of numbers, or all texts that are not named.

    An interval ends before ``high`` and begins with ``low``, or after it where ``after``.
    """

    kind: OneOf["null", "value", "between", "other"]
    value: Scalar = None
    low: float | None = None
    high: float | None = None
    after: bool = False

    @property
    def sample(self) -> Scalar:
        """A value within."""
        match self.kind:
            case "value":
                return self.value
            case "other":
                return UNLIKE_ANY
            case "between":
                if self.low is None:
                    return (self.high or 0.0) - 1
                return self.low + 1 if self.high is None else (self.low + self.high) / 2
        return None

    def holds(self, value: Scalar, named: Container[Scalar] = ()) -> bool:
        """Whether ``value`` lies within; ``named`` are the texts that have cells of their own."""
        match self.kind:
            case "null":
                return value is None
            case "value":
                return value == self.value
            case "other":
                return value is not None and value not in named
        if not isinstance(value, int | float):
            return False
        above = self.low is None or value > self.low or (value == self.low and not self.after)
        return above and (self.high is None or value < self.high)


@dataclass
class Input:
    """Something asked of a feature. ``points`` are values that it is equal to or not; ``edges`` those that it has
    reached or not."""

    expr: Expr
    type: InputType
    points: set[Scalar] = field(default_factory=set)
    edges: set[Scalar] = field(default_factory=set)

    def cells(self) -> list[Cell]:
        """The cells of the range, null last."""
        null = [Cell("null")]
        if isinstance(self.expr, Compare):
            return [Cell("value", True), Cell("value", False)]
        if self.type == "boolean":
            return [Cell("value", True), Cell("value", False), *null]
        if self.type == "text":
            texts = sorted(mark for mark in self.points | self.edges if isinstance(mark, str))
            return [*(Cell("value", text) for text in texts), Cell("other"), *null]
        return [*self._numbers(), *null]

    def _numbers(self) -> list[Cell]:
        points = {number for mark in self.points if (number := as_mark(mark)) is not None}
        edges = {number for mark in self.edges if (number := as_mark(mark)) is not None}
        marks = sorted(points | edges)
        cells = [Cell("between", high=marks[0] if marks else None)]
        for at, mark in enumerate(marks):
            following = marks[at + 1] if at + 1 < len(marks) else None
            if mark in points:
                cells.append(Cell("value", mark))
            cells.append(Cell("between", low=mark, high=following, after=mark in points))
        return cells


def as_mark(value: Scalar) -> float | None:
    """``value`` as a number that a number can be compared with, also where it was written as a text."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)
    except ValueError:
        return None


class Inputs:
    """Collects what expressions ask, over fields of the given types."""

    def __init__(self, fields: Mapping[str, FieldType]) -> None:
        self._fields = fields
        self._found: dict[Expr, Input] = {}

    @property
    def listed(self) -> list[Input]:
        return list(self._found.values())

    def condition(self, expr: Expr) -> None:
        """An expression that is only true or false."""
        match expr:
            case Logic(_, terms):
                for term in terms:
                    self.condition(term)
            case Not(term):
                self.condition(term)
            case Compare(sign, left, right):
                self._compare(expr, sign, left, right)
            case In(needle, values):
                self._asked(needle, values)
            case _:
                self._asked(expr)

    def value(self, expr: Expr, grid: Sequence[Scalar] = ()) -> None:
        """An expression whose result is drawn; ``grid`` cuts numbers that come straight from a feature."""
        match expr:
            case Match(input, cases, default):
                self._asked(input, [label for labels, _ in cases for label in labels])
                for out in (*(out for _, out in cases), default):
                    self.value(out, grid)
            case Case(pairs, default):
                for test, out in pairs:
                    self.condition(test)
                    self.value(out, grid)
                self.value(default, grid)
            case Step(input, first, stops):
                self._asked(input, edges=[at for at, _ in stops])
                for out in (first, *(out for _, out in stops)):
                    self.value(out, grid)
            case Interpolate(_, input, stops):
                self._asked(input, edges=cuts([at for at, _ in stops]))
                for _, out in stops:
                    self.value(out, grid)
            case Coalesce(terms):
                for term in terms:
                    self.value(term, grid)
            case Compare() | Logic() | Not() | In():
                self.condition(expr)
            case _:
                self._asked(expr, edges=grid)

    def _compare(self, expr: Compare, sign: str, left: Expr, right: Expr) -> None:
        for one, other in ((left, right), (right, left)):
            if isinstance(other, Literal) and not isinstance(other.value, tuple):
                if sign not in ("==", "!=") and isinstance(other.value, str):
                    break
                # "a < 5" and "5 <= a" part the numbers before 5, "a > 5" and "5 < a" after it.
                before = sign in ("<", ">=") if one is left else sign in (">", "<=")
                self._asked(one, () if before else [other.value], [other.value] if before else ())
                return
        if all(self._is_plain(side) or isinstance(side, Literal) for side in (left, right)):
            self._add(expr, "boolean")
            return
        self._asked(left)
        self._asked(right)

    def _asked(self, expr: Expr, points: Iterable[Scalar] = (), edges: Iterable[Scalar] = ()) -> None:
        """``expr`` is compared with these values."""
        points, edges = list(points), list(edges)
        match expr:
            case Get(name) | Has(name):
                if name in self._fields:
                    self._add(Get(name), INPUT_TYPES.get(self._fields[name], "text"), points, edges)
            case ToString(term) | Not(term):
                self._asked(term, points, edges)
            case ToNumber(Get(name)) if INPUT_TYPES.get(self._fields.get(name, "text")) is None:
                self._add(expr, "number", points, edges)
            case ToNumber(term, fallback):
                self._asked(term, [*points, fallback], edges)
            case Arithmetic() if self._is_plain(expr):
                self._add(expr, "number", points, edges)
            case Concat() if self._is_plain(expr):
                self._add(expr, "text", points, edges)
            case Arithmetic() | Concat() | Coalesce():
                for child in children_of(expr):
                    self._asked(child, points, edges)
            case Match() | Case() | Step() | Interpolate() | Compare() | Logic() | In():
                self.value(expr)

    def _is_plain(self, expr: Expr) -> bool:
        """Whether ``expr`` is made of fields that there are, without any choice in it: an operand of a filter."""
        nodes = list(walk(expr))
        return (
            all(isinstance(node, Arithmetic | Concat | ToString | ToNumber | Get | Literal) for node in nodes)
            and all(node.name in self._fields for node in nodes if isinstance(node, Get))
            and any(isinstance(node, Get) for node in nodes)
        )

    def _add(
        self, expr: Expr, type: InputType, points: Iterable[Scalar] = (), edges: Iterable[Scalar] = ()
    ) -> None:
        found = self._found.setdefault(expr, Input(expr, type))
        found.points |= set(points)
        found.edges |= set(edges)


INPUT_TYPES: Mapping[str, InputType] = {"integer": "number", "number": "number", "boolean": "boolean"}


def cuts(stops: Sequence[float]) -> list[float]:
    """What cuts a curve into steps: `PIECES` between two stops, with the stops themselves in the middle of one."""
    found = [stops[0]]
    for low, high in pairwise(stops):
        found += [low + (high - low) * (piece + 0.5) / PIECES for piece in range(PIECES)]
    return [*found, stops[-1]]


def sampled(expr: Expr, samples: Mapping[Expr, Scalar]) -> Expr:
    """``expr`` with its inputs replaced by values; a field that is no input is null."""
    if expr in samples:
        return Literal(samples[expr])
    if isinstance(expr, Has):
        return Literal(samples.get(Get(expr.name)) is not None)
    if isinstance(expr, Get):
        return Literal(None)
    if isinstance(expr, Zoom):
        return expr
    return rebuilt(expr, tuple(sampled(child, samples) for child in children_of(expr)))


# Trees ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """An input that lies in one of ``cells`` and in none of ``absent``; together they are its whole range."""

    input: Expr
    cells: tuple[Cell, ...]
    absent: tuple[Cell, ...]


@dataclass(frozen=True)
class Class:
    """Features that look alike: those in all of the parts ``where``; without parts, all features."""

    where: tuple[Part, ...]
    look: Hashable


def classes(inputs: Sequence[Input], look: Callable[[Mapping[Expr, Scalar]], Hashable]) -> list[Class]:
    """The classes that ``look`` tells apart, in the order of the cells; together they are all features.

    ``look`` says what a feature with these inputs is drawn as.
    """
    return list(_classes(list(inputs), {}, look))


def _classes(
    left: list[Input], samples: Mapping[Expr, Scalar], look: Callable[[Mapping[Expr, Scalar]], Hashable]
) -> tuple[Class, ...]:
    if not left:
        return (Class((), look(samples)),)
    first, rest = left[0], left[1:]
    cells = first.cells()
    alike: dict[tuple[Class, ...], list[Cell]] = {}
    for cell in cells:
        below = _classes(rest, {**samples, first.expr: cell.sample}, look)
        alike.setdefault(below, []).append(cell)
    if len(alike) == 1:
        return next(iter(alike))
    found: list[Class] = []
    for below, taken in alike.items():
        part = Part(first.expr, tuple(taken), tuple(cell for cell in cells if cell not in taken))
        found += [Class((part, *each.where), each.look) for each in below]
    return tuple(found)
