"""Times that PostgreSQL holds and no calendar of our readers has: an open end as ``infinity``, the year 44 BC.

Raw SQL and imports by other programs write them. One such row must not take a layer away from anybody.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import mapbox_vector_tile
import pyogrio.raw
import pytest

from tests.acceptance.odd_rows import served
from tests.acceptance.tile_surfaces import tile_at
from tests.live_city import LiveCity

LAYER = "odd_times"
LON, LAT = 107.5951, 16.4637
# fid - 1 -> what is stored, and how JSON writes its day; the moment is noon of it.
STORED = ("2024-02-29", "infinity", "-infinity", "0044-03-15 BC", "12345-06-07", "9999-12-31", "0001-01-01")
SHOWN = ("2024-02-29", None, None, None, None, "9999-12-31", "0001-01-01")
IN_ORDER = [3, 4, 7, 1, 6, 5, 2]
ROWS = "insert into dataset.odd_times (species, stems, planted_on, checked_at, geom) values " + ", ".join(
    f"('Cây lạ {n}', {n}, '{day}', {f"'{day}'" if 'infinity' in day else f"'{day.replace(' BC', '')} 12:00+00"
    f"{' BC' if 'BC' in day else ''}'"}, st_setsrid(st_makepoint({LON} + {n} * 1e-5, {LAT}), 4326))"
    for n, day in enumerate(STORED, 1)
)  # fmt: skip
ITEMS = f"/ogcapi/collections/{LAYER}/items"


@pytest.fixture(scope="module")
def city(live_city: LiveCity) -> Iterator[LiveCity]:
    with served(live_city, LAYER, ROWS, len(STORED)) as city:
        yield city


def moment(day: str | None) -> str | None:
    return day and f"{day}T12:00:00.000000Z"


def test_items_leave_out_what_json_cannot_name(city: LiveCity) -> None:
    """Would fail if 44 BC were served as the year 44, or the row, or the whole answer, were lost for it."""
    with city.client() as client:
        features = client.get(ITEMS).json()["features"]
        assert [f["properties"]["planted_on"] for f in features] == list(SHOWN)
        assert [f["properties"]["checked_at"] for f in features] == [moment(day) for day in SHOWN]
        for n, day in enumerate(SHOWN, 1):
            assert client.get(f"{ITEMS}/{n}").json()["properties"]["planted_on"] == day


def test_files_leave_it_out_too(city: LiveCity) -> None:
    with city.client() as client:
        rows = list(csv.DictReader(io.StringIO(client.get(f"{ITEMS}?f=csv").content.decode("utf-8-sig"))))
        assert [row["planted_on"] for row in rows] == [day or "" for day in SHOWN]
        file = client.get(f"{ITEMS}?f=fgb").content
    _, fids, _, columns = pyogrio.raw.read(io.BytesIO(file), return_fids=True)
    assert len(fids) == len(STORED) and len(columns[0]) == len(STORED)


def test_every_order_page_filter_and_interval_works(city: LiveCity) -> None:
    """Would fail if a cursor could not go on from such a value, or comparing with one were refused."""
    with city.client() as client:
        found, url = [], f"{ITEMS}?sortby=planted_on&limit=1"
        while url:
            page = client.get(url)
            assert page.status_code == 200, page.text
            found += [f["id"] for f in page.json()["features"]]
            url = next((link["href"] for link in page.json()["links"] if link["rel"] == "next"), "")
        assert found == IN_ORDER

        def ids(query: str) -> list[int]:
            answer = client.get(f"{ITEMS}?{query}")
            assert answer.status_code == 200, answer.text
            return [f["id"] for f in answer.json()["features"]]

        assert ids("filter=planted_on > DATE('2024-01-01')") == [1, 2, 5, 6]
        assert ids("filter=checked_at < TIMESTAMP('2024-01-01T00:00:00Z')") == [3, 4, 7]
        assert ids("datetime=2024-02-29/..") == [1, 2, 5, 6]


def test_tiles_leave_the_attribute_out(city: LiveCity) -> None:
    x, y = tile_at(16, LON, LAT)
    with city.client() as client:
        tile = client.get(f"/tiles/{LAYER}/16/{x}/{y}.mvt")
        layer = mapbox_vector_tile.decode(tile.content)[LAYER]
        at = client.get(f"/tiles/{LAYER}/16/{x}/{y}.mvt?t=2024-03-01")
    found = {f["id"]: f["properties"] for f in layer["features"]}
    assert [found[n].get("planted_on") for n in range(1, 8)] == list(SHOWN)
    assert [found[n].get("checked_at") for n in range(1, 8)] == [d and f"{d}T12:00:00Z" for d in SHOWN]
    assert at.status_code == 204, "nothing is of that day alone"


@pytest.mark.parametrize(
    ("fid", "vi", "en"),
    [
        (1, "29/02/2024", "29/02/2024"),
        (2, "không thời hạn", "without end"),
        (3, "từ trước đến nay", "since ever"),
        (4, "15/03/44\u00a0TCN", "15/03/44\u00a0BC"),
        (5, "07/06/12345", "07/06/12345"),
        (6, "31/12/9999", "31/12/9999"),
    ],
)
def test_pages_say_it_in_words(city: LiveCity, fid: int, vi: str, en: str) -> None:
    """Would fail if the page of such a feature were an error, or showed a day that is not the stored one."""
    with city.client() as client:
        for prefix, words in (("", vi), ("/en", en)):
            page = client.get(f"{prefix}/feature/{LAYER}/{fid}")
            assert page.status_code == 200
            assert words in page.text


def test_every_other_address_answers(city: LiveCity) -> None:
    """Would fail if the extent of such a layer made the list of collections an error for everybody."""
    inputs = {"inputs": {"lon": LON, "lat": LAT, "distance_m": 50}}
    with city.client() as client:
        for path in (
            "/ogcapi/collections",
            f"/ogcapi/collections/{LAYER}",
            f"{ITEMS}?f=html",
            f"{ITEMS}/4?f=html",
            f"/tiles/{LAYER}.json",
            f"/list?layers={LAYER}&z=15&lat={LAT}&lon={LON}",
            "/search?q=cay+la",
        ):
            assert client.get(path, headers={"Accept": "*/*"}).status_code == 200, path
        assert "temporal" not in client.get(f"/ogcapi/collections/{LAYER}").json()["extent"], (
            "open at both ends"
        )
        done = client.post("/ogcapi/processes/what-is-here/execution", json=inputs)
        assert done.status_code == 200, done.text
        assert "Cây lạ 4" in json.dumps(done.json(), ensure_ascii=False)


def test_such_a_row_can_be_edited(city: LiveCity) -> None:
    """Would fail if correcting another property of it met the time that nobody asked about."""
    with city.client("operations") as editor:
        for n in range(2, 6):
            item = editor.get(f"{ITEMS}/{n}")
            merge = {"Content-Type": "application/merge-patch+json", "If-Match": item.headers["ETag"]}
            done = editor.patch(f"{ITEMS}/{n}", json={"properties": {"stems": 90 + n}}, headers=merge)
            assert done.status_code == 204, done.text
    with city.connect() as owner:
        row = owner.execute("select planted_on::text from dataset.odd_times where fid = 4").fetchone()
    assert row == ("0044-03-15 BC",)


TIMED = "admin_units_history"
AT = (
    f"/ogcapi/collections/{TIMED}/items?limit=1&datetime=",
    f"/ogcapi/collections/{TIMED}/map?width=64&height=64&datetime=",
    f"/ogcapi/collections/{TIMED}/tiles/WebMercatorQuad/8/116/204?datetime=",
    f"/tiles/{TIMED}/8/204/116.mvt?t=",
    f"/tiles/{TIMED}/8/204/116.png?t=",
    (
        f"/wms?service=WMS&version=1.3.0&request=GetMap&layers={TIMED}&styles=&crs=CRS:84&bbox=107,16,108,17&width=64"
        "&height=64&format=image/png&time="
    ),
    f"/print/map.pdf?center=107.58,16.46&scale=100000&layers={TIMED}&t=",
    "/print?center=107.58,16.46&t=",
)
ENDS = (
    "9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999%2B07:00", "9999-12-31T23:59:59-12:00",
    "0001-01-01", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00%2B14:00", "0000-01-01", "10000-01-01",
)  # fmt: skip


@pytest.mark.parametrize("at", ENDS)
def test_the_ends_of_the_calendar_may_be_asked_for(live_city: LiveCity, at: str) -> None:
    """Would fail if a moment that some zone cannot name ended as a fault of the server anywhere."""
    with live_city.client() as client:
        answers = {path: client.get(f"{path}{at}") for path in AT}
    assert {path: a.text[:200] for path, a in answers.items() if a.status_code not in (200, 204, 400)} == {}
    if at.startswith("9999"):
        sheet = next(answer for path, answer in answers.items() if path.startswith("/print/map.pdf"))
        assert (sheet.status_code, sheet.json()["parameter"]) == (400, "t")
