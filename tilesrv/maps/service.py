"""OGC API - Maps: the picture of one collection, of one in a style of its own, and of several or the basemap."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from gis_core.audiences import Caller
from gis_core.crs import CRS84, SUPPORTED, Crs
from gis_core.problems import bad_request
from tilesrv.catalogue import Watch
from tilesrv.extents import Extents
from tilesrv.grid import Box
from tilesrv.http import Request, Response
from tilesrv.maps.asked import NAMES, MapAsked, bad, map_asked
from tilesrv.maps.drawings import blank, drawing_named, has_ground, shows_something
from tilesrv.maps.framing import Frame, framed_box, framed_centre, moved, moved_point, scale_to_fit
from tilesrv.maps.offered import WORLD, around, degrees_of
from tilesrv.maps.times import said_time
from tilesrv.metadata import Metadata
from tilesrv.render.picture import MEDIA_TYPES, Drawing, Picture
from tilesrv.render.pictures import picture_response
from tilesrv.render.pool import Renderer
from tilesrv.styles.book import BASEMAP
from tilesrv.terrain.models import Models

MOST_COLLECTIONS = 20


class Maps:
    """Answers for maps in this process."""

    def __init__(
        self, watch: Watch, metadata: Metadata, extents: Extents, renderer: Renderer, models: Models
    ) -> None:
        self._watch = watch
        self._metadata = metadata
        self._extents = extents
        self._renderer = renderer
        self._models = models

    async def answer(self, request: Request, caller: Caller, parts: list[str]) -> Response | None:
        """A map below ``/ogcapi/``; ``parts`` is the path behind that. None if there is none at this address."""
        match parts:
            case ["map"]:
                given = request.parameters((*NAMES, "collections"))
                root = f"{self._metadata.origin(request)}/ogcapi"
                names = collections_of(given.get("collections"), root)
                return await self._drawn(request, caller, given, [(name, None) for name in names])
            case ["collections", name, "map"]:
                return await self._drawn(request, caller, request.parameters(NAMES), [(name, None)])
            case ["collections", name, "styles", style, "map"]:
                return await self._drawn(request, caller, request.parameters(NAMES), [(name, style)])
        return None

    async def _drawn(
        self,
        request: Request,
        caller: Caller,
        given: dict[str, str],
        layers: Sequence[tuple[str, str | None]],
    ) -> Response:
        asked = map_asked(request, given)
        drawings = tuple(
            drawing_named(self._watch.now.catalogue, caller, name, style, asked.at) for name, style in layers
        )
        crs = asked.crs or storage_crs(drawings)
        frame = await self._frame(asked, caller, drawings, crs)
        picture = Picture(
            drawings=drawings,
            srid=crs.srid,
            box=frame.box,
            width=frame.width,
            height=frame.height,
            background=None if has_ground(drawings) else asked.background,
            format=asked.format,
        )
        px = (frame.box[2] - frame.box[0]) / frame.width
        heights = self._models.extent()
        if has_ground(drawings) or await shows_something(
            self._extents, heights, caller, drawings, crs, frame.box, px
        ):
            body = await self._renderer.draw(caller, picture)
        else:
            body = await asyncio.to_thread(blank, frame.width, frame.height, asked.format, asked.background)
        response = picture_response(request, body, MEDIA_TYPES[asked.format])
        corners = (frame.box[1], frame.box[0], frame.box[3], frame.box[2]) if crs.flipped else frame.box
        response.headers += [
            (b"content-crs", f"<{crs.uri}>".encode()),
            (b"content-bbox", ",".join(f"{value:.7f}" for value in corners).encode()),
        ]
        shown = next((drawing.at for drawing in drawings if drawing.at is not None), None)
        if shown is not None:
            response.headers.append((b"content-datetime", said_time(shown).encode()))
        return response

    async def _frame(self, asked: MapAsked, caller: Caller, drawings: Sequence[Drawing], crs: Crs) -> Frame:
        """The frame of the picture; what the request leaves open is taken from where there is something."""
        if asked.box is not None:
            box = moved(asked.box, asked.place_crs, crs)
            if box is None:
                raise bad("bbox", f"không có trong {crs.uri}.", f"has no place in {crs.uri}.")
            return framed_box(box, crs, asked.width, asked.height, asked.denominator)
        whole = moved(await self._extent(caller, drawings), CRS84, crs)
        if whole is None:
            raise bad(
                "crs", "không vẽ được toàn bộ lớp này; hãy nêu bbox.", "cannot show all of this; give a bbox."
            )
        if asked.centre is None and (asked.width is None or asked.height is None):
            return framed_box(whole, crs, asked.width, asked.height, asked.denominator)
        centre = ((whole[0] + whole[2]) / 2, (whole[1] + whole[3]) / 2)
        if asked.centre is not None:
            centre = moved_point(asked.centre, asked.place_crs, crs)
            low_x, low_y, high_x, high_y = crs.domain
            if not (low_x <= centre[0] <= high_x and low_y <= centre[1] <= high_y):
                raise bad("center", f"không có trong {crs.uri}.", f"has no place in {crs.uri}.")
        scale = asked.denominator or scale_to_fit(whole, crs, asked.width, asked.height)
        return framed_centre(centre, crs, asked.width, asked.height, scale)

    async def _extent(self, caller: Caller, drawings: Sequence[Drawing]) -> Box:
        """Around all that is drawn, in degrees; the basemap, which has seas and islands too, is shown where data is."""
        shown = {each.layer.id: each for one in drawings for each in one.published}
        if has_ground(drawings):
            seen = self._watch.now.catalogue.seen_by(caller)
            shown = {p.layer.id: p for p in seen if p.layer.listed and p.layer.ground is None}
        boxes = []
        for published in shown.values():
            box = await self._extents.box(published, caller)
            boxes.append(None if box is None else degrees_of(box))
        west, south, east, north = around(boxes) or WORLD
        # A single point has no extent: it is shown with a hundred metres around it.
        return west - 1e-3, max(south - 1e-3, -85.0), east + 1e-3, min(north + 1e-3, 85.0)


def collections_of(text: str | None, root: str) -> list[str]:
    """``collections``, by id or by address below ``root`` (the API's); the basemap where it is not given.

    An address of anywhere else stays as it is, and is no collection of ours.
    """
    if text is None:
        return [BASEMAP]
    names = [collection_of(each.strip(), root) for each in text.split(",")]
    if len(names) > MOST_COLLECTIONS:
        raise bad_request(
            "too-many-collections",
            f"Một bản đồ có tối đa {MOST_COLLECTIONS} lớp.",
            f"A map has at most {MOST_COLLECTIONS} collections.",
            parameter="collections",
        )
    return names


def collection_of(text: str, root: str) -> str:
    """The id in a collection's address: ``{root}/collections/roads``, or the path alone."""
    path = urlsplit(text).path
    for start in (f"{root}/collections/", f"{urlsplit(root).path}/collections/", "collections/"):
        address = text if "://" in start else path if "://" not in text else ""
        if address.startswith(start):
            return unquote(address.removeprefix(start).partition("?")[0].rstrip("/"))
    return text


def storage_crs(drawings: Sequence[Drawing]) -> Crs:
    """The native CRS of a map: the surveyed one of a single collection, else CRS84 (as its description says)."""
    originals = {each.layer.geometry.original_srid for one in drawings for each in one.published}
    if len(originals) == 1:
        return next((crs for crs in SUPPORTED if crs.srid in originals), CRS84)
    return CRS84
