"""The service at ``/wms``: which operation in which version, and how its answer or its refusal is sent."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from datetime import date

from gis_core.audiences import Caller
from gis_core.days import today as city_today
from gis_core.http.ows import (
    CURRENT_UPDATE_SEQUENCE,
    INVALID,
    INVALID_UPDATE_SEQUENCE,
    NOT_SUPPORTED,
    OwsException,
    missing,
    ows_refusal,
    refused,
)
from gis_core.http.policy import pages_with_style
from gis_core.problems import Problem
from gis_core.registry import Catalogue
from gis_core.words import Language
from tilesrv.catalogue import Watch
from tilesrv.database import Database
from tilesrv.extents import Extents
from tilesrv.http import (
    Headers,
    Request,
    Response,
    conditional,
    document_response,
    encoded,
    freshness,
    ows_response,
)
from tilesrv.maps.drawings import blank, shows_something
from tilesrv.maps.offered import Extent, digest_of, extents_seen, offer_of
from tilesrv.metadata import Metadata
from tilesrv.render.picture import MEDIA_TYPES
from tilesrv.render.pool import Renderer
from tilesrv.terrain.models import Models
from tilesrv.tiles import strong_tag
from tilesrv.wms.capabilities import CAPABILITIES_111, Described, capabilities
from tilesrv.wms.feature_answers import STYLE
from tilesrv.wms.feature_info import feature_info
from tilesrv.wms.legends import Legends
from tilesrv.wms.map import asked, background_of, exceptions_of, picture_of
from tilesrv.wms.parameters import key_value_pairs, required, shown
from tilesrv.wms.told_in_picture import told_in_picture
from tilesrv.wms.versions import NUMBERS, V111, V130, XML, Version, spoken

PATH = "/wms"
MOST_KEPT = 64
DEADLINE_S = 15.0


class Wms:
    """Answers of WMS in this process."""

    def __init__(
        self,
        database: Database,
        watch: Watch,
        metadata: Metadata,
        extents: Extents,
        renderer: Renderer,
        models: Models,
    ) -> None:
        self._database = database
        self._watch = watch
        self._metadata = metadata
        self._extents = extents
        self._renderer = renderer
        self._models = models
        self._documents: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._legends = Legends()
        self._writing = asyncio.Lock()

    async def answer(self, request: Request, caller: Caller) -> Response:
        """The answer to any request; refusals are exceptions of the protocol, in the way that the client wants."""
        version, given, language = V130, dict[str, str](), request.language
        try:
            given = key_value_pairs(request.query_string)
            version = version_of(given)
            language = language_of(given, request)
            return await self._operation(request, caller, given, version, language)
        except Problem as problem:
            return await refusal(request, problem, given, version, language)

    async def _operation(
        self, request: Request, caller: Caller, given: Mapping[str, str], version: Version, language: Language
    ) -> Response:
        operation = given.get("REQUEST", "GetCapabilities" if not given else "").lower()
        if given.get("SERVICE", "WMS").upper() != "WMS":
            raise refused(
                INVALID,
                "SERVICE",
                f"Ở đây chỉ có WMS, không có “{shown(given['SERVICE'])}”.",
                f"Here is WMS only, not “{shown(given['SERVICE'])}”.",
            )
        match operation:
            case "getcapabilities" | "capabilities":
                if (
                    given and "SERVICE" not in given and "WMTVER" not in given
                ):  # versions before 1.1 had no SERVICE
                    raise missing("SERVICE")
                return await self._capabilities(request, caller, given, language)
            case "getmap" | "map":
                must_say_version(given)
                return await self._map(request, caller, given, version)
            case "getfeatureinfo" | "feature_info":
                must_say_version(given)
                return await self._feature_info(request, caller, given, version, language)
            case "getlegendgraphic":
                body = await self._legends.picture(given, self._watch.now.catalogue, caller, language)
                return data_response(request, "image/png", body)
        raise not_supported(required(given, "REQUEST"))

    # GetCapabilities --------------------------------------------------------------------------------------------

    async def _capabilities(
        self, request: Request, caller: Caller, given: Mapping[str, str], language: Language
    ) -> Response:
        version = spoken(given.get("VERSION") or given.get("WMTVER"))
        check_sequence(given.get("UPDATESEQUENCE"), str(self._watch.now.catalogue.revision))
        body = await self.capabilities(version, caller, self._metadata.origin(request), language)
        media_type = XML if version is V130 else CAPABILITIES_111
        return document_response(
            request, body, content_type=media_type.encode(), private=request.has_credentials
        )

    async def capabilities(self, version: Version, caller: Caller, origin: str, language: Language) -> bytes:
        """The document, written once for what it is made of: the catalogue, the audience's extents, the day."""
        catalogue = self._watch.now.catalogue
        extents = await extents_seen(self._database, self._extents, catalogue, caller)
        today = city_today()
        key = (
            *(version.number, caller.key, origin, language),
            *(catalogue.revision, digest_of(extents), today),
        )
        async with self._writing:  # many ask at once for what takes a while to write
            body = self._documents.get(key)
            if body is None:
                body = await asyncio.to_thread(
                    self._written, version, catalogue, caller, extents, origin, language, today
                )
                self._documents[key] = body
                while len(self._documents) > MOST_KEPT:
                    self._documents.popitem(last=False)
            return body

    def _written(
        self,
        version: Version,
        catalogue: Catalogue,
        caller: Caller,
        extents: Mapping[str, Extent],
        origin: str,
        language: Language,
        today: date,
    ) -> bytes:
        offer = offer_of(catalogue, caller, extents)
        sizes = self._legends.sizes(catalogue, caller, language, offer)
        sequence = str(catalogue.revision)
        url = f"{origin}{PATH}"
        return capabilities(Described(version, offer, url, origin, language, sequence, today, sizes))

    # GetMap, GetFeatureInfo, GetLegendGraphic ----------------------------------------------------------------------

    async def _map(
        self, request: Request, caller: Caller, given: Mapping[str, str], version: Version
    ) -> Response:
        wanted = asked(given, version, self._watch.now.catalogue, caller)
        picture = picture_of(given, wanted)
        px = max(wanted.pixel)
        heights = self._models.extent()
        if await shows_something(
            self._extents, heights, caller, wanted.drawings, wanted.crs.crs, wanted.box, px
        ):
            body = await self._renderer.draw(caller, picture, deadline_s=DEADLINE_S)
        else:
            background = background_of(given, picture.format)
            body = await asyncio.to_thread(blank, *wanted.size, picture.format, background)
        return data_response(request, MEDIA_TYPES[picture.format], body)

    async def _feature_info(
        self, request: Request, caller: Caller, given: Mapping[str, str], version: Version, language: Language
    ) -> Response:
        catalogue = self._watch.now.catalogue
        wanted = asked(given, version, catalogue, caller)
        media_type, body = await feature_info(
            given, version, wanted, caller, self._database, language, catalogue
        )
        return data_response(request, media_type, body)


def version_of(given: Mapping[str, str]) -> Version:
    """The version that a request speaks; where it names none, the one whose parameters it uses, for the words in which
    it is refused (`must_say_version`)."""
    number = given.get("VERSION") or given.get("WMTVER")
    if number is None or given.get("REQUEST", "").lower() in ("getcapabilities", "capabilities"):
        return guessed(given) if number is None else spoken(number)
    found = NUMBERS.get(number)
    if found is None:
        raise refused(
            INVALID,
            "VERSION",
            f"Không có phiên bản “{shown(number)}”; có 1.3.0 và 1.1.1.",
            f"There is no version “{shown(number)}”; there are 1.3.0 and 1.1.1.",
        )
    return found


def guessed(given: Mapping[str, str]) -> Version:
    """The version whose parameters a request uses that names none."""
    return V111 if "SRS" in given and "CRS" not in given else V130


def must_say_version(given: Mapping[str, str]) -> None:
    """Refuse a map or a question about one in no version: the order of axes depends on it."""
    if not (given.get("VERSION") or given.get("WMTVER")):
        raise missing("VERSION")


def language_of(given: Mapping[str, str], request: Request) -> Language:
    """LANGUAGE=vi or en, where a client sends no Accept-Language of its own."""
    named = given.get("LANGUAGE", "").lower()[:2]
    return "en" if named == "en" else "vi" if named == "vi" else request.language


def check_sequence(asked_for: str | None, current: str) -> None:
    """UPDATESEQUENCE (OGC 06-042 7.2.3.5): an exception for the current one and for one that is still to come."""
    if not asked_for:
        return
    if asked_for == current:
        raise refused(
            CURRENT_UPDATE_SEQUENCE,
            "UPDATESEQUENCE",
            "Tài liệu không thay đổi kể từ số thứ tự này.",
            "The document has not changed since this sequence number.",
        )
    if not asked_for.isascii() or not asked_for.isdecimal() or int(asked_for[:20]) > int(current):
        raise refused(
            INVALID_UPDATE_SEQUENCE,
            "UPDATESEQUENCE",
            f"Số thứ tự hiện tại là {current}.",
            f"The current sequence number is {current}.",
        )


def not_supported(operation: str) -> OwsException:
    return refused(
        NOT_SUPPORTED,
        "REQUEST",
        f"Không có thao tác “{shown(operation)}”.",
        f"There is no operation “{shown(operation)}”.",
    )


# What lies at a pixel is shown by clients that load no stylesheet: the page brings its own.
OF_PAGES = encoded(pages_with_style(STYLE).items())


def data_response(request: Request, media_type: str, body: bytes) -> Response:
    """200 with entity tag, 304 for what the client holds."""
    etag = strong_tag(body)
    headers: Headers = [
        *freshness(private=request.has_credentials),
        (b"vary", b"Accept-Language, Authorization, Cookie"),
        (b"content-type", media_type.encode()),
        (b"etag", etag),
        *(OF_PAGES if media_type.startswith("text/html") else ()),
    ]
    return conditional(request, etag, body, headers)


async def refusal(
    request: Request, problem: Problem, given: Mapping[str, str], version: Version, language: Language
) -> Response:
    """The exception as XML, or as a picture where the client wants that and there is one to make."""
    how = exceptions_of(given, version) if given.get("REQUEST", "").lower() in ("getmap", "map") else "xml"
    if how != "xml":
        told = await asyncio.to_thread(told_in_picture, given, problem, how, language)
        if told is not None:
            media_type, picture = told
            headers = ows_refusal(problem, version.refusals, language).headers
            return Response(200, picture, encoded({**headers, "Content-Type": media_type}.items()))
    return ows_response(problem, version.refusals, language)
