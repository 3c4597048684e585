"""Heights and light: against the numbers of the source file itself, and against GDAL's own shading."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from numpy.typing import NDArray
from PIL import Image

from gis_core.terrain import HeightModel, Terrain
from imports.terrain.run import TerrainRequest, import_terrain
from tilesrv.grid import TileId, lon_lat, web_mercator
from tilesrv.terrain.drawing import draw_heights, relief, terrarium
from tilesrv.terrain.elevation import elevation
from tilesrv.terrain.serving import box_of_tile
from tilesrv.terrain.shading import FLAT, NO_DATA, hillshade, shade

SRTM = Path(os.environ.get("HUONG_DATA", "/nowhere")) / "dem" / "N42E001.hgt.zip"
needs_srtm = pytest.mark.skipif(not SRTM.exists(), reason="HUONG_DATA has no dem/N42E001.hgt.zip")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, HeightModel]:
    """Raster and record of the real model."""
    var = tmp_path_factory.mktemp("var")
    made = import_terrain(TerrainRequest(files=(SRTM,)), var)
    return Terrain(var).raster(made), made


@cache
def posts() -> NDArray[np.float64]:
    """The samples of the source, read without GDAL: 1201 x 1201 from the north-west corner, NaN for voids."""
    with zipfile.ZipFile(SRTM) as archive:
        heights = np.frombuffer(archive.read("N42E001.hgt"), ">i2").reshape(1201, 1201).astype(float)
    heights[heights == -32768] = np.nan
    return heights


def source_height(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bilinear between the four samples around each point."""
    x, y = (lon - 1) * 1200, (43 - lat) * 1200
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    u, v, z = x - column, y - row, posts()
    upper = z[row, column] * (1 - u) + z[row, column + 1] * u
    lower = z[row + 1, column] * (1 - u) + z[row + 1, column + 1] * u
    return np.asarray(upper * (1 - v) + lower * v)


def px_places(tile: TileId) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    west, south, east, north = box_of_tile(tile)
    steps = (np.arange(256) + 0.5) / 256
    lon = np.array([lon_lat(west + each * (east - west), 0)[0] for each in steps])
    lat = np.array([lon_lat(0, north - each * (north - south))[1] for each in steps])
    return np.meshgrid(lon, lat)  # type: ignore[return-value]


def tile_over(lon: float, lat: float, z: int) -> TileId:
    x, y = web_mercator(lon, lat)
    side = TileId(z, 0, 0).side
    half = 2 ** (z - 1)
    return TileId(z, int(x // side) + half, half - 1 - int(y // side))


def decoded(png: bytes) -> NDArray[np.float64]:
    """As MapLibre reads Terrarium: red * 256 + green + blue / 256 - 32768."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(float)
    return np.asarray(pixels[..., 0] * 256 + pixels[..., 1] + pixels[..., 2] / 256 - 32768)


@needs_srtm
@pytest.mark.parametrize("place", [(1.55, 42.55), (1.73, 42.35), (1.2, 42.8)])
def test_heights_of_a_tile_are_those_of_the_source(
    model: tuple[Path, HeightModel], place: tuple[float, float]
) -> None:
    """At every px of a tile of the finest zoom: a px off would be 40 m wrong on these slopes."""
    raster, made = model
    tile = tile_over(*place, made.zoom)
    wanted = source_height(*px_places(tile))
    got = decoded(draw_heights(raster, box_of_tile(tile), 256))
    known = np.isfinite(wanted)
    assert known.mean() > 0.9 and np.ptp(wanted[known]) > 500
    assert np.abs(got - wanted)[known].max() < 0.6
    assert np.abs(got - wanted)[known].mean() < 0.1


@needs_srtm
def test_a_coarser_tile_holds_the_means_of_the_four_below_it(model: tuple[Path, HeightModel]) -> None:
    raster, made = model
    tile = tile_over(1.55, 42.55, made.zoom - 1)
    fine = np.block(
        [
            [
                elevation(raster, box_of_tile(TileId(made.zoom, 2 * tile.x + i, 2 * tile.y + j)), 256, 256)
                for i in (0, 1)
            ]
            for j in (0, 1)
        ]
    )
    coarse = elevation(raster, box_of_tile(tile), 256, 256)
    means = fine.reshape(256, 2, 256, 2).mean(axis=(1, 3))
    both = np.isfinite(means) & np.isfinite(coarse)
    assert both.mean() > 0.95 and np.abs(means - coarse)[both].max() < 0.01


@needs_srtm
@pytest.mark.parametrize("below", [0, 1, 3])
def test_light_does_not_jump_between_tiles(model: tuple[Path, HeightModel], below: int) -> None:
    """A tile's edge is shaded with its neighbour's heights: two tiles are one picture cut in two."""
    raster, made = model
    tile = tile_over(1.55, 42.55, made.zoom - below)
    west, south, east, north = box_of_tile(tile)
    both = hillshade(raster, (west, south, east + (east - west), north), 512, 256)
    halves = [hillshade(raster, box_of_tile(TileId(tile.z, tile.x + i, tile.y)), 256, 256) for i in (0, 1)]
    assert np.abs(both.astype(int) - np.hstack(halves).astype(int)).max() <= 1


@needs_srtm
def test_a_box_of_any_size_agrees_with_the_source(model: tuple[Path, HeightModel]) -> None:
    """WMS asks for boxes that lie on no tile; beyond the model nothing is known."""
    raster, _ = model
    west, south = web_mercator(1.5003, 42.4007)
    box = (west, south, west + 3713.0, south + 2011.0)
    got = elevation(raster, box, 371, 201)  # finer than the model: a smooth surface
    x = box[0] + (np.arange(371) + 0.5) / 371 * (box[2] - box[0])
    y = box[3] - (np.arange(201) + 0.5) / 201 * (box[3] - box[1])
    lon, lat = np.meshgrid([lon_lat(each, 0)[0] for each in x], [lon_lat(0, each)[1] for each in y])
    wanted = source_height(lon, lat)
    known = np.isfinite(wanted) & np.isfinite(got)
    assert known.mean() > 0.9
    assert np.abs(got - wanted)[known].mean() < 12 and abs((got - wanted)[known].mean()) < 1
    nowhere = elevation(raster, (0, 0, 1000, 1000), 5, 4)
    assert nowhere.shape == (4, 5) and np.isnan(nowhere).all()
    assert (hillshade(raster, (0, 0, 1000, 1000), 5, 4) == NO_DATA).all()


def hills(side: int = 120) -> NDArray[np.float32]:
    y, x = np.mgrid[0:side, 0:side] / 9.0
    return (200 * np.sin(x) * np.cos(0.7 * y) + 60 * np.sin(2.3 * x + y) + 500).astype(np.float32)


@pytest.mark.skipif(shutil.which("gdaldem") is None, reason="gdaldem (Debian: gdal-bin) is not installed")
def test_light_is_that_of_gdaldem(tmp_path: Path) -> None:
    """GDAL's multidirectional hillshade is another program's reading of Horn and Mark."""
    file, made = tmp_path / "hills.tif", tmp_path / "shade.tif"
    heights = hills()
    profile = {"driver": "GTiff", "count": 1, "width": 120, "height": 120, "dtype": "float32"}
    with rasterio.open(
        file, "w", crs="EPSG:32648", transform=Affine(30, 0, 5e5, 0, -30, 2e6), **profile
    ) as raster:
        raster.write(heights, 1)
    subprocess.run(
        ["gdaldem", "hillshade", "-multidirectional", "-alt", "45", "-alg", "Horn", str(file), str(made)],
        check=True,
        capture_output=True,
    )
    with rasterio.open(made) as raster:
        wanted = raster.read(1)[1:-1, 1:-1].astype(int)
    assert np.ptp(wanted) > 100
    assert np.abs(shade(heights, 30, 30).astype(int) - wanted).max() <= 1


def test_slopes_towards_the_light_are_brighter_than_those_away_from_it() -> None:
    """From the north-west, as on printed maps; from the south-east hills would look like hollows."""
    y, x = np.mgrid[0:50, 0:50].astype(float)
    north_west, south_east = shade(x + y, 1, 1), shade(-x - y, 1, 1)
    assert (shade(np.zeros((5, 5)), 1, 1) == FLAT).all()
    assert north_west.min() > south_east.max() + 60


def test_what_is_beside_an_unknown_height_has_no_light() -> None:
    heights = np.zeros((9, 9))
    heights[4, 4] = np.nan
    assert ((shade(heights, 1, 1) == NO_DATA).nonzero()[0].size, shade(heights, 1, 1)[3, 3]) == (9, NO_DATA)


@pytest.mark.parametrize("height", [-10.5, 0.0, 0.125, 1774.0, 3142.75, 8848.86, -11000.0])
def test_terrarium_holds_a_height(height: float) -> None:
    tile = terrarium(np.full((4, 4), height, np.float32), 1.0)
    assert decoded(tile)[0, 0] == pytest.approx(height, abs=1 / 512)


def test_heights_are_no_finer_than_a_zoom_can_show() -> None:
    """A 512th of a px: steps that no shading shows; sea level stands for what is not known."""
    heights = np.array([[100.3, np.nan]], np.float32)
    assert decoded(terrarium(heights, 76.4)).tolist() == [[100.25, 0.0]]  # steps of 1/8 m


def test_relief_leaves_level_and_unknown_ground_as_it_is() -> None:
    picture = Image.open(io.BytesIO(relief(np.array([[FLAT, NO_DATA, 1, 255]], np.uint8))))
    assert picture.mode == "LA"
    level, unknown, dark, light = (picture.getpixel((x, 0)) for x in range(4))
    assert level[1] == unknown[1] == 0
    assert dark == (0, 153) and light == (255, 115)
