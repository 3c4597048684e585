"""Addresses of what maps are drawn with: ``/sprites/huong{@2x}.png|json`` and ``/fonts/{stack}/{range}.pbf``.

The same for everybody, so nothing of the request but its address matters.
"""

from __future__ import annotations

import asyncio
import re
from functools import lru_cache
from pathlib import Path

from gis_core.config import ROOT
from gis_core.problems import Problem, not_found
from gis_core.words import Text
from tilesrv.assets.fonts import FontsMissing, font_faces
from tilesrv.assets.glyphs import LAST, RANGE, glyphs_pbf, known_faces
from tilesrv.assets.sprites import sprite
from tilesrv.http import Headers, Request, Response, compress, conditional, freshness
from tilesrv.tiles import strong_tag

SPRITE = re.compile(r"huong(@2x)?\.(png|json)")
GLYPHS = re.compile(r"([^/]{1,300})/(0|[1-9]\d{0,6})-(\d{1,7})\.pbf")
PBF = b"application/x-protobuf"
SPRITE_TYPES = {"png": b"image/png", "json": b"application/json"}
WEEK = (b"cache-control", b"public, max-age=604800")  # glyphs change with the typeface, which never does


class Assets:
    """Answers requests for sprites and glyphs; what takes long is made once, beside the event loop."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        self._turn = asyncio.Lock()

    async def sprite(self, request: Request, path: str) -> Response:
        """``path`` is what follows ``/sprites/``."""
        match = SPRITE.fullmatch(path)
        if match is None:
            raise not_found("no-such-sprite", "Không có bộ biểu tượng này.", "There is no such sprite.")
        request.parameters()
        async with self._turn:
            made = await asyncio.to_thread(sprite, 2 if match[1] else 1)
        body = made.png if match[2] == "png" else made.json
        return asset_response(request, body, SPRITE_TYPES[match[2]], freshness(private=False))

    async def glyphs(self, request: Request, path: str) -> Response:
        """``path`` is what follows ``/fonts/``; a stack of which we have no face is a 404 Problem."""
        match = GLYPHS.fullmatch(path)
        if match is None or int(match[2]) % RANGE or int(match[3]) != int(match[2]) + RANGE - 1:
            raise not_found(
                "no-such-glyphs", "Không có khoảng ký tự này.", "There is no such range of glyphs."
            )
        request.parameters()
        faces = known_faces(match[1], self._faces())
        if not faces or int(match[3]) > LAST:
            raise not_found("no-such-font", "Không có phông chữ này.", "There is no such font.")
        async with self._turn:
            body = await asyncio.to_thread(_glyphs, tuple(faces.items()), int(match[2]))
        return asset_response(request, body, PBF, [WEEK])

    def _faces(self) -> dict[str, Path]:
        try:
            return font_faces(self._root)
        except FontsMissing as missing:
            raise Problem(
                503,
                "fonts-missing",
                Text("Chưa dựng giao diện nên chưa có phông chữ.", "The front end is not built: no fonts."),
            ) from missing


@lru_cache(maxsize=64)
def _glyphs(faces: tuple[tuple[str, Path], ...], start: int) -> bytes:
    return glyphs_pbf(dict(faces), start)


def asset_response(request: Request, body: bytes, content_type: bytes, caching: Headers) -> Response:
    """200, compressed where that helps and is accepted, or 304; the entity tag is strong, one for each form."""
    headers: Headers = [*caching, (b"vary", b"Accept-Encoding"), (b"content-type", content_type)]
    if request.takes_gzip and not content_type.startswith(b"image/"):
        body = compress(body)
        headers.append((b"content-encoding", b"gzip"))
    etag = strong_tag(body)
    headers.append((b"etag", etag))
    return conditional(request, etag, body, headers)
