"""Port of the published test methods of ets-ogcapi-features10 at a314c1e: OGC API - Features, Part 1
(Core).

Every check names the method whose behaviour it has (class.method) and the abstract test of version 1.0.0
that the method names. Written from what the methods do, in our own words. The suite tries three
collections; this port tries all, up to the suite's cap of twenty.

Where the method does not look at what its abstract test asks for (FeaturesTime never looks at the features;
it finds nothing to send at all when ``extent.temporal`` has its present form, an object) the port sends
what the abstract test asks for; what it does not look at is checked in `ours_query`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator
from referencing.exceptions import Unresolvable

from tests.conformance.checks import (
    CRS84,
    CRS84H,
    GEOJSON,
    HTML,
    JSON,
    OPENAPI,
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
    need,
    parsed,
)

SUITE = Suite("ets-ogcapi-features10 Part 1")
CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
ENCODINGS = {  # conformance class -> media type of features, of other resources
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html": (HTML, HTML),
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson": (GEOJSON, JSON),
}


@SUITE.check("GeneralHttp.http", "Abstract Test 1 /ats/core/http")
def http(server: Server) -> None:
    reply = server.get("/", accept=JSON)
    equal(reply.http_version, "HTTP/1.1", "version in the status line of the landing page")


@SUITE.check("LandingPage.landingPageRetrieval", "Abstract Test 3 /ats/core/root-op")
def landing_page_retrieval(server: Server) -> None:
    server.json("/")


@SUITE.check("LandingPage.landingPageValidation", "Abstract Test 4 /ats/core/root-success")
def landing_page_validation(server: Server) -> None:
    rels = {one.get("rel") for one in server.landing.get("links", [])}
    need({"service-desc", "service-doc"} & rels, f"no link to the API definition among {rels}")
    need({"conformance", "data"} <= rels, f"no link conformance or data among {rels}")


def api_url(server: Server) -> str:
    for link in find_links(server.landing.get("links", []), "service-desc"):
        if str(link.get("type", "")).replace(" ", "") == OPENAPI:
            return server.absolute(link["href"])
    raise CheckFailed(f"no service-desc link of exactly {OPENAPI} on the landing page")


@SUITE.check("ApiDefinition.openapiDocumentRetrieval", "Abstract Test 5 /ats/core/api-definition-op")
def openapi_document_retrieval(server: Server) -> None:
    server.get(api_url(server), accept=OPENAPI)


@SUITE.check("ApiDefinition.apiDefinitionValidation", "Abstract Test 6 /ats/core/api-definition-success")
def api_definition_validation(server: Server) -> None:
    document = parsed(server.get(api_url(server), accept=OPENAPI))
    need(str(document.get("openapi")).startswith("3.0."), f"OpenAPI {document.get('openapi')} is not 3.0")
    faults = openapi_faults(document)
    need(not faults, f"the API definition is not valid: {faults[:3]}")
    empty = list(empty_enums(document))
    need(not empty, f"empty enum at {empty[:3]}")


def openapi_faults(document: Json) -> list[str]:
    """What is wrong with an OpenAPI 3.0 document, a reference that leads nowhere among it."""
    try:
        return [str(fault.message) for fault in OpenAPIV30SpecValidator(document).iter_errors()]
    except Unresolvable as fault:
        return [str(fault)[:200]]


def empty_enums(node: Any, at: str = "#") -> Iterator[str]:
    """Where an ``enum`` is empty: the suite's parser refuses it, though JSON Schema does not."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in children:
        if key == "enum" and value == []:
            yield at
        yield from empty_enums(value, f"{at}/{key}")


@SUITE.check(
    "Conformance.validateConformanceOperationAndResponse",
    "Abstract Tests 7 and 8 /ats/core/conformance-op, /ats/core/conformance-success",
)
def conformance(server: Server) -> None:
    need("/conformance" in server.api.get("paths", {}), "the API definition has no path /conformance")
    classes = server.json("/conformance").get("conformsTo")
    need(
        isinstance(classes, list) and all(isinstance(c, str) for c in classes),
        "conformsTo is no list of strings",
    )
    need(CORE in classes, f"conformsTo lacks {CORE}")


# -- Collections ---------------------------------------------------------------------------------


def missing_alternates(server: Server, links: list[Link], self_link: Link, *, features: bool) -> set[str]:
    """Media types of the declared encodings, other than that of ``self``, that no alternate link has."""
    wanted = {ENCODINGS[c][0 if features else 1] for c in server.conforms_to if c in ENCODINGS}
    wanted.discard(str(self_link.get("type")))
    return wanted - {str(one.get("type")) for one in find_links(links, "alternate")}


def need_self_and_alternates(
    server: Server, links: list[Link], *, features: bool, rels: tuple[str, ...]
) -> None:
    self_link = find_link(links, "self")
    missing = missing_alternates(server, links, self_link, features=features)
    need(not missing, f"no alternate link of type {missing}")
    for one in links:
        if one.get("rel") in rels:
            need(one.get("type"), f"link without type: {one}")


@SUITE.check(
    "FeatureCollections.validateFeatureCollectionsMetadataOperation", "Abstract Test 9 /ats/core/fc-md-op"
)
def collections_operation(server: Server) -> None:
    server.json("/collections")


@SUITE.check(
    "FeatureCollections.validateFeatureCollectionsMetadataOperationResponse_Links",
    "Abstract Test 10, method 1 /ats/core/fc-md-links",
)
def collections_links(server: Server) -> None:
    links = server.collections_document.get("links", [])
    need_self_and_alternates(server, links, features=False, rels=("self", "alternate"))


@SUITE.check(
    "FeatureCollections.validateFeatureCollectionsMetadataOperationResponse_Items",
    "Abstract Test 10, method 2 /ats/core/fc-md-items",
)
def collections_items(server: Server) -> None:
    for one in each(server.collections_document.get("collections", []), "no collection"):
        need(isinstance(one.get("id"), str) and one["id"], f"a collection without id: {one.get('title')}")
        find_link(one.get("links", []), "items")


@SUITE.check(
    "FeatureCollections.validateFeatureCollectionsMetadataOperationResponse_Items_v101",
    "Abstract Test 12 of version 1.0.1 /conf/core/fc-md-items",
)
def collections_items_answer(server: Server) -> None:
    for one in server.each_collection():
        for link in each(find_links(one["links"], "items", GEOJSON), f"{one['id']}: no GeoJSON items link"):
            page = server.json(server.absolute(link["href"]), {"limit": 1}, accept=GEOJSON)
            equal(page.get("type"), "FeatureCollection", f"{one['id']}: type of what the items link answers")


@SUITE.check(
    "FeatureCollections.validateFeatureCollectionsMetadataOperationResponse_Items_Links_v101",
    "Abstract Test 13 of version 1.0.1 /conf/core/fc-md-items-links",
)
def collections_items_links(server: Server) -> None:
    for one in each(server.collections_document.get("collections", []), "no collection"):
        for link in each(one.get("links", []), f"{one.get('id')} has no links"):
            need(link.get("rel") and link.get("type"), f"{one.get('id')}: link without rel or type: {link}")


@SUITE.check(
    "FeatureCollections.validateFeatureCollectionsMetadataOperationResponse_CrsProperty",
    "Abstract Test 10, method 3 /ats/core/fc-md-success, crs84",
)
def collections_crs(server: Server) -> None:
    listed = server.collections_document.get("crs")
    if listed is None:
        raise NothingToTry("the collections document has no crs")
    need(listed and listed[0] in (CRS84, CRS84H), f"crs does not begin with CRS84: {listed[:1]}")


@SUITE.check(
    "FeatureCollections.validateFeatureCollectionsMetadataOperationResponse_Content",
    "Abstract Test 10, method 4 /ats/core/fc-md-success",
)
def collections_content(server: Server) -> None:
    need(server.collections_document.get("links"), "the collections document has no links")
    need(server.collections_document.get("collections"), "the collections document has no collections")


@SUITE.check(
    "FeatureCollection.validateFeatureCollectionMetadataOperation", "Abstract Test 11 /ats/core/sfc-md-op"
)
def collection_operation(server: Server) -> None:
    paths = server.api.get("paths", {})
    need(
        any(p.startswith("/collections/") and p.count("/") == 2 for p in paths),
        "no collection path in the API",
    )
    for one in server.each_collection():
        server.json(f"/collections/{one['id']}")


@SUITE.check(
    "FeatureCollection.validateFeatureCollectionMetadataResponse", "Abstract Test 12 /ats/core/sfc-md-success"
)
def collection_response(server: Server) -> None:
    for one in server.each_collection():
        alone = server.json(f"/collections/{one['id']}")
        for name in ("id", "title", "description", "extent"):
            equal(alone.get(name), one.get(name), f"{name} of {one['id']} alone and in the list")
