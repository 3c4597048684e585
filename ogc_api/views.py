"""The thin Django skin: a request becomes `Request`, an `Answer` becomes a response; nothing else happens here."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt

from gis_core import palette
from gis_core.accounts.resolving import current_caller, enforce_csrf
from gis_core.audiences import Caller
from gis_core.problems import Problem
from gis_core.reading import answered
from gis_core.words import Text
from ogc_api import common, editing, features, processes, schemas
from ogc_api.answers import CSV, FLATGEOBUF, HTML, PROBLEM, Answer, Request
from ogc_api.parameters import single_values

log = logging.getLogger(__name__)

Handler = Callable[..., Answer]
FORMATS = {"json": "application/json", "html": HTML, "csv": CSV, "fgb": FLATGEOBUF}


def language_of(http: HttpRequest) -> str:
    """Vietnamese unless the reader prefers English to it."""
    for part in http.headers.get("Accept-Language", "").lower().split(","):
        tag = part.split(";")[0].strip()[:2]
        if tag in ("vi", "en"):
            return tag
    return "vi"


def format_of(http: HttpRequest, parameters: dict[str, str], formats: tuple[str, ...]) -> str:
    """``f`` decides, then Accept; a 400 or 406 Problem where neither names a format that there is."""
    asked = parameters.get("f")
    if asked is not None:
        if asked in formats:
            return asked
        listed = ", ".join(formats)
        raise Problem(
            400,
            "bad-f",
            Text(f"“f” phải là một trong: {listed}.", f"“f” must be one of: {listed}."),
            parameter="f",
        )
    accepted = http.headers.get("Accept", "*/*").lower()
    if "json" in accepted or accepted.strip() in ("", "*/*"):
        return "json"
    for name in formats[1:]:
        if FORMATS[name] in accepted:
            return name
    if "*/*" in accepted or "application/*" in accepted:
        return "json"
    raise Problem(406, "no-such-format", Text("Không có định dạng được yêu cầu.", "There is no such format."))


def request_of(http: HttpRequest, caller: Caller, formats: tuple[str, ...]) -> Request:
    try:
        parameters = single_values((k, v) for k, values in http.GET.lists() for v in values)
    except TooManyFieldsSent:
        words = Text("Quá nhiều tham số.", "There are too many parameters.")
        raise Problem(400, "too-many-parameters", words) from None
    path = http.path.removeprefix("/ogcapi") or "/"
    return Request(
        caller=caller,
        language=language_of(http),
        root=f"{http.scheme}://{http.get_host()}/ogcapi",
        path=path,
        parameters=parameters,
        format=format_of(http, parameters, formats),
        headers={k.lower(): v for k, v in http.headers.items()},
        body=body_of(http),
        method=http.method or "GET",
    )


def body_of(http: HttpRequest) -> bytes:
    """The body of a request that has one; Problem 413 for one beyond DATA_UPLOAD_MAX_MEMORY_SIZE, unread."""
    if http.method not in ("POST", "PUT", "PATCH"):
        return b""
    try:
        return http.body
    except RequestDataTooBig:
        raise Problem(413, "too-large", Text("Nội dung quá lớn.", "The body is too large.")) from None
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
        except Exception:
            number = uuid.uuid4().hex[:12]
            log.exception("request %s failed", number)
            return problem_response(http, unexpected(number))

    return view


def serve(
    http: HttpRequest, formats: tuple[str, ...], handlers: dict[str, Handler], path: dict[str, str]
) -> HttpResponse:
    method = "get" if http.method == "HEAD" else (http.method or "GET").lower()
    handler = handlers.get(method)
    if handler is None:
        allowed = ", ".join(sorted(m.upper() for m in handlers) + (["HEAD"] if "get" in handlers else []))
        words = Text("Địa chỉ này không có thao tác đó.", "There is no such operation here.")
        raise Problem(405, "method-not-allowed", words, headers={"Allow": allowed})
    caller = current_caller(http)
    if method not in ("get", "options"):
        enforce_csrf(http)
    request = request_of(http, caller, formats)
    return response_of(http, request, answered(lambda: handler(request, **path)))


def unexpected(number: str) -> Problem:
    return Problem(
        500,
        "unexpected",
        Text(
            f"Hệ thống gặp lỗi khi xử lý; không có gì bị thay đổi. Mã lỗi {number}.",
            f"The request failed; nothing has been changed. Error {number}.",
        ),
    )


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
        held = http.headers.get("If-None-Match", "").replace("W/", "").split(", ")
        if headers["ETag"].removeprefix("W/") in held:
            return finished(HttpResponse(status=304), headers)
    response = HttpResponse(body, status=answer.status, content_type=media_type if body else None)
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
    body = orjson.dumps(problem.document(language_of(http)))
    response = HttpResponse(body, status=problem.status, content_type=PROBLEM)
    return finished(response, {**problem.headers, "Cache-Control": "no-store"})


def no_such_path(request: Request, **path: str) -> Answer:
    raise Problem(404, "no-such-path", Text("Không có địa chỉ này.", "There is no such address."))


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
process_list = endpoint(("json",), get=processes.forward)
process_execution = endpoint(("json",), post=processes.forward)

nothing_here = endpoint(
    get=no_such_path,
    post=no_such_path,
    put=no_such_path,
    patch=no_such_path,
    delete=no_such_path,
    options=no_such_path,
)
