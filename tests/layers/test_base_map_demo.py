"""The ground of the demo city: waters where they are, nothing built in them, the same on every machine, all of it said
to be approximate."""

from __future__ import annotations

import hashlib

import pytest
import shapely
from django.db import IntegrityError, transaction
from shapely.geometry.base import BaseGeometry

from gis_core.config import Config
from gis_core.demo import SOURCE, DemoCity
from layers.buildings import demo as demo_buildings
from layers.buildings.models import Building
from layers.demo.city import demo_city
from layers.islands.models import Island
from layers.land_cover import demo as demo_cover
from layers.land_cover.models import LandCover
from layers.places import demo as demo_places
from layers.places.models import Place
from layers.roads.models import Road
from layers.water.demo import streams, surfaces
from layers.water.models import WaterArea, Waterway

CITY = "demo"
pytestmark = pytest.mark.usefixtures("city")

# Of the ground in the demo city; see tests/layers/test_demo_city.py for what a difference means.
DIGEST = "30db3a525d0aab46c96dc8de35188f814812a09d9f1f9bb86fcf80a6fd0fcf86"


@pytest.fixture(scope="module")
def ground() -> DemoCity:
    return demo_city()


def shape(feature: WaterArea | Waterway | LandCover | Building | Place) -> BaseGeometry:
    return shapely.from_wkb(bytes(feature.geom.wkb))


def named(name: str) -> BaseGeometry:
    return shape(WaterArea.objects.get(name=name))


def test_same_ground_on_every_machine(city: Config, ground: DemoCity) -> None:
    rows = [
        *(f"{each.name} {each.kind} {each.geom.wkt}" for each in [*surfaces(ground), *streams(ground)]),
        *(f"{each.name} {each.kind} {each.geom.wkt}" for each in LandCover.objects.order_by("fid")),
        *(
            f"{each.kind} {each.levels} {each.height_m} {each.geom.wkt}"
            for each in Building.objects.order_by("fid")
        ),
        *(f"{each.name} {each.rank} {each.geom.wkt}" for each in Place.objects.order_by("fid")),
    ]
    assert hashlib.sha256("\n".join(rows).encode()).hexdigest() == DIGEST


def test_another_seed_moves_the_invented_and_not_the_real(city: Config, ground: DemoCity) -> None:
    other = demo_city(1)
    assert [each.geom.wkt for each in surfaces(other)] == [each.geom.wkt for each in surfaces(ground)]
    streets = [shapely.from_wkb(bytes(road.geom.wkb)) for road in Road.objects.all()[:50]]
    one, two = (
        [each.geom.wkt for each in demo_cover.regions(c, streets, c.rng("land_cover"))]
        for c in (ground, other)
    )
    assert one != two


def test_the_waters_that_everybody_knows_are_there(city: Config) -> None:
    """Known points of the city against the sketch: a wrong sign or a swapped axis shows here."""
    huong = named("Sông Hương")
    assert huong.intersects(shapely.Point(107.5885, 16.4685).buffer(0.002)), "Trường Tiền bridge"
    assert huong.intersects(shapely.Point(107.5480, 16.4530).buffer(0.002)), "below Thiên Mụ"
    assert not huong.contains(shapely.Point(107.5775, 16.4690)), "the Imperial City is dry"
    assert named("Phá Tam Giang – Cầu Hai").contains(shapely.Point(107.850, 16.335))
    sea = named("Biển Đông")
    assert all(sea.contains(shapely.Point(island.geom.x, island.geom.y)) for island in Island.objects.all())
    assert sea.contains(shapely.Point(107.70, 16.65)) and not sea.contains(shapely.Point(107.58, 16.46))
    lines = {line.name: shape(line) for line in Waterway.objects.all()}
    assert {"Sông Hương", "Sông Đông Ba", "Sông An Cựu"} <= set(lines)
    water = shapely.union_all([shape(area) for area in WaterArea.objects.all()]).buffer(1e-5)
    for name, line in lines.items():
        assert water.contains(line) and named(name).intersects(line), name
    assert Waterway.objects.get(name="Sông Đông Ba").kind == "canal"


def test_no_water_is_drawn_over_another(city: Config) -> None:
    """A bank across another water would show as a line in the middle of the river."""
    surfaces_there = [shape(area) for area in WaterArea.objects.exclude(kind="sea")]
    assert shapely.area(surfaces_there).sum() == pytest.approx(
        shapely.union_all(surfaces_there).area, rel=1e-6
    )


def test_every_river_ends_in_another_water(city: Config) -> None:
    """Digitised downstream: a line drawn the wrong way round ends on dry ground in the hills."""
    waters = {water.name: shape(water) for water in WaterArea.objects.all()}
    for line in Waterway.objects.exclude(name="Sông A Sáp"):  # flows to Laos
        mouth = shapely.Point(shapely.get_coordinates(shape(line))[-1])
        others = [water for name, water in waters.items() if name != line.name]
        assert min(shapely.distance(others, mouth)) < 0.004, line.name


def test_the_sea_meets_the_shore_without_gap_or_overlap(city: Config, ground: DemoCity) -> None:
    sea = named("Biển Đông")
    assert sea.intersection(ground.outline).area < 1e-9
    touched = [unit.name for unit in ground.units if sea.distance(unit.polygon) < 1e-5]
    assert {"Thuận An", "Phú Vinh", "Vinh Lộc", "Chân Mây - Lăng Cô"} <= set(touched)


def test_all_shapes_are_valid_and_all_of_it_is_said_to_be_approximate(city: Config) -> None:
    for model in (WaterArea, Waterway, LandCover, Building, Place):
        features = list(model._default_manager.all())
        assert features, model
        shapes = [shape(feature) for feature in features]
        assert shapely.is_valid(shapes).all(), model
        assert not shapely.is_empty(shapes).any(), model
        assert {(each.approximate, each.source) for each in features} == {(True, SOURCE)}, model


def test_no_house_stands_in_the_water_on_a_road_or_on_another(city: Config, ground: DemoCity) -> None:
    houses = [shape(each) for each in Building.objects.filter(name="")]
    assert len(houses) > 500
    water = shapely.union_all([named(water.name) for water in ground.waters])
    shapely.prepare(water)
    assert not shapely.intersects(water, houses).any()
    roads = [shapely.from_wkb(bytes(road.geom.wkb)) for road in Road.objects.all()]
    assert len(shapely.STRtree(roads).query(houses, predicate="intersects")[0]) == 0
    pairs = shapely.STRtree(houses).query(houses, predicate="intersects")
    assert (pairs[0] == pairs[1]).all()
    areas_m2 = shapely.area(houses) * 110_660 * 106_200
    assert areas_m2.min() > 60 and areas_m2.max() < 700


def test_the_drawn_height_is_the_known_one_else_an_assumption(city: Config) -> None:
    """What a view in three dimensions raises must never be empty, and must never replace what is known."""
    square = Building.objects.first()
    assert square is not None
    made = [
        Building.objects.create(geom=square.geom, kind="house", height_m=height, levels=levels)
        for height, levels in ((21.0, 3), (None, 3), (None, None))
    ]
    for building in made:
        building.refresh_from_db()
    assert [building.drawn_height_m for building in made] == [21.0, pytest.approx(9.9), 4.0]
    Building.objects.filter(pk__in=[building.pk for building in made]).delete()
    for wrong in ({"height_m": 0.0}, {"levels": -1}, {"base_m": -3.0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Building.objects.create(geom=square.geom, kind="house", **wrong)


def test_a_units_dry_ground_is_covered_once(city: Config, ground: DemoCity) -> None:
    """Settlement, forest, dunes and fields share out the land: no hole on the map, and no field in the lagoon."""
    regions = ("built_up", "forest", "sand", "farmland")
    patches = [shape(each) for each in LandCover.objects.filter(name="", kind__in=regions)]
    land = shapely.difference(ground.outline, ground.water)
    covered = shapely.union_all(patches, grid_size=1e-7)
    assert land.difference(covered).area < 0.01 * land.area
    assert shapely.area(patches).sum() < 1.001 * covered.area
    assert covered.intersection(ground.water).area < 1e-7


def test_parks_lie_on_their_bank(city: Config) -> None:
    river = shape(Waterway.objects.get(name="Sông Hương"))
    found = {}
    for name, _, west, east, bank in demo_cover.PARKS:
        park = shape(LandCover.objects.get(name=name))
        middle = river.intersection(shapely.box(west, 16.45, east, 16.48)).centroid.y
        found[name] = "north" if park.centroid.y > middle else "south"
        assert found[name] == bank, name
    assert len(found) == 5


def test_names_of_old_communes_live_on(city: Config, ground: DemoCity) -> None:
    """A name that today's unit bears is on the map already: twice would be once too often."""
    names = set(Place.objects.values_list("name", flat=True))
    assert {"Huế", "Gia Hội", "Sịa"} <= names
    today = {(unit.name, unit.code) for unit in ground.units}
    for place in demo_places.of_communes(ground):
        unit = ground.unit_of(place.geom.x, place.geom.y)
        assert unit is None or (place.name, unit.code) not in today


def test_hoang_sa_and_truong_sa_are_in_every_city(city: Config) -> None:
    found = dict(Island.objects.filter(kind="archipelago").values_list("name", "belongs_to"))
    assert found == {
        "Quần đảo Hoàng Sa (Việt Nam)": "Đặc khu Hoàng Sa, thành phố Đà Nẵng",
        "Quần đảo Trường Sa (Việt Nam)": "Đặc khu Trường Sa, tỉnh Khánh Hòa",
    }
    codes = set(Island.objects.values_list("unit_code", flat=True))
    assert codes == {"20333", "22736"}


def test_a_second_run_leaves_the_ground_as_it_is(city: Config, ground: DemoCity) -> None:
    """Loading again must be the command's choice: the loaders themselves add, so an emptied layer is filled whole."""
    before = Building.objects.count()
    Building.objects.all().delete()
    assert demo_buildings.load(ground, ground.rng("buildings")) == before == Building.objects.count()
