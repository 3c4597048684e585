"""Invented facilities: what every unit has, and a few that everybody in Huế knows, at about their real places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import shapely
from django.contrib.gis.geos import Point

from gis_core.demo import SOURCE
from layers.admin_units import approximation, gazetteer
from layers.facilities.models import Facility

if TYPE_CHECKING:
    import numpy as np
    from shapely.geometry.base import BaseGeometry

    from gis_core.demo import DemoCity, DemoUnit

ORDER = 20

# Name, kind, longitude, latitude: real places, put in by hand to some hundred metres.
KNOWN = (
    ("Ga Huế", "railway_station", 107.5785, 16.4563),
    ("Ga Lăng Cô", "railway_station", 108.0640, 16.2340),
    ("Bến xe phía Nam", "bus_station", 107.6120, 16.4480),
    ("Bến xe phía Bắc", "bus_station", 107.5480, 16.4920),
    ("Bệnh viện Trung ương Huế", "hospital", 107.5880, 16.4630),
    ("Bệnh viện Trường Đại học Y Dược Huế", "hospital", 107.5875, 16.4580),
    ("Chợ Đông Ba", "market", 107.5890, 16.4730),
    ("Chợ An Cựu", "market", 107.5970, 16.4570),
    ("Trường THPT chuyên Quốc Học – Huế", "school", 107.5830, 16.4600),
    ("Trường THPT Hai Bà Trưng", "school", 107.5845, 16.4610),
    ("Đại học Huế", "university", 107.5920, 16.4660),
    ("Chùa Thiên Mụ", "pagoda", 107.5448, 16.4537),
    ("Chùa Từ Đàm", "pagoda", 107.5800, 16.4490),
    ("Chùa Từ Hiếu", "pagoda", 107.5640, 16.4380),
    ("Nhà thờ Phủ Cam", "church", 107.5870, 16.4530),
    ("Điện Hòn Chén", "worship", 107.5630, 16.4220),
    ("Bảo tàng Cổ vật Cung đình Huế", "culture", 107.5815, 16.4705),
    ("Sân vận động Tự Do", "sports", 107.5935, 16.4685),
    ("Thư viện Tổng hợp", "library", 107.5860, 16.4640),
    ("Công viên 3 Tháng 2", "park", 107.5875, 16.4670),
)
OTHER_NAMES = {"Chùa Thiên Mụ": "Chùa Linh Mụ"}
# What each unit of today has: name, kind, opening hours.
OF_EACH_UNIT = (
    ("Trạm Y tế {unit}", "health_station", "24/7"),
    ("Công an {unit}", "police", "24/7"),
    ("Bưu điện {unit}", "post_office", "Mo-Sa 07:30-17:00"),
    ("Nhà văn hóa {unit}", "culture", ""),
    ("Nhà tránh trú bão, lũ {unit}", "shelter", ""),
)
# What each commune of old had, and has; the share of communes that have it.
OF_EACH_COMMUNE = (
    ("Trường Mầm non {name}", "kindergarten", "Mo-Fr 07:00-17:00", 0.9),
    ("Trường Tiểu học {name}", "school", "Mo-Fr 07:00-17:00", 1.0),
    ("Trường THCS {name}", "school", "Mo-Fr 07:00-17:00", 0.7),
    ("Chợ {name}", "market", "Mo-Su 05:00-18:00", 0.5),
    ("Chùa {name}", "pagoda", "", 0.3),
)
OFFICE_HOURS = "Mo-Fr 07:30-11:30,13:30-17:00"


def load(city: DemoCity, rng: np.random.Generator) -> int:
    """Write the invented facilities; returns their number."""
    facilities = [*known(city), *of_units(city, rng), *of_communes(city, rng)]
    Facility.objects.bulk_create(facilities, batch_size=500)
    return len(facilities)


def _facility(
    name: str,
    kind: str,
    unit: DemoUnit,
    place: tuple[float, float],
    opening_hours: str = "",
    operator: str = "",
) -> Facility:
    return Facility(
        geom=Point(*place, srid=4326),
        name=name,
        other_names=OTHER_NAMES.get(name, ""),
        kind=kind,
        unit_code=unit.code,
        address=f"{unit.full_name}, thành phố Huế",
        phone="",
        operator=operator,
        opening_hours=opening_hours,
        source=SOURCE,
    )


def known(city: DemoCity) -> Iterator[Facility]:
    """The places that everybody knows, in the unit whose approximate ground they are on."""
    for name, kind, lon, lat in KNOWN:
        unit = city.unit_of(lon, lat)
        if unit is not None:
            yield _facility(name, kind, unit, (lon, lat))


def of_units(city: DemoCity, rng: np.random.Generator) -> Iterator[Facility]:
    """The People's Committee at each unit's own point, and its stations and houses around."""
    for unit in city.units:
        committee = f"Ủy ban nhân dân {unit.full_name}"
        yield _facility(committee, "committee", unit, (unit.lon, unit.lat), OFFICE_HOURS, committee)
        for name, kind, hours in OF_EACH_UNIT:
            place = city.point_near(unit, rng, spread=0.004)
            yield _facility(name.format(unit=unit.full_name), kind, unit, place, hours, committee)


def of_communes(city: DemoCity, rng: np.random.Generator) -> Iterator[Facility]:
    """Schools, markets and pagodas that kept the name of the old commune, on its ground."""
    shapes = approximation.boundaries().communes
    for commune in gazetteer.old_communes():
        unit = city.unit(commune.became)
        ground = shapely.difference(shapes[commune.code], city.lagoon)
        for name, kind, hours, share in OF_EACH_COMMUNE:
            if rng.random() < share:
                place = _point_on(ground, rng)
                yield _facility(name.format(name=commune.name), kind, unit, place, hours)


def _point_on(ground: BaseGeometry, rng: np.random.Generator) -> tuple[float, float]:
    """A (lon, lat) on ``ground``, the nearer to its middle the likelier."""
    middle = shapely.point_on_surface(ground)
    west, south, east, north = ground.bounds
    for _ in range(50):
        dx, dy = rng.normal(0.0, 0.15, 2)
        lon = round(middle.x + float(dx) * (east - west), 6)
        lat = round(middle.y + float(dy) * (north - south), 6)
        if ground.contains(shapely.Point(lon, lat)):
            return lon, lat
    return round(middle.x, 6), round(middle.y, 6)
