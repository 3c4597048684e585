"""A place is drawn, moved and typed in the administration's form; what nobody touched stays to the digit."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE, OpenPage
from tests.live_city import LiveCity

SOON_MS = 60_000
DRAWN = "() => Boolean(window.__map?.getLayer('place:corners') && window.__map.loaded())"
MAKE_STAFF = """
import time
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from gis_core.accounts.models import Membership, User
user, made = User.objects.get_or_create(username="place-picker", defaults=dict(is_staff=True))
if made:
    TOTP.activate(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
Membership.objects.get_or_create(user=user, audience="land")
client = Client()
client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
session = SessionStore(client.cookies["sessionid"].value)
session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
session.save()
print("SESSION", session.session_key)
"""
# Where a corner of the shape is on the screen.
CORNER = """(at) => {
  const map = window.__map;
  const found = map.querySourceFeatures("corners").find(({ properties }) => properties.corner === at);
  const { x, y } = map.project(found.geometry.coordinates);
  const { left, top } = map.getCanvas().getBoundingClientRect();
  return [left + x, top + y];
}"""


@pytest.fixture(scope="module")
def session(live_city: LiveCity) -> str:
    if os.environ.get("HUONG_TEST_CITY"):
        pytest.skip("HUONG_TEST_CITY is a city of somebody's: these tests write, to one of their own")
    out = live_city.huong("manage", "shell", "-v0", "-c", MAKE_STAFF)
    return next(line.split()[1] for line in out.splitlines() if line.startswith("SESSION"))


def open_form(open_page: OpenPage, site: str, session: str, path: str, **options: object) -> Page:
    page = open_page("/robots.txt", **{"viewport": WIDE, "locale": "vi-VN", **options})
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    page.goto(path)
    return page


def lines(page: Page) -> list[str]:
    return page.locator("#id_geom_original").input_value().strip().split("\n")


def drag(page: Page, corner: int, by: tuple[int, int]) -> None:
    x, y = page.evaluate(CORNER, corner)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by[0] / 2, y + by[1] / 2)
    page.mouse.move(x + by[0], y + by[1])
    page.mouse.up()


METRES = re.compile(r"\d{7}\.\d{3}, \d{6}\.\d{3}")


def settled(page: Page) -> list[str]:
    """The corners once the server has said them in the unit of the page."""
    page.wait_for_function(
        "() => document.querySelector('#id_geom_original').value.trim().split('\\n')"
        ".every((line) => /^\\d{7}\\.\\d{3}, \\d{6}\\.\\d{3}$/.test(line))",
        timeout=SOON_MS,
    )
    return lines(page)


def parcel(live_city: LiveCity) -> int:
    with live_city.connect("land") as reader:
        return int(reader.execute("select min(fid) from land.parcels").fetchone()[0])


def test_a_moved_corner_moves_alone_and_back(
    open_page: OpenPage, site: str, session: str, live_city: LiveCity
) -> None:
    """Would fail if what was drawn stood in degrees beside metres, or a slip were not asked about."""
    page = open_form(open_page, site, session, f"/admin/parcels/parcel/{parcel(live_city)}/change/")
    page.wait_for_function(DRAWN, timeout=SOON_MS)
    page.locator("huong-place-map .canvas").scroll_into_view_if_needed()
    surveyed = lines(page)
    assert all(METRES.fullmatch(line) for line in surveyed)
    drag(page, 1, (34, 23))
    confirm = page.get_by_label("Tôi xác nhận thay đổi diện tích này")
    expect(confirm).to_be_visible(timeout=SOON_MS)
    moved = settled(page)
    assert [a == b for a, b in zip(surveyed, moved, strict=True)] == [n != 1 for n in range(len(surveyed))]
    expect(page.locator(".place-picker .area")).to_contain_text("→")
    page.get_by_role("button", name="Hoàn tác").click()
    assert lines(page) == surveyed
    expect(confirm).to_be_hidden(timeout=SOON_MS)
    page.get_by_role("button", name="Làm lại").click()
    expect(confirm).to_be_visible(timeout=SOON_MS)
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    expect(page.locator(".field-geom_original .errorlist")).to_contain_text("hãy xác nhận", timeout=SOON_MS)
    assert lines(page) == moved, "nothing typed is lost"
    confirm.check()
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    expect(page.locator(".messagelist .success")).to_be_visible(timeout=SOON_MS)
    assert lines(page) == moved


def test_the_neighbours_are_drawn_and_a_corner_snaps_to_theirs(
    open_page: OpenPage, site: str, session: str, live_city: LiveCity
) -> None:
    page = open_form(open_page, site, session, f"/admin/parcels/parcel/{parcel(live_city)}/change/")
    page.wait_for_function(DRAWN, timeout=SOON_MS)
    page.locator("huong-place-map .canvas").scroll_into_view_if_needed()
    seen = "() => window.__map.queryRenderedFeatures({ layers: ['neighbours:line'] }).length > 0"
    page.wait_for_function(seen, timeout=SOON_MS)
    own = lines(page)
    box = page.evaluate("window.__map.getBounds().toArray().flat().join()")
    fid = page.locator("huong-place-picker").get_attribute("data-fid")
    corners = page.request.get(f"/admin/parcels/parcel/corners/?box={box}&but={fid}").json()["corners"]
    place = """([lon, lat]) => {
      const { x, y } = window.__map.project([lon, lat]);
      const { left, top, width, height } = window.__map.getCanvas().getBoundingClientRect();
      return [x, y, left + x, top + y, width, height];
    }"""
    where = [(page.evaluate(place, corner[:2]), corner[2]) for corner in corners if corner[2] not in own]
    (_, _, x, y, _, _), text = next(
        each for each in where if 30 < each[0][0] < each[0][4] - 60 and 30 < each[0][1] < each[0][5] - 30
    )
    from_x, from_y = page.evaluate(CORNER, 1)
    page.mouse.move(from_x, from_y)
    page.mouse.down()
    page.mouse.move((from_x + x) / 2, (from_y + y) / 2)
    page.mouse.move(x + 4, y - 3)
    expect(page.locator("huong-place-map .hint")).to_contain_text("Đã bắt vào đỉnh")
    page.mouse.up()
    assert settled(page)[1] == text, "to the digit, although the hand was beside it"


@pytest.mark.parametrize(
    ("status", "said"),
    [(413, "Nhiều đỉnh quá"), (503, "đang bận"), (429, "đang bận"), (500, "Chưa kiểm tra được")],
)
def test_why_a_text_could_not_be_checked_is_said(
    open_page: OpenPage, site: str, session: str, status: int, said: str
) -> None:
    page = open_form(open_page, site, session, "/admin/planning/planningzone/add/")
    page.route("**/place/check", lambda route: route.fulfill(status=status, body="{}"))
    page.locator("#id_geom").fill("1822300 561300")
    expect(page.locator(".place-picker .said")).to_contain_text(said, timeout=SOON_MS)


LOCATED = """(outcome) => {
  navigator.geolocation.getCurrentPosition = (found, failed) => outcome === 0
    ? found({ coords: { longitude: 107.6, latitude: 16.45, accuracy: 5 } })
    : failed({ code: outcome, PERMISSION_DENIED: 1, POSITION_UNAVAILABLE: 2, TIMEOUT: 3 });
}"""


def test_where_one_is_or_why_it_is_not_known(open_page: OpenPage, site: str, session: str) -> None:
    page = open_form(open_page, site, session, "/admin/planning/planningzone/add/", viewport=PHONE)
    page.wait_for_function(DRAWN, timeout=SOON_MS)
    for outcome, said in (
        (1, "không cho trang này biết"),
        (2, "không xác định được"),
        (3, "chưa xác định được"),
    ):
        page.evaluate(LOCATED, outcome)
        page.get_by_role("button", name="Chỗ tôi đứng").click()
        expect(page.locator("huong-locate .note")).to_contain_text(said)
    page.evaluate(LOCATED, 0)
    page.get_by_role("button", name="Chỗ tôi đứng").click()
    page.wait_for_function("() => Math.abs(window.__map.getCenter().lng - 107.6) < 1e-6")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_what_is_typed_in_metres_is_on_the_map_and_faults_are_said(
    open_page: OpenPage, site: str, session: str
) -> None:
    page = open_form(open_page, site, session, "/admin/planning/planningzone/add/", viewport=PHONE)
    page.wait_for_function(DRAWN, timeout=SOON_MS)
    text = page.locator("#id_geom")
    outer = "1822300 561300\n1822300 561400\n1822400 561400\n1822400 561300"
    text.fill(f"{outer}\n\n1822330 561330\n1822330 561370\n1822370 561350")
    expect(page.locator(".place-picker .said")).to_contain_text("Đã đọc được", timeout=SOON_MS)
    drawn = page.evaluate(
        """async () => {
          const { features } = await window.__map.getSource("shape").getData();
          return features.map(({ geometry }) => geometry.coordinates.length);
        }"""
    )
    assert drawn == [2], "an area with a hole"
    text.fill("1822300 561300\nx y")
    expect(page.locator(".place-picker .said")).to_contain_text("dòng 2", timeout=SOON_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_ring_is_drawn_by_hand_and_by_keys(open_page: OpenPage, site: str, session: str) -> None:
    page = open_form(open_page, site, session, "/admin/planning/planningzone/add/")
    page.wait_for_function(DRAWN, timeout=SOON_MS)
    canvas = page.locator("huong-place-map .canvas canvas")
    canvas.scroll_into_view_if_needed()
    page.get_by_role("button", name="Vẽ thêm").click()
    for x, y in ((200, 150), (400, 150), (400, 300)):
        canvas.click(position={"x": x, "y": y})
    canvas.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert len(page.locator("#id_geom").input_value().split("\n")) == 4
    page.keyboard.press("Control+z")
    assert len(page.locator("#id_geom").input_value().split("\n")) == 3


def test_without_script_the_text_is_the_field(open_page: OpenPage, site: str, session: str) -> None:
    page = open_form(open_page, site, session, "/admin/planning/planningzone/add/", java_script_enabled=False)
    page.locator("#id_geom").fill("1822300 561300\nx y\n1 2")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.locator(".field-geom .errorlist")).to_contain_text("dòng 2")
    assert "x y" in page.locator("#id_geom").input_value()
