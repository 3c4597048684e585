"""Addresses of styles: ``/styles/``, ``/styles/{name}.json|sld|qml``, ``/styles/icons/{name}.svg``,
``/legend/{name}.json|svg|png`` and OGC API - Styles (20-009, draft) below ``/ogcapi/``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gis_core.audiences import Caller
from gis_core.problems import Problem, bad_request, not_found
from gis_core.styles.colours import Colour
from gis_core.words import LANGUAGES, Language, Text
from tilesrv.catalogue import Watch
from tilesrv.http import (
    JSON,
    VARY_DOCUMENT,
    Headers,
    Request,
    Response,
    conditional,
    document_response,
    freshness,
)
from tilesrv.metadata import Metadata
from tilesrv.styles import ogc_styles
from tilesrv.styles.book import mode_named
from tilesrv.styles.forms import Asked, Form, Forms
from tilesrv.styles.icons import framed_svg
from tilesrv.terrain.models import Models
from tilesrv.tiles import strong_tag

STYLE_TYPES: Mapping[str, str] = {
    "json": "application/json",
    "sld": "application/vnd.ogc.sld+xml;version=1.1",
    "qml": "application/vnd.qgis.qml+xml",
}
LEGEND_TYPES = {"json": "application/json", "svg": "image/svg+xml", "png": "image/png"}
ADDRESS = re.compile(r"(?P<name>[a-z][a-z0-9_:-]{0,120})(?P<dense>@2x)?\.(?P<form>[a-z]{3,4})")
DENSITIES = {"1": 1.0, "1.5": 1.5, "2": 2.0, "3": 3.0, "4": 4.0}
HEX = re.compile(r"[0-9a-fA-F]{6}")
SVG = b"image/svg+xml"


class Styles:
    """Answers requests for styles and legends."""

    def __init__(self, watch: Watch, metadata: Metadata, models: Models) -> None:
        self._watch = watch
        self._metadata = metadata
        self._models = models
        self._forms = Forms()

    async def style(self, request: Request, caller: Caller, path: str) -> Response:
        """``path`` is what follows ``/styles/``."""
        if path == "":
            given = request.parameters(("f",))
            value = ogc_styles.style_list(
                self._listed(caller), self._metadata.origin(request), request.language
            )
            return self._metadata.answer(request, caller, value, given)
        if path.startswith("icons/"):
            return self.icon(request, path[6:])
        name, form, density = parsed(path, STYLE_TYPES)
        if density != 1:
            raise no_such_style_form()
        given = request.parameters(("mode", "lang"))
        return await self._answer(request, caller, name, form, given, STYLE_TYPES[form])

    async def legend(self, request: Request, caller: Caller, path: str) -> Response:
        """``path`` is what follows ``/legend/``."""
        name, form, density = parsed(path, LEGEND_TYPES)
        given = request.parameters(("mode", "lang", "scale") if form == "png" else ("mode", "lang"))
        if "scale" in given:
            density = scale_of(given["scale"])
        media = LEGEND_TYPES[form]
        return await self._answer(request, caller, name, f"legend.{form}", given, media, density)

    async def _answer(
        self,
        request: Request,
        caller: Caller,
        name: str,
        form: str,
        given: Mapping[str, str],
        media_type: str,
        density: float = 1.0,
    ) -> Response:
        asked = Asked(
            name,
            checked_form(form),
            mode_named(given.get("mode", "day")),
            language_of(request, given),
            self._metadata.origin(request) if form in STYLE_TYPES else "",
            density,
        )
        body = await self._forms.get(self._watch.now.catalogue, caller, asked, self._models.now())
        private = request.has_credentials
        if form == "legend.png":
            return picture_response(request, body, private=private)
        return document_response(request, body, content_type=media_type.encode(), private=private)

    def icon(self, request: Request, path: str) -> Response:
        """An icon by name, a silhouette in the colours that are asked for: what SLDs refer to."""
        given = request.parameters(("fill", "halo", "halo-width", "opacity"))
        for name in ("halo-width", "opacity"):
            if not re.fullmatch(r"\d{1,3}(\.\d{1,6})?", given.get(name, "0")):
                raise bad_icon(name)
        tint, halo = colour_of(given, "fill") or Colour(0, 0, 0), colour_of(given, "halo")
        width, opacity = float(given.get("halo-width", "0")), float(given.get("opacity", "1"))
        found = framed_svg(path.removesuffix(".svg"), tint, halo, width, opacity)
        if found is None or not path.endswith(".svg"):
            raise not_found("no-such-icon", "Không có biểu tượng này.", "There is no such icon.")
        return document_response(
            request, found.text.encode(), content_type=SVG, private=request.has_credentials
        )

    # OGC API - Styles ---------------------------------------------------------------------------------------------

    async def ogc(self, request: Request, caller: Caller, parts: list[str]) -> Response | None:
        """What stands at ``parts`` below ``/ogcapi/``; None if nothing of styles does."""
        match parts:
            case ["styles"]:
                listed, here = self._listed(caller), "/styles"
            case ["collections", layer_id, "styles"]:
                self._watch.now.catalogue.get(layer_id, caller)
                listed = [
                    each for each in self._listed(caller, unlisted=layer_id) if each.collection == layer_id
                ]
                here = f"/collections/{layer_id}/styles"
            case ["styles", name]:
                return await self._stylesheet(request, caller, name)
            case ["styles", name, "metadata"]:
                return self._style_metadata(request, caller, name)
            case _:
                return None
        given = request.parameters(("f",))
        root = f"{self._metadata.origin(request)}/ogcapi"
        return self._metadata.answer(
            request, caller, ogc_styles.styles(listed, root, here, request.language), given
        )

    async def _stylesheet(self, request: Request, caller: Caller, name: str) -> Response:
        given = request.parameters(("f", "mode"))
        form = ogc_styles.chosen_form(given.get("f"), request.text(b"accept"))
        if not re.fullmatch(r"[a-z][a-z0-9_:-]{0,120}", name):
            raise no_such_style_form()
        media = ogc_styles.MEDIA_TYPES[form]
        return await self._answer(request, caller, name, form, given, media)

    def _style_metadata(self, request: Request, caller: Caller, name: str) -> Response:
        given = request.parameters(("f",))
        listed = self._listed(caller, unlisted=name.partition(":")[0])
        found = next((each for each in listed if each.name == name), None)
        if found is None:
            raise no_such_style_form()
        root = f"{self._metadata.origin(request)}/ogcapi"
        value = ogc_styles.style_metadata(found, root, request.language)
        return self._metadata.answer(request, caller, value, given)

    def _listed(self, caller: Caller, unlisted: str | None = None) -> list[ogc_styles.Listed]:
        """The styles that the caller may have; those of a layer that stands in no list too, where it is named."""
        return ogc_styles.listed(self._watch.now.catalogue, caller, unlisted)


def parsed(path: str, types: Mapping[str, Any]) -> tuple[str, str, float]:
    """Name, form and density of ``name@2x.png``; a 404 Problem for anything else."""
    found = ADDRESS.fullmatch(path)
    if found is None or found["form"] not in types:
        raise no_such_style_form()
    return found["name"], found["form"], 2.0 if found["dense"] else 1.0


def checked_form(form: str) -> Form:
    for known in ("json", "sld", "qml", "legend.json", "legend.svg", "legend.png"):
        if form == known:
            return known
    raise no_such_style_form()


def scale_of(text: str) -> float:
    """Pixels of the device to a px; a 400 Problem for any other than the usual ones."""
    if text in DENSITIES:
        return DENSITIES[text]
    known = ", ".join(DENSITIES)
    raise bad_request(
        "bad-scale",
        f"scale phải là một trong: {known}.",
        f"scale must be one of: {known}.",
        parameter="scale",
    )


def language_of(request: Request, given: Mapping[str, str]) -> Language:
    """``lang``, else what Accept-Language says."""
    asked = given.get("lang")
    if asked is None:
        return request.language
    for language in LANGUAGES:
        if asked == language:
            return language
    raise bad_request("bad-lang", "lang phải là vi hoặc en.", "lang must be vi or en.", parameter="lang")


def colour_of(given: Mapping[str, str], name: str) -> Colour | None:
    text = given.get(name)
    if text is None:
        return None
    if not HEX.fullmatch(text):
        raise bad_icon(name)
    return Colour.parse(f"#{text}")


def bad_icon(name: str) -> Problem:
    return bad_request(
        "bad-icon",
        f"{name}: màu là sáu chữ số thập lục phân, bề rộng và độ đục là số thập phân.",
        f"{name}: a colour is six hexadecimal digits, a width or an opacity a decimal number.",
        parameter=name,
    )


def picture_response(request: Request, body: bytes, *, private: bool) -> Response:
    etag = strong_tag(body)
    headers: Headers = [
        *freshness(private=private),
        VARY_DOCUMENT,
        (b"content-type", b"image/png"),
        (b"etag", etag),
    ]
    return conditional(request, etag, body, headers)


def no_such_style_form() -> Problem:
    return Problem(
        404,
        "no-such-style",
        Text("Không có kiểu hiển thị hoặc định dạng này.", "There is no such style or format."),
        parameter="style",
    )


__all__ = ["JSON", "Styles"]
