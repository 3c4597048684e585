"""Temporal relations between instants and intervals (CQL2, 7.8; OWL-Time), as comparisons of their ends.

Intervals are closed at both ends. A DATE, and a column of dates, is a whole day of the city beside a timestamp: so an
instant lies in a day, and never equals one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from gis_core.cql2 import faults
from gis_core.cql2.sql import Sql
from gis_core.days import day_end, day_end_sql, day_start, day_start_sql

# Of the operands 1 and 2: s is the start, e the end.
RELATIONS: dict[str, str] = {
    "t_after": "(s1 > e2)",
    "t_before": "(e1 < s2)",
    "t_disjoint": "(e1 < s2 OR s1 > e2)",
    "t_equals": "(s1 = s2 AND e1 = e2)",
    "t_intersects": "(e1 >= s2 AND s1 <= e2)",
    "t_contains": "(s1 < s2 AND e1 > e2)",
    "t_during": "(s1 > s2 AND e1 < e2)",
    "t_finishedby": "(s1 < s2 AND e1 = e2)",
    "t_finishes": "(s1 > s2 AND e1 = e2)",
    "t_meets": "(e1 = s2)",
    "t_metby": "(s1 = e2)",
    "t_overlappedby": "(s1 > s2 AND s1 < e2 AND e1 > e2)",
    "t_overlaps": "(s1 < s2 AND e1 > s2 AND e1 < e2)",
    "t_startedby": "(s1 = s2 AND e1 > e2)",
    "t_starts": "(s1 = s2 AND e1 < e2)",
}
ANY_OPERANDS = frozenset({"t_after", "t_before", "t_disjoint", "t_equals", "t_intersects"})


@dataclass(frozen=True)
class Bound:
    """One end: a column (``sql``), a literal (``value``), or open where both are None."""

    kind: Literal["date", "datetime"] | None
    sql: Sql | None = None
    value: date | datetime | None = None


@dataclass(frozen=True)
class Span:
    start: Bound
    end: Bound
    instant: bool


def relate(operator: str, left: Span, right: Span) -> Sql:
    """SQL of ``operator`` (a key of `RELATIONS`); Problem where the operands do not suit it."""
    name = operator.upper()
    if operator not in ANY_OPERANDS and (left.instant or right.instant):
        raise faults.fault(
            "filter-type",
            f"{name} chỉ so sánh hai khoảng INTERVAL(…). Với một thời điểm, dùng T_INTERSECTS, T_AFTER hoặc T_BEFORE.",
            f"{name} relates two intervals, INTERVAL(…). For an instant use T_INTERSECTS, T_AFTER or T_BEFORE.",
        )
    if operator == "t_equals" and left.instant and right.instant and left.start.kind != right.start.kind:
        raise faults.not_comparable(name, left.start.kind or "date", right.start.kind or "date")
    bounds = {"s1": left.start, "e1": left.end, "s2": right.start, "e2": right.end}
    kind = "datetime" if any(b.kind == "datetime" for b in bounds.values()) else "date"
    ends = {key: _end(bound, kind, key[0] == "s") for key, bound in bounds.items()}
    params: list[object] = []

    def write(match: re.Match[str]) -> str:
        params.extend(ends[match[0]].params)
        return ends[match[0]].text

    text = re.sub(r"\b[se][12]\b", write, RELATIONS[operator])
    return Sql(text, tuple(params))


def _end(bound: Bound, kind: str, is_start: bool) -> Sql:
    if bound.sql is not None:
        if bound.kind == kind:
            return bound.sql
        write = day_start_sql if is_start else day_end_sql
        return Sql(write(bound.sql.text), bound.sql.params)
    if bound.value is None:
        infinity = "'-infinity'" if is_start else "'infinity'"
        return Sql(f"{infinity}::{'timestamptz' if kind == 'datetime' else 'date'}")
    return Sql("%s", (_moment(bound.value, kind, is_start),))


def _moment(value: date | datetime, kind: str, is_start: bool) -> date | datetime:
    if kind == "datetime" and not isinstance(value, datetime):
        return day_start(value) if is_start else day_end(value)
    return value


def checked(span: Span) -> Span:
    """``span``, or Problem where its literal ends are the wrong way round."""
    start, end = span.start.value, span.end.value
    if start is None or end is None or _moment(start, "datetime", True) <= _moment(end, "datetime", False):
        return span
    raise faults.bad_value(
        f"Khoảng thời gian kết thúc ({end.isoformat()}) trước khi bắt đầu ({start.isoformat()}).",
        f"An interval ends ({end.isoformat()}) before it starts ({start.isoformat()}).",
    )
