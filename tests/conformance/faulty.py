"""Services under test by what they answer, and the same service with one fault: how checks show that they can fail.

A fault rewrites answers of the running city on their way to the checks, so that no second server is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from lxml import etree

from tests.conformance.checks import CheckFailed, equal, need

Run = Callable[["Service"], None]
PARSER = etree.XMLParser(load_dtd=False, no_network=True, resolve_entities=False)


@dataclass
class Service:
    """A service at ``url``, asked by parameters; ``signed`` are the headers of somebody whom it knows."""

    client: httpx.Client
    url: str
    signed: Mapping[str, str] = field(default_factory=dict)

    def ask(self, parameters: Mapping[str, object]) -> httpx.Response:
        return self.client.get(self.url, params={k: str(v) for k, v in parameters.items() if v is not None})

    def post(self, body: str, media_type: str = "text/xml") -> httpx.Response:
        return self.client.post(self.url, content=body.encode(), headers={"Content-Type": media_type})


@dataclass
class Checks:
    """The checks by the names of the tests that they port."""

    checks: dict[str, Run] = field(default_factory=dict)

    def check(self, name: str) -> Callable[[Run], Run]:
        def register(run: Run) -> Run:
            assert name not in self.checks, name
            self.checks[name] = run
            return run

        return register

    def run(self, name: str, service: Service) -> None:
        """Try the service; an answer that cannot even be read is a failure too."""
        try:
            self.checks[name](service)
        except (LookupError, TypeError, ValueError, AttributeError, SyntaxError, httpx.HTTPError) as fault:
            raise CheckFailed(f"an answer of another form: {type(fault).__name__} {fault}") from fault


@dataclass(frozen=True)
class Fault:
    """``pattern`` (of bytes in the body) is replaced in answers to requests whose address or body matches ``asked``;
    or their status is another. The checks in ``fails`` notice it."""

    name: str
    fails: tuple[str, ...]
    asked: str = ""
    pattern: bytes = b"$^"
    by: bytes = b""
    status: int | None = None
    media_type: str | None = None
    http_version: str = "HTTP/1.1"

    def client(self, **more: Any) -> httpx.Client:
        return httpx.Client(transport=Rewriting(self), **more)


class Rewriting(httpx.BaseTransport):
    """The network, with the fault in what comes back."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self._real = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["Accept-Encoding"] = "identity"
        answer = self._real.handle_request(request)
        body, fault = answer.read(), self._fault
        asked = f"{request.method} {request.url} {request.read().decode()}".strip()
        if not re.search(fault.asked, asked, re.I):
            return httpx.Response(answer.status_code, headers=answer.headers, content=body)
        headers = {k: v for k, v in answer.headers.items() if k not in ("content-length", "content-encoding")}
        if fault.media_type is not None:
            headers["content-type"] = fault.media_type
        changed = re.sub(fault.pattern, fault.by, body, flags=re.S)
        how = {"http_version": fault.http_version.encode()}
        status = fault.status or answer.status_code
        return httpx.Response(status, headers=headers, content=changed, extensions=how)

    def close(self) -> None:
        self._real.close()


def root_of(answer: httpx.Response, tag: str, status: int = 200) -> etree._Element:
    """The document of an answer, whose outermost element must be ``tag``."""
    equal(answer.status_code, status, f"status of {answer.request.url} ({answer.text[:300]})")
    root = etree.fromstring(answer.content, PARSER)
    equal(root.tag, tag, f"{answer.request.url}")
    return root


def need_exception(answer: httpx.Response, code: str, locator: str | None = "", status: int = 400) -> None:
    """An OWS exception report with ``code``; ``locator`` without regard to case, "" for any, None for none."""
    ows = "{http://www.opengis.net/ows/1.1}"
    root = root_of(answer, f"{ows}ExceptionReport", status)
    found = root.find(f"{ows}Exception")
    need(found is not None, "a report without an exception")
    assert found is not None
    equal(found.get("exceptionCode"), code, f"code of the exception to {answer.request.url}")
    need(all(text.text for text in found), "an exception without words")
    said = found.get("locator")
    if locator is None:
        need(said is None, f"a locator {said} where the standard has none")
    elif locator:
        equal((said or "").lower(), locator.lower(), f"locator of the exception to {answer.request.url}")
