"""Our own checks of documents and of HTTP: links, schemas, encodings, caching, refusals."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pyogrio
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from tests.conformance import geojson
from tests.conformance.checks import (
    GEOJSON,
    HTML,
    JSON,
    SCHEMA,
    CheckFailed,
    Json,
    Link,
    NothingToTry,
    Server,
    Suite,
    each,
    equal,
    find_link,
    find_links,
    media_type,
    need,
    parsed,
)
from tests.conformance.tiles10 import tilesets, tilesets_links

SUITE = Suite("ours: documents")
FLATGEOBUF = "application/flatgeobuf"


# -- Links ---------------------------------------------------------------------------------------


def documents(server: Server) -> Iterator[tuple[str, Json]]:
    """Every kind of JSON document: landing page, collections, and of each collection its own ones."""
    yield "/", server.landing
    yield "/collections", server.collections_document
    for link in tilesets_links(server.landing["links"])[:1]:
        yield link["href"], server.json(server.absolute(link["href"]))
    for one in server.each_collection():
        path = f"/collections/{one['id']}"
        yield path, server.json(path)
        yield f"{path}/items", server.items(one, limit=2)
        feature = server.first_feature(one)
        if feature:
            yield (f"{path}/items/1", server.json(server.item_url(one, feature["id"]), accept=GEOJSON))


def links_of(document: Json) -> Iterator[Link]:
    yield from document.get("links", [])
    for entry in [*document.get("collections", []), *document.get("tilesets", [])]:
        yield from entry.get("links", [])


@SUITE.check("links_resolve", "hole: every link answers 200 with the media type that it states")
def links_resolve(server: Server) -> None:
    asked: set[tuple[str, str]] = set()
    for where, document in documents(server):
        for link in links_of(document):
            href, stated = server.absolute(link["href"]), str(link.get("type", ""))
            if "{" in href or not href.startswith(server.root) or (href, stated) in asked:
                continue
            asked.add((href, stated))
            reply = server.get(href, accept=stated or "*/*")
            got = media_type(reply.headers.get("content-type", ""))
            equal(got, media_type(stated), f"{where}: type of {link.get('rel')} {href}")
    need(len(asked) > 10, f"only {len(asked)} links")


@SUITE.check("self_is_itself", "the self link answers the document in which it stands")
def self_is_itself(server: Server) -> None:
    for where, document in documents(server):
        link = find_link(document.get("links", []), "self")
        again = server.json(server.absolute(link["href"]), accept=link["type"])
        for passing in ("timeStamp",):
            again.pop(passing, None)
            document = {name: value for name, value in document.items() if name != passing}
        need(again == document, f"{where}: self ({link['href']}) answers another document")


# -- Schemas -------------------------------------------------------------------------------------


@SUITE.check("geojson_is_valid", "hole: items and a feature are GeoJSON (RFC 7946)")
def geojson_is_valid(server: Server) -> None:
    for one in server.each_collection():
        page = server.items(one, limit=200)
        wrong = list(geojson.faults(page))[:3]
        need(not wrong, f"{one['id']}: {wrong}")
        feature = server.first_feature(one)
        if feature:
            wrong = list(geojson.faults(server.json(server.item_url(one, feature["id"]), accept=GEOJSON)))[:3]
            need(not wrong, f"{one['id']}/{feature['id']}: {wrong}")


def need_schema(document: Json, url: str) -> None:
    """A JSON Schema of an object, with an $id and $schema, its properties each of one type."""
    try:
        Draft202012Validator.check_schema(document)
    except SchemaError as fault:
        raise CheckFailed(f"{url}: {fault.message}") from None
    equal(document.get("type"), "object", f"{url}: type")
    need(str(document.get("$schema", "")).startswith("https://json-schema.org/draft/"), f"{url}: $schema")
    need(str(document.get("$id", "")).startswith("http"), f"{url}: $id")
    for name, one in document.get("properties", {}).items():
        one_type = isinstance(one.get("type"), str) or "$ref" in one or "format" in one
        need(one_type, f"{url}: {name} has no single type: {one}")


@SUITE.check("queryables_are_valid", "Part 3: JSON Schema; the geometry as QGIS knows it (a reference)")
def queryables_are_valid(server: Server) -> None:
    for one in server.each_collection():
        url = f"/collections/{one['id']}/queryables"
        reply = server.get(url, accept=SCHEMA)
        equal(media_type(reply.headers["content-type"]), SCHEMA, f"{url}: type")
        document = parsed(reply)
        need_schema(document, url)
        geometries = [
            p for p in document["properties"].values() if "geojson.org/schema" in str(p.get("$ref"))
        ]
        equal(len(geometries), 1, f"{url}: geometries with a $ref to geojson.org")


@SUITE.check("schema_is_valid", "Part 5: JSON Schema; every feature keeps it and has no property beside it")
def schema_is_valid(server: Server) -> None:
    for one in server.each_collection():
        url = f"/collections/{one['id']}/schema"
        reply = server.get(url, accept=SCHEMA)
        equal(media_type(reply.headers["content-type"]), SCHEMA, f"{url}: type")
        document = parsed(reply)
        need_schema(document, url)
        own = {name: p for name, p in document["properties"].items() if not is_geometry(p) and not is_id(p)}
        validator = Draft202012Validator({"type": "object", "properties": nullable(own, document)})
        for feature in server.items(one, limit=100)["features"]:
            stranger = set(feature["properties"]) - set(document["properties"])
            need(not stranger, f"{url}: {feature['id']} has {stranger}")
            wrong = [
                f"{fault.json_path}: {fault.message[:80]}"
                for fault in validator.iter_errors(feature["properties"])
            ]
            need(not wrong, f"{url}: {feature['id']}: {wrong[:3]}")


def nullable(properties: Json, schema: Json) -> Json:
    """Properties that are not required may be null in a feature."""
    required = schema.get("required", [])
    return {
        name: one if name in required else {"anyOf": [{"type": "null"}, one]}
        for name, one in properties.items()
    }


def is_geometry(one: Json) -> bool:
    return "geometry" in str(one.get("x-ogc-role")) or str(one.get("format", "")).startswith("geometry")


def is_id(one: Json) -> bool:
    return one.get("x-ogc-role") == "id"


@SUITE.check("schema_roles", "Part 5: one primary geometry, and a link of relation schema")
def schema_roles(server: Server) -> None:
    for one in server.each_collection():
        roles = [p.get("x-ogc-role") for p in server.schema_of(one)["properties"].values()]
        equal(roles.count("primary-geometry"), 1, f"{one['id']}: properties of role primary-geometry")
        links = (
            one["links"]
            if find_links(one["links"], SCHEMA_REL)
            else server.json(f"/collections/{one['id']}")["links"]
        )
        find_link(links, SCHEMA_REL, SCHEMA)


SCHEMA_REL = "http://www.opengis.net/def/rel/ogc/1.0/schema"


# -- Encodings -----------------------------------------------------------------------------------


@SUITE.check(
    "html_pages", "hole: HTML of every kind of page, by Accept and by link; with a language and a title"
)
def html_pages(server: Server) -> None:
    paths = ["/", "/collections", "/conformance"]
    for one in server.collections[:3]:
        paths += [f"/collections/{one['id']}", f"/collections/{one['id']}/items"]
        feature = server.first_feature(one)
        paths += [f"/collections/{one['id']}/items/{feature['id']}"] if feature else []
    for path in paths:
        for reply in (server.get(path, accept="text/html,*/*;q=0.8"), server.get(path, {"f": "html"})):
            equal(media_type(reply.headers.get("content-type", "")), HTML, f"{reply.request.url}: type")
            need(re.search(r"<html[^>]* lang=", reply.text), f"{reply.request.url}: no language")
            need(re.search(r"<title>[^<]{3,}</title>", reply.text), f"{reply.request.url}: no title")


@SUITE.check(
    "format_beats_accept", "f= wins over Accept; what is not offered is 400 or 406; Vary names Accept"
)
def format_beats_accept(server: Server) -> None:
    for path in ("/", "/collections"):
        reply = server.get(path, {"f": "json"}, accept=HTML)
        equal(media_type(reply.headers["content-type"]), JSON, f"{path}?f=json")
        need(
            "accept" in server.get(path, accept=JSON).headers.get("vary", "").lower(),
            f"{path}: no Vary: Accept",
        )
        for bad in (server.request("GET", path, params={"f": "doc"}),):
            need(bad.status_code in (400, 406), f"{path}?f=doc: status {bad.status_code}")


def alternate(server: Server, one: Json, type_: str) -> httpx.Response | None:
    """The alternate of a page of items in another encoding; None where it is not offered."""
    page = server.items(one, limit=20)
    links = [link for link in find_links(page["links"], "alternate") if media_type(link["type"]) == type_]
    return server.get(server.absolute(links[0]["href"]), accept=type_) if links else None


@SUITE.check("csv_has_the_features", "the CSV alternate has the features of the page, in order")
def csv_has_the_features(server: Server) -> None:
    for one, reply in each(offered(server, "text/csv"), "no collection offers CSV"):
        rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"), newline="")))
        features = server.items(one, limit=20)["features"]
        equal(len(rows), len(features), f"{one['id']}: rows of CSV")
        for row, feature in zip(rows, features, strict=True):
            need(str(feature["id"]) in row.values(), f"{one['id']}: {feature['id']} is not in its row {row}")


@SUITE.check(
    "flatgeobuf_has_the_features", "the FlatGeobuf alternate has the features of the page, read by GDAL"
)
def flatgeobuf_has_the_features(server: Server) -> None:
    for one, reply in each(offered(server, FLATGEOBUF), "no collection offers FlatGeobuf"):
        need(reply.content[:3] == b"fgb", f"{one['id']}: not a FlatGeobuf")
        frame = pyogrio.raw.read(reply.content)
        equal(
            len(frame[2]),
            len(server.items(one, limit=20)["features"]),
            f"{one['id']}: features in FlatGeobuf",
        )


def offered(server: Server, type_: str) -> Iterator[tuple[Json, httpx.Response]]:
    for one in server.each_collection():
        reply = alternate(server, one, type_)
        if reply is not None:
            yield one, reply


# -- HTTP ----------------------------------------------------------------------------------------


def main_urls(server: Server) -> Iterator[tuple[str, str]]:
    """One address of each kind with the type to ask for."""
    for path in ("/", "/collections", "/conformance"):
        yield path, JSON
    for one in server.collections[:3]:
        yield f"/collections/{one['id']}", JSON
        yield f"/collections/{one['id']}/queryables", SCHEMA
        yield f"/collections/{one['id']}/schema", SCHEMA
        yield server.items_url(one), GEOJSON
        feature = server.first_feature(one)
        if feature:
            yield server.item_url(one, feature["id"]), GEOJSON


@SUITE.check("gzip", "compressed when asked, not when not, the same content; Vary names Accept-Encoding")
def gzip(server: Server) -> None:
    for one in server.collections[:3]:
        url = server.items_url(one)
        squeezed, plain = (
            server.get(url, {"limit": 100}, accept=GEOJSON, headers={"Accept-Encoding": coding})
            for coding in ("gzip", "identity")
        )
        equal(squeezed.headers.get("content-encoding"), "gzip", f"{url}: Content-Encoding")
        equal(
            plain.headers.get("content-encoding", "identity"), "identity", f"{url}: Content-Encoding unasked"
        )
        equal(parsed(squeezed)["features"], parsed(plain)["features"], f"{url}: features, compressed and not")
        need(
            "accept-encoding" in squeezed.headers.get("vary", "").lower(), f"{url}: no Vary: Accept-Encoding"
        )


@SUITE.check("etag_and_304", "every resource has an ETag; If-None-Match is answered 304 without a body")
def etag_and_304(server: Server) -> None:
    for url, accept in main_urls(server):
        tag = server.get(url, accept=accept).headers.get("etag")
        need(tag and re.fullmatch(r'(W/)?"[^"]+"', tag), f"{url}: ETag {tag!r}")
        again = server.get(url, accept=accept, status=304, headers={"If-None-Match": tag or ""})
        need(not again.content, f"{url}: 304 with a body")
        # A proxy that compresses on the fly may mark one of the two as weak: the opaque part is what counts.
        opaque = [str(one).removeprefix("W/") for one in (again.headers.get("etag"), tag)]
        equal(opaque[0], opaque[1], f"{url}: ETag of the 304")
        server.get(url, accept=accept, headers={"If-None-Match": '"other"'})


@SUITE.check("etag_by_encoding", "two encodings of a resource have two ETags")
def etag_by_encoding(server: Server) -> None:
    for path in ("/", "/collections"):
        tags = {server.get(path, accept=accept).headers.get("etag") for accept in (JSON, HTML)}
        need(len(tags) == 2, f"{path}: JSON and HTML share the ETag {tags}")


@SUITE.check("head", "HEAD has the status and headers of GET and no body")
def head(server: Server) -> None:
    for url, accept in main_urls(server):
        got, asked = (server.request(m, url, headers={"Accept": accept}) for m in ("GET", "HEAD"))
        equal(asked.status_code, got.status_code, f"HEAD {url}: status")
        need(not asked.content, f"HEAD {url}: a body")
        for name in ("content-type", "etag", "content-crs"):
            equal(asked.headers.get(name), got.headers.get(name), f"HEAD {url}: {name}")


@SUITE.check("methods_refused", "a method that is not there is 405 with Allow")
def methods_refused(server: Server) -> None:
    for path in ("/", "/conformance", "/collections"):
        reply = server.request("DELETE", path)
        equal(reply.status_code, 405, f"DELETE {path}: status")
        need("GET" in reply.headers.get("allow", ""), f"DELETE {path}: Allow {reply.headers.get('allow')!r}")


# -- Refusals ------------------------------------------------------------------------------------


def need_problem(reply: httpx.Response, status: int, names: str = "") -> None:
    """An RFC 9457 problem document of ``status`` that names the fault."""
    where = f"{reply.request.method} {reply.request.url}"
    equal(reply.status_code, status, f"status of {where}")
    equal(media_type(reply.headers.get("content-type", "")), "application/problem+json", f"type of {where}")
    document = parsed(reply)
    equal(document.get("status"), status, f"status in the problem of {where}")
    need(document.get("title") and document.get("detail"), f"{where}: no title or detail")
    need(names in json.dumps(document, ensure_ascii=False), f"{where}: {document} does not name {names}")


@SUITE.check("unknown_parameters", "hole: an unknown parameter is a 400 that names it, on every resource")
def unknown_parameters(server: Server) -> None:
    for url, accept in main_urls(server):
        need_problem(
            server.request("GET", url, params={"nosuch": "1"}, headers={"Accept": accept}), 400, "nosuch"
        )


@SUITE.check("boxes_refused", "a box of three, five or no numbers, not finite, upside down: 400")
def boxes_refused(server: Server) -> None:
    for one in server.collections[:3]:
        for text in (
            "1,2,3",
            "1,2,3,4,5",
            "a,b,c,d",
            "",
            "NaN,1,2,3",
            "1,2,Infinity,4",
            "107,17,108,16",
            "1,2,3,4,5,6,7",
        ):
            reply = server.request(
                "GET", server.items_url(one), params={"bbox": text}, headers={"Accept": GEOJSON}
            )
            need_problem(reply, 400, "bbox")


@SUITE.check(
    "limits_refused", "limit below the minimum or no number is 400; above the maximum it is the maximum"
)
def limits_refused(server: Server) -> None:
    maximum = server.limit_schema["maximum"]
    for one in server.collections[:3]:
        url = server.items_url(one)
        for text in (str(server.limit_schema["minimum"] - 1), "-1", "1.5", "", "9" * 40):
            reply = server.request("GET", url, params={"limit": text}, headers={"Accept": GEOJSON})
            if text == "9" * 40 and reply.status_code == 200:
                continue
            need_problem(reply, 400, "limit")
        page = server.items(one, limit=maximum + 1)
        need(len(page["features"]) <= maximum, f"{url}: more than {maximum} features")
        for text in ("-1", "x", "9" * 40):
            reply = server.request("GET", url, params={"offset": text}, headers={"Accept": GEOJSON})
            need_problem(reply, 400, "offset")


@SUITE.check("absent_things", "an unknown collection, feature, tile set or path is a 404 problem")
def absent_things(server: Server) -> None:
    one = next(server.each_collection())
    known = f"/collections/{one['id']}"
    paths = ["/collections/nosuch", "/collections/nosuch/items", "/collections/nosuch/schema", "/nosuch"]
    paths += [f"{known}/items/nosuch", f"{known}/items/9007199254740993", f"{known}/tiles/NoSuchQuad"]
    for path in paths:
        need_problem(server.request("GET", path, headers={"Accept": JSON}), 404)


@SUITE.check("hidden_is_unknown", "a property that cannot be seen is refused as one that does not exist")
def hidden_is_unknown(server: Server) -> None:
    """The two refusals differ in the name alone, so that nobody learns which private properties there are."""
    for one in server.collections[:3]:
        documents_ = []
        for name in ("reporter_phone", "nosuch_prop_xx"):
            params = {"filter": f"{name} = 'x'", "filter-lang": "cql2-text"}
            reply = server.request("GET", server.items_url(one), params=params, headers={"Accept": GEOJSON})
            need_problem(reply, 400, name)
            documents_.append(reply.text.replace(name, "?"))
        equal(documents_[0], documents_[1], f"{one['id']}: two refusals")


# -- Tiles ---------------------------------------------------------------------------------------


@SUITE.check(
    "tilejson", "TileJSON 3: its tiles answer, its vector layer is named, its bounds and zooms are right"
)
def tilejson(server: Server) -> None:
    front = server.root.rsplit("/", 1)[0]
    tried: list[Any] = []
    for one in server.each_collection():
        if not tilesets_links(one["links"]):
            continue
        document = server.json(f"{front}/tiles/{one['id']}.json")
        tried.append(one)
        equal(document.get("tilejson"), "3.0.0", f"{one['id']}: tilejson")
        need(
            document.get("tiles") and document.get("vector_layers"), f"{one['id']}: no tiles or vector_layers"
        )
        need(0 <= document["minzoom"] <= document["maxzoom"] <= 24, f"{one['id']}: zooms")
        west, south, east, north = document["bounds"]
        need(
            -180 <= west <= east <= 180 and -90 <= south <= north <= 90,
            f"{one['id']}: bounds {document['bounds']}",
        )
        url = document["tiles"][0].replace("{z}", "0").replace("{x}", "0").replace("{y}", "0")
        reply = server.request("GET", url)
        need(
            reply.status_code in ((200, 204) if document["minzoom"] == 0 else (200, 204, 404)),
            f"{url}: {reply.status_code}",
        )
    if not tried:
        raise NothingToTry("no collection has tiles")


@SUITE.check("tileset_limits", "every tileset of a collection states limits that a tile matrix can have")
def tileset_limits(server: Server) -> None:
    links = [tilesets_links(one["links"])[0] for one in server.collections if tilesets_links(one["links"])]
    for link in each(links, "no collection has tiles"):
        for entry in tilesets(server, server.absolute(link["href"])):
            for limit in each(entry.get("tileMatrixSetLimits", []), f"{link['href']}: no limits"):
                size = 2 ** int(limit["tileMatrix"])
                for axis in ("Row", "Col"):
                    low, high = limit[f"minTile{axis}"], limit[f"maxTile{axis}"]
                    need(0 <= low <= high < size, f"{link['href']}: {limit}")
