"""Every address of the tiles process, which runs here in a thread of its own, and what is asked of it.

The process has no list of routes; what reaches it is what the front door sends there, so its configuration is the list.
"""

from __future__ import annotations

import asyncio
import math
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from gis_core.config import Config
from tests.acceptance.asking import Call, Person, Reply
from tests.acceptance.map_surfaces import maps, services
from tests.acceptance.surfaces import FULL, LAT, LON, Subject
from tests.city_plugin import ROOT
from tilesrv import ogc_part
from tilesrv.app import App

ZOOMS = (8, 11, 13, 15, 16)  # below and above where overviews, features and all their fields begin
LOCATION = re.compile(r"^ *location (?:~ |= |)(\S+) \{$", re.MULTILINE)


def front_door() -> set[str]:
    """The locations that nginx hands to the tiles process, as they are written there (named ones aside)."""
    _, *parts = LOCATION.split((ROOT / "deploy" / "nginx.conf").read_text())
    bodies = zip(parts[::2], parts[1::2], strict=True)
    tiles = {where for where, body in bodies if "http://tiles" in body or "= @tiles" in body}
    return {where for where in tiles if not where.startswith("@")}


def tile_at(zoom: int, lon: float, lat: float) -> tuple[int, int]:
    """Column and row of the tile that holds a place."""
    n = 2**zoom
    y = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return int((lon + 180) / 360 * n), int((1 - y / math.pi) / 2 * n)


def tiles(subject: Subject) -> Iterator[tuple[int, int, int]]:
    spots = [(LON, LAT), *subject.spots] if FULL or not subject.spots else subject.spots
    yield from dict.fromkeys((zoom, *tile_at(zoom, *spot)) for zoom in ZOOMS for spot in spots)
    yield (22, 0, 0)


def vector_tiles(subject: Subject) -> list[Call]:
    layer = subject.published.layer
    plain = [Call(f"/tiles/{layer.id}/{z}/{x}/{y}.mvt") for z, x, y in tiles(subject)]
    zipped = [replace(call, headers={"Accept-Encoding": "gzip"}) for call in plain[:4]]
    dated = [replace(call, path=f"{call.path}?t=2025-07-01") for call in plain[:6]] if layer.time else []
    return plain + zipped + dated


def picture_tiles(subject: Subject) -> list[Call]:
    name = subject.published.layer.id
    shown = [(z, x, y) for z, x, y in tiles(subject) if z in (11, 15)][:6]
    return [Call(f"/tiles/{name}/{z}/{x}/{y}.png") for z, x, y in shown]


def documents(subject: Subject) -> list[Call]:
    layer = subject.published.layer.id
    return [
        Call("/tiles/"),
        Call(f"/tiles/{layer}.json"),
        Call(f"/tiles/{layer}.json?t=2025-07-01"),
        Call("/tiles/x"),
    ]


def ogc(subject: Subject) -> list[Call]:
    """The paths of this room's part of the API definition; `unasked` says which are missing here."""
    html = {"Accept": "text/html"}
    filled = [
        Call(fill(path, subject))
        for path in ogc_paths()
        if "{tileRow}" not in path and not path.endswith("/map")
    ]
    places = [{"tileMatrix": z, "tileCol": x, "tileRow": y} for z, x, y in tiles(subject)]
    one = next(path for path in ogc_paths() if "{tileRow}" in path)
    return [
        *filled,
        *(replace(call, headers=html) for call in filled),
        *(Call(fill(one, subject, **at)) for at in places),
        *maps(subject),
    ]


def ogc_paths() -> list[str]:
    return [f"/ogcapi{path}" for path in ogc_part.openapi("vi")["paths"]]


def fill(path: str, subject: Subject, **values: int) -> str:
    layer = subject.published.layer.id
    known = {"collectionId": layer, "styleId": layer, "tileMatrixSetId": "WebMercatorQuad", **values}
    return re.sub(r"\{(\w+)\}", lambda match: str(known[match[1]]), path)


TILE_SURFACES: dict[str, Callable[[Subject], Any]] = {
    "^/tiles(/|$)": documents,
    r"^/tiles/(?<tile>[a-z][a-z0-9_]*/\d+/\d+/\d+)\.mvt$": vector_tiles,
    r"^/tiles/(?<picture>[a-z][a-z0-9_:-]*/\d+/\d+/\d+(@2x)?\.(png|webp|jpg))$": picture_tiles,
    "^/ogcapi/(tiles|tileMatrixSets|styles|map|collections/[^/]+/(tiles|styles|map))(/|$)": ogc,
    r"^/(styles|legend|sprites|fonts|pictures|print/map\.pdf|wms|wmts|qgis)(/|$)": services,
}
# The stream has no end; what it says is compared where it is made, in each audience's view of the feed.
STREAMS = {"^/events(/|$)"}


class TilesProcess:
    """The ASGI application in an event loop of its own thread."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        config = Config.from_env()
        (folder / "secret").write_text(config.secret)
        self._app = App(replace(config, var=folder))
        self._run(self._app.start())
        self._run(self._app.watch.refresh())

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(300)

    def ask(self, who: Person, call: Call) -> Reply:
        headers = {"Accept-Encoding": "identity", **call.headers}
        if who.token:
            headers["Authorization"] = f"Bearer {who.token}"
        return self._run(self._ask(call, headers))

    async def _ask(self, call: Call, headers: dict[str, str]) -> Reply:
        transport = httpx.ASGITransport(self._app)
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
            client.stream(call.method, call.path, headers=headers) as done,
        ):
            body = b"".join([part async for part in done.aiter_raw()])
        return Reply(done.status_code, dict(done.headers), body)

    async def _end(self) -> None:
        """Stop the application, and what is left of requests, as a server's event loop does at its end."""
        await self._app.stop()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for each in left:
            each.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def stop(self) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
