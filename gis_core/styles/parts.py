"""What of a style is drawn from parts of a tile of their own, since a tile cuts what it shows.

A name stands at one point of its feature, but each tile that cuts an area would name its own piece; an edge that two
areas share is there twice, and of two dashed lines upon each other no gap is left. So beside the features, which stand
in the tile's layer ``roads``, a tile has where they are needed

- ``water_areas:names``: a point with the attributes of each feature that is apart (`APART`): cut by an edge of the
  tiles, or in several pieces. Of all tiles of a zoom one alone has it;
- ``admin_units:edges``: the borders of a coverage (`Geometry.coverage`), each once;
- ``reports:groups``: from afar, points by the squares of a grid that they stand in (`GROUPED_BELOW`).

`spread` writes a style for these tiles; pictures draw whole features, and take the style as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import floor

from gis_core.layer import Layer
from gis_core.palette import ink_on
from gis_core.styles.colours import Colour
from gis_core.styles.model import MapStyle, StyleLayer
from gis_core.styles.nodes import Expr, Get, Has, Literal, Logic, Not, Step, ToNumber, ToString, fields_in
from gis_core.styles.standard import draws_cells, styles_of

NAMES, EDGES, GROUPS = ":names", ":edges", ":groups"
APART = "_apart"  # the attribute of a feature whose name stands among the ``:names``
ALONE = "_alone"  # the attribute of a point among the ``:groups`` that shares its square with no other
COUNT = "_n"  # how many there are in a square of the ``:groups``
GROUPED_BELOW = 13  # pins of a whole city would stand on each other there


@dataclass(frozen=True)
class Names:
    """Which features of a layer have names (or icons) at a point: from which zoom of tiles, and those that have one of
    ``fields``; all where an icon needs none."""

    first: int
    fields: frozenset[str]
    all: bool


def is_at_point(drawing: StyleLayer) -> bool:
    """Whether a drawing stands at one point of a feature, whatever the feature's shape."""
    return drawing.type == "symbol" and drawing.get("symbol-placement") != Literal("line")


def is_name(drawing: StyleLayer) -> bool:
    """Whether a drawing is of words alone: names stand above everything else, pins below them."""
    return drawing.type == "symbol" and drawing.get("icon-image") == Literal(None)


def is_of_edges(drawing: StyleLayer, layer: Layer) -> bool:
    """Whether a drawing runs along the borders of a coverage, each of which is to be drawn once."""
    dashed = drawing.type == "line" and drawing.get("line-dasharray") not in (Literal(None), Literal(()))
    return dashed and layer.geometry.coverage


def has_names_apart(layer: Layer) -> bool:
    return layer.geometry.type not in ("Point", "MultiPoint")


def is_grouped(layer: Layer) -> bool:
    return layer.geometry.type in ("Point", "MultiPoint")


def names_of(layer: Layer) -> Names | None:
    """The names of features that tiles may cut; None where no style has any."""
    drawings = [each for style in styles_of(layer) for each in style.layers if is_at_point(each)]
    own = [each for each in drawings if each.collection == layer.id and not draws_cells(each)]
    if not own or not has_names_apart(layer):
        return None
    return Names(
        first=min(floor(each.minzoom) for each in own),
        fields=frozenset().union(*(fields_in(each.get("text-field")) for each in own)),
        all=any(not is_name(each) for each in own),
    )


def edge_fields(layer: Layer) -> frozenset[str] | None:
    """What the drawings of a coverage's borders speak of; None where there are none."""
    drawings = [each for style in styles_of(layer) for each in style.layers if is_of_edges(each, layer)]
    own = [each.fields() for each in drawings if each.collection == layer.id]
    return frozenset().union(*own) if own else None


def parts_of(layer: Layer) -> list[str]:
    """What tiles of the layer may have beside its features, as the endings of their names."""
    edges = layer.geometry.coverage and edge_fields(layer) is not None
    there = ((NAMES, names_of(layer) is not None), (EDGES, edges), (GROUPS, is_grouped(layer)))
    return [ending for ending, is_there in there if is_there]


@dataclass(frozen=True)
class PartOfTile:
    """What a tile may have beside the layer's features: the ending of its name, the zooms (both included) that have it,
    and which of the layer's fields its features carry."""

    ending: str
    zooms: tuple[int, int]
    fields: frozenset[str]
    dimension: int
    is_counted: bool = False


def described_parts(layer: Layer, drawn: Collection[str], zooms: tuple[int, int]) -> list[PartOfTile]:
    """The parts within ``zooms`` of the layer's tiles; ``drawn``: the fields that its styles speak of."""
    low, high = zooms
    names = names_of(layer)
    found = {
        NAMES: PartOfTile(NAMES, (max(low, names.first if names else low), high), frozenset(drawn), 0),
        EDGES: PartOfTile(EDGES, (low, high), edge_fields(layer) or frozenset(), 1),
        GROUPS: PartOfTile(GROUPS, (low, min(high, GROUPED_BELOW - 1)), frozenset(drawn), 0, is_counted=True),
    }
    parts = [found[ending] for ending in parts_of(layer)]
    return [each for each in parts if each.zooms[0] <= each.zooms[1]]


def spread(style: MapStyle, layers: Mapping[str, Layer]) -> MapStyle:
    """``style`` for tiles: what is drawn of their parts speaks of these."""
    found = (
        part
        for each in style.layers
        for part in (_spread(each, layers[each.collection or ""]) if each.collection in layers else (each,))
    )
    return replace(style, layers=tuple(found))


def _spread(drawing: StyleLayer, layer: Layer) -> tuple[StyleLayer, ...]:
    if is_of_edges(drawing, layer):
        return (replace(drawing, part=EDGES),)
    if not is_at_point(drawing) or not has_names_apart(layer) or draws_cells(drawing):
        return (drawing,)
    whole = replace(drawing, filter=both(Not(Has(APART)), drawing.filter))
    return whole, replace(drawing, id=f"{drawing.id}{NAMES}", part=NAMES)


def both(test: Expr, filter: Expr | None) -> Expr:
    return test if filter is None else Logic("all", (test, filter))


def grouped(style: MapStyle, layer: Layer) -> MapStyle:
    """``style`` of a layer of points as a map that can be moved shows it: from afar those that stand alone, and for
    others the count of them all (the drawing ``group``); cells have no other drawing then."""
    if not is_grouped(layer):
        return style
    drawn: list[StyleLayer] = []
    for each in style.layers:
        if draws_cells(each):
            continue
        if each.minzoom < GROUPED_BELOW:
            alone = both(Has(ALONE), each.filter)
            highest = min(each.maxzoom, float(GROUPED_BELOW))
            drawn.append(replace(each, id=f"{each.id}{GROUPS}", part=GROUPS, filter=alone, maxzoom=highest))
        if each.maxzoom > GROUPED_BELOW:
            drawn.append(replace(each, minzoom=max(each.minzoom, float(GROUPED_BELOW))))
    return replace(style, layers=(*drawn, _count_of(layer)))


def _count_of(layer: Layer) -> StyleLayer:
    """How many points there are in a square, on a disc of the layer's colour."""
    sizes = ((10.0, Literal(1.15)), (100.0, Literal(1.5)), (1000.0, Literal(1.9)))
    properties: dict[str, Expr] = {
        "icon-image": Literal("circle"),
        "icon-size": Step(ToNumber(Get(COUNT), 0), Literal(0.95), sizes),
        "icon-allow-overlap": Literal(True),
        "text-field": ToString(Get(COUNT)),
        "text-font": Literal(("Be Vietnam Pro Medium",)),
        "text-size": Literal(13),
        "text-allow-overlap": Literal(True),
        "icon-color": Literal(layer.style.colour),
        "icon-halo-color": Literal("@map-mark-rim"),
        "icon-halo-width": Literal(1.2),
        "text-color": Literal(ink_on(Colour.parse(layer.style.colour).hex)),
    }
    return StyleLayer(
        id=f"{layer.id}:group",
        type="symbol",
        collection=layer.id,
        maxzoom=GROUPED_BELOW,
        filter=Not(Has(ALONE)),
        properties=properties,
        part=GROUPS,
    )
