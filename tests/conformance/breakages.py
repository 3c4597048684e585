"""Ways to break the reference server, each with the checks that must notice.

A breakage wraps the server's handler: it changes the request before, or the answer after. ``fails`` names
every check that fails by it, and no other may; so a check that could not fail, or that fails for another's
fault, is found.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

Handler = Callable[[httpx.Request], httpx.Response]
Wrap = Callable[[Handler], Handler]
When = Callable[[httpx.Request], bool]
Change = Callable[[Any], object]


@dataclass(frozen=True)
class Breakage:
    """``fails`` are names of checks."""

    name: str
    wrap: Wrap
    fails: frozenset[str]


def content(reply: httpx.Response) -> bytes:
    body = b"".join(reply.stream)  # type: ignore[arg-type]
    return gzip.decompress(body) if reply.headers.get("content-encoding") == "gzip" else body


def rebuilt(reply: httpx.Response, body: bytes, **headers: str | None) -> httpx.Response:
    """The answer with another body and other headers (None removes one)."""
    kept = {k: v for k, v in reply.headers.items() if k not in ("content-encoding", "content-length")}
    for name, value in headers.items():
        kept.pop(name.replace("_", "-"), None)
        if value is not None:
            kept[name.replace("_", "-")] = value
    stream = httpx.ByteStream(body)
    return httpx.Response(reply.status_code, headers=kept, stream=stream, extensions=reply.extensions)


def at(pattern: str, *, method: str = "GET", query: str = "") -> When:
    """Requests whose path (from /ogcapi on) matches and whose query has ``query`` (``!x``: has it not)."""

    def when(request: httpx.Request) -> bool:
        path = request.url.path.removeprefix("/ogcapi").rstrip("/") or "/"
        if request.method != method or not re.fullmatch(pattern, path):
            return False
        text = str(request.url.query, "ascii")
        return query[1:] not in text if query.startswith("!") else query in text

    return when


def answer(when: When, change: Callable[[httpx.Request, httpx.Response], httpx.Response]) -> Wrap:
    """Change the answers to the requests ``when`` holds for."""

    def wrap(handle: Handler) -> Handler:
        def broken(request: httpx.Request) -> httpx.Response:
            reply = handle(request)
            return change(request, reply) if when(request) else reply

        return broken

    return wrap


def document(when: When, change: Change) -> Wrap:
    """Change the JSON document of an answer in place."""

    def changed(_: httpx.Request, reply: httpx.Response) -> httpx.Response:
        if "json" not in reply.headers.get("content-type", "") or reply.status_code != 200:
            return reply
        body = json.loads(content(reply))
        change(body)
        return rebuilt(reply, json.dumps(body).encode())

    return answer(when, changed)


def header(when: When, **headers: str | None) -> Wrap:
    """Set or remove headers of an answer; the body stays as it was sent."""

    def changed(_: httpx.Request, reply: httpx.Response) -> httpx.Response:
        coding = reply.headers.get("content-encoding")
        body = b"".join(reply.stream)  # type: ignore[arg-type]
        return rebuilt(reply, body, **{"content_encoding": coding, **headers})

    return answer(when, changed)


def status(when: When, code: int) -> Wrap:
    """Answer with another status; a 2xx gets an empty object where there was a problem."""

    def changed(_: httpx.Request, reply: httpx.Response) -> httpx.Response:
        return httpx.Response(code, headers=reply.headers, stream=reply.stream, extensions=reply.extensions)

    return answer(when, changed)


def refused(when: When, code: int) -> Wrap:
    """Refuse outright."""
    problem = {"title": "Broken", "status": code, "detail": "broken on purpose"}

    def changed(_: httpx.Request, reply: httpx.Response) -> httpx.Response:
        body = json.dumps(problem).encode()
        return httpx.Response(code, headers={"Content-Type": "application/problem+json"}, content=body)

    return answer(when, changed)


def request_changed(when: When, change: Callable[[httpx.Request], httpx.Request]) -> Wrap:
    def wrap(handle: Handler) -> Handler:
        return lambda request: handle(change(request) if when(request) else request)

    return wrap


def ignoring(name: str, when: When, only: str = "") -> Wrap:
    """Drop query parameter ``name`` (if its value matches ``only``): a server that does not look at it."""

    def change(request: httpx.Request) -> httpx.Request:
        value = request.url.params.get(name)
        if value is None or not re.search(only, value):
            return request
        return copied(request, request.url.copy_remove_param(name))

    return request_changed(when, change)


def copied(request: httpx.Request, url: httpx.URL | None = None, **headers: str | None) -> httpx.Request:
    """A request with another address and other headers (None removes one)."""
    kept = {k: v for k, v in request.headers.items() if k not in {n.replace("_", "-") for n in headers}}
    kept |= {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    return httpx.Request(request.method, url or request.url, headers=kept, content=request.content)


def parameter(when: When, name: str, change: Callable[[str], str]) -> Wrap:
    """Read query parameter ``name`` wrongly."""

    def changed(request: httpx.Request) -> httpx.Request:
        value = request.url.params.get(name)
        return request if value is None else copied(request, request.url.copy_set_param(name, change(value)))

    return request_changed(when, changed)


def without_header(when: When, name: str) -> Wrap:
    """A server that does not look at a request header."""
    return request_changed(when, lambda request: copied(request, **{name.replace("-", "_"): None}))


def drop_links(rel: str, type_: str = "") -> Change:
    """Remove the links of a relation (prefix) and media type (prefix) from a document."""

    def change(body: Any) -> None:
        body["links"] = [
            one
            for one in body.get("links", [])
            if not (one["rel"].startswith(rel) and one.get("type", "").startswith(type_))
        ]

    return change
