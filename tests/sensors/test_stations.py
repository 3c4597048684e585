"""Stations and alarm levels: an unconfirmed level on the map would look like the law."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction

from layers.demo.city import demo_city
from sensors.alarms import known_stations, put_in_force
from sensors.demo import COUNT, load
from sensors.models import AlarmLevel, Station

pytestmark = pytest.mark.django_db


@pytest.fixture
def gauge() -> Station:
    return Station.objects.create(
        geom=Point(107.56, 16.46, srid=4326), code="G", name="G", kind="water_level", unit_code="19774"
    )


def level(gauge: Station, metres: float, since: date, evidence: str = "V") -> AlarmLevel:
    return AlarmLevel.objects.create(
        station=gauge,
        level=2,
        metres=metres,
        valid_from=since,
        legal_base="QĐ",
        source="x",
        evidence=evidence,
    )


def test_the_newest_level_of_the_day_is_in_force(gauge: Station) -> None:
    level(gauge, 2.0, date(2020, 3, 20))
    level(gauge, 2.2, date(2026, 1, 1))
    for day, metres in [(date(2019, 1, 1), None), (date(2025, 12, 31), 2.0), (date(2026, 1, 1), 2.2)]:
        put_in_force(day)
        gauge.refresh_from_db()
        assert gauge.alarm_2_m == metres


def test_a_level_without_a_source_is_not_shown(gauge: Station) -> None:
    level(gauge, 2.0, date(2020, 3, 20), evidence="M")
    put_in_force(date(2026, 1, 1))
    gauge.refresh_from_db()
    assert gauge.alarm_2_m is None


def test_a_level_said_to_be_read_names_where(gauge: Station) -> None:
    with pytest.raises(IntegrityError, match="evidence_has_source"), transaction.atomic():
        AlarmLevel.objects.create(
            station=gauge, level=1, metres=1, valid_from=date(2020, 1, 1), legal_base="QĐ", evidence="V"
        )


def test_the_data_file_is_about_decisions_and_says_how_sure_it_is() -> None:
    known = known_stations()
    assert known["alarm_legal_base"] == "Quyết định 05/2020/QĐ-TTg"
    alarms = {s["name"]: {a["level"]: a for a in s["alarms"]} for s in known["stations"]}
    assert [alarms["Kim Long"][n]["metres"] for n in (1, 2, 3)] == [1.0, 2.0, 3.5]
    assert [alarms["Phú Ốc"][n]["metres"] for n in (2, 3)] == [3.0, 4.5]
    assert alarms["Phú Ốc"][1]["evidence"] == "M"


def test_demo_stations() -> None:
    city = demo_city()
    assert load(city, city.rng("sensors")) == COUNT == Station.objects.count()
    phu_oc = Station.objects.get(name="Phú Ốc")
    assert (phu_oc.alarm_1_m, phu_oc.alarm_2_m, phu_oc.alarm_3_m) == (None, 3.0, 4.5)
    assert phu_oc.approximate
    assert not Station.objects.filter(approximate=False).exclude(source="demo").exists()
    assert not Station.objects.filter(contact_phone="").exists()
    assert not Station.objects.exclude(network_address__startswith="192.0.2.").exists()
