"""Invented buildings: rows along the invented streets, most of them in town; and a few monuments at about their real
places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis_core.demo import SOURCE, on_grid
from gis_core.geos import multi_polygon
from layers.buildings.models import Building
from layers.roads import network
from layers.roads.models import Road

if TYPE_CHECKING:
    from gis_core.demo import DemoCity

ORDER = 16

METRE = 1 / 110_660  # degrees of latitude, at latitude 16.4
BRIDGE = (107.588, 16.466)  # Trường Tiền, the middle of the town
TOWN_STREETS, TOWN_ROW = 130, 3  # pieces of street with houses in town, houses on each side
VILLAGE_STREETS, VILLAGE_ROW = 2, 2  # the same in every unit
FROM_STREET_M = 7.0  # from the middle of the street to the front
KINDS = ("house", "commercial", "apartments", "office", "other")
SHARES = (0.72, 0.15, 0.03, 0.04, 0.06)
# Name, kind, longitude, latitude, length, breadth, height in metres, turn in degrees from east.
KNOWN = (
    ("Kỳ Đài", "heritage", 107.5803, 16.4669, 120, 45, 17, 40),
    ("Ngọ Môn", "heritage", 107.5787, 16.4680, 58, 27, 14, 40),
    ("Điện Thái Hòa", "heritage", 107.5776, 16.4693, 44, 30, 11, 40),
    ("Hiển Lâm Các", "heritage", 107.5757, 16.4672, 20, 13, 17, 40),
    ("Thế Miếu", "heritage", 107.5752, 16.4676, 55, 27, 10, 40),
    ("Ga Huế", "public", 107.5785, 16.4568, 90, 22, 12, 40),
    ("Trường Quốc Học", "school", 107.5832, 16.4603, 80, 16, 10, 40),
    ("Chợ Đông Ba", "commercial", 107.5885, 16.4735, 90, 60, 15, 55),
    ("Bệnh viện Trung ương Huế", "hospital", 107.5880, 16.4630, 90, 25, 28, 40),
    ("Nhà thờ Phủ Cam", "worship", 107.5870, 16.4530, 50, 26, 30, 20),
    ("Tháp Phước Duyên, chùa Thiên Mụ", "heritage", 107.5450, 16.4535, 13, 13, 21, 0),
)

Street = tuple[network.Place, network.Place]


def load(city: DemoCity, rng: np.random.Generator) -> int:
    """Write the invented buildings; returns their number."""
    roads = [
        (road.kind, shapely.from_wkb(bytes(road.geom.wkb)))
        for road in Road.objects.filter(source=SOURCE).order_by("fid")
    ]
    streets = [ends(line) for kind, line in roads if kind in ("residential", "unclassified")]
    paved = [shapely.buffer(line, 5 * METRE, quad_segs=1, cap_style="flat") for _, line in roads]
    buildings = [*monuments(), *houses(city, streets, paved, rng)]
    return len(Building.objects.bulk_create(buildings, batch_size=500))


def ends(line: BaseGeometry) -> Street:
    points = [(float(x), float(y)) for x, y in shapely.get_coordinates(line)]
    return points[0], points[-1]


def _building(shape: BaseGeometry, kind: str, **values: Any) -> Building:
    return Building(
        geom=multi_polygon(on_grid(shape), 4326), kind=kind, approximate=True, source=SOURCE, **values
    )


def monuments() -> Iterator[Building]:
    """Buildings that everybody knows, as plain rectangles."""
    for name, kind, lon, lat, length, breadth, height, turn in KNOWN:
        angle = np.radians(turn)
        along = (float(np.cos(angle)), float(np.sin(angle)))
        shape = rectangle((lon, lat), along, length, breadth)
        yield _building(shape, kind, name=name, height_m=float(height))


def houses(
    city: DemoCity, streets: Sequence[Street], paved: Sequence[BaseGeometry], rng: np.random.Generator
) -> Iterator[Building]:
    """Rows of houses; none stands in the water, on a road or on another house."""
    rows = [(street, TOWN_ROW) for street in nearest(streets, BRIDGE, TOWN_STREETS)]
    for unit in city.units:
        rows += [(street, VILLAGE_ROW) for street in nearest(streets, (unit.lon, unit.lat), VILLAGE_STREETS)]
    shapes = [shape for street, count in dict(rows).items() for shape in row_of(street, count, rng)]
    water = shapely.buffer(city.water, 8 * METRE, quad_segs=1)
    shapely.prepare(water)
    free = [shape for shape in shapes if not water.intersects(shape)]
    free = without_crossings(free, paved)
    for shape in first_come(free):
        kind = str(rng.choice(KINDS, p=SHARES))
        levels = int(rng.integers(5, 12)) if kind == "apartments" else 1 + int(rng.binomial(4, 0.3))
        known = rng.random() < 0.8
        height = round(levels * float(rng.uniform(3.1, 3.9)), 1) if rng.random() < 0.2 else None
        yield _building(shape, kind, levels=levels if known else None, height_m=height)


def nearest(streets: Sequence[Street], place: network.Place, count: int) -> list[Street]:
    """The ``count`` streets whose middles are nearest to ``place``."""

    def apart(street: Street) -> float:
        (x1, y1), (x2, y2) = street
        dx, dy = ((x1 + x2) / 2 - place[0]) * network.SHORTER, (y1 + y2) / 2 - place[1]
        return dx * dx + dy * dy

    return sorted(streets, key=lambda street: (apart(street), street))[:count]


def row_of(street: Street, count: int, rng: np.random.Generator) -> Iterator[BaseGeometry]:
    """``count`` houses on each side of ``street``, each with its own front and depth."""
    (x1, y1), (x2, y2) = street
    dx, dy = (x2 - x1) * network.SHORTER, y2 - y1
    length = (dx * dx + dy * dy) ** 0.5
    along = (dx / length, dy / length)
    for side in (1.0, -1.0):
        for place in range(count):
            share = (place + 1) / (count + 1) + float(rng.uniform(-0.06, 0.06))
            front, depth = float(rng.uniform(8, 22)), float(rng.uniform(10, 24))
            off = side * (FROM_STREET_M + depth / 2 + float(rng.uniform(0, 4))) * METRE
            lon = x1 + (x2 - x1) * share - along[1] * off / network.SHORTER
            lat = y1 + (y2 - y1) * share + along[0] * off
            yield rectangle((lon, lat), along, front, depth)


def rectangle(
    middle: network.Place, along: tuple[float, float], length: float, breadth: float
) -> BaseGeometry:
    """A rectangle of metres around ``middle`` (lon, lat), its length along the unit vector ``along``."""
    ux, uy = along
    corners = []
    for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        x, y = a * length / 2 * METRE, b * breadth / 2 * METRE
        corners.append((middle[0] + (x * ux - y * uy) / network.SHORTER, middle[1] + x * uy + y * ux))
    return shapely.Polygon(corners)


def without_crossings(shapes: Sequence[BaseGeometry], paved: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Those of ``shapes`` that touch nothing that is paved."""
    on_road = {int(i) for i in shapely.STRtree(list(paved)).query(list(shapes), predicate="intersects")[0]}
    return [shape for at, shape in enumerate(shapes) if at not in on_road]


def first_come(shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Those of ``shapes`` that touch no earlier one that is kept."""
    pairs = shapely.STRtree(list(shapes)).query(list(shapes), predicate="intersects")
    earlier: dict[int, list[int]] = {}
    for one, other in zip(*(row.tolist() for row in pairs), strict=True):
        if other < one:
            earlier.setdefault(one, []).append(other)
    kept: set[int] = set()
    for at in range(len(shapes)):
        if not kept.intersection(earlier.get(at, ())):
            kept.add(at)
    return [shapes[at] for at in sorted(kept)]
