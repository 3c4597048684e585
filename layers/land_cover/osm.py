"""OpenStreetMap areas as land cover."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis_core.osm import OsmMapping
from gis_core.words import nfc

# (key, value) -> kind, the first that fits: what grows or lies there goes before what the land is used for.
KIND_OF: Mapping[tuple[str, str], str] = {
    ("wetland", "mangrove"): "mangrove",
    ("natural", "wood"): "forest",
    ("landuse", "forest"): "forest",
    ("natural", "scrub"): "scrub",
    ("natural", "heath"): "scrub",
    ("natural", "grassland"): "grass",
    ("natural", "fell"): "grass",
    ("natural", "wetland"): "wetland",
    ("natural", "mud"): "wetland",
    ("natural", "beach"): "sand",
    ("natural", "sand"): "sand",
    ("natural", "dune"): "sand",
    ("natural", "shingle"): "rock",
    ("natural", "scree"): "rock",
    ("natural", "rock"): "rock",
    ("natural", "bare_rock"): "rock",
    ("leisure", "park"): "park",
    ("leisure", "garden"): "park",
    ("leisure", "dog_park"): "park",
    ("leisure", "playground"): "park",
    ("leisure", "common"): "grass",
    ("leisure", "pitch"): "sports",
    ("leisure", "golf_course"): "sports",
    ("landuse", "cemetery"): "cemetery",
    ("amenity", "grave_yard"): "cemetery",
    ("landuse", "grass"): "grass",
    ("landuse", "meadow"): "grass",
    ("landuse", "greenfield"): "grass",
    ("landuse", "village_green"): "park",
    ("landuse", "recreation_ground"): "park",
    ("landuse", "farmland"): "farmland",
    ("landuse", "farm"): "farmland",
    ("landuse", "paddy"): "farmland",
    ("landuse", "salt_pond"): "wetland",
    ("landuse", "allotments"): "orchard",
    ("landuse", "orchard"): "orchard",
    ("landuse", "vineyard"): "orchard",
    ("landuse", "plant_nursery"): "orchard",
    ("landuse", "greenhouse_horticulture"): "orchard",
    ("landuse", "residential"): "built_up",
    ("landuse", "farmyard"): "built_up",
    ("landuse", "commercial"): "commercial",
    ("landuse", "retail"): "commercial",
    ("landuse", "industrial"): "industrial",
    ("landuse", "quarry"): "industrial",
    ("landuse", "landfill"): "industrial",
    ("landuse", "railway"): "industrial",
    ("landuse", "construction"): "rock",
    ("landuse", "brownfield"): "rock",
}


def from_osm(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """The cover that the tags of an area describe, None where they describe none: a building, water, a boundary."""
    kind = next((kind for (key, value), kind in KIND_OF.items() if tags.get(key) == value), None)
    if kind is None or tags.get("building", "no") != "no":
        return None
    return {
        "name": nfc(tags.get("name:vi") or tags.get("name", ""))[:200],
        "name_en": nfc(tags.get("name:en", ""))[:200],
        "kind": kind,
        "approximate": False,
        "source": "OpenStreetMap",
    }


OSM_MAPPING = OsmMapping(layer="land_cover", elements=frozenset({"area"}), from_osm=from_osm)
