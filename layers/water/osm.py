"""OpenStreetMap elements as water: closed ways and multipolygons as surfaces, ways with ``waterway`` as lines.

The sea has no surface in OpenStreetMap, only its shore (``natural=coastline``), so no extract brings it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gis_core.osm import OsmMapping
from gis_core.words import nfc
from layers.water import codes

LINE_KINDS = frozenset(code.value for code in codes.LINE_KINDS)
# The value of ``water`` on a surface with ``natural=water`` -> kind; others are of unknown kind.
WATER_OF: Mapping[str, str] = {
    "river": "river",
    "rapids": "river",
    "oxbow": "lake",
    "stream": "river",
    "canal": "canal",
    "moat": "canal",
    "ditch": "canal",
    "lock": "canal",
    "lake": "lake",
    "lagoon": "lagoon",
    "reservoir": "reservoir",
    "pond": "pond",
    "fish_pass": "river",
    "basin": "basin",
    "wastewater": "basin",
}
# (key, value) -> kind of a surface, the first that fits.
AREA_OF: Mapping[tuple[str, str], str] = {
    ("waterway", "riverbank"): "river",
    ("waterway", "canal"): "canal",
    ("waterway", "dock"): "canal",
    ("landuse", "reservoir"): "reservoir",
    ("landuse", "basin"): "basin",
    ("landuse", "pond"): "pond",
    ("landuse", "aquaculture"): "aquaculture",
    ("natural", "bay"): "sea",
    ("natural", "strait"): "sea",
    ("place", "sea"): "sea",
}
NUMBER = re.compile(r"([0-9]+(?:[.,][0-9]+)?)( ?m)?")
SEASONAL = frozenset({"yes", "dry"})


def names(tags: Mapping[str, str]) -> dict[str, str]:
    """Vietnamese name (or the one of the place) and the English one."""
    return {
        "name": nfc(tags.get("name:vi") or tags.get("name", ""))[:200],
        "name_en": nfc(tags.get("name:en", ""))[:200],
    }


def area_from_osm(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """The water that the tags of an area describe, None where they describe none."""
    kind = area_kind(tags)
    if kind is None:
        return None
    return {
        **names(tags),
        "kind": kind,
        "intermittent": tags.get("intermittent") in SEASONAL,
        "approximate": False,
        "source": "OpenStreetMap",
    }


def area_kind(tags: Mapping[str, str]) -> str | None:
    """Kind of a surface of water. A closed ring of a stream that says ``area=no``, or nothing, is a line."""
    if tags.get("natural") == "water":
        return WATER_OF.get(tags.get("water", ""), "water")
    found = next((kind for (key, value), kind in AREA_OF.items() if tags.get(key) == value), None)
    if found == "canal" and tags.get("waterway") == "canal" and tags.get("area") != "yes":
        return None
    return found


def line_from_osm(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """The stream that the tags of a way describe; None for banks, dams, docks and whatever else is no line of flow."""
    kind = tags.get("waterway", "")
    if kind not in LINE_KINDS or tags.get("area") == "yes":
        return None
    return {
        **names(tags),
        "kind": kind,
        "width_m": metres(tags.get("width", "")),
        "covered": tags.get("tunnel", "no") != "no",
        "intermittent": tags.get("intermittent") in SEASONAL,
        "approximate": False,
        "source": "OpenStreetMap",
    }


def metres(text: str) -> float | None:
    """Metres: "7.5", "7,5 m" -> 7.5; None for anything else or out of (0, 5000]."""
    found = NUMBER.fullmatch(text.strip())
    value = float(found[1].replace(",", ".")) if found else 0.0
    return value if 0 < value <= 5000 else None


OSM_MAPPINGS = (
    OsmMapping(layer="water_areas", elements=frozenset({"area"}), from_osm=area_from_osm),
    OsmMapping(layer="waterways", elements=frozenset({"way"}), from_osm=line_from_osm),
)
