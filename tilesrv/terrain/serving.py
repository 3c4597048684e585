"""Addresses of the terrain: ``/tiles/terrain/{z}/{x}/{y}.png`` (heights), ``/tiles/hillshade/{z}/{x}/{y}{@2x}.png``
(shaded relief), and their TileJSON, ``/tiles/terrain.json`` and ``/tiles/hillshade.json``.

Open to everybody. Tiles are kept as files that nginx serves, until another height model counts (`models`).
"""

from __future__ import annotations

import asyncio
from html import escape
from typing import Any

from gis_core.problems import not_found
from gis_core.terrain import HeightModel, Terrain
from gis_core.words import Text
from tilesrv.grid import HALF_WORLD_M, MAX_ZOOM, Box, TileId, lon_lat
from tilesrv.http import Request, Response, conditional, document_response, freshness
from tilesrv.matrix_sets import TILE_PX
from tilesrv.metadata import Metadata
from tilesrv.render.picture_files import PictureFiles
from tilesrv.render.picture_tiles import PictureAddress, address_of
from tilesrv.terrain.models import Models
from tilesrv.tiles import no_such_tile, strong_tag

TERRAIN, HILLSHADE = "terrain", "hillshade"
TITLES = {
    TERRAIN: Text("Độ cao địa hình", "Terrain heights"),
    HILLSHADE: Text("Bóng địa hình", "Shaded relief"),
}
BEYOND = 3  # zooms for which relief is drawn from a smooth surface through the finest heights
MOST_AT_ONCE = 2


class TerrainTiles:
    """Answers requests for heights and relief out of the height model of the city."""

    def __init__(self, models: Models, metadata: Metadata, files: PictureFiles) -> None:
        self._models = models
        self._metadata = metadata
        self._files = files
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    async def answer(self, request: Request, path: str) -> Response | None:
        """``path`` is what follows ``/tiles/``; None where it is not about terrain. Problem 404 without a model."""
        match path.split("/"):
            case ["terrain.json" | "hillshade.json" as name]:
                return self._tilejson(request, name.removesuffix(".json"))
            case ["terrain" | "hillshade", _, _, _] as parts:
                return await self._tile(request, address_of(parts))
        return None

    def _model(self) -> HeightModel:
        model = self._models.now()
        if model is None:
            raise not_found(
                "no-terrain",
                "Thành phố chưa có mô hình độ cao. Quản trị viên nhập bằng lệnh huong terrain.",
                "The city has no height model. Its administrator imports one with the command huong terrain.",
            )
        return model

    def _tilejson(self, request: Request, kind: str) -> Response:
        request.parameters()
        value = tilejson(self._model(), kind, self._metadata.origin(request), request.language)
        return document_response(request, value, private=False)

    async def _tile(self, request: Request, asked: PictureAddress) -> Response:
        request.parameters()
        model = self._model()
        if not is_offered(model, asked):
            raise no_such_tile()
        try:
            body = await self._draw(model, asked)
        except OSError:  # the raster went with its model
            model = self._model()
            body = await self._draw(model, asked)
        headers = [*freshness(private=False), (b"content-type", b"image/png")]
        if not body:
            return Response(204, b"", headers)
        self._keep(model, asked, body)
        etag = strong_tag(body)
        headers.append((b"etag", etag))
        return conditional(request, etag, body, headers)

    async def _draw(self, model: HeightModel, asked: PictureAddress) -> bytes:
        async with self._room:
            return await asyncio.to_thread(draw, self._models.terrain, model, asked)

    def _keep(self, model: HeightModel, asked: PictureAddress, body: bytes) -> None:
        path = self._files.picture(asked.name, asked.tile, asked.suffix)
        is_stale = self._models.keeping(model.version)
        self._files.soon(lambda: self._files.put_unless(is_stale, [path], lambda: [body]))


def is_offered(model: HeightModel, asked: PictureAddress) -> bool:
    """Whether the tile lies within the zooms and bounds that the TileJSON names."""
    low, high = zooms(model, asked.name)
    box = box_of_tile(asked.tile)
    inside = (
        box[0] < model.bounds[2] and box[2] > model.bounds[0]
        and box[1] < model.bounds[3] and box[3] > model.bounds[1]
    )  # fmt: skip
    known_form = asked.format == "png8" and (asked.scale == 1 or asked.name == HILLSHADE)
    return low <= asked.tile.z <= high and inside and known_form


def zooms(model: HeightModel, kind: str) -> tuple[int, int]:
    return model.lowest_zoom, min(model.zoom + (BEYOND if kind == HILLSHADE else 0), MAX_ZOOM)


def box_of_tile(tile: TileId) -> Box:
    west, north = tile.x * tile.side - HALF_WORLD_M, HALF_WORLD_M - tile.y * tile.side
    return west, north - tile.side, west + tile.side, north


def draw(terrain: Terrain, model: HeightModel, asked: PictureAddress) -> bytes:
    """The tile as PNG; empty where nothing in it is known. OSError where the model has just been replaced."""
    from tilesrv.terrain.drawing import (
        draw_heights,
        draw_relief,
    )  # what they stand on is loaded when first needed

    drawing = draw_relief if asked.name == HILLSHADE else draw_heights
    return drawing(terrain.raster(model), box_of_tile(asked.tile), TILE_PX * asked.scale)


def tilejson(model: HeightModel, kind: str, origin: str, language: str) -> dict[str, Any]:
    """TileJSON 3.0 of heights (``encoding`` as MapLibre reads it) or relief."""
    low, high = zooms(model, kind)
    west, south = lon_lat(*model.bounds[:2])
    east, north = lon_lat(*model.bounds[2:])
    value: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": TITLES[kind].to(language),
        "tiles": [f"{origin}/tiles/{kind}/{{z}}/{{x}}/{{y}}.png"],
        "tileSize": TILE_PX,
        "minzoom": low,
        "maxzoom": high,
        "bounds": [round(each, 6) for each in (west, south, east, north)],
    }
    if kind == TERRAIN:
        value["encoding"] = "terrarium"
    if model.credit:
        value["attribution"] = escape(model.credit)
    return value
