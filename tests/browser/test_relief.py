"""Relief on the live map: drawn from the city's heights where there are any, and never part of the first view."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Browser, Page, expect

from gis_core.terrain import Terrain
from tests.browser.conftest import WIDE, OpenPage, live
from tests.browser.test_weight import BUDGET, load
from tests.live_city import LiveCity
from tests.tilesrv.terrain import roof

WEST, FLAT, EAST = (roof.place(column) for column in (140, 200, 260))
MAP = f"/?z=12&lat={FLAT[1]:.5f}&lon={FLAT[0]:.5f}&layers=admin_units"


@pytest.fixture
def var(request: pytest.FixtureRequest) -> Path:
    if os.environ.get("HUONG_TEST_CITY"):
        pytest.skip("a city that runs already keeps its own heights")
    city: LiveCity = request.getfixturevalue("live_city")
    return city.config.var


@pytest.fixture
def heights(var: Path, tmp_path: Path) -> Iterator[None]:
    roof.put(var, tmp_path, roof.heights(16.0), credit="Trạm đo thử")
    yield
    Terrain(var).remove()


def light_at(page: Page, place: tuple[float, float]) -> float:
    """Mean brightness of the map about a place, of what is drawn on the screen."""
    at = page.evaluate(
        """async (place) => {
          const map = window.__map;
          if (!map.loaded()) await new Promise((done) => map.once("idle", done));
          const { x, y } = map.project(place);
          const { left, top } = map.getCanvas().getBoundingClientRect();
          return [x + left, y + top];
        }""",
        list(place),
    )
    clip = {"x": at[0] - 8, "y": at[1] - 8, "width": 16, "height": 16}
    picture = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("L")  # type: ignore[arg-type]
    return ImageStat.Stat(picture).mean[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_live_map_has_relief(heights: None, open_page: OpenPage, scheme: str) -> None:
    """Light comes from the north-west: the western slope is lighter than the eastern one. A page's policy that
    forbade the tiles of heights, or the way they are read, would leave both alike."""
    page = open_page(MAP, viewport=WIDE, color_scheme=scheme)
    live(page)
    west, east = (light_at(page, place) for place in (WEST, EAST))
    assert west > east + 4
    expect(page.locator("body")).to_contain_text("Trạm đo thử")  # whose heights they are
    order = page.evaluate("window.__map.getStyle().layers.map((each) => each.id)")
    at = [order.index(each) for each in ("land_cover:cover", "/ground/relief", "water_areas:water")]
    assert at == sorted(at)


def test_without_heights_nothing_asks_for_them(var: Path, open_page: OpenPage) -> None:
    assert Terrain(var).now() is None
    page = open_page("/", viewport=WIDE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    live(page)
    assert page.evaluate("'terrain' in window.__map.getStyle().sources") is False
    assert asked and not [url for url in asked if "terrain" in url]


def test_the_first_view_does_not_carry_heights(heights: None, browser: Browser, site: str) -> None:
    loaded = load(browser, site)
    assert not [url for url in loaded if "terrain" in url]
    assert sum(weight for weight, _, _ in loaded.values()) < BUDGET
