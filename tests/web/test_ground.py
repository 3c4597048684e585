"""Water, green and buildings are the ground of the map: painted under the borders, in no list, never heavy."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from gis_core.audiences import CITIZEN
from gis_core.config import Config
from web import legend, picture
from web.city import layers
from web.window import Window

CITY = "demo"
pytestmark = pytest.mark.usefixtures("city")
TOWN = "/?z=14&lat=16.467&lon=107.585"


@pytest.fixture
def client(city: Config) -> Client:
    return Client()


def text_of(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_the_ground_is_painted_between_the_land_and_the_borders(client: Client) -> None:
    """Above the borders it would hide them; below the land it would not be seen at all."""
    page = text_of(client, TOWN)
    marks = ('<use href="#p-units"', "backdrop green", "backdrop water", "backdrop buildings", 'id="p-units"')
    places = [page.index(mark) for mark in marks]
    assert places == sorted(places)
    assert not re.search(r'href="[^"]*/feature/(water_areas|land_cover|buildings)/', page), "only painted"


def test_buildings_wait_for_a_near_view(client: Client) -> None:
    assert "backdrop buildings" not in text_of(client, "/")


@pytest.mark.parametrize(("path", "group"), [("/", "Nền bản đồ"), ("/en/", "Base map")])
def test_the_legend_has_the_ground_last_and_without_colours(client: Client, path: str, group: str) -> None:
    """Fifteen kinds of land cover among the data would drown what a reader came for."""
    page = text_of(client, path)
    groups = re.findall(r"<fieldset><legend>(.*?)</legend>", page)
    assert groups[-1] == group
    own = page[page.index(f"<legend>{group}</legend>") :]
    own = own[: own.index("</fieldset>")]
    assert own.count('type="checkbox"') == 6 and 'class="codes"' not in own


def test_the_list_beside_the_map_leaves_the_ground_out_and_the_whole_list_has_it(client: Client) -> None:
    beside = text_of(client, TOWN)
    assert "/feature/admin_units/" in beside and "/feature/water_areas/" not in beside
    whole = text_of(client, "/list?z=14&lat=16.467&lon=107.585")
    assert "Sông Hương" in whole and "/feature/water_areas/" in whole


def test_a_ground_that_is_switched_off_is_not_painted(client: Client) -> None:
    page = text_of(client, f"{TOWN}&layers=admin_units")
    assert "backdrop" not in page and 'id="p-units"' in page


def test_a_heavy_ground_gives_way_to_what_stands_on_it(city: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real city has a hundred thousand patches: the largest are kept, and no layer of data is pushed out."""
    shown = [layer for layer in layers(CITIZEN) if layer.id in ("admin_units", "land_cover", "reports")]
    looks = [(layer, legend.look(layer, CITIZEN, "vi")) for layer in shown]
    window = Window(107.585, 16.45, 10.0, picture.WIDTH, picture.HEIGHT)
    whole = picture.draw(CITIZEN, looks, window)
    monkeypatch.setattr(picture, "BACKDROP_BUDGET", 300)
    light = picture.draw(CITIZEN, looks, window)
    before, after = (next(each for each in one.layers if each.kind == "backdrop") for one in (whole, light))
    assert 0 < len(after.shapes) < len(before.shapes)
    assert min(shape.size for shape in after.shapes) >= max(
        shape.size for shape in before.shapes if shape.key not in {kept.key for kept in after.shapes}
    )
    rest = [[each for each in one.layers if each.kind != "backdrop"] for one in (whole, light)]
    assert rest[0] == rest[1] and not light.left_out
