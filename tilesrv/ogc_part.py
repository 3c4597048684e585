"""What tiles, styles and maps add to the OGC API: classes of conformance, the API definition, links. Found by its name.

The paths themselves are answered by the tile server, to which the front door sends them.
"""

from __future__ import annotations

from typing import Any

from gis_core.http.media import JSON, MVT, PROBLEM
from gis_core.layer import Layer
from gis_core.styles.colours import MODES
from gis_core.words import Text
from tilesrv.grid import MAX_ZOOM
from tilesrv.maps import definition
from tilesrv.matrix_sets import MATRIX_SETS
from tilesrv.styles.ogc_styles import MEDIA_TYPES, PARAMETERS
from tilesrv.tilesets import REL

TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf"
TMS = "http://www.opengis.net/spec/tms/2.0/conf"
STYLES = "http://www.opengis.net/spec/ogcapi-styles-1/0.0/conf"  # a draft: 20-009
CONFORMANCE = (
    f"{TILES}/core",
    f"{TILES}/tileset",
    f"{TILES}/tilesets-list",
    f"{TILES}/geodata-tilesets",
    f"{TILES}/datetime",
    f"{TILES}/mvt",
    f"{TILES}/oas30",
    f"{TMS}/tilematrixset",
    f"{TMS}/tilematrixsetlimits",
    f"{TMS}/tilesetmetadata",
    f"{TMS}/json-tilematrixset",
    f"{TMS}/json-tilematrixsetlimits",
    f"{TMS}/json-tilesetmetadata",
    f"{STYLES}/core",
    f"{STYLES}/mapbox-style",
    f"{STYLES}/sld-11",
    *definition.CONFORMANCE,
)


def landing_links(language: str) -> list[dict[str, str]]:
    return [
        made("/tiles", f"{REL}/tilesets-vector", Text("Các bộ ô bản đồ vectơ", "Vector tilesets"), language),
        made("/tileMatrixSets", f"{REL}/tiling-schemes", Text("Các lưới ô", "Tile matrix sets"), language),
        made("/styles", f"{REL}/styles", Text("Kiểu hiển thị", "Styles"), language),
        *definition.landing_links(language),
    ]


def collection_links(layer: Layer, language: str) -> list[dict[str, str]]:
    tiles = Text("Ô bản đồ vectơ", "Vector tiles")
    styles = Text("Kiểu hiển thị", "Styles")
    return [
        made(f"/collections/{layer.id}/tiles", f"{REL}/tilesets-vector", tiles, language),
        made(f"/collections/{layer.id}/styles", f"{REL}/styles", styles, language),
        *definition.collection_links(layer, language),
    ]


def made(href: str, rel: str, title: Text, language: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": JSON, "title": title.to(language), "hreflang": language}


def openapi(language: str) -> dict[str, Any]:
    """The paths of tiles, styles and maps; every component that they name is among those returned."""
    here = "/collections/{collectionId}/tiles"
    grid, zoom, row, column, layer = (
        ref(n) for n in ("tileMatrixSetId", "tileMatrix", "tileRow", "tileCol", "tiled")
    )
    tile = operation("collection.vector.getTile", "A vector tile", [layer, grid, zoom, row, column])
    tile["parameters"] += [ref("f-tile"), ref("datetime-tile")]
    tile["responses"]["200"] = {
        "description": "The tile",
        "content": {MVT: {"schema": {"type": "string", "format": "binary"}}},
    }
    tile["responses"]["204"] = {"description": "Inside the limits, and empty"}
    paths = {
        "/tiles": operation("dataset.vector.getTileSetsList", "All tilesets", [ref("f-tiles")]),
        here: operation(
            "collection.vector.getTileSetsList", "Tilesets of a collection", [layer, ref("f-tiles")]
        ),
        f"{here}/{{tileMatrixSetId}}": operation(
            "collection.vector.getTileSet", "A tileset", [layer, grid, ref("f-tiles")]
        ),
        f"{here}/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": tile,
        "/tileMatrixSets": operation("getTileMatrixSetsList", "Tile matrix sets", [ref("f-tiles")]),
        "/tileMatrixSets/{tileMatrixSetId}": operation(
            "getTileMatrixSet", "A tile matrix set", [ref("tileMatrixSetId-any"), ref("f-tiles")]
        ),
    }
    paths |= style_paths() | definition.paths()
    return {"paths": {path: {"get": each} for path, each in paths.items()}, "components": components()}


def style_paths() -> dict[str, Any]:
    """The paths of styles."""
    stylesheet = operation("getStyle", "A style", [ref("styleId"), ref("f-style"), ref("mode")])
    stylesheet["responses"]["200"] = {
        "description": "The style",
        "content": {
            each: {"schema": {"type": "object" if each.endswith("json") else "string"}}
            for each in MEDIA_TYPES.values()
        },
    }
    return {
        "/styles": operation("getStyles", "All styles", [ref("f-tiles")]),
        "/styles/{styleId}": stylesheet,
        "/styles/{styleId}/metadata": operation(
            "getStyleMetadata", "About a style", [ref("styleId"), ref("f-tiles")]
        ),
        "/collections/{collectionId}/styles": operation(
            "getCollectionStyles", "Styles of a collection", [ref("tiled"), ref("f-tiles")]
        ),
    }


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def operation(operation_id: str, summary: str, parameters: list[dict[str, str]]) -> dict[str, Any]:
    content = {JSON: {"schema": {"type": "object"}}, "text/html": {"schema": {"type": "string"}}}
    refused = {
        "description": "Refused, with the reason (RFC 9457)",
        "content": {PROBLEM: {"schema": {"type": "object"}}},
    }
    statuses = ("400", "401", "404", "406", "503")
    return {
        "operationId": operation_id,
        "summary": summary,
        "tags": ["reading"],
        "parameters": list(parameters),
        "responses": {"200": {"description": "Done", "content": content}, **dict.fromkeys(statuses, refused)},
    }


def components() -> dict[str, Any]:
    def path(name: str, description: str, **schema: Any) -> dict[str, Any]:
        return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}

    def query(name: str, description: str, **schema: Any) -> dict[str, Any]:
        return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}

    last = (1 << MAX_ZOOM) - 1
    return {
        "parameters": {
            "tiled": path("collectionId", "Identifier of a collection", type="string", maxLength=63),
            "tileMatrixSetId": path(
                "tileMatrixSetId", "The tile grid", type="string", enum=["WebMercatorQuad"]
            ),
            "tileMatrixSetId-any": path(
                "tileMatrixSetId", "A tile grid", type="string", enum=list(MATRIX_SETS)
            ),
            "tileMatrix": path("tileMatrix", "Zoom", type="integer", minimum=0, maximum=MAX_ZOOM),
            "tileRow": path("tileRow", "Row, from the north", type="integer", minimum=0, maximum=last),
            "tileCol": path("tileCol", "Column, from 180° west", type="integer", minimum=0, maximum=last),
            "f-tile": query("f", "Format of the tile", type="string", enum=["mvt"]),
            "f-tiles": query(
                "f", "Format of the answer, instead of Accept", type="string", enum=["json", "html"]
            ),
            "styleId": path("styleId", "Name of a style", type="string", maxLength=120),
            "f-style": query(
                "f", "Format of the style, instead of Accept", type="string", enum=sorted(PARAMETERS.values())
            ),
            "mode": query("mode", "Colours of the day, the night or of paper", type="string", enum=[*MODES]),
            "datetime-tile": query(
                "datetime",
                "On collections with time: what is valid at this RFC 3339 time or date",
                type="string",
            ),
            **definition.parameters(),
        }
    }
