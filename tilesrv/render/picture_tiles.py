"""Picture tiles of 256 px for one caller: a metatile is drawn once for all who ask for a part of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from gis_core.audiences import CITIZEN, Caller
from gis_core.problems import bad_request
from gis_core.registry import Catalogue
from gis_core.styles.model import MapStyle
from gis_core.times import Moment
from tilesrv.catalogue import Watch
from tilesrv.extents import Extents
from tilesrv.grid import MAX_ZOOM, TileId
from tilesrv.http import Request
from tilesrv.journal import Journals
from tilesrv.parameters import parse_moment, tile_id
from tilesrv.render.metatile import SIDE_PX, Metatile
from tilesrv.render.picture import Drawing, Format, Picture
from tilesrv.render.picture_files import PictureFiles, concerns
from tilesrv.render.pool import Renderer
from tilesrv.render.shared import SharedPictures
from tilesrv.styles.book import style_named
from tilesrv.terrain.models import Models
from tilesrv.tiles import no_such_tile

FORMATS: dict[str, Format] = {"png": "png8", "webp": "webp", "jpg": "jpg"}
ADDRESS = re.compile(r"(\d+)(@2x)?\.(png|webp|jpg)")
# Pictures are kept as files down to this zoom, and where there is data: the world has more tiles than a disk has room,
# and whoever asks for many of the sea must not push out those of the city.
DEEPEST_KEPT = 20
WHITE = "#ffffff"


@dataclass(frozen=True, slots=True)
class PictureKey:
    """What makes two requests one; ``relief`` is the version of the height model in it (`Models.version_in`)."""

    caller: str
    name: str
    meta: Metatile
    scale: int
    format: Format
    at: Moment | None
    relief: str | None


@dataclass(frozen=True)
class PictureAddress:
    """What an address of a picture tile says; ``suffix`` is the end of its file's name."""

    name: str
    tile: TileId
    scale: int
    format: Format
    suffix: str


def address_of(parts: Sequence[str]) -> PictureAddress:
    """name / zoom / column / row[@2x].format; a 404 Problem for anything else."""
    name, z, x, last = parts
    match = ADDRESS.fullmatch(last)
    if match is None:
        raise no_such_tile()
    row, double, extension = match.groups()
    return PictureAddress(
        name, tile_id(z, x, row), 2 if double else 1, FORMATS[extension], f"{double or ''}.{extension}"
    )


class PictureTiles:
    """The picture tiles of this process."""

    def __init__(
        self,
        renderer: Renderer,
        watch: Watch,
        journals: Journals,
        files: PictureFiles,
        extents: Extents,
        models: Models,
    ) -> None:
        self._renderer = renderer
        self._watch = watch
        self._files = files
        self._extents = extents
        self._models = models
        self._shared: SharedPictures[PictureKey] = SharedPictures(journals)

    async def tile(self, caller: Caller, asked: PictureAddress, at: Moment | None = None) -> bytes:
        """The encoded picture. Problems: 404 no such style, layer or tile; 503 too slow or too busy."""
        style = style_named(self._watch.now.catalogue, caller, asked.name)
        if asked.tile.z > MAX_ZOOM:
            raise no_such_tile()
        meta = Metatile.around(asked.tile)
        relief = self._models.version_in(style)
        key = PictureKey(caller.key, asked.name, meta, asked.scale, asked.format, at, relief)
        pictures = await self._shared.get(
            key,
            caller,
            lambda event: concerns(event, asked.name, meta),
            lambda mark: self._draw(key, caller, asked, style, mark),
        )
        if pictures is None:
            return blank(asked.scale, asked.format)
        return pictures[list(meta.tiles()).index(asked.tile)]

    async def _draw(
        self, key: PictureKey, caller: Caller, asked: PictureAddress, style: MapStyle, mark: int | None
    ) -> Sequence[bytes] | None:
        """The pictures of the metatile, kept as files where they are for anybody; None where there is nothing."""
        catalogue = self._watch.now.catalogue
        meta = key.meta
        has_data = await self._reaches(catalogue, caller, style, meta)
        if not has_data and all(layer.collection is not None for layer in style.layers):
            return None
        picture = Picture(
            drawings=(drawing_of(catalogue, caller, style, key.at),),
            srid=3857,
            box=meta.box(),
            width=meta.side_px,
            height=meta.side_px,
            scale=asked.scale,
            background=WHITE if asked.format == "jpg" else None,
            format=asked.format,
            zoom=meta.z - 1.0,
        )
        pictures = await self._renderer.draw_cut(caller, picture, cut=meta.across)
        is_whole = not pictures.missing
        if caller.key == CITIZEN.key and key.at is None and has_data and is_whole and meta.z <= DEEPEST_KEPT:
            is_stale = self._models.keeping(key.relief)
            tiles = list(meta.tiles())
            self._files.keep_pictures(asked.name, tiles, asked.suffix, pictures, meta, mark, is_stale)
        return pictures

    async def _reaches(self, catalogue: Catalogue, caller: Caller, style: MapStyle, meta: Metatile) -> bool:
        """Whether the extent of any of the style's collections reaches here."""
        tiles = list(meta.tiles())
        for collection in style.collections():
            limits = await self._extents.limits(catalogue.get(collection, caller), caller, meta.z)
            if any(
                limits.min_x - 1 <= each.x <= limits.max_x + 1
                and limits.min_y - 1 <= each.y <= limits.max_y + 1
                for each in tiles
            ):
                return True
        return False


def drawing_of(catalogue: Catalogue, caller: Caller, style: MapStyle, at: Moment | None) -> Drawing:
    """``style`` with its collections as they are published."""
    return Drawing(style, tuple(catalogue.get(each, caller) for each in style.collections()), at)


@cache
def blank(scale: int, format: Format) -> bytes:
    """A tile in which there is nothing, transparent where the format can be."""
    from io import BytesIO

    from PIL import Image

    side = SIDE_PX * scale
    out = BytesIO()
    if format == "jpg":
        Image.new("RGB", (side, side), WHITE).save(out, "jpeg")
    elif format == "webp":
        Image.new("RGBA", (side, side)).save(out, "webp", lossless=True)
    else:
        image = Image.new("P", (side, side))
        image.putpalette([0, 0, 0])
        image.save(out, "png", transparency=0, optimize=True)
    return out.getvalue()


def moment_asked(request: Request, catalogue: Catalogue, caller: Caller, style: MapStyle) -> datetime | None:
    """The moment of ``?t=``; a 400 Problem where nothing that is drawn has time."""
    given = request.parameters(("t",))
    if "t" not in given:
        return None
    if not any(catalogue.get(each, caller).layer.time for each in style.collections()):
        raise bad_request(
            "unknown-parameter",
            "Không có tham số “t” ở địa chỉ này.",
            "There is no parameter “t” here.",
            parameter="t",
        )
    return parse_moment(given["t"], "t")
