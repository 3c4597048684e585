"""The ASGI application ``tilesrv.app:app``: vector tiles, their metadata, and the stream of changes.

No framework stands between the server and the query: dispatch alone would cost more than a tile.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from gis_core.config import Config, SettingError
from gis_core.http.address import is_ours, unknown_host, without_slash
from gis_core.http.problems import failed, method_not_allowed, no_such_page
from gis_core.logs import set_up as set_up_logs
from gis_core.problems import Problem
from gis_core.runtime.memory import give_large_blocks_back, settle
from gis_core.sealing import Seal
from tilesrv import tilesets
from tilesrv.cache import Folders, TileFiles
from tilesrv.callers import caller_of
from tilesrv.catalogue import Watch
from tilesrv.database import STALE, Database
from tilesrv.events import serve_events
from tilesrv.flights import Abandoned, unless_left
from tilesrv.follower import Follower
from tilesrv.http import (
    METHODS,
    MVT,
    VARY,
    Headers,
    Receive,
    Request,
    Response,
    Scope,
    Send,
    conditional,
    freshness,
    options_response,
    problem_response,
)
from tilesrv.journal import Journals
from tilesrv.metadata import Metadata
from tilesrv.parameters import moment_of, tile_id
from tilesrv.render.large import asked_from
from tilesrv.render.picture_files import PictureFiles
from tilesrv.render.picture_tiles import PictureTiles
from tilesrv.render.pictures import Pictures
from tilesrv.render.pool import Refused, Renderer
from tilesrv.streams import Streams
from tilesrv.terrain.models import Models
from tilesrv.terrain.serving import TerrainTiles
from tilesrv.tiles import Tiles, gzipped, strong_tag

if TYPE_CHECKING:
    from tilesrv.map_services import MapServices

SWEEP_EVERY_S = 120.0
# First parts of the addresses that `map_services` answers.
ROOMS = frozenset({"sprites", "fonts", "styles", "legend", "wms", "wmts", "print", "qgis"})


class App:
    """One process of the tile server."""

    def __init__(self, config: Config | None = None) -> None:
        self._config = config
        self._background: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        set_up_logs()
        give_large_blocks_back()
        config = self._config or Config.from_env()
        self.config = config
        self.database = Database(config)
        self.journals = Journals()
        kept = self.journals.citizens  # what others may see is in no file
        tile_files = TileFiles(config.var, kept, limit_bytes=tile_files_bytes())
        picture_files = PictureFiles(config.var, kept, limit_bytes=tile_files_bytes())
        self.files = Folders(tile_files, picture_files)
        self.files.prepare()
        self.watch = Watch(self.database)
        self.tiles = Tiles(self.database, self.watch, self.journals, tile_files)
        self.metadata = Metadata(config, self.watch, self.tiles)
        self.renderer = Renderer(config, self.watch)
        self.picture_files = picture_files
        self.models = Models(config.var, picture_files.drop_all)
        self.picture_tiles = PictureTiles(
            self.renderer, self.watch, self.journals, picture_files, self.tiles.extents, self.models
        )
        self.pictures = Pictures(self.watch, self.renderer, self.picture_tiles)
        self.terrain = TerrainTiles(self.models, self.metadata, picture_files)
        self._services: asyncio.Future[MapServices] | None = None
        self.streams = Streams()
        self.seal = Seal(config.derive("positions of the feed"))
        follower = Follower(
            self.database, self.watch, self.journals, self.files, self.tiles.extents, self.streams
        )
        self._run(self.watch.run())
        self._run(follower.run())
        self._run(self._sweep())
        self._run(self.models.watch())
        self._run(self.renderer.rest())
        settle()

    async def _map_services(self) -> MapServices:
        """The services that need much, loaded in a thread so that tiles go on meanwhile."""
        loading = self._services
        if loading is None or (loading.done() and (loading.cancelled() or loading.exception())):
            loading = asyncio.ensure_future(asyncio.to_thread(self._load_map_services))
            self._services = loading
        return await asyncio.shield(loading)  # it goes on for the next one when a client leaves

    def _load_map_services(self) -> MapServices:
        from tilesrv.map_services import MapServices

        services = MapServices(
            self.config,
            self.database,
            self.watch,
            self.journals,
            self.metadata,
            self.tiles.extents,
            self.renderer,
            self.picture_tiles,
            self.picture_files,
            self.models,
        )
        settle()
        return services

    async def _sweep(self) -> None:
        """Keep the folder of tiles within its bound."""
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self.files.sweep)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._background.append(asyncio.create_task(work))

    async def stop(self) -> None:
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self.files.close()
        await self.renderer.close()
        await self.database.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(Request(scope, receive), send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _serve(self, request: Request, send: Send) -> None:
        asked_from.set(request.text(b"x-asker"))
        try:
            self._check_host(request)
            if request.path in ("/events/", "/events") and request.method in ("GET", "HEAD"):
                answer = await serve_events(request, send, self.watch, self.streams, self.seal)
                if answer is None:
                    return
                response = answer
            else:
                response = await unless_left(self._answer_anew(request), request.left)
        except Problem as problem:
            response = problem_response(request, problem)
        except Abandoned:
            return
        except Exception as error:
            response = problem_response(request, failed(error))
        with contextlib.suppress(OSError):
            await response.send(send, head=request.method == "HEAD")

    def _check_host(self, request: Request) -> None:
        """Refuse what is asked of another host, as Django does; whether we are well may be asked by any name."""
        host = request.text(b"host")
        if host and not is_ours(host, self.config.public_url) and request.path != "/healthz":
            raise unknown_host(self.config.public_url)

    async def _answer_anew(self, request: Request) -> Response:
        """The answer, once more from a fresh catalogue where a layer was published anew in between."""
        try:
            return await self._answer(request)
        except (*STALE, Refused):
            await self.watch.refresh()
            return await self._answer(request)

    async def _answer(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            if request.method == "OPTIONS":
                return options_response()
            raise method_not_allowed(METHODS)
        path = without_slash(request.path) if request.path.endswith("/") else request.path
        if path.startswith("/tiles/"):
            if path.endswith(".mvt"):
                return await self._tile(request, path[7:-4].split("/"), ("t",))
            if (answer := await self.terrain.answer(request, path[7:])) is not None:
                return answer
            caller = await caller_of(request)
            if path.endswith((".png", ".webp", ".jpg")) and path.count("/") == 5:
                return await self.pictures.tile(request, caller, path[7:].split("/"))
            if path.endswith(".json") and "/" not in path[7:]:
                return await self.metadata.tilejson(request, caller, path[7:-5])
        elif path.startswith("/pictures/"):
            return await self.pictures.view(request, await caller_of(request), path[10:].split("/"))
        elif path.startswith("/ogcapi/"):
            return await self._ogc(request, path[8:].split("/"))
        elif path == "/tiles":
            return self.metadata.tile_list(request, await caller_of(request))
        elif path == "/healthz":
            return Response(200, b"ok\n", [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")])
        else:
            room, _, rest = path[1:].partition("/")
            if room in ROOMS:
                answering = (await self._map_services()).at(room)
                assert answering is not None
                return await answering(request, await caller_of(request), rest)
        raise no_such_page()

    async def _ogc(self, request: Request, parts: list[str]) -> Response:
        match parts:
            case ["collections", layer_id, "tiles", tilesets.MATRIX_SET, z, row, column]:
                return await self._tile(request, [layer_id, z, column, row], ("datetime", "f"))
        caller = await caller_of(request)
        answer = await self.metadata.ogc(request, caller, parts)
        if answer is None:
            answer = await (await self._map_services()).ogc(request, caller, parts)
        if answer is None:
            raise no_such_page()
        return answer

    async def _tile(self, request: Request, parts: list[str], names: tuple[str, ...]) -> Response:
        """``parts``: layer, zoom, column, row. ``names``: the parameters, that of time first."""
        if len(parts) != 4:
            raise no_such_page()
        layer_id, z, x, y = parts
        caller = await caller_of(request)
        tile = tile_id(z, x, y)
        moment = None
        if request.query_string:
            moment = moment_of(request, self.tiles.published(layer_id, caller).layer, names)
        body = await self.tiles.tile(caller, layer_id, tile, moment)
        return tile_response(request, body, private=request.has_credentials)


def tile_files_bytes() -> int:
    """HUONG_TILE_FILES_MB: how large the folder of anonymous tiles may grow; 0 keeps none."""
    text = os.environ.get("HUONG_TILE_FILES_MB") or "2048"
    if not text.isdecimal():
        raise SettingError(f"HUONG_TILE_FILES_MB={text!r} is not a number of megabytes")
    return int(text) * 2**20


def tile_response(request: Request, body: bytes, *, private: bool) -> Response:
    """200 with the tile, 204 for an empty one, 304 for one that the client holds."""
    headers: Headers = [*freshness(private=private), VARY]
    if not body:
        return Response(204, b"", headers)
    headers.append((b"content-type", MVT))
    if request.takes_gzip:
        body, etag = gzipped(body)
        headers.append((b"content-encoding", b"gzip"))
    else:
        etag = strong_tag(body)
    headers.append((b"etag", etag))
    return conditional(request, etag, body, headers)


app = App()
