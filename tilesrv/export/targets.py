"""What is exported, by name: a layer in its first style, a style of a layer (``parcels:by-status``), the basemap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gis_core.audiences import Caller
from gis_core.problems import Problem
from gis_core.registry import Catalogue, Published
from gis_core.styles.maplibre import layers_json
from gis_core.styles.model import MapStyle
from gis_core.styles.parts import spread
from gis_core.words import Text
from tilesrv.styles.book import BASEMAP, style_named

SOURCE = "huong"  # the one source of an archive's style
MOST_LAYERS = 60  # a bit each of an integer of 64


@dataclass(frozen=True)
class Targets:
    """The layers whose tiles are wanted, and the styles that draw them, the undermost first."""

    layers: Sequence[Published]
    styles: Sequence[MapStyle]

    @property
    def has_ground(self) -> bool:
        """Whether the basemap is among what was asked for."""
        return any(style.id == BASEMAP for style in self.styles)

    @property
    def title(self) -> Text:
        """The names of the layers and styles that were asked for."""
        named = [style.title for style in self.styles if style.id == BASEMAP]
        drawn = {c for style in self.styles if style.id == BASEMAP for c in style.collections()}
        named += [each.layer.title for each in self.layers if each.layer.id not in drawn]
        return Text(", ".join(t.vi for t in named), ", ".join(t.en for t in named))

    def style(self, url: str, attribution: str) -> dict[str, Any]:
        """A MapLibre style of it all (day colours) over the one source at ``url``; drawings of rasters are left out.

        The attribution (HTML) stands in it, since not every protocol hands on that of the archive.
        """
        sources: dict[str | None, str] = {each.layer.id: SOURCE for each in self.layers}
        drawn: dict[str, dict[str, Any]] = {}
        declared = {each.layer.id: each.layer for each in self.layers}
        for style in (spread(each, declared) for each in self.styles):
            for layer, json in zip(style.layers, layers_json(style, RasterSources(sources)), strict=True):
                if layer.collection is not None or layer.type == "background":
                    drawn.setdefault(json["id"], json)
        return {
            "version": 8,
            "name": self.title.vi,
            "sources": {SOURCE: {"type": "vector", "url": url, "attribution": attribution}},
            "layers": list(drawn.values()),
        }


class RasterSources(dict[str | None, str]):
    """Sources of collections; a raster's is one that no archive of vector tiles has."""

    def __missing__(self, key: str | None) -> str:
        return ""


def targets_of(catalogue: Catalogue, caller: Caller, names: Sequence[str]) -> Targets:
    """The 404 Problem for a name that is none, alike for one that is not for the caller; 400 for too many layers."""
    styles = [style_named(catalogue, caller, name) for name in names]
    ids = dict.fromkeys(collection for style in styles for collection in style.collections())
    ids |= dict.fromkeys(name for name in names if name in catalogue.layers)
    if len(ids) > MOST_LAYERS:
        raise Problem(
            400,
            "too-many-layers",
            Text(
                f"Một tệp chứa được nhiều nhất {MOST_LAYERS} lớp.",
                f"An archive holds {MOST_LAYERS} layers at most.",
            ),
        )
    return Targets([catalogue.get(id_, caller) for id_ in ids], styles)
