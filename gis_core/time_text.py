"""Dates and times as text made by PostgreSQL (ISO 8601), and which of them there is a text for.

RFC 3339, XML Schema, GDAL and Python know the years 1 to 9999. PostgreSQL also knows ``infinity``, which raw SQL
likes for an open end, and the years before and after: to_char() writes 44 BC as ``0044``. Such a moment has no text
here; formats for programs leave it out, and pages say it in words (`gis_core.spoken`).
"""

from __future__ import annotations

DATE = "YYYY-MM-DD"
MOMENT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
MOMENT_IN_SECONDS = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
FIRST, BEYOND = "timestamptz '0001-01-01 00:00Z'", "timestamptz '10000-01-01 00:00Z'"


def within_calendar(value: str) -> str:
    """SQL condition: ``value``, a date or a timestamp without zone, is in the years 1 to 9999. False for NULL."""
    return f"{value} >= '0001-01-01' and {value} < '10000-01-01'"


def date_text_sql(column: str) -> str:
    """SQL text expression of the date ``column`` (quoted SQL); NULL outside the calendar."""
    return f"case when {within_calendar(column)} then to_char({column}, '{DATE}') end"


def moment_text_sql(column: str, form: str = MOMENT) -> str:
    """SQL text expression in UTC of the timestamptz ``column`` (quoted SQL); NULL outside the calendar.

    Turned to UTC once: that costs as much as writing the text.
    """
    text = f"to_char({column} at time zone 'UTC', '{form}')"
    return f"case when {column} >= {FIRST} and {column} < {BEYOND} then {text} end"
