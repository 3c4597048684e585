"""OWSLib, GDAL's WMS and WMTS drivers, Debian's QGIS 3.22 and 3.40 draw what the server drew."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pyproj
import pytest
import shapely
from owslib.wms import WebMapService
from owslib.wmts import WebMapTileService
from PIL import Image

from tests.clients.installed_qgis import SYSTEM_PYTHON, answer_in, need_qgis, surroundings
from tests.clients.trixie import qgis_root, shared_folder, start_python
from tests.live_city import LiveCity
from tilesrv.matrix_sets import MATRIX_SETS

LAYER = "planning_zones"  # areas in full colours
CODES = ("EPSG:4326", "EPSG:3857", "EPSG:9214")
# Units to a pixel: zoom 14 of WebMercatorQuad, 1:32 000 of VN2000TM3Hue.
STEPS = {"EPSG:4326": 0.0001, "EPSG:3857": 9.554628535647032, "EPSG:9214": 8.96}
CORNERS = {f"EPSG:{grid.srid}": grid.corner for grid in MATRIX_SETS.values()}
SIZE = (512, 384)
# Of 1: the correlation of two pictures of the same map. Clients that take a finer picture and reduce it have thinner
# lines, and names where there are none yet.
ALIKE = 0.7


@pytest.fixture(scope="module")
def middle(live_city: LiveCity) -> tuple[float, float]:
    """Longitude and latitude of a point in a zone, with others around it."""
    with live_city.client() as client:
        found = client.get(
            f"/ogcapi/collections/{LAYER}/items", params={"bbox": "107.55,16.44,107.60,16.50", "limit": "1"}
        )
    point = shapely.from_geojson(json.dumps(found.json()["features"][0]["geometry"])).representative_point()
    return point.x, point.y


def box_in(code: str, middle: tuple[float, float]) -> tuple[float, float, float, float]:
    """The box of a picture of `SIZE` about ``middle``, x first; its pixels are those of the tiles.

    Between the pixels a client blends two for one, and hatches of a pixel's width turn to grey: how alike the
    pictures are would hang on where the zone lies.
    """
    step, (west, north) = STEPS[code], CORNERS.get(code, (0.0, 0.0))
    x, y = pyproj.Transformer.from_crs(4326, code, always_xy=True).transform(*middle)
    left = west + (round((x - west) / step) - SIZE[0] // 2) * step
    top = north - (round((north - y) / step) - SIZE[1] // 2) * step
    return left, top - SIZE[1] * step, left + SIZE[0] * step, top


def pixels(body: bytes | Path) -> np.ndarray:
    source = io.BytesIO(body) if isinstance(body, bytes) else body
    image = Image.open(source).convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return np.asarray(Image.alpha_composite(white, image).convert("RGB"), dtype=float)


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of two pictures of one size."""
    assert one.shape == other.shape
    assert one.std() > 5 and other.std() > 5, "a picture is empty"
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def drawn_by_server(city: LiveCity, code: str, box: tuple[float, ...]) -> np.ndarray:
    """The map by OGC API - Maps, whose pixels tests/tilesrv measure."""
    uri = "http://www.opengis.net/def/crs/OGC/1.3/CRS84" if code == "EPSG:4326" else code
    size = {"width": str(SIZE[0]), "height": str(SIZE[1])}
    query = {"bbox": ",".join(map(str, box)), "bbox-crs": uri, "crs": uri, **size}
    with city.client() as client:
        answer = client.get(f"/ogcapi/collections/{LAYER}/map", params=query)
    assert answer.status_code == 200, answer.text
    return pixels(answer.content)


def need_same_map(found: np.ndarray, drawn: np.ndarray) -> None:
    """Alike, and in the same place: moved by two pixels or more to any side they are less alike."""
    assert likeness(found, drawn) > ALIKE
    # The correlation for every move at once; mean and spread are the same wherever a picture is moved to.
    ours, theirs = (np.fft.rfft2(each - each.mean(), axes=(0, 1)) for each in (found, drawn))
    alike = np.fft.irfft2(theirs * ours.conj(), s=found.shape[:2], axes=(0, 1)).sum(axis=2)
    moves = [(down, right) for down in range(-4, 5) for right in range(-4, 5)]
    down, right = max(moves, key=lambda move: alike[move])
    assert abs(down) <= 1 and abs(right) <= 1, f"moved by {right}, {down} px"


# OWSLib ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.3.0", "1.1.1"])
def test_owslib_reads_wms(live_city: LiveCity, middle: tuple[float, float], version: str) -> None:
    service = WebMapService(f"{live_city.url}/wms", version=version)
    assert {"basemap", LAYER, "reports"} <= set(service.contents)
    layer = service.contents[LAYER]
    assert layer.boundingBoxWGS84[0] == pytest.approx(107.5, abs=0.1)
    assert "default" in layer.styles and layer.styles["default"]["legend"]
    for code in CODES:
        box = box_in(code, middle)
        answer = service.getmap(
            layers=[LAYER], styles=[""], srs=code, bbox=box, size=SIZE, format="image/png", transparent=True
        )
        assert likeness(pixels(answer.read()), drawn_by_server(live_city, code, box)) > 0.999
    told = service.getfeatureinfo(
        layers=["admin_units"],
        query_layers=["admin_units"],
        srs="EPSG:3857",
        bbox=box_in("EPSG:3857", middle),
        size=SIZE,
        xy=(SIZE[0] // 2, SIZE[1] // 2),
        info_format="application/json",
        feature_count=3,
    )
    (unit,) = json.loads(told.read())["features"]
    assert unit["properties"]["name"]


def test_owslib_reads_wmts(live_city: LiveCity) -> None:
    service = WebMapTileService(f"{live_city.url}/wmts")
    assert set(service.tilematrixsets) == {"WebMercatorQuad", "VN2000TM3Hue"}
    assert {"basemap", LAYER} <= set(service.contents)
    tile = service.gettile(
        layer="basemap",
        tilematrixset="WebMercatorQuad",
        tilematrix="13",
        row=3716,
        column=6544,
        format="image/png",
    )
    with live_city.client() as client:
        assert tile.read() == client.get("/tiles/basemap/13/6544/3716.png").content


# GDAL -----------------------------------------------------------------------------------------------------------


def translated(source: str, box: tuple[float, ...], size: tuple[int, int], folder: Path) -> np.ndarray:
    """The part of a GDAL source that shows ``box``, as gdal_translate writes it."""
    out = folder / "out.png"
    west, south, east, north = map(str, box)
    command = ["gdal_translate", "-q", "-of", "PNG", "-projwin", west, north, east, south]
    command += ["-outsize", *map(str, size), source, str(out)]
    environment = {**os.environ, "GDAL_ENABLE_WMS_CACHE": "NO", "GDAL_DEFAULT_WMS_CACHE_PATH": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, cwd=folder)
    assert done.returncode == 0, done.stderr
    return pixels(out)


def test_gdal_lists_the_layers(live_city: LiveCity, tmp_path: Path) -> None:
    for source in (
        f"WMS:{live_city.url}/wms",
        f"WMTS:{live_city.url}/wmts?SERVICE=WMTS&REQUEST=GetCapabilities",
    ):
        done = subprocess.run(["gdalinfo", source], capture_output=True, text=True, timeout=60, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        for layer in ("basemap", LAYER, "admin_units"):
            assert layer in done.stdout


@pytest.mark.parametrize("version", ["1.3.0", "1.1.1"])
@pytest.mark.parametrize("code", CODES)
def test_gdal_draws_wms(
    live_city: LiveCity, tmp_path: Path, middle: tuple[float, float], code: str, version: str
) -> None:
    box = box_in(code, middle)
    reference = "CRS" if version == "1.3.0" else "SRS"
    west, south, east, north = box
    said = (south, west, north, east) if (code, version) == ("EPSG:4326", "1.3.0") else box
    source = (
        f"WMS:{live_city.url}/wms?SERVICE=WMS&VERSION={version}&REQUEST=GetMap&LAYERS={LAYER}&STYLES="
        f"&{reference}={code}&BBOX={','.join(map(str, said))}&FORMAT=image/png&TRANSPARENT=TRUE"
    )
    need_same_map(translated(source, box, SIZE, tmp_path), drawn_by_server(live_city, code, box))


@pytest.mark.parametrize(("grid", "code"), [("WebMercatorQuad", "EPSG:3857"), ("VN2000TM3Hue", "EPSG:9214")])
def test_gdal_draws_wmts(
    live_city: LiveCity, tmp_path: Path, middle: tuple[float, float], grid: str, code: str
) -> None:
    box = box_in(code, middle)
    source = f"WMTS:{live_city.url}/wmts/1.0.0/WMTSCapabilities.xml,layer={LAYER},tilematrixset={grid}"
    found = translated(source, box, SIZE, tmp_path)
    need_same_map(found, drawn_by_server(live_city, code, box))


@pytest.mark.parametrize("grid", ["WebMercatorQuad", "VN2000TM3Hue"])
def test_gdal_asks_for_no_tile_beyond_a_grid(live_city: LiveCity, tmp_path: Path, grid: str) -> None:
    """The base map reaches further than the grid of the cadastre, and is drawn as far as that goes."""
    source = f"WMTS:{live_city.url}/wmts/1.0.0/WMTSCapabilities.xml,layer=basemap,tilematrixset={grid}"
    command = [
        "gdal_translate",
        "-q",
        "-of",
        "PNG",
        "-outsize",
        "64",
        "64",
        source,
        str(tmp_path / "whole.png"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(Image.open(tmp_path / "whole.png").convert("RGB").getcolors(64 * 64) or ()) > 1


# QGIS -----------------------------------------------------------------------------------------------------------


def asked_of_qgis(url: str) -> list[dict[str, str]]:
    """The layers by name, as the dialogues of QGIS store them, and the CRS in which each is drawn."""
    asked = []
    for code in CODES:
        uri = f"crs={code}&format=image/png&layers={LAYER}&styles=&url={url}/wms"
        asked.append({"name": f"wms {code}", "uri": uri, "crs": code})
    for grid, code in (("WebMercatorQuad", "EPSG:3857"), ("VN2000TM3Hue", "EPSG:9214")):
        service = quote(f"{url}/wmts?SERVICE=WMTS&REQUEST=GetCapabilities", safe="")
        uri = f"crs={code}&format=image/png&layers={LAYER}&styles=default&tileMatrixSet={grid}&url={service}"
        asked.append({"name": f"wmts {code}", "uri": uri, "crs": code})
    # The address in the docs, of which QGIS itself asks the capabilities of WMS.
    uri = f"crs=EPSG:3857&format=image/png&layers={LAYER}&styles=default&tileMatrixSet=WebMercatorQuad"
    return [*asked, {"name": "wmts by address", "uri": f"{uri}&url={url}/wmts", "crs": "EPSG:3857"}]


@contextmanager
def qgis(which: str, folder: Path) -> Iterator[tuple[Path, str, Callable[[str], subprocess.Popen[str]]]]:
    """A folder by our path and by QGIS's, and what starts `qgis_maps` with its argument."""
    script = Path(__file__).parent / "qgis_maps.py"
    if which == "3.40":
        root = qgis_root()
        with shared_folder(root) as (ours, theirs):
            shutil.copy(script, ours)
            yield ours, theirs, lambda asked: start_python(root, theirs, f"{theirs}/{script.name}", asked)
        return
    need_qgis()
    yield (
        folder,
        str(folder),
        lambda asked: subprocess.Popen(
            [SYSTEM_PYTHON, str(script), asked],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=surroundings(folder),
        ),
    )


@pytest.fixture(scope="module", params=["installed", "3.40"])
def drawn_by_qgis(
    request: pytest.FixtureRequest,
    live_city: LiveCity,
    middle: tuple[float, float],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """What QGIS found by the names of `asked_of_qgis`, with the box and the pixels of its picture."""
    asked = asked_of_qgis(live_city.url)
    with qgis(request.param, tmp_path_factory.mktemp("qgis")) as (ours, theirs, start):
        told = [
            {**one, "box": box_in(one["crs"], middle), "size": SIZE, "picture": f"{theirs}/{number}.png"}
            for number, one in enumerate(asked)
        ]
        found = answer_in(*start(json.dumps(told)).communicate(timeout=240))
        return {
            one["name"]: {
                **found[one["name"]],
                "box": one["box"],
                "pixels": pixels(picture.read_bytes()) if (picture := ours / f"{at}.png").exists() else None,
            }
            for at, one in enumerate(told)
        }


@pytest.mark.parametrize("code", CODES)
def test_qgis_draws_wms(live_city: LiveCity, drawn_by_qgis: dict[str, Any], code: str) -> None:
    layer = drawn_by_qgis[f"wms {code}"]
    assert layer["valid"], layer["error"]
    need_same_map(layer["pixels"], drawn_by_server(live_city, code, layer["box"]))


@pytest.mark.parametrize("code", ["EPSG:3857", "EPSG:9214"])
def test_qgis_draws_wmts(live_city: LiveCity, drawn_by_qgis: dict[str, Any], code: str) -> None:
    layer = drawn_by_qgis[f"wmts {code}"]
    assert layer["valid"], layer["error"]
    need_same_map(layer["pixels"], drawn_by_server(live_city, code, layer["box"]))


def test_qgis_draws_wmts_by_the_documented_address(
    live_city: LiveCity, drawn_by_qgis: dict[str, Any]
) -> None:
    layer = drawn_by_qgis["wmts by address"]
    assert layer["valid"], layer["error"]
    need_same_map(layer["pixels"], drawn_by_server(live_city, "EPSG:3857", layer["box"]))


def test_qgis_identifies(drawn_by_qgis: dict[str, Any]) -> None:
    """What QGIS shows for a click in the middle is the zone that lies there, alike in every CRS."""
    told = {
        name: "".join(each["identified"]) for name, each in drawn_by_qgis.items() if name.startswith("wms ")
    }
    assert len(told) == 3
    assert len(set(told.values())) == 1
    assert len(told["wms EPSG:4326"].splitlines()) > 5, told
    # Asked for features, it reads what a code is called beside the code.
    (zone,) = drawn_by_qgis["wms EPSG:3857"]["features"]
    labels = {name: words for name, words in zone.items() if name.endswith(".label")}
    assert labels and all(words != zone[name.removesuffix(".label")] for name, words in labels.items()), zone
