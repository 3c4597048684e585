"""Invented parcels: blocks of lots along small streets, drawn in VN-2000 metres as a surveyor would have them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from gis_core.demo import BANK_DEG, CITADEL, SOURCE, DemoCity, DemoUnit
from gis_core.geos import multi_polygon
from layers.parcels.models import VN2000_HUE, Parcel, ParcelHolder

ORDER = 70
COMMUNES = 20
BLOCKS = 5  # in a commune, each on a map sheet of its own
FIRST_SHEET, FIRST_NUMBER = 8, 331  # a surveyor's numbers, of which the demo city draws the end of each sheet
LOTS = 15  # in a block: two rows back to back, the last lot of the second row spanning two places
PER_ROW = 8
STREET_M = 7.0
TO_VN2000 = Transformer.from_crs(4326, VN2000_HUE, always_xy=True)
TO_LONLAT = Transformer.from_crs(VN2000_HUE, 4326, always_xy=True)


def load(city: DemoCity, rng: np.random.Generator) -> int:
    """Write `COMMUNES` x `BLOCKS` x `LOTS` parcels (1,500), each with a holder, in the communes around the citadel."""
    town = sorted(
        city.units, key=lambda unit: (np.hypot(unit.lon - CITADEL[0], unit.lat - CITADEL[1]), unit.code)
    )
    parcels = []
    for unit in town[:COMMUNES]:
        for sheet, block in enumerate(blocks_of(city, unit, rng), start=FIRST_SHEET):
            for number, lot in enumerate(block, start=FIRST_NUMBER):
                parcels.append(invented_parcel(unit, sheet, number, lot, rng))
    Parcel.settle(parcels)
    written = Parcel.objects.bulk_create(parcels)
    ParcelHolder.objects.bulk_create(
        ParcelHolder(
            parcel=parcel,
            name=f"Người sử dụng đất {n} (minh họa)",
            id_number=f"000{int(rng.integers(0, 10**9)):09d}",
            address=f"Nhà số {int(rng.integers(1, 300))} (minh họa)",
        )
        for n, parcel in enumerate(written, start=1)
    )
    return len(written)


def blocks_of(city: DemoCity, unit: DemoUnit, rng: np.random.Generator) -> Iterator[list[BaseGeometry]]:
    """Up to `BLOCKS` blocks of lots, EPSG:9214, side by side across streets near the unit's point, turned together.

    A block that would leave the unit or stand in the water is passed over for the next place in the row.
    """
    east, north = TO_VN2000.transform(unit.lon, unit.lat)
    width, depth = float(rng.uniform(5.0, 9.0)), float(rng.uniform(16.0, 26.0))
    turn = float(rng.uniform(0.0, 90.0))
    water = city.lagoon.union(city.river.buffer(BANK_DEG))
    made = 0
    for place in range(60):
        column, row = place % 8 - 4, place // 8 - 4
        corner = (
            east + column * (PER_ROW * width + STREET_M),
            north + row * (2 * depth + STREET_M),
        )
        lots = [
            shapely.affinity.rotate(lot, turn, origin=(east, north)) for lot in lots_at(corner, width, depth)
        ]
        lots = shapely.set_precision(lots, 0.001).tolist()
        ground = shapely.transform(shapely.box(*shapely.union_all(lots).bounds), to_lonlat)
        if unit.polygon.contains(ground) and not water.intersects(ground):
            made += 1
            yield lots
        if made == BLOCKS:
            return


def to_lonlat(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of east and north (EPSG:9214) as rows of longitude and latitude."""
    return np.column_stack(TO_LONLAT.transform(metres[:, 0], metres[:, 1]))


def lots_at(corner: tuple[float, float], width: float, depth: float) -> list[BaseGeometry]:
    """`LOTS` lots of ``width`` by ``depth`` metres in two rows that share their back; neighbours share their side.

    Corners of a lot are corners of its neighbour too, also in the middle of a side, so that turning and rounding
    move both alike and no sliver opens between them.
    """
    east, north = corner
    spans = [(n, n + 1) for n in range(PER_ROW - 2)] + [(PER_ROW - 2, PER_ROW)]
    front = [strip(east, north, depth, width, n, n + 1) for n in range(PER_ROW)]
    back = [strip(east, north + depth, depth, width, first, last) for first, last in spans]
    return [*front, *back]


def strip(east: float, south: float, depth: float, width: float, first: int, last: int) -> BaseGeometry:
    """The lot between the side lines ``first`` and ``last`` of a row, with a corner at every line it touches."""
    lines = [east + width * line for line in range(first, last + 1)]
    return shapely.Polygon([*((x, south) for x in lines), *((x, south + depth) for x in reversed(lines))])


def invented_parcel(
    unit: DemoUnit, sheet: int, number: int, lot: BaseGeometry, rng: np.random.Generator
) -> Parcel:
    urban = unit.full_name.startswith("Phường")
    home = "ODT" if urban else "ONT"
    return Parcel(
        geom_original=multi_polygon(lot, VN2000_HUE),
        unit_code=unit.code,
        unit_name=unit.name,
        sheet=sheet,
        number=number,
        map_scale=500 if urban else 1000,
        legal_area_m2=Decimal(f"{lot.area * rng.uniform(0.98, 1.02):.1f}"),
        land_use=str(rng.choice((home, "CLN", "TMD", "HNK", "DGD"), p=(0.8, 0.08, 0.06, 0.04, 0.02))),
        address=f"Nhà số {number * 2}, đường quy hoạch {sheet}, {unit.full_name}",
        surveyed_on=date(2010, 1, 1) + timedelta(days=int(rng.integers(0, 5000))),
        accuracy_m=float(rng.choice((0.05, 0.1, 0.2))),
        source=SOURCE,
        use_origin="Nhà nước công nhận quyền sử dụng đất (minh họa)",
        certificate_no=f"DEMO {int(rng.integers(0, 10**6)):06d}",
        mortgaged=bool(rng.random() < 0.2),
        disputed=bool(rng.random() < 0.03),
    )
