"""Place names of the demo city: the city, the former townships, and the old communes, whose names live on as names of
places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import shapely
from django.contrib.gis.geos import Point

from gis_core.demo import SOURCE
from layers.admin_units import approximation, gazetteer
from layers.places.codes import RANKS
from layers.places.models import Place

if TYPE_CHECKING:
    import numpy as np

    from gis_core.demo import DemoCity

ORDER = 18

# Name, English name, kind, longitude, latitude: real places, put in by hand to some hundred metres.
KNOWN = (
    ("Quảng Trị", "", "region", 106.9800, 16.8200),
    ("Đà Nẵng", "", "region", 108.0600, 16.0200),
    ("Lào", "Laos", "country", 106.8000, 16.0800),
    ("Huế", "Huế", "city", 107.5850, 16.4640),
    ("Kinh thành Huế", "Huế Citadel", "suburb", 107.5780, 16.4720),
    ("Đại Nội", "Imperial City of Huế", "locality", 107.5777, 16.4695),
    ("Cầu Trường Tiền", "Trường Tiền Bridge", "locality", 107.5889, 16.4683),
    ("Cầu Phú Xuân", "Phú Xuân Bridge", "locality", 107.5852, 16.4648),
    ("Cầu ngói Thanh Toàn", "Thanh Toàn Bridge", "locality", 107.6425, 16.4665),
    ("Đàn Nam Giao", "Nam Giao Esplanade", "locality", 107.5819, 16.4378),
    ("Lăng Tự Đức", "Tự Đức Tomb", "locality", 107.5651, 16.4326),
    ("Lăng Khải Định", "Khải Định Tomb", "locality", 107.5903, 16.3992),
    ("Lăng Minh Mạng", "Minh Mạng Tomb", "locality", 107.5704, 16.3876),
    ("Bao Vinh", "", "neighbourhood", 107.5800, 16.4930),
    ("Bến Ngự", "", "neighbourhood", 107.5810, 16.4560),
    ("Núi Bạch Mã", "Bạch Mã Mountain", "peak", 107.8560, 16.1970),
    ("Núi Ngự Bình", "Ngự Bình Hill", "peak", 107.5985, 16.4385),
    ("Đèo Hải Vân", "Hải Vân Pass", "locality", 108.1300, 16.1960),
)
OTHER_NAMES = {
    "Kinh thành Huế": "Thành Nội; Phòng thành",
    "Đại Nội": "Hoàng thành Huế; Hoàng Thành",
    "Cầu Trường Tiền": "Cầu Tràng Tiền; Cầu Clemenceau",
    "Cầu Phú Xuân": "Cầu Mới",
    "Cầu ngói Thanh Toàn": "Cầu ngói Thanh Thủy",
    "Lăng Tự Đức": "Khiêm Lăng",
    "Lăng Khải Định": "Ứng Lăng",
    "Lăng Minh Mạng": "Hiếu Lăng; Lăng Minh Mệnh",
}


def load(city: DemoCity, rng: np.random.Generator) -> int:
    """Write the names; returns their number. Nothing is left to chance: the names are real."""
    return len(Place.objects.bulk_create([*known(), *of_communes(city)]))


def known() -> Iterator[Place]:
    for name, name_en, kind, lon, lat in KNOWN:
        yield _place(name, kind, lon, lat, name_en, OTHER_NAMES.get(name, ""))


def _place(name: str, kind: str, lon: float, lat: float, name_en: str = "", other_names: str = "") -> Place:
    return Place(
        geom=Point(lon, lat, srid=4326),
        name=name,
        name_en=name_en,
        other_names=other_names,
        kind=kind,
        rank=RANKS[kind],
        approximate=True,
        source=SOURCE,
    )


def of_communes(city: DemoCity) -> Iterator[Place]:
    """The former communes, but for those whose name today's unit bears: a map names that one already."""
    shapes = approximation.boundaries().communes
    for commune in gazetteer.old_communes():
        if commune.name == city.unit(commune.became).name:
            continue
        kind = {"Thị trấn": "town", "Phường": "suburb"}.get(
            commune.full_name.removesuffix(commune.name).strip(), "village"
        )
        middle = shapely.point_on_surface(shapes[commune.code])
        yield _place(commune.name, kind, round(middle.x, 6), round(middle.y, 6))
