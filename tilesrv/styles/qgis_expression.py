"""An expression of a style in QGIS's language: what a planner can read and change there.

QGIS compares texts that look like numbers as numbers and knows three truth values; both are kept from changing what
the expression means. A zoom is read off the scale of the map (``@map_scale``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise

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
    Zoom,
)
from gis_core.styles.sql import SqlType as Type
from gis_core.styles.sql import Term
from tilesrv.styles.scales import QGIS_SCALE_0

NULL = Term("NULL", "null")
ZOOM = Term(f"log(2, {QGIS_SCALE_0:.3f} / @map_scale)", "number")
TYPES: Mapping[FieldType, Type] = {"integer": "number", "number": "number", "boolean": "boolean"}
EMPTY_FOR_NULL = re.compile(r"coalesce\((\"\w+\"), ''\)")
ASKS_A_FIELD = re.compile(r'"\w+"')
A_NUMBER = r"^\\s*[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]{1,3})?\\s*$"


def quoted(text: str) -> str:
    """``text`` as a text of QGIS's language."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n") + "'"


def number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def colour_text(css: str, opacity: float = 1.0) -> str:
    """A colour as QGIS writes it: ``r,g,b,a`` of 0 to 255."""
    red, green, blue, alpha = Colour.parse(css)
    return f"{round(red)},{round(green)},{round(blue)},{round(255 * alpha * opacity)}"


class QgisWriter:
    """Writes expressions over fields of the given types; a field that is not among them is null.

    ``geometry`` is the kind of geometry of the layer (`GeometryKind`).
    """

    def __init__(self, fields: Mapping[str, FieldType], geometry: str) -> None:
        self._fields = fields
        self._geometry = geometry

    def value(self, expr: Expr) -> str:
        """``expr`` as text for a property of QGIS."""
        return self._write(expr, literal).sql

    def colour(self, expr: Expr, opacity: float = 1.0) -> str:
        """``expr``, whose results are colours, with these times ``opacity``."""

        def leaf(value: object) -> Term:
            return Term(quoted(colour_text(value, opacity)), "text") if isinstance(value, str) else NULL

        return self._write(expr, leaf).sql

    def filter(self, expr: Expr | None) -> str:
        """A condition; ``true`` and ``false`` where it is so for all features."""
        return self.condition(expr) if expr is not None else "true"

    def condition(self, expr: Expr) -> str:
        """``expr`` as a condition that may be null where it is not true."""
        match expr:
            case Logic(word, terms):
                return joined(word, [self.condition(term) for term in terms])
            case Compare("==", left, right) if not _is_null(left) and not _is_null(right):
                return compared("=", self._write(left), self._write(right))
            case Compare(("<" | "<=" | ">" | ">=") as sign, left, right):
                return compared(sign, self._write(left), self._write(right))
            case In(needle, values):
                return among(self._write(needle), values)
        term = self._write(expr)
        return term.sql if term.type == "boolean" else "false"

    def sure(self, expr: Expr) -> str:
        """``expr`` as a condition that is never null."""
        text = self.condition(expr)
        never_null = isinstance(expr, Has | Not) or text in ("true", "false")
        return text if never_null else f"coalesce({text}, false)"

    def _write(self, expr: Expr, leaf: Callable[[object], Term] | None = None) -> Term:
        """``expr``; ``leaf`` writes the literals that can be its result."""
        match expr:
            case Literal(value):
                return (leaf or literal)(value)
            case Get(name):
                return self._field(name)
            case Has(name):
                known = name in self._fields
                return Term(f"{column(name)} IS NOT NULL" if known else "false", "boolean")
            case Zoom():
                return ZOOM
            case GeometryKind():
                return Term(quoted(self._geometry), "text")
            case Match(input, cases, default):
                given = self._write(input)
                tests = [(among(given, labels), self._write(out, leaf)) for labels, out in cases]
                return chosen(tests, self._write(default, leaf))
            case Case(pairs, default):
                tests = [(self.condition(test), self._write(out, leaf)) for test, out in pairs]
                return chosen(tests, self._write(default, leaf))
            case Step(input, first, stops):
                given = self._write(input)
                if given.type != "number":
                    return NULL
                tests = [
                    (f"{given.sql} >= {number(at)}", self._write(out, leaf)) for at, out in reversed(stops)
                ]
                return chosen([*unknown(given), *tests], self._write(first, leaf))
            case Interpolate():
                return self._interpolated(expr, leaf)
            case Coalesce(terms):
                written = alike([self._write(term, leaf) for term in terms])
                return Term(f"coalesce({', '.join(each.sql for each in written)})", written[0].type)
        return self._of_values(expr)

    def _of_values(self, expr: Expr) -> Term:
        match expr:
            case Compare("!=", left, right):
                same = self.sure(Compare("==", left, right))
                return Term(negated(same), "boolean")
            case Compare("==", left, right) if _is_null(left) or _is_null(right):
                other = self._write(right if _is_null(left) else left)
                return Term(f"{other.sql} IS NULL", "boolean")
            case Compare("==", left, right) if not isinstance(left, Literal) and not isinstance(
                right, Literal
            ):
                one, two = self._write(left), self._write(right)
                both_null = f"({one.sql} IS NULL AND {two.sql} IS NULL)"
                return Term(
                    joined("any", [f"coalesce({compared('=', one, two)}, false)", both_null]), "boolean"
                )
            case Compare() | Logic() | In():
                text = self.condition(expr)
                return Term(text if text in ("true", "false") else f"coalesce({text}, false)", "boolean")
            case Not(term):
                return Term(negated(self.sure(term)), "boolean")
            case Concat(terms):
                return Term(f"concat({', '.join(as_text(self._write(t)).sql for t in terms)})", "text")
            case ToString(term):
                return as_text(self._write(term))
            case ToNumber(term, fallback):
                return as_number(self._write(term), fallback)
            case Arithmetic(sign, left, right):
                one, two = self._write(left), self._write(right)
                if (one.type, two.type) != ("number", "number"):
                    return NULL
                return Term(f"({one.sql} {sign} {two.sql})", "number")
        raise TypeError(expr)

    def _field(self, name: str) -> Term:
        """A field as a vector tile holds it: times are texts in UTC."""
        kind = self._fields.get(name)
        match kind:
            case None:
                return NULL
            case "date":
                return Term(f"format_date({column(name)}, 'yyyy-MM-dd')", "text")
            case "datetime":
                return Term(f"format_date({column(name)}, 'yyyy-MM-ddTHH:mm:ssZ')", "text")
        return Term(column(name), TYPES.get(kind, "text"))

    def _interpolated(self, expr: Interpolate, leaf: Callable[[object], Term] | None) -> Term:
        given = self._write(expr.input)
        if given.type != "number":
            return NULL
        (first, low), (_, high) = expr.stops[0], expr.stops[-1]
        cases = [(f"{given.sql} <= {number(first)}", self._write(low, leaf))]
        for (at, one), (to, two) in pairwise(expr.stops):
            share = shared(expr.base, given.sql, at, to)
            cases.append((f"{given.sql} < {number(to)}", self._mixed(one, two, share, leaf)))
        return chosen([*unknown(given), *cases], self._write(high, leaf))

    def _mixed(self, one: Expr, two: Expr, share: str, leaf: Callable[[object], Term] | None) -> Term:
        match one, two:
            case Literal(str(first)), Literal(str(second)):
                pair = [self._write(Literal(each), leaf).sql.strip("'") for each in (first, second)]
                return Term(mixed_colours(pair[0], pair[1], share), "text")
        a, b = self._write(one), self._write(two)
        return Term(f"({a.sql} + ({b.sql} - {a.sql}) * {share})", "number")


def unknown(given: Term) -> list[tuple[str, Term]]:
    """The branch for an input that is null, which a zoom never is."""
    return [] if given == ZOOM else [(f"{given.sql} IS NULL", NULL)]


def _is_null(expr: Expr) -> bool:
    return expr == Literal(None)


def column(name: str) -> str:
    return f'"{name}"'


def literal(value: object) -> Term:
    if value is None or isinstance(value, tuple):
        return NULL
    if isinstance(value, bool):
        return Term("true" if value else "false", "boolean")
    if isinstance(value, int | float):
        return Term(number(value), "number")
    return Term(quoted(str(value)), "text")


def alike(terms: list[Term]) -> list[Term]:
    """The terms in one type, that of all that are not null; as texts where they differ."""
    types = {term.type for term in terms if term.type != "null"}
    if len(types) > 1:
        return [as_text(term) if term.type != "null" else Term("NULL", "text") for term in terms]
    kind: Type = next(iter(types), "null")
    return [Term(term.sql, kind) for term in terms]


def chosen(cases: list[tuple[str, Term]], default: Term) -> Term:
    """``CASE``, without the branches that no feature can take."""
    kept: list[tuple[str, Term]] = []
    for test, out in cases:
        if test == "true":
            default = out
            break
        if test != "false":
            kept.append((test, out))
    outputs = alike([*(out for _, out in kept), default])
    if not kept:
        return default
    tests = [test for test, _ in kept]
    if not any(ASKS_A_FIELD.search(test) for test in tests):
        return Term(nested(tests, [out.sql for out in outputs]), outputs[-1].type)
    whens = " ".join(f"WHEN {test} THEN {out.sql}" for test, out in zip(tests, outputs, strict=False))
    return Term(f"CASE {whens} ELSE {outputs[-1].sql} END", outputs[-1].type)


def nested(tests: list[str], outputs: list[str]) -> str:
    """The choice by ``if``: QGIS 3.22 takes a ``CASE`` whose conditions ask for no field for a constant, whatever its
    results are."""
    text = outputs[-1]
    for test, out in reversed(list(zip(tests, outputs, strict=False))):
        text = f"if({test}, {out}, {text})"
    return text


def joined(word: str, terms: list[str]) -> str:
    """Conditions joined by ``all`` or ``any``; constants fall away."""
    nothing, decisive = ("true", "false") if word == "all" else ("false", "true")
    kept = [term for term in terms if term != nothing]
    if decisive in kept:
        return decisive
    if len(kept) < 2:
        return kept[0] if kept else nothing
    return "(" + (" AND " if word == "all" else " OR ").join(kept) + ")"


def negated(text: str) -> str:
    return {"true": "false", "false": "true"}.get(text, f"NOT ({text})")


def among(given: Term, labels: tuple[str | float, ...]) -> str:
    wanted = "text" if labels and isinstance(labels[0], str) else "number"
    fitting = [literal(each).sql for each in labels if isinstance(each, str) == (wanted == "text")]
    if given.type != wanted or not fitting:
        return "false"
    field = given.sql if "" in labels else bare(given.sql)
    if len(fitting) == 1:
        return f"{field} = {fitting[0]}"
    return f"{field} IN ({', '.join(fitting)})"


def bare(text: str) -> str:
    """A field whose null was made the empty text, as the field: it is neither of any other text."""
    return found[1] if (found := EMPTY_FOR_NULL.fullmatch(text)) else text


def compared(sign: str, left: Term, right: Term) -> str:
    ordered = sign != "="
    if left.type != right.type or left.type == "null" or (ordered and left.type == "boolean"):
        return "false"
    return f"{left.sql} {sign} {right.sql}"


def as_text(term: Term) -> Term:
    match term.type:
        case "text":
            known = term.sql.startswith("'")
            return term if known else Term(f"coalesce({term.sql}, '')", "text")
        case "null":
            return Term("''", "text")
        case "boolean":
            return Term(
                f"CASE WHEN {term.sql} THEN 'true' WHEN NOT ({term.sql}) THEN 'false' ELSE '' END", "text"
            )
    return Term(f"coalesce(to_string({term.sql}), '')", "text")


def as_number(term: Term, fallback: float) -> Term:
    match term.type:
        case "number":
            return Term(f"coalesce({term.sql}, 0)", "number")
        case "boolean":
            return Term(f"CASE WHEN {term.sql} THEN 1 ELSE 0 END", "number")
        case "text":
            empty = f"WHEN trim(coalesce({term.sql}, '')) = '' THEN 0"
            test = f"{empty} WHEN regexp_match({term.sql}, '{A_NUMBER}')"
            return Term(f"CASE {test} THEN to_real({term.sql}) ELSE {number(fallback)} END", "number")
    return Term("0", "number")


def shared(base: float, value: str, low: float, high: float) -> str:
    """The share of the way from ``low`` to ``high`` (`evaluation.share_between`)."""
    if base == 1:
        return f"(({value} - {number(low)}) / {number(high - low)})"
    return f"(({number(base)} ^ ({value} - {number(low)}) - 1) / {number(base ** (high - low) - 1)})"


def mixed_colours(one: str, two: str, share: str) -> str:
    """The colour ``share`` of the way between ``r,g,b,a`` and ``r,g,b,a`` (`Colour.towards`)."""
    first, second = ([float(part) for part in each.split(",")] for each in (one, two))
    parts = [
        number(x) if x == y else f"round({number(x)} + {number(y - x)} * {share})"
        for x, y in zip(first, second, strict=True)
    ]
    return f"color_rgba({', '.join(parts)})"
