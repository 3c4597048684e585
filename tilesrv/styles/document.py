"""A style as a complete MapLibre style document: for browsers, native apps and the vector tiles of QGIS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from gis_core.registry import Published
from gis_core.styles.colours import Mode
from gis_core.styles.maplibre import layers_json
from gis_core.styles.model import MapStyle
from gis_core.styles.parts import spread
from gis_core.terrain import HeightModel
from gis_core.words import Text
from tilesrv.terrain.models import has_relief

VERSION = 8
TERRAIN = "terrain"  # the source of elevations (raster-dem), which hillshades are drawn from


@dataclass(frozen=True)
class Where:
    """The city that a document speaks of: its address without a trailing slash, which every address in the document
    begins with, the language of its reader, and its height model."""

    url: str
    language: str
    terrain: HeightModel | None


def style_json(
    style: MapStyle, name: str, published: Mapping[str, Published], mode: Mode, where: Where
) -> dict[str, Any]:
    """The document of ``style``, which is for its reader and in the colours of ``mode``.

    ``published`` holds its collections. Layers of type ``raster`` are for our own pictures and left out, and so is
    relief where there are no heights. The version of the height model stands in the document: another one is another
    document, so that whoever keeps it draws anew.
    """
    url, language = where.url, where.language
    title = title_of(style, published)
    collections = style.collections()
    absent = {"raster"} if where.terrain else {"raster", "hillshade"}
    style = replace(style, layers=tuple(each for each in style.layers if each.type not in absent))
    style = spread(style, {name: each.layer for name, each in published.items()})
    metadata = {"huong:style": name, "huong:mode": mode, "huong:title": title._asdict()}
    sources: dict[str, Any] = {
        collection: source_json(published[collection], url, language) for collection in collections
    }
    if where.terrain and has_relief(style):
        sources[TERRAIN] = {"type": "raster-dem", "url": f"{url}/tiles/{TERRAIN}.json"}
        metadata["huong:terrain"] = where.terrain.version
    return {
        "version": VERSION,
        "name": title.to(language),
        "metadata": metadata,
        "sprite": f"{url}/sprites/huong",
        "glyphs": f"{url}/fonts/{{fontstack}}/{{range}}.pbf",
        "sources": sources,
        "layers": layers_json(style, {**{each: each for each in collections}, "hillshade": TERRAIN}),
    }


def source_json(published: Published, url: str, language: str) -> dict[str, Any]:
    """The vector source of a layer; its credit is HTML, as readers show it."""
    source = {"type": "vector", "url": f"{url}/tiles/{published.layer.id}.json"}
    if published.layer.credit:
        source["attribution"] = escape(published.layer.credit.to(language))
    return source


def title_of(style: MapStyle, published: Mapping[str, Published]) -> Text:
    """The title of a style beside that of the layer it draws, where it draws one."""
    collections = style.collections()
    if len(published) != 1 or len(collections) != 1:
        return style.title
    layer = published[collections[0]].layer
    return Text(f"{layer.title.vi}: {style.title.vi}", f"{layer.title.en}: {style.title.en}")
