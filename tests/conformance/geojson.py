"""GeoJSON (RFC 7946) as a JSON Schema, with what a schema cannot say (closed rings) beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

Json = dict[str, Any]

_POSITION = {"type": "array", "minItems": 2, "maxItems": 3, "items": {"type": "number"}}
_LINE = {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/position"}}
_RING = {"type": "array", "minItems": 4, "items": {"$ref": "#/$defs/position"}}
_POLYGON = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/ring"}}


def _many(name: str) -> Json:
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}


_COORDINATES: dict[str, Json] = {
    "Point": {"$ref": "#/$defs/position"},
    "MultiPoint": _many("position"),
    "LineString": {"$ref": "#/$defs/line"},
    "MultiLineString": _many("line"),
    "Polygon": {"$ref": "#/$defs/polygon"},
    "MultiPolygon": _many("polygon"),
}
_SIMPLE = [
    {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {"type": {"const": name}, "coordinates": coordinates},
    }
    for name, coordinates in _COORDINATES.items()
]
_COLLECTION = {
    "type": "object",
    "required": ["type", "geometries"],
    "properties": {"type": {"const": "GeometryCollection"}, "geometries": _many("geometry")},
}
_FEATURE = {
    "type": "object",
    "required": ["type", "properties", "geometry"],
    "properties": {
        "type": {"const": "Feature"},
        "id": {"type": ["number", "string"]},
        "properties": {"type": ["object", "null"]},
        "geometry": {"oneOf": [{"type": "null"}, {"$ref": "#/$defs/geometry"}]},
        "bbox": {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
    },
}
_DEFINITIONS = {
    "position": _POSITION,
    "line": _LINE,
    "ring": _RING,
    "polygon": _POLYGON,
    "geometry": {"oneOf": [*_SIMPLE, _COLLECTION]},
    "feature": _FEATURE,
}
FEATURE = Draft202012Validator({"$ref": "#/$defs/feature", "$defs": _DEFINITIONS})
FEATURE_COLLECTION = Draft202012Validator(
    {
        "type": "object",
        "required": ["type", "features"],
        "properties": {"type": {"const": "FeatureCollection"}, "features": _many("feature")},
        "$defs": _DEFINITIONS,
    }
)


def faults(document: Json) -> Iterator[str]:
    """What is wrong with a Feature or FeatureCollection: the schema's errors, then rings left open."""
    collection = document.get("type") == "FeatureCollection"
    for error in (FEATURE_COLLECTION if collection else FEATURE).iter_errors(document):
        yield f"{error.json_path}: {error.message[:120]}"
    for feature in document.get("features", []) if collection else [document]:
        for ring in rings(feature.get("geometry") or {}):
            if ring and ring[0] != ring[-1]:
                yield f"feature {feature.get('id')}: a ring is not closed"


def rings(geometry: Json) -> Iterator[list[Any]]:
    if geometry.get("type") == "Polygon":
        yield from geometry.get("coordinates", [])
    elif geometry.get("type") == "MultiPolygon":
        for polygon in geometry.get("coordinates", []):
            yield from polygon
    for part in geometry.get("geometries", []):
        yield from rings(part)
