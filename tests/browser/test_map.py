"""The live map: it draws what the list says, follows clicks, keys, address and changes."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DRAWN_MS, PATIENCE_MS, WIDE, OpenPage, drawn, live

MOTION = "no-preference"
CHANGE = """event: change
id: 1
data: {"layer": "admin_units", "op": "U", "boxes": [[11975000, 1855000, 11976000, 1856000]]}

"""


def test_the_map_draws_the_units_that_the_list_counts(open_page: OpenPage, units: int) -> None:
    """Would fail if map or list left out units that the database has."""
    assert units > 0
    page = open_page("/", viewport=WIDE)
    live(page)
    counted = page.locator(".in-view h3", has_text="Phường và xã").locator(".count")
    expect(counted).to_have_text(str(units))
    assert drawn(page, "admin_units") == units


def test_a_phone_starts_the_map_by_a_tap_and_closes_it_by_back(open_page: OpenPage) -> None:
    page = open_page("/")
    assert page.locator("huong-map").count() == 0
    page.get_by_role("button", name="Mở bản đồ tương tác").click()
    live(page)
    expect(page.locator("body")).to_have_class(re.compile("map-open"))
    page.go_back()
    expect(page.locator("body")).not_to_have_class(re.compile("map-open"))


def test_a_click_on_the_map_opens_what_lies_there_and_back_closes_it(open_page: OpenPage) -> None:
    page = open_page("/?layers=admin_units", viewport=WIDE)
    live(page)
    page.locator("canvas.maplibregl-canvas").click(position={"x": 440, "y": 300})
    title = page.locator("#panel #feature-title")
    expect(title).to_have_text(re.compile("^(Phường|Xã) "))
    assert "feature=admin_units/" in page.url
    page.go_back()
    expect(page.locator("#panel")).to_be_empty()


def test_a_row_opens_by_keyboard_and_escape_gives_the_focus_back(open_page: OpenPage) -> None:
    page = open_page("/", viewport=WIDE)
    row = page.locator(".in-view .rows a").first
    name = row.inner_text().partition("\n")[0]
    row.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#feature-title")).to_be_focused()
    expect(page.locator("#feature-title")).to_have_text(name)
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_empty()
    expect(page.locator(".in-view .rows a").first).to_be_focused()


def test_the_address_brings_a_view_back(open_page: OpenPage) -> None:
    page = open_page("/?z=13.00&lat=16.46700&lon=107.58000&layers=admin_units,roads", viewport=WIDE)
    live(page)
    place = page.evaluate(
        "[window.__map.getZoom(), window.__map.getCenter().lat, window.__map.getCenter().lng]"
    )
    assert [round(value, 3) for value in place] == [13.0, 16.467, 107.58]
    assert drawn(page, "reports") == 0
    page.get_by_label("Phản ánh hiện trường").check()
    expect(page).to_have_url(re.compile("layers=[^&]*reports"))


def test_a_change_fetches_its_own_tiles_again_and_the_open_panel(open_page: OpenPage) -> None:
    """Routed events: what the page does with one, whoever sends it."""
    page = open_page("/about-to-be-routed", viewport=WIDE)
    held: list[Route] = []
    page.route("**/events/**", lambda route: held.append(route))
    page.goto("/?z=12.00&lat=16.46700&lon=107.58000&layers=admin_units,roads")
    live(page)
    page.locator(".in-view .rows a").first.click()
    expect(page.locator("#feature-title")).to_be_visible()
    again: list[str] = []
    page.on("request", lambda request: again.append(request.url))
    page.wait_for_function("() => window.__map.loaded()")
    page.wait_for_timeout(1000)
    again.clear()
    held[-1].fulfill(status=200, content_type="text/event-stream", body=CHANGE)
    wanted = ("/tiles/admin_units/", "/feature/admin_units/")
    for _ in range(PATIENCE_MS // 100):  # what the page asks for is heard while we wait
        if all(any(each in url for url in again) for each in wanted):
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(500)  # for what should not come
    assert all(any(each in url for url in again) for each in wanted), again
    assert not any("/tiles/roads/" in url for url in again)


def test_a_lost_connection_is_said(open_page: OpenPage) -> None:
    page = open_page("/about-to-be-routed", viewport=WIDE)
    page.route("**/events/**", lambda route: route.abort())
    page.goto("/")
    live(page)
    expect(page.locator(".feed.stale")).to_contain_text("đang nối lại")


def test_live_is_claimed_only_while_the_server_speaks_and_recovers_by_itself(open_page: OpenPage) -> None:
    """The page's clock is put on by more than two beats that did not come: stale, with the time; then anew."""
    page = open_page("/about-to-be-set", viewport=WIDE)
    page.clock.install()
    page.goto("/")
    live(page)
    expect(page.locator(".feed.live")).to_be_visible()
    held: list[Route] = []
    page.route("**/events/**", lambda route: held.append(route))
    page.clock.fast_forward(31_000)
    expect(page.locator(".feed.stale")).to_contain_text(re.compile(r"Dữ liệu lúc \d\d:\d\d"))
    page.clock.fast_forward(2_500)
    expect(page.locator(".feed.stale")).to_be_visible()
    for _ in range(PATIENCE_MS // 50):  # what the page asks for is heard while we wait
        page.wait_for_timeout(50)
        if held:
            break
    assert held, "it asked again by itself"
    page.unroute_all(behavior="ignoreErrors")
    page.clock.fast_forward(31_000)  # that connection says nothing either
    page.clock.fast_forward(8_500)
    expect(page.locator(".feed.live")).to_be_visible()


def test_far_pins_are_counted_where_they_stand_together_and_near_ones_are_all_there(
    open_page: OpenPage,
) -> None:
    """Would fail if a whole city's pins stood on each other, or some were nowhere, at the zooms at which one first
    looks at it; and if neither a tap nor a key parted what stands together."""
    page = open_page("/?z=9.00&lat=16.46370&lon=107.59090&layers=reports", viewport=WIDE)
    live(page)
    page.wait_for_function(
        "() => window.__map.loaded() && window.__map.queryRenderedFeatures({layers: ['reports:group']}).length"
    )
    groups = page.evaluate(GROUPS)
    assert sum(count for count, _, _ in groups) > 100
    assert not page.evaluate("window.__map.queryRenderedFeatures({layers: ['reports:symbol']}).length")
    _, x, y = max(groups)
    page.locator("canvas.maplibregl-canvas").click(position={"x": x, "y": y})
    page.wait_for_function("() => window.__map.getZoom() > 10.9")
    page.locator("canvas.maplibregl-canvas").focus()
    page.wait_for_function("() => window.__map.loaded()")
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.__map.getZoom() > 12.9")
    page.wait_for_function(
        "() => window.__map.loaded() && window.__map.queryRenderedFeatures({layers: ['reports:symbol']}).length"
    )
    assert not page.evaluate("window.__map.queryRenderedFeatures({layers: ['reports:group']}).length")
    assert drawn(page, "reports") > 20


def test_every_group_and_pin_on_the_map_is_reached_by_keys(open_page: OpenPage) -> None:
    """Would fail if keys reached the group in the middle alone, or a mark could be seen and not opened."""
    page = open_page("/?z=9.00&lat=16.46370&lon=107.59090&layers=reports", viewport=WIDE)
    live(page)
    page.wait_for_function(
        "() => window.__map.loaded() && window.__map.queryRenderedFeatures({layers: ['reports:group']}).length"
    )
    count = page.evaluate(f"new Set({MARKS}).size")
    assert count > 5
    page.locator("canvas.maplibregl-canvas").focus()
    middle = (
        "(() => { const { lng, lat } = window.__map.getCenter();"
        " return `${lng.toFixed(4)},${lat.toFixed(4)}`; })()"
    )
    reached = set()
    for _ in range(count):
        page.keyboard.press("PageDown")
        page.wait_for_function("() => !window.__map.isMoving()")
        reached.add(page.evaluate(middle))
        expect(page.locator("#announcer")).to_contain_text("Phản ánh")
    assert len(reached) == count
    page.keyboard.press("PageUp")
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.__map.getZoom() > 10.9 || document.querySelector('#feature-title')")
    page = open_page("/?z=15.00&lat=16.46370&lon=107.59090&layers=reports", viewport=WIDE)
    live(page)
    page.wait_for_function(
        "() => window.__map.loaded() && window.__map.queryRenderedFeatures({layers: ['reports:symbol']}).length"
    )
    page.locator("canvas.maplibregl-canvas").focus()
    page.keyboard.press("PageDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#feature-title")


MARKS = """window.__map.queryRenderedFeatures()
  .filter((each) => each.source === 'reports' && !each.layer.id.endsWith(':selected'))
  .map((each) => each.geometry.coordinates.map((part) => part.toFixed(4)).join())"""
GROUPS = """window.__map.queryRenderedFeatures({layers: ['reports:group']}).map((each) => {
  const {x, y} = window.__map.project(each.geometry.coordinates);
  return [each.properties._n, x, y];
})"""


def test_hoang_sa_and_truong_sa_stand_on_small_scales(open_page: OpenPage) -> None:
    page = open_page("/?z=4.20&lat=13.00000&lon=110.00000", viewport=WIDE)
    live(page)
    names = (
        "window.__map.queryRenderedFeatures({layers: ['archipelagos']}).map((each) => each.properties.name)"
    )
    page.wait_for_function(f"() => window.__map.loaded() && new Set({names}).size > 1", timeout=DRAWN_MS)
    assert set(page.evaluate(names)) == {"Quần đảo Hoàng Sa (Việt Nam)", "Quần đảo Trường Sa (Việt Nam)"}


def test_no_key_alone_does_anything(open_page: OpenPage) -> None:
    """Screen readers and speech input send single letters: none of them may be a command."""
    page: Page = open_page("/", viewport=WIDE)
    live(page)
    before = page.url, page.evaluate("window.__map.getZoom()")
    page.locator("body").press("+")
    for key in "abcdefghijklmnopqrstuvwxyz0123456789-/?":
        page.keyboard.press(key)
    page.wait_for_timeout(400)
    assert (page.url, page.evaluate("window.__map.getZoom()")) == before
