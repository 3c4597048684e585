"""Maps for people and programs: styles, legends, WMS, WMTS, OGC API Maps, sheets, projects, by their addresses.

What they stand on (pyproj, shapely, Pillow, lxml) weighs as much again as the whole tile server, and most of a city's
day nobody asks for them: they are loaded at the first such request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from gis_core.audiences import Caller
from gis_core.config import Config
from tilesrv.assets.serving import Assets
from tilesrv.catalogue import Watch
from tilesrv.database import Database
from tilesrv.extents import Extents
from tilesrv.http import Request, Response
from tilesrv.journal import Journals
from tilesrv.maps.service import Maps
from tilesrv.metadata import Metadata
from tilesrv.printing.service import Print
from tilesrv.qgis.service import Projects
from tilesrv.render.picture_files import PictureFiles
from tilesrv.render.picture_tiles import PictureTiles
from tilesrv.render.pool import Renderer
from tilesrv.styles.serving import Styles
from tilesrv.terrain.models import Models
from tilesrv.wms.service import Wms
from tilesrv.wmts.grid_tiles import GridTiles
from tilesrv.wmts.service import Wmts

Answering = Callable[[Request, Caller, str], Awaitable[Response]]


class MapServices:
    """The services of one process. ``answer`` is for addresses of their own, ``ogc`` for those below ``/ogcapi/``."""

    def __init__(
        self,
        config: Config,
        database: Database,
        watch: Watch,
        journals: Journals,
        metadata: Metadata,
        extents: Extents,
        renderer: Renderer,
        picture_tiles: PictureTiles,
        picture_files: PictureFiles,
        models: Models,
    ) -> None:
        self._styles = Styles(watch, metadata, models)
        self._maps = Maps(watch, metadata, extents, renderer, models)
        self._assets = Assets(config.root)
        wms = Wms(database, watch, metadata, extents, renderer, models)
        grids = GridTiles(renderer, journals, extents, models)
        wmts = Wmts(database, watch, metadata, extents, picture_tiles, picture_files, grids)
        self._rooms: Mapping[str, Answering] = {
            "sprites": lambda request, caller, rest: self._assets.sprite(request, rest),
            "fonts": lambda request, caller, rest: self._assets.glyphs(request, rest),
            "styles": self._styles.style,
            "legend": self._styles.legend,
            "wms": lambda request, caller, rest: wms.answer(request, caller),
            "wmts": lambda request, caller, rest: wmts.answer(request, caller),
            "print": Print(config, watch, metadata, renderer, database).answer,
            "qgis": Projects(watch, metadata).answer,
        }

    def at(self, room: str) -> Answering | None:
        """What answers addresses that begin with ``/room``."""
        return self._rooms.get(room)

    async def ogc(self, request: Request, caller: Caller, parts: list[str]) -> Response | None:
        """A document or picture below ``/ogcapi/``; None where there is none."""
        answer = await self._styles.ogc(request, caller, parts)
        return answer if answer is not None else await self._maps.answer(request, caller, parts)
