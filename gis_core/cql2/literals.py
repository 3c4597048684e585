"""Literals of the filter language, read exactly: numbers, texts, days and moments."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from gis_core.cql2 import faults
from gis_core.words import nfc

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
MAX_DIGITS = 400


def checked_text(value: str) -> str:
    """``value`` in NFC; Problem where PostgreSQL could not hold it (U+0000, half a surrogate pair)."""
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise faults.bad_value(
            "Văn bản trong bộ lọc có ký tự không hợp lệ (U+0000 hoặc nửa ký tự).",
            "A text of the filter has an invalid character (U+0000 or half of a pair).",
        )
    return nfc(value)


def number(value: str | float | Decimal) -> Decimal:
    """``value`` as an exact decimal; Problem where it is not finite or beyond a double precision number."""
    try:
        exact = Decimal(repr(value) if isinstance(value, float) else value)
        near = float(exact)
    except (InvalidOperation, OverflowError, ValueError):
        raise _bad_number(str(value)[:60]) from None
    # PostgreSQL refuses to turn a numeric into float8 where it would overflow, or underflow to zero.
    if not math.isfinite(near) or (near == 0.0 and exact != 0) or len(exact.as_tuple().digits) > MAX_DIGITS:
        raise _bad_number(str(value)[:60])
    return exact


def _bad_number(text: str) -> Exception:
    return faults.bad_value(
        f"Số «{faults.shown(text)}» nằm ngoài phạm vi có thể so sánh.",
        f'The number "{faults.shown(text)}" is out of range.',
    )


def instant(value: str) -> date | datetime:
    """A day (``2026-01-31``) or a moment (``2026-01-31T07:00:00Z``, RFC 3339); Problem for anything else."""
    return timestamp(value) if "T" in value else day(value)


def day(value: str) -> date:
    """RFC 3339 ``full-date``."""
    try:
        if DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise faults.bad_value(
        f"«{faults.shown(value)}» không phải là một ngày có thật (dạng 2026-01-31).",
        f'"{faults.shown(value)}" is not a real date (as 2026-01-31).',
    )


def timestamp(value: str) -> datetime:
    """RFC 3339 ``date-time``; digits beyond microseconds are cut off."""
    try:
        if TIMESTAMP.fullmatch(value):
            return datetime.fromisoformat(value)
    except ValueError:
        pass
    raise faults.bad_value(
        f"«{faults.shown(value)}» không phải là một thời điểm có thật (dạng 2026-01-31T07:00:00Z).",
        f'"{faults.shown(value)}" is not a real timestamp (as 2026-01-31T07:00:00Z).',
    )
