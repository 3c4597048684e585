"""The tile grid WebMercatorQuad (OGC 17-083r4, annex D.1): which tile lies where. Boxes are EPSG:3857, in metres."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

HALF_WORLD_M = 20037508.3427892
EARTH_RADIUS_M = 6378137.0
MAX_ZOOM = 24
EXTENT = 4096  # units across a tile
BUFFER = 64  # units that a tile shows of its neighbours

Box = tuple[float, float, float, float]  # minx, miny, maxx, maxy


class TileId(NamedTuple):
    """One tile; ``y`` counts rows from the north."""

    z: int
    x: int
    y: int

    @property
    def side(self) -> float:
        """Length of an edge in metres of EPSG:3857."""
        return 2 * HALF_WORLD_M / (1 << self.z)

    def covered_by(self, boxes: Iterable[Box]) -> bool:
        """Whether anything in ``boxes`` shows in this tile or in its buffer."""
        side = self.side
        margin = side * BUFFER / EXTENT + 1e-6
        west = self.x * side - HALF_WORLD_M - margin
        north = HALF_WORLD_M - self.y * side + margin
        east, south = west + side + 2 * margin, north - side - 2 * margin
        return any(b[0] <= east and b[2] >= west and b[1] <= north and b[3] >= south for b in boxes)


class TileRange(NamedTuple):
    """Columns and rows of one zoom, bounds included."""

    min_x: int
    max_x: int
    min_y: int
    max_y: int

    def has(self, x: int, y: int) -> bool:
        return self.min_x <= x <= self.max_x and self.min_y <= y <= self.max_y

    @property
    def size(self) -> int:
        return (self.max_x - self.min_x + 1) * (self.max_y - self.min_y + 1)


def tiles_showing(box: Box, z: int) -> TileRange:
    """The tiles of zoom ``z`` in which something in ``box`` shows, buffers included."""
    side = 2 * HALF_WORLD_M / (1 << z)
    margin = side * BUFFER / EXTENT + 1e-6
    last = (1 << z) - 1

    def index(metres: float) -> int:
        return min(max(math.floor(metres / side), 0), last)

    return TileRange(
        index(box[0] - margin + HALF_WORLD_M),
        index(box[2] + margin + HALF_WORLD_M),
        index(HALF_WORLD_M - box[3] - margin),
        index(HALF_WORLD_M - box[1] + margin),
    )


def whole(z: int) -> TileRange:
    """All tiles of zoom ``z``."""
    last = (1 << z) - 1
    return TileRange(0, last, 0, last)


def lon_lat(x: float, y: float) -> tuple[float, float]:
    """Degrees (longitude, latitude) of a point of EPSG:3857; the inverse spherical Mercator."""
    return math.degrees(x / EARTH_RADIUS_M), math.degrees(math.atan(math.sinh(y / EARTH_RADIUS_M)))


def web_mercator(lon: float, lat: float) -> tuple[float, float]:
    """EPSG:3857 metres of a point; latitudes beyond the grid's are cut to its edge (85.0511 degrees)."""
    lat = max(-85.05112877980659, min(85.05112877980659, lat))
    return math.radians(lon) * EARTH_RADIUS_M, math.asinh(math.tan(math.radians(lat))) * EARTH_RADIUS_M
