"""OpenStreetMap nodes and areas as public facilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis_core.osm import OsmMapping, other_names
from gis_core.words import nfc

# (key, value) -> kind, the first that fits. What is not here (restaurants, benches) is no public facility.
KIND_OF: Mapping[tuple[str, str], str] = {
    ("amenity", "townhall"): "committee",
    ("amenity", "hospital"): "hospital",
    ("amenity", "clinic"): "health_station",
    ("amenity", "doctors"): "health_station",
    ("amenity", "pharmacy"): "pharmacy",
    ("amenity", "kindergarten"): "kindergarten",
    ("amenity", "school"): "school",
    ("amenity", "university"): "university",
    ("amenity", "college"): "university",
    ("amenity", "library"): "library",
    ("amenity", "marketplace"): "market",
    ("amenity", "police"): "police",
    ("amenity", "fire_station"): "fire_station",
    ("amenity", "post_office"): "post_office",
    ("amenity", "bus_station"): "bus_station",
    ("amenity", "fuel"): "fuel",
    ("amenity", "courthouse"): "public_office",
    ("amenity", "public_building"): "public_office",
    ("amenity", "community_centre"): "culture",
    ("amenity", "arts_centre"): "culture",
    ("amenity", "theatre"): "culture",
    ("amenity", "shelter"): "shelter",
    ("amenity", "toilets"): "toilets",
    ("amenity", "parking"): "parking",
    ("office", "government"): "public_office",
    ("healthcare", "centre"): "health_station",
    ("railway", "station"): "railway_station",
    ("tourism", "museum"): "culture",
    ("leisure", "stadium"): "sports",
    ("leisure", "sports_centre"): "sports",
    ("leisure", "park"): "park",
}
WORSHIP_OF = {"buddhist": "pagoda", "christian": "church"}
# Shelters that shelter a hiker or a passenger, not a ward in a flood.
SMALL_SHELTERS = frozenset(
    {"public_transport", "picnic_shelter", "basic_hut", "lean_to", "weather_shelter", "gazebo"}
)


def from_osm(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """The facility that the tags of a node or area describe, None where they describe none."""
    kind = facility_kind(tags)
    if kind is None:
        return None
    name = nfc(tags.get("name:vi") or tags.get("name", ""))[:200]
    return {
        "name": name,
        "other_names": other_names(tags, name),
        "kind": kind,
        "address": address(tags)[:250],
        "phone": (tags.get("phone") or tags.get("contact:phone", ""))[:60],
        "operator": nfc(tags.get("operator", ""))[:200],
        "opening_hours": tags.get("opening_hours", "")[:200],
        "source": "OpenStreetMap",
    }


def facility_kind(tags: Mapping[str, str]) -> str | None:
    """The kind of facility, by `KIND_OF`; places of worship by their religion."""
    if tags.get("amenity") == "place_of_worship":
        return WORSHIP_OF.get(tags.get("religion", ""), "worship")
    if tags.get("amenity") == "shelter" and tags.get("shelter_type") in SMALL_SHELTERS:
        return None
    return next((kind for (key, value), kind in KIND_OF.items() if tags.get(key) == value), None)


def address(tags: Mapping[str, str]) -> str:
    """Number and street, then the places around, as an address is written in Vietnam: "12 Lê Lợi, Phường Thuận Hóa"."""
    if "addr:full" in tags:
        return nfc(tags["addr:full"])
    street = " ".join(tags[key] for key in ("addr:housenumber", "addr:street") if key in tags)
    around = [tags[key] for key in ("addr:subdistrict", "addr:district", "addr:city") if key in tags]
    return nfc(", ".join(part for part in (street, *around) if part))


OSM_MAPPING = OsmMapping(layer="facilities", elements=frozenset({"node", "area"}), from_osm=from_osm)
