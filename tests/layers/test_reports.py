"""What the public may know of a report is derived in the database: if one of these fails, a place or a moment that
names a person is published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.contrib.gis.geos import Point
from django.db import IntegrityError, connection, transaction
from pyproj import Geod

from layers.admin_units import services
from layers.admin_units.boundaries import load_register
from layers.demo.city import demo_city
from layers.reports import codes
from layers.reports.declaration import LAYERS
from layers.reports.demo import COUNT, load
from layers.reports.models import Report, ReportReporter

pytestmark = pytest.mark.django_db

HERE = Point(107.5905, 16.4637, srid=4326)
METRES = Geod(ellps="WGS84")
(reports_layer,) = LAYERS


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


CitizensReports = Callable[[int], dict[str, object]]


@pytest.fixture
def citizens() -> CitizensReports:
    """What a citizen is shown of a report: all of the row that has the declared fields of the citizen's view.

    The version is a hash of the same values. Read in the test's own transaction, which no other role can see into.
    """
    load_register()
    fields = reports_layer.fields_for("citizen")
    columns = ", ".join(f"{f.sql_column} as {f.name}" for f in fields)
    place = reports_layer.geometry.column_for("citizen")

    def shown(fid: int) -> dict[str, object]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"select fid, {columns}, st_astext({place}) as geom, st_astext({place}3857) as geom3857"
                " from reports_report where fid = %s",
                [fid],
            )
            row = cursor.fetchone()
            assert row is not None and cursor.description is not None
            return dict(zip((column.name for column in cursor.description), row, strict=True))

    return shown


def units_at(point: Point) -> str:
    return services.units_at([bytes(point.ewkb)])[0] or ""


def across_a_border() -> tuple[Point, Point]:
    """Two points in one cell of the grid and in two communes: found on the border of two of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select st_x(p), st_y(p), st_x(q), st_y(q) from (
              select st_lineinterpolatepoint(
                (st_dump(st_linemerge(st_collectionextract(st_intersection(a.geom, b.geom), 2)))).geom, 0.5) as m
              from admin_units_adminunit a
              join admin_units_adminunit b on a.code < b.code and st_touches(a.geom, b.geom)
              where a.valid_to is null and b.valid_to is null and a.level = 'commune' and b.level = 'commune'
            ) borders,
            generate_series(0, 7) turn,
            lateral (select st_project(m::geography, 8, turn * pi() / 4)::geometry as p,
                            st_project(m::geography, 8, turn * pi() / 4 + pi())::geometry as q) pair
            where commune_at(p) <> commune_at(q)
              and st_equals(st_snaptogrid(st_transform(p, 32648), 50), st_snaptogrid(st_transform(q, 32648), 50))
            limit 1
            """
        )
        row = cursor.fetchone()
    assert row is not None, "no border crosses a cell"
    return Point(*row[:2], srid=4326), Point(*row[2:], srid=4326)


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


def test_nobody_learns_on_which_side_of_a_border_a_private_place_lies(citizens: CitizensReports) -> None:
    """Would fail if the published commune were that of the exact point: two points in one cell, two wards."""
    here, there = across_a_border()
    assert units_at(here) != units_at(there)
    one, other = report(geom=here, unit_code=units_at(here)), report(geom=there, unit_code=units_at(there))
    seen, too = citizens(one.pk), citizens(other.pk)
    assert seen["geom"] == too["geom"]
    assert {**seen, "fid": 0} == {**too, "fid": 0}
    assert seen["unit_code"] == units_at(one.geom_public) != ""


def test_the_public_commune_follows_place_and_category_however_they_are_written(
    citizens: CitizensReports,
) -> None:
    """Would fail if a writer other than the model left the old commune, or set one of his own, or none."""
    here, there = across_a_border()
    made = report(geom=here)
    with connection.cursor() as cursor:
        for change, value in (
            ("category = 'traffic'", None),
            ("geom = st_geomfromtext(%s, 4326)", there.wkt),
            ("category = 'security'", None),
            ("unit_code_public = %s", "99999"),
        ):
            cursor.execute(f"update reports_report set {change} where fid = {made.pk}", value and [value])
            made.refresh_from_db()
            assert citizens(made.pk)["unit_code"] == units_at(made.geom_public), change
    assert Report.objects.exclude(unit_code_public="").count() == Report.objects.count()


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
