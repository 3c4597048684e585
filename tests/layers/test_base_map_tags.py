"""OpenStreetMap tags as water, land cover, buildings and place names: what is misread here is wrong on every map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gis_core.layer import Layer
from gis_core.osm import OsmMapping
from imports.openstreetmap import osm_mappings
from layers.buildings import declaration as building_layers
from layers.buildings import osm as buildings
from layers.land_cover import declaration as cover_layers
from layers.land_cover import osm as cover
from layers.places import declaration as place_layers
from layers.places import osm as places
from layers.roads import osm as roads
from layers.water import declaration as water_layers
from layers.water import osm as water

LAYERS: dict[str, Layer] = {
    layer.id: layer
    for module in (building_layers, cover_layers, place_layers, water_layers)
    for layer in module.LAYERS
}
MAPPINGS: tuple[OsmMapping, ...] = (
    *water.OSM_MAPPINGS,
    cover.OSM_MAPPING,
    buildings.OSM_MAPPING,
    places.OSM_MAPPING,
)


def test_a_package_with_two_layers_offers_both_to_the_import() -> None:
    """`OSM_MAPPINGS` beside `OSM_MAPPING`: roads must still be found by the one, water by the other."""
    assert {"roads", "facilities", *(mapping.layer for mapping in MAPPINGS)} <= set(osm_mappings())


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"natural": "water"}, "water"),
        ({"natural": "water", "water": "lagoon"}, "lagoon"),
        ({"natural": "water", "water": "fountain_of_youth"}, "water"),
        ({"waterway": "riverbank"}, "river"),
        ({"landuse": "aquaculture"}, "aquaculture"),
        ({"landuse": "reservoir"}, "reservoir"),
        ({"waterway": "canal"}, None),  # a canal that comes back to itself is a line
        ({"waterway": "canal", "area": "yes"}, "canal"),
        ({"natural": "wetland"}, None),
        ({"natural": "coastline"}, None),
        ({}, None),
    ],
)
def test_kinds_of_water_surfaces(tags: dict[str, str], kind: str | None) -> None:
    assert water.area_kind(tags) == kind


@pytest.mark.parametrize("value", ["riverbank", "dam", "weir", "dock", "", "waterfall"])
def test_what_belongs_to_water_and_does_not_flow_is_no_stream(value: str) -> None:
    assert water.line_from_osm({"waterway": value}) is None


def test_a_stream_with_all_its_tags() -> None:
    tags = {"waterway": "canal", "name": "Sông An Cựu", "name:en": "An Cựu Canal", "width": "28,5 m",
            "tunnel": "culvert", "intermittent": "no"}  # fmt: skip
    assert water.line_from_osm(tags) == {
        "name": "Sông An Cựu", "name_en": "An Cựu Canal", "kind": "canal", "width_m": 28.5, "covered": True,
        "intermittent": False, "approximate": False, "source": "OpenStreetMap",
    }  # fmt: skip
    assert water.line_from_osm({"waterway": "stream", "width": "wide"})["width_m"] is None  # type: ignore[index]


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"landuse": "forest"}, "forest"),
        ({"natural": "wetland", "wetland": "mangrove"}, "mangrove"),
        ({"natural": "wood", "landuse": "residential"}, "forest"),
        ({"leisure": "park"}, "park"),
        ({"landuse": "paddy"}, "farmland"),
        ({"natural": "beach"}, "sand"),
        ({"leisure": "nature_reserve"}, None),  # a boundary, whatever grows there
        ({"landuse": "retail", "building": "yes"}, None),
        ({"natural": "water"}, None),
    ],
)
def test_kinds_of_land_cover(tags: dict[str, str], kind: str | None) -> None:
    assert (cover.from_osm(tags) or {"kind": None})["kind"] == kind


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"building": "house"}, "house"),
        ({"building": "yes"}, "other"),
        ({"building": "yes", "amenity": "school"}, "school"),
        ({"building": "yes", "shop": "bakery"}, "commercial"),
        ({"building": "temple", "historic": "yes"}, "heritage"),
        ({"building": "no"}, None),
        ({"building:part": "yes"}, None),
        ({"building": "yes", "location": "underground"}, None),
    ],
)
def test_kinds_of_buildings(tags: dict[str, str], kind: str | None) -> None:
    assert (buildings.from_osm(tags) or {"kind": None})["kind"] == kind


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({}, (None, 0.0, None)),
        ({"height": "12 m", "building:levels": "3"}, (12.0, 0.0, 3)),
        ({"building:levels": "2.5", "roof:levels": "1"}, (None, 0.0, 4)),
        ({"height": "20", "min_height": "6"}, (20.0, 6.0, None)),
        (
            {"height": "6", "min_height": "20"},
            (6.0, 0.0, None),
        ),  # a base above the top would be drawn upside down
        ({"height": "tall", "building:levels": "-1"}, (None, 0.0, None)),
        ({"height": "99999", "building:levels": "9999"}, (None, 0.0, None)),
    ],
)
def test_heights_are_read_or_left_empty(tags: dict[str, str], found: tuple[Any, ...]) -> None:
    values = buildings.from_osm({"building": "yes", **tags})
    assert values is not None
    assert (values["height_m"], values["base_m"], values["levels"]) == found


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"place": "village", "name": "Làng Sình"}, ("village", 5, None)),
        ({"place": "town", "name": "Tứ Hạ", "population": "60,000"}, ("town", 2, 60000)),
        ({"place": "town", "name": "Sịa", "population": "about 9000"}, ("town", 3, None)),
        ({"natural": "peak", "name": "Bạch Mã"}, ("peak", 4, None)),
        ({"place": "village"}, None),
        ({"place": "country", "name": "Việt Nam"}, None),
    ],
)
def test_place_names_and_their_rank(tags: dict[str, str], found: tuple[Any, ...] | None) -> None:
    values = places.from_osm(tags)
    assert (values and (values["kind"], values["rank"], values["population"])) == found


def codes_of(layer_id: str) -> set[str]:
    return {code.value for code in LAYERS[layer_id].field("kind").codes}


def test_mappings_speak_the_declared_codes() -> None:
    """A value outside the code list would be refused on import."""
    assert {*water.WATER_OF.values(), *water.AREA_OF.values()} <= codes_of("water_areas")
    assert set(cover.KIND_OF.values()) <= codes_of("land_cover")
    assert {*buildings.KIND_OF.values(), *buildings.USED_AS.values()} <= codes_of("buildings")
    assert set(places.KIND_OF.values()) <= codes_of("places")


EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "water_areas": {"natural": "water"},
    "waterways": {"waterway": "river"},
    "land_cover": {"landuse": "forest"},
    "buildings": {"building": "yes"},
    "places": {"place": "hamlet", "name": "Thôn Hạ"},
}


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda mapping: mapping.layer)
def test_mappings_speak_the_declared_fields(mapping: OsmMapping) -> None:
    """A key outside the fields would be silently lost, a required field left out would refuse every row."""
    values = mapping.from_osm(EXAMPLES[mapping.layer])
    layer = LAYERS[mapping.layer]
    assert values is not None
    assert set(values) <= {f.name for f in layer.fields if f.writable}
    assert {f.name for f in layer.fields if f.required} <= {name for name, value in values.items() if value}
    assert mapping.from_osm({"highway": "primary", "name": "Đường Lê Lợi"}) is None


def test_other_names_of_an_element_are_kept_once() -> None:
    tags = {
        "highway": "secondary", "name": "Pont Trang Tien", "name:vi": "Cầu Trường Tiền",
        "alt_name": "Cầu Tràng Tiền;Cầu Trường Tiền", "old_name": "Cầu Clemenceau", "name:ja": "チャンティエン橋",
    }  # fmt: skip
    values = roads.from_osm(tags)
    assert values and values["name"] == "Cầu Trường Tiền"
    assert values["other_names"] == "Pont Trang Tien; Cầu Tràng Tiền; Cầu Clemenceau"
    long = places.from_osm(
        {"place": "town", "name": "A", "alt_name": ";".join(f"Tên {n}" * 9 for n in range(30))}
    )
    assert long and 200 < len(long["other_names"]) <= 300
