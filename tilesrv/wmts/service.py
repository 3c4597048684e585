"""The service at ``/wmts``: operations by key-value pairs, tiles and the capabilities also by address."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping

from gis_core.audiences import CITIZEN, Caller
from gis_core.days import today as city_today
from gis_core.http.ows import (
    INVALID,
    INVALID_UPDATE_SEQUENCE,
    MAP_NARROWING,
    NEGOTIATION_FAILED,
    WMTS_100,
    refuse_narrowing,
    refused,
)
from gis_core.problems import Problem
from gis_core.styles.standard import DEFAULT
from gis_core.words import Language
from tilesrv.catalogue import Watch
from tilesrv.database import Database
from tilesrv.extents import Extents
from tilesrv.http import Request, Response, document_response, ows_response
from tilesrv.maps.drawings import drawing_named, picture_name
from tilesrv.maps.offered import digest_of, extents_seen, offer_of
from tilesrv.matrix_sets import TILE_PX, WEB_MERCATOR_QUAD
from tilesrv.metadata import Metadata
from tilesrv.render.picture import MEDIA_TYPES, Drawing
from tilesrv.render.picture_files import PictureFiles
from tilesrv.render.picture_tiles import FORMATS, PictureAddress, PictureTiles
from tilesrv.render.pictures import picture_response
from tilesrv.wms.feature_info import feature_info
from tilesrv.wms.map import WHOLE_LAYERS, Asked
from tilesrv.wms.parameters import NamedCrs, key_value_pairs, shown
from tilesrv.wms.service import data_response, language_of
from tilesrv.wms.versions import V130
from tilesrv.wmts.capabilities import SECTIONS, Described, capabilities
from tilesrv.wmts.grid_tiles import GridTiles
from tilesrv.wmts.request import (
    VERSION,
    TileAsked,
    asked_by_address,
    asked_by_pairs,
    no_such_address,
    required,
)

PATH = "/wmts"
MOST_KEPT = 32
XML = b"application/xml"


class Wmts:
    """Answers of WMTS in this process."""

    def __init__(
        self,
        database: Database,
        watch: Watch,
        metadata: Metadata,
        extents: Extents,
        pictures: PictureTiles,
        files: PictureFiles,
        grids: GridTiles,
    ) -> None:
        self._database = database
        self._watch = watch
        self._metadata = metadata
        self._extents = extents
        self._pictures = pictures
        self._files = files
        self._grids = grids
        self._documents: OrderedDict[tuple[object, ...], bytes] = OrderedDict()

    async def answer(self, request: Request, caller: Caller) -> Response:
        """The answer to any request below ``/wmts``; refusals are exception reports."""
        language = request.language
        parts = request.path.removeprefix(PATH).strip("/").split("/")
        try:
            if parts == [""]:
                given = key_value_pairs(request.query_string)
                language = language_of(given, request)
                return await self._by_pairs(request, caller, given, language)
            return await self._by_address(request, caller, parts)
        except Problem as problem:
            said = in_terms_of_wmts(problem, by_address=parts != [""])
            return ows_response(said, WMTS_100, language)

    async def _by_address(self, request: Request, caller: Caller, parts: list[str]) -> Response:
        match parts:
            case ["1.0.0", "WMTSCapabilities.xml"]:
                return await self._capabilities(request, caller, {}, request.language)
            case ["1.0.0", *rest] if len(rest) in (6, 7):
                given = key_value_pairs(request.query_string)
                refuse_narrowing(given.items(), MAP_NARROWING | {"TIME"}, WHOLE_LAYERS)
                return await self._tile(request, caller, asked_by_address(rest))
        raise no_such_address()

    async def _by_pairs(
        self, request: Request, caller: Caller, given: Mapping[str, str], language: Language
    ) -> Response:
        if not given:
            return await self._capabilities(request, caller, given, language)
        service, operation = required(given, "Service").upper(), required(given, "Request").lower()
        # QGIS asks every address of a map service for WMS, and takes the capabilities of WMTS for an answer.
        if service != "WMTS" and (service, operation) != ("WMS", "getcapabilities"):
            raise refused(INVALID, "Service", "Ở đây chỉ có WMTS.", "Here is WMTS only.")
        if operation == "getcapabilities":
            negotiate(given.get("ACCEPTVERSIONS"))
            return await self._capabilities(request, caller, given, language)
        if operation not in ("gettile", "getfeatureinfo"):
            raise refused(
                INVALID,
                "Request",
                f"Không có thao tác “{shown(operation)}”.",
                f"There is no operation “{shown(operation)}”.",
            )
        if required(given, "Version") != VERSION:
            raise refused(
                INVALID, "Version", f"Chỉ có phiên bản {VERSION}.", f"There is version {VERSION} only."
            )
        refuse_narrowing(given.items(), MAP_NARROWING, WHOLE_LAYERS)
        if operation == "gettile":
            return await self._tile(request, caller, asked_by_pairs(given))
        return await self._feature_info(request, caller, given, language)

    async def _capabilities(
        self, request: Request, caller: Caller, given: Mapping[str, str], language: Language
    ) -> Response:
        """The document, written once for the catalogue, the audience's extents, the language, the day and the sections
        that are asked for."""
        catalogue = self._watch.now.catalogue
        sections = asked_sections(given, catalogue.revision)
        extents = await extents_seen(self._database, self._extents, catalogue, caller)
        origin, today = self._metadata.origin(request), city_today()
        key = (caller.key, origin, language, catalogue.revision, digest_of(extents), today, sections)
        body = self._documents.get(key)
        if body is None:
            offer = offer_of(catalogue, caller, extents)
            sequence = str(catalogue.revision)
            described = Described(offer, f"{origin}{PATH}", origin, language, today, sections, sequence)
            body = capabilities(described)
            self._documents[key] = body
            while len(self._documents) > MOST_KEPT:
                self._documents.popitem(last=False)
        return document_response(request, body, content_type=XML, private=request.has_credentials)

    async def _tile(self, request: Request, caller: Caller, asked: TileAsked) -> Response:
        name, drawing = self._drawn(caller, asked)
        format_ = FORMATS[asked.extension]
        if asked.matrix_set is WEB_MERCATOR_QUAD:
            address = PictureAddress(name, asked.tile, 1, format_, f".{asked.extension}")
            body = await self._kept(caller, address, drawing)
            if body is None:
                body = await self._pictures.tile(caller, address, drawing.at)
        else:
            body = await self._grids.tile(caller, name, drawing, asked.matrix_set, asked.tile, format_)
        return picture_response(request, body, MEDIA_TYPES[format_])

    async def _kept(self, caller: Caller, address: PictureAddress, drawing: Drawing) -> bytes | None:
        """The file that nginx serves at the tile's other address, if there is one."""
        if caller.key != CITIZEN.key or drawing.at is not None:
            return None
        path = self._files.picture(address.name, address.tile, address.suffix)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError:
            return None

    def _drawn(self, caller: Caller, asked: TileAsked) -> tuple[str, Drawing]:
        """The picture's name and what is drawn; 404 Problems for a layer or style that there is not."""
        catalogue = self._watch.now.catalogue
        style = asked.style
        try:
            return picture_name(asked.layer, style), drawing_named(
                catalogue, caller, asked.layer, style, asked.at
            )
        except Problem as problem:
            if style != DEFAULT or problem.code != "no-such-style":
                raise
        return picture_name(asked.layer, None), drawing_named(catalogue, caller, asked.layer, None, asked.at)

    async def _feature_info(
        self, request: Request, caller: Caller, given: Mapping[str, str], language: Language
    ) -> Response:
        """What is drawn at pixel I, J of a tile."""
        asked = asked_by_pairs(given, "image/png")
        _, drawing = self._drawn(caller, asked)
        wanted = Asked(
            names=(asked.layer,),
            drawings=(drawing,),
            crs=NamedCrs("", asked.matrix_set.crs, False),
            box=asked.matrix_set.box(asked.tile),
            size=(TILE_PX, TILE_PX),
            scale=1.0,
        )
        pairs = {"INFO_FORMAT": required(given, "InfoFormat"), "QUERY_LAYERS": asked.layer}
        pairs |= {name: given[name] for name in ("I", "J", "FEATURE_COUNT") if name in given}
        catalogue = self._watch.now.catalogue
        media_type, body = await feature_info(
            pairs, V130, wanted, caller, self._database, language, catalogue
        )
        return data_response(request, media_type, body)


def negotiate(accepted: str | None) -> None:
    """ACCEPTVERSIONS: an exception where the one version that there is is not among them."""
    if accepted and VERSION not in accepted.replace(" ", "").split(","):
        raise refused(
            NEGOTIATION_FAILED,
            None,  # OGC 06-121r3, table 27
            f"Chỉ có phiên bản {VERSION}.",
            f"There is version {VERSION} only.",
        )


def asked_sections(given: Mapping[str, str], revision: int) -> tuple[str, ...]:
    """SECTIONS, all of them where none is named; none for who has the document of this revision already."""
    sequence = given.get("UPDATESEQUENCE")
    if sequence is not None and sequence == str(revision):
        return ()
    if sequence and (not sequence.isascii() or not sequence.isdecimal() or int(sequence[:20]) > revision):
        raise refused(
            INVALID_UPDATE_SEQUENCE,
            None,
            f"Số thứ tự hiện tại là {revision}.",
            f"The current sequence number is {revision}.",
        )
    if "SECTIONS" not in given:
        return SECTIONS
    asked = [each.strip() for each in required(given, "Sections").split(",")]
    for each in asked:
        if each not in (*SECTIONS, "Themes", "All"):
            known = ", ".join((*SECTIONS, "All"))
            raise refused(
                INVALID,
                "Sections",
                f"Không có phần “{shown(each)}”; có: {known}.",
                f"There is no section “{shown(each)}”; there are: {known}.",
            )
    return SECTIONS if "All" in asked else tuple(each for each in SECTIONS if each in asked)


def in_terms_of_wmts(problem: Problem, *, by_address: bool) -> Problem:
    """Refusals of layers and styles name the parameters of this protocol; 404 where an address names them."""
    locators = {"no-such-collection": "Layer", "no-such-style": "Style"}
    if problem.code in locators:
        status = 404 if by_address else 400
        return Problem(status, INVALID, problem.detail, parameter=locators[problem.code])
    return problem
