"""What is drawn of another day: the features that were valid then, and for those of today that have changed since, the
ones that they came from. The live map does the same (web/src/map/style.ts)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gis_core.audiences import Caller
from gis_core.registry import Catalogue
from gis_core.styles.model import MapStyle
from tilesrv.maps.times import current_state
from tilesrv.render.picture import Drawing
from tilesrv.render.picture_tiles import drawing_of


def drawings_of_then(
    catalogue: Catalogue, caller: Caller, styles: Sequence[MapStyle], at: datetime | None
) -> tuple[Drawing, ...]:
    """``styles`` with what is valid ``at`` a moment, without one now. What merely happened at some moment is drawn
    whole, and so is what has no time."""
    return tuple(drawing_of_then(catalogue, caller, style, at) for style in styles)


def drawing_of_then(catalogue: Catalogue, caller: Caller, style: MapStyle, at: datetime | None) -> Drawing:
    """One of `drawings_of_then`. Raises the 404 Problem of a collection that is not there."""
    if at is not None:
        style = with_those_of_then(catalogue, caller, style)
    moments = (current_state(catalogue.get(each, caller).layer) for each in style.collections())
    now = next((moment for moment in moments if moment is not None), None)
    return drawing_of(catalogue, caller, style, now and (at or now))


def with_those_of_then(catalogue: Catalogue, caller: Caller, style: MapStyle) -> MapStyle:
    """``style`` over the layers through time that have what came before what it draws (``of_now``)."""
    then = {each.layer.of_now: each.layer.id for each in catalogue.seen_by(caller) if each.layer.of_now}
    layers = (
        replace(each, collection=then.get(each.collection or "", each.collection)) for each in style.layers
    )
    return replace(style, layers=tuple(layers))
