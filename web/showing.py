"""How a feature is shown on a map: where, how near, on which day, and among which layers.

All of it follows from the layer's declaration and the feature's extent. The live map does the same with what the page
tells it (web/src/lib/showing.ts).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from gis_core.days import day_of, last_day_before, today
from gis_core.layer import Layer
from gis_core.styles.standard import KINDS, Kind
from web import city, legend
from web.state import MapState
from web.window import Window

# The nearest zoom at which something is shown: where a finger tells a house from the next, and a parcel's label fits.
CLOSEST: Mapping[Kind, float] = {"point": 17.0, "line": 17.5, "area": 19.0}
MARGIN = 0.15  # of a picture, on each side of what it shows
WIDTH, HEIGHT = 400, 320  # px of the picture


def window_for(found: city.Feature) -> Window:
    """The window that shows a feature whole, not nearer than is useful and near enough that it is drawn at all."""
    window = Window.fitting(found.box, WIDTH, HEIGHT, margin=MARGIN)
    nearest, first = CLOSEST[KINDS[found.layer.geometry.type]], found.layer.first_zoom
    if window.zoom < first:  # not all of it fits: a point that is on it
        return replace(window, lon=found.lon, lat=found.lat, zoom=float(first))
    return replace(window, zoom=max(min(window.zoom, nearest), first))


def validity(found: city.Feature) -> tuple[date | None, date | None]:
    """The first and the last day on which the feature is valid, None where that is open or not for the caller."""
    time = found.layer.time
    if time is None or time.end is None:
        return None, None
    start, end = found.values.get(time.start), found.values.get(time.end)
    # Validity is half-open.
    return as_day(start), last_day_before(end) if isinstance(end, date) else None


def as_day(value: object) -> date | None:
    """A day of the city; None for what Python's calendar has not (``infinity``)."""
    if isinstance(value, datetime):
        return day_of(value)
    return value if isinstance(value, date) else None


def day_for(found: city.Feature, asked: date | None) -> date | None:
    """The day of a map that shows the feature: ``asked`` if it is valid then, else its last day, or its first."""
    first, last = validity(found)
    day = asked or today()
    if last is not None and last < day:
        day = last
    elif first is not None and day < first:
        day = first
    return None if day == today() else day


def ticked(known: Sequence[Layer], state: MapState) -> list[Layer]:
    """The layers that the state chooses, those of the page where it names none.

    The layer of the feature that is shown is one of them; and layers that are named alone stand on the ground, unless
    that was put out.
    """
    names = set(state.layers or ())
    if state.layers is None:
        names |= {layer.id for layer in known if layer.at_first}
    elif names and state.ground and not names & legend.BASES.keys():
        names |= legend.BASES.keys()
    if state.feature is not None:
        names.add(state.feature[0])
    return [layer for layer in known if layer.id in names]


def drawn_on(known: Sequence[Layer], chosen: Sequence[Layer], day: date | None) -> list[Layer]:
    """What a map of ``day`` draws for the chosen layers: of another day, those through time for those of today."""
    if day is None:
        return list(chosen)
    through_time = {layer.of_now: layer for layer in known if layer.of_now is not None}
    drawn = {each.id: each for each in (through_time.get(layer.id, layer) for layer in chosen)}
    return list(drawn.values())


def with_layer(known: Sequence[Layer], state: MapState, layer: str) -> MapState:
    """``state`` with ``layer`` among its layers."""
    if state.layers is None and any(each.id == layer and each.at_first for each in known):
        return state
    names = [each.id for each in ticked(known, replace(state, feature=None))]
    return replace(state, layers=tuple(dict.fromkeys([*names, layer])))


def state_of(found: city.Feature, known: Sequence[Layer]) -> MapState:
    """The state of the map that shows the feature: its day, its layer among the page's own; how near, each map of
    whatever size finds by itself."""
    state = MapState(feature=(found.layer.id, found.fid), day=day_for(found, None))
    return with_layer(known, state, found.layer.id)


def looks_on(
    looks: Mapping[str, legend.Look], day: date | None, layers: Sequence[Layer]
) -> dict[str, legend.Look]:
    """``looks`` as a picture of ``day`` has them: what stands for a layer of today is drawn in its manner."""
    changed = dict(looks)
    for layer in layers:
        if day is not None and layer.of_now is not None and layer.of_now in looks:
            now = looks[layer.of_now]
            changed[layer.id] = replace(looks[layer.id], base=now.base, style=now.style)
    return changed
