"""Where a layer has anything at all, as one caller sees it: the limits of its tiles."""

from __future__ import annotations

import time

from gis_core.audiences import CITIZEN, Caller
from gis_core.problems import Problem
from gis_core.registry import Published
from tilesrv.database import Database, is_of_layer
from tilesrv.grid import HALF_WORLD_M, Box, TileRange, tiles_showing, whole
from tilesrv.tile_sql import extent_sql

# Extents are dropped by the change feed; those of others than citizens are also measured again after this time.
STAFF_SECONDS = 1.0
UNKNOWN_SECONDS = 10.0  # after which a layer that could not be read is tried again
ANYWHERE: Box = (-HALF_WORLD_M, -HALF_WORLD_M, HALF_WORLD_M, HALF_WORLD_M)
MOST_KEPT = 4096


class Extents:
    """Measured extents, by caller and layer; NULL extents (an empty layer) limit nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # until when, of which publication, where, and whether it is measured again then
        self._held: dict[tuple[str, str], tuple[float, int, Box | None, bool]] = {}
        self._changes = 0

    def drop(self, layer_id: str | None = None) -> None:
        """Forget a layer's extents (all of them for None); a measurement under way is not kept either."""
        self._changes += 1
        if layer_id is None:
            self._held.clear()
        for key in [k for k in self._held if k[1] == layer_id]:
            del self._held[key]

    def drop_of_staff(self, layer_id: str) -> None:
        """Forget a layer's extents as others than citizens see it."""
        self._changes += 1
        for key in [k for k in self._held if k[1] == layer_id and k[0] != CITIZEN.key]:
            del self._held[key]

    async def box(self, published: Published, caller: Caller) -> Box | None:
        """minx, miny, maxx, maxy in EPSG:3857 of what the caller sees; None where that is nothing, and the whole world
        where the layer cannot be read."""
        key = (caller.key, published.layer.id)
        held = self._held.get(key)
        now = time.monotonic()
        if held is not None and held[1] == published.version and (not held[3] or now < held[0]):
            return held[2]
        changes = self._changes
        try:
            west, south, east, north = await self._database.row(caller, extent_sql(published, caller), [])
        except Problem as problem:
            if not is_of_layer(problem):
                raise
            # Nobody knows where it is: it may be anywhere, and who asks for it itself is told what is wrong.
            self._keep(key, (now + UNKNOWN_SECONDS, published.version, ANYWHERE, True))
            return ANYWHERE
        box = None if west is None else (west, south, east, north)
        if changes == self._changes:
            self._keep(key, (now + STAFF_SECONDS, published.version, box, caller.key != CITIZEN.key))
        return box

    def _keep(self, key: tuple[str, str], held: tuple[float, int, Box | None, bool]) -> None:
        if len(self._held) >= MOST_KEPT:
            self._held.clear()
        self._held[key] = held

    async def limits(self, published: Published, caller: Caller, z: int) -> TileRange:
        """The tiles of zoom ``z`` that can show something; all of them while the layer is empty."""
        box = await self.box(published, caller)
        return whole(z) if box is None else tiles_showing(box, z)
