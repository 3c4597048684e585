"""Archives of the test layers: made, read by each format's own means, and the tile server's answers beside them."""

from __future__ import annotations

import gzip
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from pmtiles.reader import MmapSource, Reader, all_tiles

from gis_core import overviews
from gis_core.audiences import Caller
from gis_core.overview_maintainer import catch_up
from gis_core.runtime.progress import Progress
from gis_core.words import Text
from tests.tilesrv.conftest import A_LUOI, THUAN_AN, TileCity, path_of
from tilesrv.export.export import Archive, export_tiles
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


def differences(ours: dict[TileId, bytes], theirs: dict[TileId, bytes]) -> set[TileId]:
    """The tiles that show something else in an archive than from the server."""
    everywhere = ours.keys() | theirs.keys()
    return {tile for tile in everywhere if not shows_the_same(ours.get(tile, b""), theirs.get(tile, b""))}


def shows_the_same(ours: bytes, theirs: bytes) -> bool:
    """The same features in the same order, each in the same shape, with all attributes that the server sends."""
    mine, other = mapbox_vector_tile.decode(ours), mapbox_vector_tile.decode(theirs)
    if mine.keys() != other.keys():
        return False
    for layer in mine:
        one, two = mine[layer]["features"], other[layer]["features"]
        if [(f.get("id"), f["geometry"]) for f in one] != [(f.get("id"), f["geometry"]) for f in two]:
            return False
        if any(not f["properties"].items() >= g["properties"].items() for f, g in zip(one, two, strict=True)):
            return False
    return True


def settled(city: TileCity, file: Path, box: Box = EVERYTHING) -> None:
    """The archive is what the server serves, which hears of changes in a moment of its own."""
    deadline = time.monotonic() + 60
    while True:
        differing = differences(tiles_of(file), served(city, "test_plots", box))
        if not differing:
            return
        assert time.monotonic() < deadline, sorted(differing)
        time.sleep(0.5)


def codes_of(city: TileCity, file: Path) -> set[str]:
    """The codes of all plots in the tiles of an archive's highest zoom; those that are no more have none."""
    tiles = tiles_of(file)
    highest = max(tile.z for tile in tiles)
    found = [mapbox_vector_tile.decode(body) for tile, body in tiles.items() if tile.z == highest]
    fids = {feature["id"] for tile in found for feature in tile["test_plots"]["features"]}
    with city.owner() as owner:
        codes = dict(owner.execute("select fid, code from test_plots").fetchall())
    return {codes.get(fid, "gone") for fid in fids}
