"""What an archive is made of: the layers, and their vector tiles put together into one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gis_core.audiences import Caller
from gis_core.problems import bad_request
from gis_core.registry import Published
from tilesrv.catalogue import Served
from tilesrv.database import POOL_SIZE
from tilesrv.export.reading import Reader
from tilesrv.export.request import ExportRequest
from tilesrv.export.targets import Targets, targets_of
from tilesrv.grid import MAX_ZOOM, Box, TileId, TileRange, tiles_showing
from tilesrv.http import compress
from tilesrv.making import Statements, make_tile
from tilesrv.tile_sql import anything_sql


class Found(NamedTuple):
    """A tile as kept, b"" where nothing shows, and a bit for each layer that has something there, drawn or not."""

    data: bytes
    layers: int


@dataclass(frozen=True)
class Content:
    """The layers of an archive as they are published, and where it reaches (``zooms`` inclusive, ``box`` EPSG:3857).

    A layer is in the tiles from its own lowest zoom to the archive's highest, beyond its own highest too: the live
    map draws it there from the tile above.
    """

    served: Served
    targets: Targets
    zooms: tuple[int, int]
    box: Box | None

    @property
    def layers(self) -> Sequence[Published]:
        return self.targets.layers

    @property
    def all_layers(self) -> int:
        return (1 << len(self.layers)) - 1

    def versions(self) -> dict[str, int]:
        """Which publication of each layer this is."""
        return {each.layer.id: each.version for each in self.layers}

    def has(self, tile: TileId) -> bool:
        """Whether the archive reaches so far."""
        return self.box is None or tiles_showing(self.box, tile.z).has(tile.x, tile.y)

    def below(self, tile: TileId) -> Iterator[TileId]:
        """The tiles of the next zoom that lie in ``tile`` and in the archive."""
        z, x, y = tile
        if z < self.zooms[1]:
            quarters = (TileId(z + 1, 2 * x + right, 2 * y + down) for down in (0, 1) for right in (0, 1))
            yield from (quarter for quarter in quarters if self.has(quarter))


def content_of(served: Served, request: ExportRequest) -> Content:
    """What is asked for as it is served now, at those zooms that any of the layers has.

    Problems: 404 for a name that is none, 400 where no layer has any of the zooms.
    """
    targets = targets_of(served.catalogue, request.caller, request.targets)
    zooms = request.zooms
    lowest = min((each.layer.zoom[0] for each in targets.layers), default=0)
    highest = min(MAX_ZOOM, max((each.layer.zoom[1] for each in targets.layers), default=0))
    if zooms[0] > highest:
        raise bad_request(
            "no-such-zoom",
            f"Các lớp này chỉ có đến mức thu phóng {highest}.",
            f"These layers end at zoom {highest}.",
            parameter="zoom",
        )
    return Content(served, targets, (max(zooms[0], lowest), min(zooms[1], highest)), request.box)


class VectorTiles:
    """Vector tiles by the tile server's own statements, the layers one after another (a tile's layers concatenate)."""

    at_once = POOL_SIZE
    lag = 0

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._statements = Statements()

    def forget(self) -> None:
        """Nothing is held."""

    def showing(self, box: Box, z: int) -> TileRange:
        """The tiles of zoom ``z`` in which something in ``box`` (EPSG:3857) may show."""
        return tiles_showing(box, z)

    async def find(self, reader: Reader, content: Content, tile: TileId, layers: int) -> Found:
        """The tile, compressed, with those of the ``layers`` (bits) that show something in it."""
        bodies, having = [], 0
        for bit, published in enumerate(content.layers):
            if layers >> bit & 1:
                body, has_some = await self._of(reader, content, published, tile)
                bodies.append(body)
                having |= has_some << bit
        body = b"".join(bodies)
        return Found(await asyncio.to_thread(compress, body) if body else b"", having)

    async def _of(
        self, reader: Reader, content: Content, published: Published, tile: TileId
    ) -> tuple[bytes, bool]:
        """One layer's tile (b"" below the zooms that it or the archive begins at), and whether any feature is in it."""
        caller, body = self._caller, b""
        if tile.z >= max(published.layer.zoom[0], content.zooms[0]):
            view = content.served.view(published, caller, tile.z)
            made = await make_tile(
                reader.row, self._statements, published, caller, tile, view=view, all_fields=True
            )
            if view is None or tile.z == content.zooms[1]:
                return made.body, made.features > 0
            body = made.body
        sql = self._statements.text(published, caller, "anything", lambda: anything_sql(published, caller))
        return body, bool((await reader.row(sql, tile))[0])
