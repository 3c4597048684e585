"""Relief in pictures: the right light at the right place in every CRS, and never of a model that counts no longer."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyproj
import pytest
from numpy.typing import NDArray
from PIL import Image
from pypdf import PdfReader

from gis_core.audiences import CITIZEN
from gis_core.problems import Problem
from gis_core.terrain import Terrain
from tests.tilesrv.conftest import THUAN_AN, TileCity
from tests.tilesrv.terrain import roof
from tests.tilesrv.terrain.test_elevation import tile_over
from tests.tilesrv.test_pictures import middle_of, middle_pixel, renderer_of
from tilesrv.matrix_sets import VN2000
from tilesrv.render.compiling import Compilations
from tilesrv.render.picture import Drawing, Picture
from tilesrv.render.picture_tiles import drawing_of
from tilesrv.styles.book import layer_style

WEST, EAST = (roof.EAVES + roof.RIDGE) / 2, (roof.RIDGE_END + roof.EAVES_END) / 2
FLAT = (roof.RIDGE + roof.RIDGE_END) / 2
GREY = (128, 128, 128)
RED = (255, 0, 0)
PAINTED: dict[str, dict[str, Any]] = {
    "bare": {},
    "faint": {"exaggeration": 0.2},
    "strong": {"exaggeration": 0.9},
}
OWN = {"shadow": (32, 48, 80, 1), "highlight": (255, 240, 200, 0.7), "accent": (96, 64, 32, 1)}
PAINTED["faint"] |= OWN
PAINTED["strong"] |= OWN


@pytest.fixture
def level(published: TileCity, tile_city: TileCity) -> TileCity:
    """The city without a height model."""
    Terrain(tile_city.var).remove()
    return tile_city


def picture_about(
    client: httpx.Client,
    column: float,
    zoom: float,
    name: str = "bare",
    end: str = "101x101.png",
    row: float = 200,
) -> Image.Image:
    lon, lat = roof.place(column, row)
    answer = client.get(f"/pictures/test_plots:{name}/{lon:.8f},{lat:.8f},{zoom:g}/{end}")
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content)).convert("RGB")


def middle(
    client: httpx.Client, column: float, zoom: float, name: str = "bare", **more: Any
) -> tuple[int, ...]:
    picture = picture_about(client, column, zoom, name, **more)
    pixel = picture.getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(pixel, tuple)
    return pixel


# Light ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAINTED)
@pytest.mark.parametrize(("zoom", "heights"), [(9.0, 10), (10.6, 12), (12.0, 13), (15.3, 13)])
def test_a_slope_has_the_light_that_maplibre_gives_it(
    relief: TileCity, name: str, zoom: float, heights: int
) -> None:
    """At the middle of each slope, for heights of the zoom that MapLibre would take, to its finest."""
    with relief.client() as client:
        found = [middle(client, column, zoom, name) for column in (WEST, EAST)]
        assert middle(client, FLAT, zoom, name) == GREY or zoom < 10
    for pixel, rising in zip(found, (True, False), strict=True):
        assert pixel == pytest.approx(roof.seen(heights, rising, **PAINTED[name]), abs=2.5)
    if name == "bare":
        assert (
            found[0][0] > 150 and found[1][0] < 105
        )  # the lit side is lighter than the ground, the other darker


def test_light_comes_from_where_the_style_says(relief: TileCity) -> None:
    """Light from the north-west shows both slopes less than light from the west, which they face."""
    with relief.client() as client:
        west, other = (middle(client, WEST, 12, name)[0] for name in ("bare", "from-north-west"))
    assert GREY[0] < other < west - 8


def test_paint_by_zoom_and_none(relief: TileCity) -> None:
    with relief.client() as client:
        assert middle(client, WEST, 11.9, "by-zoom") == GREY
        assert middle(client, WEST, 12.1, "by-zoom") != GREY
        assert middle(client, WEST, 12, "none") == GREY


def test_a_dense_picture_shows_the_same_in_more_px(relief: TileCity) -> None:
    with relief.client() as client:
        plain = picture_about(client, WEST, 12)
        dense = picture_about(client, WEST, 12, end="101x101@2x.png")
    assert dense.size == (202, 202)
    shrunk = np.asarray(dense.resize(plain.size, Image.Resampling.BOX)).astype(int)
    assert np.abs(shrunk - np.asarray(plain).astype(int)).max() <= 4


def test_relief_is_drawn_in_its_place_among_the_layers(relief: TileCity) -> None:
    """What lies above it is not shaded, what lies below it is."""
    found = {}
    with relief.client() as client:
        for name in ("default", "over", "plain"):
            found[name] = middle_pixel(client, middle_of(10, 10, THUAN_AN), f"test_plots:{name}")[:3]
    assert found["default"] == found["plain"] == RED
    assert found["over"][0] > 240 and 20 < found["over"][1] == found["over"][2] < 160  # white over red


# Places ---------------------------------------------------------------------------------------------------------------


def shaded_where(
    client: httpx.Client, code: str, box: tuple[float, ...], size: tuple[int, int], **more: str
) -> NDArray[np.int64]:
    flipped = code == "EPSG:4326"
    given = (box[1], box[0], box[3], box[2]) if flipped else box
    query = {
        "service": "WMS", "version": "1.3.0", "request": "GetMap", "layers": "test_plots", "styles": "bare",
        "crs": code, "bbox": ",".join(map(repr, given)), "width": str(size[0]), "height": str(size[1]),
        "format": "image/png", **more,
    }  # fmt: skip
    answer = client.get("/wms", params=query)
    assert answer.headers["content-type"].startswith("image/"), answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB")).astype(np.int64)


@pytest.mark.parametrize("size", [(420, 400), (300, 500)])
@pytest.mark.parametrize("code", ["EPSG:3857", "EPSG:4326", "CRS:84", "EPSG:9214", "EPSG:3405", "EPSG:3406"])
def test_every_px_is_lit_as_its_place_is(relief: TileCity, code: str, size: tuple[int, int]) -> None:
    """In each CRS, px square or not: light, shadow and level ground where they are, and nothing beyond the model.

    A datum shift left out would be 15 px wrong, swapped axes would find nothing.
    """
    srid = "EPSG:4326" if code == "CRS:84" else code
    there = pyproj.Transformer.from_crs("EPSG:3857", srid, always_xy=True)
    back = pyproj.Transformer.from_crs(srid, "EPSG:3857", always_xy=True)
    west, north = roof.origin()
    corners = (west - 20 * roof.CELL, north - 300 * roof.CELL, west + 400 * roof.CELL, north + 20 * roof.CELL)
    box = there.transform_bounds(*corners)
    with relief.client() as client:
        found = shaded_where(client, code, box, size)
    x = box[0] + (np.arange(size[0]) + 0.5) / size[0] * (box[2] - box[0])
    y = box[3] - (np.arange(size[1]) + 0.5) / size[1] * (box[3] - box[1])
    places = back.transform(*np.meshgrid(x, y))
    column, row = (places[0] - west) / roof.CELL, (north - places[1]) / roof.CELL

    def within(first: float, last: float) -> NDArray[np.bool_]:
        margin = 5  # px of the model: an edge is as wide as the difference that slopes are taken from
        return np.asarray((column > first + margin) & (column < last - margin) & (row > margin))

    beyond = (row < -1.5) | (column < -1.5)
    lit, dark = within(roof.EAVES, roof.RIDGE), within(roof.RIDGE_END, roof.EAVES_END)
    flat = within(2, roof.EAVES) | within(roof.RIDGE, roof.RIDGE_END) | within(roof.EAVES_END, 398)
    assert min(part.sum() for part in (beyond, lit, dark, flat)) > 5000
    assert (found[beyond] == 128).all() and (found[flat] == 128).all()
    for part, rising in ((lit, True), (dark, False)):
        wanted = roof.seen(13, rising)[0] if "3857" in code else np.median(found[part])
        assert np.abs(found[part] - wanted).max() <= 3
        assert (np.median(found[part]) > 160) if rising else (np.median(found[part]) < 95)


def test_a_px_of_the_model_is_a_px_of_the_picture(relief: TileCity) -> None:
    """Where both are as wide: a slope begins and ends half way through the px in which the heights bend."""
    west, north = roof.origin()
    box = (west + 50 * roof.CELL, north - 300 * roof.CELL, west + 350 * roof.CELL, north - 50 * roof.CELL)
    with relief.client() as client:
        found = shaded_where(client, "EPSG:3857", box, (300, 250))[125, :, 0]
    lit, dark = (roof.seen(13, rising)[0] for rising in (True, False))
    for column, before, after in (
        (roof.EAVES, 128, lit), (roof.RIDGE, lit, 128), (roof.RIDGE_END, 128, dark), (roof.EAVES_END, dark, 128),
    ):  # fmt: skip
        upto, bend, beyond = (found[column - 50 + by] for by in (-1, 0, 1))
        assert (upto, beyond) == (pytest.approx(before, abs=2.5), pytest.approx(after, abs=2.5))
        assert min(before, after) + 5 < bend < max(before, after) - 5


@pytest.mark.parametrize("size", [(1, 1), (2, 700), (2600, 3)])
def test_odd_sizes_are_drawn(relief: TileCity, size: tuple[int, int]) -> None:
    west, north = roof.origin()
    box = (west + 102 * roof.CELL, north - 240 * roof.CELL, west + 178 * roof.CELL, north - 200 * roof.CELL)
    with relief.client() as client:
        found = shaded_where(client, "EPSG:3857", box, size)
    assert found.shape == (size[1], size[0], 3) and (found > 140).all()


@pytest.mark.parametrize(
    ("code", "box"),
    [
        ("EPSG:4326", (-180.0, -90.0, 180.0, 90.0)),
        ("EPSG:3857", (-40e6, -40e6, 40e6, 40e6)),
        ("EPSG:9214", (-2.5e6, -9.5e6, 3.5e6, 9.5e6)),
    ],
)
def test_pictures_of_the_world_have_the_colour_of_the_ground(
    relief: TileCity, code: str, box: tuple[float, ...]
) -> None:
    with relief.client() as client:
        found = shaded_where(client, code, box, (400, 300))
    assert (found[10:-10, 10:-10] == 128).all()


def test_beside_its_data_and_its_heights_a_layer_of_wms_is_nowhere(relief: TileCity) -> None:
    with relief.client() as client:
        found = shaded_where(client, "EPSG:3857", (0.0, 0.0, 1000.0, 1000.0), (40, 30))
    assert (found == 255).all()


def test_gaps_are_left_as_they_are(relief: TileCity, tmp_path: Path) -> None:
    model = roof.heights()
    model[150:250, :150] = np.nan
    roof.put(relief.var, tmp_path, model)
    with relief.client() as client:
        assert middle(client, 125, 13) == GREY
        assert middle(client, 165, 13)[0] > 160


def test_large_pictures_have_relief_too(relief: TileCity) -> None:
    """Past some size it is drawn coarser and enlarged: at the same places, in the same light."""
    lon, lat = roof.place(200, 200)
    x, y = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(lon, lat)
    reach = 100 * roof.CELL
    with renderer_of(relief, size=1) as (runner, renderer, watch):
        renderer._compiled = Compilations(Terrain(relief.var))
        published = watch.now.catalogue.get("test_plots", CITIZEN)
        drawing = Drawing(layer_style(published, CITIZEN, "bare"), (published,))
        picture = Picture((drawing,), 3857, (x - reach, y - reach, x + reach, y + reach), 4000, 4000, zoom=12)
        body = runner.run(renderer.draw(CITIZEN, picture, deadline_s=60))
        process = Path(f"/proc/{renderer._free[0].process.pid}/fd")
        assert not [each for each in process.iterdir() if "memfd" in str(each.readlink())]
    found = np.asarray(Image.open(io.BytesIO(body)).convert("RGB")).astype(int)[2000, :, 0]
    lit, dark = found[100:1500], found[2500:3900]
    assert np.abs(lit - roof.seen(13, True)[0]).max() <= 2.5
    assert np.abs(dark - roof.seen(13, False)[0]).max() <= 2.5


def test_a_drawing_that_is_killed_leaves_no_file(
    relief: TileCity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = sorted(tmp_path.iterdir()), sorted((relief.var / "terrain").iterdir())
    west, north = roof.origin()
    box = (west, north - 400 * roof.CELL, west + 400 * roof.CELL, north)
    killed = 0
    with renderer_of(relief, size=1) as (runner, renderer, watch):
        renderer._compiled = Compilations(Terrain(relief.var))
        drawing = drawing_of(
            watch.now.catalogue,
            CITIZEN,
            layer_style(watch.now.catalogue.get("test_plots", CITIZEN), CITIZEN, "bare"),
            None,
        )
        for form, deadline_s in (("pdf", 2.0), ("png", 2.0), ("pdf", 1.5), ("pdf", 1.0), ("png", 0.5)):
            picture = Picture((drawing,), 3857, box, 3900, 3900, format=form, zoom=12)  # type: ignore[arg-type]
            try:
                runner.run(renderer.draw(CITIZEN, picture, deadline_s=deadline_s))
            except Problem:
                killed += 1
    assert killed
    assert (sorted(tmp_path.iterdir()), sorted((relief.var / "terrain").iterdir())) == before


# Without a model, and with another one --------------------------------------------------------------------------------


def test_without_a_model_there_is_no_relief(level: TileCity) -> None:
    with level.client() as client:
        pictures = [picture_about(client, WEST, 14, name).tobytes() for name in ("default", "plain")]
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("name", ["test_plots:bare", "basemap", "basemap-night", "basemap-print"])
def test_a_style_names_the_source_of_heights_where_there_are_any(
    level: TileCity, tmp_path: Path, name: str
) -> None:
    """A client that is told of a source which is not there shows an error, and some no map."""

    def document(client: httpx.Client) -> tuple[dict[str, Any], str]:
        answer = client.get(f"/styles/{name}.json")
        return answer.json(), answer.headers["etag"]

    with level.client() as client:
        style, bare = document(client)
        assert "terrain" not in style["sources"] and not [
            e for e in style["layers"] if e["type"] == "hillshade"
        ]
        tags = {bare}
        for rise in (8.0, 9.0):
            roof.put(level.var, tmp_path, roof.heights(rise))
            style, tag = document(client)
            tags.add(tag)
            (drawn,) = (each for each in style["layers"] if each["type"] == "hillshade")
            assert client.get(style["sources"][drawn["source"]]["url"]).status_code == 200
        assert len(tags) == 3  # another model is another style to whoever keeps it
        Terrain(level.var).remove()
        assert document(client) == (document(client)[0], bare)


def tile_path(end: str = "") -> str:
    tile = tile_over(*roof.place(WEST), roof.ZOOM)
    return f"/tiles/test_plots{end}/{tile.z}/{tile.x}/{tile.y}.png"


def asked(client: httpx.Client, path: str) -> tuple[NDArray[np.uint8], str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB")), answer.headers["etag"]


def kept(city: TileCity, client: httpx.Client) -> Path:
    """The file of the tile, asked for until it is there."""
    path = city.var / "tilecache" / "pictures" / tile_path().removeprefix("/tiles/")
    deadline = time.monotonic() + 60
    while not path.exists():
        asked(client, tile_path())
        assert time.monotonic() < deadline, "the picture is never kept"
        time.sleep(0.05)
    return path


def test_pictures_are_those_of_the_model_that_counts(level: TileCity, tmp_path: Path) -> None:
    """Added, changed and removed: at once in every process, with another tag, and no file of before stays."""
    with level.client(0) as one, level.client(1) as other:
        plain, first = asked(one, tile_path())
        assert (plain == asked(other, tile_path())[0]).all()
        file = kept(level, one)
        tags = {first}
        for rise in (8.0, 16.0):
            before = asked_file(file)
            roof.put(level.var, tmp_path, roof.heights(rise))
            for client in (one, other):
                drawn, tag = asked(client, tile_path())
                # Plots are red, all else is white over grey.
                assert drawn[..., 2].max() == pytest.approx(roof.seen(13, True, rise=rise)[2], abs=3)
                tags.add(tag)
            until_is(lambda before=before: asked_file(file) != before)
            assert kept(level, one) == file and asked_file(file) == drawn.tobytes()
        assert len(tags) == 3
        Terrain(level.var).remove()
        assert (asked(other, tile_path())[0] == plain).all() and asked(one, tile_path())[1] == first
        until_is(lambda: not file.exists() or asked_file(file) == plain.tobytes())


def asked_file(path: Path) -> bytes:
    try:
        return np.asarray(Image.open(io.BytesIO(path.read_bytes())).convert("RGB")).tobytes()
    except FileNotFoundError:
        return b""


def until_is(is_so: Any) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.05)


def test_tiles_of_other_grids_are_renewed_too(level: TileCity, tmp_path: Path) -> None:
    """Within the second for which the pictures of their neighbours are at hand."""
    x, y = pyproj.Transformer.from_crs(4326, VN2000.srid, always_xy=True).transform(*roof.place(WEST))
    side = VN2000.side(10)
    column, row = int((x - VN2000.corner[0]) // side), int((VN2000.corner[1] - y) // side)
    path = f"/wmts/1.0.0/test_plots/bare/{VN2000.id}/10/{row}/{column}.png"
    with level.client() as client:
        assert (asked(client, path)[0] == 128).all()
        roof.put(level.var, tmp_path)
        assert asked(client, path)[0].max() > 150
        Terrain(level.var).remove()
        assert (asked(client, path)[0] == 128).all()


# Paper ----------------------------------------------------------------------------------------------------------------


def test_a_printed_sheet_has_relief(relief: TileCity, tmp_path: Path) -> None:
    """An image in the map's frame, finer than points; and whose heights they are."""
    roof.put(relief.var, tmp_path, credit="Trạm đo thử")
    lon, lat = roof.place(WEST)
    given = {"layers": "test_plots:bare", "center": f"{lon:.8f},{lat:.8f}", "scale": "25000", "paper": "A4"}
    with relief.client() as client:
        answer = client.get("/print/map.pdf", params=given, timeout=60)
    assert answer.status_code == 200, answer.text
    page = PdfReader(io.BytesIO(answer.content)).pages[0]
    largest = max(page.images, key=lambda each: each.image.width * each.image.height)  # type: ignore[union-attr]
    picture = np.asarray(largest.image.convert("RGBA")).astype(int)  # type: ignore[union-attr]
    shown = (picture[..., 3] > 60) & (picture[..., 0] > 200)
    assert picture.shape[1] > 2 * 400 and shown.mean() > 0.3
    rows, columns = picture.shape[0] // 2, picture.shape[1] // 2
    assert shown[rows - 30 : rows + 30, columns - 30 : columns + 30].all()
    assert "Trạm đo thử" in page.extract_text()
