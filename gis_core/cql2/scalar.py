"""Scalar predicates: comparison, LIKE, BETWEEN and IN over values whose types are known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from gis_core.cql2 import faults, literals
from gis_core.cql2.sql import Sql, call, infix
from gis_core.days import day_end, day_start

INT8 = range(-(2**63), 2**63)
NUMERIC = ("integer", "number")
# Pairs of a pattern: an escaped character, or one alone. unaccent turns these into characters that LIKE takes for its
# own; escaped first, they come out as the escaped wildcard, which is the plain character that was meant.
PATTERN_UNIT = re.compile(r"\\.|.", re.DOTALL)
UNACCENTED_TO_WILDCARD = "％﹪＿∖＼﹨"


@dataclass(frozen=True)
class Value:
    """A typed SQL value; ``literal`` holds the value of a literal, None otherwise."""

    kind: str
    sql: Sql
    literal: object = None


def number(value: Decimal) -> Value:
    """An integer where it fits one (so that an index on an integer column serves), else an exact decimal."""
    whole = value == value.to_integral_value() and abs(value) < 2**64 and int(value) in INT8
    exact: int | Decimal = int(value) if whole else value
    return Value("number", Sql("%s", (exact,)), exact)


def text(value: str) -> Value:
    return Value("text", Sql("%s", (value,)), value)


def boolean(value: bool) -> Value:
    return Value("boolean", Sql("TRUE" if value else "FALSE"), value)


def instant(value: date | datetime) -> Value:
    return Value("datetime" if isinstance(value, datetime) else "date", Sql("%s", (value,)), value)


def fold(function: str, argument: Value) -> Value:
    """CASEI or ACCENTI of a text."""
    if argument.kind != "text":
        raise faults.wrong_type(function.upper(), "text", argument.kind)
    return Value("text", call(SQL_FUNCTIONS[function], argument.sql))


SQL_FUNCTIONS = {"casei": "huong.fold_case", "accenti": "huong.fold_accents"}


def compare(operator: str, left: Value, right: Value) -> Sql:
    """``left OP right``; Problem where their types cannot be compared."""
    left, right = _as_instant(left, right.kind), _as_instant(right, left.kind)
    for value in (left, right):
        if value.kind == "null":
            raise faults.null_comparison(operator)
        if value.kind == "geometry":
            raise faults.fault(
                "filter-type",
                f"Không so sánh hình học bằng {operator}; dùng S_EQUALS, S_INTERSECTS…",
                f"Geometries are not compared by {operator}; use S_EQUALS, S_INTERSECTS…",
            )
    if left.kind == "datetime" and _is_day(right):
        return _beside_day(operator, left, right)
    if right.kind == "datetime" and _is_day(left):
        return _beside_day(MIRRORED[operator], right, left)
    if left.kind != right.kind and not (left.kind in NUMERIC and right.kind in NUMERIC):
        raise faults.not_comparable(operator, left.kind, right.kind)
    return infix(operator, (left.sql, right.sql))


MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _as_instant(value: Value, other: str) -> Value:
    # The standard's own test compares dates with plain strings: '2022-04-14'.
    if other in ("date", "datetime") and value.kind == "text" and isinstance(value.literal, str):
        return instant(literals.instant(value.literal))
    return value


def _is_day(value: Value) -> bool:
    return value.kind == "date" and value.literal is not None


def _beside_day(operator: str, moment: Value, day: Value) -> Sql:
    """``moment OP DATE(…)``: the date is that whole day in the city, so that an index on the moment serves."""
    assert isinstance(day.literal, date)
    start = Sql("%s", (day_start(day.literal),))
    end = Sql("%s", (day_end(day.literal),))
    match operator:
        case "=":
            return infix("AND", (infix(">=", (moment.sql, start)), infix("<=", (moment.sql, end))))
        case "<>":
            return infix("OR", (infix("<", (moment.sql, start)), infix(">", (moment.sql, end))))
        case "<" | ">=":
            return infix(operator, (moment.sql, start))
        case _:
            return infix(operator, (moment.sql, end))


def between(value: Value, low: Value, high: Value) -> Sql:
    """Closed at both ends; nothing lies between where low > high."""
    return infix("AND", (compare(">=", value, low), compare("<=", value, high)))


def in_list(value: Value, items: Sequence[Value]) -> Sql:
    """``value IN (…)``, as equality with one of ``items``."""
    equal = [compare("=", value, item) for item in items]
    plain = infix("=", (value.sql, Sql("%s")))
    if all(piece.text == plain.text for piece in equal) and not value.sql.params:
        params = tuple(p for piece in equal for p in piece.params)
        return Sql(f"({value.sql.text} IN ({', '.join(['%s'] * len(equal))}))", params)
    return infix("OR", equal)


def like(value: Value, pattern: str, folds: Sequence[str]) -> Sql:
    r"""``value LIKE pattern``: ``%`` any characters, ``_`` one, ``\`` escapes.

    ``folds`` are the functions around the pattern, the outermost first.
    """
    if value.kind != "text":
        raise faults.wrong_type("LIKE", "text", value.kind)
    units = PATTERN_UNIT.findall(pattern)
    if units and units[-1] == "\\":
        raise faults.bad_value(
            "Mẫu LIKE kết thúc bằng «\\» mà không có ký tự theo sau.",
            'The LIKE pattern ends with "\\" and no character after it.',
        )
    if "accenti" in folds:
        units = ["\\" + unit if unit in UNACCENTED_TO_WILDCARD else unit for unit in units]
    written = Sql("%s", ("".join(units),))
    for function in reversed(folds):
        written = call(SQL_FUNCTIONS[function], written)
    return infix("LIKE", (value.sql, written))
