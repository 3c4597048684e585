"""The documents that describe tiles, as requests for them arrive: OGC API - Tiles, TileJSON, the list of layers."""

from __future__ import annotations

from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.http.address import origin
from gis_core.http.frame import Reader
from gis_core.http.media import DOCUMENTS as FORMATS
from gis_core.http.negotiation import chosen_format
from gis_core.registry import Published
from tilesrv import tilesets
from tilesrv.catalogue import Watch
from tilesrv.http import HTML, JSON, Request, Response, document_response
from tilesrv.matrix_sets import MATRIX_SETS
from tilesrv.pages import page
from tilesrv.parameters import parse_moment
from tilesrv.tile_sql import tiled_fields
from tilesrv.tiles import Tiles


class Metadata:
    """Makes documents of what is served now."""

    def __init__(self, config: Config, watch: Watch, tiles: Tiles) -> None:
        self._public_url = config.public_url
        self._watch = watch
        self._tiles = tiles

    def origin(self, request: Request) -> str:
        """The address under which the client reached us, where it is one of ours; else the public one."""
        scheme = request.text(b"x-forwarded-proto") or request.scheme
        return origin(request.text(b"host"), scheme, self._public_url)

    async def describe(self, published: Published, caller: Caller) -> tilesets.Described:
        return tilesets.Described(
            published,
            tiled_fields(published, caller),
            await self._tiles.extents.box(published, caller),
            self._watch.now.overview(published),
        )

    async def ogc(self, request: Request, caller: Caller, parts: list[str]) -> Response | None:
        """A document below ``/ogcapi/``; ``parts`` is the path behind that. None if there is none."""
        root, language = f"{self.origin(request)}/ogcapi", request.language
        match parts:
            case ["tiles"]:
                found = [await self.describe(p, caller) for p in self.listed(caller)]
                value = tilesets.tilesets(found, f"{root}/tiles", root, language)
            case ["tileMatrixSets"]:
                value = tilesets.matrix_sets(root, language)
            case ["tileMatrixSets", name] if name in MATRIX_SETS:
                value = tilesets.matrix_set(MATRIX_SETS[name], root, language)
            case ["collections", layer_id, "tiles"]:
                described = await self.describe(self._tiles.published(layer_id, caller), caller)
                value = tilesets.tilesets([described], f"{root}/collections/{layer_id}/tiles", root, language)
            case ["collections", layer_id, "tiles", tilesets.MATRIX_SET]:
                described = await self.describe(self._tiles.published(layer_id, caller), caller)
                value = tilesets.tileset(described, root, language)
            case _:
                return None
        return self.answer(request, caller, value, request.parameters(("f",)))

    async def tilejson(self, request: Request, caller: Caller, layer_id: str) -> Response:
        """``/tiles/{layer}.json``; ``?t=`` on a layer with time makes it speak of that moment."""
        published = self._tiles.published(layer_id, caller)
        given = request.parameters(("f", "t") if published.layer.time else ("f",))
        at = given.get("t")
        if at is not None:
            parse_moment(at, "t")
        described = await self.describe(published, caller)
        value = tilesets.tilejson(described, self.origin(request), request.language, at)
        return self.answer(request, caller, value, given)

    def tile_list(self, request: Request, caller: Caller) -> Response:
        """``/tiles/``"""
        given = request.parameters(("f",))
        value = tilesets.tile_list(self.listed(caller), self.origin(request), request.language)
        return self.answer(request, caller, value, given)

    def listed(self, caller: Caller) -> list[Published]:
        return [p for p in self._watch.now.catalogue.seen_by(caller) if p.layer.listed]

    def answer(
        self, request: Request, caller: Caller, value: dict[str, object], given: dict[str, str]
    ) -> Response:
        private = request.has_credentials
        if chosen_format(given.get("f"), request.text(b"accept"), FORMATS) == "html":
            body = page(value, Reader.of(caller, request.language, request.address))
            return document_response(request, body, content_type=HTML, private=private)
        return document_response(request, value, content_type=JSON, private=private)
