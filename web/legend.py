"""How a layer looks, from its style: one reading for the drawn picture and the legend of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gis_core.audiences import Caller
from gis_core.layer import Field, Layer
from gis_core.styles.model import CELL, MapStyle, StyleLayer
from gis_core.styles.nodes import Coalesce, Expr, Get, Match, Step, ToNumber, ToString
from gis_core.styles.nodes import Literal as Value
from gis_core.styles.properties import PROPERTIES
from gis_core.styles.standard import HATCH as STANDARD_HATCH
from gis_core.styles.standard import KINDS, Kind, styles_of, visible_fields
from tilesrv.styles.book import ground_style, pick
from web import format, words
from web.city import APPROXIMATE, ROADS, UNITS, map_label
from web.paint import HATCH, Brush, Paint, css_colour

# What is drawn as the ground of the map, in its quiet colours, and not in those of a data layer.
Base = Literal["units", "roads", "green", "water", "buildings", "names"]
BASES: dict[str, Base] = {
    UNITS: "units",
    ROADS: "roads",
    "land_cover": "green",
    "water_areas": "water",
    "waterways": "water",
    "buildings": "buildings",
    "places": "names",
    "islands": "names",
}
# Of these, what is painted under the units' borders, from the bottom up, and stands in no list beside the map.
BACKDROP: tuple[Base, ...] = ("green", "water", "buildings", "names")
# The properties that a reader tells features apart by, the one that covers most first.
TELLING = (
    "fill-color",
    "fill-extrusion-color",
    "icon-color",
    "circle-color",
    "line-color",
    "circle-stroke-color",
)
GEOMETRIES: dict[Kind, str] = {"point": "Point", "line": "LineString", "area": "Polygon"}
KEY_ZOOM = 14.0  # at which the legend's swatches are drawn: near enough that nothing is left out


@dataclass(frozen=True)
class Category:
    """One colour of a layer and the words for it."""

    value: str
    label: str
    colour: str


@dataclass(frozen=True)
class Look:
    """A layer's row in the legend, in one language. Colours are CSS; ``style`` is the caller's, palette names kept."""

    id: str
    title: str
    description: str
    group: str
    kind: Kind
    style: MapStyle
    symbol: str
    paint: Paint
    colour: str
    categories: Sequence[Category]
    notice: str
    credit: str
    min_zoom: int
    base: Base | Literal[""]
    approximate: bool

    @property
    def backdrop(self) -> bool:
        return self.base in BACKDROP

    @property
    def outline(self) -> str:
        return self.paint.stroke


def look(layer: Layer, caller: Caller, language: str) -> Look:
    """The legend row of ``layer`` as the caller may see it."""
    kind, style = KINDS[layer.geometry.type], style_of(layer, caller)
    brush = Brush(style, KEY_ZOOM)
    other = dict.fromkeys(brush.fields - {CELL}, "")  # a feature of no class, which has data all the same
    sign = brush.sign(other, GEOMETRIES[kind])
    paint = brush.shape(other, GEOMETRIES[kind])
    return Look(
        id=layer.id,
        title=layer.title.to(language),
        description=layer.description.to(language),
        group=layer.group.to(language),
        kind=kind,
        style=style,
        symbol=sign.symbol if sign else "circle",
        paint=paint,
        colour=sign.colour if sign else paint.fill or paint.stroke,
        categories=[*categories(layer, style, language), *without_data(style, language)],
        notice=layer.notice.to(language) if layer.notice else "",
        credit=layer.credit.to(language) if layer.credit else "",
        min_zoom=layer.zoom[0],
        base=BASES.get(layer.id, ""),
        approximate=any(f.name == APPROXIMATE for f in layer.fields_for(caller.audience)),
    )


def style_of(layer: Layer, caller: Caller) -> MapStyle:
    """The style that the page draws ``layer`` in, speaking of what the caller sees; the palette's names kept."""
    named = ground_style(layer) if layer.id in BASES else None
    style = pick(styles_of(layer), named)
    assert style is not None
    return style.seen_by({layer.id: visible_fields(layer, caller.audience)})


def categories(layer: Layer, style: MapStyle, language: str) -> list[Category]:
    """The colours by which ``style`` tells features apart, with their words; none where it does not."""
    for expr in telling(style):
        match expr:
            case Match(input, cases, rest) if field := field_of(layer, input):
                named = {label for labels, _ in cases for label in labels}
                open_ended = not field.codes or not {code.value for code in field.codes} <= named
                return [
                    *(
                        Category(str(labels[0]), said(field, labels, language), css_colour(out.value))
                        for labels, out in cases
                        if isinstance(out, Value)
                    ),
                    *(
                        [Category("", words.OTHER.to(language), css_colour(rest.value))]
                        if open_ended and isinstance(rest, Value)
                        else []
                    ),
                ]
            case Step(input, first, stops) if field := field_of(layer, input):
                return steps(field, [(None, first), *stops], language)
    return []


def without_data(style: MapStyle, language: str) -> list[Category]:
    """What is hatched, where the style hatches: no data is no value."""
    hatched = any(
        each.type == "fill" and each.get("fill-pattern") == Value(STANDARD_HATCH) for each in style.layers
    )
    return [Category("", words.NO_DATA.to(language), HATCH)] if hatched else []


def telling(style: MapStyle) -> Iterator[Expr]:
    """The colours of the style's drawings of features, those that cover most first."""
    drawings = [each for each in style.layers if not of_cells(each)]
    for name in TELLING:
        yield from (each.get(name) for each in drawings if name in PROPERTIES[each.type])


def of_cells(layer: StyleLayer) -> bool:
    """Whether a drawing is of cells that sum features up."""
    return layer.filter is not None and CELL in layer.fields() and layer.id.endswith(":cell")


def field_of(layer: Layer, input: Expr) -> Field | None:
    """The field that a choice is made by."""
    match input:
        case Get(name):
            return next((field for field in layer.fields if field.name == name), None)
        case ToString(term) | ToNumber(term, _) | Coalesce((term, *_)):
            return field_of(layer, term)
    return None


def said(field: Field, labels: Sequence[Any], language: str) -> str:
    """The words of values: those of the code list, else the values themselves."""
    return ", ".join(format.value(field, as_written(field, each), language) for each in labels)


def as_written(field: Field, label: Any) -> Any:
    return int(label) if isinstance(label, float) and label.is_integer() else label


def steps(field: Field, stops: Sequence[tuple[float | None, Expr]], language: str) -> list[Category]:
    """Classes of a number: below the first stop, from stop to stop, from the last on."""
    made = []
    for at, (low, out) in enumerate(stops):
        high = stops[at + 1][0] if at + 1 < len(stops) else None
        if not isinstance(out, Value):
            return []
        ends = [format.quantity(end, field.unit, language) for end in (low, high) if end is not None]
        form = words.BELOW if low is None else words.FROM if high is None else words.BETWEEN
        made.append(Category(str(low or ""), form.to(language).format(*ends), css_colour(out.value)))
    return made


def for_the_map(layer: Layer, row: Look, caller: Caller) -> dict[str, Any]:
    """What the live map must know of ``layer`` beside its style (web/src/lib/city.ts, ``LayerFacts``)."""
    tiled = {f.name for f in layer.fields_for(caller.audience) if f.tiled}
    return {
        "id": layer.id,
        "title": row.title,
        "kind": row.kind,
        "label": label if (label := map_label(layer, caller)) in tiled else None,
        "base": row.base,
    }
