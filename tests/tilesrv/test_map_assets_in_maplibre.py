"""Sprites, glyphs and terrain as MapLibre draws them in a real browser, from the tile server's own addresses."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

from gis_core.terrain import Terrain
from imports.terrain.run import TerrainRequest, import_terrain
from tests.clients.same_picture.maplibre import opened_page
from tests.tilesrv.conftest import TileCity

PLACE = (107.55, 16.45)
WHITE = {"id": "ground", "type": "background", "paint": {"background-color": "#ffffff"}}


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    yield from opened_page(300)


def drawn(page: Page, style: dict[str, Any], zoom: float = 10) -> NDArray[np.int64]:
    """RGB of the map about PLACE; whatever MapLibre complains of fails the test."""
    answer = page.evaluate(
        "([style, center, zoom]) => window.drawn(style, center, zoom)", [style, PLACE, zoom]
    )
    assert answer["errors"] == []
    body = base64.b64decode(answer["picture"].partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(body)).convert("RGB")).astype(int)


def symbol(url: str, *, layout: dict[str, Any], paint: dict[str, Any], glyphs: bool = True) -> dict[str, Any]:
    point = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": PLACE}}
    layer = {"id": "mark", "type": "symbol", "source": "place", "layout": layout, "paint": paint}
    style: dict[str, Any] = {
        "version": 8,
        "sprite": f"{url}/sprites/huong",
        "sources": {"place": {"type": "geojson", "data": point}},
        "layers": [WHITE, layer],
    }
    return style | ({"glyphs": f"{url}/fonts/{{fontstack}}/{{range}}.pbf"} if glyphs else {})


def span(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = mask.nonzero()
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def test_an_icon_has_the_colour_and_the_halo_of_the_style(page: Page, tile_city: TileCity) -> None:
    """The square is 14 px wide; at size 3 and with a halo of 4 px it is 42, then 50 px wide."""
    style = symbol(
        tile_city.urls[0],
        layout={"icon-image": "square", "icon-size": 3},
        paint={"icon-color": "#0072b2", "icon-halo-color": "#ff0000", "icon-halo-width": 4},
    )
    picture = drawn(page, style)
    blue = (picture[..., 2] > 120) & (picture[..., 0] < 60)
    red = (picture[..., 0] > 200) & (picture[..., 2] < 90)
    left, upper, right, lower = span(blue)
    assert (right - left, lower - upper) == pytest.approx((42, 42), abs=2)
    assert ((left + right) / 2, (upper + lower) / 2) == pytest.approx((picture.shape[1] / 2,) * 2, abs=1)
    left, upper, right, lower = span(red)
    assert (right - left, lower - upper) == pytest.approx((50, 50), abs=2)
    middle = picture[picture.shape[0] // 2, picture.shape[1] // 2]
    assert middle.tolist() == [0x00, 0x72, 0xB2]


def test_a_pattern_keeps_its_own_colour(page: Page, tile_city: TileCity) -> None:
    style = symbol(tile_city.urls[0], layout={"icon-image": ""}, paint={})
    style["layers"][1] = {"id": "sea", "type": "background", "paint": {"background-pattern": "hatch"}}
    picture = drawn(page, style)
    darkness = 765 - picture.sum(axis=2)
    assert 0.1 < (darkness > 200).mean() < 0.3 and (darkness < 60).mean() > 0.4
    darkest = picture[np.unravel_index(darkness.argmax(), darkness.shape)]
    assert darkest == pytest.approx((0x6B, 0x72, 0x80), abs=25)  # a stripe of 1.4 px covers no px altogether


def test_names_from_glyphs_are_those_of_the_typeface(page: Page, tile_city: TileCity) -> None:
    """The same name drawn from our PBFs and by the browser from the TrueType file: the same place and ink.

    Both take the letters of Vietnamese, three ranges of them; a wrong metric would move or overlap them.
    """
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    layout = {"text-field": "Đường Huế", "text-size": 40, "text-max-width": 40}
    pictures = []
    for font, glyphs in (("Be Vietnam Pro Regular", True), ("Be Vietnam Pro", False)):
        style = symbol(
            tile_city.urls[0],
            layout=layout | {"text-font": [font]},
            paint={"text-color": "#000000"},
            glyphs=glyphs,
        )
        pictures.append(drawn(page, style).sum(axis=2) < 384)
    ranges = {url.rpartition("/")[2] for url in asked if "/fonts/Be%20Vietnam%20Pro%20Regular/" in url}
    assert ranges == {"0-255.pbf", "256-511.pbf", "7680-7935.pbf"}
    ours, browsers = span(pictures[0]), span(pictures[1])
    assert ours[0] > 0 and ours[2] < pictures[0].shape[1] and ours[2] - ours[0] > 180
    # Advances are whole px of 24 to the em here, parts of px there: half a px a letter at this size.
    assert ours == pytest.approx(browsers, abs=3)
    assert pictures[0].sum() == pytest.approx(pictures[1].sum(), rel=0.08)
    shared = max(
        (np.roll(pictures[0], (down, right), (0, 1)) & pictures[1]).sum()
        for down in range(-3, 4)
        for right in range(-3, 4)
    )
    assert shared > 0.7 * pictures[1].sum()


@pytest.fixture
def hill(tile_city: TileCity, tmp_path: Path) -> Iterator[TileCity]:
    """A height model: 200 m west of the middle, 600 m east of it, a slope of 6 km between them."""
    columns = np.clip((np.arange(400) - 170) * 400 / 60 + 200, 200, 600)
    heights = np.broadcast_to(columns, (400, 400)).astype(np.float32)
    file = tmp_path / "hill.tif"
    place = Affine(0.001, 0, PLACE[0] - 0.2, 0, -0.001, PLACE[1] + 0.2)
    profile = {"driver": "GTiff", "count": 1, "width": 400, "height": 400, "dtype": "float32"}
    with rasterio.open(file, "w", crs="EPSG:4326", transform=place, **profile) as raster:
        raster.write(heights, 1)
    import_terrain(TerrainRequest(files=(file,)), tile_city.var)
    yield tile_city
    Terrain(tile_city.var).remove()


def terrain_style(city: TileCity, layer: dict[str, Any]) -> dict[str, Any]:
    """The encoding and the size of tiles come from the TileJSON alone, as our style documents leave them to it."""
    source = {"type": "raster-dem", "url": f"{city.urls[0]}/tiles/terrain.json"}
    return {"version": 8, "sources": {"terrain": source}, "layers": [WHITE, {"source": "terrain", **layer}]}


def test_maplibre_reads_the_heights(page: Page, hill: TileCity) -> None:
    """Grey of 0 for 0 m to 255 for 1020 m: 50 and 150 on the two levels."""
    ramp = ["interpolate", ["linear"], ["elevation"], 0, "#000000", 1020, "#ffffff"]
    layer = {"id": "colour", "type": "color-relief", "paint": {"color-relief-color": ramp}}
    picture = drawn(page, terrain_style(hill, layer), 10)
    west, east = picture[100, 20], picture[100, -20]
    assert west == pytest.approx([50] * 3, abs=2) and east == pytest.approx([150] * 3, abs=2)


def test_maplibre_shades_the_hill(page: Page, hill: TileCity) -> None:
    layer = {"id": "shade", "type": "hillshade", "paint": {"hillshade-illumination-direction": 90}}
    picture = drawn(page, terrain_style(hill, layer), 10).sum(axis=2)
    assert picture[:, 5].min() == picture[:, -5].min() == 765  # level ground is left white
    assert (picture[picture.shape[0] // 2] < 760).sum() > 20
