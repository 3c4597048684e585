"""What an archive says of itself: name, source, place, zooms, and the fields of its layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from gis_core.audiences import Caller
from gis_core.layer import Field, Layer
from gis_core.registry import Published
from gis_core.words import Language, Text
from tilesrv.catalogue import Served
from tilesrv.export.request import ExportRequest, Raster
from tilesrv.export.run import Outcome
from tilesrv.grid import Box, lon_lat
from tilesrv.tile_layers import CELL_FIELDS, tile_layers
from tilesrv.tile_sql import tiled_fields

JSON_TYPES = {"integer": "Number", "number": "Number", "boolean": "Boolean"}  # MBTiles 1.3; else String


@dataclass(frozen=True)
class Description:
    """Metadata of an archive. ``bounds``: minlon, minlat, maxlon, maxlat in degrees."""

    name: Text
    description: Text
    attribution: Text
    bounds: tuple[float, float, float, float]
    zooms: tuple[int, int]
    vector_layers: Sequence[dict[str, Any]]
    layers: Sequence[dict[str, Any]]
    audience: str
    as_of: str
    language: Language
    style: dict[str, Any]
    raster: Raster | None
    is_ground: bool

    @property
    def center(self) -> tuple[float, float, int]:
        """Longitude, latitude, zoom: the middle, from as far as all of it fits a tile or so."""
        west, south, east, north = self.bounds
        widest = max(east - west, north - south, 1e-9)
        zoom = 0
        while zoom < self.zooms[1] and 360 / (1 << (zoom + 1)) >= widest:
            zoom += 1
        return (west + east) / 2, (south + north) / 2, max(zoom, self.zooms[0])

    def document(self) -> dict[str, Any]:
        """The members that PMTiles and MBTiles share; texts in the export's language and, by suffix, in both."""
        texts = {"name": self.name, "description": self.description, "attribution": self.attribution}
        common = {
            **{key: words.to(self.language) for key, words in texts.items()},
            **{f"{key}:vi": words.vi for key, words in texts.items()},
            **{f"{key}:en": words.en for key, words in texts.items()},
            "type": "baselayer" if self.is_ground else "overlay",
            "version": "1",
            "generator": "Hương",
            "huong": {"audience": self.audience, "as_of": self.as_of, "layers": list(self.layers)},
        }
        if self.raster:
            return common
        return {**common, "style": self.style, "vector_layers": list(self.vector_layers)}


def describe(outcome: Outcome, request: ExportRequest, zooms: tuple[int, int]) -> Description:
    """The description of what was collected for ``request``, at ``zooms``."""
    caller, language = request.caller, request.language
    content, box = outcome.content, outcome.box
    assert box is not None, "an archive of nothing is not described"
    layers = [each.layer for each in content.layers]
    attribution = joined([escaped(layer.credit) for layer in layers if layer.credit], " · ")
    parts = [Part(each, *part_of(each, content.zooms, content.served, caller)) for each in content.layers]
    return Description(
        name=content.targets.title,
        description=joined([t for layer in layers for t in (layer.description, layer.notice) if t], " "),
        attribution=attribution,
        bounds=bounds_of(box),
        zooms=zooms,
        vector_layers=[each for part in parts for each in part.vector_layers(language)],
        layers=[part.words() for part in parts],
        audience=caller.audience,
        as_of=outcome.as_of,
        language=language,
        style=content.targets.style(request.url, attribution.to(language)),
        raster=request.raster,
        is_ground=content.targets.has_ground,
    )


def joined(texts: Sequence[Text], between: str) -> Text:
    """The texts behind one another, equal ones once."""
    different = list(dict.fromkeys(texts))
    return Text(between.join(t.vi for t in different), between.join(t.en for t in different))


def escaped(text: Text) -> Text:
    """As HTML: viewers put an attribution into their page."""
    return Text(escape(text.vi), escape(text.en))


def bounds_of(box: Box) -> tuple[float, float, float, float]:
    """Degrees, rounded outwards."""
    west, south = lon_lat(box[0], box[1])
    east, north = lon_lat(box[2], box[3])
    return round(west - 1e-6, 6), round(south - 1e-6, 6), round(east + 1e-6, 6), round(north + 1e-6, 6)


@dataclass(frozen=True)
class Part:
    """One layer of an archive."""

    published: Published
    fields: Sequence[Field]
    zooms: tuple[int, int]
    has_cells: bool

    @property
    def layer(self) -> Layer:
        return self.published.layer

    def vector_layers(self, language: Language) -> list[dict[str, Any]]:
        """Its members of ``vector_layers``; the values of ``fields`` are types, as MBTiles 1.3 asks, and no labels."""
        within = tile_layers(
            self.published, self.fields, self.zooms, has_cells=self.has_cells, all_fields=True
        )
        return [
            {
                "id": each.id,
                "description": each.title.to(language),
                "minzoom": each.zooms[0],
                "maxzoom": each.zooms[1],
                "fields": {
                    name: JSON_TYPES.get(found.type, "String") for name, found in each.attributes.items()
                },
            }
            for each in within
        ]

    def words(self) -> dict[str, Any]:
        """Titles, labels and code lists in both languages: what an app without the city has nowhere else."""
        labels = {f.name: field_words(f) for f in self.fields}
        cells = {name: {"label": both(each.label)} for name, each in CELL_FIELDS.items()}
        return {
            "id": self.layer.id,
            "title": both(self.layer.title),
            "geometry": self.layer.geometry.type,
            "fields": labels | cells if self.has_cells else labels,
        }


def part_of(
    published: Published, zooms: tuple[int, int], served: Served, caller: Caller
) -> tuple[Sequence[Field], tuple[int, int], bool]:
    """The fields of a layer's tiles, the zooms at which it is in the archive, and whether some of those show cells."""
    lowest = max(zooms[0], published.layer.zoom[0])
    has_cells = any(served.view(published, caller, z) for z in range(lowest, zooms[1] + 1))
    return tiled_fields(published, caller), (lowest, zooms[1]), has_cells


def field_words(field: Field) -> dict[str, Any]:
    words: dict[str, Any] = {"label": both(field.label)}
    if field.unit:
        words["unit"] = field.unit
    if field.codes:
        words["codes"] = {code.value: both(code.label) for code in field.codes}
    return words


def both(words: Text) -> dict[str, str]:
    return {"vi": words.vi, "en": words.en}
