"""How large a filter may be. The caps stand before the parser: nesting a few hundred deep kills its process."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Caps of one filter.

    ``length``: characters of a text, or of all names and strings of a JSON document. ``depth``: nested parentheses,
    or nested objects and arrays. ``terms``: tokens of a text outside its geometries. ``nots``: NOT in a text.
    ``signs``: minus signs in a row. ``values``: objects, arrays, strings and numbers of a JSON document.
    ``nodes``: predicates and logical operators (of which a text may nest twice ``depth``). ``vertices``: points of all
    geometries together.
    """

    length: int
    depth: int
    terms: int
    nots: int
    signs: int
    values: int
    nodes: int
    vertices: int


PUBLIC = Limits(length=2048, depth=32, terms=600, nots=20, signs=2, values=8_000, nodes=50, vertices=1_000)
"""For filters that come with requests."""

TRUSTED = Limits(
    length=20_000, depth=48, terms=1_000, nots=50, signs=2, values=80_000, nodes=200, vertices=10_000
)
"""For filters in declarations, rules and alarms, written by the city's own staff."""
