"""Picture tiles of other grids than WebMercatorQuad: drawn four by four, shared by all who ask at the same time."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from gis_core.audiences import Caller
from gis_core.changes import Event
from gis_core.times import Moment
from tilesrv.extents import Extents
from tilesrv.grid import TileId
from tilesrv.journal import Journal
from tilesrv.maps.drawings import has_ground, meet, shows_something, web_mercator_box
from tilesrv.matrix_sets import TILE_PX, MatrixSet
from tilesrv.render.compiling import BUFFER_PX
from tilesrv.render.metatile import MOST_ACROSS
from tilesrv.render.picture import Drawing, Format, Picture
from tilesrv.render.picture_files import names_drawing
from tilesrv.render.picture_tiles import HELD_S, MOST_HELD, WHITE, blank
from tilesrv.render.pool import Renderer


@dataclass(frozen=True, slots=True)
class BlockKey:
    """What makes two requests one: who, which picture, and the block of tiles by its north-western one."""

    caller: str
    name: str
    matrix_set: str
    corner: TileId
    format: Format
    at: Moment | None


@dataclass(slots=True)
class Block:
    """The pictures of a block, row by row, and the journal's mark from before they were drawn."""

    pictures: Sequence[bytes]
    mark: int | None
    until: float


class GridTiles:
    """Tiles of this process in any `MatrixSet`."""

    def __init__(self, renderer: Renderer, journal: Journal, extents: Extents) -> None:
        self._renderer = renderer
        self._journal = journal
        self._extents = extents
        self._flights: dict[BlockKey, asyncio.Task[Block]] = {}
        self._held: OrderedDict[BlockKey, Block] = OrderedDict()

    async def tile(
        self,
        caller: Caller,
        name: str,
        drawing: Drawing,
        matrix_set: MatrixSet,
        tile: TileId,
        format_: Format,
    ) -> bytes:
        """The encoded tile; ``name`` is the picture's (`maps.drawings.picture_name`). 503 Problems of the renderer."""
        across = min(MOST_ACROSS, matrix_set.tiles_across(tile.z))
        corner = TileId(tile.z, tile.x - tile.x % across, tile.y - tile.y % across)
        key = BlockKey(caller.key, name, matrix_set.id, corner, format_, drawing.at)
        block = self._at_hand(key, matrix_set, across)
        if block is None:
            task = self._flights.get(key)
            if task is None:
                task = asyncio.create_task(self._draw(key, caller, drawing, matrix_set, across))
                self._flights[key] = task
                task.add_done_callback(lambda _: self._flights.pop(key, None))
            block = await asyncio.shield(task)
        return block.pictures[(tile.y - corner.y) * across + tile.x - corner.x]

    def _at_hand(self, key: BlockKey, matrix_set: MatrixSet, across: int) -> Block | None:
        block = self._held.get(key)
        if block is None or time.monotonic() > block.until:
            return None
        margin = matrix_set.side(key.corner.z) * BUFFER_PX / TILE_PX
        minx, miny, maxx, maxy = matrix_set.box(key.corner, across)
        place = web_mercator_box((minx - margin, miny - margin, maxx + margin, maxy + margin), matrix_set.crs)

        def concerns(event: Event) -> bool:
            if not names_drawing(event.layer, [key.name]):
                return False
            return event.boxes is None or place is None or any(meet(each, place) for each in event.boxes)

        return None if self._journal.has_news(block.mark, concerns) else block

    async def _draw(
        self, key: BlockKey, caller: Caller, drawing: Drawing, matrix_set: MatrixSet, across: int
    ) -> Block:
        mark = self._journal.mark  # before the queries' snapshots
        box = matrix_set.box(key.corner, across)
        cell = matrix_set.side(key.corner.z) / TILE_PX
        reaches = has_ground((drawing,)) or await shows_something(
            self._extents, caller, (drawing,), matrix_set.crs, box, cell
        )
        if not reaches:
            return Block([blank(1, key.format)] * across**2, mark, time.monotonic())
        picture = Picture(
            drawings=(drawing,),
            srid=matrix_set.crs.srid,
            box=box,
            width=across * TILE_PX,
            height=across * TILE_PX,
            background=WHITE if key.format == "jpg" else None,
            format=key.format,
        )
        pictures = await self._renderer.draw_cut(caller, picture, cut=across)
        block = self._held[key] = Block(pictures, mark, time.monotonic() + HELD_S)
        while len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        return block
