"""What an archive is made of: the layers, and their tiles put together into one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gis_core.audiences import Caller
from gis_core.problems import bad_request
from gis_core.registry import Published
from tilesrv.catalogue import Served
from tilesrv.export.reading import Reader
from tilesrv.export.targets import Targets
from tilesrv.grid import MAX_ZOOM, Box, TileId, tiles_showing
from tilesrv.making import Statements, make_tile
from tilesrv.tile_sql import anything_sql


class Found(NamedTuple):
    """A tile's bytes, uncompressed, and a bit for each layer that has something in it, drawn or not."""

    body: bytes
    layers: int


@dataclass(frozen=True)
class Content:
    """The layers of an archive as they are published, and where it reaches (``zooms`` inclusive, ``box`` EPSG:3857).

    A layer is in the tiles from its own lowest zoom to the archive's highest, beyond its own highest too: the live
    map draws it there from the tile above.
    """

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


def content_of(targets: Targets, zooms: tuple[int, int], box: Box | None) -> Content:
    """The layers of ``targets`` at those of the ``zooms`` that any of them has; Problem 400 where there is none."""
    lowest = min((each.layer.zoom[0] for each in targets.layers), default=0)
    highest = min(MAX_ZOOM, max((each.layer.zoom[1] for each in targets.layers), default=0))
    if zooms[0] > highest:
        raise bad_request(
            "no-such-zoom",
            f"Các lớp này chỉ có đến mức thu phóng {highest}.",
            f"These layers end at zoom {highest}.",
            parameter="zoom",
        )
    return Content(targets, (max(zooms[0], lowest), min(zooms[1], highest)), box)


class VectorTiles:
    """Vector tiles by the tile server's own statements, the layers one after another (a tile's layers concatenate)."""

    def __init__(self, content: Content, caller: Caller) -> None:
        self._content = content
        self._caller = caller
        self._statements = Statements()

    async def find(self, reader: Reader, served: Served, tile: TileId, layers: int) -> Found:
        """The tile with those of the ``layers`` (bits) that show something in it."""
        bodies, having = [], 0
        for bit, published in enumerate(self._content.layers):
            if layers >> bit & 1:
                body, has_some = await self._of(reader, served, published, tile)
                bodies.append(body)
                having |= has_some << bit
        return Found(b"".join(bodies), having)

    async def _of(
        self, reader: Reader, served: Served, published: Published, tile: TileId
    ) -> tuple[bytes, bool]:
        """One layer's tile (b"" below the zooms that it or the archive begins at), and whether any feature is in it."""
        caller, body = self._caller, b""
        if tile.z >= max(published.layer.zoom[0], self._content.zooms[0]):
            view = served.view(published, caller, tile.z)
            made = await make_tile(reader.row, self._statements, published, caller, tile, view=view)
            if view is None or tile.z == self._content.zooms[1]:
                return made.body, made.features > 0
            body = made.body
        sql = self._statements.text(published, caller, "anything", lambda: anything_sql(published, caller))
        return body, bool((await reader.row(sql, tile))[0])
