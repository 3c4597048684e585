"""Cheap phones and remote desktops have no WebGL: the picture stays, and the page says so."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage

BROWSER_FLAGS = ("--disable-3d-apis",)


def test_the_picture_stays_and_the_page_says_why(open_page: OpenPage) -> None:
    page = open_page("/")
    page.get_by_role("button", name="Mở bản đồ tương tác").click()
    expect(page.locator(".map-note")).to_contain_text("WebGL")
    expect(page.locator(".picture")).to_be_visible()
    assert page.locator("body.map-open").count() == 0
    page.locator(".in-view .rows a").first.click()
    expect(page.locator("#feature-title")).to_be_visible()
