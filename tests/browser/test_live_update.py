"""What somebody commits changes the map that somebody else has open: through triggers, feed, tile files and browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.acceptance import places
from tests.browser.conftest import WIDE, OpenPage, live
from tests.live_city import LiveCity

SOON_MS = (
    60_000  # the tile alone is due within a second (tests/tilesrv); here a shared machine draws in software
)
QUIET_MS = 2_000
DRAWN = """([layer, fid]) => {
  const map = window.__map;
  const own = map.getStyle().layers.map((each) => each.id).filter((id) => id.startsWith(layer + ":"));
  return map.queryRenderedFeatures({ layers: own }).some((each) => each.id === fid);
}"""


@pytest.fixture
def owner(live_city: LiveCity) -> Iterator[psycopg.Connection[Any]]:
    if os.environ.get("HUONG_TEST_CITY"):
        pytest.skip("HUONG_TEST_CITY is a city of somebody's: these tests write, to one of their own")
    with live_city.connect() as connection:
        yield connection


@pytest.fixture
def spot(owner: psycopg.Connection[Any]) -> tuple[float, float]:
    """Longitude and latitude in a unit of the officer's."""
    return places.inside(owner, places.KIM_LONG)


@pytest.fixture
def report(live_city: LiveCity, owner: psycopg.Connection[Any], spot: tuple[float, float]) -> Iterator[int]:
    """The fid of a report at the spot that no citizen may see yet, sent by an officer."""
    sent = {
        "type": "Feature",
        "geometry": places.point(*spot),
        "properties": {"category": "traffic", "description": "Đèn tín hiệu thử", "published": False},
    }
    with live_city.client("officer") as officer:
        done = officer.post("/ogcapi/collections/reports/items", json=sent)
    assert done.status_code == 201, done.text
    fid = int(done.headers["Location"].rsplit("/", 1)[1])
    yield fid
    owner.execute("delete from reports_report where fid = %s", [fid])


@pytest.fixture
def facility(owner: psycopg.Connection[Any]) -> Iterator[int]:
    """An fid that no facility has, nor keeps when the test is over."""
    row = owner.execute("select max(fid) + 1000 from facilities_facility").fetchone()
    assert row is not None
    yield row[0]
    owner.execute("delete from facilities_facility where fid = %s", [row[0]])


def open_map(open_page: OpenPage, spot: tuple[float, float], layer: str) -> Page:
    """The live map around the spot, with ``layer``, hearing of changes."""
    lon, lat = spot
    page = open_page(f"/?z=16.00&lat={lat}&lon={lon}&layers=admin_units,{layer}", viewport=WIDE)
    live(page)
    expect(page.locator(".feed.live")).to_be_visible()
    return page


def shows(page: Page, layer: str, fid: int) -> bool:
    return bool(page.evaluate(DRAWN, [layer, fid]))


def wait_until_drawn(page: Page, layer: str, fid: int, drawn: bool = True) -> None:
    page.wait_for_function(
        f"(what) => ({DRAWN})(what) === {'true' if drawn else 'false'}", arg=[layer, fid], timeout=SOON_MS
    )


def test_a_report_that_an_officer_publishes_appears_on_a_citizens_map(
    live_city: LiveCity, open_page: OpenPage, spot: tuple[float, float], report: int
) -> None:
    """Would fail if the change of a hidden row were told, or its publishing through the API were not."""
    page = open_map(open_page, spot, "reports")
    item = f"/ogcapi/collections/reports/items/{report}"
    with live_city.client("officer") as officer:

        def change(**properties: object) -> None:
            merge = {
                "Content-Type": "application/merge-patch+json",
                "If-Match": officer.get(item).headers["ETag"],
            }
            done = officer.patch(item, json={"properties": properties}, headers=merge)
            assert done.status_code == 204, done.text

        change(staff_note="chưa công khai")
        page.wait_for_timeout(QUIET_MS)
        assert not shows(page, "reports", report)
        expect(page.locator("#announcer")).to_be_empty()

        change(published=True)
        wait_until_drawn(page, "reports", report)
        expect(page.locator("#announcer")).to_have_text("Có thay đổi: Phản ánh hiện trường")
        row = page.locator(f'.in-view a[data-feature="reports/{report}"]')
        expect(row).to_be_visible(timeout=SOON_MS)

        change(published=False)
        wait_until_drawn(page, "reports", report, drawn=False)
        expect(row).to_have_count(0, timeout=SOON_MS)


def test_a_facility_written_by_sql_appears_moves_and_goes(
    open_page: OpenPage, owner: psycopg.Connection[Any], spot: tuple[float, float], facility: int
) -> None:
    """Would fail if only what goes through the application were heard of, or an old place kept its tile."""
    lon, lat = spot
    page = open_map(open_page, spot, "facilities")
    owner.execute(
        "insert into facilities_facility (fid, name, kind, unit_code, geom)"
        " values (%s, 'Trạm thử nghiệm', 'market', '19774', st_setsrid(st_makepoint(%s, %s), 4326))",
        [facility, lon, lat],
    )
    wait_until_drawn(page, "facilities", facility)
    row = page.locator(f'.in-view a[data-feature="facilities/{facility}"]')
    expect(row).to_contain_text("Trạm thử nghiệm", timeout=SOON_MS)

    owner.execute(
        "update facilities_facility set geom = st_translate(geom, 0.2, 0) where fid = %s", [facility]
    )
    wait_until_drawn(page, "facilities", facility, drawn=False)
    owner.execute(
        "update facilities_facility set geom = st_translate(geom, -0.2, 0) where fid = %s", [facility]
    )
    wait_until_drawn(page, "facilities", facility)
    owner.execute("delete from facilities_facility where fid = %s", [facility])
    wait_until_drawn(page, "facilities", facility, drawn=False)
    expect(row).to_have_count(0, timeout=SOON_MS)
