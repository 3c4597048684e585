"""What the public may know of a report is derived in the database: if one of these fails, a place or a moment that
names a person is published."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.contrib.gis.geos import Point
from django.db import IntegrityError, connection, transaction
from pyproj import Geod

from layers.demo.city import demo_city
from layers.reports import codes
from layers.reports.demo import COUNT, load
from layers.reports.models import Report, ReportReporter

pytestmark = pytest.mark.django_db

HERE = Point(107.5905, 16.4637, srid=4326)
METRES = Geod(ellps="WGS84")


def report(**given: object) -> Report:
    values = {
        "geom": HERE,
        "category": "security",
        "description": "x",
        "address": "12 Lê Lợi",
        "unit_code": "19789",
    }
    made = Report.objects.create(**{**values, **given})
    made.refresh_from_db()
    return made


def metres_between(a: Point, b: Point) -> float:
    return METRES.inv(a.x, a.y, b.x, b.y)[2]


@pytest.mark.parametrize("category", [code.value for code in codes.CATEGORIES])
def test_private_categories_are_shown_on_the_grid_and_without_their_address(category: str) -> None:
    made = report(category=category)
    if category in codes.EXACT_PLACE:
        assert made.geom_public.equals_exact(made.geom)
        assert made.address_public == "12 Lê Lợi"
    else:
        # Never further than half the diagonal of a cell, or the map would point at the wrong street.
        assert 0 < metres_between(made.geom_public, made.geom) <= 50 / 2**0.5 * 1.01
        assert made.address_public == ""


def test_neighbours_in_a_cell_cannot_be_told_apart() -> None:
    first = report()
    second = report(geom=Point(first.geom_public.x + 0.00008, first.geom_public.y - 0.00008, srid=4326))
    assert first.geom_public.equals_exact(second.geom_public)
    assert not first.geom.equals_exact(second.geom)


def test_a_category_nobody_has_thought_of_is_private() -> None:
    assert not report(category="brand_new").geom_public.equals_exact(HERE)


def test_raw_sql_cannot_leave_the_public_place_behind() -> None:
    made = report(category="traffic")
    with connection.cursor() as cursor:
        cursor.execute("update reports_report set category = 'security' where fid = %s", [made.pk])
    made.refresh_from_db()
    assert not made.geom_public.equals_exact(made.geom)
    twin = made.geom_public.transform(3857, clone=True)
    assert twin.distance(made.geom_public3857) < 0.01


def test_days_are_those_of_hue() -> None:
    """17:30 UTC on the 1st is half past midnight on the 2nd in Huế."""
    late = datetime(2026, 11, 1, 17, 30, tzinfo=UTC)
    made = report(created_at=late, due_at=late, resolved_at=late)
    assert {made.reported_on, made.due_on, made.resolved_on} == {date(2026, 11, 2)}


def test_rating_is_one_to_five() -> None:
    with pytest.raises(IntegrityError, match="rating_1_to_5"), transaction.atomic():
        report(rating=6)


def test_demo_reports_have_something_to_leak() -> None:
    """Leak tests change and search for private values: empty ones would let every leak through."""
    city = demo_city()
    assert (
        load(city, city.rng("reports")) == COUNT == Report.objects.count() == ReportReporter.objects.count()
    )
    assert not Report.objects.filter(staff_note="").exists()
    assert not Report.objects.filter(address="").exists()
    assert not ReportReporter.objects.filter(name="").exists()
    assert not ReportReporter.objects.exclude(phone__startswith="0000").exists()
    assert Report.objects.filter(published=False).exists()
    assert set(Report.objects.values_list("category", flat=True)) == {code.value for code in codes.CATEGORIES}
    assert set(Report.objects.values_list("state", flat=True)) == {code.value for code in codes.STATES}
    assert not Report.objects.exclude(source="demo").exists()
