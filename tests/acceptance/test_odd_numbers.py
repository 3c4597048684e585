"""Numbers that a column holds and few readers expect: none at all, the ends of what 64 bits can say, next to nothing.

Raw SQL and imports write them. One such row must not take a layer away from anybody, nor make a document of it that
is no JSON, no XML or no table.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import mapbox_vector_tile
import pyogrio.raw
import pytest
from lxml import etree

from tests.acceptance.map_surfaces import INFO_FORMATS
from tests.acceptance.odd_rows import served
from tests.acceptance.tile_surfaces import tile_at
from tests.live_city import LiveCity
from tilesrv.grid import web_mercator

LAYER = "odd_numbers"
LON, LAT = 107.5951, 16.4637
# fid - 1 -> what is stored; what is no number is shown to nobody.
STORED = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1.7976931348623157e308",
    "-1.7976931348623157e308",
    "5e-324",
    "1e15",
    "-0.0",
)
SHOWN = [value if math.isfinite(value) else None for value in map(float, STORED)]
LEAST, MOST = -(2**63), 2**63 - 1
STEMS = [MOST if n % 2 else LEAST for n in range(len(STORED))]
ROWS = "insert into dataset.odd_numbers (species, height_m, stems, planted_on, geom) values " + ", ".join(
    f"('Cây lạ {n}', '{value}', {stems}, '2024-02-29', st_setsrid(st_makepoint({LON} + {n} * 1e-5, {LAT}), 4326))"
    for n, (value, stems) in enumerate(zip(STORED, STEMS, strict=True), 1)
)  # fmt: skip
ITEMS = f"/ogcapi/collections/{LAYER}/items"
WFS = f"/wfs?SERVICE=WFS&VERSION=2.0.0&REQUEST=GetFeature&TYPENAMES={LAYER}"


@pytest.fixture(scope="module")
def city(live_city: LiveCity) -> Iterator[LiveCity]:
    with served(live_city, LAYER, ROWS, len(STORED)) as city:
        yield city


def no_such_number(name: str) -> float:
    raise AssertionError(f"{name} is no JSON")


def strictly(answer: httpx.Response) -> object:
    """A document of JSON as its standard has it: Python reads NaN and Infinity too."""
    assert answer.status_code == 200, answer.text[:300]
    return json.loads(answer.content, parse_constant=no_such_number)


def test_documents_are_json_and_xml(city: LiveCity) -> None:
    """Would fail if a number that JSON has no word for were written, or the others were rounded."""
    with city.client() as client:
        for path in (ITEMS, f"{WFS}&OUTPUTFORMAT=application/json"):
            strictly(client.get(path))
            features = client.get(path).json()["features"]
            assert [f["properties"]["height_m"] for f in features] == SHOWN
            assert [f["properties"]["stems"] for f in features] == STEMS
        for n, value in enumerate(SHOWN, 1):
            strictly(client.get(f"{ITEMS}/{n}"))
            assert client.get(f"{ITEMS}/{n}").json()["properties"]["height_m"] == value
        root = etree.fromstring(client.get(WFS).content)
    heights = {
        element.getparent().findtext("{*}species"): float(element.text)
        for element in root.iter("{*}height_m")
    }
    assert all(heights[f"Cây lạ {n}"] == value for n, value in enumerate(SHOWN, 1) if value is not None)


def test_tables_and_files(city: LiveCity) -> None:
    with city.client() as client:
        rows = list(csv.DictReader(io.StringIO(client.get(f"{ITEMS}?f=csv").content.decode("utf-8-sig"))))
        file = client.get(f"{ITEMS}?f=fgb").content
    assert [float(row["height_m"]) if row["height_m"] else None for row in rows] == SHOWN
    meta, fids, _, columns = pyogrio.raw.read(io.BytesIO(file), return_fids=True)
    heights = dict(zip(meta["fields"], columns, strict=True))["height_m"]
    assert len(fids) == len(STORED)
    assert {value for value in heights.tolist() if math.isfinite(value)} >= {
        5e-324,
        max(map(float, STORED[3:])),
    }


def test_every_order_and_filter_works(city: LiveCity) -> None:
    """Would fail if a cursor could not go on from such a value, or comparing with one were refused."""
    with city.client() as client:
        found, url = [], f"{ITEMS}?sortby=height_m&limit=1"
        while url:
            page = strictly(client.get(url))
            assert isinstance(page, dict)
            found += [f["id"] for f in page["features"]]
            url = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        assert sorted(found) == list(range(1, len(STORED) + 1)) and found[:2] == [3, 5]
        for condition in (
            "height_m > 1e308",
            "height_m < -1e308",
            "height_m * 10 > 1",
            "height_m + height_m > 1",
            "height_m / 1e-300 > 1",
            "stems > 9223372036854775806",
            "stems + stems > 1",
            "-stems > 1",
            "stems * 2 < 0",
            "height_m ^ 2 > 1",
            "stems div 0 = 1",
            "height_m = 5e-324",
        ):
            answer = client.get(f"{ITEMS}?{urlencode({'filter': condition})}")
            assert answer.status_code in (200, 400), (condition, answer.text)


def test_tiles_carry_them(city: LiveCity) -> None:
    x, y = tile_at(16, LON, LAT)
    with city.client() as client:
        tile = client.get(f"/tiles/{LAYER}/16/{x}/{y}.mvt")
    found = {f["id"]: f["properties"] for f in mapbox_vector_tile.decode(tile.content)[LAYER]["features"]}
    for n, value in enumerate(SHOWN, 1):
        assert value is None or found[n]["height_m"] == value
        assert found[n]["stems"] == STEMS[n - 1]


def test_pictures_clicks_and_pages(city: LiveCity) -> None:
    """Would fail if one of them were a fault of the server, or said in a hundred digits what nobody can read."""
    x, y = web_mercator(LON, LAT)
    click = {
        **{"service": "WMS", "version": "1.3.0", "request": "GetFeatureInfo", "layers": LAYER, "styles": ""},
        **{"crs": "EPSG:3857", "bbox": f"{x - 100},{y - 100},{x + 100},{y + 100}", "width": "201"},
        **{"height": "201", "query_layers": LAYER, "i": "101", "j": "100", "feature_count": "20"},
    }
    unreadable = re.compile(r"\d{40}|\d\.\d{3}\.\d{3}\.\d{3}\.\d{3}\.\d{3}\.\d{3}\.\d{3}|>\s*-?(nan|inf)\b")
    with city.client() as client:
        for form in INFO_FORMATS:
            answer = client.get("/wms", params=click | {"info_format": form})
            assert answer.status_code == 200 and "Cây lạ" in answer.text, answer.text
            if "json" in form:
                strictly(answer)
            if "gml" in form:
                etree.fromstring(answer.content)
        for path in (
            f"/wms?{urlencode(click | {'request': 'GetMap', 'format': 'image/png'})}",
            f"/tiles/{LAYER}/16/{'/'.join(map(str, tile_at(16, LON, LAT)))}.png",
            f"/legend/{LAYER}.json",
            f"/legend/{LAYER}.png",
            f"/styles/{LAYER}.json",
            f"/ogcapi/collections/{LAYER}/queryables",
            f"{ITEMS}?f=html",
            f"/list?layers={LAYER}&z=15&lat={LAT}&lon={LON}",
            "/search?q=cay+la",
            *(f"/feature/{LAYER}/{n}" for n in range(1, len(STORED) + 1)),
            *(f"{ITEMS}/{n}?f=html" for n in range(1, len(STORED) + 1)),
        ):
            answer = client.get(path, headers={"Accept": "*/*"})
            assert answer.status_code == 200, path
            if "html" in answer.headers["content-type"]:
                assert not unreadable.search(answer.text), path
        assert "1,798\u00a0×\u00a010³⁰⁸\u00a0m" in client.get(f"/feature/{LAYER}/4").text


def test_such_a_row_can_be_edited(city: LiveCity) -> None:
    """Would fail if correcting another property of it met the number that nobody asked about."""
    with city.client("operations") as editor:
        for n in range(1, len(STORED) + 1):
            item = editor.get(f"{ITEMS}/{n}")
            merge = {"Content-Type": "application/merge-patch+json", "If-Match": item.headers["ETag"]}
            done = editor.patch(f"{ITEMS}/{n}", json={"properties": {"state": "good"}}, headers=merge)
            assert done.status_code == 204, done.text
