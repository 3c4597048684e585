"""The time of features as a condition on rows; knows neither Django nor a connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gis_core.days import day_of, day_or_moment
from gis_core.layer import Field
from gis_core.problems import bad_request
from gis_core.registry import Published


@dataclass(frozen=True)
class TimeInterval:
    """From ``start`` to ``end`` (None where open), both moments with a zone and both included."""

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
    """``value`` beside the column of ``field``: a column of dates holds days of the city."""
    return day_of(value) if field.type == "date" else value


# What callers write ------------------------------------------------------------------------------------------------


def parse_datetime(text: str) -> TimeInterval:
    """An instant, or ``start/end`` where ``..`` or nothing is open; a date alone is that whole day of the city
    (`gis_core.days`). A 400 Problem for anything else."""
    parts = text.split("/")
    try:
        if len(parts) == 1:
            return TimeInterval(*day_or_moment(parts[0]))
        if len(parts) == 2:
            low = None if parts[0] in ("", "..") else day_or_moment(parts[0])[0]
            high = None if parts[1] in ("", "..") else day_or_moment(parts[1])[1]
            if (low or high) and not (low and high and low > high):
                return TimeInterval(low, high)
            if low is None and high is None and ".." in parts:
                return TimeInterval(None, None)
    except ValueError:
        pass
    raise bad_datetime()


def bad_datetime() -> Exception:
    return bad_request(
        "bad-datetime",
        "“datetime” phải là thời điểm RFC 3339 (2025-07-01T00:00:00Z), ngày, hoặc khoảng đầu/cuối ('..' là mở).",
        "“datetime” must be an RFC 3339 time (2025-07-01T00:00:00Z), a date, or start/end ('..' is open).",
        parameter="datetime",
    )
