"""Numbers as people read them, however large."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gis_core.layer import Field
from gis_core.measures import MOST, MOST_OF, beyond_measure
from gis_core.spoken import number
from gis_core.words import Text


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (999_999_999_999_999.0, "999.999.999.999.999", "999,999,999,999,999"),
        (1e15, "1\u00a0×\u00a010¹⁵", "1\u00a0×\u00a010¹⁵"),
        (-1.7976931348623157e308, "-1,798\u00a0×\u00a010³⁰⁸", "-1.798\u00a0×\u00a010³⁰⁸"),
        (Decimal("12.5e1000"), "1,25\u00a0×\u00a010¹⁰⁰¹", "1.25\u00a0×\u00a010¹⁰⁰¹"),
        (2**63, "9.223.372.036.854.775.808", "9,223,372,036,854,775,808"),
        (5e-324, "0", "0"),
        (float("nan"), "không phải số", "not a number"),
        (Decimal("NaN"), "không phải số", "not a number"),
        (float("-inf"), "-vô hạn", "-infinite"),
    ],
)
def test_what_nobody_counts_is_written_by_its_power(value: float | Decimal, vi: str, en: str) -> None:
    assert (number(value, "vi"), number(value, "en")) == (vi, en)


def test_a_measure_ends_where_the_earth_does() -> None:
    def field(unit: str | None) -> Field:
        return Field(name="x", label=Text("x", "x"), type="number", unit=unit)

    for unit, most in {**MOST_OF, None: MOST, "{person}": MOST}.items():
        for sign in (1, -1):
            assert beyond_measure(field(unit), sign * most) is None
            assert beyond_measure(field(unit), sign * most * 1.0001) is not None
    assert beyond_measure(field("m"), Decimal("1e400")) is not None
    said = beyond_measure(field("m"), 1e308)
    assert said is not None and said.en == "must be from −50,000,000\u00a0m to 50,000,000\u00a0m."
