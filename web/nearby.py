"""What is near a place, by distance: the points of every layer that is no ground, and the unit around it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gis_core.audiences import Caller
from gis_core.layer import Layer
from gis_core.shares import Shares
from gis_core.styles.standard import KINDS
from web import city, legend
from web.window import Box, to_mercator

REACH_M = 3_000.0
PER_LAYER, MOST = 8, 24
ON_IT_M = 0.05  # a box without width intersects nothing
EARTH_M = 6_371_008.8  # mean radius: within 0.6 % of the ellipsoid over such distances


@dataclass(frozen=True)
class Near:
    """A feature and how far away it is."""

    named: city.Named
    metres: float


def around(
    caller: Caller, lon: float, lat: float, shares: Shares
) -> tuple[city.Named | None, Sequence[Near]]:
    """The unit around a place (EPSG:4326), and the features within `REACH_M` of it, nearest first."""

    known = city.layers(caller)
    points = [each for each in known if KINDS[each.geometry.type] == "point" and each.id not in legend.BASES]
    found = [
        Near(each, distance(lon, lat, each.lon, each.lat))
        for each in within(caller, points, box_around(lon, lat, REACH_M), PER_LAYER, shares)
    ]
    near = sorted((each for each in found if each.metres <= REACH_M), key=lambda each: each.metres)
    units = [layer for layer in known if legend.BASES.get(layer.id) == "units"]
    holding = within(caller, units, box_around(lon, lat, ON_IT_M), 1, shares)
    return (holding[0] if holding else None), near[:MOST]


def lying_at(caller: Caller, lon: float, lat: float, shares: Shares) -> list[city.Named]:
    """The areas that a place (EPSG:4326) lies in today, of every layer, units first."""
    areas = [
        each for each in city.layers(caller) if KINDS[each.geometry.type] == "area" and each.of_now is None
    ]
    return within(caller, areas, box_around(lon, lat, ON_IT_M), PER_LAYER, shares)


def within(caller: Caller, layers: Sequence[Layer], box: Box, most: int, shares: Shares) -> list[city.Named]:
    """The features of each layer that touch ``box`` (EPSG:3857), ``most`` of a layer, layer by layer."""
    return [named for each in city.views(caller, layers, box, most, shares) for named in each.features]


def box_around(lon: float, lat: float, metres: float) -> Box:
    """EPSG:3857, ``metres`` on the ground to each side."""
    x, y = to_mercator(lon, lat)
    reach = metres / math.cos(math.radians(lat))
    return x - reach, y - reach, x + reach, y + reach


def distance(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Metres along the great circle (haversine)."""
    one, other = math.radians(lat), math.radians(other_lat)
    half = math.sin((other - one) / 2) ** 2
    half += math.cos(one) * math.cos(other) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))
