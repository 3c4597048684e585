"""OGC API Features Part 1 to 3, reading: items and one item, in GeoJSON, HTML, CSV and FlatGeobuf."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import connection

from gis_core.crs import CRS84
from gis_core.deleting import note_reading
from gis_core.http.conditions import summed
from gis_core.layer import Layer
from gis_core.query import FeatureQuery, Page, fetch_page, page_timeout_ms
from gis_core.reading import registry
from gis_core.registry import Published
from gis_core.words import Text
from gis_core.writing import no_such_feature
from ogc_api.answers import CSV, FLATGEOBUF, GEOJSON, HTML, NEXT, Answer, Request, link, self_and_alternate
from ogc_api.downloads import as_csv, as_flatgeobuf
from ogc_api.parameters import ITEMS, parse_crs, parse_items_query, refuse_unknown

FEATURES = "http://www.opengis.net/spec/ogcapi-features"
CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf"


def _filter_classes() -> tuple[str, ...]:
    from gis_core.cql2 import CONFORMANCE as CQL2_CLASSES

    return CQL2_CLASSES


CONFORMANCE = (
    f"{FEATURES}-1/1.0/conf/core",
    f"{FEATURES}-1/1.0/conf/oas30",
    f"{FEATURES}-1/1.0/conf/html",
    f"{FEATURES}-1/1.0/conf/geojson",
    f"{FEATURES}-2/1.0/conf/crs",
    f"{FEATURES}-3/1.0/conf/queryables",
    f"{FEATURES}-3/1.0/conf/filter",
    f"{FEATURES}-3/1.0/conf/features-filter",
    *_filter_classes(),
)
ITEMS_TITLE = Text("Các đối tượng", "Features")


def landing_links(language: str) -> list[dict[str, str]]:
    return []


def collection_links(layer: Layer, language: str) -> list[dict[str, str]]:
    items = f"/collections/{layer.id}/items"
    forms = {"json": GEOJSON, "html": HTML, "csv": CSV, "fgb": FLATGEOBUF}
    return [link(f"{items}?f={form}", "items", type_, ITEMS_TITLE, language) for form, type_ in forms.items()]


def items(request: Request, layer_id: str) -> Answer:
    """``/collections/{collectionId}/items``"""
    published = registry().current().get(layer_id, request.caller)
    query = parse_items_query(published.layer, request.caller, request.parameters)
    looked_at = request.format not in ("csv", "fgb")
    timeout_ms = page_timeout_ms(request.caller, query) if looked_at else None
    page = fetch_page(published, request.caller, query, timeout_ms=timeout_ms)
    told(published, request)
    links = page_links(request, query, page)
    headers = {"Content-Crs": f"<{query.crs.uri}>", "OGC-NumberReturned": str(len(page.features))}
    if page.matched is not None:
        headers["OGC-NumberMatched"] = str(page.matched)
    if request.format == "csv":
        return as_csv(published, request, page, with_next(headers, links, CSV))
    if request.format == "fgb":
        return as_flatgeobuf(published, request, page, with_next(headers, links, FLATGEOBUF))
    body, headers["ETag"] = collection_text(page, links)
    shown = page_context(published, request, query, page, links) if request.format == "html" else None
    return Answer(body, media_type=GEOJSON, headers=headers, document=shown, template="items")


def told(published: Published, request: Request) -> None:
    """A writer has read the layer: a deletion that was refused for fresh work may be sent again."""
    if request.caller.may_write(published.layer):
        with connection.cursor() as cursor:
            note_reading(cursor, published.layer, request.caller)


def with_next(headers: dict[str, str], links: list[dict[str, str]], type_: str) -> dict[str, str]:
    """The next page as an HTTP Link, for formats that have no room for links."""
    following = [each["href"] for each in links if each["rel"] == "next"]
    return {**headers, "Link": f'<{following[0]}>; rel="next"; type="{type_}"'} if following else headers


def page_links(request: Request, query: FeatureQuery, page: Page) -> list[dict[str, str]]:
    """self, alternate and next; the next page is named by a cursor, however the first was asked for."""
    links = self_and_alternate(request, GEOJSON)
    others = {k: v for k, v in request.parameters.items() if k != "f"}
    for form, type_ in (("csv", CSV), ("fgb", FLATGEOBUF)):
        links.append(link(request.url(request.path, **others, f=form), "alternate", type_, ITEMS_TITLE))
    if page.next is not None:
        kept = {k: v for k, v in request.parameters.items() if k not in ("offset", "cursor")}
        href = request.url(request.path, **kept, cursor=page.next.token(query.sort))
        links.append(link(href, "next", GEOJSON, NEXT, request.language))
    return links


def collection_text(page: Page, links: list[dict[str, str]]) -> tuple[bytes, str]:
    """The FeatureCollection around texts that PostgreSQL made (nothing is parsed or written again), and its ETag.

    The ETag is weak: it says nothing of the time stamp, or the same features would be new every second.
    """
    head: dict[str, Any] = {"numberReturned": len(page.features), "links": links}
    if page.matched is not None:
        head["numberMatched"] = page.matched
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    start = b'{"type":"FeatureCollection","timeStamp":"' + stamp + b'",'
    first = start + orjson.dumps(head)[1:-1] + b',"features":['
    # Put together in one step: each further copy of a page is half a megabyte that the system must find anew.
    parts = [first + b"".join(page.features[:1]), *page.features[1:]]
    parts[-1] += b"]}"
    body = b",\n".join(parts)
    return body, f'W/"{summed(memoryview(body)[len(start) :])}"'


def page_context(
    published: Published, request: Request, query: FeatureQuery, page: Page, links: list[dict[str, str]]
) -> dict[str, Any]:
    """What the HTML page shows: rows of a table and the same features on a picture."""
    from ogc_api.pages import items_context

    return items_context(published, request, query, page, links)


def item(request: Request, layer_id: str, feature_id: str) -> Answer:
    """``/collections/{collectionId}/items/{featureId}``; 404 alike for no feature and one not for the caller."""
    refuse_unknown(request.parameters, {"crs", "f"})
    published = registry().current().get(layer_id, request.caller)
    crs = parse_crs(published.layer, request.parameters.get("crs"), "crs")
    query = FeatureQuery(limit=1, crs=crs, fid=feature_number(feature_id))
    page = fetch_page(published, request.caller, query, count=False)
    if not page.features:
        raise no_such_feature()
    told(published, request)
    links = self_and_alternate(request, GEOJSON)
    links.append(
        link(request.url(f"/collections/{layer_id}"), "collection", "application/json", published.layer.title)
    )
    body = page.features[0][:-1] + b',"links":' + orjson.dumps(links) + b"}"
    shown = page_context(published, request, query, page, links) if request.format == "html" else None
    version = orjson.loads(page.features[0])["properties"]["version"]
    form = f"{request.format}.{request.language}" + ("" if crs is CRS84 else f".{crs.srid}.{crs.axes}")
    headers = {
        "Content-Crs": f"<{crs.uri}>",
        "ETag": feature_etag(version, published, form),
    }
    return Answer(body, media_type=GEOJSON, headers=headers, document=shown, template="item")


def feature_number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 16 or int(text) >= 2**53:
        raise no_such_feature()
    return int(text)


def feature_etag(version: int, published: Published, form: str) -> str:
    """Strong, and different for each representation; it begins with the version, which If-Match compares."""
    return f'"{version}-{published.version}-{form}"'


def openapi(language: str) -> dict[str, Any]:
    """The paths of this part."""
    from ogc_api.openapi import operation, parameter_refs

    filters = [*sorted(ITEMS - {"f"}), "f-items"]
    return {
        "paths": {
            "/collections/{collectionId}/items": {
                "get": operation(
                    "getFeatures",
                    "Features of a collection",
                    parameter_refs("collectionId", *filters),
                    media_type=GEOJSON,
                    schema="featureCollection",
                )
            },
            "/collections/{collectionId}/items/{featureId}": {
                "get": operation(
                    "getFeature",
                    "One feature",
                    parameter_refs("collectionId", "featureId", "crs", "f"),
                    media_type=GEOJSON,
                    schema="feature",
                )
            },
        }
    }
