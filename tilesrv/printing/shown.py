"""What of a style is shown on a sheet of some scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import cos, radians

from gis_core.layer import Layer
from gis_core.registry import Published
from gis_core.styles.folding import zoom_of
from gis_core.styles.model import MapStyle, StyleLayer
from gis_core.styles.standard import draws_cells
from tilesrv.printing.asked import Asked
from tilesrv.styles.scales import CSS_PX_M


def sheet_zoom(asked: Asked) -> float:
    """The zoom at which a CSS px shows as much ground as on the sheet."""
    return min(24.0, zoom_of(asked.scale * CSS_PX_M / cos(radians(asked.center[1]))) - 1e-9)


def drawn_at(style: MapStyle, published: Mapping[str, Published], zoom: float) -> MapStyle:
    """``style`` without what is not drawn at ``zoom``."""
    return replace(
        style,
        layers=tuple(
            each
            for each in style.layers
            if each.collection is not None and is_drawn_at(each, published[each.collection].layer, zoom)
        ),
    )


def is_drawn_at(drawing: StyleLayer, layer: Layer, zoom: float) -> bool:
    """Whether ``zoom`` is one of the drawing's and of its layer's; cells are drawn only where features are not."""
    if not drawing.is_drawn_at(zoom) or not layer.zoom[0] <= int(zoom) + 1 <= layer.zoom[1] + 1:
        return False
    overview = layer.overview
    return not draws_cells(drawing) or (overview is not None and round(zoom) <= overview.max_zoom)
