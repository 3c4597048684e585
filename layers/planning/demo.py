"""Invented plans: a grid of lots around the points of the town's communes. Names of real plans are not used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis_core.demo import BANK_DEG, CITADEL, SOURCE, DemoCity, DemoUnit, on_grid
from gis_core.geos import multi_polygon
from layers.planning.models import PlanningZone

ORDER = 80
PLANS = 9
LOTS = 9
SIDE_DEG = 0.0024  # about 260 m
STREET_DEG = 0.0002
FUNCTIONS = ("ODT", "TMD", "DKV", "DGD", "DYT", "DVH", "TSC", "DDD", "DGT")
# function -> (density %, most storeys): what a plan typically allows, none where nothing is built
LIMITS = {"ODT": (60, 5), "TMD": (50, 7), "DGD": (40, 4), "DYT": (40, 5), "DVH": (40, 3), "TSC": (40, 5)}


def load(city: DemoCity, rng: np.random.Generator) -> int:
    """Write `PLANS` plans of up to `LOTS` lots each; every third plan is still a draft, with a note to match."""
    town = sorted(
        city.units, key=lambda unit: (np.hypot(unit.lon - CITADEL[0], unit.lat - CITADEL[1]), unit.code)
    )
    zones = [
        invented_zone(unit, plan, lot, shape, rng)
        for plan, unit in enumerate(town[:PLANS], start=1)
        for lot, shape in enumerate(lots_around(city, unit), start=1)
    ]
    for zone in zones:
        zone.save()
    return len(zones)


def lots_around(city: DemoCity, unit: DemoUnit) -> Iterator[BaseGeometry]:
    """Squares between streets around the unit's point, cut to its land; none smaller than a tenth of a square."""
    land = unit.polygon.difference(city.lagoon).difference(city.river.buffer(BANK_DEG))
    step = SIDE_DEG + STREET_DEG
    for n in range(LOTS):
        west = unit.lon + (n % 3 - 1.5) * step
        south = unit.lat + (n // 3 - 1.5) * step
        lot = shapely.box(west, south, west + SIDE_DEG, south + SIDE_DEG).intersection(land)
        if lot.geom_type in ("Polygon", "MultiPolygon") and lot.area > SIDE_DEG**2 / 10:
            yield lot


def invented_zone(
    unit: DemoUnit, plan: int, lot: int, shape: BaseGeometry, rng: np.random.Generator
) -> PlanningZone:
    function = str(rng.choice(FUNCTIONS, p=(0.4, 0.12, 0.12, 0.08, 0.05, 0.05, 0.06, 0.06, 0.06)))
    density, storeys = LIMITS.get(function, (None, None))
    approved = plan % 3 != 0
    decided = date(2019, 1, 1) + timedelta(days=200 * plan)
    return PlanningZone(
        geom=multi_polygon(on_grid(shape), 4326),
        project=f"Đồ án minh họa số {plan}, {unit.name}",
        level=("zone", "detail", "general")[plan % 3],
        lot_code=f"{function}-{plan:02d}.{lot:02d}",
        function=function,
        density_pct=density,
        storeys_min=1 if storeys else None,
        storeys_max=storeys,
        far=round(density * storeys / 100, 2) if density and storeys else None,
        setback_m=float(rng.choice((0, 3, 6))) if storeys else None,
        population=int(rng.integers(200, 900)) if function == "ODT" else None,
        status="approved" if approved else str(rng.choice(("draft", "submitted"))),
        decision_no=f"{100 + plan}/QĐ-MINHHOA" if approved else "",
        decision_date=decided if approved else None,
        valid_from=decided + timedelta(days=10) if approved else None,
        source=SOURCE,
        internal_note=f"Ghi chú nội bộ về lô {lot} (minh họa)",
    )
