"""Times as documents of map services write them, and the state that maps show when none is asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from gis_core.days import day_of, day_start, today
from gis_core.layer import Layer
from gis_core.times import Moment
from tilesrv.maps.offered import Offered


def current_state(layer: Layer) -> datetime | None:
    """The moment at which a map that names none shows ``layer``: now where features are valid for a time, and None,
    which is all of them, where they merely happened at one or have no time."""
    if layer.time is None or layer.time.end is None:
        return None
    if {layer.field(layer.time.start).type, layer.field(layer.time.end).type} == {"date"}:
        return day_start(today())  # one picture a day
    return datetime.now(UTC).replace(microsecond=0)


def time_span(offered: Offered, today: date) -> str | None:
    """``first/last/step`` of a layer with time: from its first feature to its last, ``today`` where the last is still
    valid. None for a layer without time, or without features."""
    extent, published = offered.extent, offered.published
    if published is None or published.layer.time is None or extent.start is None:
        return None
    end = extent.end or day_start(today)
    days = published.layer.field(published.layer.time.start).type == "date"
    step = "P1D" if days else "PT1S"
    first, last = written(extent.start, days, up=False), written(max(end, extent.start), days, up=True)
    return f"{first}/{last}/{step}"


def written(value: datetime, days: bool, *, up: bool) -> str:
    """The day of the city, or whole seconds in UTC: the last one begun, or (``up``) the first one that is not over."""
    if days:
        return day_of(value).isoformat()
    utc = value.astimezone(UTC).replace(tzinfo=None)
    if up and utc.microsecond and utc.year < 9999:
        utc += timedelta(seconds=1)
    return utc.replace(microsecond=0).isoformat() + "Z"


def said_time(at: Moment) -> str:
    """``at`` as RFC 3339 has moments, an interval as ``from/to`` with ``..`` for an open end."""
    if isinstance(at, datetime):
        return moment_text(at)
    if at.start is not None and at.start == at.end:
        return moment_text(at.start)
    return "/".join(".." if end is None else moment_text(end) for end in (at.start, at.end))


def moment_text(value: datetime) -> str:
    try:
        value = value.astimezone(UTC)
    except OverflowError:  # the city's first day
        return value.isoformat()
    return value.replace(tzinfo=None).isoformat() + "Z"
