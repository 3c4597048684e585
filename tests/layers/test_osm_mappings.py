"""OpenStreetMap tags as roads and facilities: what is misread here is wrong for every imported element."""

from __future__ import annotations

from typing import Any

import pytest

from layers.facilities import declaration as facilities
from layers.facilities import osm as facility_tags
from layers.roads import declaration as roads
from layers.roads import osm as road_tags


def codes_of(layer: Any, name: str) -> set[str]:
    return {code.value for code in layer.field(name).codes}


def test_a_road_with_all_its_tags() -> None:
    tags = {"highway": "primary", "name": "Đường Lê Lợi", "ref": "QL.49", "surface": "asphalt", "width": "12,5 m",
            "lanes": "4", "maxspeed": "50", "oneway": "-1", "operator": "Sở Xây dựng"}  # fmt: skip
    assert road_tags.from_osm(tags) == {
        "name": "Đường Lê Lợi", "other_names": "", "ref": "QL.49", "kind": "primary", "surface": "asphalt",
        "width_m": 12.5, "lanes": 4, "oneway": "reverse", "maxspeed": 50, "manager": "Sở Xây dựng",
        "source": "OpenStreetMap",
    }  # fmt: skip


def test_no_highway_is_no_road_and_an_unknown_one_is_still_a_road() -> None:
    assert road_tags.from_osm({"building": "yes"}) is None
    other = road_tags.from_osm({"highway": "raceway", "surface": "tartan"})
    assert other is not None
    assert (other["kind"], other["surface"]) == ("other", "other")


@pytest.mark.parametrize(
    ("text", "speed"),
    [("50", 50), ("30 mph", 48), ("none", None), ("RO:urban", None), ("50;60", None), ("0", None), ("900", None),
     ("-5", None), ("٥٠", None), ("", None)],
)  # fmt: skip
def test_speeds_are_read_or_left_empty(text: str, speed: int | None) -> None:
    found = road_tags.from_osm({"highway": "road", "maxspeed": text})
    assert found is not None
    assert found["maxspeed"] == speed


def test_roundabouts_and_motorways_are_one_way_unless_said_otherwise() -> None:
    def oneway(**tags: str) -> str:
        return str((road_tags.from_osm({"highway": "tertiary", **tags}) or {})["oneway"])

    assert oneway(junction="roundabout") == "yes"
    assert oneway(highway="motorway") == "yes"
    assert oneway(highway="motorway", oneway="no") == "no"
    assert oneway() == "no"


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"amenity": "townhall"}, "committee"),
        ({"amenity": "place_of_worship", "religion": "buddhist"}, "pagoda"),
        ({"amenity": "place_of_worship", "religion": "muslim"}, "worship"),
        ({"railway": "station"}, "railway_station"),
        ({"amenity": "shelter", "shelter_type": "public_transport"}, None),
        ({"amenity": "bench"}, None),
        ({}, None),
    ],
)
def test_kinds_of_facilities(tags: dict[str, str], kind: str | None) -> None:
    assert facility_tags.facility_kind(tags) == kind


def test_addresses_are_written_as_in_vietnam() -> None:
    tags = {"addr:housenumber": "16", "addr:street": "Lê Lợi", "addr:city": "Huế"}
    assert facility_tags.address(tags) == "16 Lê Lợi, Huế"
    assert facility_tags.address({}) == ""


def test_mappings_speak_the_declared_codes_and_fields() -> None:
    """A value outside the code list would be refused on import, a key outside the fields silently lost."""
    (road,), (facility,) = roads.LAYERS, facilities.LAYERS
    assert set(road_tags.SURFACE_OF.values()) <= codes_of(road, "surface")
    assert set(road_tags.ONEWAY_OF.values()) <= codes_of(road, "oneway")
    kinds = {*facility_tags.KIND_OF.values(), *facility_tags.WORSHIP_OF.values()}
    assert kinds <= codes_of(facility, "kind")
    for layer, mapping, tags in (
        (road, road_tags.OSM_MAPPING, {"highway": "path"}),
        (facility, facility_tags.OSM_MAPPING, {"amenity": "police"}),
    ):
        assert mapping.layer == layer.id
        assert set(mapping.from_osm(tags) or {}) <= {field.name for field in layer.fields}
