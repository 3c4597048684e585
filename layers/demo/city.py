"""The ground of the demo city: real units on approximate boundaries, with river and lagoon sketched from the map."""

from __future__ import annotations

import itertools

import shapely
from shapely.geometry.base import BaseGeometry

from gis_core.demo import DemoCity, DemoUnit
from layers.admin_units import approximation, gazetteer

SEED = 20250701

# The Hương river from the hills of Nam Đông (Tả Trạch) past Tuần, Thiên Mụ and the bridges to the lagoon.
RIVER = (
    (107.690, 16.160), (107.655, 16.205), (107.625, 16.245), (107.612, 16.290), (107.598, 16.325), (107.574, 16.350),
    (107.565, 16.378), (107.570, 16.398), (107.564, 16.422), (107.545, 16.428), (107.532, 16.437), (107.536, 16.449),
    (107.548, 16.453), (107.566, 16.457), (107.580, 16.462), (107.589, 16.469), (107.597, 16.477), (107.597, 16.487),
    (107.584, 16.496), (107.577, 16.513), (107.575, 16.533), (107.590, 16.547), (107.612, 16.557),
)  # fmt: skip

# Tam Giang, Thủy Tú and Cầu Hai: the middle line from north-west to south-east and half the breadth in degrees.
LAGOON = (
    (107.475, 16.640, 0.006), (107.520, 16.606, 0.008), (107.560, 16.585, 0.011), (107.610, 16.567, 0.007),
    (107.660, 16.535, 0.007), (107.700, 16.510, 0.006), (107.750, 16.452, 0.004), (107.785, 16.420, 0.003),
    (107.820, 16.385, 0.006), (107.835, 16.345, 0.022), (107.860, 16.330, 0.024),
)  # fmt: skip


def demo_city(seed: int = SEED) -> DemoCity:
    """The demo city of ``seed``; its ground is the same for every seed, and never official boundaries."""
    shapes = approximation.boundaries()
    return DemoCity(
        seed=seed,
        outline=shapes.outline,
        units=tuple(
            DemoUnit(
                code=unit.code,
                name=unit.name,
                full_name=unit.full_name,
                lon=unit.lon,
                lat=unit.lat,
                polygon=shapes.units[unit.code],
            )
            for unit in gazetteer.units()
        ),
        river=shapely.LineString(RIVER),
        lagoon=_lagoon(),
    )


def _lagoon() -> BaseGeometry:
    """The sketched water as one polygon: stretches between discs of the stated half breadth, octagons for circles."""
    discs = [shapely.buffer(shapely.Point(lon, lat), half, quad_segs=2) for lon, lat, half in LAGOON]
    stretches = [shapely.convex_hull(shapely.union_all(pair)) for pair in itertools.pairwise(discs)]
    water = shapely.union_all(stretches, grid_size=1e-6)
    # The water never covers the place that a unit is known by.
    known = shapely.multipoints([(unit.lon, unit.lat) for unit in gazetteer.units()])
    return shapely.difference(water, shapely.buffer(known, 0.004, quad_segs=2), grid_size=1e-6)
