"""What the live map draws: the basemap and each layer's style, as MapLibre layers for one caller, by day or by night.

Interaction is the page's own (web/src/map/style.ts): what is selected, what is shown, where a finger points.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.conf import settings

from gis_core.audiences import Caller
from gis_core.layer import Layer
from gis_core.registry import Catalogue
from gis_core.styles.colours import Mode
from gis_core.styles.maplibre import layers_json
from gis_core.styles.model import MapStyle, StyleLayer
from gis_core.styles.parts import grouped, spread
from gis_core.terrain import HeightModel, Terrain
from tilesrv.styles.book import basemap, layer_style
from tilesrv.styles.document import TERRAIN
from web.legend import BASES

GROUND = "/ground/"


def map_style(
    catalogue: Catalogue, caller: Caller, layers: Iterable[Layer], mode: Mode, terrain: HeightModel | None
) -> dict[str, Any]:
    """``{"ground": [...], "layers": {id: [...]}}``, each the lowest first, every source named as its collection, and
    that of relief ``terrain``; without a height model there is no relief.

    A drawing's id begins with the layer that it belongs to (``roads:casing``), and with ``/ground/`` where it is
    always there and no layer of the page's list.
    """
    ground = basemap(catalogue, caller, mode)
    in_ground = {name for name in ground.collections() if name in BASES}
    own = [layer for layer in layers if layer.id not in in_ground]
    declared = {name: published.layer for name, published in catalogue.layers.items()}

    def of(layer: Layer) -> MapStyle:
        style = layer_style(catalogue.layers[layer.id], caller, mode=mode)
        return grouped(spread(style, declared), layer).in_mode(mode)

    return {
        "ground": drawn(spread(ground, declared), terrain, GROUND),
        "layers": {layer.id: drawn(of(layer), terrain, f"{layer.id}:") for layer in own},
    }


def height_model() -> HeightModel | None:
    """The height model of the city."""
    return Terrain(settings.CONFIG.var).now()


def drawn(style: MapStyle, terrain: HeightModel | None, before: str) -> list[dict[str, Any]]:
    """The style's drawings with ids that say whose they are; ``before`` stands before those of no collection."""
    absent = {"raster"} if terrain else {"raster", "hillshade"}  # the page has no source of them
    kept = tuple(named(each, before) for each in style.layers if each.type not in absent)
    sources: dict[str | None, str] = {name: name for name in style.collections()}
    return layers_json(replace(style, layers=kept), sources | {"hillshade": TERRAIN})


def named(layer: StyleLayer, before: str) -> StyleLayer:
    if layer.collection is None:
        return replace(layer, id=f"{before}{layer.id}")
    before = before if before == GROUND and layer.collection not in BASES else ""
    return replace(layer, id=f"{before}{layer.collection}:{layer.id.removeprefix(f'{layer.collection}:')}")
