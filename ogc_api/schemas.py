"""Part 3 queryables, sortables and Part 5 schemas: JSON Schema documents from the declaration, per audience."""

from __future__ import annotations

from typing import Any

from gis_core.audiences import Caller
from gis_core.layer import Field, GeometryType, Layer
from gis_core.reading import registry
from gis_core.words import Text
from ogc_api.answers import SCHEMA, Answer, Request, document, link
from ogc_api.parameters import refuse_unknown

SPEC = "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf"
CONFORMANCE = (
    f"{SPEC}/schemas",
    f"{SPEC}/core-roles-features",
    f"{SPEC}/returnables-and-receivables",
    "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/schemas",
)
DRAFT = "https://json-schema.org/draft/2020-12/schema"
# Clients that read queryables know a geometry by this reference (QGIS), and by the format of OGC's own words.
GEOJSON_SCHEMA = "https://geojson.org/schema/Geometry.json"
FORMATS: dict[GeometryType, str] = {
    "Point": "geometry-point",
    "LineString": "geometry-linestring",
    "Polygon": "geometry-polygon",
    "MultiPoint": "geometry-multipoint",
    "MultiLineString": "geometry-multilinestring",
    "MultiPolygon": "geometry-multipolygon",
    "Geometry": "geometry-any",
}
TYPES = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
}
VERSION = Text("Phiên bản của đối tượng như bạn thấy", "Version of the feature as you see it")
PLACE = Text("Vị trí", "Geometry")


def landing_links(language: str) -> list[dict[str, str]]:
    return []


def collection_links(layer: Layer, language: str) -> list[dict[str, str]]:
    here = f"/collections/{layer.id}"
    rel = "http://www.opengis.net/def/rel/ogc/1.0"
    return [
        link(
            f"{here}/queryables",
            f"{rel}/queryables",
            SCHEMA,
            Text("Thuộc tính lọc được", "Queryables"),
            language,
        ),
        link(
            f"{here}/sortables",
            f"{rel}/sortables",
            SCHEMA,
            Text("Thuộc tính sắp xếp được", "Sortables"),
            language,
        ),
        link(f"{here}/schema", f"{rel}/schema", SCHEMA, Text("Lược đồ", "Schema"), language),
    ]


def property_schema(field: Field, language: str) -> dict[str, Any]:
    """One property: type, words, unit (UCUM) and code list."""
    schema: dict[str, Any] = {"title": field.label.to(language), **TYPES[field.type]}
    if field.description:
        schema["description"] = field.description.to(language)
    if field.unit:
        schema["x-ogc-unit"] = field.unit
    if field.max_length:
        schema["maxLength"] = field.max_length
    if field.codes:
        values = [code.value for code in field.codes]
        schema["enum"] = [int(v) for v in values] if field.type == "integer" else values
        schema["x-ogc-codelist"] = {code.value: code.label.to(language) for code in field.codes}
    return schema


def head(request: Request, layer: Layer, kind: str) -> dict[str, Any]:
    return {
        "$schema": DRAFT,
        "$id": request.url(f"/collections/{layer.id}/{kind}"),
        "type": "object",
        "title": layer.title.to(request.language),
        "description": layer.description.to(request.language),
    }


def queryables(request: Request, layer_id: str) -> Answer:
    """``/collections/{collectionId}/queryables``: exactly what this caller's filters may name."""
    refuse_unknown(request.parameters, {"f"})
    layer = registry().current().get(layer_id, request.caller).layer
    seen = [f for f in layer.fields_for(request.caller.audience) if f.queryable]
    properties = {f.name: property_schema(f, request.language) for f in seen}
    properties["geom"] = {"$ref": GEOJSON_SCHEMA, "title": PLACE.to(request.language)}
    value = head(request, layer, "queryables") | {"properties": properties, "additionalProperties": False}
    return document(value, "schema", media_type=SCHEMA)


def sortables(request: Request, layer_id: str) -> Answer:
    """``/collections/{collectionId}/sortables``: fields with an index in their order."""
    refuse_unknown(request.parameters, {"f"})
    layer = registry().current().get(layer_id, request.caller).layer
    seen = [f for f in layer.fields_for(request.caller.audience) if f.sortable]
    properties = {f.name: property_schema(f, request.language) for f in seen}
    value = head(request, layer, "sortables") | {"properties": properties, "additionalProperties": False}
    return document(value, "schema", media_type=SCHEMA)


def schema(request: Request, layer_id: str) -> Answer:
    """``/collections/{collectionId}/schema``: returnables and receivables, in the order of forms."""
    refuse_unknown(request.parameters, {"f"})
    layer = registry().current().get(layer_id, request.caller).layer
    value = head(request, layer, "schema") | feature_properties(layer, request.caller, request.language)
    return document(value, "schema", media_type=SCHEMA)


def feature_properties(layer: Layer, caller: Caller, language: str) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "fid": {
            "type": "integer",
            "x-ogc-role": "id",
            "readOnly": True,
            "title": "fid",
            "x-ogc-propertySeq": 1,
        },
        "geometry": {
            "format": FORMATS[layer.geometry.type],
            "x-ogc-role": "primary-geometry",
            "title": PLACE.to(language),
            "x-ogc-propertySeq": 2,
        },
        "version": {
            "type": "integer",
            "title": VERSION.to(language),
            "x-ogc-propertySeq": 3,
        },
    }
    for number, field in enumerate(layer.fields_for(caller.audience), 4):
        described = property_schema(field, language)
        described["x-ogc-propertySeq"] = number
        if not field.writable or not caller.may_write(layer):
            described["readOnly"] = True
        if layer.time and field.name in (layer.time.start, layer.time.end):
            described["x-ogc-role"] = time_role(layer, field)
        properties[field.name] = described
    required = [f.name for f in layer.fields_for(caller.audience) if f.required]
    return {"properties": properties} | ({"required": required} if required else {})


def time_role(layer: Layer, field: Field) -> str:
    assert layer.time is not None
    if layer.time.end is None:
        return "primary-instant"
    return "primary-interval-start" if field.name == layer.time.start else "primary-interval-end"


def openapi(language: str) -> dict[str, Any]:
    """The paths of this part."""
    from ogc_api.openapi import operation, parameter_refs

    parameters = parameter_refs("collectionId", "f")
    return {
        "paths": {
            f"/collections/{{collectionId}}/{kind}": {
                "get": operation(name, title, parameters, media_type=SCHEMA, schema="jsonSchema")
            }
            for kind, name, title in (
                ("queryables", "getQueryables", "What can be filtered by"),
                ("sortables", "getSortables", "What can be sorted by"),
                ("schema", "getSchema", "Properties of the features"),
            )
        }
    }
