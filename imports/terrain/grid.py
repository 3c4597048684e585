"""The pixel grid of web map tiles, on which the height model lies."""

from __future__ import annotations

import math
from dataclasses import dataclass

from affine import Affine

WORLD_M = 2 * 20037508.342789244  # width of EPSG:3857
TILE_PX = 256
LOWEST_ZOOM, HIGHEST_ZOOM = 0, 18  # a cell of zoom 18 is 0.6 m wide
SLACK = 0.3  # of a zoom, by which px may be wider than cells rather than be half as wide

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class TileGrid:
    """Whole tiles of 256 px of one zoom: columns and rows from the north-west of the world, the last excluded."""

    zoom: int
    west: int
    north: int
    east: int
    south: int

    @property
    def cell(self) -> float:
        """Width of a px in metres of EPSG:3857."""
        return WORLD_M / TILE_PX / (1 << self.zoom)

    @property
    def width(self) -> int:
        return (self.east - self.west) * TILE_PX

    @property
    def height(self) -> int:
        return (self.south - self.north) * TILE_PX

    @property
    def transform(self) -> Affine:
        side = self.cell * TILE_PX
        left, top = self.west * side - WORLD_M / 2, WORLD_M / 2 - self.north * side
        return Affine(self.cell, 0, left, 0, -self.cell, top)


def zoom_for(cell: float) -> int:
    """The zoom whose px are at most about as wide as ``cell`` (metres of EPSG:3857)."""
    zoom = math.ceil(math.log2(WORLD_M / TILE_PX / cell) - SLACK)
    return min(max(zoom, LOWEST_ZOOM), HIGHEST_ZOOM)


def grid_over(bounds: Bounds, zoom: int) -> TileGrid:
    """The tiles of ``zoom`` that together cover ``bounds`` (EPSG:3857)."""
    last = 1 << zoom
    side = WORLD_M / last

    def index(metres: float, up: bool) -> int:
        at = metres / side
        return min(max(math.ceil(at) if up else math.floor(at), 0), last)

    half = WORLD_M / 2
    return TileGrid(
        zoom,
        index(bounds[0] + half, False),
        index(half - bounds[3], False),
        index(bounds[2] + half, True),
        index(half - bounds[1], True),
    )
