"""The waters of the demo city, sketched from general knowledge of the place: good to some hundred metres."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import shapely
from shapely.geometry.base import BaseGeometry

from gis_core.demo import DemoWater, WaterKind

Point = tuple[float, float]
Disc = tuple[float, float, float]  # lon, lat, half breadth in degrees
# Name, English name, half breadth in degrees, middle line in the direction of flow.
Streams = tuple[tuple[str, str, float, tuple[Point, ...]], ...]

# The Hương river from the hills of Nam Đông (Tả Trạch) past Tuần, Thiên Mụ and the bridges to the lagoon.
RIVER = (
    (107.690, 16.160), (107.655, 16.205), (107.625, 16.245), (107.612, 16.290), (107.598, 16.325), (107.574, 16.350),
    (107.565, 16.378), (107.570, 16.398), (107.564, 16.422), (107.545, 16.428), (107.532, 16.437), (107.536, 16.449),
    (107.548, 16.453), (107.566, 16.457), (107.580, 16.462), (107.589, 16.469), (107.597, 16.477), (107.597, 16.487),
    (107.584, 16.496), (107.577, 16.513), (107.575, 16.533), (107.590, 16.547), (107.612, 16.557),
)  # fmt: skip
UPPER_REACH = 16.37  # south of it, above the confluence at Tuần, the river is half as broad

# Tam Giang, Thủy Tú and Cầu Hai: the middle line from north-west to south-east and half the breadth in degrees.
LAGOON = (
    (107.475, 16.640, 0.006), (107.520, 16.606, 0.008), (107.560, 16.585, 0.011), (107.610, 16.567, 0.007),
    (107.660, 16.535, 0.007), (107.700, 16.510, 0.006), (107.750, 16.452, 0.004), (107.785, 16.420, 0.003),
    (107.820, 16.385, 0.006), (107.835, 16.345, 0.022), (107.860, 16.330, 0.024),
)  # fmt: skip

RIVERS: Streams = (
    ("Sông Hữu Trạch", "Hữu Trạch River", 0.0005,
     ((107.400, 16.130), (107.440, 16.190), (107.470, 16.245), (107.490, 16.285), (107.507, 16.325), (107.540, 16.345),
      (107.565, 16.378))),
    ("Sông Bồ", "Bồ River", 0.0006,
     ((107.300, 16.350), (107.350, 16.395), (107.400, 16.430), (107.440, 16.455), (107.455, 16.475), (107.458, 16.492),
      (107.475, 16.508), (107.505, 16.522), (107.535, 16.525), (107.577, 16.513))),
    ("Sông Ô Lâu", "Ô Lâu River", 0.0005,
     ((107.280, 16.560), (107.330, 16.605), (107.375, 16.640), (107.420, 16.657), (107.475, 16.640))),
    ("Sông Truồi", "Truồi River", 0.0004,
     ((107.720, 16.210), (107.758, 16.262), (107.772, 16.295), (107.795, 16.325), (107.815, 16.342))),
    ("Sông A Sáp", "A Sáp River", 0.0004,
     ((107.300, 16.170), (107.255, 16.195), (107.210, 16.210), (107.160, 16.200), (107.125, 16.185))),
    ("Sông Như Ý", "Như Ý River", 0.0003,
     ((107.597, 16.477), (107.615, 16.476), (107.635, 16.468), (107.655, 16.455), (107.680, 16.435),
      (107.700, 16.405))),
)  # fmt: skip
CANALS: Streams = (
    ("Sông An Cựu", "An Cựu Canal", 0.00022,
     ((107.566, 16.457), (107.570, 16.451), (107.580, 16.450), (107.589, 16.453), (107.597, 16.457), (107.607, 16.452),
      (107.626, 16.440), (107.655, 16.425), (107.700, 16.405), (107.750, 16.375), (107.800, 16.357),
      (107.820, 16.350))),
    ("Sông Đông Ba", "Đông Ba Canal", 0.00022,
     ((107.589, 16.469), (107.5905, 16.475), (107.589, 16.482), (107.586, 16.489), (107.584, 16.496))),
    ("Sông Kẻ Vạn", "Kẻ Vạn Canal", 0.0002,
     ((107.566, 16.457), (107.561, 16.465), (107.560, 16.474), (107.564, 16.481), (107.573, 16.489),
      (107.584, 16.496))),
    ("Ngự Hà", "Ngự Hà Canal", 0.0002,
     ((107.561, 16.465), (107.568, 16.471), (107.575, 16.475), (107.582, 16.478), (107.5895, 16.480))),
)  # fmt: skip
STANDING: tuple[tuple[str, str, WaterKind, tuple[Disc, ...]], ...] = (
    ("Đầm Lập An", "Lập An Lagoon", "lagoon",
     ((108.045, 16.245, 0.009), (108.060, 16.240, 0.012), (108.074, 16.230, 0.007))),
    ("Hồ Tả Trạch", "Tả Trạch Reservoir", "reservoir",
     ((107.608, 16.300, 0.004), (107.620, 16.262, 0.009), (107.645, 16.222, 0.006), (107.665, 16.192, 0.002))),
    ("Hồ Bình Điền", "Bình Điền Reservoir", "reservoir",
     ((107.506, 16.320, 0.003), (107.490, 16.285, 0.007), (107.470, 16.245, 0.004))),
    ("Hồ Hương Điền", "Hương Điền Reservoir", "reservoir",
     ((107.443, 16.457, 0.003), (107.405, 16.433, 0.009), (107.365, 16.407, 0.005))),
    ("Hồ A Lưới", "A Lưới Reservoir", "reservoir",
     ((107.165, 16.201, 0.003), (107.195, 16.208, 0.007), (107.225, 16.205, 0.004))),
    ("Hồ Truồi", "Truồi Reservoir", "reservoir", ((107.752, 16.252, 0.004), (107.764, 16.274, 0.007))),
    ("Hồ Thủy Tiên", "Thủy Tiên Lake", "lake", ((107.578, 16.406, 0.0014), (107.580, 16.408, 0.0019))),
    ("Hồ Tịnh Tâm", "Tịnh Tâm Lake", "lake", ((107.5735, 16.4790, 0.0008), (107.5752, 16.4802, 0.0008))),
)  # fmt: skip


def smooth(points: Sequence[Point], rounds: int = 2) -> tuple[Point, ...]:
    """The line with its corners cut (Chaikin 1974, "An algorithm for high-speed curve generation"); its ends stay."""
    line = tuple(points)
    for _ in range(rounds):
        cut = []
        for (x1, y1), (x2, y2) in itertools.pairwise(line):
            cut += [
                (0.75 * x1 + 0.25 * x2, 0.75 * y1 + 0.25 * y2),
                (0.25 * x1 + 0.75 * x2, 0.25 * y1 + 0.75 * y2),
            ]
        line = (line[0], *cut[1:-1], line[-1])
    return tuple((round(x, 6), round(y, 6)) for x, y in line)


def ribbon(discs: Sequence[Disc]) -> BaseGeometry:
    """One polygon: stretches between discs of the stated half breadth, octagons for circles."""
    round_ones = [shapely.buffer(shapely.Point(lon, lat), half, quad_segs=2) for lon, lat, half in discs]
    stretches = [shapely.convex_hull(shapely.union_all(pair)) for pair in itertools.pairwise(round_ones)]
    return shapely.union_all(stretches, grid_size=1e-6)


def river() -> BaseGeometry:
    """The middle line of the Hương river, downstream."""
    return shapely.LineString(smooth(RIVER))


def lagoon(known: Sequence[Point]) -> BaseGeometry:
    """Tam Giang – Cầu Hai; never over one of the places ``known``, where a unit's own point is."""
    islands = shapely.buffer(shapely.multipoints(list(known)), 0.004, quad_segs=2)
    return shapely.difference(ribbon(LAGOON), islands, grid_size=1e-6)


def waters(lagoon_surface: BaseGeometry) -> tuple[DemoWater, ...]:
    """Every sketched water, none over another: what stands, the Hương, rivers, canals.

    ``lagoon_surface`` is that of `lagoon`. Where two meet, the water is that of the first.
    """
    found = [
        DemoWater(
            name="Phá Tam Giang – Cầu Hai",
            name_en="Tam Giang – Cầu Hai Lagoon",
            kind="lagoon",
            surface=lagoon_surface,
        )
    ]
    for name, name_en, kind, discs in STANDING:
        found.append(DemoWater(name=name, name_en=name_en, kind=kind, surface=ribbon(discs)))
    huong = [(x, y, 0.0007 if y < UPPER_REACH else 0.0013) for x, y in smooth(RIVER)]
    found.append(_stream("Sông Hương", "Hương (Perfume) River", "river", huong))
    streams: tuple[tuple[WaterKind, Streams], ...] = (("river", RIVERS), ("canal", CANALS))
    for kind, listed in streams:
        for name, name_en, half, points in listed:
            found.append(_stream(name, name_en, kind, [(x, y, half) for x, y in smooth(points)]))
    return tuple(_apart(found))


def _stream(name: str, name_en: str, kind: WaterKind, discs: Sequence[Disc]) -> DemoWater:
    line = shapely.LineString([(x, y) for x, y, _ in discs])
    return DemoWater(name=name, name_en=name_en, kind=kind, surface=ribbon(discs), line=line)


def _apart(found: Sequence[DemoWater]) -> Iterator[DemoWater]:
    """Each surface without those before it: a bank is not drawn across another water."""
    taken: BaseGeometry = shapely.Polygon()
    for water in found:
        yield replace(water, surface=shapely.difference(water.surface, taken, grid_size=1e-6))
        taken = shapely.union(taken, water.surface, grid_size=1e-6)
