"""The live map on a phone: over the whole screen with all that belongs to it, left and opened again; where one is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, live

PHONE = {"width": 390, "height": 844}
IN_THE_CITY = {"latitude": 16.4637, "longitude": 107.5909}
FAR_AWAY = {"latitude": 21.03, "longitude": 105.85}
OPEN, CLOSE = "Mở bản đồ tương tác", "Đóng bản đồ"


def opened(open_page: OpenPage, path: str = "/", **options: object) -> Page:
    page = open_page(path, viewport=PHONE, has_touch=True, **options)
    page.get_by_role("button", name=OPEN).click()
    live(page)
    return page


def is_open(page: Page) -> bool:
    return bool(page.evaluate("document.querySelector('dialog.whole')?.open === true"))


def test_it_is_closed_and_opened_again_and_the_page_scrolls_between(open_page: OpenPage) -> None:
    """Would fail if the live map stayed in the page, where a finger that scrolls moves the map, or could not be opened
    a second time."""
    page = opened(open_page)
    page.get_by_role("button", name=CLOSE).click()
    assert not is_open(page) and "map=1" not in page.url
    expect(page.locator(".picture")).to_be_visible()
    expect(page.locator("canvas.maplibregl-canvas")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).overflow") == "visible"
    page.mouse.move(200, 300)
    page.mouse.wheel(0, 400)
    page.wait_for_function("() => scrollY > 200")
    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("button", name=OPEN).click()
    live(page)
    assert is_open(page)
    expect(page.locator("canvas.maplibregl-canvas")).to_be_visible()
    assert page.locator("canvas.maplibregl-canvas").count() == 1


def test_everything_that_belongs_to_the_map_is_in_it(open_page: OpenPage) -> None:
    page = opened(open_page)
    whole = page.locator("dialog.whole")
    expect(whole.locator("input[type=search]")).to_be_visible()
    for name in ("Gần tôi", "Chia sẻ", "Phóng to", "Thu nhỏ", CLOSE):
        expect(whole.get_by_role("button", name=name)).to_be_visible()
    expect(whole.get_by_role("link", name="In", exact=True)).to_be_visible()
    expect(whole.locator(".credit")).to_contain_text("Nguồn")
    expect(whole.locator(".key").first).to_be_visible()
    expect(whole.locator(".maplibregl-ctrl-scale")).to_be_visible()
    whole.get_by_role("button", name="Lớp và chú giải").click()
    whole.get_by_label("Phản ánh hiện trường").uncheck()
    expect(page).to_have_url(re.compile("layers="))
    whole.locator("input[type=search]").fill("phu bai")
    whole.get_by_role("button", name="Tra cứu").click()
    whole.locator("#panel .rows a").first.click()
    expect(whole.locator("#feature-title")).to_contain_text("Phú Bài")
    page.get_by_role("button", name=CLOSE).click()
    assert page.locator("header form.search, #rail #panel, #rail .legend, figure .map-foot").count() == 4, (
        "what was borrowed is back"
    )


def test_escape_closes_what_is_uppermost_and_gives_the_focus_back(open_page: OpenPage) -> None:
    page = opened(open_page)
    layers = page.get_by_role("button", name="Lớp và chú giải")
    layers.click()
    expect(page.locator("#layers-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(layers).to_be_focused()
    expect(page.locator(".whole .legend")).to_be_hidden()
    assert is_open(page)
    page.locator(".whole").locator("input[type=search]").fill("phu bai")
    page.keyboard.press("Enter")
    expect(page.locator("#results-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_empty()
    assert is_open(page)
    page.keyboard.press("Escape")
    expect(page.locator("dialog.whole")).to_be_hidden()
    expect(page.get_by_role("button", name=OPEN)).to_be_focused()


def test_the_focus_stays_in_it_and_is_never_hidden(open_page: OpenPage) -> None:
    """WCAG 2.4.11: whatever has the focus is seen, with a feature's sheet open as well."""
    page = opened(open_page)
    page.locator(".whole").locator("input[type=search]").fill("phu bai")
    page.keyboard.press("Enter")
    page.locator("#panel .rows a").first.click()
    expect(page.locator(".whole #feature-title")).to_be_focused()
    inside = """() => {
      const at = document.activeElement;
      if (at === document.body) return "left the page";  // the browser's own controls come after the last
      if (!document.querySelector("dialog.whole").contains(at)) return "outside: " + at.outerHTML.slice(0, 120);
      const box = at.getBoundingClientRect();
      const [x, y] = [box.left + Math.min(box.width, innerWidth) / 2, box.top + Math.min(box.height, 40) / 2];
      const top = document.elementFromPoint(Math.max(1, x), y);
      return at.contains(top) || top?.contains(at) ? "seen" : "hidden: " + at.outerHTML.slice(0, 120);
    }"""
    found = []
    for _ in range(30):
        page.keyboard.press("Tab")
        found.append(page.evaluate(inside))
    assert set(found) <= {"seen", "left the page"}, set(found)
    assert found.count("seen") > 15


def test_a_feature_is_beside_its_sheet_and_not_under_it(open_page: OpenPage) -> None:
    page = opened(open_page, "/?z=11.00&lat=16.46700&lon=107.58000")
    page.locator(".whole").locator("input[type=search]").fill("phu bai")
    page.keyboard.press("Enter")
    page.locator('#panel .rows a[data-feature^="admin_units/"]').first.click()
    expect(page.locator("#feature-title")).to_contain_text("Phú Bài")
    page.wait_for_function("() => window.__map.queryRenderedFeatures({layers: ['chosen']}).length > 0")
    place = page.evaluate(
        """() => {
          const map = window.__map, box = map.getCanvas().getBoundingClientRect();
          const [chosen] = map.queryRenderedFeatures({ layers: ["chosen"] });
          const at = map.project(chosen.geometry.coordinates);
          return [box.top + at.y, document.querySelector(".whole-sheet").getBoundingClientRect().top, box.bottom];
        }"""
    )
    assert place[0] < place[1] and place[2] <= place[1] + 1


@pytest.mark.parametrize("width", [390, 320])
def test_nothing_needs_sideways_scrolling(open_page: OpenPage, width: int) -> None:
    page = open_page("/?map=1", viewport={"width": width, "height": 640})
    live(page)
    assert page.evaluate("document.querySelector('dialog.whole').scrollWidth") <= width
    sizes = page.eval_on_selector_all(
        "dialog.whole :is(button, .button, input[type=search])",
        "all => all.filter(e => e.checkVisibility()).map(e => [e.textContent, e.getBoundingClientRect().height])",
    )
    assert [size for size in sizes if size[1] < 48] == []


# Where one is -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_search_says_whole_what_may_be_asked(open_page: OpenPage, prefix: str) -> None:
    """Would fail if the words in the box were cut off: what it may hold is what a stranger looks there for."""
    page = open_page(f"{prefix}/", viewport={"width": 390, "height": 844})
    box = page.get_by_role("searchbox")
    # An empty field has no width of its own: its words, typed, are as wide as they are shown.
    assert (
        box.evaluate("each => { each.value = each.placeholder; return each.scrollWidth - each.clientWidth }")
        == 0
    )


def test_near_me_goes_there_and_tells_what_is_near_by_distance(open_page: OpenPage) -> None:
    page = opened(open_page, geolocation=IN_THE_CITY, permissions=["geolocation"])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator(".whole").get_by_role("button", name="Gần tôi").click()
    expect(page.locator("#near-title")).to_be_focused()
    rows = page.locator("[data-part=near] .rows small").all_inner_texts()
    metres = [
        float(row.split("\xa0")[0].replace(".", "").replace(",", ".")) * (1000 if "km ·" in row else 1)
        for row in rows
    ]
    assert len(metres) > 5 and metres == sorted(metres)
    page.wait_for_function("() => Math.abs(window.__map.getCenter().lng - 107.5909) < 0.0005")
    page.wait_for_function("() => window.__map.queryRenderedFeatures({layers: ['here']}).length > 0")
    assert not [url for url in asked if "/near?" in url and re.search(r"\d\.\d{5}", url)], (
        "rounded to some 10 m"
    )
    assert "107.5909" not in page.url.partition("lon=")[0]


def test_near_me_works_without_the_live_map(open_page: OpenPage) -> None:
    page = open_page("/", viewport=PHONE, geolocation=IN_THE_CITY, permissions=["geolocation"])
    page.get_by_role("button", name="Gần tôi").click()
    expect(page.locator("#panel #near-title")).to_be_visible()
    assert page.locator("huong-map").count() == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "không cho biết vị trí"),
        ({"geolocation": FAR_AWAY, "permissions": ["geolocation"]}, "ngoài thành phố"),
    ],
    ids=["refused", "outside"],
)
def test_what_keeps_it_from_finding_is_said(
    open_page: OpenPage, options: dict[str, object], words: str
) -> None:
    page = open_page("/", viewport=PHONE, **options)
    page.get_by_role("button", name="Gần tôi").click()
    expect(page.locator("huong-locate .note")).to_contain_text(words)
    expect(page.locator("#panel")).to_be_empty()


@pytest.mark.parametrize(("code", "words"), [(2, "chưa biết mình ở đâu"), (3, "sau 15 giây")])
def test_a_device_that_does_not_know_is_said(open_page: OpenPage, code: int, words: str) -> None:
    page = open_page("/about-to-be-set", viewport=PHONE)
    page.add_init_script(
        "navigator.geolocation.getCurrentPosition = (found, failed) =>"
        f" failed({{ code: {code}, PERMISSION_DENIED: 1, POSITION_UNAVAILABLE: 2, TIMEOUT: 3 }})"
    )
    page.goto("/")
    page.get_by_role("button", name="Gần tôi").click()
    expect(page.locator("huong-locate .note")).to_contain_text(words)


# Handing on -------------------------------------------------------------------------------------------------------


def test_share_copies_the_address_or_shows_it(open_page: OpenPage) -> None:
    page = open_page(
        "/?z=12.00&lat=16.46700&lon=107.58000",
        viewport=PHONE,
        permissions=["clipboard-read", "clipboard-write"],
    )
    page.locator("huong-share button").click()
    expect(page.locator("huong-share .said")).to_have_text("Đã chép đường dẫn")
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    page.locator("huong-share button").click()
    expect(page.locator("huong-share .address")).to_have_value(page.url)


def test_nothing_covers_the_picture_of_a_phone(open_page: OpenPage) -> None:
    """Would fail if the buttons that move the picture, or open the map, stood over it."""
    page = open_page("/?z=14&lat=16.463&lon=107.59", viewport={"width": 390, "height": 844})
    page.wait_for_selector(".frame huong-locate button")
    picture = page.locator(".frame .picture").bounding_box()
    assert picture is not None
    for control in page.locator(".frame :is(.moves a, .open-map, huong-locate button)").all():
        box = control.bounding_box()
        assert box is not None and box["y"] >= picture["y"] + picture["height"], box


def test_the_open_map_says_whose_its_data_is_and_rings_what_it_is_asked_to_show(open_page: OpenPage) -> None:
    page = open_page("/?map=1&feature=admin_units/7", viewport={"width": 390, "height": 844})
    live(page)
    credit = page.locator(".whole-foot .credit")
    expect(credit).to_be_visible()
    box = credit.bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 844
    page.locator("#panel a[data-on-map]").first.click()
    expect(page.locator("huong-map .flash")).to_be_attached()
