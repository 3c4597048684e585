"""Breakages of coordinates, tiles, paging, time, filters and writing. What fails by each is in
`broken_fails`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx

from tests.conformance.breakages import (
    Handler,
    Wrap,
    at,
    copied,
    document,
    drop_links,
    header,
    ignoring,
    parameter,
    refused,
    request_changed,
    status,
    without_header,
)
from tests.conformance.broken_documents import (
    ITEM,
    ITEMS,
    LANDING,
    LIST,
    ONE,
    SCHEMA,
    any_of,
    each_listed,
    pop,
    set_,
)
from tests.conformance.checks import CRS84
from tests.conformance.features10_crs import UNSUPPORTED

EPSG4326 = "http://www.opengis.net/def/crs/EPSG/0/4326"
VN2000 = "http://www.opengis.net/def/crs/EPSG/0/9214"
FID = "/collections/[^/]+/items/[^/]+"
TILESETS = any_of(at("/tiles"), at("/collections/[^/]+/tiles"))
POST, PUT, PATCH, DELETE = (
    at("/collections/[^/]+/items", method="POST"),
    *(at(FID, method=name) for name in ("PUT", "PATCH", "DELETE")),
)


def flip(coordinates: Any) -> Any:
    if isinstance(coordinates[0], int | float):
        return coordinates[::-1]
    return [flip(part) for part in coordinates]


def flipped(body: Any) -> None:
    for one in body.get("features", [body]):
        if one["geometry"]:
            one["geometry"]["coordinates"] = flip(one["geometry"]["coordinates"])


def swapped(text: str) -> str:
    parts = text.split(",")
    return ",".join([parts[1], parts[0], parts[3], parts[2]]) if len(parts) == 4 else text


def asked(when: Callable[[httpx.Request], bool], name: str, pattern: str) -> Callable[[httpx.Request], bool]:
    """Requests whose parameter ``name`` matches."""
    return lambda request: when(request) and bool(re.search(pattern, request.url.params.get(name, "")))


def each_entry(change: Callable[[Any], object]) -> Callable[[Any], None]:
    return lambda body: [change(one) for one in body["tilesets"]] and None


def template(name: str, other: str) -> Wrap:
    """Another variable in the address template of every tileset."""

    def change(body: Any) -> None:
        for link in body["links"]:
            link["href"] = link["href"].replace(f"{{{name}}}", f"{{{other}}}")

    return document(
        any_of(at("/tiles/WebMercatorQuad"), at("/collections/[^/]+/tiles/WebMercatorQuad")), change
    )


def reversed_pages(body: Any) -> None:
    body["features"].reverse()


class Fickle:
    """An order that changes from request to request."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, body: Any) -> None:
        self.count += 1
        if self.count % 2 and len(body["features"]) > 1:
            body["features"].append(body["features"].pop(0))


def endless(body: Any) -> None:
    """A last page whose next leads back."""
    if not any(one["rel"] == "next" for one in body["links"]):
        first = next(one for one in body["links"] if one["rel"] == "self")
        body["links"].append({**first, "rel": "next"})


def one_fewer(body: Any) -> None:
    if len(body["features"]) > 1:
        body["features"].pop()


def remembering(handle: Handler) -> Handler:
    """PUT that keeps no version: the version in the feature is not compared."""

    def broken(request: httpx.Request) -> httpx.Response:
        if PUT(request) and "if-match" not in request.headers and b'"version"' in request.content:
            request = copied(request, if_match="*")
        return handle(request)

    return broken


def body_swap(old: bytes, new: bytes, when: Callable[[httpx.Request], bool]) -> Wrap:
    """Read a body in another way."""

    def change(request: httpx.Request) -> httpx.Request:
        kept = {k: v for k, v in request.headers.items() if k != "content-length"}
        return httpx.Request(
            request.method, request.url, headers=kept, content=request.content.replace(old, new)
        )

    return request_changed(when, change)


def accepted(when: Callable[[httpx.Request], bool]) -> Wrap:
    """Say 204 whatever happened."""
    return status(when, 204)


def allow(pattern: str, value: str) -> Wrap:
    return header(at(pattern, method="OPTIONS"), allow=value)


FILTERS = {  # what is written, and what a faulty server reads
    "CASEI is ignored": ("CASEI|casei", r"CASEI\(([^()]*)\)", r"\1"),
    "<= is read as <": ("<=", "<=", "<"),
    "BETWEEN leaves its end out": ("BETWEEN", r"(\w+) BETWEEN (\S+) AND (\S+)", r"(\1 >= \2) AND (\1 < \3)"),
    "LIKE is read as =": ("LIKE", r"LIKE '([^%']*)%'", r"= '\1'"),
    "T_AFTER is read as T_BEFORE": ("T_AFTER", "T_AFTER", "T_BEFORE"),
    "S_WITHIN is read as S_INTERSECTS": ("S_WITHIN", "S_WITHIN", "S_INTERSECTS"),
    "AND is read as OR": (" AND ", r"\) AND \(", ") OR ("),
}


def misread(pattern: str, old: str, new: str) -> Wrap:
    return parameter(asked(ITEMS, "filter", pattern), "filter", lambda text: re.sub(old, new, text))


BREAKS: dict[str, Wrap] = {
    # Part 2
    "the list has a CRS that is no address": document(LIST, lambda b: b["crs"].append("EPSG 4326")),
    "the list has a storageCrs that is no address": document(LIST, set_("storageCrs", "EPSG 4326")),
    "a listed crs is no address": document(LIST, each_listed(lambda c: c["crs"].append("EPSG 4326"))),
    "a listed storageCrs is no address": document(LIST, each_listed(set_("storageCrs", "VN-2000"))),
    "a crs of a collection is no address": document(ONE, lambda b: b["crs"].append("EPSG 4326")),
    "the storageCrs of a collection is no address": document(ONE, set_("storageCrs", "VN-2000")),
    "the listed crs lacks CRS84": document(LIST, each_listed(lambda c: c["crs"].remove(CRS84))),
    "the crs of a collection lacks CRS84": document(ONE, lambda b: b["crs"].remove(CRS84)),
    "the listed storageCrs is not in crs": document(LIST, each_listed(lambda c: c["crs"].remove(VN2000))),
    "the storageCrs of a collection is not in crs": document(ONE, lambda b: b["crs"].remove(VN2000)),
    "no Content-Crs on items": header(asked(ITEMS, "crs", "9214"), content_crs=None),
    "Content-Crs of a feature without brackets": header(asked(ITEM, "crs", "9214"), content_crs=VN2000),
    "an unsupported crs of items is ignored": ignoring("crs", ITEMS, UNSUPPORTED),
    "an unsupported crs of a feature is ignored": ignoring("crs", ITEM, UNSUPPORTED),
    "no Content-Crs on items in CRS84": header(
        lambda r: ITEMS(r) and "crs=" not in str(r.url), content_crs=None
    ),
    "no Content-Crs on a feature in CRS84": header(
        lambda r: ITEM(r) and "crs=" not in str(r.url), content_crs=None
    ),
    "items in a CRS are other ones": document(asked(ITEMS, "crs", "9214"), reversed_pages),
    "a feature in a CRS has another id": document(asked(ITEM, "crs", "9214"), set_("id", 99)),
    "a box in a CRS selects nothing less": ignoring("bbox", asked(ITEMS, "bbox-crs", "9214")),
    "a box in a CRS finds another page": document(
        asked(ITEMS, "bbox-crs", "9214"), lambda b: [f.update(id=900 + f["id"]) for f in b["features"]]
    ),
    "an unsupported bbox-crs is ignored": ignoring("bbox-crs", ITEMS, UNSUPPORTED),
    "bbox-crs=CRS84 finds fewer": document(asked(ITEMS, "bbox-crs", "CRS84"), one_fewer),
    "items in EPSG:4326 are longitude first": document(asked(ITEMS, "crs", "4326"), flipped),
    "a feature in EPSG:4326 is longitude first": document(asked(ITEM, "crs", "4326"), flipped),
    "items in a CRS are not transformed": ignoring("crs", asked(ITEMS, "crs", "9214")),
    "no CRS has latitude first": document(LIST, each_listed(lambda c: c["crs"].remove(EPSG4326))),
    "a box in EPSG:4326 is longitude first": parameter(asked(ITEMS, "bbox-crs", "4326"), "bbox", swapped),
    "a box over 180 degrees is the world": parameter(
        asked(ITEMS, "bbox", r"^179\.0"), "bbox", lambda _: "-180,-90,180,90"
    ),
    # Tiles
    "the tile matrix set is not registered": document(
        at("/collections/[^/]+/tiles/WebMercatorQuad"), set_("tileMatrixSetURI", "http://example.org/tms")
    ),
    "a tile with content is 404": refused(at("/collections/.*/tiles/WebMercatorQuad/14/.*"), 404),
    "a tile beyond all limits is 500": status(at("/collections/.*/2147483647/2147483647"), 500),
    "no {tileMatrix}": template("tileMatrix", "z"),
    "no {tileRow}": template("tileRow", "y"),
    "no {tileCol}": template("tileCol", "x"),
    "tiles of the landing page are templates on no host": document(
        at("/tiles/WebMercatorQuad"),
        lambda b: [x.update(href="data:" + x["href"]) for x in b["links"] if "{" in x["href"]],
    ),
    "an empty tile is 404": refused(at("/tiles/WebMercatorQuad/0/0/0"), 404),
    "a tile beyond its limits is 200": status(at("/tiles/WebMercatorQuad/0/1/0"), 200),
    "no tilesets on the landing page": document(
        LANDING, drop_links("http://www.opengis.net/def/rel/ogc/1.0/tilesets")
    ),
    "the tilesets of a collection are gone": refused(at("/collections/[^/]+/tiles"), 404),
    "a list of tilesets is called otherwise": document(
        at("/collections/[^/]+/tiles"), lambda b: b.update(sets=b.pop("tilesets"))
    ),
    "a tileset has no tileMatrixSetURI": document(TILESETS, each_entry(pop("tileMatrixSetURI"))),
    "a tile matrix set is not there": refused(at("/tileMatrixSets/WebMercatorQuad"), 404),
    "limits are upside down": document(
        at("/collections/[^/]+/tiles"),
        each_entry(lambda e: [x.update(minTileRow=10**6) for x in e["tileMatrixSetLimits"]]),
    ),
    # Paging
    "next leads back": document(asked(ITEMS, "cursor", "."), endless),
    "a page overlaps the next": parameter(ITEMS, "cursor", lambda _: "YXQ6Mg=="),
    "a page lacks a feature": document(asked(ITEMS, "cursor", "."), one_fewer),
    "offset is one off": parameter(
        ITEMS, "offset", lambda text: str(int(text) + 1) if text.isdecimal() else text
    ),
    "next forgets bbox": document(
        ITEMS,
        lambda b: [
            x.update(href=re.sub(r"bbox=[^&]*&", "", x["href"]))
            for x in b.get("links", [])
            if x["rel"] == "next"
        ],
    ),
    "limit=1 gives two": parameter(asked(ITEMS, "limit", "^1$"), "limit", lambda _: "2"),
    "the order changes": document(at("/collections/[^/]+/items", query="limit=20"), Fickle()),
    "any cursor is taken": ignoring("cursor", ITEMS, "spoilt"),
    "numberMatched under bbox counts all": document(
        asked(ITEMS, "bbox", "."), lambda b: b.update(numberMatched=25 if b.get("numberMatched") else 0)
    ),
    # Time
    "an instant is ignored": ignoring("datetime", ITEMS, r"^[^/]{20}$"),
    "an offset of time is ignored": parameter(ITEMS, "datetime", lambda text: text.replace("+07:00", "Z")),
    "an open interval is ignored": ignoring("datetime", ITEMS, r"/\.\.$"),
    "no date is ignored": ignoring("datetime", ITEMS, "yesterday"),
    "the temporal extent begins too late": document(
        LIST,
        each_listed(
            lambda c: c["extent"]["temporal"]["interval"][0].__setitem__(0, "2024-06-01T00:00:00+00:00")
        ),
    ),
    "the spatial extent is cut": document(
        LIST, each_listed(lambda c: c["extent"]["spatial"]["bbox"][0].__setitem__(0, 107.58))
    ),
    # CQL2
    "filter is ignored": ignoring("filter", ITEMS),
    "a filter in JSON is refused": refused(asked(ITEMS, "filter-lang", "json"), 400),
    "filter-crs is ignored": ignoring("filter-crs", ITEMS, "EPSG"),
    "an unknown property is ignored": ignoring("filter", ITEMS, "no_such_property"),
    "a deep filter kills the server": status(asked(ITEMS, "filter", r"\({100}"), 502),
    **{name: misread(*said) for name, said in FILTERS.items()},
    # Part 4
    "POST gives no Location": header(POST, location=None),
    "POST answers 200": status(POST, 200),
    "POST forgets a property": body_swap(b'"note"', b'"version"', POST),
    "Content-Crs is ignored": without_header(POST, "content-crs"),
    "Content-Crs is longitude first": request_changed(
        POST, lambda r: copied(r, content_crs=CRS84) if "4326" in r.headers.get("content-crs", "") else r
    ),
    "PUT does nothing": request_changed(PUT, lambda r: httpx.Request("OPTIONS", r.url, headers=r.headers)),
    "If-Match is ignored": request_changed(
        any_of(PUT, DELETE), lambda r: copied(r, if_match="*") if "if-match" in r.headers else r
    ),
    "PATCH needs no If-Match": request_changed(
        PATCH, lambda r: copied(r, if_match=r.headers.get("if-match", "*"))
    ),
    "PUT needs no version": request_changed(
        PUT, lambda r: r if b'"version"' in r.content else copied(r, if_match=r.headers.get("if-match", "*"))
    ),
    "versions are not compared": remembering,
    "DELETE does nothing": request_changed(
        DELETE, lambda r: httpx.Request("OPTIONS", r.url, headers=r.headers)
    ),
    "a retry makes a second feature": without_header(POST, "idempotency-key"),
    "anyone may write": request_changed(
        any_of(POST, PUT, DELETE),
        lambda r: copied(r, authorization=r.headers.get("authorization", "Bearer lan")),
    ),
    "OPTIONS of items offers POST to anyone": allow("/collections/[^/]+/items", "GET, POST"),
    "OPTIONS of items does not offer POST": allow("/collections/[^/]+/items", "GET"),
    "OPTIONS of a feature does not offer PUT": allow(FID, "GET, DELETE"),
    "any body is taken": request_changed(
        POST,
        lambda r: httpx.Request("OPTIONS", r.url, headers=r.headers) if b"nosuch_prop" in r.content else r,
    ),
    "features have no version": document(ITEM, lambda b: b["properties"].pop("version")),
    "the schema has no role of time": document(
        SCHEMA, lambda b: [p.pop("x-ogc-role", None) for n, p in b["properties"].items() if n != "geometry"]
    ),
    "pages have features without id": document(
        at("/collections/[^/]+/items", query="limit=100&"), lambda b: [f.pop("id") for f in b["features"][:1]]
    ),
}
