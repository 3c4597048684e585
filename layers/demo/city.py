"""The ground of the demo city: real units on approximate boundaries, with its waters sketched from the map."""

from __future__ import annotations

from gis_core.demo import DemoCity, DemoUnit
from layers.admin_units import approximation, gazetteer
from layers.demo import waters

SEED = 20250701


def demo_city(seed: int = SEED) -> DemoCity:
    """The demo city of ``seed``; its ground is the same for every seed, and never official boundaries."""
    shapes = approximation.boundaries()
    lagoon = waters.lagoon([(unit.lon, unit.lat) for unit in gazetteer.units()])
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
        river=waters.river(),
        lagoon=lagoon,
        waters=waters.waters(lagoon),
    )
