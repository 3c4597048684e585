"""OpenStreetMap ways as roads: every way with the key ``highway`` that is a line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gis_core.osm import OsmMapping, other_names
from gis_core.words import nfc
from layers.roads import codes

KINDS = frozenset(code.value for code in codes.KINDS)
SURFACES = frozenset(code.value for code in codes.SURFACES)
# Values that say more than we keep.
SURFACE_OF = {
    "sett": "cobblestone",
    "unhewn_cobblestone": "cobblestone",
    "concrete:plates": "concrete",
    "concrete:lanes": "concrete",
    "bricks": "paving_stones",
    "compacted": "gravel",
    "fine_gravel": "gravel",
    "pebblestone": "gravel",
    "dirt": "ground",
    "earth": "ground",
    "mud": "ground",
    "grass": "ground",
    "sand": "ground",
}
ONEWAY_OF = {"yes": "yes", "true": "yes", "1": "yes", "-1": "reverse", "reverse": "reverse"}
MPH = 1.609344
NUMBER = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*(mph|km/h|kmh|kph|m)?")


def from_osm(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """The road that the tags of a way describe, None where there is no ``highway``.

    What cannot be read as a number ("RO:urban", "2;3") is left empty, never guessed. A roundabout is one-way even
    where its mapper did not say so, as OpenStreetMap defines it.
    """
    highway = tags.get("highway")
    if not highway:
        return None
    surface = tags.get("surface", "")
    surface = SURFACE_OF.get(surface, surface)
    implied = "yes" if tags.get("junction") in ("roundabout", "circular") or highway == "motorway" else "no"
    oneway = ONEWAY_OF.get(tags["oneway"], "no") if "oneway" in tags else implied
    name = nfc(tags.get("name:vi") or tags.get("name", ""))[:200]
    return {
        "name": name,
        "other_names": other_names(tags, name),
        "ref": nfc(tags.get("ref", ""))[:60],
        "kind": highway if highway in KINDS else codes.OTHER,
        "surface": surface if surface in SURFACES or not surface else codes.OTHER,
        "width_m": metres(tags.get("width", "")),
        "lanes": lane_count(tags.get("lanes", "")),
        "oneway": oneway,
        "maxspeed": km_per_hour(tags.get("maxspeed", "")),
        "manager": nfc(tags.get("operator", ""))[:200],
        "source": "OpenStreetMap",
    }


def metres(text: str) -> float | None:
    """Metres: "7.5", "7,5 m" -> 7.5; None for anything else or out of (0, 200]."""
    found = NUMBER.fullmatch(text.strip())
    if found is None or found[2] not in (None, "m"):
        return None
    value = float(found[1].replace(",", "."))
    return value if 0 < value <= 200 else None


def lane_count(text: str) -> int | None:
    """A whole number of lanes from 1 to 20, else None."""
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) <= 20 else None


def km_per_hour(text: str) -> int | None:
    """Speed: "50", "50 km/h", "30 mph" -> km/h, rounded; None for "none", "walk", zones, or out of (0, 200]."""
    found = NUMBER.fullmatch(text.strip())
    if found is None or found[2] == "m":
        return None
    value = float(found[1].replace(",", ".")) * (MPH if found[2] == "mph" else 1.0)
    return round(value) if 0.5 < value <= 200 else None


OSM_MAPPING = OsmMapping(layer="roads", elements=frozenset({"way"}), from_osm=from_osm)
