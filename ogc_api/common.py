"""OGC API Common: landing page, conformance, the API definition, the collections."""

from __future__ import annotations

from typing import Any

from gis_core.layer import Layer
from gis_core.reading import registry
from gis_core.registry import Published
from gis_core.words import Text
from ogc_api.answers import HTML, JSON, OPENAPI, Answer, Request, document, link, self_and_alternate
from ogc_api.crs_list import crs_of, storage_crs
from ogc_api.extents import Extents, extent_of, extent_of_all, extents_of
from ogc_api.openapi import api_document
from ogc_api.parameters import refuse_unknown
from ogc_api.parts import absolute, parts

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
)
TITLE = Text("Hương: dữ liệu không gian của thành phố Huế", "Hương: the spatial data of Huế city")
DESCRIPTION = Text(
    "Mọi điều thành phố theo dõi và quyết định, mỗi điều là một đối tượng trên bản đồ.",
    "Everything the city watches and decides about, each a feature on the map.",
)


def landing(request: Request) -> Answer:
    """``/``"""
    refuse_unknown(request.parameters, {"f"})
    language = request.language
    links = self_and_alternate(request)
    for part in parts():
        links += absolute(part.landing_links(language), request.root)
    extents = extents_of(request.caller)
    listed = [p for p in registry().current().seen_by(request.caller) if p.layer.listed]
    value: dict[str, Any] = {
        "title": TITLE.to(language),
        "description": DESCRIPTION.to(language),
        "extent": extent_of_all([extent_of(each, extents) for each in listed]),
        "links": links,
    }
    unread = [each.to(language) for each in extents.missing if each.layer.listed]
    if unread:
        value["unanswered"] = unread
    return document(value, "landing")


def landing_links(language: str) -> list[dict[str, str]]:
    return [
        link("/api", "service-desc", OPENAPI, Text("Định nghĩa API", "API definition"), language),
        link("/api?f=html", "service-doc", HTML, Text("Tài liệu API", "API documentation"), language),
        link("/conformance", "conformance", JSON, Text("Các lớp tuân thủ", "Conformance classes"), language),
        link("/collections", "data", JSON, Text("Các lớp dữ liệu", "Collections"), language),
    ]


def collection_links(layer: Layer, language: str) -> list[dict[str, str]]:
    return []


def conformance(request: Request) -> Answer:
    """``/conformance``: what the parts declare."""
    refuse_unknown(request.parameters, {"f"})
    uris = list(dict.fromkeys(uri for part in parts() for uri in part.CONFORMANCE))
    return document({"conformsTo": uris, "links": self_and_alternate(request)}, "conformance")


def api(request: Request) -> Answer:
    """``/api``: OpenAPI 3.0 with templated paths, so that it stays small however many layers there are."""
    refuse_unknown(request.parameters, {"f"})
    value = api_document(parts(), request.root, request.language, TITLE.to(request.language))
    return document(value, "api", media_type=OPENAPI)


def collections(request: Request) -> Answer:
    """``/collections``"""
    refuse_unknown(request.parameters, {"f"})
    found = [p for p in registry().current().seen_by(request.caller) if p.layer.listed]
    extents = extents_of(request.caller)
    value = {
        "links": self_and_alternate(request),
        "crs": [crs.uri for crs in crs_of(found[0].layer)] if found else [],
        "numberMatched": len(found),
        "numberReturned": len(found),
        "collections": [collection_document(p, request, extents) for p in found],
    }
    return document(value, "collections")


def collection(request: Request, layer_id: str) -> Answer:
    """``/collections/{collectionId}``"""
    refuse_unknown(request.parameters, {"f"})
    published = registry().current().get(layer_id, request.caller)
    value = collection_document(published, request, extents_of(request.caller))
    value["links"] = self_and_alternate(request) + value["links"][2:]
    return document(value, "collection")


def collection_document(published: Published, request: Request, extents: Extents) -> dict[str, Any]:
    """The description of one collection, word for word the same in the list and alone."""
    layer, language = published.layer, request.language
    here = f"/collections/{layer.id}"
    links = [
        link(request.url(here), "self", JSON, layer.title, language),
        link(request.url(here, f="html"), "alternate", HTML, layer.title, language),
    ]
    for part in parts():
        links += absolute(part.collection_links(layer, language), request.root)
    description = [layer.description.to(language)]
    if layer.notice:
        description.append(layer.notice.to(language))
    value: dict[str, Any] = {
        "id": layer.id,
        "title": layer.title.to(language),
        "description": " ".join(description),
        "itemType": "feature",
        "extent": extent_of(published, extents),
        "crs": [crs.uri for crs in crs_of(layer)],
        "storageCrs": storage_crs(layer).uri,
        "links": links,
    }
    if unanswered := extents.unanswered(layer.id, language):
        value["unanswered"] = unanswered
    if layer.credit:
        value["attribution"] = layer.credit.to(language)
    return value


def openapi(language: str) -> dict[str, Any]:
    """The paths of this part."""
    from ogc_api.openapi import operation, parameter_refs

    f = parameter_refs("f")
    return {
        "paths": {
            "/": {"get": operation("getLandingPage", "Landing page", f, schema="landingPage")},
            "/api": {"get": operation("getApi", "API definition", f, media_type=OPENAPI)},
            "/conformance": {"get": operation("getConformance", "Conformance", f, schema="confClasses")},
            "/collections": {"get": operation("getCollections", "Collections", f, schema="collections")},
            "/collections/{collectionId}": {
                "get": operation(
                    "describeCollection",
                    "One collection",
                    parameter_refs("collectionId", "f"),
                    schema="collection",
                )
            },
        }
    }
