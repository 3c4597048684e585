"""Values as people read them on pages: those of `gis_core.spoken`, and what only pages say."""

from __future__ import annotations

from gis_core.spoken import moment, number, quantity, value
from web import words

__all__ = ["away", "counted", "distance", "moment", "number", "quantity", "value"]


def distance(metres: float, language: str) -> str:
    """A length for a scale bar: ``500 m``, ``20 km``."""
    return quantity(metres, "m", language) if metres < 1000 else quantity(metres / 1000, "km", language)


def away(metres: float, language: str) -> str:
    """How far something is, as one says it: ``40 m``, ``350 m``, ``1,2 km``."""
    if metres < 995:
        return quantity(max(10, round(metres, -1)), "m", language)
    return quantity(round(metres / 1000, 1), "km", language)


def counted(count: int, most: int, language: str) -> str:
    """A count that stopped at ``most``: ``hơn 10.000``."""
    if count <= most:
        return number(count, language)
    return words.MORE_THAN.format(count=number(most, language)).to(language)
