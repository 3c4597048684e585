"""Addresses of the map page: read, written, refused by name."""

from __future__ import annotations

import math

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from gis_core.problems import Problem
from web.state import MapState, parse_box, parse_state
from web.window import Window, to_degrees, to_mercator

ADDRESS = (
    "z=12.50&lat=16.46700&lon=107.59000&layers=admin_units,roads&ground=0&t=2025-06-30"
    "&feature=roads/7&q=%C4%91%C6%B0%E1%BB%9Dng"
)


def test_an_address_survives_being_read_and_written() -> None:
    """The islands write the same text (web/src/lib/lib.test.ts): else the back button would see a new page."""
    assert parse_state(QueryDict(ADDRESS)).query() == "?" + ADDRESS


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("z=x&lat=1&lon=1", "z"),
        ("z=nan&lat=1&lon=1", "z"),
        ("z=inf&lat=1&lon=1", "z"),
        ("z=10&lat=91&lon=1", "lat"),
        ("z=10&lat=1", "lon"),
        ("layers=a'b", "layers"),
        ("t=30.6.2025", "t"),
        ("t=2025-02-30", "t"),
        ("t=2025-06-30T00:00:00Z", "t"),
        ("t=٢٠٢٥-٠٦-٣٠", "t"),
        ("feature=roads", "feature"),
        ("feature=roads/" + "9" * 40, "feature"),
        ("q=" + "a" * 201, "q"),
        ("q=a%00b", "q"),
    ],
)
def test_a_faulty_part_is_named(query: str, parameter: str) -> None:
    with pytest.raises(Problem) as refused:
        parse_state(QueryDict(query))
    assert (refused.value.status, refused.value.parameter) == (400, parameter)


def test_parameters_of_others_are_left_alone() -> None:
    assert parse_state(QueryDict("utm_source=x&fbclid=y")) == MapState()


def test_the_form_without_script_sends_layers_one_by_one() -> None:
    assert parse_state(QueryDict("layers=&layers=roads&layers=dams&layers=roads")).layers == ("roads", "dams")
    assert parse_state(QueryDict("layers=")).layers == ()
    assert parse_state(QueryDict("")).layers is None


@pytest.mark.parametrize("box", ["", "1,2,3", "a,b,c,d", "10,0,5,1", "0,0,nan,1", "0,0,1,inf"])
def test_a_box_that_is_none_is_refused(box: str) -> None:
    with pytest.raises(Problem) as refused:
        parse_box({"box": box})
    assert refused.value.parameter == "box"


def test_a_box_reaching_the_pole_stays_on_the_map() -> None:
    assert all(math.isfinite(value) for value in parse_box({"box": "-180,-90,180,90"}))


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_mercator_and_back(lon: float, lat: float) -> None:
    assert to_degrees(*to_mercator(lon, lat)) == pytest.approx((lon, lat), abs=1e-9)


@given(st.floats(100, 115), st.floats(8, 24), st.floats(10, 1e6), st.floats(10, 1e6))
def test_a_fitting_window_holds_its_box(lon: float, lat: float, width: float, height: float) -> None:
    x, y = to_mercator(lon, lat)
    minx, miny, maxx, maxy = Window.fitting((x, y, x + width, y + height), 400, 320).box
    assert minx <= x and miny <= y and maxx >= x + width and maxy >= y + height


@given(st.floats(4, 20))
def test_the_scale_bar_is_a_round_length_that_fits(zoom: float) -> None:
    metres, px = Window(107.6, 16.4, zoom, 400, 320).scale_bar(90)
    assert 36 <= px <= 90.0001
    assert str(metres).strip("0.")[0] in "125"
