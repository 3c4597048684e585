"""The thin Django skin: a request becomes `Request`, an `Answer` becomes a response; nothing else happens here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt

from gis_core import palette
from gis_core.accounts.resolving import current_caller, enforce_csrf
from gis_core.audiences import Caller
from gis_core.http import bodies, conditions
from gis_core.http.cors import is_preflight, preflight
from gis_core.http.media import CSV, DOCUMENTS, FLATGEOBUF, HTML
from gis_core.http.middleware import language_of, origin_of
from gis_core.http.negotiation import chosen_format
from gis_core.http.parameters import pairs_of, single_values
from gis_core.http.problems import (
    failed,
    method_not_allowed,
    no_such_page,
    precondition_failed,
    refusal,
    too_large,
)
from gis_core.problems import Problem
from gis_core.reading import answered
from gis_core.words import Text
from ogc_api import common, editing, features, schemas
from ogc_api.answers import Answer, Request
from ogc_api.processes import jobs
from ogc_api.processes import service as processing

Handler = Callable[..., Answer]
FORMATS: Mapping[str, Sequence[str]] = {**DOCUMENTS, "csv": (CSV,), "fgb": (FLATGEOBUF,)}


def request_of(http: HttpRequest, caller: Caller, formats: tuple[str, ...]) -> Request:
    parameters = single_values(pairs_of(http.META.get("QUERY_STRING", "")))
    offered = {name: FORMATS[name] for name in formats}
    return Request(
        caller=caller,
        language=language_of(http),
        root=f"{origin_of(http)}/ogcapi",
        path=http.path.removeprefix("/ogcapi") or "/",
        parameters=parameters,
        format=chosen_format(parameters.get("f"), http.headers.get("Accept", ""), offered),
        headers={k.lower(): v for k, v in http.headers.items()},
        read=lambda: body_of(http),
        method=http.method or "GET",
    )


def body_of(http: HttpRequest) -> bytes:
    """The body of a request that has one; Problem 413 for one that is larger than its address takes, unread."""
    if http.method not in bodies.METHODS:
        return b""
    if bodies.WITHHELD in http.headers:
        raise bodies.BodyWithheld
    most = bodies.size_of(http.path_info).most
    length = http.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > most:
        raise too_large(most)
    try:
        return http.body
    except UnreadablePostError:
        raise Problem(400, "broken-body", Text("Nội dung gửi dở dang.", "The body broke off.")) from None


def endpoint(formats: tuple[str, ...] = ("json", "html"), **handlers: Handler) -> Callable[..., HttpResponse]:
    """A Django view of ``handlers`` by method (``get=``, ``post=`` ...); every fault ends as a problem document."""

    @csrf_exempt
    def view(http: HttpRequest, **path: str) -> HttpResponse:
        try:
            return serve(http, formats, handlers, path)
        except Problem as problem:
            return problem_response(http, problem)
        except bodies.BodyWithheld:
            return HttpResponse(status=204)
        except Exception as error:
            return problem_response(http, failed(error))

    return view


def serve(
    http: HttpRequest, formats: tuple[str, ...], handlers: dict[str, Handler], path: dict[str, str]
) -> HttpResponse:
    methods = methods_of(handlers)
    asked = http.headers.get("Access-Control-Request-Method")
    if is_preflight(http.method or "GET", asked) or (http.method == "OPTIONS" and "options" not in handlers):
        return HttpResponse(status=204, headers=dict(preflight(methods)))
    method = "get" if http.method == "HEAD" else (http.method or "GET").lower()
    handler = handlers.get(method)
    if handler is None:
        raise method_not_allowed(methods)
    caller = current_caller(http)
    if method not in ("get", "options"):
        enforce_csrf(http)
    request = request_of(http, caller, formats)
    answer = answered(lambda: handler(request, **path), reads=method in ("get", "options"))
    return response_of(http, request, answer)


def methods_of(handlers: Iterable[str]) -> list[str]:
    """All that an address takes, whoever asks."""
    found = {name.upper() for name in handlers} | {"OPTIONS"}
    return sorted(found | {"HEAD"} if "GET" in found else found)


def response_of(http: HttpRequest, request: Request, answer: Answer) -> HttpResponse:
    headers = dict(answer.headers)
    body, media_type = answer.body, answer.media_type
    if request.format == "html" and answer.document is not None and answer.template:
        body, media_type = html_page(http, request, answer), f"{HTML}; charset=utf-8"
        headers.pop("ETag", None)
    done = Answer(body, answer.status, media_type)
    if request.method in ("GET", "HEAD") and answer.status == 200:
        if "ETag" not in headers:
            headers["ETag"] = done.etag
        headers["Cache-Control"] = "no-cache" if request.caller.actor is None else "private, no-store"
        outcome = conditions.outcome(request.method, request.headers, headers["ETag"])
        if outcome == 412:
            raise precondition_failed()
        if outcome == 304:
            return finished(HttpResponse(status=304), headers)
    response = HttpResponse(body, status=answer.status, content_type=media_type)
    if not body and answer.status != 200:
        del response["Content-Type"]
    return finished(response, headers)


def finished(response: HttpResponse, headers: dict[str, str]) -> HttpResponse:
    for name, value in headers.items():
        response[name] = value
    response["Vary"] = "Accept, Accept-Language, Cookie, Authorization"
    return response


def html_page(http: HttpRequest, request: Request, answer: Answer) -> bytes:
    assert answer.document is not None
    context: dict[str, Any] = {
        "document": answer.document,
        "request_language": request.language,
        "root": request.root,
        "here": request.path,
        "pretty": orjson.dumps(answer.document, option=orjson.OPT_INDENT_2).decode()
        if answer.template in ("schema", "api")
        else "",
    }
    return render_to_string(f"ogc_api/{answer.template}.html", context, request=http).encode()


def problem_response(http: HttpRequest, problem: Problem) -> HttpResponse:
    status, headers, body = refusal(problem, language_of(http))
    return HttpResponse(body, status=status, headers=dict(headers))


def no_such_page_here(request: Request, **path: str) -> Answer:
    raise no_such_page()


def page_css(http: HttpRequest) -> HttpResponse:
    """The stylesheet of this room's pages: the palette of the house and our few rules."""
    response = HttpResponse(stylesheet(), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "max-age=3600"
    return response


@cache
def stylesheet() -> str:
    return palette.css() + (Path(__file__).parent / "page.css").read_text()


landing = endpoint(get=common.landing)
api = endpoint(get=common.api)
conformance = endpoint(get=common.conformance)
collections = endpoint(get=common.collections)
collection = endpoint(get=common.collection)
queryables = endpoint(get=schemas.queryables)
sortables = endpoint(get=schemas.sortables)
schema = endpoint(get=schemas.schema)
items = endpoint(
    ("json", "html", "csv", "fgb"),
    get=features.items,
    post=editing.create,
    options=lambda request, layer_id: editing.options(request, layer_id, single=False),
)
item = endpoint(
    get=features.item,
    put=editing.replace,
    patch=editing.update,
    delete=editing.delete,
    options=lambda request, layer_id, feature_id: editing.options(request, layer_id, single=True),
)
process_list = endpoint(("json",), get=processing.listed)
process = endpoint(("json",), get=processing.described)
process_execution = endpoint(("json",), post=processing.execute)
job_list = endpoint(get=jobs.listed)
job = endpoint(get=processing.job)
job_results = endpoint(("json",), get=processing.results)

nothing_here = endpoint(
    get=no_such_page_here, post=no_such_page_here, put=no_such_page_here,
    patch=no_such_page_here, delete=no_such_page_here,
)  # fmt: skip
