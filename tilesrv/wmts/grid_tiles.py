"""Picture tiles of other grids than WebMercatorQuad: drawn four by four, shared by all who ask at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from gis_core.audiences import Caller
from gis_core.changes import Event
from gis_core.times import Moment
from tilesrv.extents import Extents
from tilesrv.grid import Box, TileId
from tilesrv.journal import Journals
from tilesrv.maps.drawings import has_ground, meet, shows_something, web_mercator_box
from tilesrv.matrix_sets import TILE_PX, MatrixSet
from tilesrv.render.compiling import BUFFER_PX
from tilesrv.render.metatile import MOST_ACROSS
from tilesrv.render.picture import Drawing, Format, Picture
from tilesrv.render.picture_files import names_drawing
from tilesrv.render.picture_tiles import WHITE, blank
from tilesrv.render.pool import Renderer
from tilesrv.render.shared import SharedPictures
from tilesrv.terrain.models import Models


@dataclass(frozen=True, slots=True)
class BlockKey:
    """What makes two requests one: who, which picture, and the block of tiles by its north-western one.

    ``relief`` is the version of the height model in it (`Models.version_in`).
    """

    caller: str
    name: str
    matrix_set: str
    corner: TileId
    format: Format
    at: Moment | None
    relief: str | None


class GridTiles:
    """Tiles of this process in any `MatrixSet`."""

    def __init__(self, renderer: Renderer, journals: Journals, extents: Extents, models: Models) -> None:
        self._renderer = renderer
        self._extents = extents
        self._models = models
        self._shared: SharedPictures[BlockKey] = SharedPictures(journals)

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
        relief = self._models.version_in(drawing.style)
        key = BlockKey(caller.key, name, matrix_set.id, corner, format_, drawing.at, relief)
        pictures = await self._shared.get(
            key,
            caller,
            concerning(key, matrix_set, across),
            lambda _: self._draw(key, caller, drawing, matrix_set, across),
        )
        if pictures is None:
            return blank(1, format_)
        return pictures[(tile.y - corner.y) * across + tile.x - corner.x]

    async def _draw(
        self, key: BlockKey, caller: Caller, drawing: Drawing, matrix_set: MatrixSet, across: int
    ) -> Sequence[bytes] | None:
        """The pictures of the block, row by row; None where there is nothing."""
        box = matrix_set.box(key.corner, across)
        cell = matrix_set.side(key.corner.z) / TILE_PX
        reaches = has_ground((drawing,)) or await shows_something(
            self._extents, self._models.extent(), caller, (drawing,), matrix_set.crs, box, cell
        )
        if not reaches:
            return None
        picture = Picture(
            drawings=(drawing,),
            srid=matrix_set.crs.srid,
            box=box,
            width=across * TILE_PX,
            height=across * TILE_PX,
            background=WHITE if key.format == "jpg" else None,
            format=key.format,
        )
        return await self._renderer.draw_cut(caller, picture, cut=across)


def concerning(key: BlockKey, matrix_set: MatrixSet, across: int) -> Callable[[Event], bool]:
    """Whether what an event tells of can change the pictures of a block."""

    @cache
    def place() -> Box | None:
        margin = matrix_set.side(key.corner.z) * BUFFER_PX / TILE_PX
        minx, miny, maxx, maxy = matrix_set.box(key.corner, across)
        return web_mercator_box((minx - margin, miny - margin, maxx + margin, maxy + margin), matrix_set.crs)

    def concerns(event: Event) -> bool:
        if not names_drawing(event.layer, [key.name]):
            return False
        here = place() if event.boxes is not None else None
        return event.boxes is None or here is None or any(meet(each, here) for each in event.boxes)

    return concerns
