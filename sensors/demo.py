"""The three gauges that bulletins name, with their alarm levels, and invented stations around them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from django.contrib.gis.geos import Point

from gis_core.demo import SOURCE, UNTIL, DemoCity
from sensors.alarms import known_stations, put_in_force
from sensors.models import AlarmLevel, Station

ORDER = 40
COUNT = 60

# kind -> (share, prefix of the code, what it measures)
KINDS: dict[str, tuple[float, str, str]] = {
    "rain": (0.3, "MUA", "mưa giờ"),
    "water_level": (0.2, "MN", "mực nước"),
    "air": (0.15, "KK", "PM2.5, PM10, NO2, O3"),
    "weather": (0.1, "KT", "nhiệt độ, độ ẩm, gió"),
    "waste_water": (0.1, "NT", "pH, COD, TSS"),
    "lamp": (0.15, "DEN", "trạng thái, điện năng"),
}


def load(city: DemoCity, rng: np.random.Generator) -> int:
    """Write `COUNT` stations and the known alarm levels; returns how many stations there are."""
    known = known_stations()
    real = [real_station(city, station, rng) for station in known["stations"]]
    invented = [invented_station(city, n, rng) for n in range(1, COUNT - len(real) + 1)]
    stations = Station.objects.bulk_create([*real, *invented])
    AlarmLevel.objects.bulk_create(alarm_levels(known, {station.code: station for station in stations}))
    put_in_force(UNTIL.date())
    return len(stations)


def real_station(city: DemoCity, known: dict[str, Any], rng: np.random.Generator) -> Station:
    unit = city.unit_of(known["lon"], known["lat"])
    return Station(
        geom=Point(known["lon"], known["lat"], srid=4326),
        approximate=True,
        unit_code=unit.code if unit else "",
        code=known["code"],
        name=known["name"],
        kind=known["kind"],
        parameters="mực nước",
        river=known["river"],
        owner=known["owner"],
        source="bản tin thủy văn; vị trí gần đúng",
        **private_columns(rng),
    )


def invented_station(city: DemoCity, n: int, rng: np.random.Generator) -> Station:
    kinds = list(KINDS)
    kind = kinds[int(rng.choice(len(kinds), p=[KINDS[name][0] for name in kinds]))]
    _, prefix, parameters = KINDS[kind]
    unit = city.units[int(rng.integers(len(city.units)))]
    silent = rng.random() < 0.12
    quiet_for = timedelta(minutes=int(rng.integers(600, 20_000) if silent else rng.integers(1, 30)))
    return Station(
        geom=Point(city.point_near(unit, rng, spread=0.02), srid=4326),
        unit_code=unit.code,
        code=f"{prefix}-{n:03d}",
        name=f"Trạm minh họa {prefix}-{n:03d} {unit.name}",
        kind=kind,
        parameters=parameters,
        owner="Đơn vị minh họa",
        installed_on=date(2018, 1, 1) + timedelta(days=int(rng.integers(0, 2800))),
        state="silent" if silent else "working",
        last_seen_at=UNTIL - quiet_for,
        source=SOURCE,
        **private_columns(rng),
    )


def private_columns(rng: np.random.Generator) -> dict[str, str]:
    """A telephone that cannot exist and an address of the range kept for documentation (RFC 5737)."""
    return {
        "contact_phone": f"0000{int(rng.integers(0, 1_000_000)):06d}",
        "network_address": f"192.0.2.{int(rng.integers(1, 255))}",
    }


def alarm_levels(known: dict[str, Any], stations: dict[str, Station]) -> list[AlarmLevel]:
    return [
        AlarmLevel(
            station=stations[station["code"]],
            level=alarm["level"],
            metres=alarm["metres"],
            valid_from=date.fromisoformat(known["alarm_valid_from"]),
            legal_base=known["alarm_legal_base"],
            source=alarm["source"],
            evidence=alarm["evidence"],
        )
        for station in known["stations"]
        for alarm in station["alarms"]
    ]
