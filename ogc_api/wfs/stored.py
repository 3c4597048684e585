"""Stored queries: the one that the standard asks of every server, a feature by its id."""

from __future__ import annotations

from django.template.loader import render_to_string

from gis_core.http.ows import INVALID, refused
from gis_core.query.gml_text import PREFIX
from gis_core.words import Text
from ogc_api.answers import Answer
from ogc_api.wfs.asked import Asked
from ogc_api.wfs.references import types_seen_by
from ogc_api.wfs.versions import LAYERS_NAMESPACE, V2

GET_FEATURE_BY_ID = "urn:ogc:def:query:OGC-WFS::GetFeatureById"
SAME = (GET_FEATURE_BY_ID, "http://www.opengis.net/def/query/OGC-WFS/0/GetFeatureById")
TITLE = Text("Một đối tượng theo mã của nó", "A feature by its id")


def is_by_id(asked: Asked) -> None:
    """Refuse any other stored query, and stored queries in the version that has none."""
    named = asked.required("STOREDQUERY_ID", "STOREDQUERY_ID")
    if asked.version is not V2 or any(name not in SAME for name in named.split(",")):
        raise refused(
            INVALID,
            "STOREDQUERY_ID",
            f"Không có truy vấn “{named[:80]}”; chỉ có {GET_FEATURE_BY_ID} (WFS 2.0.0).",
            f"There is no stored query “{named[:80]}”; there is only {GET_FEATURE_BY_ID} (WFS 2.0.0).",
        )


def list_stored_queries(asked: Asked) -> Answer:
    """``REQUEST=ListStoredQueries``"""
    return document(asked, "list_stored_queries")


def describe_stored_queries(asked: Asked) -> Answer:
    """``REQUEST=DescribeStoredQueries``"""
    if asked.get("STOREDQUERY_ID") is not None:
        is_by_id(asked)
    return document(asked, "describe_stored_queries")


def document(asked: Asked, template: str) -> Answer:
    context = {
        "id": GET_FEATURE_BY_ID,
        "title": TITLE.to(asked.language),
        "language": asked.language,
        "prefix": PREFIX,
        "namespace": LAYERS_NAMESPACE,
        "types": [p.layer.id for p in types_seen_by(asked.caller)],
    }
    body = render_to_string(f"ogc_api/wfs/{template}.xml", context)
    return Answer(body.encode(), media_type=f"{V2.media_type}; charset=utf-8")
