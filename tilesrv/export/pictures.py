"""Picture tiles of an archive, drawn as the tile server draws them: sixteen at a time, by processes of their own.

These read the database themselves, each at its own moment, and not in the snapshot of an export.
"""

from __future__ import annotations

import asyncio
import io
from collections import OrderedDict
from collections.abc import Sequence

from PIL import Image

from gis_core.audiences import Caller
from gis_core.problems import Problem
from gis_core.registry import Published
from gis_core.words import Text
from tilesrv.database import POOL_SIZE
from tilesrv.export.reading import Reader
from tilesrv.export.request import Raster
from tilesrv.export.source import Content, Found
from tilesrv.grid import HALF_WORLD_M, Box, TileId, TileRange
from tilesrv.making import Statements
from tilesrv.render.compiling import BUFFER_PX
from tilesrv.render.metatile import MOST_ACROSS, SIDE_PX, Metatile
from tilesrv.render.picture import Format, Picture
from tilesrv.render.picture_tiles import drawing_of
from tilesrv.render.pool import Renderer, RenderFault

DEADLINE_S = 120.0
MOST_HELD = 16  # metatiles, while tiles of theirs are asked for
FORMATS: dict[Raster, Format] = {"png": "png8", "webp": "webp"}


class PictureTiles:
    """The tiles of an archive as pictures of 256 px."""

    at_once = 4 * MOST_ACROSS**2  # a few metatiles
    lag = 1  # pictures show cells one zoom further than vector tiles (`tilesrv.render.metatile`)

    def __init__(self, renderer: Renderer, caller: Caller, raster: Raster) -> None:
        self._renderer = renderer
        self._caller = caller
        self._format = FORMATS[raster]
        self._statements = Statements()
        self._turn = asyncio.Semaphore(POOL_SIZE)
        self._held: OrderedDict[Metatile, asyncio.Task[Sequence[bytes]]] = OrderedDict()

    def forget(self) -> None:
        """What was drawn may be out of date."""
        self._held.clear()

    async def find(self, reader: Reader, content: Content, tile: TileId, layers: int) -> Found:
        """The picture of a tile in or near which any of the ``layers`` (bits) has something, b"" if nothing shows."""
        having = 0
        for bit, published in enumerate(content.layers):
            if layers >> bit & 1:
                async with self._turn:
                    (near,) = await reader.row(self._near(published), tile)
                having |= near << bit
        if not having or tile.z < content.zooms[0]:
            return Found(b"", having)
        meta = Metatile.around(tile)
        pictures = await asyncio.shield(self._drawing(content, meta))
        return Found(await asyncio.to_thread(shown, pictures[list(meta.tiles()).index(tile)]), having)

    def _near(self, published: Published) -> str:
        """Whether anything is near enough to be drawn into the tile, be it a part of a symbol or a name."""
        view = f'"{self._caller.audience}"."{published.layer.id}"'
        return self._statements.text(
            published,
            self._caller,
            "near",
            lambda: (
                f"{published.mark} select exists(select 1 from {view}"
                f' where "geom3857" && st_tileenvelope($1, $2, $3, margin => {BUFFER_PX / SIDE_PX}))'
            ),
        )

    def _drawing(self, content: Content, meta: Metatile) -> asyncio.Task[Sequence[bytes]]:
        """The pictures of a metatile, drawn once for those of its tiles that are asked for together."""
        task = self._held.get(meta)
        if task is None:
            task = self._held[meta] = asyncio.create_task(self._draw(content, meta))
            while len(self._held) > MOST_HELD:
                self._held.popitem(last=False)
        return task

    async def _draw(self, content: Content, meta: Metatile) -> Sequence[bytes]:
        catalogue = content.served.catalogue
        picture = Picture(
            drawings=tuple(
                drawing_of(catalogue, self._caller, style, None) for style in content.targets.styles
            ),
            srid=3857,
            box=meta.box(),
            width=meta.side_px,
            height=meta.side_px,
            format=self._format,
            zoom=meta.z - 1.0,
        )
        try:
            return await self._renderer.draw_cut(
                self._caller, picture, cut=meta.across, deadline_s=DEADLINE_S, whole=True
            )
        except RenderFault as fault:
            raise not_drawn(meta, fault) from fault

    def showing(self, box: Box, z: int) -> TileRange:
        """The tiles of whole metatiles of zoom ``z`` in which something in ``box`` (EPSG:3857) may show."""
        side = 2 * HALF_WORLD_M / (1 << z)
        margin = side * BUFFER_PX / SIDE_PX
        last = (1 << z) - 1
        across = min(MOST_ACROSS, 1 << z)

        def index(metres: float) -> int:
            return min(max(int(metres // side), 0), last)

        def end(number: int) -> int:
            return number - number % across + across - 1

        west, north = index(box[0] - margin + HALF_WORLD_M), index(HALF_WORLD_M - box[3] - margin)
        east, south = index(box[2] + margin + HALF_WORLD_M), index(HALF_WORLD_M - box[1] + margin)
        return TileRange(west - west % across, end(east), north - north % across, end(south))


def not_drawn(meta: Metatile, fault: RenderFault) -> Problem:
    where = f"{meta.z}/{meta.x}/{meta.y}"
    return Problem(
        500,
        "picture-fault",
        Text(f"Không vẽ được ảnh {where}: {fault}.", f"The picture {where} cannot be drawn: {fault}."),
    )


def shown(picture: bytes) -> bytes:
    """The picture, or b"" where all of it is transparent: a client draws nothing for a tile that is not there."""
    with Image.open(io.BytesIO(picture)) as image:
        alpha = image.convert("RGBA").getchannel("A")
        return picture if alpha.getbbox() else b""
