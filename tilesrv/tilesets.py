"""Descriptions of tiles as plain documents: OGC API - Tiles (20-057), Two Dimensional Tile Matrix Set 2.0 (17-083r4)
and TileJSON 3.0. Pure functions: what is described and where it lies is given to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlencode

from gis_core.crs_uris import CRS84_URI
from gis_core.http.media import HTML, JSON, MVT
from gis_core.layer import Field
from gis_core.registry import Published
from gis_core.words import Text
from tilesrv.catalogue import OverviewState
from tilesrv.grid import MAX_ZOOM, Box, lon_lat, tiles_showing, whole
from tilesrv.matrix_sets import MATRIX_SETS, TILE_PX, WEB_MERCATOR_QUAD, MatrixSet
from tilesrv.tile_layers import Attribute, TileLayer, tile_layers

MATRIX_SET = WEB_MERCATOR_QUAD.id  # the one of vector tiles
MATRIX_SET_URI = WEB_MERCATOR_QUAD.uri
WEB_MERCATOR_URI = WEB_MERCATOR_QUAD.crs_uri
REL = "http://www.opengis.net/def/rel/ogc/1.0"

TILES_TITLE = Text("Ô bản đồ vectơ: {title}", "Vector tiles: {title}")
LIST_TITLE = Text("Các bộ ô bản đồ", "Tilesets")
SETS_TITLE = Text("Các lưới ô", "Tile matrix sets")
DIMENSIONS = {
    "Point": 0,
    "MultiPoint": 0,
    "LineString": 1,
    "MultiLineString": 1,
    "Polygon": 2,
    "MultiPolygon": 2,
}


@dataclass(frozen=True)
class Described:
    """A layer's tiles as one caller sees them. ``box``: EPSG:3857 extent, None while there is nothing."""

    published: Published
    fields: Sequence[Field]
    box: Box | None
    overview: OverviewState | None

    @property
    def zooms(self) -> tuple[int, int]:
        low, high = self.published.layer.zoom
        return low, min(high, MAX_ZOOM)

    @property
    def layers(self) -> list[TileLayer]:
        """What lies in these tiles."""
        return tile_layers(self.published, self.fields, self.zooms, has_cells=self.overview is not None)

    @property
    def bounds(self) -> list[float]:
        """minlon, minlat, maxlon, maxlat, rounded outwards."""
        if self.box is None:
            return [-180.0, -85.051129, 180.0, 85.051129]
        west, south = lon_lat(self.box[0], self.box[1])
        east, north = lon_lat(self.box[2], self.box[3])
        return [round(west - 1e-6, 6), round(south - 1e-6, 6), round(east + 1e-6, 6), round(north + 1e-6, 6)]


def link(href: str, rel: str, type_: str, title: str | None = None, **extra: Any) -> dict[str, Any]:
    return {"href": href, "rel": rel, "type": type_, **({"title": title} if title else {}), **extra}


def self_and_html(url: str, language: str) -> list[dict[str, Any]]:
    return [
        link(url, "self", JSON, Text("Tài liệu này", "This document").to(language)),
        link(f"{url}?f=html", "alternate", HTML, Text("Dạng trang web", "As a web page").to(language)),
    ]


# OGC API - Tiles --------------------------------------------------------------------------------------------------


def limits(described: Described) -> list[dict[str, Any]]:
    """``tileMatrixSetLimits``: the rows and columns of each zoom that can show something."""
    low, high = described.zooms
    found = []
    for z in range(low, high + 1):
        tiles = whole(z) if described.box is None else tiles_showing(described.box, z)
        found.append(
            {
                "tileMatrix": str(z),
                "minTileRow": tiles.min_y,
                "maxTileRow": tiles.max_y,
                "minTileCol": tiles.min_x,
                "maxTileCol": tiles.max_x,
            }
        )
    return found


def tileset_entry(described: Described, root: str, language: str) -> dict[str, Any]:
    """A tileset as it stands in a list; every link leads to JSON."""
    layer = described.published.layer
    return {
        "title": TILES_TITLE.format(title=layer.title.to(language)).to(language),
        "dataType": "vector",
        "crs": WEB_MERCATOR_URI,
        "tileMatrixSetURI": MATRIX_SET_URI,
        "tileMatrixSetId": MATRIX_SET,
        "tileMatrixSetLimits": limits(described),
        "links": [
            link(f"{root}/collections/{layer.id}/tiles/{MATRIX_SET}", "self", JSON),
            link(f"{root}/tileMatrixSets/{MATRIX_SET}", f"{REL}/tiling-scheme", JSON),
        ],
    }


def tilesets(found: Sequence[Described], url: str, root: str, language: str) -> dict[str, Any]:
    """The list of tilesets of one collection, or of all."""
    return {
        "title": LIST_TITLE.to(language),
        "links": self_and_html(url, language),
        "tilesets": [tileset_entry(each, root, language) for each in found],
    }


def tileset(described: Described, root: str, language: str) -> dict[str, Any]:
    """One tileset, with the address template of its tiles (rows before columns)."""
    layer = described.published.layer
    here = f"{root}/collections/{layer.id}/tiles/{MATRIX_SET}"
    west, south, east, north = described.bounds
    entry = tileset_entry(described, root, language)
    template = f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt"
    value = {
        **entry,
        "description": layer.description.to(language),
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84_URI},
        "layers": [
            {
                "id": each.id,
                "title": each.title.to(language),
                "dataType": "vector",
                **dimension(each, layer.geometry.type),
                "minTileMatrix": str(each.zooms[0]),
                "maxTileMatrix": str(each.zooms[1]),
                "propertiesSchema": {"type": "object", "properties": properties_schema(each, language)},
            }
            for each in described.layers
        ],
        "links": [
            *self_and_html(here, language),
            link(template, "item", MVT, entry["title"], templated=True),
            link(f"{root}/tileMatrixSets/{MATRIX_SET}", f"{REL}/tiling-scheme", JSON),
            link(f"{root}/collections/{layer.id}", f"{REL}/geodata", JSON, layer.title.to(language)),
        ],
    }
    if layer.credit:
        value["attribution"] = layer.credit.to(language)
    return value


def dimension(within: TileLayer, geometry: str) -> dict[str, int]:
    if within.part is not None:
        return {"geometryDimension": within.part.dimension}
    return {"geometryDimension": DIMENSIONS[geometry]} if geometry in DIMENSIONS else {}


JSON_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean"}


def properties_schema(within: TileLayer, language: str) -> dict[str, Any]:
    return {
        name: {"title": each.label.to(language), "type": JSON_TYPES.get(each.type, "string")}
        for name, each in within.attributes.items()
    }


def matrix_sets(root: str, language: str) -> dict[str, Any]:
    """The list of tile matrix sets."""
    return {
        "title": SETS_TITLE.to(language),
        "links": self_and_html(f"{root}/tileMatrixSets", language),
        "tileMatrixSets": [matrix_set_entry(each, root, language) for each in MATRIX_SETS.values()],
    }


def matrix_set_entry(matrix_set: MatrixSet, root: str, language: str) -> dict[str, Any]:
    url, title = f"{root}/tileMatrixSets/{matrix_set.id}", matrix_set.title.to(language)
    return {
        "id": matrix_set.id,
        "title": title,
        **({"uri": matrix_set.uri} if matrix_set.uri else {}),
        "crs": matrix_set.crs_uri,
        "links": [link(url, "self", JSON, title), link(url, "item", JSON, title)],
    }


def matrix_set(found: MatrixSet, root: str, language: str) -> dict[str, Any]:
    """The definition of a tile matrix set (17-083r4, 7.2)."""
    return {
        "id": found.id,
        "title": found.title.to(language),
        **({"uri": found.uri} if found.uri else {}),
        "crs": found.crs_uri,
        "orderedAxes": ["X", "Y"] if found.srid == 3857 else ["E", "N"],
        **({"wellKnownScaleSet": found.scale_set} if found.scale_set else {}),
        "links": self_and_html(f"{root}/tileMatrixSets/{found.id}", language),
        "tileMatrices": [
            {
                "id": str(z),
                "scaleDenominator": found.denominator / (1 << z),
                "cellSize": found.cell / (1 << z),
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": list(found.corner),
                "tileWidth": TILE_PX,
                "tileHeight": TILE_PX,
                "matrixWidth": found.tiles_across(z),
                "matrixHeight": found.tiles_across(z),
            }
            for z in range(found.last + 1)
        ],
    }


# TileJSON ---------------------------------------------------------------------------------------------------------


def tilejson(described: Described, origin: str, language: str, at: str | None = None) -> dict[str, Any]:
    """TileJSON 3.0; ``at`` is the moment that the tiles shall show, as it was asked for."""
    layer = described.published.layer
    low, high = described.zooms
    value: dict[str, Any] = {
        "tilejson": "3.0.0",
        "id": layer.id,
        "name": layer.title.to(language),
        "description": " ".join(words.to(language) for words in (layer.description, layer.notice) if words),
        "version": "1.0.0",
        "scheme": "xyz",
        "tiles": [
            f"{origin}/tiles/{layer.id}/{{z}}/{{x}}/{{y}}.mvt" + (f"?{urlencode({'t': at})}" if at else "")
        ],
        "minzoom": low,
        "maxzoom": high,
        "bounds": described.bounds,
        "vector_layers": [
            {
                "id": each.id,
                "description": (layer.description if each.part is None else each.title).to(language),
                "minzoom": each.zooms[0],
                "maxzoom": each.zooms[1],
                "fields": {name: words_of(found, language) for name, found in each.attributes.items()},
            }
            for each in described.layers
        ],
    }
    if layer.credit:
        value["attribution"] = escape(layer.credit.to(language))
    return value


def words_of(attribute: Attribute, language: str) -> str:
    return attribute.label.to(language) + (f" ({attribute.unit})" if attribute.unit else "")


def tile_list(found: Sequence[Published], origin: str, language: str) -> dict[str, Any]:
    """The layers that have tiles, each with the address of its TileJSON."""
    return {
        "title": Text("Ô bản đồ vectơ", "Vector tiles").to(language),
        "links": self_and_html(f"{origin}/tiles/", language),
        "layers": [
            {
                "id": each.layer.id,
                "title": each.layer.title.to(language),
                "tilejson": f"{origin}/tiles/{each.layer.id}.json",
            }
            for each in found
        ],
    }
