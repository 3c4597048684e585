"""Every layer that the platform declares, as if it were published, for whoever asks for its styles."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from gis_core.audiences import Caller
from gis_core.declarations import from_json, to_json
from gis_core.layer import AUDIENCES
from gis_core.publish import declared_layers
from gis_core.registry import Catalogue, Published
from tilesrv.styles.ogc_styles import listed


@cache
def catalogue() -> Catalogue:
    layers = [from_json(to_json(layer)) for layer in declared_layers()]
    return Catalogue(1, {layer.id: Published(layer, 1, False, 100) for layer in layers})


def named() -> Iterator[tuple[str, Caller]]:
    """Each style that there is, for each audience that may have it."""
    for audience in AUDIENCES:
        caller = Caller(audience)
        for layer in catalogue().layers:
            yield from (
                (each.name, caller) for each in listed(catalogue(), caller, layer) if each.collection == layer
            )
        yield "basemap", caller
