"""Pictures of 256 px are drawn sixteen at a time: a metatile of four by four. EPSG:3857, in metres."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Self

from gis_core.changes import Event
from tilesrv.grid import HALF_WORLD_M, Box, TileId
from tilesrv.render.compiling import BUFFER_PX

SIDE_PX = 256
MOST_ACROSS = 4


class Metatile(NamedTuple):
    """``across`` by ``across`` tiles of zoom ``z``; ``x`` and ``y`` are those of the north-west one."""

    z: int
    x: int
    y: int
    across: int

    @classmethod
    def around(cls, tile: TileId) -> Self:
        """The one in which ``tile`` lies; at the lowest zooms the world is smaller than four tiles."""
        across = min(MOST_ACROSS, 1 << tile.z)
        return cls(tile.z, tile.x - tile.x % across, tile.y - tile.y % across, across)

    @property
    def side_px(self) -> int:
        return self.across * SIDE_PX

    def box(self, margin_px: float = 0) -> Box:
        """minx, miny, maxx, maxy of EPSG:3857, ``margin_px`` wider on each side."""
        metres = 2 * HALF_WORLD_M / (1 << self.z)
        margin = margin_px / SIDE_PX * metres
        west, north = self.x * metres - HALF_WORLD_M, HALF_WORLD_M - self.y * metres
        length = self.across * metres
        return west - margin, north - length - margin, west + length + margin, north + margin

    def tiles(self) -> Iterator[TileId]:
        """Row by row from the north, as the pictures come."""
        for row in range(self.across):
            for column in range(self.across):
                yield TileId(self.z, self.x + column, self.y + row)

    def shows(self, event: Event) -> bool:
        """Whether what ``event`` tells of can change these pictures (cells are shown one zoom further: `compiling`)."""
        if event.max_zoom is not None and self.z > event.max_zoom + 1:
            return False
        if event.boxes is None:
            return True
        west, south, east, north = self.box(BUFFER_PX)
        return any(b[0] <= east and b[2] >= west and b[1] <= north and b[3] >= south for b in event.boxes)
