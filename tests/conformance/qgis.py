"""Replays of what newer QGIS versions ask (3.30 to 4.x, read in their source), not of QGIS itself.

QGIS 3.22 is run for real elsewhere; these requests come from versions that cannot be installed beside it.
"""

from __future__ import annotations

import secrets
from typing import Any

from tests.conformance.checks import (
    CRS84,
    GEOJSON,
    JSON,
    OPENAPI,
    SCHEMA,
    Json,
    Server,
    Suite,
    each,
    equal,
    find_link,
    find_links,
    ids_of,
    media_type,
    need,
    parsed,
)
from tests.conformance.ours_cql2 import geometry_name, queryables
from tests.conformance.ours_crs import from_crs84, positions
from tests.conformance.ours_documents import SCHEMA_REL
from tests.conformance.ours_writing import allowed, specimen, text_property, transformed, writable

SUITE = Suite("QGIS replay")
AGENT = {"User-Agent": "Mozilla/5.0 QGIS/34407"}
LOOKED_FOR = (
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-operators",  # the name before the final CQL2
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
)


def ask(server: Server, url: str, accept: str) -> Json:
    return parsed(server.get(url, accept=accept, headers=AGENT))


@SUITE.check(
    "start_up", "3.30 and newer: landing, api, collection, conformance, queryables, items, schema, OPTIONS"
)
def start_up(server: Server) -> None:
    landing = ask(server, "/", f"{JSON}, */*")
    api_link = find_link(landing["links"], "service-desc", OPENAPI)
    ask(server, server.absolute(api_link["href"]), f"{OPENAPI}, */*")
    collections = server.absolute(find_link(landing["links"], "data", JSON)["href"]).partition("?")[0]
    for one in server.each_collection():
        url = f"{collections}/{one['id']}"  # no other form of address is tried
        equal(ask(server, url, JSON)["id"], one["id"], f"{url}: id")
        ask(server, "/conformance", JSON)
        ask(server, f"{url}/queryables", SCHEMA)
        page = ask(server, f"{url}/items?limit=10", f"{GEOJSON}, {JSON}")
        ask(server, f"{url}/schema", SCHEMA)
        need("GET" in allowed(server, f"{url}/items", AGENT), f"OPTIONS {url}/items")
        for feature in page["features"][:1]:
            need(
                "GET" in allowed(server, f"{url}/items/{feature['id']}", AGENT),
                f"OPTIONS of a feature of {url}",
            )
        ask(server, f"{url}/items?limit=1", f"{GEOJSON}, {JSON}")


@SUITE.check(
    "page_size", "components.parameters.limit states maximum and default, or pages have 100 features"
)
def page_size(server: Server) -> None:
    schema = server.api.get("components", {}).get("parameters", {}).get("limit", {}).get("schema", {})
    maximum, default = schema.get("maximum"), schema.get("default")
    need(isinstance(maximum, int) and isinstance(default, int), f"components.parameters.limit: {schema}")
    need(min(max(1000, default), maximum) >= 1000, f"pages of {min(max(1000, default), maximum)} features")


@SUITE.check("classes", "each class that QGIS looks for before it pushes a filter down or reads a schema")
def classes(server: Server) -> None:
    missing = [name for name in LOOKED_FOR if name not in server.conforms_to]
    need(not missing, f"not declared: {missing}")


@SUITE.check("schema_link", "the schema is found by its link, and its types are single words")
def schema_link(server: Server) -> None:
    for one in server.each_collection():
        links = ask(server, f"/collections/{one['id']}", JSON)["links"]
        document = ask(server, server.absolute(find_link(links, SCHEMA_REL, SCHEMA)["href"]), SCHEMA)
        for name, schema in document["properties"].items():
            single = "$ref" in schema or "format" in schema or isinstance(schema.get("type"), str)
            need(single, f"{one['id']}: {name} has the type {schema.get('type')!r}")


@SUITE.check(
    "pages", "next by its type, with the client's own long decimals in bbox, to an end; ids on every feature"
)
def pages(server: Server) -> None:
    for one in server.collections[:4]:
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        box = f"{west:.17f},{south:.17f},{east:.17f},{north:.17f}"
        page = ask(server, f"/collections/{one['id']}/items?limit=100&bbox={box}", f"{GEOJSON}, {JSON}")
        seen: list[Any] = []
        for _ in range(5):
            ids = ids_of(page["features"])
            need(None not in ids, f"{one['id']}: a feature without id")
            need(not set(ids) & set(seen), f"{one['id']}: a feature on two pages")
            seen += ids
            following = find_links(page["links"], "next", GEOJSON)
            if not following:
                break
            page = ask(server, server.absolute(following[0]["href"]), f"{GEOJSON}, {JSON}")


@SUITE.check("storage_crs", "a layer opens in storageCrs (or the first crs), with crs= and bbox-crs= of it")
def storage_crs(server: Server) -> None:
    for one in server.each_collection():
        document = ask(server, f"/collections/{one['id']}", JSON)
        crs = document.get("storageCrs") or document["crs"][0]
        need(crs in document["crs"], f"{one['id']}: storageCrs is not in crs")
        feature = server.first_feature(one)
        if not feature or not feature["geometry"]:
            continue
        corners = [from_crs84(crs).transform(*p[:2]) for p in positions(feature["geometry"]["coordinates"])]
        low, high = ([pick(c[axis] for c in corners) for axis in (0, 1)] for pick in (min, max))
        box = ",".join(f"{v:.17g}" for v in (low[0] - 1e-3, low[1] - 1e-3, high[0] + 1e-3, high[1] + 1e-3))
        params = {"limit": 1000, "crs": crs, "bbox": box, "bbox-crs": crs}
        page = parsed(server.get(f"/collections/{one['id']}/items", params, accept=GEOJSON))
        need(
            feature["id"] in ids_of(page["features"]),
            f"{one['id']}: the feature is not in its own box in {crs}",
        )


@SUITE.check(
    "filters", "the CQL2 that QGIS writes: raw spaces, joined in parentheses, quoted names, NOT, TIMESTAMP"
)
def filters(server: Server) -> None:
    for one in server.collections[:4]:
        geometry = geometry_name(server, one)
        known = queryables(server, one)
        texts = [n for n, s in known.items() if s.get("type") == "string" and "format" not in s]
        times = [n for n, s in known.items() if s.get("format") == "date-time"]
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        said = [f"(S_INTERSECTS({geometry},BBOX({west:.9f},{south:.9f},{east:.9f},{north:.9f})))"]
        for name in texts[:1]:
            said += [f"({name} <> 'x''y') AND ({name} IS NOT NULL)", f"(CASEI(\"{name}\") LIKE CASEI('%a%'))"]
            said += [f"NOT ({name} IN ('x','y'))"]
        for name in times[:1]:
            said += [f"({name} >= TIMESTAMP('2000-01-01T00:00:00Z'))"]
        for text in each(said, "nothing to filter"):
            params = {"limit": 10, "filter": text, "filter-lang": "cql2-text"}
            page = parsed(server.get(f"/collections/{one['id']}/items", params, accept=f"{GEOJSON}, {JSON}"))
            equal(page["type"], "FeatureCollection", f"{one['id']}: {text}")


@SUITE.check(
    "editing",
    "OPTIONS, POST without id with Content-Crs, GET, PUT of the whole feature with its version, DELETE",
)
def editing(server: Server) -> None:
    one = writable(server)
    items = f"{server.root}/collections/{one['id']}/items"
    who = {**AGENT, **server.editor}
    need("POST" in allowed(server, items, who), "Allow of items lacks POST: QGIS would not offer editing")
    crs = server.collection_crs(one)
    body = specimen(server, one)
    sent = {**body, "geometry": transformed(body["geometry"], crs)}
    headers = {**who, "Content-Type": GEOJSON, **({"Content-Crs": crs} if crs != CRS84 else {})}
    made = server.request("POST", items, headers=headers, json=sent)
    equal(made.status_code, 201, f"POST {items}: status ({made.text[:200]})")
    fid = made.headers["location"].rsplit("/items/", 1)[1]  # the id is what follows the last /items/
    need(fid and "/" not in fid and "?" not in fid, f"Location {made.headers['location']!r}")
    url = f"{items}/{fid}"
    need({"PUT", "DELETE"} <= allowed(server, url, who), f"Allow of {url} lacks PUT or DELETE")
    reply = server.get(url, {"crs": crs}, accept=GEOJSON, headers=who)
    equal(media_type(reply.headers["content-type"]), GEOJSON, f"{url}: type")
    feature = parsed(reply)
    need("version" in feature["properties"], f"{url}: no version to be sent back")
    name, word = text_property(server, one), f"QGIS {secrets.token_hex(4)}"
    feature["properties"][name] = word
    whole = {key: feature[key] for key in ("type", "id", "geometry", "properties")}
    put = server.request("PUT", url, headers=headers, json=whole)  # never an If-Match
    need(put.status_code in (200, 204), f"PUT {url}: status {put.status_code} ({put.text[:200]})")
    again = parsed(server.get(url, accept=GEOJSON, headers=who))
    equal(again["properties"].get(name), word, f"{url}: {name}")
    whole["properties"][name] = (
        f"{word} again"  # QGIS keeps the version that it read: the same person's second edit
    )
    put = server.request("PUT", url, headers=headers, json=whole)
    need(
        put.status_code in (200, 204),
        f"the same person's second PUT: status {put.status_code} ({put.text[:200]})",
    )
    gone = server.request("DELETE", url, headers=who)  # without an If-Match, too
    need(gone.status_code in (200, 204), f"DELETE {url}: status {gone.status_code}")


@SUITE.check("pencil", "who may not write is offered no editing: no POST in Allow")
def pencil(server: Server) -> None:
    for one in server.each_collection():
        offered = allowed(server, f"{server.root}/collections/{one['id']}/items", AGENT)
        need("POST" not in offered, f"{one['id']}: POST is offered to anyone")
