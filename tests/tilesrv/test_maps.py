"""OGC API - Maps: a map of what is asked for, framed as the standard fills what is not, and its refusals."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest

from gis_core.crs import crs_by_uri
from gis_core.days import day_start, today
from tests.tilesrv.marks import (
    BLUE,
    CODES,
    PLACE,
    RED,
    STEPS,
    box_about,
    centre_of_red,
    client,
    image_of,
    marked,
    place_in,
)

__all__ = ["client", "marked"]

HERE = "/ogcapi/collections/test_marks/map"


def numbers(box: tuple[float, ...]) -> str:
    return ",".join(repr(float(each)) for each in box)


@pytest.mark.parametrize("code", CODES)
def test_a_mark_falls_on_its_exact_pixel(client: httpx.Client, code: str) -> None:
    """bbox, crs and bbox-crs are in the authority's order of axes; the headers say what was drawn."""
    name = "OGC:CRS84" if code == "CRS:84" else code
    crs = crs_by_uri(name)
    step = STEPS.get(code, 1.0)
    box = box_about(code, (400, 300), (37.0, 260.0), (step, step))
    said = (box[1], box[0], box[3], box[2]) if crs.flipped else box
    query = {"crs": name, "bbox-crs": name, "bbox": numbers(said), "width": "400", "height": "300"}
    answer = client.get(HERE, params=query)
    assert centre_of_red(image_of(answer)) == pytest.approx((37.0, 260.0), abs=0.15)
    assert answer.headers["content-crs"] == f"<{crs.uri}>"
    assert [float(n) for n in answer.headers["content-bbox"].split(",")] == pytest.approx(said, abs=1e-6)


def test_ways_of_saying_the_same_place(client: httpx.Client) -> None:
    lon, lat = PLACE
    box = f"{lon - 0.001},{lat - 0.001},{lon + 0.001},{lat + 0.001}"
    size = {"width": "200", "height": "200"}
    first = client.get(HERE, params={"bbox": box, **size}).content
    subset = f"Lat({lat - 0.001}:{lat + 0.001}),Lon({lon - 0.001}:{lon + 0.001})"
    assert client.get(HERE, params={"subset": subset, **size}).content == first
    flipped = f"{lat - 0.001},{lon - 0.001},{lat + 0.001},{lon + 0.001}"
    assert client.get(HERE, params={"bbox": flipped, "bbox-crs": "EPSG:4326", **size}).content == first
    centre = client.get(
        HERE, params={"center": f"{lon},{lat}", "scale-denominator": "5000", "width": "201", "height": "101"}
    )
    image = image_of(centre)
    assert image.size == (201, 101)
    assert centre_of_red(image) == pytest.approx((100.5, 50.5), abs=0.15)


def test_what_is_not_said_is_filled_in_proportion(client: httpx.Client) -> None:
    """A length on the ground is as many pixels across as up, in degrees too; a scale is that of the middle."""
    x, y = place_in("EPSG:9214")
    metres = {
        "crs": "EPSG:9214",
        "bbox-crs": "EPSG:9214",
        "bbox": numbers((x - 200, y - 100, x + 200, y + 100)),
    }
    assert image_of(client.get(HERE, params=metres)).size == (1024, 512)
    assert image_of(client.get(HERE, params={**metres, "width": "300"})).size == (300, 150)
    assert image_of(client.get(HERE, params={**metres, "height": "300"})).size == (600, 300)
    # 400 m at 1:2000 are 200 mm, which are 714 px of 0.28 mm.
    assert image_of(client.get(HERE, params={**metres, "scale-denominator": "2000"})).size == (714, 357)
    lon, lat = PLACE
    square = f"{lon - 0.01},{lat - 0.01 * np.cos(np.radians(lat))},{lon + 0.01},{lat + 0.01 * np.cos(np.radians(lat))}"
    width, height = image_of(client.get(HERE, params={"bbox": square})).size
    assert width == pytest.approx(height, rel=0.01)
    whole = client.get(HERE)
    west, south, east, north = (float(n) for n in whole.headers["content-bbox"].split(","))
    assert west < lon < east and south < lat < north


def test_collections_styles_and_backgrounds(client: httpx.Client) -> None:
    lon, lat = PLACE
    here = {
        "bbox": f"{lon - 0.001},{lat - 0.001},{lon + 0.001},{lat + 0.001}",
        "width": "200",
        "height": "200",
    }

    def pixel(path: str, at: tuple[int, int], **query: str) -> Any:
        return image_of(client.get(path, params={**here, **query})).getpixel(at)

    assert pixel(HERE, (2, 2)) == (0, 0, 0, 0)
    assert pixel(HERE, (2, 2), bgcolor="0x102030") == (16, 32, 48, 255)
    assert pixel(HERE, (2, 2), bgcolor="navy") == (0, 0, 128, 255)
    assert pixel(HERE, (2, 2), transparent="false") == (255, 255, 255, 255)
    assert pixel(HERE, (100, 100)) == (*RED, 255)
    assert pixel("/ogcapi/collections/test_marks/styles/green/map", (100, 100)) == (0, 255, 0, 255)
    both = "test_areas,test_marks"
    assert pixel("/ogcapi/map", (10, 100), collections=both) == (*BLUE, 255)
    assert pixel("/ogcapi/map", (98, 100), collections=both) == (*RED, 255)
    assert pixel("/ogcapi/map", (10, 100))[3] == 255  # the ground


def test_formats(client: httpx.Client) -> None:
    for f, media_type in (("png", "image/png"), ("jpeg", "image/jpeg"), ("webp", "image/webp")):
        assert client.get(HERE, params={"f": f, "width": "10"}).headers["content-type"] == media_type
        assert (
            client.get(HERE, params={"width": "10"}, headers={"Accept": media_type}).headers["content-type"]
            == media_type
        )
    assert (
        client.get(HERE, params={"width": "10"}, headers={"Accept": "text/html,*/*;q=0.8"}).headers[
            "content-type"
        ]
        == "image/png"
    )
    assert client.get(HERE, headers={"Accept": "application/json"}).status_code == 406


def test_time(client: httpx.Client) -> None:
    path = "/ogcapi/collections/test_epochs/map"
    size = {"bbox": "107.57,16.45,107.59,16.47", "width": "100", "height": "100"}

    def drawn(**query: str) -> bytes:
        return client.get(path, params={**size, **query}).content

    nothing = drawn(datetime="1980-01-01")
    assert drawn(datetime="2020-01-01") != nothing
    assert drawn(subset='time("2020-01-01")') == drawn(datetime="2020-01-01")
    assert drawn(datetime="../1990-01-01") == nothing
    both = drawn(datetime="2020-01-01/..")
    assert nothing != drawn() == drawn(datetime="2026-01-01") != both, (
        "what is valid now, not all that ever was"
    )


@pytest.mark.parametrize(
    ("query", "status", "parameter"),
    [
        ("bbox=1,2,3", 400, "bbox"),
        ("bbox=5,5,1,1", 400, "bbox"),
        ("bbox=nan,1,2,3", 400, "bbox"),
        ("bbox=-1e99,-1e99,1e99,1e99", 400, "bbox"),
        ("bbox=1,2,3,4&center=1,2", 400, "center"),
        ("bbox=1,2,3,4&bbox-crs=EPSG:1", 400, "bbox-crs"),
        ("center=1", 400, "center"),
        ("center=0,90&crs=EPSG:3857", 400, "center"),
        ("subset=Q(1:2)", 400, "subset"),
        ("subset=Lat(1:2),Lat(1:2)", 400, "subset"),
        ("subset=Lat(", 400, "subset"),
        ("crs=EPSG:27700", 400, "crs"),
        ("width=0", 400, "width"),
        ("width=1.5", 400, "width"),
        ("width=100000", 413, "width"),
        ("height=99999999999999999999999", 413, "width"),
        ("bbox=100,10,110,10.00001&height=4000", 413, "width"),
        ("scale-denominator=0", 400, "scale-denominator"),
        ("scale-denominator=1", 413, "width"),
        ("bgcolor=zz9", 400, "bgcolor"),
        ("transparent=maybe", 400, "transparent"),
        ("datetime=2025-02-30", 400, "datetime"),
        ("f=gif", 400, "f"),
        ("sld=http://127.0.0.1/", 400, "sld"),
    ],
)
def test_refusals(client: httpx.Client, query: str, status: int, parameter: str) -> None:
    answer = client.get(f"{HERE}?{query}")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["parameter"] == parameter


def test_what_is_not_there(client: httpx.Client) -> None:
    for path in (
        "/ogcapi/collections/nope/map",
        "/ogcapi/collections/test_marks/styles/nope/map",
        "/ogcapi/map?collections=nope",
        "/ogcapi/map/x",
    ):
        assert client.get(path).status_code == 404
    assert client.get("/ogcapi/map?collections=" + ",".join(["test_marks"] * 21)).status_code == 400


def test_the_time_that_came_is_said(client: httpx.Client) -> None:
    """``Content-Datetime`` of a layer with time, of what was asked and of what is shown unasked; none of another."""
    here = "/ogcapi/collections/test_epochs/map?bbox=107.57,16.45,107.59,16.47&width=100&height=100"
    for asked, said in (
        ("&datetime=2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
        ("&datetime=2020-01-01", "2019-12-31T17:00:00Z/2020-01-01T16:59:59.999999Z"),
        ("&datetime=2020-01-01/..", "2019-12-31T17:00:00Z/.."),
    ):
        assert client.get(here + asked).headers["content-datetime"] == said
    before, now = today(), client.get(here).headers["content-datetime"]
    assert datetime.fromisoformat(now) in {day_start(before), day_start(today())}  # it may be midnight
    assert "content-datetime" not in client.get(HERE).headers


def test_collections_are_named_by_address_too(client: httpx.Client) -> None:
    """OGC 20-058, /req/collections-selection: the address of a collection stands for it, that of elsewhere for none."""
    box = "&bbox=107.57,16.45,107.59,16.47&width=100&height=100"
    root = str(client.base_url).rstrip("/")
    by_id = client.get(f"/ogcapi/map?collections=test_marks,test_areas{box}").content
    for one in (
        "{}/ogcapi/collections/test_marks",
        "{}/ogcapi/collections/test_marks?f=json",
        "/ogcapi/collections/test_marks",
    ):
        answer = client.get(
            "/ogcapi/map?" + f"collections={quote(one.format(root), safe='')},test_areas{box}"
        )
        assert answer.status_code == 200 and answer.content == by_id, one
    for other in ("http://other.example/ogcapi/collections/test_marks", f"{root}/ogcapi/collections/nothing"):
        refused = client.get("/ogcapi/map?" + f"collections={quote(other, safe='')}{box}")
        assert refused.status_code == 404 and refused.json()["code"] == "no-such-collection"


def test_every_style_has_its_map(client: httpx.Client) -> None:
    """A map link in the lists of styles, which answers with the picture of that style."""
    rel = "http://www.opengis.net/def/rel/ogc/1.0/map"
    styles = client.get("/ogcapi/collections/test_marks/styles").json()["styles"]
    pictures = set()
    for style in styles:
        (link,) = [each for each in style["links"] if each["rel"] == rel]
        path = httpx.URL(link["href"]).raw_path.decode()
        answer = client.get(f"{path}?bbox=107.5895,16.4627,107.5915,16.4647&width=60&height=60")
        assert answer.headers["content-type"] == link["type"] == "image/png"
        pictures.add(answer.content)
    assert len(pictures) == len(styles) > 1, "two styles are one picture"
    assert any(each["rel"] == rel for each in client.get("/ogcapi/styles").json()["styles"][0]["links"])
