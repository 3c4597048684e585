"""What the map shows of a feature, and of a day: its layer, its place, its name, the units of that time."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from gis_core.audiences import CITIZEN, Caller
from gis_core.config import Config
from gis_core.reading import read
from gis_core.styles.standard import KINDS
from web import city, legend, picture, showing
from web.picture_parts import extent_of
from web.state import MapState
from web.window import Window, to_mercator

CITY = "demo"
pytestmark = pytest.mark.usefixtures("city")
OPERATIONS = Caller("operations")
THEN, NOW = "2025-06-30", "2025-07-01"


@pytest.fixture
def client(city: Config) -> Client:
    return Client(raise_request_exception=False)


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.content[:500])
    return answer.content.decode()


def one(statement: str) -> Any:
    with read(CITIZEN) as cursor:
        found = cursor.execute(statement).fetchone()  # type: ignore[call-overload]
    assert found is not None
    return found[0]


def first_of_each_layer(caller: Caller) -> list[city.Feature]:
    found = []
    for layer in city.layers(caller):
        with read(caller) as cursor:
            row = cursor.execute(
                f'select fid from "{caller.audience}"."{layer.id}" order by fid limit 1'  # type: ignore[call-overload]
            ).fetchone()
        if row is not None:
            found.append(city.feature(caller, layer.id, row[0]))
    return found


@pytest.mark.parametrize("caller", [CITIZEN, OPERATIONS], ids=lambda caller: str(caller.audience))
def test_every_feature_is_shown_near_enough_to_be_drawn_and_among_its_layer(caller: Caller) -> None:
    """Would fail for a layer that waits to be asked for, for one whose low zooms have cells alone, for old units."""
    known = city.layers(caller)
    shown = first_of_each_layer(caller)
    assert len(shown) > 10
    for found in shown:
        window, state = showing.window_for(found), showing.state_of(found, known)
        assert window.zoom >= found.layer.first_zoom, found.layer.id
        if found.layer.first_zoom <= window.zoom < showing.CLOSEST[KINDS[found.layer.geometry.type]]:
            minx, miny, maxx, maxy = window.box
            x, y = to_mercator(found.lon, found.lat)
            assert minx <= x <= maxx and miny <= y <= maxy
        drawn = showing.drawn_on(known, showing.ticked(known, state), state.day)
        assert found.layer in drawn, found.layer.id
        assert {each.id for each in drawn} >= {layer.id for layer in known if layer.at_first} - {
            layer.of_now for layer in known if state.day
        }
        first, last = showing.validity(found)
        day = state.day or showing.today()
        assert (first is None or first <= day) and (last is None or day <= last), found.layer.id


@pytest.mark.parametrize("end", [date.min, datetime.min.replace(tzinfo=UTC)])
def test_what_ended_when_the_calendar_begins_is_shown_on_its_first_day(end: date) -> None:
    """Would fail if a day were sought before the first that there is: the feature's page was an error."""
    found = next(each for each in first_of_each_layer(CITIZEN) if each.layer.time and each.layer.time.end)
    time = found.layer.time
    assert time is not None and time.end is not None
    ended = replace(found, values={**found.values, time.start: None, time.end: end})
    assert showing.validity(ended) == (None, date.min)
    assert showing.day_for(ended, None) == date.min


def test_a_parcel_is_shown_at_18_to_19_with_its_outline_and_its_own_name(client: Client) -> None:
    fid = one("select min(fid) from citizen.parcels")
    name = one(f"select designation from citizen.parcels where fid = {fid}")
    found = city.feature(CITIZEN, "parcels", fid)
    assert 18 <= showing.window_for(found).zoom <= 19
    link = re.search(r'data-on-map="([^"]+)"', text_of(client, f"/feature/parcels/{fid}"))
    assert link is not None
    page = text_of(client, "/" + link[1].replace("&amp;", "&"))
    assert re.search(r'<g class="chosen"[^>]*><path transform="scale\(.5\)" d="M[^"]+"', page)
    assert re.search(rf'<g class="names".*?<tspan[^>]*>{re.escape(name)}</tspan>', page, re.DOTALL)
    assert f'href="/feature/parcels/{fid}" tabindex="-1"' in page, "the layer itself is drawn"
    assert re.search(r'value="parcels" checked', page), "and its box says so"


def test_an_address_with_a_feature_alone_shows_it(client: Client) -> None:
    """Somebody types it, or an old link has no place: the map must not stay where it was."""
    fid = one("select min(fid) from citizen.facilities")
    page = text_of(client, f"/?feature=facilities/{fid}")
    assert '<g class="chosen"' in page and f'href="/feature/facilities/{fid}" tabindex="-1"' in page


def test_published_reports_stand_on_the_ground_and_the_list_has_them_alone(client: Client) -> None:
    home = text_of(client, "/")
    address = re.search(r'href="(/list\?layers=reports)"', home)
    assert address is not None
    page = text_of(client, address[1])
    for part in ('<use href="#p-units"', "backdrop green", 'class="marks"'):
        assert part in page, part
    assert re.findall(r'data-feature="(\w+)/', page) and set(re.findall(r'data-feature="(\w+)/', page)) == {
        "reports"
    }
    on_map = re.search(r'<a class="button" href="/(\?[^"]*)"', page)
    assert on_map is not None
    layers = parse_qs(urlsplit(on_map[1].replace("&amp;", "&")).query)["layers"][0].split(",")
    assert {"reports", "admin_units", "land_cover"} <= set(layers)
    assert 'href="#p-units"' in text_of(client, "/?layers=reports")
    assert 'href="#p-units"' not in text_of(client, "/?layers=reports&ground=0")


def test_the_key_has_what_the_zoom_draws(client: Client) -> None:
    def key(query: str) -> str:
        page = text_of(client, query)
        return page[page.index('data-part="map-foot"') : page.index("</figcaption>")]

    assert "Thửa đất" not in key("/?z=8&lat=16.46&lon=107.58&layers=admin_units,parcels")
    assert "Thửa đất" in key("/?z=15&lat=16.46&lon=107.58&layers=admin_units,parcels")
    of_reports = key("/").split('class="key"')
    (own,) = [part for part in of_reports if "Phản ánh hiện trường" in part]
    assert len(set(re.findall(r'fill="([^"]+)"', own))) == 4, "drawn in the colours of its kinds"


# A day ------------------------------------------------------------------------------------------------------------


def units_on(day: str) -> int:
    return int(
        one(
            "select count(*) from citizen.admin_units_history"
            f" where valid_from <= '{day}' and (valid_to is null or valid_to > '{day}')"
        )
    )


def test_a_map_of_a_day_shows_the_units_of_that_day(client: Client) -> None:
    """Would fail on either side of the reform if a day were taken for another."""
    assert units_on(THEN) > 140 > units_on(NOW)
    for day in (THEN, NOW):
        page = text_of(client, f"/?t={day}&layers=admin_units&ground=0")
        count = re.search(r"Đơn vị hành chính qua các thời kỳ <span class=\"count\">(\d+)", page)
        assert count is not None and int(count[1]) == units_on(day)
        assert page.count('href="/feature/admin_units/') == 0, "those of today give way"
        assert f"Bản đồ ngày {day[8:]}/{day[5:7]}/{day[:4]}" in page
    names = json.loads(text_of(client, f"/map-names.json?t={THEN}"))["units"]
    assert len(names) == units_on(THEN)
    of_today = json.loads(text_of(client, "/map-names.json"))["units"]
    assert len(of_today) == one("select count(*) from citizen.admin_units")


def test_an_old_unit_is_shown_on_its_last_day(client: Client) -> None:
    fid = one(
        "select min(fid) from citizen.admin_units_history where valid_to = '2025-07-01' and level = 'commune'"
    )
    page = text_of(client, f"/?feature=admin_units_history/{fid}")
    assert "Bản đồ ngày 30/06/2025" in page
    assert '<g class="chosen"' in page and f'href="/feature/admin_units_history/{fid}" tabindex="-1"' in page
    first = one(f"select valid_from from citizen.admin_units_history where fid = {fid}")
    before = text_of(client, f"/?t=2000-01-01&feature=admin_units_history/{fid}")
    assert f"Bản đồ ngày {first:%d/%m/%Y}" in before


def test_the_control_of_time_works_by_its_form_and_keeps_the_view(client: Client) -> None:
    page = text_of(client, "/?z=12.00&lat=16.46700&lon=107.58000&layers=admin_units,reports")
    form = page[page.index('<form class="time"') : page.index("</form>", page.index('<form class="time"'))]
    assert 'name="z" value="12.00"' in form and 'name="layers" value="admin_units,reports"' in form
    assert 'type="date"' in form and "Trước 01/07/2025" in form and "Hôm nay" in form
    assert f"t={THEN}" in form


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_days_like_others(client: Client, day: str) -> None:
    text_of(client, f"/?t={day}")
    text_of(client, f"/map-names.json?t={day}")


def test_ticks_and_stand_ins_follow_the_declaration() -> None:
    known = city.layers(CITIZEN)
    for layer in known:
        if layer.of_now is not None:
            now = next(each for each in known if each.id == layer.of_now)
            assert showing.drawn_on(known, [now], showing.today()) == [layer]
            assert showing.drawn_on(known, [now, layer], None) == [now, layer]
    assert showing.ticked(known, MapState(layers=())) == []


# What is near -----------------------------------------------------------------------------------------------------


def test_what_is_near_is_told_by_distance_with_the_unit_around(client: Client) -> None:
    page = text_of(client, "/near?lon=107.5909&lat=16.4637")
    assert "Bạn đang ở" in page and "/feature/admin_units/" in page
    metres = [
        float(value.replace(".", "").replace(",", ".")) * (1000 if unit == "km" else 1)
        for value, unit in re.findall(r"<small>([\d.,]+)\s(m|km) ·", page)
    ]
    assert len(metres) > 5 and metres == sorted(metres) and metres[-1] <= 3000
    fids = re.findall(r'data-feature="reports/(\d+)"', page)
    lon, lat = 107.5909, 16.4637
    nearest = one(
        "select fid from citizen.reports order by"
        f" st_distancesphere(geom, st_setsrid(st_makepoint({lon}, {lat}), 4326)) limit 1"
    )
    assert fids and int(fids[0]) == nearest


BAD_PLACES = [("", "lon"), ("lon=107.5", "lat"), ("lon=x&lat=1", "lon"), ("lon=1&lat=89.9", "lat")]


@pytest.mark.parametrize(("query", "parameter"), BAD_PLACES)
def test_a_place_that_is_none_is_refused_by_name(client: Client, query: str, parameter: str) -> None:
    answer = client.get(f"/near?{query}")
    assert answer.status_code == 400 and f"<code>{parameter}</code>" in answer.content.decode()


def test_far_from_everything_nothing_is_near(client: Client) -> None:
    assert "Không có gì trong vòng 3 km" in text_of(client, "/near?lon=0&lat=0")


def test_the_name_of_a_chosen_point_stands_below_its_mark() -> None:
    """Would fail if a name of two lines lay over the pin that it names."""
    (reports,) = (each for each in city.layers(CITIZEN) if each.id == "reports")
    fid = one("select min(fid) from citizen.reports")
    lon, lat = (one(f"select st_{axis}(geom) from citizen.reports where fid = {fid}") for axis in "xy")
    window = Window(lon, lat, 15.0, picture.WIDTH, picture.HEIGHT)
    for title in ("Ngập", "Đèn đường hỏng nhiều ngày ở đầu ngõ cạnh chợ Đông Ba"):
        drawn = picture.draw(CITIZEN, [(reports, legend.look(reports, CITIZEN, "vi"))], window)
        picture.add_chosen(drawn, CITIZEN, reports, [fid], title, city.page_shares(CITIZEN))
        assert drawn.chosen is not None
        assert extent_of(drawn.names[0])[1] > drawn.chosen.y + 13, title  # the ring around the mark


# The boxes of a map of another day --------------------------------------------------------------------------------


def boxes(client: Client, query: str) -> dict[str, str]:
    """What stands as the count of each layer."""
    page = client.get(query).content.decode()
    found = re.findall(r'name="layers" value="(\w+)".*?<span class="count">(.*?)</span>', page, re.DOTALL)
    return {layer: re.sub(r"<[^>]+>", "", count) for layer, count in found}


def test_the_boxes_of_another_day_say_of_which_day_each_is(client: Client) -> None:
    """Would fail if a box counted today's units beside a map of 133 old ones, or said nothing of the reports."""
    now, then = boxes(client, "/"), boxes(client, "/?t=2025-06-30")
    assert "hôm nay" not in "".join(now.values()) and set(now) == set(then)
    assert then["admin_units"] == then["admin_units_history"] != now["admin_units"]
    assert then["admin_units"].endswith("30/06/2025")
    assert then["reports"] == f"{now['reports'].strip()} như hôm nay"
    assert then["roads"].endswith("như hôm nay")
    live = boxes(client, "/beside?box=107.5,16.4,107.6,16.5&t=2025-06-30&with=layers")
    assert live == then
    assert boxes(client, "/beside?box=107.5,16.4,107.6,16.5&t=2025-06-30") == {}
    assert "luôn như hôm nay" in client.get("/?t=2025-06-30").content.decode()
