"""Breakages of documents, links and HTTP. What fails by each is in `broken_fails`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from tests.conformance.breakages import (
    Wrap,
    answer,
    at,
    content,
    copied,
    document,
    drop_links,
    header,
    ignoring,
    rebuilt,
    refused,
    request_changed,
    status,
    without_header,
)

LANDING, LIST, ONE = at("/"), at("/collections"), at("/collections/[^/]+")
ITEMS, ITEM = at("/collections/[^/]+/items"), at("/collections/[^/]+/items/[^/]+")
API, CONFORMANCE = at("/api"), at("/conformance")
SCHEMA, QUERYABLES = at("/collections/[^/]+/schema"), at("/collections/[^/]+/queryables")


def set_(key: str, value: object) -> Callable[[Any], None]:
    return lambda body: body.__setitem__(key, value)


def pop(key: str) -> Callable[[Any], None]:
    return lambda body: body.pop(key, None)


def each_listed(change: Callable[[Any], object]) -> Callable[[Any], None]:
    """Change every collection in the list."""
    return lambda body: [change(one) for one in body["collections"]] and None


def each_property(change: Callable[[Any], object]) -> Callable[[Any], None]:
    return lambda body: [change(one) for one in body["properties"].values()] and None


def no_type(rel: str) -> Callable[[Any], None]:
    return lambda body: [one.pop("type", None) for one in body["links"] if one["rel"] == rel] and None


def parameter_of(name: str, change: Callable[[Any], object]) -> Wrap:
    return document(API, lambda body: change(body["components"]["parameters"][name]))


def undeclared(*ends: str) -> Wrap:
    def change(body: Any) -> None:
        body["conformsTo"] = [one for one in body["conformsTo"] if not one.endswith(ends)]

    return document(CONFORMANCE, change)


def http_2(_: httpx.Request, reply: httpx.Response) -> httpx.Response:
    reply.extensions = {**reply.extensions, "http_version": b"HTTP/2"}
    return reply


def body_replaced(
    change: Callable[[bytes], bytes],
) -> Callable[[httpx.Request, httpx.Response], httpx.Response]:
    return lambda _, reply: rebuilt(reply, change(content(reply)))


def html_only(when: Callable[[httpx.Request], bool]) -> Callable[[httpx.Request], bool]:
    return lambda request: (
        when(request)
        and (
            request.url.params.get("f") == "html" or request.headers.get("accept", "").startswith("text/html")
        )
    )


def head_as_get(
    handle: Callable[[httpx.Request], httpx.Response],
) -> Callable[[httpx.Request], httpx.Response]:
    """HEAD with a body, as a server that routes it to GET and forgets."""
    return lambda request: handle(
        httpx.Request("GET", request.url, headers=request.headers) if request.method == "HEAD" else request
    )


def any_of(*whens: Callable[[httpx.Request], bool]) -> Callable[[httpx.Request], bool]:
    return lambda request: any(when(request) for when in whens)


def everywhere(request: httpx.Request) -> bool:
    return True


def duplicate_ids(body: Any) -> None:
    paths = list(body["paths"].values())
    paths[1]["get"]["operationId"] = paths[0]["get"]["operationId"]


def rename_operations(body: Any) -> None:
    for number, item in enumerate(body["paths"].values()):
        item["get"]["operationId"] = f"operation{number}"


def bad_reference(body: Any) -> None:
    body["paths"]["/collections"]["get"]["parameters"].append({"$ref": "#/components/parameters/nosuch"})


def free_form(body: Any) -> None:
    body["components"]["parameters"]["f"]["schema"] = {"type": "object", "additionalProperties": True}


def without_path(path: str) -> Wrap:
    return document(API, lambda body: body["paths"].pop(path))


def own_page(query: str = "") -> Callable[[httpx.Request], bool]:
    """A page of features as GeoJSON, asked for with limit=10."""
    plain = at("/collections/[^/]+/items", query="limit=10")

    def when(request: httpx.Request) -> bool:
        text = str(request.url.query, "ascii")
        if (
            not plain(request)
            or "limit=10&" not in f"{text}&"
            or "filter" in text
            or "crs" in text.replace("bbox-crs", "")
        ):
            return False
        special = {name for name in ("bbox=", "datetime=") if name in text}
        return special == ({query} if query else set())

    return when


LIMITED = at("/collections/[^/]+/items", query="limit=100")
PAGES: dict[str, Callable[[httpx.Request], bool]] = {
    "Features": own_page(),
    "FeaturesBBox": own_page("bbox="),
    "FeaturesLimit": LIMITED,
    "FeaturesTime": own_page("datetime="),
}


def off_the_earth(body: Any) -> None:
    for one in body["features"][:1]:
        one["geometry"] = {"type": "Point", "coordinates": [500.0, 16.0]}


def too_many(key: str) -> Callable[[Any], None]:
    return lambda body: body.__setitem__(key, body[key] + 1)


PAGE_BREAKS: dict[str, Callable[[Any], object]] = {
    "a page is in no CRS84": off_the_earth,
    "a page has another type": set_("type", "Collection"),
    "a page has no features": pop("features"),
    "a page has no alternate HTML": drop_links("alternate", "text/html"),
    "a page has no time stamp": pop("timeStamp"),
    "a page has a time stamp without zone": set_("timeStamp", "2026-01-01T00:00:00"),
    "a page counts wrongly what it returns": too_many("numberReturned"),
    "a page counts wrongly what matches": too_many("numberMatched"),
}

BREAKS: dict[str, Wrap] = {
    "the landing page is HTTP/2": answer(LANDING, http_2),
    "there is no landing page": refused(LANDING, 500),
    "no link to the API definition": document(LANDING, drop_links("service-desc")),
    "no link to the conformance": document(LANDING, drop_links("conformance")),
    "no link to the data": document(LANDING, drop_links("data")),
    "the API definition is not there": refused(API, 404),
    "the API definition is OpenAPI 3.1": document(API, set_("openapi", "3.1.0")),
    "two operations have one id": document(API, duplicate_ids),
    "a reference in the API definition leads nowhere": document(API, bad_reference),
    "an enum is empty": parameter_of("f", lambda p: p["schema"].update(enum=[])),
    "the API definition has no /conformance": without_path("/conformance"),
    "the API definition has no /collections/{collectionId}": without_path("/collections/{collectionId}"),
    "no operation is called getTile": document(API, rename_operations),
    "Features is not declared": undeclared("ogcapi-features-1/1.0/conf/core"),
    "CRS is not declared": undeclared("ogcapi-features-2/1.0/conf/crs"),
    "Tiles is not declared": undeclared("ogcapi-tiles-1/1.0/conf/core"),
    "tilesets-list is not declared": undeclared("/tilesets-list"),
    "geodata-tilesets is not declared": undeclared("/geodata-tilesets"),
    "a CQL2 class is not declared": undeclared("/spatial-functions"),
    "a class that QGIS looks for is not declared": undeclared("/basic-spatial-operators"),
    "create-replace-delete is not declared": undeclared("/create-replace-delete"),
    "there is no list of collections": refused(LIST, 500),
    "the list has no alternate HTML": document(LIST, drop_links("alternate")),
    "the list has no links": document(LIST, set_("links", [])),
    "the list does not begin with CRS84": document(LIST, lambda b: b["crs"].reverse()),
    "a listed collection has no id": document(
        LIST, lambda b: b["collections"].append({**b["collections"][0], "id": ""})
    ),
    "a listed collection has a link without type": document(LIST, each_listed(no_type("items"))),
    "the list gives another title": document(LIST, each_listed(set_("title", "?"))),
    "a collection rounds its extent": document(
        ONE, lambda b: b["extent"]["spatial"]["bbox"][0].__setitem__(0, 107.5)
    ),
    "a feature is not GeoJSON by type": header(ITEM, content_type="application/json"),
    "a feature has no link to its collection": document(ITEM, drop_links("collection")),
    "a feature is not found": refused(ITEM, 404),
    "bbox has no minItems": parameter_of("bbox", lambda p: p["schema"].pop("minItems")),
    "limit has no minimum": parameter_of("limit", lambda p: p["schema"].pop("minimum")),
    "limit has a text as default": parameter_of("limit", lambda p: p["schema"].update(default="ten")),
    "the default limit is 100": parameter_of("limit", lambda p: p["schema"].update(default=100, maximum=500)),
    "datetime is exploded": parameter_of("datetime", set_("explode", True)),
    "bbox is ignored": ignoring("bbox", ITEMS),
    "limit that is no number is ignored": ignoring("limit", ITEMS, r"^\D+$"),
    "unknown parameters of items are ignored": ignoring("nosuch", ITEMS),
    "random unknown parameters are ignored": request_changed(
        ITEMS, lambda r: copied(r, r.url.copy_with(query=b"")) if b"unknownQuery" in r.url.query else r
    ),
    "free-form parameters are declared": document(API, free_form),
    "a link leads nowhere": document(
        ONE, lambda b: b["links"].append({"rel": "x", "href": "nosuch/page", "type": "text/html"})
    ),
    "a link states another type": document(
        LANDING, lambda b: [x.update(type="text/plain") for x in b["links"][-1:]]
    ),
    "self answers another document": document(at("/", query="f=json"), set_("title", "another")),
    "a ring is not closed": document(ITEM, lambda b: b["geometry"]["coordinates"][0].pop()),
    "a queryable has two types": document(
        QUERYABLES, each_property(lambda p: p.update(type=["string", "null"]))
    ),
    "the queryable geometry is no reference": document(
        QUERYABLES, lambda b: b["properties"]["geometry"].pop("$ref")
    ),
    "the schema has an unknown type": document(SCHEMA, lambda b: b["properties"]["name"].update(type="word")),
    "the schema has two types": document(
        SCHEMA, lambda b: b["properties"]["name"].update(type=["string", "null"])
    ),
    "the schema lacks a property": document(SCHEMA, lambda b: b["properties"].pop("version")),
    "the schema has no primary geometry": document(SCHEMA, lambda b: b["properties"].pop("geometry")),
    "no link to the schema": document(
        any_of(LIST, ONE),
        lambda b: [
            drop_links("http://www.opengis.net/def/rel/ogc/1.0/schema")(one)
            for one in b.get("collections", [b])
        ],
    ),
    "HTML has no language": answer(html_only(LIST), body_replaced(lambda b: b.replace(b' lang="vi"', b""))),
    "Accept wins over f": request_changed(LANDING, lambda r: copied(r, r.url.copy_with(query=None))),
    "no Vary": header(LIST, vary=None),
    "CSV lacks a row": answer(
        at(".*/items", query="f=csv"), body_replaced(lambda b: b[: b.rstrip().rindex(b"\n")])
    ),
    "FlatGeobuf is GeoJSON": request_changed(
        at(".*/items", query="f=fgb"), lambda r: copied(r, r.url.copy_set_param("f", "csv"))
    ),
    "nothing is compressed": without_header(everywhere, "accept-encoding"),
    "no ETag on the list": header(LIST, etag=None),
    "If-None-Match is ignored": without_header(CONFORMANCE, "if-none-match"),
    "JSON and HTML share an ETag": header(LANDING, etag='"one"'),
    "HEAD has a body": head_as_get,
    "DELETE of the landing page is 404": refused(at("/", method="DELETE"), 404),
    "unknown parameters are ignored": ignoring("nosuch", CONFORMANCE),
    "refusals are plain JSON": header(at("/collections/nosuch"), content_type="application/json"),
    "a box of five numbers is taken": ignoring("bbox", ITEMS, r"^1,2,3,4,5$"),
    "limit below the minimum is taken": ignoring("limit", ITEMS, r"^0$"),
    "a private property is refused in other words": answer(
        at(".*/items", query="reporter_phone"),
        body_replaced(lambda b: b.replace(b"no property", b"no right to")),
    ),
    "TileJSON has no vector layer": document(at("/tiles/.*json"), pop("vector_layers")),
}
for _family, _when in PAGES.items():
    for _name, _change in PAGE_BREAKS.items():
        BREAKS[f"{_name} ({_family})"] = document(_when, _change)
    BREAKS[f"a page is refused ({_family})"] = status(_when, 500)
