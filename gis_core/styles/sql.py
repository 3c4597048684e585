"""An expression as SQL over a published view: the renderer's columns are computed where the features are.

Text is written without any character that a template could take for its own (Mapnik replaces ``!bbox!`` and ``@name``
in the texts that it sends), so a style cannot change a query.

No data makes it fail: where PostgreSQL would raise an error for a result beyond the range of a double, or below it, the
numbers are kept `evaluation.in_reach` before they are calculated with. What is long is written once, however often a
formula speaks of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal as OneOf

from gis_core.layer import FieldType
from gis_core.styles.colours import Colour
from gis_core.styles.evaluation import LEAST, MOST, in_reach
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
)
from gis_core.time_text import MOMENT_IN_SECONDS, date_text_sql, moment_text_sql

SqlType = OneOf["text", "number", "boolean", "null"]
PLAIN = re.compile(r"[A-Za-z0-9 _.,#()-]")
KIND_OF_GEOMETRY = (
    "case st_dimension(\"geom3857\") when 0 then 'Point' when 1 then 'LineString' else 'Polygon' end"
)
A_NUMBER = r"E'^\\s*[-+]?([0-9]{1,20}\\.?[0-9]{0,20}|\\.[0-9]{1,20})([eE][-+]?[0-7]?[0-9])?\\s*$'"
SHORT = re.compile(r'"[a-z0-9_]+"(?:::[a-z0-9]+)?|-?[0-9.e+-]+(?:::float8)?|_[0-9]+|null')


@dataclass(frozen=True, slots=True)
class Term:
    """A piece of SQL and what it is; ``in_reach``: a number that is null or can be calculated with as it is."""

    sql: str
    type: SqlType
    in_reach: bool = False


NULL = Term("null", "null")


def quoted(text: str) -> str:
    """``text`` as an SQL literal; anything but plain ASCII letters, digits and a few signs is escaped."""
    if all(PLAIN.match(letter) for letter in text):
        return f"'{text}'"
    return "E'" + "".join(c if PLAIN.match(c) else f"\\U{ord(c):08X}" for c in text) + "'"


def column(name: str, type: FieldType) -> Term:
    """A field as a vector tile holds it: numbers, truth values, and texts; times in UTC, ISO 8601."""
    quoted_name = f'"{name}"'
    match type:
        case "integer":
            return Term(f"{quoted_name}::float8", "number", True)
        case "number":  # before the cast: a numeric may be what no double is
            return Term(kept_in_reach(quoted_name, f"{quoted_name}::float8"), "number", True)
        case "boolean":
            return Term(f'"{name}"', "boolean")
        case "datetime":
            return Term(f"({moment_text_sql(quoted_name, MOMENT_IN_SECONDS)})", "text")
        case "date":
            return Term(f"({date_text_sql(quoted_name)})", "text")
    return Term(f'"{name}"::text', "text")


class Writer:
    """Writes expressions over fields of the given types; a field that is not among them is null."""

    def __init__(self, fields: Mapping[str, FieldType]) -> None:
        self._fields = fields
        self._named = 0

    def write(self, expr: Expr) -> Term:
        """``expr``, which has no zoom in it any more (`folding.fold`)."""
        match expr:
            case Literal(value):
                return literal(value)
            case Get(name):
                return column(name, self._fields[name]) if name in self._fields else NULL
            case Has(name):
                known = name in self._fields
                return Term(f'("{name}" is not null)' if known else "false", "boolean")
            case GeometryKind():
                return Term(f"({KIND_OF_GEOMETRY})", "text")
            case Match(input, cases, default):
                given = self.write(input)
                return self._chosen(
                    [(among(given, labels), self.write(out)) for labels, out in cases], self.write(default)
                )
            case Case(pairs, default):
                return self._chosen(
                    [(self.condition(test), self.write(out)) for test, out in pairs], self.write(default)
                )
            case Step(input, first, stops):
                given = self.write(input)
                if given.type != "number":
                    return NULL
                tests = [(f"{given.sql} >= {at!r}", self.write(out)) for at, out in reversed(stops)]
                return self._chosen([(f"{given.sql} is null", NULL), *tests], self.write(first))
            case Interpolate():
                return self._interpolated(expr)
        return self._of_values(expr)

    def condition(self, expr: Expr) -> str:
        """``expr`` as a condition that is never null."""
        term = self.write(expr)
        return f"coalesce({term.sql}, false)" if term.type == "boolean" else "false"

    def _of_values(self, expr: Expr) -> Term:
        match expr:
            case Compare(sign, left, right):
                return Term(compared(sign, self.write(left), self.write(right)), "boolean")
            case Logic(word, terms):
                joint, nothing = (" and ", "true") if word == "all" else (" or ", "false")
                return Term(f"({joint.join(self.condition(t) for t in terms) or nothing})", "boolean")
            case Not(term):
                return Term(f"(not {self.condition(term)})", "boolean")
            case In(needle, values):
                return Term(among(self.write(needle), values), "boolean")
            case Coalesce(terms):
                written = alike([self.write(term) for term in terms])
                text = f"coalesce({', '.join(each.sql for each in written)})"
                return Term(text, written[0].type, all(each.in_reach for each in written))
            case Concat(terms):
                return Term("(" + " || ".join(as_text(self.write(t)).sql for t in terms) + ")", "text")
            case ToString(term):
                return as_text(self.write(term))
            case ToNumber(term, fallback):
                return self._as_number(self.write(term), fallback)
            case Arithmetic(sign, left, right):
                one, two = self._in_reach(self.write(left)), self._in_reach(self.write(right))
                if (one.type, two.type) != ("number", "number"):
                    return NULL
                divisor = f"nullif({two.sql}, 0)" if sign == "/" else two.sql
                return Term(f"({one.sql} {sign} {divisor})", "number")
        raise TypeError(expr)

    def _once(self, text: str, formula: Callable[[str], str]) -> str:
        """``formula`` of the SQL ``text``, which is written and computed once where it is long."""
        if SHORT.fullmatch(text):
            return formula(text)
        self._named += 1
        name = f"_{self._named}"  # no field is called so
        return f"(select {formula(name)} from (values ({text})) as t{name}({name}))"

    def _in_reach(self, term: Term) -> Term:
        if term.in_reach or term.type != "number":
            return term
        return Term(self._once(term.sql, lambda value: kept_in_reach(value, value)), "number", True)

    def _as_number(self, term: Term, fallback: float) -> Term:
        match term.type:
            case "number":
                return Term(f"coalesce({term.sql}, 0)", "number", term.in_reach)
            case "boolean":
                return Term(f"coalesce(({term.sql})::int::float8, 0)", "number", True)
            case "text":
                text = self._once(term.sql, lambda value: text_as_number(value, fallback))
                return Term(text, "number", is_in_reach(fallback))
        return Term("0::float8", "number", True)

    @staticmethod
    def _chosen(cases: list[tuple[str, Term]], default: Term) -> Term:
        outputs = alike([*(out for _, out in cases), default])
        whens = " ".join(
            f"when {test} then {out.sql}" for (test, _), out in zip(cases, outputs, strict=False)
        )
        text = f"(case {whens} else {outputs[-1].sql} end)"
        return Term(text, outputs[-1].type, all(each.in_reach for each in outputs))

    def _interpolated(self, expr: Interpolate) -> Term:
        given = self._in_reach(self.write(expr.input))
        if given.type != "number":
            return NULL
        chosen = NULL

        def between(value: str) -> str:
            nonlocal chosen
            chosen = self._between(expr, value)
            return chosen.sql

        text = self._once(given.sql, between)
        return Term(text, chosen.type, chosen.in_reach)

    def _between(self, expr: Interpolate, value: str) -> Term:
        """The interpolation at the SQL ``value``."""
        outputs = [(at, self.write(out)) for at, out in expr.stops]
        cases = [(f"{value} <= {outputs[0][0]!r}", outputs[0][1])]
        for (low, first), (high, second) in pairwise(expr.stops):
            if not isinstance(second, Literal):
                cases.append((f"{value} = {low!r}", self.write(first)))
            share = shared(expr.base, value, low, high)
            cases.append((f"{value} < {high!r}", self._mixed(first, second, share)))
        return self._chosen([(f"{value} is null", NULL), *cases], outputs[-1][1])

    def _mixed(self, first: Expr, second: Expr, share: str) -> Term:
        match first, second:
            case Literal(str(one)), Literal(str(two)):
                return mixed_colours(Colour.parse(one), Colour.parse(two), share)
        low, high = self._in_reach(self.write(first)), self._in_reach(self.write(second))
        return Term(self._once(low.sql, lambda one: f"({one} + ({high.sql} - {one}) * {share})"), "number")


def literal(value: object) -> Term:
    if value is None or isinstance(value, tuple):
        return NULL
    if isinstance(value, bool):
        return Term("true" if value else "false", "boolean")
    if isinstance(value, int | float):
        return Term(f"{float(value)!r}::float8", "number", is_in_reach(value))
    return Term(quoted(str(value)), "text")


def alike(terms: list[Term]) -> list[Term]:
    """The terms in one type, that of all that are not null; as texts where they differ."""
    types = {term.type for term in terms if term.type != "null"}
    if len(types) > 1:
        return [as_text(term) if term.type != "null" else Term("null", "text") for term in terms]
    type: SqlType = next(iter(types), "null")
    return [Term(term.sql, type, term.in_reach or term.type == "null") for term in terms]


def is_in_reach(value: float) -> bool:
    return in_reach(value) == value


def kept_in_reach(value: str, kept: str) -> str:
    """SQL of ``kept``, null or 0 where the number ``value`` cannot be calculated with (`evaluation.in_reach`)."""
    return f"(case when abs({value}) <= {MOST!r} then case when abs({value}) >= {LEAST!r} then {kept} else 0 end end)"


def among(given: Term, labels: tuple[str | float, ...]) -> str:
    wanted = "text" if labels and isinstance(labels[0], str) else "number"
    fitting = [literal(each) for each in labels if isinstance(each, str) == (wanted == "text")]
    if given.type != wanted or not fitting:
        return "false"
    return f"coalesce({given.sql} in ({', '.join(each.sql for each in fitting)}), false)"


def compared(sign: str, left: Term, right: Term) -> str:
    if sign in ("==", "!="):
        if left.type == right.type and left.type != "null":
            same = f"({left.sql} is not distinct from {right.sql})"
        else:
            same = f"({left.sql} is null and {right.sql} is null)"
        return same if sign == "==" else f"(not {same})"
    if left.type != right.type or left.type not in ("text", "number"):
        return "false"
    order = ' collate "C"' if left.type == "text" else ""
    return f"coalesce({left.sql}{order} {sign} {right.sql}, false)"


def as_text(term: Term) -> Term:
    if term.type == "text":
        return Term(f"coalesce({term.sql}, '')", "text")
    if term.type == "number":
        return Term(f"coalesce((({term.sql}) + 0)::text, '')", "text")  # without the sign of a negative zero
    return Term("''" if term.type == "null" else f"coalesce(({term.sql})::text, '')", "text")


def text_as_number(text: str, fallback: float) -> str:
    """SQL of the number that the SQL ``text`` says, as `evaluation.as_number`."""
    empty = f"when coalesce({text}, '') ~ E'^\\\\s*$' then 0"
    return f"(case {empty} when {text} ~ {A_NUMBER} then ({text})::float8 else {fallback!r} end)"


def shared(base: float, value: str, low: float, high: float) -> str:
    """The share of the way from ``low`` to ``high``, as `evaluation.share_between`."""
    if base == 1:
        return f"(({value} - {low!r}) / {high - low!r})"
    return f"((power({base!r}::float8, {value} - {low!r}) - 1) / {base ** (high - low) - 1!r})"


def mixed_colours(one: Colour, two: Colour, share: str) -> Term:
    """``rgba(...)`` ``share`` of the way from ``one`` to ``two``, as `Colour.towards`."""
    parts = [f"round({a!r} + {b - a!r} * {share})" for a, b in zip(one[:3], two[:3], strict=True)]
    if one.alpha == two.alpha == 1:
        return Term(f"('rgb(' || {" || ',' || ".join(parts)} || ')')", "text")
    alpha = f"round(({one.alpha!r} + {two.alpha - one.alpha!r} * {share})::numeric, 4)"
    return Term(f"('rgba(' || {" || ',' || ".join([*parts, alpha])} || ')')", "text")
