"""The skin of this room for Django: what holds for every answer of the pages' process, whichever view gives it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from django.middleware.locale import LocaleMiddleware
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.encoding import iri_to_uri

from gis_core.http import cors, negotiation
from gis_core.http.address import origin, without_slash
from gis_core.words import Language

Next = Callable[[HttpRequest], HttpResponseBase]


class OpenMiddleware:
    """Addresses of programs: pages of other origins may read every answer, and slashes at the end are alike.

    First of all: a refusal by any other middleware is read by such a page too.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not cors.is_open(request.path_info):
            return self.get_response(request)
        request.path = request.path_info = without_slash(request.path_info)
        response = self.get_response(request)
        for name, value in cors.HEADERS:
            response[name] = value
        return response


class SlashMiddleware:
    """A page asked for with a slash at its end that it has not leads to the page; Django does the reverse itself."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        path = request.path_info
        if response.status_code != 404 or not path.endswith("/") or request.method not in ("GET", "HEAD"):
            return response
        if request.resolver_match is not None:  # the address is one of ours; what was asked for is not there
            return response
        bare = without_slash(path)
        try:
            resolve(bare)
        except Resolver404:
            return response
        query = request.META.get("QUERY_STRING", "")
        # Below this host, whatever its name and scheme are for the client; never ``//another.host``.
        return HttpResponsePermanentRedirect(
            iri_to_uri("/" + bare.lstrip("/")) + (f"?{query}" if query else "")
        )


class LanguageMiddleware(LocaleMiddleware):
    """The language of what Django says by itself: a reader's choice (a cookie), then Accept-Language as everywhere."""

    def process_request(self, request: HttpRequest) -> None:
        translation.activate(language_of(request))
        request.LANGUAGE_CODE = translation.get_language()


def language_of(request: HttpRequest) -> Language:
    """The language of an answer whose address has none: the reader's choice, then what the request asks for."""
    said = request.headers.get("Accept-Language", "")
    return negotiation.readers_language(request.headers.get("Cookie", ""), said)


def origin_of(request: HttpRequest) -> str:
    """Where the links of an answer begin."""
    return origin(request.get_host(), request.scheme or "http", settings.CONFIG.public_url)
