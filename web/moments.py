"""Times that Python's calendar has not (PostgreSQL's ``infinity``, 44 BC), read as the text that PostgreSQL writes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.types.datetime import DateLoader, TimestamptzLoader


def take_any_time(cursor: psycopg.Cursor[Any]) -> None:
    """From now on ``cursor`` fails on no date or time; `gis_core.spoken.value` says the texts in words."""
    cursor.adapters.register_loader("date", AnyDate)
    cursor.adapters.register_loader("timestamptz", AnyMoment)


class AnyDate(DateLoader):
    """A date, or a text such as ``0044-03-15 BC``."""

    def load(self, data: Buffer) -> date | str:  # type: ignore[override]
        try:
            return super().load(data)
        except psycopg.DataError:
            return bytes(data).decode()


class AnyMoment(TimestamptzLoader):
    """A moment, or a text such as ``infinity``."""

    def load(self, data: Buffer) -> datetime | str:  # type: ignore[override]
        try:
            return super().load(data)
        except psycopg.DataError:
            return bytes(data).decode()
