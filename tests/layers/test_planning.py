"""Planning zones: limits that agree with each other, and drafts that citizens do not have."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import IntegrityError, transaction

from layers.demo.city import demo_city
from layers.planning import codes
from layers.planning.declaration import LAYERS
from layers.planning.demo import load
from layers.planning.models import PlanningZone

pytestmark = pytest.mark.django_db

LOT = MultiPolygon(Polygon.from_bbox((107.58, 16.46, 107.582, 16.462)), srid=4326)


def zone(**given: object) -> PlanningZone:
    values = {"geom": LOT, "project": "A", "level": "zone", "lot_code": "ODT-01", "function": "ODT"}
    return PlanningZone.objects.create(**{**values, **given})


def test_floor_area_ratio_may_reach_density_times_storeys() -> None:
    assert zone(density_pct=60, storeys_max=5, far=3.0).pk


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"density_pct": 60, "storeys_max": 5, "far": 3.2}, "planning_zone_far"),
        ({"density_pct": 101}, "density_to_100"),
        ({"storeys_min": 6, "storeys_max": 5}, "storeys"),
        ({"valid_from": date(2026, 1, 1), "valid_to": date(2025, 1, 1)}, "validity"),
        ({"status": "approved"}, "approved_by_decision"),
    ],
)
def test_contradictions_are_refused(wrong: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        zone(**wrong)


def test_colours_are_the_statutory_ones() -> None:
    colours = {code.value: code.colour for code in codes.FUNCTIONS}
    assert (colours["ODT"], colours["DGT"], colours["NTD"]) == ("#FFA0FF", "#FFAA32", "#D2D2D2")


def test_demo_has_drafts_to_hide_and_notes_to_leak() -> None:
    city = demo_city()
    assert 70 <= load(city, city.rng("planning")) == PlanningZone.objects.count()
    assert LAYERS[0].rows["citizen"] == "status = 'approved'"
    assert PlanningZone.objects.filter(status="draft").exists()
    assert PlanningZone.objects.filter(status="approved").exists()
    assert not PlanningZone.objects.filter(internal_note="").exists()
    assert not PlanningZone.objects.exclude(decision_no="").exclude(decision_no__contains="MINHHOA").exists()
