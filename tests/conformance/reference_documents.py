"""The documents of the reference server: landing page, API definition, conformance, collections,
schemas, tilesets.
"""

from __future__ import annotations

from typing import Any

from tests.conformance.checks import CRS84, GEOJSON, HTML, JSON, OPENAPI, SCHEMA
from tests.conformance.ours_cql2 import DECLARED
from tests.conformance.ours_documents import FLATGEOBUF, SCHEMA_REL
from tests.conformance.ours_writing import FEATURES4
from tests.conformance.qgis import LOOKED_FOR
from tests.conformance.reference_data import GEOJSON_GEOMETRY, Layer
from tests.conformance.tiles10 import TILES, TILESETS, WEB_MERCATOR_QUAD

Json = dict[str, Any]
FRONT = "http://reference.test"
ROOT = f"{FRONT}/ogcapi"
CRS = [CRS84, *(f"http://www.opengis.net/def/crs/EPSG/0/{code}" for code in (4326, 3857, 9214))]
QUERYABLES_REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
SCHEMES_REL = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
MAX_LIMIT, DEFAULT_LIMIT = 10_000, 1_000
CONFORMANCE = sorted(
    {
        *(
            f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{n}"
            for n in ("core", "html", "geojson", "oas30")
        ),
        "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
        *(f"{FEATURES4}/{name}" for name in ("create-replace-delete", "update", "optimistic-locking-etags")),
        *DECLARED,
        *LOOKED_FOR,
        *(
            f"{TILES}/{name}"
            for name in ("core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets")
        ),
    }
)


def link(rel: str, path: str, type_: str, **more: object) -> Json:
    return {"rel": rel, "href": path if path.startswith("http") else f"{ROOT}{path}", "type": type_, **more}


def both(path: str, query: str = "") -> list[Json]:
    """``self`` as JSON and its alternate as HTML."""
    mark = f"?{query}&" if query else "?"
    return [link("self", f"{path}{mark}f=json", JSON), link("alternate", f"{path}{mark}f=html", HTML)]


def landing() -> Json:
    return {
        "title": "Reference",
        "description": "Two layers in memory",
        "links": [
            *both("/"),
            link("service-desc", "/api", OPENAPI),
            link("conformance", "/conformance", JSON),
            link("data", "/collections", JSON),
            link(f"{TILESETS}vector", "/tiles?f=json", JSON),
        ],
    }


def collection(layer: Layer) -> Json:
    path = f"/collections/{layer.id}"
    return {
        "id": layer.id,
        "title": layer.title,
        "description": f"{layer.title} of the reference server",
        "itemType": "feature",
        "extent": layer.extent(),
        "crs": CRS,
        "storageCrs": CRS[-1],
        "links": [
            *both(path),
            link("items", f"{path}/items?f=json", GEOJSON),
            link("items", f"{path}/items?f=html", HTML),
            link(QUERYABLES_REL, f"{path}/queryables", SCHEMA),
            link(SCHEMA_REL, f"{path}/schema", SCHEMA),
            link(f"{TILESETS}vector", f"{path}/tiles?f=json", JSON),
        ],
    }


def collections(layers: list[Layer]) -> Json:
    return {"links": both("/collections"), "crs": CRS, "collections": [collection(layer) for layer in layers]}


def schema(layer: Layer, kind: str) -> Json:
    """``kind`` is queryables or schema."""
    properties = dict(layer.properties)
    if kind == "queryables":
        properties["geometry"] = {"$ref": GEOJSON_GEOMETRY, "x-ogc-role": "primary-geometry"}
    else:
        properties["fid"] = {"type": "integer", "x-ogc-role": "id", "readOnly": True}
        properties["geometry"] = {
            "format": f"geometry-{layer.geometry.lower()}",
            "x-ogc-role": "primary-geometry",
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{ROOT}/collections/{layer.id}/{kind}",
        "type": "object",
        "title": layer.title,
        "properties": properties,
        "additionalProperties": False,
    }


def page_links(path: str, query: str, following: str | None) -> list[Json]:
    """Links of a page of features; ``query`` is its query string without f."""
    mark = f"{path}?{query}&" if query else f"{path}?"
    made = [
        link("self", f"{mark}f=json", GEOJSON),
        link("alternate", f"{mark}f=html", HTML),
        link("alternate", f"{mark}f=csv", "text/csv"),
        link("alternate", f"{mark}f=fgb", FLATGEOBUF),
    ]
    return made + ([link("next", following, GEOJSON)] if following else [])


def feature_links(layer: Layer, fid: int, query: str) -> list[Json]:
    path, mark = f"/collections/{layer.id}/items/{fid}", f"?{query}&" if query else "?"
    return [
        link("self", f"{path}{mark}f=json", GEOJSON),
        link("alternate", f"{path}{mark}f=html", HTML),
        link("collection", f"/collections/{layer.id}", JSON),
    ]


# -- Tiles ---------------------------------------------------------------------------------------


def tileset_entry(path: str, limits: list[Json]) -> Json:
    """An entry of a list: its links are all JSON, as the official suite reads every one of them."""
    return {
        "title": "WebMercatorQuad",
        "dataType": "vector",
        "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
        "tileMatrixSetId": "WebMercatorQuad",
        "tileMatrixSetURI": WEB_MERCATOR_QUAD,
        "tileMatrixSetLimits": limits,
        "links": [
            link("self", f"{path}/WebMercatorQuad?f=json", JSON),
            link(SCHEMES_REL, "/tileMatrixSets/WebMercatorQuad", JSON),
        ],
    }


def tileset_list(path: str, limits: list[Json]) -> Json:
    return {"links": [link("self", f"{path}?f=json", JSON)], "tilesets": [tileset_entry(path, limits)]}


def tileset(path: str, limits: list[Json]) -> Json:
    entry = tileset_entry(path, limits)
    template = f"{path}/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt"
    entry["links"].append(link("item", template, "application/vnd.mapbox-vector-tile", templated=True))
    return entry


def tile_matrix_sets() -> Json:
    item = link("item", "/tileMatrixSets/WebMercatorQuad", JSON)
    entry = {"id": "WebMercatorQuad", "uri": WEB_MERCATOR_QUAD, "links": [item]}
    return {"links": [link("self", "/tileMatrixSets", JSON)], "tileMatrixSets": [entry]}


def tile_matrix_set() -> Json:
    half, matrices = 20037508.342789244, []
    for zoom in range(25):
        cell = 2 * half / 256 / 2**zoom
        size = {"tileWidth": 256, "tileHeight": 256, "matrixWidth": 2**zoom, "matrixHeight": 2**zoom}
        matrices.append({"id": str(zoom), "cellSize": cell, "scaleDenominator": cell / 0.00028, **size})
        matrices[-1]["pointOfOrigin"] = [-half, half]
    return {"id": "WebMercatorQuad", "uri": WEB_MERCATOR_QUAD, "crs": CRS[2], "tileMatrices": matrices}


def tilejson(layer: Layer) -> Json:
    return {
        "tilejson": "3.0.0",
        "tiles": [f"{FRONT}/tiles/{layer.id}/{{z}}/{{x}}/{{y}}.mvt"],
        "vector_layers": [{"id": layer.id, "fields": dict.fromkeys(layer.properties, "")}],
        "minzoom": 0,
        "maxzoom": 22,
        "bounds": layer.extent()["spatial"]["bbox"][0],
    }


# -- API definition ------------------------------------------------------------------------------


def parameter(name: str, schema_: Json, **more: object) -> Json:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "style": "form",
        "explode": False,
        "schema": schema_,
        **more,
    }


def path_parameter(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


TEXT: Json = {"type": "string"}
PARAMETERS: dict[str, Json] = {
    "limit": parameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    ),
    "bbox": parameter("bbox", {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}),
    **{
        n: parameter(n, TEXT)
        for n in ("datetime", "crs", "bbox-crs", "filter", "filter-lang", "filter-crs", "cursor")
    },
    "offset": parameter("offset", {"type": "integer", "minimum": 0}),
    "f": parameter("f", TEXT),
    **{
        name: path_parameter(name)
        for name in ("collectionId", "featureId", "tileMatrix", "tileRow", "tileCol")
    },
}
PATHS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "/": ("landing", JSON, ("f",)),
    "/api": ("api", OPENAPI, ()),
    "/conformance": ("conformance", JSON, ("f",)),
    "/collections": ("collections", JSON, ("f",)),
    "/collections/{collectionId}": ("collection", JSON, ("f",)),
    "/collections/{collectionId}/queryables": ("queryables", SCHEMA, ("f",)),
    "/collections/{collectionId}/schema": ("schema", SCHEMA, ("f",)),
    "/collections/{collectionId}/items": (
        "items",
        GEOJSON,
        (
            "f",
            "limit",
            "offset",
            "cursor",
            "bbox",
            "bbox-crs",
            "crs",
            "datetime",
            "filter",
            "filter-lang",
            "filter-crs",
        ),
    ),
    "/collections/{collectionId}/items/{featureId}": ("item", GEOJSON, ("f", "crs")),
    "/collections/{collectionId}/tiles": ("vector.getTileSetsList", JSON, ("f",)),
    "/collections/{collectionId}/tiles/WebMercatorQuad": ("vector.getTileSet", JSON, ("f",)),
    "/collections/{collectionId}/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}": (
        "vector.getTile",
        "application/vnd.mapbox-vector-tile",
        ("f",),
    ),
}


def api() -> Json:
    paths = {}
    for path, (operation, type_, names) in PATHS.items():
        in_path = [name for name in PARAMETERS if f"{{{name}}}" in path]
        references = [{"$ref": f"#/components/parameters/{name}"} for name in (*in_path, *names)]
        answer = {"description": "OK", "content": {type_.partition(";")[0]: {"schema": {"type": "object"}}}}
        paths[path] = {
            "get": {"operationId": operation, "parameters": references, "responses": {"200": answer}}
        }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Reference", "version": "1"},
        "servers": [{"url": ROOT}],
        "paths": paths,
        "components": {"parameters": PARAMETERS},
    }
