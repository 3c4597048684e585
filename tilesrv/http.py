"""The skin of `gis_core.http` for the bare ASGI application: scopes become requests, answers are sent."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson

from gis_core.http import conditions, cors, media, negotiation, ows, parameters, policy, problems
from gis_core.http.problems import busy as busy
from gis_core.problems import Problem
from gis_core.words import Language

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

MVT = media.MVT.encode()
JSON = media.JSON.encode()
HTML = b"text/html; charset=utf-8"
# Whoever brings a login or a token is answered as himself, in a body of his own.
VARY = (b"vary", b"Accept-Encoding, Authorization, Cookie")
GZIP_LEVEL = 5
GZIP_FROM = 256  # bytes; below, compressing costs more than it saves
VARY_DOCUMENT = (b"vary", b"Accept, Accept-Encoding, Accept-Language, Authorization, Cookie")
SESSION_COOKIE = b"sessionid="
METHODS = ("GET", "HEAD", "OPTIONS")
MOST_FIELDS = 32


def encoded(headers: Iterable[tuple[str, str]]) -> Headers:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


OPEN = encoded(cors.HEADERS)


class Request:
    """One request. ``path`` is decoded; headers are bytes with lower-case names, the last of equal names."""

    __slots__ = ("headers", "method", "path", "query_string", "receive", "scheme")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query_string: bytes = scope["query_string"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.scheme: str = scope.get("scheme", "http")
        self.receive = receive

    def text(self, name: bytes) -> str:
        """A header as text; empty if absent."""
        return self.headers.get(name, b"").decode("latin-1")

    async def left(self) -> None:
        """Return when the client has closed the connection; it has nothing more to say by then."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    @property
    def has_credentials(self) -> bool:
        """Whether anything in the request could make its caller more than an anonymous citizen."""
        return b"authorization" in self.headers or SESSION_COOKIE in self.headers.get(b"cookie", b"")

    @property
    def takes_gzip(self) -> bool:
        return negotiation.takes_gzip(self.text(b"accept-encoding"))

    @property
    def address(self) -> str:
        """Path and query, as a link of a page says them."""
        query = self.query_string.decode("latin-1")
        return quote(self.path) + (f"?{query}" if query else "")

    @property
    def language(self) -> Language:
        return negotiation.readers_language(self.text(b"cookie"), self.text(b"accept-language"))

    def parameters(self, allowed: Iterable[str] = ()) -> dict[str, str]:
        """The query parameters; a 400 Problem for one that is not ``allowed`` or is given twice and differs."""
        return parameters.parameters_of(self.query_string.decode("latin-1"), allowed, MOST_FIELDS)


@dataclass(slots=True)
class Response:
    """One answer; the body is complete. ``headers`` come besides content-length."""

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=list)

    async def send(self, send: Send, *, head: bool = False) -> None:
        headers = dressed(self.headers)
        if self.status not in (204, 304):
            headers = [*headers, (b"content-length", b"%d" % len(self.body))]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if head else self.body})


def compress(body: bytes) -> bytes:
    """gzip without a time in its header: equal bodies give equal bytes."""
    engine = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
    return engine.compress(body) + engine.flush()


def conditional(request: Request, etag: bytes, body: bytes, headers: Headers) -> Response:
    """200 with ``body``; 304 for a client that holds it already; 412 for one that wants it in another state alone."""
    if b"if-none-match" not in request.headers and b"if-match" not in request.headers:
        return Response(200, body, headers)
    said = {name: request.text(name.encode()) for name in ("if-match", "if-none-match")}
    asked = {name: value for name, value in said.items() if name.encode() in request.headers}
    outcome = conditions.outcome(request.method, asked, etag.decode("latin-1"))
    if outcome == 412:
        raise problems.precondition_failed()
    return Response(304, b"", headers) if outcome == 304 else Response(200, body, headers)


def dressed(headers: Headers) -> Headers:
    """``headers`` with what every answer here carries: pages of other origins may read it; a page has its policy."""
    kind = next((value for name, value in headers if name == b"content-type"), b"")
    if any(name == b"content-security-policy" for name, _ in headers):
        return [*headers, *OPEN]
    more = encoded(policy.of_media_type(kind.decode("latin-1")).items()) if b"ml" in kind else []
    return [*headers, *OPEN, *more]


def document_response(request: Request, value: Any, *, content_type: bytes = JSON, private: bool) -> Response:
    """A document as JSON (or ``value`` itself if it is bytes), with entity tag and compression."""
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    headers = [(b"content-type", content_type), VARY_DOCUMENT, *freshness(private=private)]
    packed = request.takes_gzip and len(body) >= GZIP_FROM
    etag = conditions.strong(body, "gz" if packed else "").encode()
    if packed:
        body = compress(body)
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"etag", etag))
    return conditional(request, etag, body, headers)


def freshness(*, private: bool) -> Headers:
    """Anybody may keep and must ask again; what somebody sees by his login stays in no cache."""
    return [(b"cache-control", b"private, no-store" if private else b"no-cache")]


def problem_response(request: Request, problem: Problem) -> Response:
    """RFC 9457, in the reader's language."""
    status, headers, body = problems.refusal(problem, request.language)
    return Response(status, body, encoded(headers.items()))


def ows_response(problem: Problem, dialect: ows.Dialect, language: str) -> Response:
    """A refusal as the protocol of the request writes it."""
    status, headers, body = ows.ows_refusal(problem, dialect, language)
    return Response(status, body, encoded(headers.items()))


def options_response(methods: Iterable[str] = METHODS) -> Response:
    """What may be done here, for a client that asks and for a browser that asks for a page of another origin."""
    return Response(204, b"", encoded(cors.preflight(methods)))
