"""The demo city: what a layer needs to fill itself with invented features, and how its module is found.

An installed app joins with a module ``demo`` that has ``ORDER: int`` (lower is loaded first) and
``load(city: DemoCity, rng: numpy.random.Generator) -> int``, the number of features it wrote. The command that
builds the city runs each in a transaction of its own and gives it a generator of its own, so that a new layer never
changes the features of another. Invented features say so where they name their source: `SOURCE`.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from types import ModuleType
from typing import Literal, Protocol, cast

import numpy as np
import shapely
from django.apps import apps
from shapely.geometry.base import BaseGeometry

from gis_core.invented import SOURCE as SOURCE

WaterKind = Literal["river", "canal", "lagoon", "lake", "reservoir"]
# Seven decimals of a degree are about a centimetre: enough for anything invented, and the same text on every machine.
GRID = 1e-7
CITADEL = (107.578, 16.469)  # where parcels and plans begin
BANK_DEG = 0.002  # about 200 m on either side of a river's middle line
UNTIL = datetime(2026, 11, 20, 10, tzinfo=UTC)  # the last moment of which the demo city tells


class Loader(Protocol):
    """A module that fills its layer."""

    ORDER: int

    def load(self, city: DemoCity, rng: np.random.Generator) -> int: ...


@dataclass(frozen=True, kw_only=True)
class DemoUnit:
    """A commune-level unit of today: real code, name and point; ``polygon`` is approximate (shapely, lon/lat)."""

    code: str
    name: str
    full_name: str
    lon: float
    lat: float
    polygon: BaseGeometry


@dataclass(frozen=True, kw_only=True)
class DemoWater:
    """A water of the demo city, sketched at about its real place (shapely, lon/lat).

    ``line`` is the middle line of what flows, in the direction of flow; None for standing water.
    """

    name: str
    name_en: str
    kind: WaterKind
    surface: BaseGeometry
    line: BaseGeometry | None = None


@dataclass(frozen=True, kw_only=True)
class DemoCity:
    """The ground that invented features stand on. All geometries are shapely, EPSG:4326 (lon, lat)."""

    seed: int
    outline: BaseGeometry
    units: tuple[DemoUnit, ...]
    river: BaseGeometry
    lagoon: BaseGeometry
    waters: tuple[DemoWater, ...] = ()

    @cached_property
    def water(self) -> BaseGeometry:
        """All its inland water as one surface, on `GRID`: what nothing is built on."""
        return shapely.union_all([self.lagoon, *(each.surface for each in self.waters)], grid_size=GRID)

    @property
    def land(self) -> BaseGeometry:
        """The city without its lagoon."""
        return shapely.difference(self.outline, self.lagoon)

    def unit(self, code: str) -> DemoUnit:
        """The unit ``code``; KeyError if the city has none."""
        for unit in self.units:
            if unit.code == code:
                return unit
        raise KeyError(code)

    def unit_of(self, lon: float, lat: float) -> DemoUnit | None:
        """The unit whose polygon holds the point, None outside the city."""
        here = shapely.Point(lon, lat)
        return next((unit for unit in self.units if unit.polygon.covers(here)), None)

    def rng(self, purpose: str) -> np.random.Generator:
        """A generator for one purpose: the same numbers on every machine, whatever else was drawn before."""
        digest = hashlib.sha256(f"{self.seed}:{purpose}".encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], "big"))

    def point_near(
        self, unit: DemoUnit, rng: np.random.Generator, *, spread: float = 0.012
    ) -> tuple[float, float]:
        """A (lon, lat) on the unit's land, scattered normally by ``spread`` degrees around its own point.

        Falls back to a point that is inside for certain after 50 throws into the lagoon or over the border.
        """
        for _ in range(50):
            dx, dy = rng.normal(0.0, spread, 2)
            lon, lat = round(unit.lon + float(dx), 6), round(unit.lat + float(dy), 6)
            here = shapely.Point(lon, lat)
            if unit.polygon.contains(here) and not self.lagoon.intersects(here):
                return lon, lat
        return unit.lon, unit.lat


def on_grid[G: BaseGeometry](geometry: G) -> G:
    """``geometry`` (EPSG:4326) with its coordinates on `GRID`."""
    return shapely.set_precision(geometry, GRID, mode="valid_output")


def demo_modules() -> Iterator[tuple[str, Loader]]:
    """(app label, module) of every installed app that can fill itself, in the order in which they are to be loaded."""
    found: list[tuple[str, ModuleType]] = []
    for app in apps.get_app_configs():
        name = f"{app.name}.demo"
        if name != __name__ and importlib.util.find_spec(name) is not None:
            found.append((app.label, importlib.import_module(name)))
    loaders = [(label, cast(Loader, module)) for label, module in found]
    yield from sorted(loaders, key=lambda pair: (pair[1].ORDER, pair[0]))
