"""Requests and answers of the bare ASGI application: headers, languages, compression, entity tags."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl

import orjson

from gis_core.problems import Problem, bad_request
from gis_core.words import Language, Text

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

MVT = b"application/vnd.mapbox-vector-tile"
JSON = b"application/json"
HTML = b"text/html; charset=utf-8"
PROBLEM = b"application/problem+json"
# Whoever brings a login or a token is answered as himself, in a body of his own.
VARY = (b"vary", b"Accept-Encoding, Authorization, Cookie")
GZIP_LEVEL = 5
GZIP_FROM = 256  # bytes; below, compressing costs more than it saves
VARY_DOCUMENT = (b"vary", b"Accept, Accept-Encoding, Accept-Language, Authorization, Cookie")
SESSION_COOKIE = b"sessionid="


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
        accepted = self.headers.get(b"accept-encoding", b"")
        return b"gzip" in accepted and b"gzip;q=0" not in accepted.replace(b" ", b"")

    @property
    def language(self) -> Language:
        """Vietnamese, unless English is named before it in Accept-Language."""
        for part in self.text(b"accept-language").lower().split(","):
            tag = part.strip()[:2]
            if tag in ("vi", "en"):
                return "en" if tag == "en" else "vi"
        return "vi"

    def parameters(self, allowed: Iterable[str] = ()) -> dict[str, str]:
        """The query parameters; a 400 Problem for one that is not ``allowed`` or is given twice and differs."""
        if not self.query_string:
            return {}
        try:
            pairs = parse_qsl(self.query_string.decode("ascii"), True, errors="strict", max_num_fields=32)
        except ValueError:
            raise bad_request(
                "bad-query", "Chuỗi truy vấn không đọc được.", "The query cannot be read."
            ) from None
        found: dict[str, str] = {}
        for name, value in pairs:
            if name not in allowed:
                shown = name[:80]
                raise bad_request(
                    "unknown-parameter",
                    f"Không có tham số “{shown}” ở địa chỉ này.",
                    f"There is no parameter “{shown}” here.",
                    parameter=shown,
                )
            if found.setdefault(name, value) != value:
                raise bad_request(
                    "repeated-parameter",
                    f"Tham số “{name}” có hai giá trị khác nhau.",
                    f"The parameter “{name}” has two different values.",
                    parameter=name,
                )
        return found


@dataclass(slots=True)
class Response:
    """One answer; the body is complete. ``headers`` come besides content-length."""

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=list)

    async def send(self, send: Send, *, head: bool = False) -> None:
        headers = self.headers
        if self.status not in (204, 304):
            headers = [*headers, (b"content-length", b"%d" % len(self.body))]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if head else self.body})


def compress(body: bytes) -> bytes:
    """gzip without a time in its header: equal bodies give equal bytes."""
    engine = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
    return engine.compress(body) + engine.flush()


def is_known(request: Request, etag: bytes) -> bool:
    """Whether the client says that it holds ``etag`` already (If-None-Match, weak comparison, RFC 9110 13.1.2)."""
    held = request.headers.get(b"if-none-match")
    if held is None:
        return False
    if held.strip() == b"*":
        return True
    return any(one.strip().removeprefix(b"W/") == etag for one in held.split(b","))


def document_response(request: Request, value: Any, *, content_type: bytes = JSON, private: bool) -> Response:
    """A document as JSON (or ``value`` itself if it is bytes), with entity tag and compression."""
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    etag = b'"' + blake2b(body, digest_size=10).hexdigest().encode()
    headers = [(b"content-type", content_type), VARY_DOCUMENT, *freshness(private=private)]
    if request.takes_gzip and len(body) >= GZIP_FROM:
        body = compress(body)
        headers.append((b"content-encoding", b"gzip"))
        etag += b"-gz"
    etag += b'"'
    headers.append((b"etag", etag))
    if is_known(request, etag):
        return Response(304, b"", headers)
    return Response(200, body, headers)


def freshness(*, private: bool) -> Headers:
    """Anybody may keep and must ask again; what somebody sees by his login stays in no cache.

    Open data may be read by pages of other origins; credentials are never sent along under a ``*``.
    """
    if private:
        return [(b"cache-control", b"private, no-store")]
    return [(b"cache-control", b"no-cache"), (b"access-control-allow-origin", b"*")]


def problem_response(request: Request, problem: Problem) -> Response:
    """RFC 9457, in the reader's language."""
    headers: Headers = [
        (b"content-type", PROBLEM),
        (b"cache-control", b"no-store"),
        (b"vary", b"Accept-Language"),
        *encoded(problem.headers),
    ]
    if not request.has_credentials:
        headers.append((b"access-control-allow-origin", b"*"))
    return Response(problem.status, orjson.dumps(problem.document(request.language)), headers)


def encoded(headers: Mapping[str, str]) -> Headers:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def options_response(methods: str = "GET, HEAD, OPTIONS") -> Response:
    """What may be done here; a page of another origin may do it without credentials."""
    return Response(
        204,
        b"",
        [
            (b"allow", methods.encode()),
            (b"access-control-allow-origin", b"*"),
            (b"access-control-allow-methods", methods.encode()),
            (b"access-control-allow-headers", b"If-None-Match, Last-Event-ID"),
            (b"access-control-max-age", b"86400"),
        ],
    )


def method_not_allowed() -> Problem:
    return Problem(
        405,
        "method-not-allowed",
        Text("Địa chỉ này chỉ để đọc.", "This address is for reading only."),
        headers={"Allow": "GET, HEAD, OPTIONS"},
    )


def busy(seconds: int = 2) -> Problem:
    return Problem(
        503,
        "busy",
        Text(
            "Hệ thống đang bận hoặc truy vấn quá nặng; hãy thử lại sau ít giây.",
            "The system is busy or the query too heavy; try again in a few seconds.",
        ),
        headers={"Retry-After": str(seconds)},
    )
