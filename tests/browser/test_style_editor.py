"""A style is written with its map beside it, and saved onto the map that a citizen has open."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE, OpenPage, live
from tests.live_city import LiveCity

DATASET = "cay_thu"
SOON_MS = 60_000  # a shared machine draws in software while the server checks
PAGE = "/admin/web/layerstyles/cay_5Fthu/change/"
MAKE_EDITOR = """
import time
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from gis_core.accounts.models import User
user, made = User.objects.get_or_create(username="style-editor", defaults=dict(is_staff=True, is_superuser=True))
if made:
    TOTP.activate(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
client = Client()
client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
session = SessionStore(client.cookies["sessionid"].value)
session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
session.save()
print("SESSION", session.session_key)
"""
BY_SPECIES = ["match", ["get", "loai"], "Sấu", "#0072b2", "#d55e00"]


def circles(colour: object) -> str:
    return json.dumps(
        [{"id": "dot", "type": "circle", "paint": {"circle-color": colour, "circle-radius": 8}}]
    )


@pytest.fixture(scope="module")
def session(live_city: LiveCity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The session of an editor, in a city that has a dataset of twenty trees."""
    if os.environ.get("HUONG_TEST_CITY"):
        pytest.skip("HUONG_TEST_CITY is a city of somebody's: these tests write, to one of their own")
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [107.56 + n * 0.002, 16.46]},
            "properties": {"loai": "Sấu" if n % 2 else "Phượng", "cao_m": float(n)},
        }
        for n in range(20)
    ]
    file: Path = tmp_path_factory.mktemp("trees") / "trees.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    live_city.huong("import", str(file), "--dataset", DATASET)
    out = live_city.huong("manage", "shell", "-v0", "-c", MAKE_EDITOR)
    yield next(line.split()[1] for line in out.splitlines() if line.startswith("SESSION"))
    live_city.huong("dataset", "remove", DATASET, "--yes")


def open_editor(open_page: OpenPage, site: str, session: str, **options: object) -> Page:
    page = open_page("/robots.txt", **{"viewport": WIDE, "locale": "vi-VN", **options})
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    page.goto(PAGE)
    return page


def colours_drawn(page: Page) -> list[str]:
    """The fill colours of the dataset's circles as the map has drawn them."""
    return page.evaluate(
        """async () => {
          const map = window.__map;
          if (!map.loaded()) await new Promise((done) => map.once("idle", done));
          const own = map.getStyle().layers.filter((each) => each.id.startsWith("cay_thu:dot")).map((each) => each.id);
          const found = map.queryRenderedFeatures({ layers: own }).map(({ layer }) => layer.paint["circle-color"]);
          const written = found.map(({ r, g, b }) => [r, g, b].map((part) => Math.round(part * 255)).join());
          return [...new Set(written)].sort();
        }"""
    )


def test_what_is_typed_is_drawn_and_what_is_wrong_is_said_at_its_place(
    open_page: OpenPage, site: str, session: str
) -> None:
    page = open_editor(open_page, site, session)
    status = page.locator("#style-status")
    expect(status).to_contain_text("Kiểu hợp lệ", timeout=SOON_MS)
    page.locator("#style-text").fill(circles(BY_SPECIES))
    page.wait_for_selector("style-preview canvas", timeout=SOON_MS)
    expect(status).to_contain_text("Kiểu hợp lệ", timeout=SOON_MS)
    page.wait_for_function(
        "() => Boolean(window.__map?.getLayer('cay_thu:dot') && window.__map.loaded())", timeout=SOON_MS
    )
    assert colours_drawn(page) == ["0,114,178", "213,94,0"]

    page.locator("#style-text").fill(circles(["get", "khong_co"]))
    expect(status).to_contain_text("layers[0].paint.circle-color[1]", timeout=SOON_MS)
    expect(status).to_contain_text("lớp không có trường “khong_co”")
    status.get_by_role("button").click()
    text = page.locator("#style-text")
    assert text.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)") == '"khong_co"'
    assert colours_drawn(page) == ["0,114,178", "213,94,0"], "the last valid style stays on the map"


def test_a_saved_style_is_on_a_citizens_open_map_within_moments(
    open_page: OpenPage, site: str, session: str
) -> None:
    citizen = open_page(f"/?z=13.00&lat=16.46&lon=107.58&layers={DATASET}", viewport=WIDE)
    live(citizen)
    expect(citizen.locator(".feed.live")).to_be_visible()
    editor = open_editor(open_page, site, session, java_script_enabled=False)
    editor.locator("#style-text").fill(circles(BY_SPECIES))
    editor.get_by_role("button", name="Lưu kiểu").click()
    expect(editor.locator(".messagelist")).to_contain_text("Đã lưu kiểu")
    citizen.wait_for_function("() => Boolean(window.__map.getLayer('cay_thu:dot'))", timeout=SOON_MS)
    # Far out, tiles had carried no species: no style spoke of it.
    for _ in range(SOON_MS // 100):
        if colours_drawn(citizen) == ["0,114,178", "213,94,0"]:
            break
        citizen.wait_for_timeout(100)
    assert colours_drawn(citizen) == ["0,114,178", "213,94,0"]


def test_without_script_a_fault_and_a_picture_are_shown(open_page: OpenPage, site: str, session: str) -> None:
    page = open_editor(open_page, site, session, java_script_enabled=False, viewport=PHONE)
    page.locator("#style-text").fill(circles("#cc79a7"))
    page.get_by_role("button", name="Xem thử").click()
    assert page.locator('.picture [fill="#cc79a7"]').count() > 0
    page.locator("#style-text").fill("[")
    page.get_by_role("button", name="Lưu kiểu").click()
    expect(page.get_by_role("alert")).to_contain_text("không phải JSON")
    assert page.locator("#style-text").input_value() == "["
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
