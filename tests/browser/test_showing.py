"""Showing a feature on the live map: it is drawn, in view, near, on its day, under its own name alone."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DRAWN_MS, PHONE, WIDE, OpenPage, live

# Where the feature is on the map's canvas, whether the layer draws it there, and what names are written on it.
SEEN = """([layer, fid]) => {
  const map = window.__map;
  const own = map.getStyle().layers.filter((each) => each.source === layer).map((each) => each.id);
  const drawn = map.queryRenderedFeatures({ layers: own }).filter((each) => each.id === fid);
  const plain = drawn.filter((each) => !each.layer.id.endsWith(":selected"));
  const [chosen] = map.queryRenderedFeatures({ layers: ["chosen", "chosen-point"] });
  if (!plain.length || !chosen) return null;
  const { x, y } = map.project(chosen.geometry.coordinates);
  const box = map.getCanvas().getBoundingClientRect();
  return { x: x / box.width, y: y / box.height, name: chosen.properties.name, zoom: map.getZoom(),
    selected: map.getFeatureState({ source: layer, sourceLayer: layer, id: fid }).selected === true };
}"""


def first_of(site: str, layer: str, more: str = "") -> int:
    answer = httpx.get(f"{site}/ogcapi/collections/{layer}/items?limit=1{more}", timeout=30)
    return int(answer.json()["features"][0]["id"])


def seen(page: Page, layer: str, fid: int) -> dict[str, Any]:
    """What the map shows of the feature, once it does."""
    handle = page.wait_for_function(SEEN, arg=[layer, fid], timeout=DRAWN_MS)
    return dict(handle.json_value())


OLD_UNITS = "&filter=valid_to%20IS%20NOT%20NULL%20AND%20level%3D%27commune%27"


@pytest.mark.parametrize(
    ("layer", "more", "zooms"),
    [
        ("parcels", "", (18, 19)),
        ("facilities", "", (16.9, 17.1)),
        ("cameras", "", (16.9, 17.1)),
        ("planning_zones", "", (14, 19)),
        ("reports", "", (16.9, 17.1)),
        ("admin_units_history", OLD_UNITS, (8, 17)),
    ],
)
def test_show_on_the_map_shows_it(
    open_page: OpenPage, site: str, layer: str, more: str, zooms: tuple[float, float]
) -> None:
    """Would fail where its layer waits to be asked for, its place is under something, or its day is another."""
    fid = first_of(site, layer, more)
    page = open_page(f"/feature/{layer}/{fid}", viewport=WIDE)
    name = page.locator("article.feature").get_attribute("data-name")
    page.get_by_role("link", name="Xem trên bản đồ").click()
    live(page)
    found = seen(page, layer, fid)
    assert found["name"] == name and found["selected"]
    assert zooms[0] <= found["zoom"] <= zooms[1]
    assert 0.25 <= found["x"] <= 0.75 and 0.25 <= found["y"] <= 0.75
    assert page.locator(f"form.layers input[value={layer}]").is_checked()
    expect(page.locator(".key", has_text=page.locator("#panel .kind").inner_text())).to_be_visible()
    if more:
        assert "t=2025-06-30" in page.url
        expect(page.locator(".then")).to_contain_text("30/06/2025")


def test_a_hit_and_a_row_move_the_map_and_back_returns(open_page: OpenPage, site: str) -> None:
    page = open_page("/?z=10.00&lat=16.46700&lon=107.58000", viewport=WIDE)
    live(page)
    page.locator("#q").fill("ga hue")
    page.get_by_role("button", name="Tra cứu").click()
    hit = page.locator('#panel .rows a[data-feature^="facilities/"]').first
    fid = int(str(hit.get_attribute("data-feature")).split("/")[1])
    hit.click()
    seen(page, "facilities", fid)
    page.wait_for_function("() => window.__map.getZoom() > 16")  # it is drawn while the map still moves
    page.go_back()
    page.go_back()
    page.wait_for_function("() => Math.abs(window.__map.getZoom() - 10) < 0.01")
    assert "facilities" not in page.url


def test_its_own_name_stands_once(open_page: OpenPage, site: str) -> None:
    """Would fail if the layer wrote the name as well, as it does for every other parcel."""
    fid = first_of(site, "parcels")
    page = open_page(f"/?feature=parcels/{fid}", viewport=WIDE)
    live(page)
    name = seen(page, "parcels", fid)["name"]
    names_of_parcels = (
        "window.__map.queryRenderedFeatures({ layers: ['parcels:name'] }).map((each) => each.id)"
    )
    page.wait_for_function(f"() => window.__map.loaded() && {names_of_parcels}.length > 0", timeout=DRAWN_MS)
    assert fid not in page.evaluate(names_of_parcels), name


def test_a_layer_that_is_put_out_takes_its_feature_along(open_page: OpenPage, site: str) -> None:
    fid = first_of(site, "parcels")
    page = open_page(f"/?feature=parcels/{fid}", viewport=WIDE)
    live(page)
    seen(page, "parcels", fid)
    page.locator("form.layers input[value=parcels]").uncheck()
    expect(page.locator("#panel")).to_be_empty()
    assert "feature=" not in page.url
    page.wait_for_function("() => window.__map.queryRenderedFeatures({layers: ['chosen']}).length === 0")


def test_without_the_live_map_a_row_moves_the_picture(open_page: OpenPage) -> None:
    page = open_page("/", viewport=PHONE)
    row = page.locator(".in-view .rows a").first
    name = row.inner_text().partition("\n")[0]
    row.click()
    expect(page.locator("#feature-title")).to_have_text(name)
    expect(page.locator(".picture .chosen")).to_have_count(1)


# Time -------------------------------------------------------------------------------------------------------------


def test_the_control_of_time_shows_the_units_of_a_day(open_page: OpenPage) -> None:
    page = open_page("/?z=9.20&lat=16.35000&lon=107.55000", viewport=WIDE)
    live(page)
    count = """([day, layer]) => {
      const map = window.__map;
      const own = map.getStyle().layers.map((each) => each.id).filter((id) => id.startsWith(layer + ":"));
      const drawn = map.queryRenderedFeatures({ layers: own });
      return new Set(drawn.filter((each) => (each.properties.valid_to ?? "9") > day).map((each) => each.id)).size;
    }"""
    page.get_by_role("link", name="Trước 01/07/2025").first.click()
    expect(page).to_have_url(re.compile("t=2025-06-30"))
    page.wait_for_function(
        f"(what) => ({count})(what) > 100", arg=["2025-06-30", "admin_units_history"], timeout=DRAWN_MS
    )
    # Names are placed after the areas are drawn: waited for, not asked once.
    page.wait_for_function(
        """() => {
          const drawn = window.__map.queryRenderedFeatures({ layers: ["unit-names"] });
          return drawn.some((each) => each.properties.name.startsWith("Huyện "));
        }""",
        timeout=DRAWN_MS,
    )
    assert page.locator("#day").input_value() == "2025-06-30"
    expect(page.locator(".then")).to_contain_text("30/06/2025")
    page.locator(".then a").click()
    expect(page).not_to_have_url(re.compile(r"[?&]t="))
    page.wait_for_function(
        "() => window.__map.getLayoutProperty('admin_units_history:fill', 'visibility') === 'none'"
    )
    page.go_back()
    expect(page).to_have_url(re.compile("t=2025-06-30"))
    assert page.locator("#day").input_value() == "2025-06-30"


def test_without_script_the_day_is_chosen_by_the_form(open_page: OpenPage) -> None:
    page = open_page("/", java_script_enabled=False)
    page.locator("#day").fill("2025-06-30")
    page.get_by_role("button", name="Xem", exact=True).click()
    expect(page.locator(".then")).to_contain_text("30/06/2025")
    assert page.locator('.picture a[href^="/feature/admin_units_history/"]').count() > 100
    page.get_by_role("link", name="Về hôm nay").click()
    assert page.locator('.picture a[href^="/feature/admin_units_history/"]').count() == 0


# A street, a place, what is typed -----------------------------------------------------------------------------------


def test_the_first_hit_of_a_street_shows_all_its_pieces(open_page: OpenPage) -> None:
    page = open_page("/?z=10.00&lat=16.46700&lon=107.58000", viewport=WIDE)
    live(page)
    page.locator("#q").fill("Đường Lê Lợi")
    page.get_by_role("button", name="Tra cứu").click()
    page.locator('#panel .rows a[data-feature$="/all"]').first.click()
    page.wait_for_url(re.compile(r"feature=roads/\d+/all"))
    fids = [int(fid) for fid in str(page.locator("article.feature").get_attribute("data-fids")).split(",")]
    assert len(fids) > 1
    page.wait_for_function(
        """(fids) => {
          const map = window.__map;
          const drawn = new Set(map.queryRenderedFeatures({ layers: ["roads:selected"] }).map((each) => each.id));
          const marked = (id) => map.getFeatureState({ source: "roads", sourceLayer: "roads", id }).selected === true;
          return fids.every((id) => drawn.has(id) && marked(id));
        }""",
        arg=fids,
        timeout=DRAWN_MS,
    )
    page.locator("#panel .close").click()
    page.wait_for_function(
        """(fids) => fids.every((id) =>
          window.__map.getFeatureState({ source: "roads", sourceLayer: "roads", id }).selected !== true)""",
        arg=fids,
    )


def test_a_place_is_marked_on_the_live_map_and_until_it_is_closed(open_page: OpenPage) -> None:
    page = open_page("/?at=16.46761,107.58667", viewport=WIDE)
    live(page)
    marks = "() => window.__map.querySourceFeatures('spot').map((each) => each.geometry.coordinates)"
    page.wait_for_function(f"() => ({marks})().length > 0", timeout=DRAWN_MS)
    lon, lat = page.evaluate(marks)[0]
    assert abs(lon - 107.58667) < 1e-3 and abs(lat - 16.46761) < 1e-3
    assert "at=16.46761,107.58667" in page.url
    assert page.evaluate("window.__map.getZoom()") > 16
    expect(page.locator("#panel")).to_contain_text("Ở đây có gì")
    page.locator("#panel .close").click()
    page.wait_for_function(f"() => ({marks})().length === 0")
    assert "&at=" not in page.url and "?at=" not in page.url


def test_suggestions_are_a_combobox(open_page: OpenPage) -> None:
    """By keys alone: offered while typing, walked by arrows, closed by Escape with the text kept, opened by Enter."""
    page = open_page("/", viewport=PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/suggest" in request.url else None)
    page.locator("#q").click()
    field = page.get_by_role("combobox")
    field.press_sequentially("đại nội", delay=30)
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("Đại Nội")
    assert len(asked) <= 2, "every letter asked"
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_value("đại nội")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    field.press("Enter")
    expect(page.locator("#feature-title")).to_have_text("Đại Nội")
    expect(field).to_have_attribute("aria-expanded", "false")


def test_what_is_typed_before_the_script_has_come_is_suggested_for(open_page: OpenPage) -> None:
    """On a slow line all is typed by then: no further key may be needed."""
    page = open_page("/", viewport=PHONE)
    page.route("**/suggest-*.js", lambda route: (page.wait_for_timeout(500), route.continue_())[1])
    page.locator("#q").fill("đại nội")
    expect(page.get_by_role("option").first).to_contain_text("Đại Nội")


def test_the_boxes_follow_the_day_of_the_live_map(open_page: OpenPage) -> None:
    page = open_page("/?z=9.20&lat=16.35000&lon=107.55000", viewport=WIDE)
    live(page)
    expect(page.locator("form.layers .of-today")).to_have_count(0)
    page.get_by_role("link", name="Trước 01/07/2025").first.click()
    reports = page.locator("form.layers label", has=page.locator("input[value=reports]"))
    expect(reports).to_contain_text("như hôm nay")
    page.go_back()
    expect(page.locator("form.layers .of-today")).to_have_count(0)
