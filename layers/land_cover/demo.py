"""Invented land cover: forest above a sketched foot of the hills, dunes along the shore, settlements along the streets,
fields between; in town the parks that everybody knows, at about their real places."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis_core.demo import SOURCE, on_grid
from gis_core.geos import multi_polygon
from layers.admin_units.approximation import COAST
from layers.land_cover.models import LandCover
from layers.roads import network
from layers.roads.models import Road

if TYPE_CHECKING:
    from gis_core.demo import DemoCity, DemoUnit

ORDER = 14

# The foot of the hills from north-west to south-east: forest to its south-west (EPSG:4326 lon, lat).
FOOTHILLS = (
    (106.95, 16.60), (107.22, 16.555), (107.38, 16.500), (107.45, 16.455), (107.53, 16.415), (107.585, 16.400),
    (107.65, 16.375), (107.74, 16.325), (107.83, 16.275), (107.93, 16.255), (108.00, 16.265), (108.06, 16.215),
    (108.30, 16.190),
)  # fmt: skip
INLAND = ((108.30, 15.80), (106.95, 15.80))
DUNES_DEG = 0.012  # breadth of the sand behind the shore
STREET_SIDE_DEG = 0.0012  # how far from a street its settlement reaches
VALLEY_DEG = 0.006  # how far around a settlement in the hills there are fields
SMALLEST = 1e-6  # square degrees, about a hectare: smaller remains are left to what lies around them
# Name, English name, western and eastern end, bank: strips along the Hương river in town.
PARKS = (
    ("Công viên Kim Đồng", "Kim Đồng Park", 107.5700, 107.5755, "south"),
    ("Công viên Lý Tự Trọng", "Lý Tự Trọng Park", 107.5765, 107.5830, "south"),
    ("Công viên 3 Tháng 2", "3 February Park", 107.5840, 107.5900, "south"),
    ("Công viên Phú Xuân", "Phú Xuân Park", 107.5730, 107.5810, "north"),
    ("Công viên Thương Bạc", "Thương Bạc Park", 107.5820, 107.5880, "north"),
)
PARK_DEG = 0.0009
TOWN_REACH = (16.45, 16.48)  # latitudes between which the river passes the town once
# Name, English name, kind, longitude, latitude, radius in degrees.
KNOWN = (
    ("Đồi Thiên An", "Thiên An Hill", "forest", 107.5880, 16.4020, 0.0075),
    ("Núi Ngự Bình", "Ngự Bình Hill", "forest", 107.5985, 16.4385, 0.0040),
    ("Rú Chá", "Rú Chá Mangrove", "mangrove", 107.6020, 16.5490, 0.0040),
    ("Vườn quốc gia Bạch Mã", "Bạch Mã National Park", "forest", 107.8600, 16.1950, 0.0380),
    ("Nghĩa trang phía Nam", "Southern Cemetery", "cemetery", 107.6150, 16.4180, 0.0050),
)
# The town, which is built over between its streets too: middles and half breadths in degrees.
TOWN = ((107.570, 16.474, 0.016), (107.590, 16.464, 0.020))
PATCHES = ("orchard", "cemetery", "scrub")


def load(city: DemoCity, rng: np.random.Generator) -> int:
    """Write the invented cover; returns the number of patches."""
    invented = Road.objects.filter(source=SOURCE, kind__in=("residential", "unclassified")).order_by("fid")
    streets = [shapely.from_wkb(bytes(road.geom.wkb)) for road in invented]
    patches = [*regions(city, streets, rng), *known(city, rng), *parks(city)]
    return len(LandCover.objects.bulk_create(patches, batch_size=500))


def _patch(shape: BaseGeometry, kind: str, name: str = "", name_en: str = "") -> LandCover:
    return LandCover(
        geom=multi_polygon(on_grid(shape), 4326),
        kind=kind,
        name=name,
        name_en=name_en,
        approximate=True,
        source=SOURCE,
    )


def regions(city: DemoCity, streets: Sequence[BaseGeometry], rng: np.random.Generator) -> Iterator[LandCover]:
    """Each unit's land, without its water, shared out: settlement, forest, dunes and fields, and a few patches."""
    hills, settled = hill_country(rng), settlements(streets)
    dunes = shapely.buffer(shapely.LineString(COAST), DUNES_DEG, quad_segs=2)
    for unit in city.units:
        land = shapely.difference(unit.polygon, city.water)
        built = shapely.intersection(land, settled)
        open_land = shapely.difference(land, built)
        wooded = shapely.intersection(open_land, hills)
        valley = shapely.intersection(wooded, shapely.buffer(built, VALLEY_DEG, quad_segs=2))
        plain = shapely.difference(open_land, hills)
        sand = shapely.intersection(plain, dunes)
        fields = shapely.union(shapely.difference(plain, sand), valley)
        shares = (
            ("built_up", built),
            ("forest", shapely.difference(wooded, valley)),
            ("sand", sand),
            ("farmland", fields),
        )
        for kind, share in shares:
            if share.area > SMALLEST:
                yield _patch(_without_crumbs(share), kind)
        yield from scattered(unit, fields, rng)


def hill_country(rng: np.random.Generator) -> BaseGeometry:
    """What lies above the foot of the hills, whose line winds."""
    line = itertools.chain.from_iterable(
        network.winding(one, two, rng, spacing=0.012)[:-1] for one, two in itertools.pairwise(FOOTHILLS)
    )
    return shapely.Polygon([*line, FOOTHILLS[-1], *INLAND])


def settlements(streets: Sequence[BaseGeometry]) -> BaseGeometry:
    """The town, and the ground along ``streets``, gaps between neighbours filled."""
    sides = shapely.buffer(list(streets), 1.5 * STREET_SIDE_DEG, cap_style="square", quad_segs=1)
    along = shapely.buffer(shapely.union_all(sides), -0.5 * STREET_SIDE_DEG, quad_segs=1)
    town = [shapely.buffer(shapely.Point(lon, lat), half, quad_segs=4) for lon, lat, half in TOWN]
    return shapely.simplify(shapely.union_all([along, *town]), 0.0002)


def _without_crumbs(share: BaseGeometry) -> BaseGeometry:
    """Its larger parts: what is left of borders drawn past each other is not worth a polygon."""
    parts = [part for part in shapely.get_parts(share) if part.geom_type == "Polygon"]
    large = [part for part in parts if part.area > SMALLEST]
    return shapely.MultiPolygon(large or parts)


def scattered(unit: DemoUnit, fields: BaseGeometry, rng: np.random.Generator) -> Iterator[LandCover]:
    """A grove, a graveyard or scrub here and there in the fields of a unit."""
    west, south, east, north = unit.polygon.bounds
    for kind in PATCHES:
        lon, lat = rng.uniform(west, east), rng.uniform(south, north)
        shape = shapely.intersection(
            blob(float(lon), float(lat), float(rng.uniform(0.001, 0.004)), rng), fields
        )
        if shape.area > SMALLEST:
            yield _patch(_without_crumbs(shape), kind)


def blob(lon: float, lat: float, radius: float, rng: np.random.Generator) -> BaseGeometry:
    """A rounded patch of about ``radius`` degrees: twelve corners at 70 to 130% of it."""
    turns = np.arange(12) * (2 * np.pi / 12)
    reach = radius * rng.uniform(0.7, 1.3, 12)
    corners = np.stack([lon + reach * np.cos(turns) / network.SHORTER, lat + reach * np.sin(turns)], axis=1)
    return shapely.Polygon(np.round(corners, 6))


def known(city: DemoCity, rng: np.random.Generator) -> Iterator[LandCover]:
    """Woods and graveyards that have a name."""
    for name, name_en, kind, lon, lat, radius in KNOWN:
        shape = shapely.intersection(blob(lon, lat, radius, rng), city.outline)
        yield _patch(shapely.difference(shape, city.water), kind, name, name_en)


def parks(city: DemoCity) -> Iterator[LandCover]:
    """The parks on both banks of the river in town."""
    huong = next(water for water in city.waters if water.name == "Sông Hương")
    strip = shapely.difference(shapely.buffer(huong.surface, PARK_DEG, quad_segs=2), city.water)
    for name, name_en, west, east, bank in PARKS:
        stretch = shapely.box(west, TOWN_REACH[0], east, TOWN_REACH[1])
        middle = shapely.intersection(city.river, stretch).centroid.y
        banks = shapely.get_parts(shapely.intersection(strip, stretch))
        on_bank = [part for part in banks if (part.centroid.y > middle) == (bank == "north")]
        yield _patch(shapely.union_all(on_bank), "park", name, name_en)
