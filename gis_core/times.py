"""The time of features as a condition on rows; knows neither Django nor a connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gis_core.layer import Field
from gis_core.registry import Published


@dataclass(frozen=True)
class TimeInterval:
    """From ``start`` to ``end`` (both given, or None where open), as ``datetime`` in UTC."""

    start: datetime | None
    end: datetime | None


Moment = datetime | TimeInterval


def interval_of(at: Moment) -> TimeInterval:
    """A moment as an interval without length; an interval as it is."""
    return at if isinstance(at, TimeInterval) else TimeInterval(at, at)


def time_sql(published: Published, interval: TimeInterval) -> tuple[str, list[Any]]:
    """Rows whose time meets ``interval``; a layer or feature without time meets every one (OGC 17-069r4, 7.15.4).

    Validity is half-open: a unit dissolved on 1 July is not valid on 1 July, its successor is.
    """
    time = published.layer.time
    if time is None:
        return "true", []
    start = published.layer.field(time.start)
    parts: list[str] = []
    params: list[Any] = []
    if interval.end is not None:
        parts.append(f'("{start.name}" <= %s or "{start.name}" is null)')
        params.append(as_column_value(start, interval.end))
    if interval.start is not None:
        end = published.layer.field(time.end) if time.end else start
        test = f'"{end.name}" > %s' if time.end else f'"{end.name}" >= %s'
        parts.append(f'({test} or "{end.name}" is null)')
        params.append(as_column_value(end, interval.start))
    return " and ".join(parts) or "true", params


def as_column_value(field: Field, value: datetime) -> date | datetime:
    return value.date() if field.type == "date" else value
