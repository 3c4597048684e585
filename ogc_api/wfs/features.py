"""GetFeature and GetPropertyValue: features by a query or a stored query, in GML or GeoJSON, page by page."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import quoteattr

import orjson

from gis_core.crs import CRS84
from gis_core.http.media import JSON
from gis_core.query import Page, count_matched, fetch_page, kept_original
from gis_core.query.feature_text import feature_sql
from gis_core.query.gml_text import PREFIX, feature_gml_sql, legal_xml, place_sql, property_sql
from gis_core.registry import Published
from ogc_api.answers import GEOJSON, Answer
from ogc_api.wfs import queries
from ogc_api.wfs.asked import Asked
from ogc_api.wfs.queries import Query
from ogc_api.wfs.references import no_such_resource
from ogc_api.wfs.stored import is_by_id
from ogc_api.wfs.versions import LAYERS_NAMESPACE, V2

HITS_LIMIT = 1_000_000  # who asks for the number alone is answered further than who asks for a page


@dataclass(frozen=True)
class Result:
    """A page and what stands around it; ``matched`` is None where it was not counted."""

    page: Page
    matched: int | None
    next: str | None = None
    previous: str | None = None


def get_feature(asked: Asked) -> Answer:
    """``REQUEST=GetFeature``"""
    if asked.get("STOREDQUERY_ID") is not None:
        return feature_by_id(asked)
    query = queries.parse(asked)
    if query.hits:
        result = hits(asked, query)
    elif query.format == JSON:
        result = paged(asked, query, geojson_sql(asked, query))
    else:
        result = paged(asked, query, gml_sql(asked, query))
    write = geojson_collection if query.format == JSON else gml_collection
    return write(asked, query, result)


def get_property_value(asked: Asked) -> Answer:
    """``REQUEST=GetPropertyValue``: the values of one property, none for features without one."""
    query = queries.parse(asked, value_only=True)
    query = queries.with_value(asked, query, asked.required("VALUEREFERENCE", "valueReference"))
    if query.hits:
        result = hits(asked, query)
    elif query.fields:
        result = paged(asked, query, property_sql(query.fields[0]))
    else:
        result = paged(asked, query, place_of(asked, query) if query.with_place else id_sql(query))
    return wfs_collection(asked, query, result, "wfs:ValueCollection")


def feature_by_id(asked: Asked) -> Answer:
    """The stored query that every server has; the answer is the feature itself (OGC 09-025r2, 7.9.3.6)."""
    is_by_id(asked)
    query = queries.by_id(asked, asked.required("ID", "ID"))
    page = fetch_page(query.published, asked.caller, query.rows, count=False, text=gml_sql(asked, query))
    if not page.features:
        raise no_such_resource()
    feature = legal_xml(page.features[0])
    tag = f"<{PREFIX}:{query.published.layer.id} ".encode()
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + feature.replace(
        tag, tag + namespaces(asked, query.published).encode() + b" ", 1
    )
    return Answer(body, media_type=asked.version.gml_format)


def paged(asked: Asked, query: Query, text: str) -> Result:
    """One page as ``text`` (SQL) writes it, with the addresses of its neighbours."""
    page = fetch_page(query.published, asked.caller, query.rows, text=text)
    start, count = query.rows.offset, query.rows.limit
    following = asked.link(STARTINDEX=start + count, COUNT=count) if page.next else None
    before = max(0, start - count)
    previous = asked.link(STARTINDEX=before, COUNT=min(count, start)) if start else None
    return Result(page, page.matched, following, previous)


def hits(asked: Asked, query: Query) -> Result:
    """The number alone, and where the features themselves begin (OGC 09-025r2, 7.7.4.4.1)."""
    matched = counted(asked, query)
    following = asked.link(RESULTTYPE="results", STARTINDEX=query.rows.offset, COUNT=query.rows.limit)
    return Result(Page([], None, None), matched, None if matched == 0 else following)


def id_sql(query: Query) -> str:
    """SQL expression of a feature's id, as its ``gml:id`` has it."""
    return f"""'{query.published.layer.id}.' || "fid\""""


def counted(asked: Asked, query: Query) -> int | None:
    return count_matched(query.published, asked.caller, query.rows, limit=HITS_LIMIT)


def place_of(asked: Asked, query: Query) -> str:
    layer = query.published.layer
    return place_sql(
        layer.id, layer.geometry.type, query.rows.crs, kept_original(query.published, asked.caller)
    )


def gml_sql(asked: Asked, query: Query) -> str:
    place = place_of(asked, query) if query.with_place else None
    return feature_gml_sql(query.published.layer.id, query.fields, place)


def geojson_sql(asked: Asked, query: Query) -> str:
    return feature_sql(query.fields, query.rows.crs, kept_original(query.published, asked.caller))


def namespaces(asked: Asked, published: Published) -> str:
    """The declarations of the outermost element, and where the schemas are."""
    version = asked.version
    described = (
        f"{asked.url}?SERVICE=WFS&VERSION={version.number}&REQUEST=DescribeFeatureType"
        f"&{'TYPENAMES' if version is V2 else 'TYPENAME'}={PREFIX}:{published.layer.id}"
    )
    locations = f"{version.wfs} {version.schema} {LAYERS_NAMESPACE} {described}"
    return (
        f'xmlns:wfs="{version.wfs}" xmlns:gml="{version.gml}" xmlns:{PREFIX}="{LAYERS_NAMESPACE}"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f" xsi:schemaLocation={quoteattr(locations)}"
    )


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def gml_collection(asked: Asked, query: Query, result: Result) -> Answer:
    return wfs_collection(asked, query, result, "wfs:FeatureCollection")


def wfs_collection(asked: Asked, query: Query, result: Result, element: str) -> Answer:
    """The collection around texts that PostgreSQL made; the ETag says nothing of the time stamp."""
    returned = len(result.page.features)
    if asked.version is V2:
        member = "wfs:member"
        matched = "unknown" if result.matched is None else str(result.matched)
        numbers = f'numberMatched="{matched}" numberReturned="{returned}"'
        for name, link in (("next", result.next), ("previous", result.previous)):
            numbers += f" {name}={quoteattr(link)}" if link else ""
    else:
        member = "gml:featureMember"
        hits = result.matched if query.hits and result.matched is not None else returned
        numbers = f'numberOfFeatures="{hits}"'
    members = [b"<%b>%b</%b>\n" % (member.encode(), f, member.encode()) for f in result.page.features]
    rest = f" {numbers} {namespaces(asked, query.published)}>\n".encode()
    rest += legal_xml(b"".join(members)) + f"</{element}>\n".encode()
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{element} timeStamp="{now()}"'
    return Answer(head.encode() + rest, media_type=asked.version.gml_format, headers={"ETag": etag(rest)})


def geojson_collection(asked: Asked, query: Query, result: Result) -> Answer:
    """A FeatureCollection (RFC 7946); in another CRS than WGS 84 with the older ``crs`` member, x before y."""
    head: dict[str, object] = {"numberReturned": len(result.page.features)}
    if result.matched is not None:
        head["numberMatched"] = result.matched
    links = [("next", result.next), ("prev", result.previous)]
    head["links"] = [{"rel": rel, "href": href, "type": GEOJSON} for rel, href in links if href]
    if query.rows.crs.srid != CRS84.srid:
        name = f"urn:ogc:def:crs:EPSG::{query.rows.crs.srid}"
        head["crs"] = {"type": "name", "properties": {"name": name}}
    rest = orjson.dumps(head)[1:-1] + b',"features":[' + b",\n".join(result.page.features) + b"]}"
    start = f'{{"type":"FeatureCollection","timeStamp":"{now()}",'
    return Answer(start.encode() + rest, media_type=GEOJSON, headers={"ETag": etag(rest)})


def etag(rest: bytes) -> str:
    return f'W/"{hashlib.blake2b(rest, digest_size=12).hexdigest()}"'
