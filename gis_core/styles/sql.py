"""An expression as SQL over a published view: the renderer's columns are computed where the features are.

Text is written without any character that a template could take for its own (Mapnik replaces ``!bbox!`` and ``@name``
in the texts that it sends), so a style cannot change a query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal as OneOf

from gis_core.layer import FieldType
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
)
from gis_core.time_text import MOMENT_IN_SECONDS, date_text_sql, moment_text_sql

SqlType = OneOf["text", "number", "boolean", "null"]
PLAIN = re.compile(r"[A-Za-z0-9 _.,#()-]")
KIND_OF_GEOMETRY = (
    "case st_dimension(\"geom3857\") when 0 then 'Point' when 1 then 'LineString' else 'Polygon' end"
)
A_NUMBER = r"E'^\\s*[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]{1,3})?\\s*$'"


@dataclass(frozen=True, slots=True)
class Term:
    """A piece of SQL and what it is."""

    sql: str
    type: SqlType


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
        case "integer" | "number":
            return Term(f'"{name}"::float8', "number")
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
                return Term(f"coalesce({', '.join(each.sql for each in written)})", written[0].type)
            case Concat(terms):
                return Term("(" + " || ".join(as_text(self.write(t)).sql for t in terms) + ")", "text")
            case ToString(term):
                return as_text(self.write(term))
            case ToNumber(term, fallback):
                return as_number(self.write(term), fallback)
            case Arithmetic(sign, left, right):
                one, two = self.write(left), self.write(right)
                if (one.type, two.type) != ("number", "number"):
                    return NULL
                divisor = f"nullif({two.sql}, 0)" if sign == "/" else two.sql
                return Term(f"({one.sql} {sign} {divisor})", "number")
        raise TypeError(expr)

    @staticmethod
    def _chosen(cases: list[tuple[str, Term]], default: Term) -> Term:
        outputs = alike([*(out for _, out in cases), default])
        whens = " ".join(
            f"when {test} then {out.sql}" for (test, _), out in zip(cases, outputs, strict=False)
        )
        return Term(f"(case {whens} else {outputs[-1].sql} end)", outputs[-1].type)

    def _interpolated(self, expr: Interpolate) -> Term:
        given = self.write(expr.input)
        if given.type != "number":
            return NULL
        outputs = [(at, self.write(out)) for at, out in expr.stops]
        cases = [(f"{given.sql} <= {outputs[0][0]!r}", outputs[0][1])]
        for (low, first), (high, second) in pairwise(expr.stops):
            share = shared(expr.base, given.sql, low, high)
            cases.append((f"{given.sql} < {high!r}", self._mixed(first, second, share)))
        return self._chosen([(f"{given.sql} is null", NULL), *cases], outputs[-1][1])

    def _mixed(self, first: Expr, second: Expr, share: str) -> Term:
        match first, second:
            case Literal(str(one)), Literal(str(two)):
                return mixed_colours(Colour.parse(one), Colour.parse(two), share)
        return mixed_numbers(self.write(first), self.write(second), share)


def literal(value: object) -> Term:
    if value is None or isinstance(value, tuple):
        return NULL
    if isinstance(value, bool):
        return Term("true" if value else "false", "boolean")
    if isinstance(value, int | float):
        return Term(f"{float(value)!r}::float8", "number")
    return Term(quoted(str(value)), "text")


def alike(terms: list[Term]) -> list[Term]:
    """The terms in one type, that of all that are not null; as texts where they differ."""
    types = {term.type for term in terms if term.type != "null"}
    if len(types) > 1:
        return [as_text(term) if term.type != "null" else Term("null", "text") for term in terms]
    type: SqlType = next(iter(types), "null")
    return [Term(term.sql, type) for term in terms]


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


def as_number(term: Term, fallback: float) -> Term:
    match term.type:
        case "number":
            return Term(f"coalesce({term.sql}, 0)", "number")
        case "boolean":
            return Term(f"coalesce(({term.sql})::int::float8, 0)", "number")
        case "text":
            empty = f"when coalesce({term.sql}, '') ~ E'^\\\\s*$' then 0"
            tests = f"{empty} when {term.sql} ~ {A_NUMBER} then ({term.sql})::float8"
            return Term(f"(case {tests} else {fallback!r} end)", "number")
    return Term("0::float8", "number")


def shared(base: float, value: str, low: float, high: float) -> str:
    """The share of the way from ``low`` to ``high``, as `evaluation.share_between`."""
    if base == 1:
        return f"(({value} - {low!r}) / {high - low!r})"
    return f"((power({base!r}::float8, {value} - {low!r}) - 1) / {base ** (high - low) - 1!r})"


def mixed_numbers(first: Term, second: Term, share: str) -> Term:
    return Term(f"({first.sql} + ({second.sql} - {first.sql}) * {share})", "number")


def mixed_colours(one: Colour, two: Colour, share: str) -> Term:
    """``rgba(...)`` ``share`` of the way from ``one`` to ``two``, as `Colour.towards`."""
    parts = [f"round({a!r} + {b - a!r} * {share})" for a, b in zip(one[:3], two[:3], strict=True)]
    if one.alpha == two.alpha == 1:
        return Term(f"('rgb(' || {" || ',' || ".join(parts)} || ')')", "text")
    alpha = f"round(({one.alpha!r} + {two.alpha - one.alpha!r} * {share})::numeric, 4)"
    return Term(f"('rgba(' || {" || ',' || ".join([*parts, alpha])} || ')')", "text")
