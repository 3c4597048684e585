"""What every part of the API returns, and the links in it. Nothing here knows a web framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import orjson

from gis_core.audiences import Caller
from gis_core.http.conditions import strong
from gis_core.http.media import CSV as CSV
from gis_core.http.media import FLATGEOBUF as FLATGEOBUF
from gis_core.http.media import GEOJSON as GEOJSON
from gis_core.http.media import HTML as HTML
from gis_core.http.media import JSON as JSON
from gis_core.http.media import OPENAPI as OPENAPI
from gis_core.http.media import PROBLEM as PROBLEM
from gis_core.http.media import SCHEMA as SCHEMA
from gis_core.words import Text

NEXT = Text("Trang sau", "Next page")


@dataclass(frozen=True)
class Request:
    """One call as the parts see it: who asks, in which language, for which format, where links begin."""

    caller: Caller
    language: str
    root: str  # public address of the landing page, without a trailing slash
    path: str  # below the root, with a leading slash
    parameters: Mapping[str, str]
    format: str = "json"
    headers: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[], bytes] = (
        bytes  # the body, read when somebody wants it: who may not send one is not waited for
    )
    method: str = "GET"

    @cached_property
    def body(self) -> bytes:
        return self.read()

    def url(self, path: str, **parameters: object) -> str:
        """The public address of ``path`` below the root; parameters that are None are left out."""
        kept = {key: str(value) for key, value in parameters.items() if value is not None}
        return f"{self.root}{path}" + (f"?{urlencode(kept)}" if kept else "")


@dataclass(frozen=True)
class Answer:
    """Status, headers and body. ``page`` is what the HTML form of a document shows (template name, context)."""

    body: bytes = b""
    status: int = 200
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    document: Mapping[str, Any] | None = None
    template: str | None = None

    @property
    def etag(self) -> str:
        return strong(self.body)


def document(value: Mapping[str, Any], template: str, *, media_type: str = JSON, **headers: str) -> Answer:
    """A JSON document that has an HTML form in ``template``."""
    return Answer(
        orjson.dumps(value), media_type=media_type, document=value, template=template, headers=dict(headers)
    )


def link(href: str, rel: str, type_: str, title: Text | None = None, language: str = "vi") -> dict[str, str]:
    """One link object."""
    made = {"href": href, "rel": rel, "type": type_}
    if title is not None:
        made["title"] = title.to(language)
        made["hreflang"] = language
    return made


SELF = Text("Tài liệu này", "This document")
AS_HTML = Text("Tài liệu này dạng trang web", "This document as a web page")
AS_JSON = Text("Tài liệu này dạng JSON", "This document as JSON")


def self_and_alternate(request: Request, type_: str = JSON) -> list[dict[str, str]]:
    """``self`` in the format that was asked for and ``alternate`` in the other one."""
    kept = {key: value for key, value in request.parameters.items() if key != "f"}
    forms = {"json": (type_, AS_JSON), "html": (HTML, AS_HTML)}
    now = request.format if request.format in forms else "json"
    other = "html" if now == "json" else "json"
    here = {**request.parameters} if "f" in request.parameters else kept
    return [
        link(request.url(request.path, **here), "self", forms[now][0], SELF, request.language),
        link(request.url(request.path, **kept, f=other), "alternate", *forms[other], request.language),
    ]
