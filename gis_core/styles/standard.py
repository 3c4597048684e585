"""The styles of a layer: those that it declares, or the one that its few words of look stand for."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal

from gis_core.declarations import from_json, to_json
from gis_core.kept import kept
from gis_core.layer import Audience, DeclarationError, Field, Layer
from gis_core.palette import CATEGORIES
from gis_core.styles.colours import Colour
from gis_core.styles.errors import StyleError
from gis_core.styles.model import CELL, MapStyle, StyleLayer, parse_layers
from gis_core.styles.nodes import Expr, Has, Logic, Not, walk
from gis_core.styles.nodes import Literal as Constant
from gis_core.words import Text

Kind = Literal["point", "line", "area"]
KINDS: Mapping[str, Kind] = {
    "Point": "point",
    "MultiPoint": "point",
    "LineString": "line",
    "MultiLineString": "line",
    "Polygon": "area",
    "MultiPolygon": "area",
    "Geometry": "area",
}
# What a feature of a kind is called where geometries have names.
GEOMETRY_KINDS: Mapping[Kind, str] = {"point": "Point", "line": "LineString", "area": "Polygon"}
DEFAULT = "default"
GROUND = "ground"  # the style of a layer's part in the basemap; alone it is not how the layer itself is drawn
TITLE = Text("Mặc định", "Default")
APPROXIMATE = "approximate"  # a truth value of this name says that a place is only about right: drawn dashed
OVERVIEW_FIELDS = frozenset(
    {CELL, "class", "n", "area_m2", "share"}
)  # of the cells that low zooms show (tilesrv)
HATCH = "hatch"  # of the sprite: no data is drawn as no data, never as a value
FONT = ["Be Vietnam Pro Regular"]
IS_CELL = ["has", CELL]
NO_CELL = ["!", IS_CELL]
CELL_EDGES = 0.15  # what outlines add to the look of many small areas
FAINTEST = 0.3  # opacity of a cell in which next to nothing is covered: something is there, and it is seen
NAMES_FROM = {"area": 14, "line": 14, "point": 15}


def styles_of(layer: Layer) -> tuple[MapStyle, ...]:
    """The layer's styles, the first being the one it is drawn in; DeclarationError where one is not of the subset.

    They are kept in the layer, which never changes: every tile and picture asks for them, and to write the declaration
    out, by which equal layers share them, takes a fifth of what a tile takes.
    """
    return kept(layer, "styles", lambda: _styles_from(to_json(layer)))


def fields_drawn(layer: Layer) -> frozenset[str]:
    """The fields that some style of the layer speaks of, and its label."""
    drawn = frozenset().union(*(style.fields(layer.id) for style in styles_of(layer)))
    return drawn | ({layer.label} if layer.label else set())


def visible_fields(layer: Layer, audience: Audience) -> Set[str]:
    """What a style may speak of to ``audience``: the fields of its view, and of overview cells."""
    return {field.name for field in layer.fields_for(audience)} | OVERVIEW_FIELDS


@lru_cache(maxsize=1024)
def _styles_from(declaration: str) -> tuple[MapStyle, ...]:
    layer = from_json(declaration)
    try:
        declared = tuple(
            with_cells(
                layer, parse_layers(list(each.layers), id=each.id, title=each.title, collection=layer.id)
            )
            for each in layer.styles
        )
        if any(each.id != GROUND for each in declared):
            return declared
        return (
            parse_layers(standard_layers(layer), id=DEFAULT, title=TITLE, collection=layer.id),
            *declared,
        )
    except StyleError as error:
        raise DeclarationError(f"layer {layer.id!r}, style: {error}") from error


def standard_layers(layer: Layer) -> list[dict[str, Any]]:
    """MapLibre ``layers`` for the look of ``layer.style``, the lowest first; without sources."""
    kind = KINDS[layer.geometry.type]
    drawn = {"area": areas, "line": lines, "point": points}[kind](layer)
    overview = [cells(layer)] if layer.overview else []
    return [*overview, *drawn, *names(layer, kind)]


def draws_cells(layer: StyleLayer) -> bool:
    """Whether a style layer is for the cells that low zooms show instead of features."""
    if layer.filter is None:
        return False
    negated = any(isinstance(node, Not) and node.term == Has(CELL) for node in walk(layer.filter))
    return not negated and any(node == Has(CELL) for node in walk(layer.filter))


def with_cells(layer: Layer, style: MapStyle) -> MapStyle:
    """``style`` as it draws a layer that is shown as cells from afar, whoever wrote it.

    One that has no drawing for cells shows them as the standard style does, in the colour of what it draws first (of
    several classes, that of all others), and draws features only where features are: what it says of those would be
    nonsense of a square that sums them up. The ground is quiet: a style of the basemap shows cells only where it says
    so.
    """
    if layer.overview is None or style.id == GROUND or any(map(draws_cells, style.layers)):
        return style
    painted = (each.properties[name] for each in style.layers for name in COLOURS if name in each.properties)
    colour = next(filter(None, map(usual_colour, painted)), layer.style.colour)
    own = replace(layer, style=replace(layer.style, colour=colour, by=None))
    (drawn,) = parse_layers([cells(own)], id=style.id, title=style.title, collection=layer.id).layers
    not_cells = Not(Has(CELL))
    features = (
        replace(each, filter=Logic("all", (not_cells, each.filter)) if each.filter else not_cells)
        if each.collection == layer.id
        else each
        for each in style.layers
    )
    return replace(style, layers=(drawn, *features))


def usual_colour(paint: Expr) -> str | None:
    """The last colour that ``paint`` names, which is that of whatever no case of it fits; None where it names none."""
    named = [node.value for node in walk(paint) if isinstance(node, Constant)]
    return next((each for each in reversed(named) if isinstance(each, str) and is_colour(each)), None)


def is_colour(text: str) -> bool:
    try:
        return Colour.parse(text).alpha > 0
    except ValueError:
        return False


COLOURS = ("fill-color", "circle-color", "icon-color", "line-color")


def colour_of(layer: Layer, given: Any = None) -> Any:
    """The colour of a feature: that of its code, else of the layer. ``given`` replaces the field that is asked."""
    look = layer.style
    if look.by is None:
        return look.colour
    pairs = [
        part for code, colour in coloured_codes(layer.field(look.by), look.colour) for part in (code, colour)
    ]
    return ["match", given or ["to-string", ["get", look.by]], *pairs, look.colour] if pairs else look.colour


def symbol_of(layer: Layer) -> Any:
    """The silhouette of a feature: that of its code, else of the layer."""
    look = layer.style
    codes = layer.field(look.by).codes if look.by else ()
    pairs = [part for code in codes if code.symbol for part in (code.value, code.symbol)]
    return ["match", ["to-string", ["get", look.by]], *pairs, look.symbol] if pairs else look.symbol


def coloured_codes(field: Field, rest: str) -> list[tuple[str, str]]:
    """Each code with its colour: its own, else one of the eight categories, else ``rest``."""
    spare = dict(enumerate(CATEGORIES))
    return [(code.value, code.colour or spare.get(at, rest)) for at, code in enumerate(field.codes)]


def _has_approximate(layer: Layer) -> bool:
    return any(field.name == APPROXIMATE and field.type == "boolean" for field in layer.fields)


def outlines(layer: Layer) -> list[dict[str, Any]]:
    """Outlines, dashed where the layer says that they are only approximate."""
    look = layer.style
    sure: dict[str, Any] = {
        "id": f"{layer.id}:outline",
        "type": "line",
        "filter": NO_CELL,
        "layout": {"line-join": "round"},
        "paint": {"line-color": look.outline, "line-width": look.width},
    }
    if (
        layer.overview is not None
    ):  # so many small ones that from afar their outlines would be all that is seen
        thin = ["interpolate", ["linear"], ["zoom"], 12, look.width / 5, 16, look.width]
        sure["paint"]["line-width"] = thin
    if not _has_approximate(layer):
        return [sure]
    rough = ["==", ["get", APPROXIMATE], True]
    dashed = {**sure, "id": f"{layer.id}:rough", "filter": ["all", NO_CELL, rough]}
    dashed["paint"] = {**sure["paint"], "line-dasharray": [3, 2]}
    return [{**sure, "filter": ["all", NO_CELL, ["!", rough]]}, dashed]


def areas(layer: Layer) -> list[dict[str, Any]]:
    fill = {
        "id": f"{layer.id}:fill",
        "type": "fill",
        "filter": NO_CELL,
        "paint": {"fill-color": colour_of(layer), "fill-opacity": layer.style.opacity},
    }
    if layer.style.by is None or layer.field(layer.style.by).required:
        return [fill, *outlines(layer)]
    known = ["has", layer.style.by]
    hatched = {
        "id": f"{layer.id}:no-data",
        "type": "fill",
        "filter": ["all", NO_CELL, ["!", known]],
        "paint": {"fill-pattern": HATCH},
    }
    return [{**fill, "filter": ["all", NO_CELL, known]}, hatched, *outlines(layer)]


def lines(layer: Layer) -> list[dict[str, Any]]:
    look = layer.style
    line = {
        "id": f"{layer.id}:line",
        "type": "line",
        "filter": NO_CELL,
        "layout": {"line-cap": "round", "line-join": "round"},
        "paint": {"line-color": colour_of(layer), "line-width": look.width, "line-opacity": look.opacity},
    }
    return [line]


def points(layer: Layer) -> list[dict[str, Any]]:
    look = layer.style
    layout: dict[str, Any] = {
        "icon-image": symbol_of(layer),
        "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.6, 14, 1],
        "icon-allow-overlap": True,
    }
    if look.direction is not None:
        layout["icon-rotate"] = ["coalesce", ["get", look.direction], 0]
        layout["icon-rotation-alignment"] = "map"
    return [
        {
            "id": f"{layer.id}:symbol",
            "type": "symbol",
            "filter": NO_CELL,
            "layout": layout,
            "paint": {
                "icon-color": colour_of(layer),
                "icon-halo-color": "@map-mark-rim",
                "icon-halo-width": 1.2,
                "icon-opacity": look.opacity,
            },
        }
    ]


def cells(layer: Layer) -> dict[str, Any]:
    """Low zooms hold cells that sum features up: an area is as strong as its share of the cell, so that from afar it
    looks as the features would; points are the stronger the more there are."""
    classed = layer.overview is not None and layer.overview.by == layer.style.by
    strength: list[Any] = [
        "interpolate",
        ["linear"],
        ["to-number", ["get", "n"], 1],
        1,
        0.25,
        10,
        0.52,
        100,
        0.8,
    ]
    if KINDS[layer.geometry.type] == "area":
        full = min(1, layer.style.opacity + CELL_EDGES)
        strength = ["interpolate", ["linear"], ["to-number", ["get", "share"]], 0, FAINTEST, 1, full]
    return {
        "id": f"{layer.id}:cell",
        "type": "fill",
        "filter": IS_CELL,
        "paint": {
            "fill-color": colour_of(layer, ["to-string", ["get", "class"]])
            if classed
            else layer.style.colour,
            "fill-opacity": strength,
        },
    }


def name_of(field: Field) -> Any:
    """The text of a label: the words of a code, any other value as it stands."""
    value = ["to-string", ["get", field.name]]
    pairs = [part for code in field.codes for part in (code.value, code.label.vi)]
    return ["match", value, *pairs, value] if pairs else value


def names(layer: Layer, kind: Kind) -> list[dict[str, Any]]:
    """The label, from the zoom at which names no longer cover what they name."""
    if layer.label is None:
        return []
    layout: dict[str, Any] = {
        "text-field": name_of(layer.field(layer.label)),
        "text-font": FONT,
        "text-size": 13,
        "text-max-width": 8,
    }
    if kind == "line":
        layout["symbol-placement"] = "line"
    if kind == "point":
        layout |= {"text-offset": [0, 1.2], "text-anchor": "top", "text-optional": True}
    paint = {"text-color": "@map-name", "text-halo-color": "@map-halo", "text-halo-width": 1}
    named = {"id": f"{layer.id}:name", "type": "symbol", "minzoom": NAMES_FROM[kind], "filter": NO_CELL}
    return [{**named, "layout": layout, "paint": paint}]
