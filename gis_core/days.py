"""Days of the city and moments: one rule for every protocol, filter and document.

* A **day** that names no zone is a day of the city's zone, from its midnight up to the next: 1 July 2025 begins on
  30 June at 17:00 UTC. So is a year, a month, and a column of dates.
* A **moment** is itself. A day holds it, or does not; it is never cut to a day of another zone.
* An interval reaches from the first moment of its beginning to the last one of its end, both included (OGC 17-069r4,
  7.15.4; RFC 3339).

Where a standard lets a time of day come without a zone (ISO 8601 in WMS, XML Schema in WFS), it is the city's as well.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE_NAME = "Asia/Ho_Chi_Minh"
CITY_ZONE = ZoneInfo(ZONE_NAME)

RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,12})?(?:[Zz]|[+-]\d\d:\d\d)")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def day_start(day: date) -> datetime:
    """The first moment of ``day`` in the city."""
    return datetime.combine(day, time.min, CITY_ZONE)


def day_end(day: date) -> datetime:
    """The last microsecond of ``day`` in the city."""
    return datetime.combine(day, time.max, CITY_ZONE)


def day_of(moment: datetime) -> date:
    """The day of the city in which ``moment`` (with a zone) lies; the calendar's first and last day at its ends."""
    try:
        return moment.astimezone(CITY_ZONE).date()
    except OverflowError:
        return date.max if moment.year > 5000 else date.min


def last_day_before(end: date | datetime) -> date:
    """The last day of the city that a span up to ``end``, which is not of it, holds a moment of.

    The calendar has no day before its first one, nor a moment: that is then the last."""
    if isinstance(end, datetime):
        try:
            return day_of(end - timedelta(microseconds=1))
        except OverflowError:
            return date.min
    return end if end == date.min else end - timedelta(days=1)


def today() -> date:
    """The day that it is in the city."""
    return datetime.now(CITY_ZONE).date()


def with_zone(moment: datetime) -> datetime:
    """``moment`` with the city's zone where it has none."""
    return moment if moment.tzinfo else moment.replace(tzinfo=CITY_ZONE)


def day_or_moment(text: str) -> tuple[datetime, datetime]:
    """First and last moment of what ``text`` names: a full-date or a date-time of RFC 3339. ValueError for any other.

    A plus sign that nobody encoded arrives as a space, and is taken for what it was.
    """
    if DAY.fullmatch(text):
        day = date.fromisoformat(text)
        return day_start(day), day_end(day)
    text = text[:11] + text[11:].replace(" ", "+")
    if not text.isascii() or not RFC3339.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    try:
        moment = moment.astimezone(UTC)  # equal moments are then equal keys of what is kept
    except OverflowError:
        raise ValueError(text) from None
    return moment, moment


# As SQL -------------------------------------------------------------------------------------------------------------


def day_start_sql(column: str) -> str:
    """SQL of the first moment, a timestamptz, of the date ``column`` (quoted SQL)."""
    return f"({column}::timestamp at time zone '{ZONE_NAME}')"


def day_end_sql(column: str) -> str:
    """SQL of the last microsecond of the date ``column`` (quoted SQL), where PostgreSQL knows the day after it."""
    return f"(({column} + 1)::timestamp at time zone '{ZONE_NAME}' - interval '1 microsecond')"
