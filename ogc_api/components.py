"""Parameters and schemas of the API definition."""

from __future__ import annotations

from typing import Any

from ogc_api.parameters import DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET


def query(name: str, schema: dict[str, Any], description: str, **extra: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "style": "form",
        "explode": False,
        "description": description,
        "schema": schema,
        **extra,
    }


def text(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return query(name, {"type": "string", **schema}, description)


CRS_URI = {"format": "uri"}
# The key is what references name; clients look for ``limit`` by this very name.
PARAMETERS: dict[str, dict[str, Any]] = {
    "collectionId": {
        "name": "collectionId",
        "in": "path",
        "required": True,
        "description": "Identifier of a collection",
        "schema": {"type": "string", "maxLength": 63},
    },
    "featureId": {
        "name": "featureId",
        "in": "path",
        "required": True,
        "description": "Identifier of a feature",
        "schema": {"type": "string", "maxLength": 20},
    },
    "f": text("f", "Format of the answer, instead of Accept", enum=["json", "html"]),
    "f-items": text("f", "Format of the answer, instead of Accept", enum=["json", "html", "csv", "fgb"]),
    "limit": query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        "Features in one answer at most; more than the maximum is the maximum",
    ),
    "offset": query(
        "offset",
        {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0},
        "Features to pass over; the `next` links are faster and miss nothing",
    ),
    "cursor": text("cursor", "Position of a page, from a `next` link"),
    "bbox": query(
        "bbox",
        {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
        "Features that intersect the box minx,miny,maxx,maxy (in bbox-crs; CRS84 unless said)",
    ),
    "bbox-crs": text("bbox-crs", "CRS of bbox", **CRS_URI),
    "datetime": text("datetime", "An RFC 3339 time, a date (a day of Huế), or start/end; '..' is open"),
    "crs": text("crs", "CRS of the answer's coordinates", **CRS_URI),
    "sortby": text("sortby", "A sortable property; with '-' before it descending"),
    "filter": text("filter", "CQL2 over the queryables"),
    "filter-lang": text(
        "filter-lang", "Language of filter", enum=["cql2-text", "cql2-json"], default="cql2-text"
    ),
    "filter-crs": text("filter-crs", "CRS of geometries in filter", **CRS_URI),
    "if-match": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "ETag of the feature that is being changed",
        "schema": {"type": "string"},
    },
    "idempotency-key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "A retry with the same key and body makes no second feature",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    },
}


def object_of(required: list[str], **properties: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": properties}
    return made | {"required": required} if required else made


def array_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


STRING = {"type": "string"}
GEOMETRY_TYPES = ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
SCHEMAS: dict[str, dict[str, Any]] = {
    "link": object_of(["href", "rel"], href=STRING, rel=STRING, type=STRING, title=STRING, hreflang=STRING),
    "landingPage": object_of(
        ["links"], title=STRING, description=STRING, extent=ref("extent"), links=array_of(ref("link"))
    ),
    "confClasses": object_of(["conformsTo"], conformsTo=array_of(STRING)),
    "extent": object_of(
        [],
        spatial=object_of(
            ["bbox"], bbox={"type": "array", "minItems": 1, "items": array_of({"type": "number"})}
        ),
        temporal=object_of(
            ["interval"],
            interval=array_of(array_of({"type": "string", "format": "date-time", "nullable": True})),
        ),
    ),
    "collection": object_of(
        ["id", "links"],
        id=STRING,
        title=STRING,
        description=STRING,
        attribution=STRING,
        itemType=STRING,
        extent=ref("extent"),
        crs=array_of(STRING),
        storageCrs=STRING,
        links=array_of(ref("link")),
    ),
    "collections": object_of(
        ["links", "collections"],
        links=array_of(ref("link")),
        collections=array_of(ref("collection")),
        crs=array_of(STRING),
        numberMatched={"type": "integer"},
        numberReturned={"type": "integer"},
    ),
    "geometry": object_of(
        ["type"],
        type={"type": "string", "enum": [*GEOMETRY_TYPES, "GeometryCollection"]},
        coordinates=array_of({}),
        geometries=array_of({"type": "object"}),
    ),
    "feature": object_of(
        ["type", "id", "geometry", "properties"],
        type={"type": "string", "enum": ["Feature"]},
        id={"type": "integer"},
        geometry={"nullable": True, "allOf": [ref("geometry")]},
        properties={"type": "object"},
        links=array_of(ref("link")),
    ),
    "featureCollection": object_of(
        ["type", "features"],
        type={"type": "string", "enum": ["FeatureCollection"]},
        features=array_of(ref("feature")),
        links=array_of(ref("link")),
        timeStamp={"type": "string", "format": "date-time"},
        numberMatched={"type": "integer", "minimum": 0},
        numberReturned={"type": "integer", "minimum": 0},
    ),
    "featureGeoJSON": object_of(
        ["type", "geometry", "properties"],
        type={"type": "string", "enum": ["Feature"]},
        geometry=ref("geometry"),
        properties={"type": "object"},
    ),
    "featurePatch": object_of([], geometry=ref("geometry"), properties={"type": "object"}),
    "jsonSchema": object_of(["type", "properties"], type=STRING, properties={"type": "object"}),
    "problem": object_of(
        ["title", "status"],
        type=STRING,
        title=STRING,
        status={"type": "integer"},
        detail=STRING,
        code=STRING,
        parameter=STRING,
    ),
}
