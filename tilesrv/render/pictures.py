"""Pictures by address: tiles, and views of a place (``/pictures/{names}/{lon},{lat},{zoom}/{w}x{h}{@2x}.png``)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gis_core.audiences import Caller
from gis_core.problems import not_found
from gis_core.registry import Catalogue
from gis_core.styles.model import MapStyle
from tilesrv.catalogue import Watch
from tilesrv.grid import web_mercator
from tilesrv.http import VARY, Request, Response, conditional, freshness
from tilesrv.parameters import parse_moment
from tilesrv.render.of_then import drawings_of_then
from tilesrv.render.picture import MEDIA_TYPES, Picture
from tilesrv.render.picture_tiles import (
    FORMATS,
    WHITE,
    PictureTiles,
    address_of,
    moment_asked,
)
from tilesrv.render.pool import Renderer
from tilesrv.styles.book import style_named
from tilesrv.tiles import strong_tag

PLACE = re.compile(r"(-?\d{1,3}(?:\.\d{1,8})?),(-?\d{1,2}(?:\.\d{1,8})?),(\d{1,2}(?:\.\d{1,4})?)")
SIZE = re.compile(r"(\d{1,4})x(\d{1,4})(@2x)?\.(png|webp|jpg)")
MOST_PX = 2048
MOST_NAMES = 20
METRES_AT_0 = 78271.516964020485


class Pictures:
    """Answers for pictures of any style by name."""

    def __init__(self, watch: Watch, renderer: Renderer, tiles: PictureTiles) -> None:
        self._watch = watch
        self._renderer = renderer
        self._tiles = tiles

    async def tile(self, request: Request, caller: Caller, parts: list[str]) -> Response:
        """``parts``: name, zoom, column, row with its ending. 404 Problems for what there is not."""
        asked = address_of(parts)
        catalogue = self._watch.now.catalogue
        style = style_named(catalogue, caller, asked.name)
        at = moment_asked(request, catalogue, caller, style)
        body = await self._tiles.tile(caller, asked, at)
        return picture_response(request, body, MEDIA_TYPES[asked.format])

    async def view(self, request: Request, caller: Caller, parts: list[str]) -> Response:
        """A picture about a place: ``parts`` are names by commas, the undermost first, ``lon,lat,zoom`` (MapLibre's
        zoom) and size in px; ``?t=`` counts for what has time, as on a printed sheet."""
        if len(parts) != 3:
            raise no_such_picture()
        names, place, last = parts
        where, size = PLACE.fullmatch(place), SIZE.fullmatch(last)
        if where is None or size is None:
            raise no_such_picture()
        lon, lat, zoom = (float(each) for each in where.groups())
        width, height = int(size[1]), int(size[2])
        if (
            abs(lon) > 180
            or abs(lat) > 85
            or zoom > 22
            or not (0 < width <= MOST_PX and 0 < height <= MOST_PX)
        ):
            raise no_such_picture()
        catalogue = self._watch.now.catalogue
        styles = styles_named(catalogue, caller, names.split(","))
        given = request.parameters(("t",))
        at = parse_moment(given["t"], "t") if "t" in given else None
        x, y = web_mercator(lon, lat)
        metres = METRES_AT_0 / 2**zoom
        format = FORMATS[size[4]]
        picture = Picture(
            drawings=drawings_of_then(catalogue, caller, styles, at),
            srid=3857,
            box=(
                x - width * metres / 2,
                y - height * metres / 2,
                x + width * metres / 2,
                y + height * metres / 2,
            ),
            width=width,
            height=height,
            scale=2 if size[3] else 1,
            background=WHITE if format == "jpg" else None,
            format=format,
            zoom=zoom,
        )
        body = await self._renderer.draw(caller, picture)
        return picture_response(request, body, MEDIA_TYPES[format])


def styles_named(catalogue: Catalogue, caller: Caller, names: Sequence[str]) -> list[MapStyle]:
    """The styles of these names; 404 Problems for what there is not, or too much of it."""
    if len(names) > MOST_NAMES:
        raise no_such_picture()
    return [style_named(catalogue, caller, name) for name in names]


def picture_response(request: Request, body: bytes, media_type: str) -> Response:
    """200 with the picture, 304 for one that the client holds."""
    etag = strong_tag(body)
    headers = [
        *freshness(private=request.has_credentials),
        VARY,
        (b"content-type", media_type.encode()),
        (b"etag", etag),
    ]
    return conditional(request, etag, body, headers)


def no_such_picture() -> Exception:
    return not_found(
        "no-such-picture",
        f"Địa chỉ ảnh phải có dạng tên,tên/kinh_độ,vĩ_độ,mức/rộngxcao.png, tối đa {MOST_NAMES} tên, mỗi cạnh tối đa"
        f" {MOST_PX} px.",
        f"The address of a picture is name,name/lon,lat,zoom/widthxheight.png, at most {MOST_NAMES} names, each side"
        f" at most {MOST_PX} px.",
    )
