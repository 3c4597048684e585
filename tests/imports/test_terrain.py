"""``huong terrain``: what becomes a height model, what is refused, and that the old model stays when it is."""

from __future__ import annotations

import http.server
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyproj import Transformer

from gis_core.problems import Problem
from gis_core.terrain import HeightModel, Terrain
from imports.sandbox import run
from imports.terrain.run import TerrainRequest, import_terrain

WEST, NORTH, CELL = 107.5, 16.5, 0.001  # degrees, at Huế


def tiff(path: Path, heights: NDArray[Any], **changes: Any) -> Path:
    """A GeoTIFF of (rows, columns) or (bands, rows, columns)."""
    bands = heights[None] if heights.ndim == 2 else heights
    profile: dict[str, Any] = {
        "driver": "GTiff", "count": len(bands), "height": bands.shape[1], "width": bands.shape[2],
        "dtype": bands.dtype, "crs": "EPSG:4326", "transform": Affine(CELL, 0, WEST, 0, -CELL, NORTH),
    } | changes  # fmt: skip
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(bands)
    return path


def plane(rows: int = 60, columns: int = 80) -> NDArray[np.float32]:
    """Ten metres higher with each column, one with each row."""
    return (np.arange(columns)[None, :] * 10 + np.arange(rows)[:, None]).astype(np.float32)


def imported(var: Path, *files: Path, **more: Any) -> HeightModel:
    return import_terrain(TerrainRequest(files=files, **more), var)


def heights_of(var: Path, model: HeightModel) -> tuple[NDArray[np.float32], Affine]:
    with rasterio.open(Terrain(var).raster(model)) as raster:
        assert raster.crs.to_epsg() == 3857
        return raster.read(1), raster.transform


def lon_lat_of_px(
    transform: Affine, shape: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    columns, rows = np.meshgrid(np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5)
    x, y = transform.a * columns + transform.c, transform.e * rows + transform.f
    lon, lat = Transformer.from_crs(3857, 4326, always_xy=True).transform(x, y)
    return np.asarray(lon), np.asarray(lat)


def test_heights_lie_where_they_lay(tmp_path: Path) -> None:
    """A plane is the same plane afterwards: half a cell off would be 5 m."""
    model = imported(tmp_path, tiff(tmp_path / "mat.tif", plane()))
    heights, transform = heights_of(tmp_path, model)
    lon, lat = lon_lat_of_px(transform, heights.shape)
    expected = ((lon - WEST) / CELL - 0.5) * 10 + (NORTH - lat) / CELL - 0.5
    inner = (lon > WEST + CELL) & (lon < WEST + 79 * CELL) & (lat < NORTH - CELL) & (lat > NORTH - 59 * CELL)
    assert inner.sum() > 2000
    assert np.abs(heights - expected)[inner].max() < 0.05
    outside = (
        (lon < WEST - CELL) | (lon > WEST + 81 * CELL) | (lat > NORTH + CELL) | (lat < NORTH - 61 * CELL)
    )
    assert outside.any() and np.isnan(heights[outside]).all()
    assert (model.lowest, model.highest) == pytest.approx((0, 849), abs=8)


def test_the_raster_lies_on_the_grid_of_tiles_with_an_overview_for_each_zoom(tmp_path: Path) -> None:
    model = imported(tmp_path, tiff(tmp_path / "mat.tif", plane()))
    with rasterio.open(Terrain(tmp_path).raster(model)) as raster:
        side = 2 * 20037508.342789244 / 2**model.zoom
        assert raster.transform.a == pytest.approx(side / 256)
        for at in (raster.bounds.left, raster.bounds.top):
            tiles = (at + 20037508.342789244) / side
            assert tiles == pytest.approx(round(tiles), abs=1e-6)
        assert raster.width % 256 == raster.height % 256 == 0
        assert raster.overviews(1) == [2**level for level in range(1, 9)]
        assert (model.lowest_zoom, model.zoom) == (
            model.zoom - 8,
            11,
        )  # 111 m at 16.5 degrees: between 153 and 76


def test_a_file_in_vn2000_lies_in_hue(tmp_path: Path) -> None:
    """EPSG:9214, the zone of Huế: without the shift between the datums everything lies 200 m off."""
    x, y = Transformer.from_crs(4326, 9214, always_xy=True).transform(WEST, NORTH)
    hill = np.zeros((100, 100), np.float32)
    hill[50, 50] = 100  # its middle lies at (x + 5050, y - 5050)
    place = Affine(100, 0, x, 0, -100, y)
    model = imported(tmp_path, tiff(tmp_path / "hue.tif", hill, crs="EPSG:9214", transform=place))
    heights, transform = heights_of(tmp_path, model)
    lon, lat = lon_lat_of_px(transform, heights.shape)
    top = np.unravel_index(np.nanargmax(heights), heights.shape)
    true = Transformer.from_crs(9214, 4326, always_xy=True).transform(x + 5050, y - 5050)
    assert (lon[top], lat[top]) == pytest.approx(true, abs=0.0006)


def test_where_files_overlap_the_finer_one_counts(tmp_path: Path) -> None:
    coarse = tiff(tmp_path / "coarse.tif", np.full((60, 80), 5, np.int16))
    small = Affine(CELL / 4, 0, WEST + 20 * CELL, 0, -CELL / 4, NORTH - 20 * CELL)
    fine = tiff(tmp_path / "fine.tif", np.full((80, 80), 9, np.int16), transform=small)
    for files in ((coarse, fine), (fine, coarse)):
        heights, transform = heights_of(tmp_path, imported(tmp_path, *files))
        lon, lat = lon_lat_of_px(transform, heights.shape)
        in_fine = (abs(lon - WEST - 30 * CELL) < 9 * CELL) & (abs(lat - NORTH + 30 * CELL) < 9 * CELL)
        in_coarse = (lon > WEST + 2 * CELL) & (lon < WEST + 18 * CELL) & (lat < NORTH - 2 * CELL)
        in_coarse &= lat > NORTH - 58 * CELL
        assert (heights[in_fine] == 9).all() and (heights[in_coarse] == 5).all()


def with_gap() -> NDArray[np.int16]:
    heights = np.full((60, 80), 100, np.int16)
    heights[30:32, 40:42] = -32768
    heights[:, :20] = -32768
    return heights


def test_a_gap_stays_a_gap_unless_it_shall_be_filled(tmp_path: Path) -> None:
    """No data is no height; zero would be a hole down to the sea."""
    file = tiff(tmp_path / "gap.tif", with_gap(), nodata=-32768)
    heights, transform = heights_of(tmp_path, imported(tmp_path, file))
    lon, lat = lon_lat_of_px(transform, heights.shape)
    gap = (abs(lon - WEST - 41 * CELL) < 0.5 * CELL) & (abs(lat - NORTH + 31 * CELL) < 0.5 * CELL)
    edge = (lon < WEST + 8 * CELL) & (lon > WEST) & (lat < NORTH) & (lat > NORTH - 60 * CELL)
    assert gap.any() and edge.any()
    assert np.isnan(heights[gap]).all() and np.isnan(heights[edge]).all()
    assert np.nanmin(heights) == np.nanmax(heights) == 100
    model = imported(tmp_path, file, fill_gaps=3)
    heights, _ = heights_of(tmp_path, model)
    assert (heights[gap] == 100).all() and np.isnan(heights[edge]).all()
    assert model.filled == 4 + 60 * 3


def test_what_stands_for_no_data_unsaid_is_asked_about(tmp_path: Path) -> None:
    """-32768 m as a height would be a shaft to the middle of the crust."""
    file = tiff(tmp_path / "gap.tif", with_gap())
    with pytest.raises(Problem) as refused:
        imported(tmp_path, file)
    assert refused.value.code == "implausible-heights" and "--nodata -32768" in refused.value.detail.vi
    heights, _ = heights_of(tmp_path, imported(tmp_path, file, nodata=-32768.0))
    assert np.nanmin(heights) == 100


def hgt(values: NDArray[Any]) -> bytes:
    return values.astype(">i2").tobytes()


def test_an_srtm_file_is_placed_by_its_name_also_out_of_a_zip(tmp_path: Path) -> None:
    """1201 samples to a degree, on the edges themselves; the name is that of the south-west corner."""
    posts = (np.arange(1201)[:, None] + np.arange(1201)[None, :]).astype(np.int16)
    (tmp_path / "N16E107.hgt").write_bytes(hgt(posts))
    with zipfile.ZipFile(tmp_path / "tai-ve.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("srtm/N16E107.SRTMGL3.hgt", hgt(posts))
    for file in ("N16E107.hgt", "tai-ve.zip"):
        heights, transform = heights_of(tmp_path, imported(tmp_path, tmp_path / file))
        lon, lat = lon_lat_of_px(transform, heights.shape)
        inner = (lon > 107.01) & (lon < 107.99) & (lat > 16.01) & (lat < 16.99)
        expected = (lon - 107) * 1200 + (17 - lat) * 1200
        assert np.abs(heights - expected)[inner].max() < 0.1


@pytest.fixture(scope="module")
def canary() -> Iterator[tuple[str, list[str]]]:
    """A server on the loopback that the files name; every request it gets is listed."""
    hits: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", hits
    server.shutdown()


def vrt(source: str) -> bytes:
    return f"""<VRTDataset rasterXSize="60" rasterYSize="60"><SRS>EPSG:4326</SRS>
      <GeoTransform>107.5, 0.001, 0, 16.5, 0, -0.001</GeoTransform><VRTRasterBand dataType="Int16" band="1">
      <SimpleSource><SourceFilename relativeToVRT="0">{source}</SourceFilename><SourceBand>1</SourceBand>
      </SimpleSource></VRTRasterBand></VRTDataset>""".encode()


def test_a_vrt_called_tif_reads_no_other_file_and_asks_no_address(
    tmp_path: Path, canary: tuple[str, list[str]]
) -> None:
    """It is refused at the door; and were it let in, the reader knows one driver only."""
    url, hits = canary
    secret = tiff(tmp_path / "mat.tif", plane(60, 60))
    file = tmp_path / "input.tif"
    for source in (f"/vsicurl/{url}/noi-bo.tif", str(secret)):
        file.write_bytes(vrt(source))
        with pytest.raises(Problem) as refused:
            imported(tmp_path, file)
        assert refused.value.code == "unknown-format"
        with pytest.raises(Problem) as refused:
            list(run("geotiff", file, {"nodata": ""}))
        assert refused.value.code == "broken-raster"
    assert hits == [] and Terrain(tmp_path).now() is None
    with rasterio.open(file) as opened:  # what the driver's name is for: GDAL itself would follow it
        assert opened.driver == "VRT"


def test_neighbouring_files_of_a_tiff_are_not_read(tmp_path: Path) -> None:
    """A ``.tif.ovr`` or ``.tif.aux.xml`` beside the file is somebody else's word."""
    file = tiff(tmp_path / "mat.tif", plane())
    (tmp_path / "mat.tif.aux.xml").write_text(
        '<PAMDataset><PAMRasterBand band="1"><Offset>5000</Offset></PAMRasterBand></PAMDataset>'
    )
    assert imported(tmp_path, file).highest < 900


Making = Callable[[Path], Path]


def bombed(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("N16E107.hgt", b"\0" * (300 << 20))
    return path


def cut_short(path: Path) -> Path:
    tiff(path, plane(500, 500), compress="deflate")
    os.truncate(path, path.stat().st_size // 2)
    return path


def sparse(path: Path) -> Path:
    """A few hundred kB that say to be 40,000,000,000 cells."""
    profile = {"driver": "GTiff", "count": 1, "width": 200_000, "height": 200_000, "dtype": "int16"}
    place = Affine(1e-6, 0, WEST, 0, -1e-6, NORTH)
    sizes = {"tiled": True, "blockxsize": 4096, "blockysize": 4096, "sparse_ok": True, "bigtiff": "yes"}
    with rasterio.open(path, "w", crs="EPSG:4326", transform=place, **profile, **sizes):
        return path


REFUSED: dict[str, tuple[Making, str]] = {
    "picture": (lambda p: tiff(p / "anh.tif", np.zeros((3, 9, 9), np.uint8)), "not-heights"),
    "complex": (lambda p: tiff(p / "c.tif", np.zeros((9, 9), np.complex64)), "not-heights"),
    "turned": (lambda p: tiff(p / "t.tif", plane(), transform=Affine(0.001, 0.0002, 107, 0.0002, -0.001, 16)),
               "turned-grid"),
    "no place": (lambda p: tiff(p / "n.tif", plane(), transform=Affine.identity(), crs=None), "turned-grid"),
    "no system": (lambda p: tiff(p / "s.tif", plane(), crs=None), "unknown-crs"),
    "foreign system": (lambda p: tiff(p / "f.tif", plane(), crs="EPSG:2154"), "unsupported-crs"),
    "nothing known": (lambda p: tiff(p / "e.tif", np.full((9, 9), np.nan, np.float32)), "no-heights"),
    "infinite": (lambda p: tiff(p / "i.tif", np.full((9, 9), np.inf, np.float32)), "implausible-heights"),
    "cut short": (lambda p: cut_short(p / "h.tif"), "broken-raster"),
    "huge": (lambda p: sparse(p / "huge.tif"), "too-many-cells"),
    "zip bomb": (lambda p: bombed(p / "bomb.zip"), "unknown-format"),
    "pdf": (lambda p: p / "x.pdf", "unknown-format"),
    "srtm of another length": (lambda p: p / "N16E107.hgt", "unknown-format"),
    "not there": (lambda p: p / "khong-co.tif", "no-such-file"),
    "folder": (lambda p: p, "not-a-file"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_height_model_is_refused_and_the_old_one_stays(name: str, tmp_path: Path) -> None:
    var = tmp_path / "var"
    before = imported(var, tiff(tmp_path / "mat.tif", plane()))
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7 not heights")
    (tmp_path / "N16E107.hgt").write_bytes(b"\0" * 1000)
    make, code = REFUSED[name]
    with pytest.raises(Problem) as refused:
        imported(var, make(tmp_path))
    assert refused.value.code == code
    assert refused.value.detail.vi != refused.value.detail.en
    assert Terrain(var).now() == before
    assert sorted(each.name for each in (var / "terrain").iterdir()) == [before.file, "model.json"]


def test_feet_are_refused(tmp_path: Path) -> None:
    file = tiff(tmp_path / "feet.tif", plane())
    with rasterio.open(file, "r+") as raster:
        raster.set_band_unit(1, "ft")
    with pytest.raises(Problem) as refused:
        imported(tmp_path, file)
    assert refused.value.code == "not-metres"


def test_scale_and_offset_of_a_file_count(tmp_path: Path) -> None:
    file = tiff(tmp_path / "dm.tif", np.full((60, 80), 500, np.int16))
    with rasterio.open(file, "r+") as raster:
        raster.scales, raster.offsets = (0.1,), (-20.0,)
    model = imported(tmp_path, file)
    assert (model.lowest, model.highest) == pytest.approx((30, 30))


def test_a_new_model_takes_the_place_of_the_old_and_can_be_removed(tmp_path: Path) -> None:
    first = imported(tmp_path, tiff(tmp_path / "a.tif", plane()))
    terrain = Terrain(tmp_path)
    assert terrain.now() == first
    second = imported(tmp_path, tiff(tmp_path / "b.tif", plane() + 1), credit="Sở TN&MT")
    assert terrain.now() == second and second.version != first.version
    assert second.credit == "Sở TN&MT" and second.sources == ("b.tif",)
    assert not terrain.raster(first).exists()
    assert terrain.remove() and terrain.now() is None
    assert [*terrain.folder.iterdir()] == [] and not terrain.remove()
