"""What maps add to the OGC API (20-058): classes of conformance, paths with their parameters, links."""

from __future__ import annotations

from typing import Any

from gis_core.http.media import PROBLEM
from gis_core.layer import Layer
from gis_core.words import Text
from tilesrv.maps.asked import FORMATS, MEDIA_TYPES
from tilesrv.maps.framing import MOST_PX

CONF = "https://www.opengis.net/spec/ogcapi-maps-1/1.0/conf"
CONFORMANCE = tuple(
    f"{CONF}/{name}"
    for name in (
        *("core", "background", "collections-selection", "scaling", "spatial-subsetting", "datetime", "crs"),
        *("collection-map", "dataset-map", "styled-map", "png", "jpeg", "oas30"),
    )
)
REL = "http://www.opengis.net/def/rel/ogc/1.0/map"
MAP = Text("Bản đồ", "Map")
QUERY = (
    *("bbox-map", "bbox-crs-map", "subset-map", "subset-crs-map", "center-map", "center-crs-map"),
    *("width-map", "height-map", "scale-denominator-map", "crs-map", "transparent-map", "bgcolor-map"),
    *("datetime-map", "f-map"),
)


def link(href: str, language: str) -> dict[str, str]:
    return {"href": href, "rel": REL, "type": "image/png", "title": MAP.to(language), "hreflang": language}


def landing_links(language: str) -> list[dict[str, str]]:
    return [link("/map", language)]


def collection_links(layer: Layer, language: str) -> list[dict[str, str]]:
    return [link(f"/collections/{layer.id}/map", language)]


def paths() -> dict[str, Any]:
    return {
        "/map": operation("dataset.getMap", "A map of collections, or of the ground", ["collections-map"]),
        "/collections/{collectionId}/map": operation(
            "collection.getMap", "A map of a collection", ["mapped"]
        ),
        "/collections/{collectionId}/styles/{styleId}/map": operation(
            "collection.style.getMap", "A map of a collection in one of its styles", ["mapped", "styled"]
        ),
    }


def operation(operation_id: str, summary: str, names: list[str]) -> dict[str, Any]:
    refused = {
        "description": "Refused, with the reason (RFC 9457)",
        "content": {PROBLEM: {"schema": {"type": "object"}}},
    }
    picture = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in MEDIA_TYPES}
    done = {
        "description": "The map",
        "headers": {
            "Content-Crs": {"description": "CRS of the map", "schema": {"type": "string"}},
            "Content-Bbox": {
                "description": "Its box, in that CRS and its order of axes",
                "schema": {"type": "string"},
            },
        },
        "content": picture,
    }
    statuses = ("400", "401", "404", "406", "413", "503")
    return {
        "operationId": operation_id,
        "summary": summary,
        "tags": ["reading"],
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in (*names, *QUERY)],
        "responses": {"200": done, **dict.fromkeys(statuses, refused)},
    }


def parameters() -> dict[str, Any]:
    """The parameters that `paths` names."""

    def query(name: str, description: str, **schema: Any) -> dict[str, Any]:
        return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}

    def path(name: str, description: str) -> dict[str, Any]:
        schema = {"type": "string", "maxLength": 63}
        return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}

    def numbers(least: int, most: int) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "number"}, "minItems": least, "maxItems": most}

    listed = {"style": "form", "explode": False}
    found = {
        "mapped": path("collectionId", "Identifier of a collection"),
        "styled": path("styleId", "Identifier of one of its styles"),
        "collections-map": query(
            "collections", "Collections, the lowest first", type="array", items={"type": "string"}
        )
        | listed,
        "bbox-map": query("bbox", "The box that is shown, in bbox-crs", **numbers(4, 6)) | listed,
        "center-map": query("center", "The middle of the map, in center-crs", **numbers(2, 2)) | listed,
        "subset-map": query("subset", 'Lat(16.4:16.5),Lon(107.5:107.7), time("2025-07-01")', type="string"),
        "scale-denominator-map": query(
            "scale-denominator", "The scale, of pixels of 0.28 mm", type="number", minimum=1, maximum=1e9
        ),
        "crs-map": query("crs", "CRS of the map, its storage CRS by default", type="string"),
        "transparent-map": query("transparent", "Whether the ground is transparent", type="boolean"),
        "bgcolor-map": query("bgcolor", "Colour of the ground: 0xRRGGBB or a CSS name", type="string"),
        "datetime-map": query("datetime", "What is valid then, on collections with time", type="string"),
        "f-map": query("f", "Format, instead of Accept", type="string", enum=list(FORMATS)),
    }
    for name in ("bbox", "subset", "center"):
        found[f"{name}-crs-map"] = query(f"{name}-crs", f"CRS of {name}, CRS84 by default", type="string")
    for name in ("width", "height"):
        found[f"{name}-map"] = query(name, "In pixels", type="integer", minimum=1, maximum=MOST_PX)
    return found
