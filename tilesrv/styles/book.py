"""The styles that there are: those of each layer, and the basemap that the ground layers make together.

A style has a name: ``parcels`` (the first style of that layer), ``parcels:by-status`` (another), ``basemap``. What a
caller gets speaks only of collections and fields that are in his views.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gis_core.audiences import Caller
from gis_core.ground import RELIEF, RELIEF_PLACE
from gis_core.kept import kept
from gis_core.layer import Layer
from gis_core.problems import Problem, not_found
from gis_core.registry import Catalogue, Published
from gis_core.styles.colours import MODES, Mode
from gis_core.styles.model import MapStyle, StyleLayer, parse_layers
from gis_core.styles.nodes import Literal
from gis_core.styles.standard import GROUND, styles_of, visible_fields
from gis_core.words import Text

BASEMAP = "basemap"
BASEMAP_TITLE = Text("Bản đồ nền", "Basemap")
RELIEF_LAYERS = parse_layers([RELIEF], id=BASEMAP, title=BASEMAP_TITLE).layers


def layer_style(
    published: Published, caller: Caller, style_id: str | None = None, *, mode: Mode = "day"
) -> MapStyle:
    """Style ``style_id`` of a layer, its first with None or "", as ``caller`` may have it in ``mode``.

    The same object each time: what is drawn in it is compiled once. Raises the 404 Problem ``no-such-style``.
    """

    def made() -> MapStyle:
        layer = published.layer
        style = pick(styles_of(layer), style_id)
        if style is None:
            raise no_such_style(f"{layer.id}:{style_id}")
        return style.seen_by({layer.id: visible_fields(layer, caller.audience)}).in_mode(mode)

    return kept(published, ("style", caller.audience, style_id or "", mode), made)


def pick(styles: Sequence[MapStyle], style_id: str | None) -> MapStyle | None:
    if not style_id:
        return styles[0]
    return next((each for each in styles if each.id == style_id), None)


def style_named(catalogue: Catalogue, caller: Caller, name: str, *, mode: Mode = "day") -> MapStyle:
    """The style of this name; 404 Problems ``no-such-style`` and ``no-such-collection``.

    A layer's or the basemap's name may end in ``-night`` or ``-print``, so that each look has an address of its own.
    """
    name, mode = name_and_mode(name, mode)
    if name == BASEMAP:
        return basemap(catalogue, caller, mode)
    layer_id, _, style_id = name.partition(":")
    return layer_style(catalogue.get(layer_id, caller), caller, style_id, mode=mode)


def name_and_mode(name: str, mode: Mode = "day") -> tuple[str, Mode]:
    """The name without the mode that it may end in, and that mode, else ``mode``."""
    plain, _, ending = name.rpartition("-")
    if plain and ":" not in name and ending in MODES:
        return plain, mode_named(ending)
    return name, mode


def style_names(layer: Layer) -> list[tuple[str, MapStyle]]:
    """The names of a layer's styles, the default one's first."""
    first, *others = styles_of(layer)
    return [(layer.id, first), *((f"{layer.id}:{each.id}", each) for each in others)]


def ground_layers(catalogue: Catalogue, caller: Caller) -> list[Published]:
    """The layers of the basemap that the caller sees, the undermost first."""
    seen = [each for each in catalogue.layers.values() if caller.audience in each.layer.audiences]
    ground = [(each.layer.ground, each.layer.id, each) for each in seen if each.layer.ground is not None]
    return [each for _, _, each in sorted(ground, key=lambda entry: entry[:2])]


def basemap(catalogue: Catalogue, caller: Caller, mode: Mode = "day") -> MapStyle:
    """The ground layers over the colour of what lies outside: areas with the relief among them, then lines, then names.

    Relief is in it whether there is a height model or not: who draws it, or hands it out, looks for one. The same
    object each time.
    """
    return kept(catalogue, ("basemap", caller.audience, mode), lambda: _basemap(catalogue, caller, mode))


def _basemap(catalogue: Catalogue, caller: Caller, mode: Mode) -> MapStyle:
    ground = ground_layers(catalogue, caller)
    drawn = [
        (each, replace(layer, id=f"{layer.collection}:{layer.id}"))
        for each in ground
        for layer in layer_style(each, caller, ground_style(each.layer), mode=mode).layers
    ]
    outside = StyleLayer(
        "ground", "background", None, properties={"background-color": Literal("@map-outside")}
    )
    # Areas first, whatever their rank: a border must not vanish under a forest. Names come above everything, those of
    # the land's units uppermost: what is uppermost finds room first.
    areas = [(each.layer.ground or 0, layer) for each, layer in drawn if layer.type.startswith("fill")]
    others = [layer for _, layer in drawn if not layer.type.startswith("fill")]
    land = {each.layer.id for each in ground if each.layer.ground == 0}
    names = sorted(
        (layer for layer in others if layer.type == "symbol"), key=lambda each: each.collection in land
    )
    layers = (
        outside,
        *(layer for place, layer in areas if place < RELIEF_PLACE),
        *RELIEF_LAYERS,
        *(layer for place, layer in areas if place >= RELIEF_PLACE),
        *(layer for layer in others if layer.type != "symbol"),
        *names,
    )
    return MapStyle(BASEMAP, BASEMAP_TITLE, layers).in_mode(mode)


def ground_style(layer: Layer) -> str | None:
    return GROUND if pick(styles_of(layer), GROUND) else None


def mode_named(text: str) -> Mode:
    """``day``, ``night`` or ``print``; a 400 Problem otherwise."""
    for mode in MODES:
        if text == mode:
            return mode
    known = ", ".join(MODES)
    raise Problem(
        400,
        "invalid-mode",
        Text(f"mode phải là một trong: {known}.", f"mode must be one of: {known}."),
        parameter="mode",
    )


def no_such_style(name: str) -> Problem:
    said = name[:80]
    return not_found(
        "no-such-style",
        f"Không có kiểu hiển thị “{said}”.",
        f"There is no style “{said}”.",
        parameter="style",
    )
