"""Values as people read them, wherever: decimal comma in Vietnamese, days before months, units with a space."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gis_core.days import CITY_ZONE, day_of
from gis_core.layer import Field
from gis_core.words import Text

# UCUM codes whose printed form differs from the code (ucum.org, "print symbol").
UNIT_SYMBOLS: Mapping[str, str] = {
    "m2": "m²",
    "km2": "km²",
    "m3": "m³",
    "m3/s": "m³/s",
    "ug/m3": "µg/m³",
    "Cel": "°C",
    "deg": "°",
    "har": "ha",
    "/km2": "/km²",
    "{person}": "",
    "{people}": "",
    "1": "",
}
# Units that are words, in the reader's habit.
UNIT_WORDS: Mapping[str, Text] = {
    "hm3": Text("triệu m³", "million m³"),
    "a": Text("năm", "years"),
    "mo": Text("tháng", "months"),
    "wk": Text("tuần", "weeks"),
    "d": Text("ngày", "days"),
    "h": Text("giờ", "h"),
    "min": Text("phút", "min"),
}
WITHOUT_SPACE = frozenset({"%", "°"})
NO_BREAK_SPACE = "\u00a0"
YES, NO = Text("Có", "Yes"), Text("Không", "No")
YES_WITHIN, NO_WITHIN = Text("có", "yes"), Text("không", "no")  # within a sentence
ENDLESS = {
    "infinity": Text("không thời hạn", "without end"),
    "-infinity": Text("từ trước đến nay", "since ever"),
}
NO_NUMBER, UNBOUNDED = Text("không phải số", "not a number"), Text("vô hạn", "infinite")
LONGEST = 1e15  # from which a number is written by its power of ten: nobody counts its digits, and a double has no more
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
TODAY = Text("hôm nay", "today")
AGO_MINUTES = Text("{n} phút trước", "{n} min ago")
AGO_HOURS = Text("{n} giờ trước", "{n} h ago")
AGO_DAYS = Text("{n} ngày trước", "{n} days ago")
BEFORE_CHRIST = Text("TCN", "BC")


def number(value: float | Decimal, language: str, digits: int = 3) -> str:
    """``1250.5`` -> ``1.250,5`` in Vietnamese, ``1,250.5`` in English; at most ``digits`` decimals."""
    if isinstance(value, float | Decimal) and (value != value or not -LONGEST < value < LONGEST):
        return extreme(value, language, digits)
    text = f"{value:,.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text == "-0":
        text = "0"
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))


def extreme(value: float | Decimal, language: str, digits: int) -> str:
    """What raw SQL and imports may have written: ``1,798 × 10³⁰⁸``, no number at all."""
    if value != value:
        return NO_NUMBER.to(language)
    if value in (math.inf, -math.inf):
        return ("-" if value < 0 else "") + UNBOUNDED.to(language)
    figures, _, power = f"{value:.{digits}e}".partition("e")
    said = number(float(figures), language, digits)
    return f"{said}{NO_BREAK_SPACE}×{NO_BREAK_SPACE}10{str(int(power)).translate(RAISED)}"


def quantity(value: float | Decimal, unit: str | None, language: str) -> str:
    """A number with its unit: ``3,5 m``."""
    symbol = unit_text(unit, language)
    between = "" if not symbol or symbol in WITHOUT_SPACE else NO_BREAK_SPACE
    return f"{number(value, language)}{between}{symbol}"


def unit_text(unit: str | None, language: str) -> str:
    """How a UCUM code is printed: ``m³/s``, ``triệu m³``; empty for none and for what is only counted."""
    if not unit:
        return ""
    return UNIT_WORDS[unit].to(language) if unit in UNIT_WORDS else UNIT_SYMBOLS.get(unit, unit)


def age(raw: object, language: str, now: datetime | None = None) -> str:
    """How long ago a day or moment was, in words; empty for what is to come and for what is neither."""
    now = now or datetime.now(CITY_ZONE)
    if isinstance(raw, datetime):
        minutes = (now - raw).total_seconds() / 60 if raw.tzinfo else -1.0
        if minutes < 0:
            return ""
        if minutes < 60:
            return AGO_MINUTES.format(n=int(minutes)).to(language)
        if minutes < 24 * 60:
            return AGO_HOURS.format(n=int(minutes / 60)).to(language)
        raw = day_of(raw)
    if not isinstance(raw, date):
        return ""
    days = (day_of(now) - raw).days
    if days < 0:
        return ""
    return TODAY.to(language) if days == 0 else AGO_DAYS.format(n=number(days, language)).to(language)


def moment(value: datetime) -> str:
    """A time in Huế: ``27/10/2025 20:00``."""
    try:
        local = value.astimezone(CITY_ZONE)
    except OverflowError:  # the last evening of the year 9999
        local = value
    return local.strftime("%d/%m/%Y %H:%M")


def value(field: Field, raw: object, language: str) -> str:
    """``raw`` as the declaration of ``field`` says it should be read."""
    for code in field.codes:
        if code.value == str(raw):
            return code.label.to(language)
    if isinstance(raw, bool):
        return (YES if raw else NO).to(language)
    if isinstance(raw, int | float | Decimal):
        # A year is a number that nobody groups by thousands.
        if field.type == "integer" and not field.unit and raw < 10_000:
            return str(raw)
        return quantity(raw, field.unit, language)
    if isinstance(raw, datetime):
        return moment(raw)
    if isinstance(raw, date):
        return raw.strftime("%d/%m/%Y")
    if field.type in ("date", "datetime"):
        return beyond_calendar(str(raw), language)
    return str(raw)


def typed(field: Field, value: Any) -> Any:
    """A value of JSON as the field's type; years beyond Python's calendar stay as they are written."""
    try:
        if field.type == "date":
            return date.fromisoformat(value)
        if field.type == "datetime":
            return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    return value


def beyond_calendar(text: str, language: str) -> str:
    """The day of what PostgreSQL writes of a time that Python has not: ``0044-03-15 BC`` is 15/03/44 BC."""
    if text in ENDLESS:
        return ENDLESS[text].to(language)
    found = re.match(r"(\d{4,6})-(\d\d)-(\d\d)", text)
    if not found:
        return text
    year, month, day = found.groups()
    era = f"{NO_BREAK_SPACE}{BEFORE_CHRIST.to(language)}" if text.endswith("BC") else ""
    return f"{day}/{month}/{int(year)}{era}"
