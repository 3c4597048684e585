"""Archives for offline use hold what the tile server serves, no more and no less, and say what they are."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import psycopg
import pyogrio
import pyogrio.raw
import pytest
import rasterio
from PIL import Image
from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import Compression, TileType

from gis_core.audiences import Caller
from tests.tilesrv.archives import (
    EVERYTHING,
    HIGHEST,
    OFFICER,
    added,
    around,
    codes_of,
    count_cells,
    differences,
    export,
    metadata_of,
    served,
    settled,
    tiles_of,
)
from tests.tilesrv.conftest import A_LUOI, STEP, TileCity, plots, publish
from tilesrv.grid import TileId, tiles_showing, web_mercator

DEEP = (0, 16)  # down to where tiles carry every attribute


def test_an_archive_holds_every_tile_of_the_server_and_no_other(tile_city: TileCity, tmp_path: Path) -> None:
    """Would fail if the walk ended at a tile in which everything is too small to be drawn."""
    for file in (tmp_path / "plots.pmtiles", tmp_path / "plots.mbtiles"):
        archive = export(tile_city, file)
        settled(tile_city, file)
        found = tiles_of(file)
        assert archive.tiles == len(found)
        assert {tile.z for tile in found} == set(range(7, HIGHEST + 1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plots.mbtiles", "plots.pmtiles"]


def test_what_lies_below_cells_is_in_the_archive(tile_city: TileCity, tmp_path: Path) -> None:
    """A cell stands where the middle of a box is: would fail if the walk ended where there is none, at the edges of
    something large."""
    file = tmp_path / "cells.pmtiles"
    with added(tile_city, (107.31, 16.31), side=0.2):
        count_cells(tile_city)
        export(tile_city, file)
        settled(tile_city, file)
    count_cells(tile_city)
    assert {tile.z for tile in tiles_of(file)} == set(range(HIGHEST + 1))


def test_layers_lie_in_one_tile_beside_each_other(tile_city: TileCity, tmp_path: Path) -> None:
    """The second layer begins at zoom 6; both are read from the same tiles by a decoder that knows nothing of ours."""
    count_cells(tile_city)
    file = tmp_path / "both.pmtiles"
    export(tile_city, file, "test_plots", "test_epochs", zooms=(0, 12))
    plots_alone = served(tile_city, "test_plots", EVERYTHING, 12)
    epochs_alone = served(tile_city, "test_epochs", EVERYTHING, 12)
    found = tiles_of(file)
    # Tiles concatenate: so do the server's two, if they are right.
    tiles = plots_alone.keys() | epochs_alone.keys()
    together = {tile: plots_alone.get(tile, b"") + epochs_alone.get(tile, b"") for tile in tiles}
    assert not differences(found, together)
    assert any(len(mapbox_vector_tile.decode(body)) == 2 for body in found.values())


def test_an_area_and_zooms_limit_the_archive(tile_city: TileCity, tmp_path: Path) -> None:
    file = tmp_path / "a_luoi.mbtiles"
    box = around(A_LUOI, margin=0.02)
    export(tile_city, file, box=box, zooms=(9, HIGHEST))
    found = tiles_of(file)
    theirs = {t: body for t, body in served(tile_city, "test_plots", box).items() if t.z >= 9}
    assert not differences(found, theirs)
    metadata = metadata_of(file)
    assert metadata["minzoom"] == "9" and metadata["maxzoom"] == str(HIGHEST)
    west, south, east, north = map(float, metadata["bounds"].split(","))
    assert A_LUOI[0] - 0.021 <= west < east <= A_LUOI[0] + 0.021
    assert A_LUOI[1] - 0.021 <= south < north <= A_LUOI[1] + 0.021


def test_equal_tiles_are_stored_once(tile_city: TileCity, tmp_path: Path) -> None:
    """Inside a large area all tiles are the same square."""
    place = (107.30, 16.80)
    with added(tile_city, place, side=0.2):
        archive = export(tile_city, tmp_path / "large.mbtiles", box=around((107.4, 16.9), margin=0.05))
        export(tile_city, tmp_path / "large.pmtiles", box=around((107.4, 16.9), margin=0.05))
    assert archive.different < archive.tiles / 2
    with sqlite3.connect(tmp_path / "large.mbtiles") as connection:
        (images,) = connection.execute("select count(*) from images").fetchone()
    with (tmp_path / "large.pmtiles").open("rb") as opened:
        header = Reader(MmapSource(opened)).header()
    assert images == header["tile_contents_count"] == archive.different
    assert header["addressed_tiles_count"] == archive.tiles
    assert tiles_of(tmp_path / "large.mbtiles") == tiles_of(tmp_path / "large.pmtiles")


def test_an_archive_is_for_its_audience(tile_city: TileCity, tmp_path: Path) -> None:
    """A citizen's has no private column and no hidden row, an officer's his units' rows; files of staff are private."""
    citizen, officer, land = (tmp_path / f"{name}.pmtiles" for name in ("citizen", "officer", "land"))
    export(tile_city, citizen, zooms=DEEP)
    export(tile_city, officer, caller=OFFICER, zooms=DEEP)
    export(tile_city, land, caller=Caller(audience="land"), zooms=DEEP)
    with tile_city.owner() as owner:
        owner.execute("update test_plots set kind = 'secret' where code = 'L3_3'")
        try:
            export(tile_city, citizen, replace=True, zooms=DEEP)
        finally:
            owner.execute("update test_plots set kind = 'house' where code = 'L3_3'")
    assert b"holder" not in b"".join(tiles_of(citizen).values())
    assert "Nguyễn Văn".encode() in b"".join(tiles_of(land).values())
    assert (
        "L3_3" not in codes_of(tile_city, citizen)
        and "L3_4" in codes_of(tile_city, citizen)
        and "L3_3" in codes_of(tile_city, land)
    )
    assert {code[0] for code in codes_of(tile_city, officer)} == {"L"} and {
        code[0] for code in codes_of(tile_city, citizen)
    } == {
        "L",
        "T",
    }
    assert "holder" not in json.dumps(metadata_of(citizen))
    assert stat.S_IMODE(land.stat().st_mode) == stat.S_IMODE(officer.stat().st_mode) == 0o600


def test_an_archive_says_what_it_is(tile_city: TileCity, tmp_path: Path) -> None:
    count_cells(tile_city)
    pm, mb = tmp_path / "plots.pmtiles", tmp_path / "plots.mbtiles"
    for file in (pm, mb):
        export(tile_city, file, language="en", zooms=DEEP)
    for metadata in (metadata_of(pm), metadata_of(mb)):
        assert (metadata["name"], metadata["name:vi"]) == ("Test plots", "Thửa thử")
        assert metadata["attribution"] == "Source &lt;test&gt;"
        assert metadata["attribution:vi"] == "Nguồn &lt;thử&gt;"
    text = metadata_of(mb)
    assert text["format"] == "pbf" and text["minzoom"] == "0" and text["maxzoom"] == str(DEEP[1])
    layers = metadata_of(pm)["vector_layers"]
    assert json.loads(text["json"]) == {"vector_layers": layers}
    layer, names = layers
    assert layer["id"] == "test_plots" and (layer["minzoom"], layer["maxzoom"]) == DEEP
    assert names["id"] == "test_plots:names" and names["maxzoom"] == DEEP[1]
    carried: dict[str, set[str]] = {}
    for body in tiles_of(pm).values():
        for name, found in mapbox_vector_tile.decode(body).items():
            keys = (key for feature in found["features"] for key in feature["properties"])
            carried.setdefault(name, set()).update(keys)
    # All that is carried is described, and of the features nothing else: APART only where a tile cuts one.
    assert carried.keys() <= {"test_plots", "test_plots:names"}
    assert set(layer["fields"]) - {"_apart"} == carried["test_plots"] - {"_apart"}
    assert carried.get("test_plots:names", set()) <= set(names["fields"]) and names["fields"]
    assert layer["fields"]["area"] == "Number" and layer["fields"]["code"] == "String"
    style = metadata_of(pm)["style"]
    assert (
        style["sources"]["huong"]["url"] == "pmtiles://plots.pmtiles" and json.loads(text["style"])["layers"]
    )
    assert {drawn["source-layer"] for drawn in style["layers"] if "source" in drawn} == {
        "test_plots",
        "test_plots:names",
    }
    with mb.open("rb") as opened:
        opened.seek(68)
        assert opened.read(4) == b"MPBX"


@pytest.mark.parametrize("format_", ["pmtiles", "mbtiles"])
def test_gdal_reads_what_the_database_holds(tile_city: TileCity, tmp_path: Path, format_: str) -> None:
    """GDAL's own drivers: every plot that a citizen sees, with its values, at its place."""
    file = tmp_path / f"plots.{format_}"
    export(tile_city, file, zooms=DEEP)
    layers = pyogrio.list_layers(file)
    assert [name for name, _ in layers] == ["test_plots", "test_plots:names"]
    meta, _, wkb, columns = pyogrio.raw.read(file, layer="test_plots")
    fields = dict(zip(meta["fields"], columns, strict=True))
    found = dict(
        zip(fields["mvt_id"].tolist(), zip(fields["code"], fields["area"], strict=True), strict=True)
    )
    with psycopg.connect(**tile_city.config.connection("citizen")) as citizen:  # type: ignore[arg-type]
        rows = citizen.execute("select fid, code, area, st_area(geom3857) from citizen.test_plots").fetchall()
    assert found == {fid: (code, area) for fid, code, area, _ in rows}
    assert len(found) > 700
    import shapely

    shapes = shapely.from_wkb(np.asarray(wkb))
    areas: dict[int, float] = {}
    for fid, area in zip(fields["mvt_id"].tolist(), shapely.area(shapes), strict=True):
        areas[fid] = max(areas.get(fid, 0.0), float(area))
    whole = [abs(areas[fid] / true - 1) < 0.2 for fid, _, _, true in rows]
    assert sum(whole) > 0.8 * len(rows), (
        "the plots that no edge of a tile cuts are as large as in the database"
    )


@pytest.fixture
def filled(tile_city: TileCity) -> Iterator[TileCity]:
    """The plots as areas of colour, cells at low zooms: the look that a layer has which declares none."""
    before = plots()
    publish(tile_city.config, plots(styles=()))
    count_cells(tile_city)
    yield tile_city
    publish(tile_city.config, before)


@pytest.mark.parametrize("raster", ["png", "webp"])
def test_pictures_are_those_of_the_server(filled: TileCity, tmp_path: Path, raster: str) -> None:
    """Byte for byte; and where the archive has none, the server's shows nothing."""
    file, box = tmp_path / "pictures.mbtiles", around(A_LUOI, margin=0.03)
    export(filled, file, raster=raster, box=box, zooms=(10, HIGHEST))
    with sqlite3.connect(file) as connection:
        rows = connection.execute("select zoom_level, tile_column, tile_row, tile_data from tiles").fetchall()
    found = {TileId(z, x, (1 << z) - 1 - row): data for z, x, row, data in rows}
    assert {tile.z for tile in found} == set(range(10, HIGHEST + 1))
    with filled.client() as client:
        for z in range(10, HIGHEST + 1):
            r = tiles_showing(box, z)
            for x in range(r.min_x, r.max_x + 1):
                for y in range(r.min_y, r.max_y + 1):
                    theirs = client.get(f"/tiles/test_plots/{z}/{x}/{y}.{raster}").content
                    if (z, x, y) in found:
                        assert found[TileId(z, x, y)] == theirs
                    else:
                        assert alpha_of(theirs).getbbox() is None, "the archive lacks a picture"
    assert metadata_of(file)["format"] == raster and "json" not in metadata_of(file)


def alpha_of(picture: bytes) -> Image.Image:
    with Image.open(io.BytesIO(picture)) as image:
        return image.convert("RGBA").getchannel("A")


def test_gdal_reads_the_pictures_at_their_place(filled: TileCity, tmp_path: Path) -> None:
    """Would fail if rows were counted from the wrong end, or if tiles were of another size than they say."""
    for file in (tmp_path / "pictures.mbtiles", tmp_path / "pictures.pmtiles"):
        export(filled, file, raster="png", box=around(A_LUOI, margin=0.03), zooms=(10, 15))
    with (tmp_path / "pictures.pmtiles").open("rb") as opened:
        header = Reader(MmapSource(opened)).header()
        assert (header["tile_type"], header["tile_compression"]) == (TileType.PNG, Compression.NONE)
    with filled.owner() as owner:
        places = owner.execute(
            "select st_x(c), st_y(c) from (select st_centroid(geom3857) c from test_plots where code like 'L%') p"
        ).fetchall()
    gap = 0.9 * STEP  # between two plots
    x, y = web_mercator(A_LUOI[0] + gap, A_LUOI[1] + gap)
    with rasterio.open(tmp_path / "pictures.mbtiles") as dataset:
        assert dataset.crs.to_epsg() == 3857
        drawn = [pixel[3] for pixel in dataset.sample(places)]
        assert len(drawn) == 400 and min(drawn) > 0
        ((*_, between),) = dataset.sample([(x, y)])
        assert between == 0
