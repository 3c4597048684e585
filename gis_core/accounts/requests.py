"""Between the front door and Django's views: who asks, and from what address."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

from gis_core.accounts.resolving import current_caller, enforce_csrf
from gis_core.accounts.words import spoken_language
from gis_core.http import problems
from gis_core.problems import Problem

__all__ = ["CallerMiddleware", "client_address", "current_caller", "enforce_csrf", "refusal"]


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
