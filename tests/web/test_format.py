"""Numbers, units and times as a Vietnamese or an English reader expects them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from gis_core.layer import Code, Field
from gis_core.words import Text
from web import format

NAME = Text("Tên", "Name")


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [
        (1250.5, "vi", "1.250,5"),
        (1250.5, "en", "1,250.5"),
        (Decimal("3.50"), "vi", "3,5"),
        (100, "vi", "100"),
        (-0.0001, "vi", "0"),
    ],
)
def test_numbers(value: float | Decimal, language: str, text: str) -> None:
    assert format.number(value, language) == text


def field(kind: str, **more: object) -> Field:
    return Field(name="f", label=NAME, type=kind, **more)  # type: ignore[arg-type]


def test_values_follow_their_declaration() -> None:
    wet = field("text", codes=(Code(value="wet", label=Text("Ướt", "Wet")),))
    assert format.value(wet, "wet", "vi") == "Ướt"
    assert format.value(wet, "unknown", "vi") == "unknown"
    assert format.value(field("number", unit="m2"), 1250, "vi") == "1.250\u00a0m²"
    assert format.value(field("boolean"), True, "en") == "Yes"
    assert format.value(field("integer"), 2019, "vi") == "2019"
    assert format.value(field("integer"), 45123, "vi") == "45.123"
    assert format.value(field("date"), date(2025, 7, 1), "vi") == "01/07/2025"


def test_times_are_those_of_hue() -> None:
    assert format.moment(datetime(2025, 10, 27, 13, 0, tzinfo=UTC)) == "27/10/2025 20:00"


def test_a_count_that_stopped_says_so() -> None:
    assert format.counted(10_001, 10_000, "vi") == "hơn 10.000"
    assert format.counted(40, 10_000, "en") == "40"
