"""OpenStreetMap nodes with ``place`` or ``natural=peak`` and a name as place names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis_core.osm import OsmMapping, other_names
from gis_core.words import nfc
from layers.places import codes

KIND_OF: Mapping[str, str] = {
    "city": "city",
    "town": "town",
    "borough": "suburb",
    "suburb": "suburb",
    "quarter": "suburb",
    "village": "village",
    "neighbourhood": "neighbourhood",
    "hamlet": "hamlet",
    "isolated_dwelling": "locality",
    "locality": "locality",
    "square": "locality",
}
LARGE_TOWN = 50_000  # people from which a town is named before others of its kind
MOST_PEOPLE = 50_000_000


def from_osm(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """The place that the tags of a node name; None where it has no name or is a country, a state, a lonely farm."""
    name = nfc(tags.get("name:vi") or tags.get("name", ""))[:200]
    kind = "peak" if tags.get("natural") == "peak" else KIND_OF.get(tags.get("place", ""))
    if kind is None or not name:
        return None
    people = population(tags.get("population", ""))
    return {
        "name": name,
        "other_names": other_names(tags, name, nfc(tags.get("name:en", ""))),
        "name_en": nfc(tags.get("name:en", ""))[:200],
        "kind": kind,
        "rank": codes.RANKS[kind] - (1 if kind == "town" and (people or 0) >= LARGE_TOWN else 0),
        "population": people,
        "approximate": False,
        "source": "OpenStreetMap",
    }


def population(text: str) -> int | None:
    """People: "12345", "12,345", "12 345" -> 12345; None for anything else."""
    digits = text.strip().replace(",", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        return None
    return int(digits) if int(digits) <= MOST_PEOPLE else None


OSM_MAPPING = OsmMapping(layer="places", elements=frozenset({"node"}), from_osm=from_osm)
