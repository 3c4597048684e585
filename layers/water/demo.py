"""The waters of the demo city at about their real places, and the sea off its coast: sketched, and said to be so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely
from django.contrib.gis.geos import MultiLineString

from gis_core.demo import SOURCE
from gis_core.geos import geos, multi_polygon
from layers.water.models import WaterArea, Waterway
from layers.water.sea import east_sea

if TYPE_CHECKING:
    import numpy as np
    from shapely.geometry.base import BaseGeometry

    from gis_core.demo import DemoCity

ORDER = 12


def load(city: DemoCity, rng: np.random.Generator) -> int:
    """Write surfaces and middle lines; returns their number. Nothing is left to chance: the waters are real."""
    areas = WaterArea.objects.bulk_create(surfaces(city))
    lines = Waterway.objects.bulk_create(streams(city))
    return len(areas) + len(lines)


def surfaces(city: DemoCity) -> list[WaterArea]:
    """The sea and every sketched water of the city."""
    sea = WaterArea(
        geom=multi_polygon(east_sea(city.outline), 4326), name="Biển Đông", name_en="East Sea", kind="sea",
        approximate=True, source=SOURCE,
    )  # fmt: skip
    inland = [
        WaterArea(
            geom=multi_polygon(water.surface, 4326),
            name=water.name,
            name_en=water.name_en,
            kind=water.kind,
            approximate=True,
            source=SOURCE,
        )
        for water in city.waters
    ]
    return [sea, *inland]


def streams(city: DemoCity) -> list[Waterway]:
    """The middle lines of what flows."""
    return [
        Waterway(
            geom=multi_line(water.line),
            name=water.name,
            name_en=water.name_en,
            kind=water.kind,
            approximate=True,
            source=SOURCE,
        )
        for water in city.waters
        if water.line is not None
    ]


def multi_line(line: BaseGeometry) -> MultiLineString:
    assert isinstance(line, shapely.LineString)
    stored = geos(shapely.MultiLineString([line]), 4326)
    assert isinstance(stored, MultiLineString)
    return stored
