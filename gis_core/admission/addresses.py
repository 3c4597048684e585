"""What each public address is to robots and to the front door's limits: said here once, for ``robots.txt`` and nginx.

An address that ends with a slash stands for all below it, another one for itself; of pages the Vietnamese one is named,
the English twin below ``/en`` is of its kind. A test holds the addresses of every room to this list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal

# | kind     | what                                                              | robots | counted as a query |
# |----------|-------------------------------------------------------------------|--------|--------------------|
# | page     | read, linked, found by search engines; with what draws it         | yes    | no                 |
# | question | answers what somebody asks for, which is another page every time  | no     | yes                |
# | moving   | what a map asks for as it moves, and lists of what it shows       | no     | no                 |
# | program  | for programs, which are counted by what each of their kinds costs | no     | by its own rules   |
# | private  | behind a sign-in, or for those who run the city                   | no     | by its own rules   |
Kind = Literal["page", "question", "moving", "program", "private"]

ADDRESSES: Mapping[str, Kind] = {
    "/": "page", "/en": "page", "/feature/": "page", "/help": "page", "/styles/": "page", "/ogcapi/": "page",
    "/robots.txt": "page", "/favicon.ico": "page", "/map-style.json": "page", "/manifest.webmanifest": "page",
    "/static/": "page", "/fonts/": "page", "/sprites/": "page",
    "/search": "question", "/suggest": "question", "/near": "question", "/place": "question",
    "/print": "question", "/print/check": "question",
    "/list": "moving", "/beside": "moving", "/map-names.json": "moving",
    "/tiles/": "program", "/events/": "program", "/pictures/": "program", "/legend/": "program", "/wms": "program",
    "/wmts": "program", "/wfs": "program", "/qgis/": "program", "/print/map.pdf": "program",
    "/ogcapi/jobs/": "program", "/ogcapi/collections/*/items": "program",
    "/accounts/": "private", "/admin/": "private", "/place/check": "private", "/healthz": "private",
    "/readyz": "private", "/metrics": "private",
}  # fmt: skip
TRANSLATED = ("/search", "/suggest", "/near", "/place", "/print", "/list", "/beside", "/map-names.json")


def kind_of(path: str) -> Kind | None:
    """The kind of an address without its query; None of one that nobody has thought of."""
    bare = f"/{path.removeprefix('/en').strip('/')}" if path.startswith("/en/") else path.rstrip("/") or "/"
    named = [each for each in ADDRESSES if bare == each or (below(each) and f"{bare}/".startswith(each))]
    return ADDRESSES[max(named, key=len)] if named else None


def below(address: str) -> bool:
    return address.endswith("/") and address != "/"


def closed_to_robots() -> Iterator[str]:
    """The rules of robots.txt: each closes what begins with it (RFC 9309)."""
    closed = [each for each, kind in ADDRESSES.items() if kind != "page"]
    for each in closed:
        if not any(each.startswith(other) for other in closed if other != each):
            yield each.rstrip("/")
            if each in TRANSLATED:
                yield f"/en{each}"


def questions_pattern() -> str:
    """A regular expression of what follows the language in the addresses that are counted as queries."""
    return "|".join(re.escape(each[1:]) for each, kind in ADDRESSES.items() if kind == "question")
