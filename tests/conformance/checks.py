"""What a conformance check is, and the client that the checks speak through.

A check is a function of a `Server`; it returns when the server conforms and raises `CheckFailed` with the
reason when it does not. A check that found nothing to try (what TestNG calls a skip) raises `NothingToTry`,
which is a failure too: an unexercised requirement proves nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

import httpx

Json = dict[str, Any]
Link = dict[str, Any]

GEOJSON = "application/geo+json"
JSON = "application/json"
HTML = "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS84H = "http://www.opengis.net/def/crs/OGC/0/CRS84h"
MOST_COLLECTIONS = 20  # the cap of ets-ogcapi-features10 with noofcollections=-1


class CheckFailed(AssertionError):
    """The server does not conform; the message says where and how."""


class NothingToTry(CheckFailed):
    """The server offered nothing to exercise the requirement on."""


@dataclass(frozen=True)
class Check:
    """``name`` is the ported method (Class.method) or our own; ``covers`` the abstract test or the hole."""

    origin: str
    name: str
    covers: str
    run: Callable[[Server], None]

    def __call__(self, server: Server) -> None:
        """Try the server; an answer of a form that the check cannot even read is a failure, too."""
        try:
            self.run(server)
        except (LookupError, TypeError, ValueError, AttributeError, httpx.HTTPError) as fault:
            raise CheckFailed(
                f"an answer has another form than it should: {type(fault).__name__} {fault}"
            ) from fault

    def __str__(self) -> str:
        return f"{self.origin}: {self.name}"


@dataclass
class Suite:
    """The checks of one origin, in the order in which they were written."""

    origin: str
    checks: list[Check] = field(default_factory=list)

    def check(self, name: str, covers: str) -> Callable[[Callable[[Server], None]], Callable[[Server], None]]:
        """Register the decorated function as check ``name``; the name must be new to the suite."""

        def register(run: Callable[[Server], None]) -> Callable[[Server], None]:
            if any(known.name == name for known in self.checks):
                raise ValueError(f"{self.origin} has two checks named {name}")
            self.checks.append(Check(self.origin, name, covers, run))
            return run

        return register


def need(truth: object, reason: str) -> None:
    """Raise CheckFailed with ``reason`` unless ``truth``."""
    if not truth:
        raise CheckFailed(reason)


def equal(got: object, wanted: object, what: str) -> None:
    """Raise CheckFailed unless ``got == wanted``."""
    if got != wanted:
        raise CheckFailed(f"{what}: expected {wanted!r}, got {got!r}")


def each[Case](cases: Iterable[Case], what: str) -> Iterator[Case]:
    """Yield the cases; NothingToTry if there are none."""
    tried = False
    for case in cases:
        tried = True
        yield case
    if not tried:
        raise NothingToTry(f"nothing to try: {what}")


def media_type(value: str) -> str:
    """``Application/JSON; charset=utf-8; version=3.0`` as ``application/json;version=3.0``."""
    head, *parameters = [part.strip() for part in value.lower().split(";")]
    kept = sorted(p for p in parameters if p and not p.startswith("charset"))
    return ";".join([head, *kept])


def find_links(links: Iterable[Link], rel: str, type_: str | None = None) -> list[Link]:
    """The links of relation ``rel`` (and exactly of media type ``type_``, if given)."""
    return [one for one in links if one.get("rel") == rel and type_ in (None, one.get("type"))]


def find_link(links: Iterable[Link], rel: str, type_: str | None = None) -> Link:
    """The first link of relation ``rel``; CheckFailed without one."""
    links = list(links)
    found = find_links(links, rel, type_)
    need(
        found,
        f"no link rel={rel} type={type_ or 'any'} among {[(x.get('rel'), x.get('type')) for x in links]}",
    )
    return found[0]


@dataclass
class Server:
    """The server under test.

    ``root`` is the landing page without its final slash. ``editor`` and ``second_editor`` are headers of
    two different people who may write to the collection ``writable`` (found by OPTIONS if unnamed).
    """

    client: httpx.Client
    root: str
    editor: Mapping[str, str] = field(default_factory=dict)
    second_editor: Mapping[str, str] = field(default_factory=dict)
    writable: str | None = None
    _memory: dict[object, httpx.Response] = field(default_factory=dict)

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Send; ``url`` may be relative to the root, ``params`` are added to those that it has."""
        target = httpx.URL(url if url.startswith("http") else self.root + url)
        params = options.pop("params", None)
        if params:
            target = target.copy_merge_params(params)
        return self.client.request(method, target, **options)

    def get(
        self,
        url: str,
        params: Mapping[str, object] | None = None,
        *,
        accept: str | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """GET and demand ``status``."""
        sent = dict(headers or {})
        if accept:
            sent["Accept"] = accept
        reply = self.request("GET", url, params=params, headers=sent)
        equal(reply.status_code, status, f"status of GET {reply.request.url} ({reply.text[:200]})")
        return reply

    def json(self, url: str, params: Mapping[str, object] | None = None, *, accept: str = JSON) -> Json:
        """GET a JSON object with status 200."""
        return parsed(self.get(url, params, accept=accept))

    def once(self, url: str, params: Mapping[str, object], accept: str = GEOJSON) -> httpx.Response:
        """The answer of a GET that several checks look at; it is asked only once. Any status."""
        key = (url, tuple(sorted((k, str(v)) for k, v in params.items())), accept)
        if key not in self._memory:
            self._memory[key] = self.request("GET", url, params=params, headers={"Accept": accept})
        return self._memory[key]

    def absolute(self, href: str) -> str:
        return urljoin(self.root + "/", href)

    @cached_property
    def landing(self) -> Json:
        return self.json("/")

    @cached_property
    def api(self) -> Json:
        """The OpenAPI document behind the landing page's ``service-desc`` link."""
        for link in find_links(self.landing["links"], "service-desc"):
            if str(link.get("type", "")).replace(" ", "") == OPENAPI:
                return self.json(self.absolute(link["href"]), accept=OPENAPI)
        raise CheckFailed(f"the landing page has no service-desc link of type {OPENAPI}")

    @cached_property
    def conforms_to(self) -> list[str]:
        return list(self.json("/conformance").get("conformsTo", []))

    @cached_property
    def collections_document(self) -> Json:
        return self.json("/collections")

    @cached_property
    def collections(self) -> list[Json]:
        """The feature collections: those with an ``items`` link; at most MOST_COLLECTIONS."""
        listed = self.collections_document.get("collections", [])
        feature = [
            one
            for one in listed
            if one.get("itemType", "feature") == "feature" and find_links(one.get("links", []), "items")
        ]
        return feature[:MOST_COLLECTIONS]

    def each_collection(self) -> Iterator[Json]:
        return each(self.collections, "no feature collection")

    def items_url(self, collection: Json) -> str:
        """The ``items`` link whose type is exactly GeoJSON."""
        return self.absolute(find_link(collection["links"], "items", GEOJSON)["href"])

    def item_url(self, collection: Json, fid: object) -> str:
        return f"{self.items_url(collection).partition('?')[0]}/{fid}"

    def items(self, collection: Json, **params: object) -> Json:
        """One page of features as GeoJSON."""
        sent = {name.replace("_", "-"): value for name, value in params.items()}
        return self.json(self.items_url(collection), sent, accept=GEOJSON)

    def all_features(self, collection: Json, most: int = 20_000, **params: object) -> list[Json]:
        """All features that match, by following ``next``; CheckFailed if that has no end."""
        page = self.items(collection, **{"limit": self.limit_schema["maximum"], **params})
        features = list(page["features"])
        while following := find_links(page.get("links", []), "next"):
            need(len(features) <= most, f"{collection['id']}: next has no end after {len(features)} features")
            page = self.json(self.absolute(following[0]["href"]), accept=GEOJSON)
            features += page["features"]
        return features

    def first_feature(self, collection: Json) -> Json | None:
        """The first feature of the collection with an id, None if it is empty."""
        features = parsed(self.once(self.items_url(collection), {"limit": 10})).get("features", [])
        return next((one for one in features if one.get("id") is not None), None)

    def crs_list(self, collection: Json) -> list[str]:
        """The collection's ``crs`` with ``#/crs`` replaced by the list of the collections document."""
        listed: list[str] = []
        for one in collection.get("crs", []):
            listed += self.collections_document.get("crs", []) if one == "#/crs" else [one]
        return listed

    def collection_crs(self, collection: Json) -> str:
        """The CRS in which QGIS opens the layer: ``storageCrs``, else the first of ``crs``."""
        return str(collection.get("storageCrs") or self.crs_list(collection)[0])

    @cached_property
    def limit_schema(self) -> Json:
        """The schema of ``limit`` as the API definition has it; CheckFailed if any bound is absent."""
        for path in self.items_paths():
            schema = (self.parameter(path, "limit") or {}).get("schema", {})
            need({"minimum", "maximum", "default"} <= set(schema), f"{path}: limit lacks a bound: {schema}")
            return dict(schema)
        raise CheckFailed("the API definition has no items path")

    def items_paths(self) -> list[str]:
        """The paths of the API definition that answer features: templated, or one a collection."""
        paths = self.api.get("paths", {})
        return [p for p in paths if p.endswith("/items") and "/collections/" in p and "get" in paths[p]]

    def parameter(self, path: str, name: str) -> Json | None:
        """Query parameter ``name`` of GET ``path`` in the API definition, references followed."""
        item = self.api["paths"][path]
        for raw in [*item["get"].get("parameters", []), *item.get("parameters", [])]:
            one = self.dereference(raw)
            if one.get("name") == name:
                return {**one, "schema": self.dereference(one.get("schema", {}))}
        return None

    def dereference(self, node: Json) -> Json:
        """Follow a local ``$ref`` of the API definition."""
        while "$ref" in node:
            target: Any = self.api
            for step in node["$ref"].removeprefix("#/").split("/"):
                need(step in target, f"$ref {node['$ref']} resolves to nothing")
                target = target[step]
            node = target
        return node

    def schema_of(self, collection: Json) -> Json:
        """The collection's Part 5 schema."""
        return self.json(f"/collections/{collection['id']}/schema", accept=SCHEMA)

    def role_of(self, collection: Json, role: str) -> str | None:
        """The property that the schema gives ``x-ogc-role`` ``role``."""
        properties = self.schema_of(collection).get("properties", {})
        return next((name for name, one in properties.items() if one.get("x-ogc-role") == role), None)


def parsed(reply: httpx.Response) -> Json:
    """The JSON object of an answer; CheckFailed if it is none."""
    try:
        body = reply.json()
    except ValueError:
        raise CheckFailed(f"GET {reply.request.url} is not JSON: {reply.text[:120]!r}") from None
    need(isinstance(body, dict), f"GET {reply.request.url} is no JSON object")
    return dict(body)


def ids_of(features: Iterable[Json]) -> list[Any]:
    return [one.get("id") for one in features]


def settled(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether ``condition`` becomes true within ``seconds``."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
