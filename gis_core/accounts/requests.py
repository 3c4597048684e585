"""Between the front door and Django's views: who asks, and from what address."""

from __future__ import annotations

import gc
from collections.abc import Callable
from ipaddress import ip_address

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

from gis_core.accounts.resolving import current_caller, enforce_csrf
from gis_core.accounts.words import spoken_language
from gis_core.http import bodies, cors, problems
from gis_core.problems import Problem
from gis_core.runtime.memory import give_back

__all__ = [
    "BodyMiddleware",
    "CallerMiddleware",
    "client_address",
    "current_caller",
    "enforce_csrf",
    "refusal",
]


class CallerMiddleware:
    """Sets ``request.caller``; a request with a bad token goes no further."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            caller = current_caller(request)
        except Problem as problem:
            return refusal(problem)
        response = self.get_response(request)
        if caller.via == "token":
            patch_vary_headers(response, ["Authorization"])
        return response


class BodyMiddleware:
    """Refuses bodies unread: those too large for their address, large ones to the administration from nobody known.

    Views of the API ask who may write, and how much it is, before they read. Where the front door asks for leave, it
    is told here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        withheld = bodies.WITHHELD in request.headers
        try:
            self.check(request, withheld=withheld)
        except Problem as problem:
            response: HttpResponseBase = refusal(problem)
        else:
            if withheld and not cors.is_open(request.path_info):
                return HttpResponse(status=204)
            response = self.get_response(request)
            if length_of(request) > bodies.UNASKED:
                # A large feature as numbers is held by the cycle of a refusal and its frames, then by the C library.
                gc.collect()
                give_back()
        return leave(response) if withheld else response

    def check(self, request: HttpRequest, *, withheld: bool) -> None:
        length = length_of(request)
        if request.method not in bodies.METHODS and (withheld or length > bodies.UNASKED):
            raise problems.too_large(bodies.UNASKED)
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise bodies.is_packed()
        if cors.is_open(request.path_info):
            return
        most = bodies.size_of(request.path_info).most
        if length > most:
            raise problems.too_large(most)
        large = withheld or bodies.needs_leave(request.path_info, length)
        if large and current_caller(request).actor is None:
            raise bodies.not_for_you()


def length_of(request: HttpRequest) -> int:
    """Bytes of the body, as its head says."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdecimal() else 0


def leave(response: HttpResponseBase) -> HttpResponseBase:
    """What the front door is told for ``response``: 204 to let the body in, or 401 and what to answer instead."""
    if response.status_code < 400:
        return HttpResponse(status=204)
    assert isinstance(response, HttpResponse)
    try:
        said = bodies.told(problems.Refusal(response.status_code, response.headers, response.content))
    except ValueError:  # a page: somebody else's words
        why = problems.busy() if response.status_code >= 500 else bodies.not_for_you()
        said = bodies.told(problems.refusal(why, spoken_language()))
    return HttpResponse(status=401, headers=dict(said))


def refusal(problem: Problem) -> HttpResponse:
    """The problem document of ``problem``, in the language of the request."""
    status, headers, body = problems.refusal(problem, spoken_language())
    return HttpResponse(body, status=status, headers=dict(headers))


def client_address(request: HttpRequest) -> str | None:
    """The address of whoever asks: what the front door saw, which it writes over anything that the client claims."""
    seen = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    for candidate in (seen, request.META.get("REMOTE_ADDR", "")):
        try:
            return str(ip_address(candidate))
        except ValueError:
            continue
    return None
