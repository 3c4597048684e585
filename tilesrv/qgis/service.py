"""The address of the project: ``/qgis/huong.qgz``."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping

from gis_core.audiences import Caller
from gis_core.problems import bad_request, not_found
from gis_core.registry import Catalogue
from tilesrv.catalogue import Watch
from tilesrv.http import VARY_DOCUMENT, Headers, Request, Response, conditional, freshness
from tilesrv.metadata import Metadata
from tilesrv.qgis.project import Asked, project_archive
from tilesrv.styles.serving import language_of
from tilesrv.tiles import strong_tag

PATH = "huong.qgz"
PARAMETERS = ("lang", "authcfg", "crs")
# What stands in the projects of whoever signs in; QGIS asks for seven letters or digits and lets its user choose them.
AUTHCFG = "huong00"
AUTHCFG_FORM = re.compile(r"[A-Za-z0-9]{7}")
MOST_HELD = 24  # projects of some 100 kB


class Projects:
    """Answers requests for the project, and keeps those that were made last."""

    def __init__(self, watch: Watch, metadata: Metadata) -> None:
        self._watch = watch
        self._metadata = metadata
        self._held: OrderedDict[tuple[object, ...], bytes] = OrderedDict()

    async def answer(self, request: Request, caller: Caller, path: str) -> Response:
        """``path`` is what follows ``/qgis/``."""
        if path != PATH:
            raise not_found("no-such-page", "Không có địa chỉ này.", "There is no such address.")
        given = request.parameters(PARAMETERS)
        asked = Asked(
            self._metadata.origin(request),
            language_of(request, given),
            authcfg_of(given, caller),
            is_exact(given),
        )
        body = await self._project(self._watch.now.catalogue, caller, asked)
        etag = strong_tag(body)
        headers: Headers = [
            *freshness(private=request.has_credentials),
            VARY_DOCUMENT,
            (b"content-type", b"application/x-qgis-project"),
            (b"content-disposition", b'attachment; filename="huong.qgz"'),
            (b"etag", etag),
        ]
        return conditional(request, etag, body, headers)

    async def _project(self, catalogue: Catalogue, caller: Caller, asked: Asked) -> bytes:
        """Made once for a catalogue, an audience and whether it writes; units do not change what is in it."""
        writes = caller.writes and caller.actor is not None
        key = (catalogue.revision, caller.audience, writes, asked)
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = await asyncio.to_thread(project_archive, catalogue, caller, asked)
            while len(self._held) > MOST_HELD:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end(key)
        return held


def authcfg_of(given: Mapping[str, str], caller: Caller) -> str | None:
    """The configuration that the project names: the one asked for, else `AUTHCFG` for who is not anonymous."""
    asked = given.get("authcfg")
    if asked is None:
        return AUTHCFG if caller.actor is not None else None
    if not AUTHCFG_FORM.fullmatch(asked):
        raise bad_request(
            "bad-authcfg",
            "authcfg là mã của một cấu hình xác thực trong QGIS: bảy chữ cái hoặc chữ số.",
            "authcfg is the identifier of an authentication configuration in QGIS: seven letters or digits.",
            parameter="authcfg",
        )
    return asked


def is_exact(given: Mapping[str, str]) -> bool:
    asked = given.get("crs", "crs84")
    if asked not in ("crs84", "storage"):
        raise bad_request(
            "bad-crs",
            "crs phải là crs84 hoặc storage (cho QGIS 3.28 trở lên).",
            "crs must be crs84 or storage (for QGIS 3.28 and newer).",
            parameter="crs",
        )
    return asked == "storage"
