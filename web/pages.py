"""What every page has in common: its language, its caller, its refusals."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Protocol

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from gis_core.audiences import CITIZEN, Caller
from gis_core.http import cors, frame, negotiation, problems
from gis_core.http.address import unknown_host
from gis_core.http.middleware import language_of as language_asked
from gis_core.outages import outage_of
from gis_core.problems import TITLES, Problem
from gis_core.reading import answered
from gis_core.templatetags.frame import reader_of
from gis_core.words import LANGUAGES, Language, Text
from web import format, words

PREFIXES: Mapping[Language, str] = {"vi": "", "en": "/en"}


class View(Protocol):
    """A page: request, language and the parts of its path to a response."""

    def __call__(self, request: HttpRequest, language: Language, /, **parts: Any) -> HttpResponse: ...


def language_of(path: str) -> Language:
    """The language of an address: ``/en`` and all below it is English, everything else Vietnamese."""
    return "en" if path == "/en" or path.startswith("/en/") else "vi"


def known_caller(request: HttpRequest) -> Caller:
    """Who asks, where that is known already: a page that refuses must not ask again and be refused again."""
    found = getattr(request, "caller", CITIZEN)
    return found if isinstance(found, Caller) else CITIZEN


def common(request: HttpRequest, language: Language) -> dict[str, Any]:
    """What the frame around every page needs."""
    bare = "/" + request.path.removeprefix(PREFIXES[language]).lstrip("/")
    reader = replace(reader_of(request, language), translated=True, here=request.get_full_path())
    return {
        "frame_reader": replace(reader, searched=request.GET.get("q", "")[:200]),
        "language": language,
        "prefix": PREFIXES[language],
        "w": words.Spoken(language),
        "island_words": words.for_islands(language),
        "translations": [
            {"code": code, "address": PREFIXES[code] + bare, "query": request.META.get("QUERY_STRING", "")}
            for code in LANGUAGES
        ],
        # Crawlers and messengers take no relative address.
        "site_url": settings.CONFIG.public_url.rstrip("/"),
        "site": frame.SITE.to(language),
        "here": request.get_full_path(),
        "now": datetime.now(UTC),
        "now_text": format.moment(datetime.now(UTC)),
    }


def show(
    request: HttpRequest, language: Language, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """A page, in its language."""
    response = render(request, f"web/{template}", {**common(request, language), **context}, status=status)
    response["Content-Language"] = language
    if status == 200 and language_asked(request) != language:
        # Pages whose address has no language go on in the one that is being read.
        response.set_cookie(
            negotiation.CHOICE, language, samesite="Lax", secure=request.is_secure(), httponly=True
        )
    return keep_private(request, response)


def keep_private(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """An answer that depends on who asks: in no shared cache, and in none at all where it is for somebody known."""
    somebody = known_caller(request).actor is not None
    response["Cache-Control"] = "private, no-store" if somebody else "private, no-cache"
    patch_vary_headers(response, ["Cookie", "Authorization"])
    return response


def page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view whose `Problem` becomes a page in the reader's language."""

    @wraps(view)
    def shown(request: HttpRequest, language: Language, **parts: Any) -> HttpResponse:
        try:
            return answered(lambda: view(request, language, **parts))
        except Problem as problem:
            return problem_page(request, language, problem)

    return shown


def problem_page(request: HttpRequest, language: Language, problem: Problem) -> HttpResponse:
    context = {"title": TITLES.get(problem.status, TITLES[400]).to(language), "problem": problem}
    context["detail"] = problem.detail.to(language)
    response = show(request, language, "problem.html", context, problem.status)
    for name, value in problem.headers.items():
        response[name] = value
    return response


# Addresses of programs: what is wrong there is said in JSON.
PROGRAMS = (*cors.PROGRAMS, "/api", "/tiles", "/events")


def handle(status: int, code: str, detail: Text) -> Callable[..., HttpResponse]:
    """An error handler of Django (``handler404`` and its like) with the house's page."""

    def handler(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        return refuse(request, Problem(status, code, detail))

    return handler


def refuse(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A refusal outside any page's view: a page for people, a problem document for programs."""
    if request.path.startswith(PROGRAMS):
        status, headers, body = problems.refusal(problem, language_asked(request))
        return HttpResponse(body, status=status, headers=dict(headers))
    return problem_page(request, language_of(request.path), problem)


not_found = handle(
    404,
    "no-such-page",
    Text("Không có trang nào ở địa chỉ này. Có thể địa chỉ bị gõ sai hoặc trang đã được chuyển.",
         "There is no page at this address. It may have been mistyped, or the page has moved."),
)  # fmt: skip
refused = handle(
    403,
    "not-allowed",
    Text("Bạn không được phép mở trang này. Nếu việc của bạn cần đến, hãy hỏi người quản trị đơn vị.",
         "You are not allowed to open this page. If your work needs it, ask your unit's administrator."),
)  # fmt: skip
unreadable = handle(
    400,
    "bad-request",
    Text(
        "Yêu cầu này không đọc được. Hãy kiểm tra lại địa chỉ.",
        "This request cannot be read. Check the address.",
    ),
)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400; where it was another host that was asked, in the words that the server of tiles has for it."""
    if isinstance(exception, DisallowedHost):
        return refuse(request, unknown_host(settings.CONFIG.public_url))
    return unreadable(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database or the disk is what failed; said without asking the database."""
    error = sys.exception()
    problem = outage_of(error) if error is not None else None
    if problem is not None:
        return refuse(request, problem)
    detail = Text(
        "Hệ thống gặp lỗi khi xử lý yêu cầu này. Lỗi đã được ghi lại; hãy thử lại sau ít phút.",
        "The system failed on this request. The fault has been recorded; try again in a few minutes.",
    )
    return refuse(request, Problem(500, "server-error", detail))
