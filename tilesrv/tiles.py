"""One tile for one caller: from a file, from a query that is under way already, or from a query of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from gis_core.audiences import CITIZEN, Caller
from gis_core.http.conditions import strong
from gis_core.problems import Problem, not_found
from gis_core.registry import Published
from tilesrv.cache import TileFiles
from tilesrv.catalogue import Served, Watch
from tilesrv.database import Database
from tilesrv.extents import Extents
from tilesrv.flights import Flights
from tilesrv.grid import MAX_ZOOM, TileId, whole
from tilesrv.http import compress
from tilesrv.journal import Journals, shows
from tilesrv.making import Statements, make_tile


@dataclass(frozen=True, slots=True)
class TileKey:
    """What makes two requests one: who sees, what, where, when."""

    caller: str
    layer: str
    tile: TileId
    at: datetime | None = None


class Tiles:
    """The tiles of this process."""

    def __init__(self, database: Database, watch: Watch, journals: Journals, files: TileFiles) -> None:
        self._database = database
        self._watch = watch
        self._journals = journals
        self._files = files
        self._flights: Flights[TileKey, bytes] = Flights()
        self.extents = Extents(database)
        self._statements = Statements()

    def published(self, layer_id: str, caller: Caller) -> Published:
        """The layer as it stands; the same 404 for one that is not there and one that is not for the caller."""
        return self._watch.now.catalogue.get(layer_id, caller)

    async def tile(self, caller: Caller, layer_id: str, tile: TileId, at: datetime | None = None) -> bytes:
        """The tile as ST_AsMVT made it, empty where it shows nothing.

        Problems: 404 no such layer or tile, 503 too slow or too busy.
        """
        key = TileKey(caller.key, layer_id, tile, at)
        return await self._flights.join(
            key,
            self._journals.of(caller),
            lambda event: shows(event, layer_id, tile),
            lambda mark: self._fetch(key, caller, mark),
        )

    async def _fetch(self, key: TileKey, caller: Caller, mark: int | None) -> bytes:
        body = await self._query(key, caller, self._watch.now)
        if body and key.at is None and key.caller == CITIZEN.key:
            self._files.keep(key.layer, key.tile, body, mark)
        return body

    async def _query(self, key: TileKey, caller: Caller, served: Served) -> bytes:
        published = served.catalogue.get(key.layer, caller)
        await self._require_inside(published, caller, key.tile)
        view = served.view(published, caller, key.tile.z)
        row = partial(self._database.row, caller)
        made = await make_tile(row, self._statements, published, caller, key.tile, view=view, at=key.at)
        return made.body

    async def _require_inside(self, published: Published, caller: Caller, tile: TileId) -> None:
        """Raise the 404 Problem for a tile beyond the layer's zooms, or where the caller's view has nothing at all."""
        low, high = published.layer.zoom
        if not low <= tile.z <= min(high, MAX_ZOOM) or not whole(tile.z).has(tile.x, tile.y):
            raise no_such_tile()
        limits = await self.extents.limits(published, caller, tile.z)
        if not limits.has(tile.x, tile.y):
            raise no_such_tile()


def no_such_tile() -> Problem:
    return not_found(
        "no-such-tile",
        "Ô bản đồ này nằm ngoài phạm vi của lớp (mức thu phóng, cột hoặc hàng).",
        "This tile is outside the limits of the layer (zoom, column or row).",
        parameter="tile",
    )


def strong_tag(body: bytes) -> bytes:
    """The entity tag of a body as it is, not compressed."""
    return strong(body).encode()


def gzipped(body: bytes) -> tuple[bytes, bytes]:
    """The compressed tile and its entity tag, the one that nginx gives to its file."""
    packed = compress(body)
    return packed, TileFiles.tag(packed)
