"""Invented roads: main roads between the real places of units and old communes, street grids in today's units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import shapely
from django.contrib.gis.geos import LineString, MultiLineString

from gis_core.demo import SOURCE
from layers.admin_units import approximation, gazetteer
from layers.roads import network
from layers.roads.models import Road
from layers.roads.street_names import STREET_NAMES

if TYPE_CHECKING:
    import numpy as np

    from gis_core.demo import DemoCity, DemoUnit

ORDER = 10

# Numbered roads between the points of two units; earlier ones win where they share a stretch.
NUMBERED = (
    ("19858", "19789", "Quốc lộ 1", "QL.1", "primary"),
    ("19789", "20137", "Quốc lộ 1", "QL.1", "primary"),
    ("19828", "19858", "Quốc lộ 49B", "QL.49B", "primary"),
    ("19789", "20044", "Quốc lộ 49", "QL.49", "primary"),
    ("19789", "19900", "Quốc lộ 49", "QL.49", "primary"),
    ("20140", "20161", "Đường tỉnh 14B", "ĐT.14B", "secondary"),
    ("20044", "20101", "Đường Hồ Chí Minh", "ĐHCM", "trunk"),
    ("19900", "20122", "Đường tỉnh 21", "ĐT.21", "secondary"),
)
PROFILES: Mapping[str, dict[str, Any]] = {
    "trunk": {"surface": "asphalt", "width_m": 9.0, "lanes": 2, "maxspeed": 80},
    "primary": {"surface": "asphalt", "width_m": 12.0, "lanes": 2, "maxspeed": 80},
    "secondary": {"surface": "asphalt", "width_m": 7.5, "lanes": 2, "maxspeed": 60},
    "tertiary": {"surface": "concrete", "width_m": 5.5, "lanes": 2, "maxspeed": 50},
    "residential": {"surface": "asphalt", "width_m": 7.0, "lanes": 2, "maxspeed": 50},
    "unclassified": {"surface": "concrete", "width_m": 3.5, "lanes": 1, "maxspeed": 40},
}
# A commune's middle this near (degrees) to a unit's point is the same place.
SAME_PLACE = 0.012
VERTICES_PER_PIECE = 3


def load(city: DemoCity, rng: np.random.Generator) -> int:
    """Write the invented roads; returns their number."""
    roads = [*main_roads(city, rng), *streets(city, rng)]
    Road.objects.bulk_create(roads, batch_size=500)
    return len(roads)


def _road(line: network.Line, kind: str, **values: Any) -> Road:
    geom = MultiLineString(LineString(list(line), srid=4326), srid=4326)
    return Road(geom=geom, kind=kind, oneway="no", source=SOURCE, **PROFILES[kind], **values)


def places(city: DemoCity) -> list[tuple[str, str, network.Place]]:
    """(unit code or "", name, place): the units of today in the city's order, then the other old communes."""
    found = [(unit.code, unit.name, (unit.lon, unit.lat)) for unit in city.units]
    for code, polygon in approximation.boundaries().communes.items():
        middle = shapely.point_on_surface(polygon)
        place = (round(middle.x, 6), round(middle.y, 6))
        if all(abs(place[0] - x) + abs(place[1] - y) > SAME_PLACE for _, _, (x, y) in found):
            name = next(c.name for c in gazetteer.old_communes() if c.code == code)
            found.append(("", name, place))
    return found


def main_roads(city: DemoCity, rng: np.random.Generator) -> Iterator[Road]:
    """Roads along the relative neighbourhood graph of the places: numbered ones on the ways that they take in truth."""
    known = places(city)
    spots = [place for _, _, place in known]
    index = {code: number for number, (code, _, _) in enumerate(known) if code}
    edges = network.relative_neighbours(spots)
    numbered: dict[network.Edge, tuple[str, str, str]] = {}
    for start, end, name, ref, kind in NUMBERED:
        for edge in network.shortest_path(spots, edges, index[start], index[end]):
            numbered.setdefault(edge, (name, ref, kind))
    for edge in edges:
        one, two = edge
        local = (f"Đường liên xã {known[one][1]} – {known[two][1]}", "", "tertiary")
        name, ref, kind = numbered.get(edge, local)
        manager = "Sở Xây dựng" if edge in numbered else "Ủy ban nhân dân cấp xã"
        line = network.winding(spots[one], spots[two], rng)
        for piece in network.pieces(line, VERTICES_PER_PIECE):
            yield _road(piece, kind, name=name, ref=ref, manager=manager)


def streets(city: DemoCity, rng: np.random.Generator) -> Iterator[Road]:
    """A grid of named streets in each unit, larger in wards, without what would lie in the lagoon or the next unit."""
    for unit in city.units:
        is_ward = unit.full_name.startswith("Phường")
        grid = _grid_of(city, unit, 6 if is_ward else 4, rng)
        first = _first_names(unit)
        others = [name for name in STREET_NAMES if name not in first]
        names = [*first, *(others[int(i)] for i in rng.permutation(len(others)))]
        for street, line in grid:
            kind = "residential" if is_ward else "unclassified"
            yield _road(line, kind, name=names[street], manager=f"Ủy ban nhân dân {unit.full_name}")


def _first_names(unit: DemoUnit) -> list[str]:
    """The street names that everybody looks for, in the unit where they belong."""
    known = {
        "19789": ["Đường Lê Lợi", "Đường Huế", "Đường Hùng Vương", "Đường Nguyễn Huệ"],
        "19753": ["Đường Đinh Tiên Hoàng", "Đường Trần Hưng Đạo", "Đường 23 Tháng 8"],
        "19774": ["Đường Kim Long", "Đường Nguyễn Phúc Nguyên"],
    }
    return known.get(unit.code, [])


def _grid_of(
    city: DemoCity, unit: DemoUnit, size: int, rng: np.random.Generator
) -> list[tuple[int, network.Line]]:
    block = float(rng.uniform(0.0012, 0.0022))
    east, north = (float(number) for number in rng.uniform(0.5, 1.0, 2))
    length = (east * east + north * north) ** 0.5
    grid = network.street_grid((unit.lon, unit.lat), size, block, (east / length, north / length))
    dry = shapely.difference(unit.polygon, city.lagoon)
    shapely.prepare(dry)
    inside = [(street, line) for street, line in grid if dry.contains(shapely.LineString(line))]
    return network.reached_from((unit.lon, unit.lat), inside)
