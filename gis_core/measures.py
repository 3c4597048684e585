"""How large a number that people write may be: what is larger is a slip of the hand, and no reader of ours holds it.

Rows that are larger already, from imports and raw SQL, are served as they are (`tests/acceptance/test_odd_numbers.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from gis_core.layer import Field
from gis_core.spoken import quantity
from gis_core.words import Text

# A double tells whole numbers apart up to 9e15, so that sums of some are exact still; a sheet shows 15 figures.
MOST = 1e15
# By UCUM code, to each side of zero, what the Earth has in all, rounded upwards.
MOST_OF: Mapping[str, float] = {
    "m": 5e7,  # once around is 40,075 km
    "km": 5e4,
    "m2": 6e14,  # its surface is 510 million km2
    "km2": 6e8,
    "har": 6e10,
    "hm3": 2e12,  # its oceans hold 1.34e12
    "m3/s": 1e7,  # the Amazon in flood: 4e5
    "km/h": 1e5,
    "deg": 3600,
    "%": 1e6,
    "d": 4e6,
}


def beyond_measure(field: Field, value: object) -> Text | None:
    """Why a number is none for this field, as the end of a sentence about it; None where it can be one, or is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if field.type == "integer" and not field.unit:  # it may be a key of 64 bits
        return None
    most = MOST_OF.get(field.unit or "", MOST)
    if -most <= value <= most:
        return None
    vi, en = (quantity(most, field.unit, language) for language in ("vi", "en"))
    return Text(f"phải từ −{vi} đến {vi}.", f"must be from −{en} to {en}.")
