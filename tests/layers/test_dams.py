"""The dams: real facts only, unknown numbers left unknown, places said to be approximate."""

from __future__ import annotations

import pytest

from layers.dams.demo import load
from layers.dams.models import Dam
from layers.demo.city import demo_city

pytestmark = pytest.mark.django_db


def test_the_fourteen_of_the_joint_procedure() -> None:
    city = demo_city()
    assert load(city, city.rng("dams")) == 14
    known = {dam.name: dam for dam in Dam.objects.all()}
    assert known["Tả Trạch"].normal_level_m == 45 and known["Tả Trạch"].capacity_mm3 == 646
    assert known["Bình Điền"].normal_level_m == 85 and known["Bình Điền"].capacity_mm3 is None
    assert known["Hương Điền"].normal_level_m == 58
    # A number that nobody published must not be made up: it would be drawn as if it were known.
    assert sum(dam.normal_level_m is not None for dam in known.values()) == 3
    assert all(dam.approximate and "1606/QĐ-TTg" in dam.procedure for dam in known.values())
    assert all("1606" in dam.source for dam in known.values())


def test_no_dam_is_shown_as_watched_that_is_not_and_contacts_can_leak() -> None:
    city = demo_city()
    load(city, city.rng("dams"))
    assert not Dam.objects.filter(monitored=True).exists()
    assert not Dam.objects.filter(operator_contact="").exists()
    assert all(city.unit_of(dam.geom.x, dam.geom.y) for dam in Dam.objects.all())
