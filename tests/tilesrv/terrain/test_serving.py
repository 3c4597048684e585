"""Terrain over HTTP: two tile processes, no model at first, then one, then another."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import Image

from gis_core.terrain import Terrain
from imports.terrain.run import TerrainRequest, import_terrain
from tests.tilesrv.conftest import TileCity
from tests.tilesrv.terrain.test_elevation import decoded, tile_over

PLACE = (107.55, 16.45)


@pytest.fixture
def no_model(tile_city: TileCity) -> TileCity:
    Terrain(tile_city.var).remove()
    pictures = tile_city.var / "tilecache" / "pictures"
    until(lambda: not [*pictures.rglob("*.png")])
    return tile_city


def until(is_so: Callable[[], bool], within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.05)


def put(city: TileCity, folder: Path, height: int, credit: str = "") -> int:
    """Make the height model a table land of ``height`` m with a hill; its finest zoom."""
    heights = np.full((100, 100), height, np.int16)
    heights[40:60, 40:60] += (30 - np.abs(np.arange(20) - 10))[None, :].astype(np.int16)
    heights[:, :40] = -1
    file = folder / f"h{height}.tif"
    place = Affine(0.001, 0, 107.5, 0, -0.001, 16.5)
    profile = {"driver": "GTiff", "count": 1, "width": 100, "height": 100, "dtype": "int16", "nodata": -1}
    with rasterio.open(file, "w", crs="EPSG:4326", transform=place, **profile) as raster:
        raster.write(heights, 1)
    return import_terrain(TerrainRequest(files=(file,), credit=credit), city.var).zoom


def is_of(file: Path, height: int) -> bool:
    return bool(decoded(file.read_bytes()).max() > height)


def at(kind: str, zoom: int, *, end: str = ".png") -> str:
    tile = tile_over(*PLACE, zoom)
    return f"/tiles/{kind}/{tile.z}/{tile.x}/{tile.y}{end}"


def test_without_a_model_nothing_is_made_up(no_model: TileCity) -> None:
    with no_model.client() as client:
        for path in ("/tiles/terrain.json", "/tiles/hillshade.json", at("terrain", 11), at("hillshade", 11)):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "no-terrain"), path
            assert "huong terrain" in answer.json()["detail"]


def test_tilejson_says_how_to_read_the_tiles(no_model: TileCity, tmp_path: Path) -> None:
    zoom = put(no_model, tmp_path, 100, credit="Sở <TN&MT>")
    with no_model.client() as client:
        heights, shaded = (client.get(f"/tiles/{kind}.json").json() for kind in ("terrain", "hillshade"))
        assert heights["encoding"] == "terrarium" and "encoding" not in shaded
        assert (heights["tileSize"], heights["minzoom"], heights["maxzoom"]) == (256, zoom - 8, zoom)
        assert shaded["maxzoom"] == zoom + 3
        assert heights["bounds"] == pytest.approx([107.5, 16.4, 107.6, 16.5], abs=1e-5)
        assert heights["attribution"] == "Sở &lt;TN&amp;MT&gt;"  # readers show it as HTML
        template = heights["tiles"][0].removeprefix(no_model.urls[0])
        tile = tile_over(*PLACE, zoom)
        answer = client.get(template.format(z=tile.z, x=tile.x, y=tile.y))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("back", [0, 1, 4, 8])
def test_heights_at_every_zoom(no_model: TileCity, tmp_path: Path, back: int) -> None:
    zoom = put(no_model, tmp_path, 100)
    with no_model.client() as client:
        values = decoded(client.get(at("terrain", zoom - back)).content)
        assert values.shape == (256, 256)
        assert {0.0, 100.0} <= set(values.flatten().tolist()) or back == 8
        assert 100 <= values.max() <= 130


def test_relief_is_a_picture_to_lay_over_a_map(no_model: TileCity, tmp_path: Path) -> None:
    zoom = put(no_model, tmp_path, 100)
    with no_model.client() as client:
        for end, side in ((".png", 256), ("@2x.png", 512)):
            picture = Image.open(io.BytesIO(client.get(at("hillshade", zoom + 1, end=end)).content))
            grey, opacity = (np.asarray(each) for each in picture.split())
            assert picture.size == (side, side)
            assert (opacity == 0).mean() > 0.5 and opacity.max() > 3
            assert set(np.unique(grey[opacity > 0])) == {0, 255}


def test_tiles_beyond_the_model_are_not_there(no_model: TileCity, tmp_path: Path) -> None:
    zoom = put(no_model, tmp_path, 100)
    far = tile_over(100.0, 10.0, zoom)
    refused = [
        f"/tiles/terrain/{zoom}/{far.x}/{far.y}.png",
        at("terrain", zoom + 1), at("hillshade", zoom + 4), at("terrain", zoom - 9),
        at("terrain", zoom, end="@2x.png"), at("terrain", zoom, end=".webp"), at("hillshade", zoom, end=".jpg"),
        "/tiles/terrain/11/x/1.png", "/tiles/terrain/11/-1/1.png", "/tiles/hillshade/99/1/1.png",
    ]  # fmt: skip
    with no_model.client() as client:
        for path in refused:
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "no-such-tile"), path
        assert client.get(at("terrain", zoom) + "?t=2020-01-01").status_code == 400


def test_a_tile_of_nothing_known_is_empty(no_model: TileCity, tmp_path: Path) -> None:
    """The western part has no data: at a zoom where a tile lies in it altogether there is nothing to shade."""
    zoom = put(no_model, tmp_path, 100) + 3
    tile = tile_over(107.515, 16.45, zoom)
    with no_model.client() as client:
        answer = client.get(f"/tiles/hillshade/{tile.z}/{tile.x}/{tile.y}.png")
        assert (answer.status_code, answer.content) == (204, b"")


def test_a_new_model_is_seen_by_every_process_and_no_old_tile_is_kept(
    no_model: TileCity, tmp_path: Path
) -> None:
    zoom = put(no_model, tmp_path, 100)
    path = at("terrain", zoom)
    kept = no_model.var / "tilecache" / "pictures" / path.removeprefix("/tiles/")
    with no_model.client(0) as one, no_model.client(1) as other:
        first = one.get(path)
        assert decoded(first.content).max() == pytest.approx(129.9, abs=1)
        # What was drawn while the process still learned of the model is not kept; the next one is.
        until(lambda: one.get(path).status_code == 200 and kept.exists())
        assert kept.read_bytes() == first.content == other.get(path).content
        known = one.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
        put(no_model, tmp_path, 700)
        for client in (one, other):  # at once, whoever is asked
            assert decoded(client.get(path).content).max() == pytest.approx(729.9, abs=1)
        until(lambda: one.get(path).status_code == 200 and kept.exists() and is_of(kept, 700))
        Terrain(no_model.var).remove()
        until(lambda: not kept.exists())
        assert [client.get(path).status_code for client in (one, other)] == [404, 404]


def test_heights_are_not_drawn_on_the_loop_that_answers(no_model: TileCity, tmp_path: Path) -> None:
    """While tiles are drawn, whoever asks for anything else is answered."""
    zoom = put(no_model, tmp_path, 100)
    tile = tile_over(*PLACE, zoom + 3)
    with no_model.client() as client, httpx.Client(base_url=no_model.urls[0], timeout=60) as patient:
        client.get(at("hillshade", zoom))  # what they stand on is loaded
        with ThreadPoolExecutor(8) as pool:
            paths = [
                f"/tiles/hillshade/{tile.z}/{tile.x + i % 4}/{tile.y + i // 4}@2x.png" for i in range(16)
            ]
            asked = [pool.submit(client.get, path) for path in paths]
            meanwhile = 0
            while not all(each.done() for each in asked):
                assert patient.get("/healthz").status_code == 200
                meanwhile += 1
        assert {each.result().status_code for each in asked} <= {200, 204, 404}
        # On the loop one answer would fit between two tiles, and one before the first.
        assert meanwhile > len(paths) + 2, "it was answered between two tiles at best"
