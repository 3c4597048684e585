"""Our own checks of Part 4: create, replace, update, delete, and that no edit is lost (no official
suite exists).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from tests.conformance.checks import GEOJSON, SCHEMA, Json, NothingToTry, Server, Suite, equal, need, parsed
from tests.conformance.ours_crs import from_crs84, need_transformed, positions

SUITE = Suite("ours: writing")
MERGE_PATCH = "application/merge-patch+json"
FEATURES4 = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf"


def allowed(server: Server, url: str, who: Mapping[str, str]) -> set[str]:
    reply = server.request("OPTIONS", url, headers=dict(who))
    need(reply.status_code in (200, 204), f"OPTIONS {url}: status {reply.status_code}")
    return {name.strip() for name in reply.headers.get("allow", "").split(",")}


def writable(server: Server) -> Json:
    """The collection that the editor may create features in."""
    for one in server.each_collection():
        named = server.writable in (None, one["id"])
        if named and "POST" in allowed(server, server.items_url(one), server.editor):
            return one
    raise NothingToTry(f"the editor may write to no collection ({server.writable or 'any'})")


def specimen(server: Server, one: Json) -> Json:
    """A feature like the collection's first, without what the server sets."""
    seen = server.first_feature(one)
    if seen is None:
        raise NothingToTry(f"{one['id']} has no feature to write another like it")
    feature = parsed(
        read(server, server.item_url(one, seen["id"]))
    )  # the editor may see, and have to fill, more
    schema = editor_schema(server, one)
    own = {n: v for n, v in feature["properties"].items() if n in schema and not set_by_server(n, schema[n])}
    return {"type": "Feature", "geometry": feature["geometry"], "properties": own}


def set_by_server(name: str, schema: Json) -> bool:
    """``version`` may be sent back, so it need not be readOnly, but nobody makes one up."""
    return name == "version" or bool(schema.get("readOnly"))


def editor_schema(server: Server, one: Json) -> Json:
    """The properties of the collection as the editor sees them."""
    reply = server.get(f"/collections/{one['id']}/schema", accept=SCHEMA, headers=server.editor)
    return dict(parsed(reply)["properties"])


def text_property(server: Server, one: Json) -> str:
    """A text that can be written: free, not a code list."""
    for name, schema in editor_schema(server, one).items():
        free = not schema.keys() & {"enum", "oneOf", "format", "x-ogc-role", "pattern"}
        if schema.get("type") == "string" and free and not schema.get("readOnly"):
            return name
    raise NothingToTry(f"{one['id']} has no text that can be written")


def send(
    server: Server, method: str, url: str, body: Json | None, who: Mapping[str, str], **headers: str
) -> httpx.Response:
    """A request with a GeoJSON body; header names are given with _ for -."""
    sent = {"Accept": GEOJSON, **who, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body is not None:
        sent.setdefault("Content-Type", GEOJSON)
    return server.request(method, url, headers=sent, **({"json": body} if body is not None else {}))


def create(server: Server, one: Json, body: Json, **headers: str) -> str:
    """POST and give the address of the new feature; CheckFailed unless 201 with a Location."""
    reply = send(server, "POST", server.items_url(one).partition("?")[0], body, server.editor, **headers)
    equal(reply.status_code, 201, f"POST {one['id']}: status ({reply.text[:200]})")
    location = server.absolute(reply.headers.get("location", ""))
    need("/items/" in location and "?" not in location and location[-1] != "/", f"Location {location!r}")
    return location


def read(server: Server, url: str, who: Mapping[str, str] | None = None) -> httpx.Response:
    return server.get(url, accept=GEOJSON, headers=who or server.editor)


@contextmanager
def created(server: Server, **headers: str) -> Iterator[tuple[Json, str, Json]]:
    """A new feature: its collection, its address and what was sent. It is removed in the end."""
    one = writable(server)
    body = specimen(server, one)
    url = create(server, one, body, **headers)
    try:
        yield one, url, body
    finally:
        tag = server.request("GET", url, headers={"Accept": GEOJSON, **server.editor}).headers.get(
            "etag", "*"
        )
        send(server, "DELETE", url, None, server.editor, If_Match=tag)


@SUITE.check("part4_classes_declared", "create-replace-delete, update, optimistic locking, features")
def part4_classes_declared(server: Server) -> None:
    wanted = ("create-replace-delete", "optimistic-locking-etags")
    missing = [name for name in wanted if f"{FEATURES4}/{name}" not in server.conforms_to]
    need(not missing, f"not declared: {missing}")


@SUITE.check("create_and_read_back", "201, Location, and the feature is what was sent")
def create_and_read_back(server: Server) -> None:
    with created(server) as (one, url, body):
        feature = parsed(read(server, url))
        equal(feature["geometry"]["type"], body["geometry"]["type"], f"{url}: geometry")
        for name, value in body["properties"].items():
            equal(feature["properties"].get(name), value, f"{url}: {name}")
        listed = server.all_features(one)
        need(feature["id"] in {f["id"] for f in listed}, f"{url} is not among the items")


@SUITE.check("create_in_a_crs", "Content-Crs with and without angle brackets, axes in the authority's order")
def create_in_a_crs(server: Server) -> None:
    one = writable(server)
    body = specimen(server, one)
    for crs in server.crs_list(one)[:4]:
        moved = {**body, "geometry": transformed(body["geometry"], crs)}
        for header in (crs, f"<{crs}>"):
            url = create(server, one, moved, Content_Crs=header)
            reply = read(server, url)
            send(server, "DELETE", url, None, server.editor, If_Match=reply.headers["etag"])
            need_transformed(parsed(reply), {**moved, "id": 0}, crs, f"{url}, created in {crs}")


def transformed(geometry: Json, crs: str) -> Json:
    def walk(coordinates: Any) -> Any:
        if isinstance(coordinates[0], (int, float)):
            return [float(v) for v in from_crs84(crs).transform(coordinates[0], coordinates[1])]
        return [walk(part) for part in coordinates]

    need(list(positions(geometry["coordinates"])), "a geometry without positions")
    return {"type": geometry["type"], "coordinates": walk(geometry["coordinates"])}


@SUITE.check("replace", "PUT with the right If-Match replaces; version and ETag change")
def replace(server: Server) -> None:
    with created(server) as (one, url, body):
        name, word = text_property(server, one), f"Sông Hương {secrets.token_hex(4)}"
        before = read(server, url)
        changed = {**body, "properties": {**body["properties"], name: word}}
        reply = send(server, "PUT", url, changed, server.editor, If_Match=before.headers["etag"])
        need(reply.status_code in (200, 204), f"PUT {url}: status {reply.status_code} ({reply.text[:200]})")
        after = read(server, url)
        equal(parsed(after)["properties"].get(name), word, f"{url}: {name}")
        need(after.headers["etag"] != before.headers["etag"], f"{url}: the ETag did not change")
        need(
            parsed(after)["properties"].get("version") != parsed(before)["properties"].get("version"),
            f"{url}: the version did not change",
        )


@SUITE.check("stale_if_match", "PUT, PATCH and DELETE with an ETag that has passed: 412, and nothing changes")
def stale_if_match(server: Server) -> None:
    with created(server) as (one, url, body):
        name = text_property(server, one)
        old = read(server, url).headers["etag"]
        first = {**body, "properties": {**body["properties"], name: "thứ nhất"}}
        send(server, "PUT", url, first, server.editor, If_Match=old)
        stale = {**body, "properties": {**body["properties"], name: "thứ hai"}}
        patch = {"properties": {name: "thứ hai"}}
        for method, sent, type_ in (
            ("PUT", stale, GEOJSON),
            ("PATCH", patch, MERGE_PATCH),
            ("DELETE", None, GEOJSON),
        ):
            headers = {"If_Match": old, **({"Content_Type": type_} if sent else {})}
            equal(
                send(server, method, url, sent, server.editor, **headers).status_code,
                412,
                f"stale {method} {url}",
            )
        equal(
            parsed(read(server, url))["properties"].get(name), "thứ nhất", f"{url}: {name} after stale writes"
        )


@SUITE.check(
    "patch_needs_if_match", "PATCH without If-Match: 428; with it, the named property changes and no other"
)
def patch_needs_if_match(server: Server) -> None:
    with created(server) as (one, url, _):
        name = text_property(server, one)
        patch = {"properties": {name: "sửa"}}
        without = send(server, "PATCH", url, patch, server.editor, Content_Type=MERGE_PATCH)
        equal(without.status_code, 428, f"PATCH {url} without If-Match")
        before = read(server, url)
        tag = before.headers["etag"]
        done = send(server, "PATCH", url, patch, server.editor, Content_Type=MERGE_PATCH, If_Match=tag)
        need(done.status_code in (200, 204), f"PATCH {url}: status {done.status_code} ({done.text[:200]})")
        left, right = (parsed(before)["properties"], parsed(read(server, url))["properties"])
        equal(right.get(name), "sửa", f"{url}: {name}")
        server_set = {n for n, s in editor_schema(server, one).items() if s.get("readOnly")} | {"version"}
        changed = {n for n in left if left[n] != right.get(n)} - {name} - server_set
        need(not changed, f"{url}: PATCH changed {changed}, too")


@SUITE.check("put_needs_a_version", "PUT with neither If-Match nor version: 428")
def put_needs_a_version(server: Server) -> None:
    with created(server) as (_, url, body):
        reply = send(server, "PUT", url, body, server.editor)
        equal(reply.status_code, 428, f"PUT {url} with neither If-Match nor version")


@SUITE.check(
    "two_editors", "the second stale PUT is refused by its version, as QGIS sends it; the first edit stands"
)
def two_editors(server: Server) -> None:
    if not server.second_editor:
        raise NothingToTry("there is no second editor")
    with created(server) as (one, url, _):
        name = text_property(server, one)
        mine, yours = (parsed(read(server, url, who)) for who in (server.editor, server.second_editor))
        for feature, word in ((mine, "của tôi"), (yours, "của bạn")):
            feature.pop("links", None)
            feature["properties"][name] = word
        first = send(server, "PUT", url, mine, server.editor)
        need(
            first.status_code in (200, 204),
            f"PUT {url} with its version: {first.status_code} ({first.text[:200]})",
        )
        second = send(server, "PUT", url, yours, server.second_editor)
        need(second.status_code in (409, 412), f"the second editor's stale PUT: status {second.status_code}")
        equal(parsed(read(server, url))["properties"].get(name), "của tôi", f"{url}: {name}")


@SUITE.check("delete", "DELETE, then 404; a second DELETE is 404")
def delete(server: Server) -> None:
    one = writable(server)
    url = create(server, one, specimen(server, one))
    tag = read(server, url).headers["etag"]
    done = send(server, "DELETE", url, None, server.editor, If_Match=tag)
    need(done.status_code in (200, 204), f"DELETE {url}: status {done.status_code}")
    for method in ("GET", "DELETE"):
        reply = send(server, method, url, None, server.editor, If_Match=tag)
        equal(reply.status_code, 404, f"{method} {url} after DELETE")


@SUITE.check("post_twice", "a retry of the same POST (Idempotency-Key) makes one feature")
def post_twice(server: Server) -> None:
    one = writable(server)
    body, key = specimen(server, one), secrets.token_hex(16)
    first = create(server, one, body, Idempotency_Key=key)
    second = create(server, one, body, Idempotency_Key=key)
    for url in {first, second}:
        tag = read(server, url).headers["etag"]
        send(server, "DELETE", url, None, server.editor, If_Match=tag)
    equal(second, first, "Location of the retry")


@SUITE.check(
    "anonymous_may_not_write", "without the editor's rights: 401, 403 or 405, and OPTIONS offers nothing"
)
def anonymous_may_not_write(server: Server) -> None:
    with created(server) as (one, url, body):
        items = server.items_url(one).partition("?")[0]
        tag = read(server, url).headers["etag"]
        for method, target, sent in (("POST", items, body), ("PUT", url, body), ("DELETE", url, None)):
            reply = send(server, method, target, sent, {}, If_Match=tag)
            need(
                reply.status_code in (401, 403, 405),
                f"anonymous {method} {target}: status {reply.status_code}",
            )
        need("POST" not in allowed(server, items, {}), "OPTIONS offers POST to anyone")
        read(server, url)


@SUITE.check("options_advertises", "Allow has POST on items; PUT, PATCH and DELETE on a feature")
def options_advertises(server: Server) -> None:
    with created(server) as (one, url, _):
        need(
            {"GET", "POST"} <= allowed(server, server.items_url(one), server.editor),
            "OPTIONS items lacks POST",
        )
        need(
            {"GET", "PUT", "DELETE"} <= allowed(server, url, server.editor),
            "OPTIONS item lacks PUT or DELETE",
        )


BAD_BODIES: tuple[tuple[object, str], ...] = (
    ("no json", "no JSON"),
    ([], "a list"),
    ({"type": "Feature"}, "no geometry"),
    ({"type": "FeatureCollection", "features": []}, "a collection"),
)


@SUITE.check(
    "bodies_refused", "what is no feature, has an unknown property or a wrong geometry: 4xx, never 5xx"
)
def bodies_refused(server: Server) -> None:
    one = writable(server)
    body = specimen(server, one)
    items = server.items_url(one).partition("?")[0]
    strange = {**body, "properties": {**body["properties"], "nosuch_prop_xx": 1}}
    nowhere = {**body, "geometry": {"type": "Point", "coordinates": [1000, 1000]}}
    wrong = {**body, "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}}
    cases = [
        *BAD_BODIES,
        (strange, "an unknown property"),
        (nowhere, "a place off the Earth"),
        (wrong, "no ring"),
    ]
    for sent, what in cases:
        headers = {"Accept": GEOJSON, "Content-Type": GEOJSON, **server.editor}
        options: dict[str, Any] = {"content": sent} if isinstance(sent, str) else {"json": sent}
        reply = server.request("POST", items, headers=headers, **options)
        need(reply.status_code in (400, 422), f"POST {what}: status {reply.status_code}")
    plain = {"Content-Type": "text/plain", **server.editor}
    equal(server.request("POST", items, headers=plain, content="x").status_code, 415, "POST of text/plain")
