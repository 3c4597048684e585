"""The demo city: the same rows on every machine, written once, on the right ground, with roads that meet."""

from __future__ import annotations

import hashlib

import pytest
import shapely

from gis_core.demo import SOURCE, DemoCity, demo_modules
from layers.admin_units.models import AdminUnit
from layers.demo.city import demo_city
from layers.demo.filling import fill
from layers.facilities import demo as demo_facilities
from layers.facilities.models import Facility
from layers.roads import demo as demo_roads
from layers.roads import network
from layers.roads.models import Road

# Of all rows below. It changes when the invention is changed on purpose; then put the new one here. A digest that
# differs on one machine alone means that the city is not the same everywhere.
DIGEST = "155664848ede027522b8b6f49451032f6fa3e90abdb34694a408d494da7b45d5"


@pytest.fixture(scope="module")
def ground() -> DemoCity:
    return demo_city()


def roads(city: DemoCity) -> list[Road]:
    rng = city.rng("roads")
    return [*demo_roads.main_roads(city, rng), *demo_roads.streets(city, rng)]


def facilities(city: DemoCity) -> list[Facility]:
    rng = city.rng("facilities")
    return [
        *demo_facilities.known(city),
        *demo_facilities.of_units(city, rng),
        *demo_facilities.of_communes(city, rng),
    ]


def digest(city: DemoCity) -> str:
    rows = [
        *(f"{unit.code} {unit.full_name} {shapely.to_wkt(unit.polygon, 6)}" for unit in city.units),
        *(f"{road.name} {road.kind} {road.geom.wkt}" for road in roads(city)),
        *(f"{facility.name} {facility.unit_code} {facility.geom.wkt}" for facility in facilities(city)),
    ]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def test_same_rows_on_every_machine(ground: DemoCity) -> None:
    assert digest(ground) == digest(demo_city()) == DIGEST


def test_another_seed_is_another_city_on_the_same_ground(ground: DemoCity) -> None:
    other = demo_city(1)
    assert digest(other) != digest(ground)
    assert other.outline.equals(ground.outline)


def test_every_place_can_be_reached_by_road(ground: DemoCity) -> None:
    lines = [(0, road.geom[0].coords) for road in roads(ground)]
    first = ground.units[0]
    assert len(network.reached_from((first.lon, first.lat), lines)) == len(lines)
    ends = {end for _, line in lines for end in (line[0], line[-1])}
    assert {(unit.lon, unit.lat) for unit in ground.units} <= ends


def test_relative_neighbours_by_hand() -> None:
    """Of three places in a row the outer two are no neighbours; of an equilateral triangle all are."""
    assert network.relative_neighbours([(0, 0), (0, 1), (0, 2)]) == [(0, 1), (1, 2)]
    assert network.shortest_path([(0, 0), (0, 1), (0, 2)], [(0, 1), (1, 2)], 2, 0) == [(0, 1), (1, 2)]
    with pytest.raises(ValueError, match="cannot be reached"):
        network.shortest_path([(0, 0), (0, 1)], [], 0, 1)


def test_facilities_are_in_their_unit_and_none_in_the_lagoon(ground: DemoCity) -> None:
    found = facilities(ground)
    for facility in found:
        place = shapely.Point(facility.geom.x, facility.geom.y)
        assert ground.unit(facility.unit_code).polygon.covers(place), facility.name
        assert not ground.lagoon.contains(place), facility.name
    committees = {facility.unit_code for facility in found if facility.kind == "committee"}
    assert committees == {unit.code for unit in ground.units}
    assert {facility.source for facility in found} == {SOURCE}


def test_streets_that_people_look_for(ground: DemoCity) -> None:
    assert {"Đường Huế", "Đường Lê Lợi"} <= {road.name for road in roads(ground)}


def test_ground(ground: DemoCity) -> None:
    assert ground.outline.is_valid
    assert ground.lagoon.is_valid
    assert ground.outline.intersects(ground.river)
    unit = ground.unit_of(107.584, 16.4556)
    assert unit is not None
    assert unit.code == "19789"
    assert ground.unit_of(0, 0) is None
    with pytest.raises(KeyError):
        ground.unit("00000")


def test_units_come_before_what_stands_on_them() -> None:
    order = [label for label, _ in demo_modules()]
    assert order.index("admin_units") < order.index("roads") < order.index("facilities")


@pytest.mark.django_db
def test_city_is_filled_once() -> None:
    written = fill()
    assert written["admin_units"] == AdminUnit.objects.count() == 183
    assert written["roads"] == Road.objects.count()
    assert written["facilities"] == Facility.objects.count()
    assert set(fill().values()) == {None}
    assert Road.objects.count() == written["roads"]


@pytest.mark.django_db
def test_layers_that_hold_features_are_left_alone_and_the_rest_is_filled() -> None:
    """An interrupted run leaves some layers empty; a city's own roads must not be mixed with invented ones."""
    fill()
    Facility.objects.all().delete()
    Road.objects.exclude(pk=Road.objects.values("pk")[:1]).delete()
    written = fill()
    assert written["roads"] is None
    assert written["facilities"] == Facility.objects.count() > 0
    assert Road.objects.count() == 1
