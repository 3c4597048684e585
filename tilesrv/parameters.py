"""What a request says, read strictly: tile coordinates, moments, boxes."""

from __future__ import annotations

from datetime import datetime

from gis_core.days import day_or_moment
from gis_core.layer import Layer
from gis_core.problems import Problem, bad_request
from tilesrv.grid import MAX_ZOOM, Box, TileId, web_mercator
from tilesrv.http import Request
from tilesrv.tiles import no_such_tile


def tile_id(z: str, x: str, y: str) -> TileId:
    """The tile that three canonical decimal numbers name; a 404 Problem for anything else, however absurd."""
    if not all(canonical(part) for part in (z, x, y)):
        raise no_such_tile()
    tile = TileId(int(z), int(x), int(y))
    if tile.z > MAX_ZOOM or max(tile.x, tile.y) >= 2**tile.z:
        raise no_such_tile()
    return tile


def canonical(text: str) -> bool:
    """Whether ``text`` is a number as it is written once: one tile has one address and one file."""
    return text.isascii() and text.isdecimal() and len(text) <= 8 and (text[0] != "0" or len(text) == 1)


def moment_of(request: Request, layer: Layer, names: tuple[str, ...]) -> datetime | None:
    """The moment that the first of ``names`` asks for; a 400 Problem for other parameters.

    A layer without time has no parameter of time. ``f`` may say what a tile is anyway.
    """
    time, *others = names
    given = request.parameters(names if layer.time else others)
    if given.get("f", "mvt") != "mvt":
        raise bad_request("bad-f", "“f” phải là mvt.", "“f” must be mvt.", parameter="f")
    return parse_moment(given[time], time) if time in given else None


def parse_moment(text: str, name: str) -> datetime:
    """An RFC 3339 date-time, or a full-date (its first moment in the city); a 400 Problem otherwise."""
    try:
        return day_or_moment(text)[0]
    except ValueError:
        raise bad_moment(name) from None


def bad_moment(name: str) -> Problem:
    return bad_request(
        "bad-time",
        f"“{name}” phải là thời điểm RFC 3339 (2025-07-01T00:00:00Z) hoặc ngày (2025-07-01).",
        f"“{name}” must be an RFC 3339 time (2025-07-01T00:00:00Z) or a date (2025-07-01).",
        parameter=name,
    )


def box_of(text: str) -> Box:
    """The EPSG:3857 box of ``minlon,minlat,maxlon,maxlat``; a 400 Problem for anything else."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise bad_box() from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise bad_box()
    return *web_mercator(west, south), *web_mercator(east, north)


def bad_box() -> Problem:
    return bad_request(
        "bad-bbox",
        "“bbox” phải là kinh_độ_nhỏ,vĩ_độ_nhỏ,kinh_độ_lớn,vĩ_độ_lớn theo độ.",
        "“bbox” must be minlon,minlat,maxlon,maxlat in degrees.",
        parameter="bbox",
    )
