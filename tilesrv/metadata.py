"""The documents that describe tiles, as requests for them arrive: OGC API - Tiles, TileJSON, the list of layers."""

from __future__ import annotations

from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.problems import Problem, bad_request
from gis_core.registry import Published
from gis_core.words import Text
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
        self._hosts = frozenset({"127.0.0.1", "localhost", "[::1]", host_of(config.public_url)})
        self._watch = watch
        self._tiles = tiles

    def origin(self, request: Request) -> str:
        """The address under which the client reached us, where it is one of ours; else the public one."""
        host = request.text(b"host")
        if without_port(host) not in self._hosts:
            return self._public_url
        scheme = request.text(b"x-forwarded-proto") or request.scheme
        return f"{'https' if scheme == 'https' else 'http'}://{host}"

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
        return self.answer(request, value, request.parameters(("f",)))

    async def tilejson(self, request: Request, caller: Caller, layer_id: str) -> Response:
        """``/tiles/{layer}.json``; ``?t=`` on a layer with time makes it speak of that moment."""
        published = self._tiles.published(layer_id, caller)
        given = request.parameters(("f", "t") if published.layer.time else ("f",))
        at = given.get("t")
        if at is not None:
            parse_moment(at, "t")
        described = await self.describe(published, caller)
        value = tilesets.tilejson(described, self.origin(request), request.language, at)
        return self.answer(request, value, given)

    def tile_list(self, request: Request, caller: Caller) -> Response:
        """``/tiles/``"""
        given = request.parameters(("f",))
        value = tilesets.tile_list(self.listed(caller), self.origin(request), request.language)
        return self.answer(request, value, given)

    def listed(self, caller: Caller) -> list[Published]:
        return [p for p in self._watch.now.catalogue.seen_by(caller) if p.layer.listed]

    def answer(self, request: Request, value: dict[str, object], given: dict[str, str]) -> Response:
        private = request.has_credentials
        if chosen_format(request, given.get("f")) == "html":
            body = page(value, request.language)
            return document_response(request, body, content_type=HTML, private=private)
        return document_response(request, value, content_type=JSON, private=private)


def host_of(url: str) -> str:
    """The host of an address, without its port."""
    return without_port(url.partition("://")[2].partition("/")[0])


def without_port(host: str) -> str:
    """``host`` up to its port; what stands behind the last colon and is no number (``a:1@b``) is no port."""
    name, _, port = host.rpartition(":")
    return name if port.isascii() and port.isdecimal() else host


def chosen_format(request: Request, f: str | None) -> str:
    """``f`` decides, then Accept; a 400 or 406 Problem where neither names a format that there is."""
    if f is not None:
        if f in ("json", "html"):
            return f
        raise bad_request(
            "bad-f", "“f” phải là một trong: json, html.", "“f” must be one of: json, html.", parameter="f"
        )
    accepted = request.text(b"accept").lower()
    if "json" in accepted or accepted.strip() in ("", "*/*"):
        return "json"
    if "text/html" in accepted:
        return "html"
    if "*/*" in accepted or "application/*" in accepted:
        return "json"
    raise Problem(406, "no-such-format", Text("Không có định dạng được yêu cầu.", "There is no such format."))
