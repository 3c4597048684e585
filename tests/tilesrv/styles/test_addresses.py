"""Styles and legends at their addresses: complete, the reader's own, asked again for nothing, refused in words."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from PIL import Image

from gis_core.layer import DeclaredStyle
from gis_core.words import Text
from tests.tilesrv.conftest import TileCity, plots, publish

HOLDER = {
    "id": "shown",
    "type": "fill",
    "paint": {"fill-color": ["match", ["get", "holder"], "Nguyễn Văn 3", "#123456", "#aa0000"]},
}
BY_KIND = {
    "id": "fill",
    "type": "fill",
    "paint": {"fill-color": ["match", ["get", "kind"], "house", "#ff0000", "field", "@map-green", "#0000ff"]},
}
FORMS = {
    "/styles/test_plots.json": "application/json",
    "/styles/test_plots.sld": "application/vnd.ogc.sld+xml;version=1.1",
    "/styles/test_plots.qml": "application/vnd.qgis.qml+xml",
    "/styles/test_plots:owners.json": "application/json",
    "/legend/test_plots.json": "application/json",
    "/legend/test_plots.svg": "image/svg+xml",
    "/legend/test_plots.png": "image/png",
    "/styles/": "application/json",
    "/styles/icons/circle.svg?fill=ff0000": "image/svg+xml",
    "/ogcapi/styles": "application/json",
    "/ogcapi/styles/test_plots": "application/vnd.mapbox.style+json",
    "/ogcapi/styles/test_plots?f=sld11": "application/vnd.ogc.sld+xml;version=1.1",
    "/ogcapi/styles/test_plots?f=qml": "application/vnd.qgis.qml+xml",
    "/ogcapi/styles/test_plots/metadata": "application/json",
    "/ogcapi/collections/test_plots/styles": "application/json",
}


@pytest.fixture(scope="module")
def styled(tile_servers: TileCity) -> TileCity:
    named = (("default", BY_KIND), ("owners", HOLDER))
    styles = tuple(DeclaredStyle(id=id, title=Text(f"Kiểu {id}", id), layers=(layer,)) for id, layer in named)
    publish(tile_servers.config, plots(styles=styles))
    return tile_servers


@pytest.fixture
def client(city: object, styled: TileCity) -> Iterator[httpx.Client]:
    with styled.client() as opened:
        for _ in range(50):
            if "owners" in opened.get("/styles/").text:
                break
        yield opened


@pytest.mark.parametrize(("path", "media_type"), FORMS.items())
def test_each_form_is_served_and_asked_again_for_nothing(
    client: httpx.Client, path: str, media_type: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == "no-cache"
    assert {"Authorization", "Cookie", "Accept-Language"} <= set(answer.headers["vary"].split(", "))
    etag = answer.headers["etag"]
    assert etag.startswith('"')  # a strong one
    again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag
    assert client.get(path).headers["etag"] == etag
    assert client.head(path).headers["etag"] == etag


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/styles/nothing.json", 404, "no-such-collection"),
        ("/styles/test_plots:nothing.json", 404, "no-such-style"),
        ("/styles/test_plots.xml", 404, "no-such-style"),
        ("/styles/test_plots", 404, "no-such-style"),
        ("/styles/../etc/passwd.json", 404, None),
        ("/styles/test_plots@2x.json", 404, "no-such-style"),
        ("/styles/basemap.qml", 404, "no-such-format"),
        ("/styles/test_plots.json?mode=dusk", 400, "invalid-mode"),
        ("/styles/test_plots.json?lang=fr", 400, "bad-lang"),
        ("/styles/test_plots.json?x=1", 400, "unknown-parameter"),
        ("/styles/icons/nothing.svg", 404, "no-such-icon"),
        ("/styles/icons/circle.svg?fill=red", 400, "bad-icon"),
        ("/styles/icons/circle.svg?halo-width=1e9", 400, "bad-icon"),
        ("/legend/test_plots.gif", 404, "no-such-style"),
        ("/legend/test_plots.png?scale=99", 400, "bad-scale"),
        ("/legend/test_plots.svg?scale=2", 400, "unknown-parameter"),
        ("/ogcapi/styles/nothing", 404, "no-such-collection"),
        ("/ogcapi/styles/nothing/metadata", 404, "no-such-style"),
        ("/ogcapi/styles/test_plots?f=geostyler", 400, "bad-f"),
        ("/ogcapi/collections/nothing/styles", 404, "no-such-collection"),
    ],
)
def test_what_there_is_not_is_said(client: httpx.Client, path: str, status: int, code: str | None) -> None:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert code is None or problem["code"] == code
    english = client.get(path, headers={"Accept-Language": "en"}).json()
    assert english["detail"] != problem["detail"]


def test_the_document_is_complete(client: httpx.Client) -> None:
    """Every address in it is whole, and leads somewhere."""
    style = client.get("/styles/test_plots.json").json()
    assert style["version"] == 8
    assert style["metadata"] == {
        "huong:style": "test_plots",
        "huong:mode": "day",
        "huong:title": {"vi": "Thửa thử: Kiểu default", "en": "Test plots: default"},
    }
    base = str(client.base_url).rstrip("/")
    source = style["sources"]["test_plots"]
    assert source == {
        "type": "vector",
        "url": f"{base}/tiles/test_plots.json",
        "attribution": "Nguồn &lt;thử&gt;",
    }
    assert client.get(source["url"]).json()["tiles"]
    assert client.get(f"{style['sprite']}.json").json()["circle"]["sdf"] is True
    glyphs = style["glyphs"].replace("{fontstack}", "Be Vietnam Pro Regular").replace("{range}", "0-255")
    assert client.get(glyphs).status_code == 200
    # Its own drawing, above that of the cells which a full layer is from afar.
    assert [layer["id"] for layer in style["layers"]] == ["test_plots:cell", "fill"]
    assert {(layer["source"], layer["source-layer"]) for layer in style["layers"]} == {("test_plots",) * 2}


def test_modes_and_languages(client: httpx.Client) -> None:
    day, night, printed = (
        client.get(f"/styles/test_plots.json?mode={mode}").json() for mode in ("day", "night", "print")
    )
    colours = {json.dumps(each["layers"][-1]["paint"]["fill-color"]) for each in (day, night, printed)}
    assert len(colours) == 3 and "@" not in "".join(colours)
    assert client.get("/styles/test_plots.json?lang=en").json()["name"] == "Test plots: default"
    assert (
        client.get("/styles/test_plots.json", headers={"Accept-Language": "en"}).json()["name"]
        == "Test plots: default"
    )


def test_what_is_not_the_citizens_is_in_no_form_of_it(client: httpx.Client) -> None:
    """The holder is the land office's: neither the field nor what it is compared with, nor its colour."""
    for path in ("styles/test_plots:owners.{}", "legend/test_plots:owners.{}"):
        for form in ("json", "sld", "qml", "svg"):
            answer = client.get(f"/{path.format(form)}")
            if answer.status_code == 200:
                for secret in ("holder", "Nguyễn", "#123456", "18,52,86"):
                    assert secret not in answer.text, f"{secret} in {path} as {form}"
                assert "#aa0000" in answer.text or "170,0,0" in answer.text


def test_legends_for_dense_screens(client: httpx.Client) -> None:
    def size(query: str) -> tuple[int, int]:
        return Image.open(io.BytesIO(client.get(f"/legend/test_plots{query}").content)).size

    plain = size(".png")
    assert size("@2x.png") == size(".png?scale=2") == (2 * plain[0], 2 * plain[1])


def test_the_sld_is_a_document_of_its_standard(client: httpx.Client) -> None:
    root = ET.fromstring(client.get("/styles/test_plots.sld").content)
    assert root.tag == "{http://www.opengis.net/sld}StyledLayerDescriptor" and root.get("version") == "1.1.0"
    rules = root.findall(".//{http://www.opengis.net/se}Rule")
    assert len(rules) == 3
    order = {"Name": 0, "Description": 1, "Filter": 2, "MinScaleDenominator": 3, "MaxScaleDenominator": 4}
    for rule in rules:
        places = [order.get(child.tag.partition("}")[2], 5) for child in rule]
        assert places == sorted(places)


# OGC API - Styles -------------------------------------------------------------------------------------------------


def hrefs(links: list[dict[str, Any]], rel: str) -> list[str]:
    return [link["href"] for link in links if link["rel"] == rel]


def test_every_link_of_the_styles_api_resolves_to_its_type(client: httpx.Client) -> None:
    styles = client.get("/ogcapi/styles").json()
    ids = [style["id"] for style in styles["styles"]]
    assert {"test_plots", "test_plots:owners"} <= set(ids) and styles["default"] == ids[0]
    mine = next(style for style in styles["styles"] if style["id"] == "test_plots")
    assert len(hrefs(mine["links"], "stylesheet")) == 3
    for link in mine["links"]:
        answer = client.get(link["href"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, link["type"])
    metadata = client.get(hrefs(mine["links"], "describedby")[0]).json()
    assert metadata["id"] == "test_plots" and [layer["id"] for layer in metadata["layers"]] == ["test_plots"]
    assert [sheet["native"] for sheet in metadata["stylesheets"]] == [True, False, False]
    preview = client.get(hrefs(metadata["links"], "preview")[0])
    assert preview.headers["content-type"] == "image/png"
    own = client.get("/ogcapi/collections/test_plots/styles").json()
    assert [style["id"] for style in own["styles"]] == ["test_plots", "test_plots:owners"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/vnd.ogc.sld+xml", "application/vnd.ogc.sld+xml;version=1.1"),
        ("application/vnd.mapbox.style+json", "application/vnd.mapbox.style+json"),
        ("application/vnd.qgis.qml+xml", "application/vnd.qgis.qml+xml"),
        ("*/*", "application/vnd.mapbox.style+json"),
    ],
)
def test_the_form_is_chosen_by_accept(client: httpx.Client, accept: str, media_type: str) -> None:
    assert (
        client.get("/ogcapi/styles/test_plots", headers={"Accept": accept}).headers["content-type"]
        == media_type
    )


def test_a_form_that_there_is_not(client: httpx.Client) -> None:
    assert client.get("/ogcapi/styles/test_plots", headers={"Accept": "image/png"}).status_code == 406
