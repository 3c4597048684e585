"""WMS of both versions: where things are drawn, what lies at a pixel, and what the capabilities say."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from typing import Any

import httpx
import numpy as np
import pytest
from lxml import etree
from PIL import Image

from tests.tilesrv.conftest import TileCity
from tests.tilesrv.marks import (
    BLUE,
    CODES,
    PLACE,
    RED,
    STEPS,
    WHITE,
    box_about,
    centre_of_red,
    client,
    image_of,
    marked,
    place_in,
)
from tests.tilesrv.wms_queries import colours_of, info_query, map_query, written

__all__ = ["client", "marked"]


# Where things are drawn -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.3.0", "1.1.1"])
@pytest.mark.parametrize("code", CODES)
def test_a_mark_falls_on_its_exact_pixel(client: httpx.Client, code: str, version: str) -> None:
    """Wrong axes put it kilometres away; a box taken through the middles of the outer pixels, half a pixel."""
    step = STEPS.get(code, 1.0)
    for size, pixel in (
        ((401, 401), (200.5, 200.5)),
        ((400, 300), (37.0, 260.0)),
        ((256, 256), (128.0, 128.0)),
    ):
        box = box_about(code, size, pixel, (step, step))
        query = map_query(code, version, bbox=written(box, code, version), width=size[0], height=size[1])
        found = centre_of_red(image_of(client.get("/wms", params=query)))
        assert found == pytest.approx(pixel, abs=0.15), (code, size)


@pytest.mark.parametrize("code", ["EPSG:4326", "EPSG:3857", "EPSG:9214"])
def test_pixels_need_not_be_square(client: httpx.Client, code: str) -> None:
    """The box is what is asked for, whatever its shape: it must not be widened to that of the picture."""
    step = STEPS.get(code, 1.0)
    size, pixel = (401, 201), (300.5, 50.5)
    box = box_about(code, size, pixel, (step, 3 * step))
    query = map_query(code, bbox=written(box, code, "1.3.0"), width=size[0], height=size[1])
    image = image_of(client.get("/wms", params=query))
    assert image.size == size
    assert centre_of_red(image) == pytest.approx(pixel, abs=0.15)


@pytest.mark.parametrize("side", [256, 100])
def test_the_whole_world_has_its_marks(client: httpx.Client, side: int) -> None:
    """Smaller than the 512 px at which styles begin: would fail if nothing were drawn there, as all begin at zoom 0."""
    half = 20037508.342789244
    x, y = place_in("EPSG:3857")
    column, row = ((x + half) / (2 * half) * side, (half - y) / (2 * half) * side)
    query = map_query(bbox=f"{-half},{-half},{half},{half}", width=side, height=side)
    answers = [client.get("/wms", params=query)]
    if side == 256:
        answers.append(client.get("/tiles/test_marks/0/0/0.png"))
    for answer in answers:
        assert centre_of_red(image_of(answer)) == pytest.approx((column, row), abs=0.3)
    asked = query | {
        "request": "GetFeatureInfo",
        "query_layers": "test_marks",
        "info_format": "application/json",
        "i": str(int(column)),
        "j": str(int(row)),
    }
    assert len(client.get("/wms", params=asked).json()["features"]) == 1


def test_the_edge_of_an_area_is_between_two_pixels(client: httpx.Client) -> None:
    """The area ends at the mark's longitude: left of it all is blue, right of it nothing is."""
    box = box_about("EPSG:3857", (200, 200), (100, 100), (1.0, 1.0))
    query = map_query(layers="test_areas", bbox=written(box, "EPSG:3857", "1.3.0"), width=200, height=200)
    image = image_of(client.get("/wms", params=query)).convert("RGB")
    assert image.getpixel((99, 100)) == BLUE
    assert image.getpixel((100, 100)) == WHITE


def test_layers_are_drawn_in_their_order(client: httpx.Client) -> None:
    """The first is the lowest: the mark lies over the area or under it."""
    for layers, colour in (("test_areas,test_marks", RED), ("test_marks,test_areas", BLUE)):
        image = image_of(client.get("/wms", params=map_query(layers=layers, styles=","))).convert("RGB")
        assert image.getpixel((98, 100)) == colour


def test_styles_backgrounds_and_formats(client: httpx.Client) -> None:
    def corner_and_middle(**changes: Any) -> tuple[Any, Any]:
        image = image_of(client.get("/wms", params=map_query(**changes)))
        return image.getpixel((3, 3)), image.getpixel((100, 100))

    assert corner_and_middle() == ((*WHITE, 255), (*RED, 255))
    assert corner_and_middle(styles="green") == ((*WHITE, 255), (0, 255, 0, 255))
    assert corner_and_middle(bgcolor="0x112233") == ((17, 34, 51, 255), (*RED, 255))
    assert corner_and_middle(transparent="TRUE")[0][3] == 0
    assert corner_and_middle(transparent="TRUE", format="image/png; mode=8bit")[0][3] == 0
    assert corner_and_middle(transparent="TRUE", format="image/webp")[0][3] == 0
    assert corner_and_middle(transparent="TRUE", format="image/jpeg")[0] == (*WHITE, 255)
    for format_ in ("image/png", "image/png; mode=8bit", "image/webp", "image/jpeg"):
        answer = client.get("/wms", params=map_query(format=format_))
        assert answer.headers["content-type"] == format_.partition(";")[0]
    eight_bit = client.get("/wms", params=map_query(format="image/png; mode=8bit"))
    assert Image.open(io.BytesIO(eight_bit.content)).mode == "P"


def test_a_print_at_300_dpi_is_the_same_map(client: httpx.Client) -> None:
    """QGIS prints with more pixels and says so: the disc grows with them, its place stays."""
    plain = image_of(client.get("/wms", params=map_query()))
    dense = image_of(
        client.get(
            "/wms", params=map_query(width=603, height=603, map_resolution=288, bbox=map_query()["bbox"])
        )
    )
    assert dense.size == (603, 603)
    assert centre_of_red(dense) == pytest.approx((301.5, 301.5), abs=0.4)

    def area(image: Image.Image) -> float:
        pixels = np.asarray(image, dtype=float)
        return float((pixels[..., 0] - pixels[..., 1]).clip(0).sum() / 255)

    assert area(dense) / area(plain) == pytest.approx(9, rel=0.05)


def test_a_picture_where_nothing_is_is_empty(client: httpx.Client) -> None:
    for changes in (
        {"bbox": "0,0,1000,1000"},
        {"bbox": "-10,90,10,110", "crs": "CRS:84"},
        {"bbox": "80,-10,110,10", "crs": "EPSG:4326"},
        {"bbox": "9000000,0,9000100,100", "crs": "EPSG:9214"},
    ):
        image = image_of(client.get("/wms", params=map_query(bgcolor="0x00FF00", **changes)))
        assert colours_of(image) == {(0, 255, 0, 255)}


def test_boxes_of_the_whole_world_are_drawn(client: httpx.Client) -> None:
    """Poles and beyond: Web Mercator has no place for them, and must not fail over it."""
    for code, box in (
        ("CRS:84", "-180,-90,180,90"),
        ("CRS:84", "-300,-150,300,150"),
        ("EPSG:4326", "-90,-180,90,180"),
        ("EPSG:3857", "-20037508,-20037508,20037508,20037508"),
        ("EPSG:3857", "-1e8,-1e8,1e8,1e8"),
        ("EPSG:9214", "-9000000,-9000000,9000000,9000000"),
        ("EPSG:3405", "0,0,1000000,3000000"),
    ):
        query = map_query(crs=code, bbox=box, width=300, height=300)
        assert image_of(client.get("/wms", params=query)).size == (300, 300)


def test_time_chooses(client: httpx.Client) -> None:
    """Two epochs at one place: which one is valid then is drawn and found."""
    query = map_query(
        layers="test_epochs", query_layers="test_epochs", request="GetFeatureInfo", i=100, j=100
    )
    query |= {"info_format": "application/json", "feature_count": "10"}
    x, y = 107.58, 16.46
    query |= {"crs": "CRS:84", "bbox": f"{x - 0.01},{y - 0.01},{x + 0.01},{y + 0.01}"}

    def names(**time_: str) -> set[str]:
        found = client.get("/wms", params={**query, **time_}).json()
        return {each["properties"]["name"] for each in found["features"]}

    assert names(time="2025-06-30") == {"old"}
    assert names(time="2025-07-01T00:00:00Z") == {"new"}
    assert names(time="2025-06") == {"old"}
    assert names(time="2025") == {"old", "new"}
    assert names(time="2024-01-01/2025-08-01") == {"old", "new"}
    assert names(time="1990-01-01") == set()


# What lies at a pixel ---------------------------------------------------------------------------------------------


def found_at(client: httpx.Client, query: dict[str, str]) -> list[dict[str, Any]]:
    answer = client.get("/wms", params=query)
    assert answer.status_code == 200 and "json" in answer.headers["content-type"], answer.text
    return list(answer.json()["features"])


@pytest.mark.parametrize("version", ["1.3.0", "1.1.1"])
@pytest.mark.parametrize("code", CODES)
def test_a_click_on_the_mark_finds_it(client: httpx.Client, code: str, version: str) -> None:
    (feature,) = found_at(client, info_query(code, version))
    assert feature["id"] == "test_marks.1"
    assert feature["geometry"]["coordinates"] == pytest.approx(PLACE, abs=1e-6)
    assert "secret" not in feature["properties"]


@pytest.mark.parametrize("code", ["EPSG:4326", "EPSG:9214"])
def test_a_click_reaches_as_far_as_the_symbol(client: httpx.Client, code: str) -> None:
    """The disc has a radius of 4 px; with pixels three times as high as wide it is still 4 px each way."""
    step = STEPS.get(code, 1.0)
    box = box_about(code, (201, 201), (100.5, 100.5), (step, 3 * step))
    query = info_query(code, bbox=written(box, code, "1.3.0"))
    for column, row, hit in ((103, 100, True), (106, 100, False), (100, 103, True), (100, 106, False)):
        assert bool(found_at(client, {**query, "i": str(column), "j": str(row)})) is hit, (column, row)


def test_an_area_is_what_lies_under_the_pixel(client: httpx.Client) -> None:
    query = info_query(layers="test_areas", query_layers="test_areas")
    assert [each["id"] for each in found_at(client, {**query, "i": "95"})] == ["test_areas.1"]
    assert found_at(client, {**query, "i": "105"}) == []


def test_people_read_labels_and_words(client: httpx.Client) -> None:
    """Codes as their words, decimals and dates as the language has them; what is not for citizens nowhere."""
    plain = client.get("/wms", params=info_query(info_format="text/plain"))
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    for line in ("Tên: Huế <1>", "Loại: Loại a", "Chiều cao: 1.250,5\u00a0m", "Ngày thấy: 01/07/2025"):
        assert line in plain.text.splitlines()
    english = client.get("/wms", params=info_query(info_format="text/plain", language="en")).text
    assert "Height: 1,250.5\u00a0m" in english
    answer = client.get("/wms", params=info_query(info_format="text/html"))
    page, styles = answer.text, answer.headers.get_list("content-security-policy")[0]
    (style,) = re.findall(r"<style>(.*?)</style>", page)
    # The policy of all pages, and this one style by its digest: no other that a feature's text could bring.
    assert f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" in styles
    assert "default-src 'none'" in styles and answer.headers["x-frame-options"] == "DENY"
    assert "Huế &lt;1&gt;" in page and "<1>" not in page
    gml = etree.fromstring(
        client.get("/wms", params=info_query(info_format="application/vnd.ogc.gml")).content
    )
    assert gml.findtext(".//{urn:huong:layers}name") == "Huế <1>"
    # Programs keep the codes, and have beside them what people call them.
    for language, words in (("vi", "Loại a"), ("en", "Kind a")):
        (feature,) = found_at(client, info_query(language=language))
        assert (feature["properties"]["kind"], feature["properties"]["kind.label"]) == ("a", words)
        assert "name.label" not in feature["properties"]
    assert gml.findtext(".//{urn:huong:layers}kind") == "a"
    assert gml.findtext(".//{urn:huong:layers}kind.label") == "Loại a"
    members = [etree.QName(each).localname for each in gml.find(".//{urn:huong:layers}test_marks")]
    assert members[-2:] == ["kind.label", "geom"], "QGIS reads nothing that comes after the place"
    position = gml.findtext(".//{http://www.opengis.net/gml}pos").split()
    assert len(position) == 2
    for body in (plain.text, english, page, etree.tostring(gml).decode()):
        assert "bí mật" not in body


def test_feature_count_is_one_unless_said(client: httpx.Client) -> None:
    both = info_query(layers="test_areas,test_marks", styles=",", query_layers="test_marks,test_areas", i=99)
    assert len(found_at(client, both)) == 2
    assert len(found_at(client, {**info_query(feature_count=None)})) == 1


# Capabilities -----------------------------------------------------------------------------------------------------


def test_capabilities_name_only_what_the_caller_sees(client: httpx.Client, marked: TileCity) -> None:
    document = client.get("/wms", params={"service": "WMS", "request": "GetCapabilities"})
    root = etree.fromstring(document.content)
    spaces = {"w": "http://www.opengis.net/wms"}
    names = root.xpath("//w:Layer/w:Name/text()", namespaces=spaces)
    assert {"basemap", "test_marks", "test_areas", "test_epochs"} <= set(names)
    group = root.xpath("//w:Layer[w:Title='Nhóm thử']/w:Layer/w:Name/text()", namespaces=spaces)
    assert set(group) == {"test_marks", "test_areas"}
    assert root.xpath("//w:Layer[w:Name='test_marks']/w:Style/w:Name/text()", namespaces=spaces) == [
        "default",
        "green",
    ]
    (span,) = root.xpath("//w:Layer[w:Name='test_epochs']/w:Dimension", namespaces=spaces)
    assert span.get("name") == "time" and span.text.startswith("2000-01-01/")
    box = root.xpath("//w:Layer[w:Name='test_marks']/w:BoundingBox[@CRS='EPSG:4326']", namespaces=spaces)[0]
    assert float(box.get("minx")) == pytest.approx(PLACE[1], abs=1e-5)  # latitude first
    box = root.xpath("//w:Layer[w:Name='test_marks']/w:BoundingBox[@CRS='CRS:84']", namespaces=spaces)[0]
    assert float(box.get("minx")) == pytest.approx(PLACE[0], abs=1e-5)


def test_capabilities_are_known_by_their_tag(client: httpx.Client) -> None:
    query = {"service": "WMS", "request": "GetCapabilities"}
    first = client.get("/wms", params=query)
    again = client.get("/wms", params=query, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    english = client.get("/wms", params=query, headers={"Accept-Language": "en"})
    assert english.headers["etag"] != first.headers["etag"] and "Test marks" in english.text


def test_versions_are_negotiated(client: httpx.Client) -> None:
    """OGC 06-042, 6.2.4: the highest that is not above the one asked for, else the lowest."""
    for asked, got in (
        ("", "1.3.0"),
        ("1.3.0", "1.3.0"),
        ("1.1.1", "1.1.1"),
        ("9.9.9", "1.3.0"),
        ("1.2.0", "1.1.1"),
        ("0.0.1", "1.1.1"),
    ):
        query = {"service": "WMS", "request": "GetCapabilities", "version": asked}
        root = etree.fromstring(client.get("/wms", params=query).content, etree.XMLParser(load_dtd=False))
        assert root.get("version") == got, asked
