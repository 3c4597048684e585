"""OpenStreetMap areas with ``building`` as buildings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gis_core.osm import OsmMapping
from gis_core.words import nfc
from layers.buildings import codes

# The value of ``building`` -> kind; what is not here ("yes" most of all) is taken by its other tags, else unknown.
KIND_OF: Mapping[str, str] = {
    **dict.fromkeys(("house", "detached", "residential", "semidetached_house", "terrace", "bungalow", "hut", "cabin",
                     "houseboat", "static_caravan", "farmhouse"), "house"),
    **dict.fromkeys(("apartments", "dormitory"), "apartments"),
    **dict.fromkeys(("commercial", "retail", "supermarket", "hotel", "kiosk", "shop"), "commercial"),
    **dict.fromkeys(("office", "government"), "office"),
    **dict.fromkeys(("public", "civic", "train_station", "transportation", "fire_station", "stadium", "sports_hall",
                     "museum", "theatre"), "public"),
    **dict.fromkeys(("school", "university", "college", "kindergarten"), "school"),
    **dict.fromkeys(("hospital", "clinic"), "hospital"),
    **dict.fromkeys(("church", "cathedral", "chapel", "temple", "pagoda", "mosque", "shrine", "monastery", "religious",
                     "synagogue"), "worship"),
    **dict.fromkeys(("industrial", "warehouse", "manufacture", "factory", "hangar", "storage_tank", "silo"),
                    "industrial"),
    **dict.fromkeys(("farm", "farm_auxiliary", "barn", "stable", "cowshed", "sty", "greenhouse"), "farm"),
    **dict.fromkeys(("garage", "garages", "shed", "carport", "service", "outbuilding", "toilets"), "outbuilding"),
    "roof": "roof",
    "ruins": "heritage",
}  # fmt: skip
# (key, value) -> kind of a building that says no more than that it is one.
USED_AS: Mapping[tuple[str, str], str] = {
    ("amenity", "place_of_worship"): "worship",
    ("amenity", "school"): "school",
    ("amenity", "kindergarten"): "school",
    ("amenity", "university"): "school",
    ("amenity", "college"): "school",
    ("amenity", "hospital"): "hospital",
    ("amenity", "clinic"): "hospital",
    ("amenity", "townhall"): "office",
    ("office", "government"): "office",
    ("tourism", "hotel"): "commercial",
    ("tourism", "museum"): "public",
}
NUMBER = re.compile(r"([0-9]+(?:[.,][0-9]+)?)( ?m)?")
TALLEST_M, MOST_LEVELS = 900.0, 200


def from_osm(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """The building that the tags of an area describe, None where there is none above the ground.

    Parts (``building:part``) are left out: the whole would stand in them. What cannot be read as a number is empty.
    """
    building = tags.get("building", "no")
    if building == "no" or tags.get("location") == "underground":
        return None
    roof = whole(tags.get("roof:levels", "")) or 0
    levels = whole(tags.get("building:levels", ""))
    height, base = metres(tags.get("height", "")), metres(tags.get("min_height", "")) or 0.0
    return {
        "name": nfc(tags.get("name:vi") or tags.get("name", ""))[:200],
        "kind": kind_of(building, tags),
        "address": address(tags)[:250],
        "height_m": height,
        "base_m": base if height is None or base < height else 0.0,
        "levels": levels + roof if levels else None,
        "approximate": False,
        "source": "OpenStreetMap",
    }


def kind_of(building: str, tags: Mapping[str, str]) -> str:
    """The kind: heritage before the form of the house, that before its use."""
    if "historic" in tags:
        return "heritage"
    if building in KIND_OF:
        return KIND_OF[building]
    used = next((kind for (key, value), kind in USED_AS.items() if tags.get(key) == value), None)
    return used or ("commercial" if "shop" in tags else codes.OTHER)


def address(tags: Mapping[str, str]) -> str:
    """Number and street: "12 Lê Lợi"."""
    return nfc(" ".join(tags[key] for key in ("addr:housenumber", "addr:street") if key in tags))


def metres(text: str) -> float | None:
    """Metres: "7.5", "7,5 m" -> 7.5; None for anything else or out of (0, 900]."""
    found = NUMBER.fullmatch(text.strip())
    value = float(found[1].replace(",", ".")) if found else 0.0
    return value if 0 < value <= TALLEST_M else None


def whole(text: str) -> int | None:
    """A number of storeys from 1 to 200, a half one counting whole ("2.5" -> 3); None for anything else."""
    found = NUMBER.fullmatch(text.strip())
    if found is None or found[2]:
        return None
    value = -int(-float(found[1].replace(",", ".")) // 1)
    return value if 0 < value <= MOST_LEVELS else None


OSM_MAPPING = OsmMapping(layer="buildings", elements=frozenset({"area"}), from_osm=from_osm)
