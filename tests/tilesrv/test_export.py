"""Archives for offline use: they hold what the tile server serves, no more and no less, whatever happens on the way."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import psycopg
import pyogrio
import pyogrio.raw
import pytest
import rasterio
from PIL import Image
from pmtiles.reader import MmapSource, Reader, all_tiles
from pmtiles.tile import Compression, TileType

from gis_core import overviews
from gis_core.audiences import Caller
from gis_core.overview_maintainer import catch_up
from gis_core.problems import Problem
from gis_core.runtime.progress import Progress
from gis_core.words import Text
from tests.city_plugin import IN_PROCESS, environment_of
from tests.tilesrv.conftest import A_LUOI, STEP, THUAN_AN, TileCity, path_of, plots, publish
from tilesrv.export.export import Archive, export_tiles
from tilesrv.export.partial import Partial
from tilesrv.export.request import ExportRequest
from tilesrv.grid import Box, TileId, tiles_showing, web_mercator

HIGHEST = 14  # overviews reach to 12: features and cells are both in
OFFICER = Caller(audience="officer", units=("w1",))
Hook = Callable[[int, int], None]


def request_of(file: Path, *targets: str, **changes: Any) -> ExportRequest:
    values: dict[str, Any] = {"zooms": (0, HIGHEST), "format": file.suffix[1:], **changes}
    return ExportRequest(targets=targets or ("test_plots",), file=file, **values)


def export(city: TileCity, file: Path, *targets: str, hook: Hook | None = None, **changes: Any) -> Archive:
    progress = Hooked(hook) if hook else None
    return export_tiles(request_of(file, *targets, **changes), city.config, progress)


class Hooked(Progress):
    """Calls ``hook(zoom, tiles of it done)`` between two steps of an export."""

    def __init__(self, hook: Hook) -> None:
        super().__init__(None)
        self._hook = hook

    def at(self, stage: Text, count: int, total: int | None = None) -> None:
        self._hook(int(stage.en.split(",")[0].removeprefix("zoom ")), count)


def tiles_of(file: Path) -> dict[TileId, bytes]:
    """Every tile of an archive, unpacked; read by the format's own means."""
    if file.suffix == ".pmtiles":
        with file.open("rb") as opened:
            return {TileId(*zxy): gzip.decompress(data) for zxy, data in all_tiles(MmapSource(opened))}
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        rows = connection.execute("select zoom_level, tile_column, tile_row, tile_data from tiles").fetchall()
    return {TileId(z, x, (1 << z) - 1 - row): gzip.decompress(data) for z, x, row, data in rows}


def metadata_of(file: Path) -> dict[str, Any]:
    if file.suffix == ".pmtiles":
        with file.open("rb") as opened:
            found: dict[str, Any] = Reader(MmapSource(opened)).metadata()
            return found
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        return dict(connection.execute("select name, value from metadata").fetchall())


def served(city: TileCity, layer_id: str, box: Box, highest: int = HIGHEST) -> dict[TileId, bytes]:
    """Every tile in ``box`` that the tile server shows something in, asked for one by one."""
    found = {}
    with city.client(headers={"Accept-Encoding": "identity"}) as client:
        for z in range(highest + 1):
            r = tiles_showing(box, z)
            for x in range(r.min_x, r.max_x + 1):
                for y in range(r.min_y, r.max_y + 1):
                    answer = client.get(path_of(layer_id, TileId(z, x, y)))
                    assert answer.status_code in (200, 204, 404)
                    if answer.status_code == 200:
                        found[TileId(z, x, y)] = answer.content
    return found


def around(*places: tuple[float, float], margin: float = 0.05) -> Box:
    lons, lats = zip(*places, strict=True)
    low = web_mercator(min(lons) - margin, min(lats) - margin)
    return *low, *web_mercator(max(lons) + margin, max(lats) + margin)


EVERYTHING = around(A_LUOI, THUAN_AN)


@contextmanager
def added(city: TileCity, place: tuple[float, float], side: float = 0.002) -> Iterator[None]:
    """Some square more, in a place where there was nothing."""
    with city.owner() as owner:
        owner.execute(
            "insert into test_plots (code, kind, geom) values ('added', 'shop',"
            " st_multi(st_makeenvelope(%s, %s, %s, %s, 4326)))",
            [place[0], place[1], place[0] + side, place[1] + side],
        )
        try:
            yield
        finally:
            owner.execute("delete from test_plots where code = 'added'")


def count_cells(city: TileCity) -> None:
    """Have low zooms show cells, as they are now: what the worker does in a running city."""
    with pytest.MonkeyPatch.context() as patch, city.owner() as owner, owner.transaction():
        patch.setattr(overviews, "DECLARED_FROM", 50)
        catch_up(owner.cursor())


@pytest.fixture
def with_cells(tile_city: TileCity) -> TileCity:
    count_cells(tile_city)
    return tile_city


def settled(city: TileCity, file: Path, box: Box = EVERYTHING) -> None:
    """The archive is what the server serves, which hears of changes in a moment of its own."""
    deadline = time.monotonic() + 10
    while True:
        ours, theirs = tiles_of(file), served(city, "test_plots", box)
        if ours == theirs:
            return
        differing = {tile for tile in ours.keys() | theirs.keys() if ours.get(tile) != theirs.get(tile)}
        assert time.monotonic() < deadline, sorted(differing)
        time.sleep(0.5)


@pytest.mark.parametrize("cells", [False, True])
def test_an_archive_holds_every_tile_of_the_server_and_no_other(
    tile_city: TileCity, tmp_path: Path, cells: bool
) -> None:
    """Would fail if the walk missed a branch: below a tile in which everything is too small to be drawn, or below
    cells, which stand elsewhere than the features that they count."""
    if cells:
        count_cells(tile_city)
    for file in (tmp_path / "plots.pmtiles", tmp_path / "plots.mbtiles"):
        archive = export(tile_city, file)
        settled(tile_city, file)
        found = tiles_of(file)
        assert archive.tiles == len(found)
        assert {tile.z for tile in found} == set(range(0 if cells else 7, HIGHEST + 1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plots.mbtiles", "plots.pmtiles"]


def test_layers_lie_in_one_tile_beside_each_other(
    with_cells: TileCity, tile_city: TileCity, tmp_path: Path
) -> None:
    """The second layer begins at zoom 6; both are read from the same tiles by a decoder that knows nothing of ours."""
    file = tmp_path / "both.pmtiles"
    export(tile_city, file, "test_plots", "test_epochs", zooms=(0, 12))
    plots_alone = served(tile_city, "test_plots", EVERYTHING, 12)
    epochs_alone = served(tile_city, "test_epochs", EVERYTHING, 12)
    found = tiles_of(file)
    assert set(found) == plots_alone.keys() | epochs_alone.keys()
    for tile, body in found.items():
        layers = mapbox_vector_tile.decode(body)
        alone = [each.get(tile) for each in (plots_alone, epochs_alone)]
        expected: dict[str, Any] = {}
        for each in alone:
            expected |= mapbox_vector_tile.decode(each) if each else {}
        assert layers == expected
    assert any(len(mapbox_vector_tile.decode(body)) == 2 for body in found.values())


def test_an_area_and_zooms_limit_the_archive(tile_city: TileCity, tmp_path: Path) -> None:
    file = tmp_path / "a_luoi.mbtiles"
    box = around(A_LUOI, margin=0.02)
    export(tile_city, file, box=box, zooms=(9, HIGHEST))
    found = tiles_of(file)
    assert found == {t: body for t, body in served(tile_city, "test_plots", box).items() if t.z >= 9}
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


def test_what_changes_meanwhile_is_in_the_archive(
    with_cells: TileCity, tile_city: TileCity, tmp_path: Path
) -> None:
    """Would fail if tiles were as old as the moment they were asked for: half of the change would be seen."""
    file, place = tmp_path / "moving.pmtiles", (107.40, 16.40)
    with tile_city.owner() as owner:

        def change(zoom: int, _done: int) -> None:
            if zoom == 13 and not owner.execute("select 1 from test_plots where code = 'moved'").fetchone():
                owner.execute(
                    "insert into test_plots (code, kind, geom) values"
                    " ('moved', 'shop', st_multi(st_makeenvelope(%s, %s, %s, %s, 4326)))",
                    [place[0], place[1], place[0] + 0.01, place[1] + 0.01],
                )
                owner.execute("delete from test_plots where code like 'T1\\_%'")
                count_cells(tile_city)

        try:
            export(tile_city, file, hook=change)
            settled(tile_city, file)
            codes = codes_of(file)
            assert "moved" in codes and "T0_1" in codes and not any(c.startswith("T1_") for c in codes)
        finally:
            owner.execute("delete from test_plots where code = 'moved'")


def codes_of(file: Path) -> set[str]:
    """The codes of all plots in the tiles of the highest zoom."""
    found = set()
    for tile, body in tiles_of(file).items():
        if tile.z == HIGHEST:
            features = mapbox_vector_tile.decode(body)["test_plots"]["features"]
            found |= {each["properties"]["code"] for each in features}
    return found


@pytest.mark.parametrize("format_", ["pmtiles", "mbtiles"])
def test_an_export_that_was_stopped_is_gone_on_with(
    with_cells: TileCity, tile_city: TileCity, tmp_path: Path, format_: str
) -> None:
    """What was done is not done again, except where something has changed since."""
    file = tmp_path / f"stopped.{format_}"
    seen: list[tuple[int, int]] = []

    def stop(zoom: int, done: int) -> None:
        if zoom == 13:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(tile_city, file, hook=stop)
    assert not file.exists() and [p.name for p in tmp_path.iterdir()] == [f"{file.name}.partial"]
    with added(tile_city, (107.45, 16.45)):
        count_cells(tile_city)
        export(tile_city, file, hook=lambda zoom, done: seen.append((zoom, done)), resume=True)
        settled(tile_city, file)
        whole = tiles_of(file)
    asked = sum(done for zoom, done in seen if zoom < 13)
    assert asked < sum(1 for tile in whole if tile.z < 13), "all was asked for again"
    assert [p.name for p in tmp_path.iterdir()] == [file.name]
    assert "added" in codes_of(file)


def test_ctrl_c_leaves_no_archive_and_resume_makes_it_whole(tile_city: TileCity, tmp_path: Path) -> None:
    """The command itself, stopped by the signal of the terminal in the middle of its work."""
    file = tmp_path / "deep.pmtiles"
    command = [
        sys.executable,
        "-m",
        "gis_core.cli",
        "tiles",
        "export",
        "test_plots",
        str(file),
        "--zoom",
        "0-21",
    ]
    process = subprocess.Popen(command, env=environment_of(IN_PROCESS), stderr=subprocess.PIPE, text=True)
    unfinished = tmp_path / "deep.pmtiles.partial"
    deadline = time.monotonic() + 60
    while not (unfinished.exists() and unfinished.stat().st_size > 400_000):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 2 and "--resume" in said and "Traceback" not in said
    assert not file.exists() and unfinished.exists()
    done = subprocess.run(
        [*command, "--resume"], env=environment_of(IN_PROCESS), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    fresh = tmp_path / "fresh.mbtiles"
    export(tile_city, fresh, zooms=(0, 21))
    assert tiles_of(file) == tiles_of(fresh)
    assert not unfinished.exists()


def test_an_archive_is_for_its_audience(tile_city: TileCity, tmp_path: Path) -> None:
    """A citizen's has no private column and no hidden row, an officer's his units' rows; files of staff are private."""
    citizen, officer, land = (tmp_path / f"{name}.pmtiles" for name in ("citizen", "officer", "land"))
    export(tile_city, citizen)
    export(tile_city, officer, caller=OFFICER)
    export(tile_city, land, caller=Caller(audience="land"))
    with tile_city.owner() as owner:
        owner.execute("update test_plots set kind = 'secret' where code = 'L3_3'")
        try:
            export(tile_city, citizen, replace=True)
        finally:
            owner.execute("update test_plots set kind = 'house' where code = 'L3_3'")
    assert b"holder" not in b"".join(tiles_of(citizen).values())
    assert "Nguyễn Văn".encode() in b"".join(tiles_of(land).values())
    assert "L3_3" not in codes_of(citizen) and "L3_4" in codes_of(citizen) and "L3_3" in codes_of(land)
    assert {code[0] for code in codes_of(officer)} == {"L"} and {code[0] for code in codes_of(citizen)} == {
        "L",
        "T",
    }
    assert "holder" not in json.dumps(metadata_of(citizen))
    assert stat.S_IMODE(land.stat().st_mode) == stat.S_IMODE(officer.stat().st_mode) == 0o600


def test_an_archive_says_what_it_is(with_cells: TileCity, tile_city: TileCity, tmp_path: Path) -> None:
    pm, mb = tmp_path / "plots.pmtiles", tmp_path / "plots.mbtiles"
    for file in (pm, mb):
        export(tile_city, file, language="en")
    for metadata in (metadata_of(pm), metadata_of(mb)):
        assert (metadata["name"], metadata["name:vi"]) == ("Test plots", "Thửa thử")
        assert metadata["attribution"] == "Source &lt;test&gt;"
        assert metadata["attribution:vi"] == "Nguồn &lt;thử&gt;"
    text = metadata_of(mb)
    assert text["format"] == "pbf" and text["minzoom"] == "0" and text["maxzoom"] == str(HIGHEST)
    layers = metadata_of(pm)["vector_layers"]
    assert json.loads(text["json"]) == {"vector_layers": layers}
    (layer,) = layers
    assert layer["id"] == "test_plots" and (layer["minzoom"], layer["maxzoom"]) == (0, HIGHEST)
    features = [
        f for body in tiles_of(pm).values() for f in mapbox_vector_tile.decode(body)["test_plots"]["features"]
    ]
    assert {key for feature in features for key in feature["properties"]} == set(layer["fields"])
    assert layer["fields"]["area"] == "Number" and layer["fields"]["code"] == "String"
    style = metadata_of(pm)["style"]
    assert (
        style["sources"]["huong"]["url"] == "pmtiles://plots.pmtiles" and json.loads(text["style"])["layers"]
    )
    assert {drawn["source-layer"] for drawn in style["layers"] if "source" in drawn} == {"test_plots"}
    with mb.open("rb") as opened:
        opened.seek(68)
        assert opened.read(4) == b"MPBX"


@pytest.mark.parametrize("format_", ["pmtiles", "mbtiles"])
def test_gdal_reads_what_the_database_holds(tile_city: TileCity, tmp_path: Path, format_: str) -> None:
    """GDAL's own drivers: every plot that a citizen sees, with its values, at its place."""
    file = tmp_path / f"plots.{format_}"
    export(tile_city, file)
    layers = pyogrio.list_layers(file)
    assert [name for name, _ in layers] == ["test_plots"]
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


@pytest.mark.parametrize("raster", ["png", "webp"])
def test_pictures_are_those_of_the_server(
    with_cells: TileCity, tile_city: TileCity, tmp_path: Path, raster: str
) -> None:
    """Byte for byte; and where the archive has none, the server's shows nothing."""
    file, box = tmp_path / "pictures.mbtiles", around(A_LUOI, margin=0.03)
    export(tile_city, file, raster=raster, box=box, zooms=(10, HIGHEST))
    with sqlite3.connect(file) as connection:
        rows = connection.execute("select zoom_level, tile_column, tile_row, tile_data from tiles").fetchall()
    found = {TileId(z, x, (1 << z) - 1 - row): data for z, x, row, data in rows}
    assert {tile.z for tile in found} == set(range(10, HIGHEST + 1))
    with tile_city.client() as client:
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


def test_gdal_reads_the_pictures_at_their_place(tile_city: TileCity, tmp_path: Path) -> None:
    """Would fail if rows were counted from the wrong end, or if tiles were of another size than they say."""
    for file in (tmp_path / "pictures.mbtiles", tmp_path / "pictures.pmtiles"):
        export(tile_city, file, raster="png", box=around(A_LUOI, margin=0.03), zooms=(10, 15))
    with (tmp_path / "pictures.pmtiles").open("rb") as opened:
        header = Reader(MmapSource(opened)).header()
        assert (header["tile_type"], header["tile_compression"]) == (TileType.PNG, Compression.NONE)
    with tile_city.owner() as owner:
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


def test_refusals(tile_city: TileCity, tmp_path: Path) -> None:
    def code(file: Path, *targets: str, **changes: Any) -> str:
        with pytest.raises(Problem) as refused:
            export(tile_city, file, *targets, **changes)
        return refused.value.code

    file = tmp_path / "a.pmtiles"
    assert code(file, "no_such_layer") == "no-such-collection"
    assert code(file, "test_plots:no-such") == "no-such-style"
    assert code(file, zooms=(23, 24)) == "no-such-zoom"
    assert code(file, box=around((10.0, 50.0))) == "nothing-to-export"
    assert code(tmp_path / "none" / "a.pmtiles") == "no-folder"
    assert list(tmp_path.iterdir()) == [], "a refusal leaves something behind"
    file.write_bytes(b"held")
    assert code(file) == "file-exists" and file.read_bytes() == b"held"
    other = tmp_path / "b.pmtiles.partial"
    other.write_bytes(b"somebody's notes, which are no database of ours" * 100)
    assert code(tmp_path / "b.pmtiles") == "not-an-export" and other.stat().st_size == 4700
    at_work = Partial(tmp_path / "c.pmtiles.partial")
    assert code(tmp_path / "c.pmtiles") == "export-at-work"
    at_work.close(remove=True)


def interrupted(city: TileCity, file: Path) -> None:
    def stop(zoom: int, _done: int) -> None:
        if zoom == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(city, file, hook=stop)


def test_what_cannot_be_gone_on_with_is_refused(tile_city: TileCity, tmp_path: Path) -> None:
    """Another question, another publication, a feed of which the middle is gone: each would make a false archive."""
    file = tmp_path / "a.pmtiles"

    def code(**changes: Any) -> str:
        with pytest.raises(Problem) as refused:
            export(tile_city, file, resume=True, **changes)
        return refused.value.code

    interrupted(tile_city, file)
    assert code(zooms=(0, 13)) == code(caller=OFFICER) == "another-export"
    before = plots()
    fewer = plots(fields=tuple(f for f in before.fields if f.name != "area"))
    try:
        publish(tile_city.config, fewer)
        assert code() == "published-anew"
    finally:
        publish(tile_city.config, before)
    interrupted(tile_city, file)
    with tile_city.owner() as owner:
        (held,) = owner.execute("select horizon::text from huong.feed").fetchone() or ("0",)
        owner.execute("update huong.feed set horizon = pg_snapshot_xmax(pg_current_snapshot())")
        try:
            assert code() == "too-old"
        finally:
            owner.execute("update huong.feed set horizon = %s::xid8", [held])
    assert not file.exists()
    export(tile_city, file)
    settled(tile_city, file)


def test_a_publication_during_an_export_ends_it(tile_city: TileCity, tmp_path: Path) -> None:
    """Would fail if the archive mixed tiles of two declarations, or if reading kept the layer from being published."""
    before = plots()
    fewer = plots(fields=tuple(f for f in before.fields if f.name != "area"))
    told: list[int] = []

    def change(zoom: int, _done: int) -> None:
        if zoom == 12 and not told:
            told.append(zoom)
            publish(tile_city.config, fewer)

    try:
        with pytest.raises(Problem) as refused:
            export(tile_city, tmp_path / "a.mbtiles", hook=change)
        assert refused.value.code == "published-anew" and told
    finally:
        publish(tile_city.config, before)
    assert not (tmp_path / "a.mbtiles").exists()


def test_a_full_disk_ends_as_words(tile_city: TileCity, tmp_path: Path) -> None:
    """A file system of 300 kB: exit code 2, no trace, no archive."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        command = ["tiles", "export", "test_plots", str(place / "a.pmtiles"), "--zoom", "0-18"]
        done = subprocess.run(
            [sys.executable, "-m", "gis_core.cli", *command],
            env=environment_of(IN_PROCESS), capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 2 and "No space" in done.stderr and "Traceback" not in done.stderr
        assert not (place / "a.pmtiles").exists()
    finally:
        subprocess.run(["umount", str(place)], check=True)
