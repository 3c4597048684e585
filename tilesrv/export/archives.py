"""Writing the archive, whole or not at all: PMTiles 3 by its own library, MBTiles 1.3 by SQLite."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from pmtiles.tile import Compression, TileType
from pmtiles.writer import Writer

from tilesrv.export.description import Description
from tilesrv.export.partial import Partial
from tilesrv.export.request import Format

TILE_TYPES = {None: TileType.MVT, "png": TileType.PNG, "webp": TileType.WEBP}
MBTILES = 0x4D504258  # "MPBX", the application id of an MBTiles file (specification 1.3)
MBTILES_SCHEMA = """
create table made.metadata (name text primary key, value text);
create table made.map (zoom_level integer not null, tile_column integer not null, tile_row integer not null,
  tile_id integer not null, primary key (zoom_level, tile_column, tile_row)) without rowid;
create table made.images (tile_id integer primary key, tile_data blob not null);
create view made.tiles as select map.zoom_level, map.tile_column, map.tile_row, images.tile_data
  from map join images on images.tile_id = map.tile_id"""


def write_archive(
    format_: Format, unfinished: Partial, file: Path, description: Description, *, private: bool
) -> None:
    """Put the archive in its place; OSError or sqlite3.Error if that fails.

    ``private`` keeps it from the other users of the machine.
    """
    making = file.with_name(f"{file.name}.making")
    making.unlink(missing_ok=True)
    os.close(os.open(making, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600 if private else 0o666))
    try:
        WRITERS[format_](unfinished, making, description)
        making.replace(file)
    finally:
        making.unlink(missing_ok=True)


def write_pmtiles(unfinished: Partial, path: Path, description: Description) -> None:
    west, south, east, north = (round(degrees * 1e7) for degrees in description.bounds)
    lon, lat, zoom = description.center
    header = {
        "tile_type": TILE_TYPES[description.raster],
        "tile_compression": Compression.NONE if description.raster else Compression.GZIP,
        "min_lon_e7": west, "min_lat_e7": south, "max_lon_e7": east, "max_lat_e7": north,
        "center_lon_e7": round(lon * 1e7), "center_lat_e7": round(lat * 1e7), "center_zoom": zoom,
    }  # fmt: skip
    with path.open("wb") as file:
        writer = Writer(file)  # type: ignore[no-untyped-call]
        # The writer's own lies in the system's temporary folder, which is often too small for a city.
        writer.tile_f.close()
        with tempfile.TemporaryFile(dir=path.parent) as writer.tile_f:
            for number, data in unfinished.tiles():
                writer.write_tile(number, data)  # type: ignore[no-untyped-call]
            writer.finalize(header, description.document())  # type: ignore[no-untyped-call]
        file.flush()
        os.fsync(file.fileno())


def write_mbtiles(unfinished: Partial, path: Path, description: Description) -> None:
    connection = unfinished.connection
    connection.execute("attach database ? as made", [str(path)])
    try:
        connection.execute(f"pragma made.application_id = {MBTILES}")
        connection.execute("begin")
        for statement in MBTILES_SCHEMA.split(";\n"):
            connection.execute(statement)
        connection.execute(
            "insert into made.map select z, x, (1 << z) - 1 - y, image from asked"
            " where image is not null order by 1, 2, 3"
        )
        connection.execute(
            "insert into made.images select id, data from image"
            " where id in (select image from asked where image is not null) order by id"
        )
        connection.executemany(
            "insert into made.metadata values (?, ?)", mbtiles_metadata(description).items()
        )
        connection.execute("commit")
    finally:
        if connection.in_transaction:
            connection.execute("rollback")
        connection.execute("detach database made")


def mbtiles_metadata(description: Description) -> dict[str, str]:
    """Rows of ``metadata``: texts as they are, what is structured as JSON, the layers in the row ``json``."""
    document = description.document()
    layers = {} if description.raster else {"json": {"vector_layers": document.pop("vector_layers")}}
    lon, lat, zoom = description.center
    rows: Mapping[str, object] = {
        **document,
        **layers,
        "format": description.raster or "pbf",
        "bounds": ",".join(f"{degrees:.6f}" for degrees in description.bounds),
        "center": f"{lon:.6f},{lat:.6f},{zoom}",
        "minzoom": str(description.zooms[0]),
        "maxzoom": str(description.zooms[1]),
    }
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in rows.items()
    }


WRITERS: Mapping[Format, Callable[[Partial, Path, Description], None]] = {
    "pmtiles": write_pmtiles,
    "mbtiles": write_mbtiles,
}
