"""axe on every page in both languages, by day, night and at 320 px; what axe cannot see is tested by hand elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import AXE, FULL, NARROW, PHONE, WIDE, OpenPage, live, views

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = ["/", "/list", "/search?q=phu", "/feature/admin_units/1", "/no-such-page", "/?z=x"]


def violations(page: Page) -> list[str]:
    """What axe finds, as ``rule: element``. The script is given to the page by the tester, past the page's policy."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run({ runOnly: rules })", RULES)
    return [f"{each['id']}: {node['html'][:160]}" for each in found["violations"] for node in each["nodes"]]


@pytest.fixture(autouse=True)
def _axe() -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run npm ci in web/")


@pytest.mark.parametrize(("prefix", "path", "viewport", "scheme"), views(PAGES))
def test_axe_finds_nothing(
    open_page: OpenPage, prefix: str, path: str, viewport: dict[str, int], scheme: str
) -> None:
    page = open_page(prefix + path, viewport=viewport, color_scheme=scheme)
    assert violations(page) == []


# One page of each room that makes pages of its own.
ROOMS = (
    "/print", "/help", "/ogcapi/?f=html", "/tiles/", "/styles/", "/accounts/login/", "/accounts/password/reset/",
    "/near?lat=16.46&lon=107.59", "/place?at=16.46,107.59",
)  # fmt: skip


@pytest.mark.parametrize(
    ("path", "viewport", "scheme"),
    [
        (path, *look)
        for row, path in enumerate(ROOMS)
        for column, look in enumerate(((WIDE, "light"), (NARROW, "dark")))
        if FULL or (row + column) % 2 == 0
    ],
)
def test_pages_of_every_room_are_as_accessible(
    open_page: OpenPage, path: str, viewport: dict[str, int], scheme: str
) -> None:
    """Would fail if the frame or a room's own looks could not be read, or ran out of a small screen."""
    page = open_page(
        "/robots.txt", viewport=viewport, color_scheme=scheme, extra_http_headers={"Accept": "text/html"}
    )
    page.goto(path)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    page.locator(".ways-button").click()
    assert page.locator("#ways a").first.is_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert not page.locator("#ways").is_visible()
    assert page.evaluate("document.activeElement.className") == "ways-button"


@pytest.mark.parametrize("path", ["/", "/en/"])
def test_axe_finds_nothing_on_the_live_map_with_a_panel_open(open_page: OpenPage, path: str) -> None:
    page = open_page(path, viewport=WIDE)
    live(page)
    page.locator(".in-view .rows a").first.click()
    page.wait_for_selector("#feature-title")
    assert violations(page) == []


@pytest.mark.parametrize(("path", "scheme"), [("/", "light"), ("/en/", "dark")])
def test_axe_finds_nothing_on_a_phones_map_with_its_layers_and_a_sheet(
    open_page: OpenPage, path: str, scheme: str
) -> None:
    page = open_page(f"{path}?map=1", viewport=PHONE, color_scheme=scheme)
    live(page)
    page.locator(".whole-tools button[aria-expanded]").click()
    page.wait_for_selector("#day")
    assert violations(page) == []
    page.locator(".whole").locator("input[type=search]").fill("phu bai")
    page.keyboard.press("Enter")
    page.locator("#panel .rows a").first.click()
    page.wait_for_selector("#feature-title")
    assert violations(page) == []


def test_the_first_tab_stop_skips_to_the_content(open_page: OpenPage) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_forced_colours_keep_the_words(open_page: OpenPage) -> None:
    page = open_page("/", forced_colors="active")
    assert page.locator(".search button").is_visible()
    assert page.locator(".key").count() >= 2


def test_what_floats_and_what_is_chosen_is_seen_in_forced_colours(open_page: OpenPage) -> None:
    """Would fail if a shadow or a ground were all that tells a box, a button or the current language from the rest."""
    page = open_page("/?map=1", forced_colors="active")
    live(page)
    page.locator(".whole-tools button[aria-expanded]").click()
    chosen = page.locator('.whole-tools button[aria-expanded="true"]')
    assert chosen.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    for floating in (".feed", ".whole-sheet"):
        assert page.locator(floating).evaluate("each => getComputedStyle(each).borderTopWidth") == "1px"
    page = open_page("/", forced_colors="active")
    for button in (".ways-button", ".search button"):
        assert page.locator(button).evaluate("each => parseFloat(getComputedStyle(each).borderTopWidth)") > 0
    language = page.locator(".languages [aria-current]")
    assert language.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
