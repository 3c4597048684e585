"""The page without what it likes to have: script, WebGL, room."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage


def test_without_script_everything_is_reached_by_links_and_forms(open_page: OpenPage, units: int) -> None:
    page = open_page("/", java_script_enabled=False)
    assert page.locator(".picture .units path").count() == units
    expect(page.get_by_role("button", name="Mở bản đồ tương tác")).to_have_count(0)
    page.locator("#q").fill("phu bai")
    page.get_by_role("button", name="Tra cứu").click()
    page.get_by_role("link", name="Phú Bài").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Phú Bài")
    page.get_by_role("link", name="Xem trên bản đồ").click()
    expect(page.locator("#panel #feature-title")).to_contain_text("Phú Bài")
    page.get_by_role("link", name="Phóng to").click()
    expect(page.locator(".picture")).to_be_visible()
    assert "z=" in page.url


def test_without_script_layers_are_chosen_by_the_form(open_page: OpenPage, units: int) -> None:
    page = open_page("/", java_script_enabled=False)
    page.locator("input[name=layers][value=roads]").uncheck()
    page.get_by_role("button", name="Hiện các lớp đã chọn").click()
    assert page.locator(".picture .roads").count() == 0
    assert page.locator(".picture .units path").count() == units


NARROW_PAGES = (
    "/", "/en/", "/list", "/search?q=phu", "/?feature=admin_units/1", "/ogcapi/styles?f=html", "/ogcapi/tiles?f=html",
    "/ogcapi/collections/roads/styles?f=html", "/ogcapi/collections/roads/tiles?f=html",
    "/ogcapi/tileMatrixSets?f=html", "/ogcapi/collections?f=html", "/accounts/login/",
)  # fmt: skip


@pytest.mark.parametrize("path", NARROW_PAGES)
def test_320_px_wide_needs_no_sideways_scrolling(open_page: OpenPage, path: str) -> None:
    page = open_page(path, viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_targets_are_large_enough_for_a_thumb(open_page: OpenPage) -> None:
    page = open_page("/")
    sizes = page.eval_on_selector_all(
        "button, input[type=search], .rows a, .moves a, .languages a, .layers label, .actions a",
        "all => all.filter(e => e.checkVisibility()).map(e => [e.textContent, e.getBoundingClientRect().height])",
    )
    assert len(sizes) > 10
    assert [size for size in sizes if size[1] < 48] == []


def test_the_title_follows_what_stands_beside_the_map(open_page: OpenPage) -> None:
    page = open_page("/ogcapi/collections/admin_units/items?limit=1&f=json")
    (unit,) = json.loads(page.locator("body").inner_text())["features"]
    page = open_page(f"/?feature=admin_units/{unit['id']}", viewport={"width": 1280, "height": 800})
    base = "Bản đồ thành phố Huế · Hương"
    assert page.title().endswith(base) and page.title() != base
    named = page.title()
    page.get_by_role("button", name="Đóng").first.click()
    page.wait_for_function("(named) => document.title !== named", arg=named)
    assert page.title() == base
