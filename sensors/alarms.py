"""Alarm levels: the dated, sourced table, and which of it is in force."""

from __future__ import annotations

import datetime as dt
import json
from importlib.resources import files
from typing import Any

from django.db.models import OuterRef, Subquery

from sensors.models import AlarmLevel, Station


def known_stations() -> dict[str, Any]:
    """The stations that public bulletins name, with alarm levels and evidence (``sensors/data/stations.json``)."""
    found: dict[str, Any] = json.loads((files("sensors") / "data" / "stations.json").read_text("utf-8"))
    return found


def put_in_force(on: dt.date) -> int:
    """Copy to every station the confirmed levels valid on day ``on``; returns how many stations there are.

    A level without a source (evidence ``M``) is never copied: shown on the map it would look like the law.
    """
    levels = AlarmLevel.objects.filter(station=OuterRef("pk"), valid_from__lte=on).exclude(evidence="M")
    return Station.objects.update(
        **{
            f"alarm_{level}_m": Subquery(
                levels.filter(level=level).order_by("-valid_from").values("metres")[:1]
            )
            for level in (1, 2, 3)
        }
    )
