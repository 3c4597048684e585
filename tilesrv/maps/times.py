"""Times as documents of map services write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tilesrv.maps.offered import Offered


def time_span(offered: Offered, today: date) -> str | None:
    """``first/last/step`` of a layer with time: from its first feature to its last, ``today`` where the last is still
    valid. None for a layer without time, or without features."""
    extent, published = offered.extent, offered.published
    if published is None or published.layer.time is None or extent.start is None:
        return None
    end = extent.end or datetime.combine(today, datetime.min.time(), UTC)
    days = published.layer.field(published.layer.time.start).type == "date"
    step = "P1D" if days else "PT1S"
    return f"{moment(extent.start, days)}/{moment(max(end, extent.start), days)}/{step}"


def moment(value: datetime, days: bool) -> str:
    """A date, or whole seconds in UTC, the last one begun."""
    utc = value.astimezone(UTC)
    return utc.date().isoformat() if days else utc.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
