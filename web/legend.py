"""How a layer looks, from its style: one reading for the drawn picture and the legend of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

from gis_core.audiences import Caller
from gis_core.declarations import from_json, to_json
from gis_core.layer import Audience, Layer
from gis_core.styles.model import CELL, MapStyle
from gis_core.styles.standard import APPROXIMATE, GEOMETRY_KINDS, KINDS, Kind, styles_of, visible_fields
from tilesrv.styles.book import ground_style, pick
from tilesrv.styles.legend import MOST_ENTRIES, SEEN_AT, Entry, entries_of, is_visible
from web.city import ROADS, UNITS, map_label
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
KEY_ZOOM = 14.0  # at which the legend's swatches are drawn: near enough that nothing is left out


@dataclass(frozen=True)
class Category:
    """One line of a layer's legend: its words, its colour and silhouette, whether its outline is dashed."""

    label: str
    colour: str
    symbol: str
    dashed: bool = False


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
    cells_to: int  # the zoom down from which the layer is shown as cells that sum features up, -1 for none

    @property
    def symbols(self) -> set[str]:
        """The silhouettes that its legend shows."""
        return {self.symbol, *(each.symbol for each in self.categories)}

    @property
    def backdrop(self) -> bool:
        return self.base in BACKDROP

    @property
    def outline(self) -> str:
        return self.paint.stroke


def look(layer: Layer, caller: Caller, language: str) -> Look:
    """The legend row of ``layer`` as the caller may see it."""
    return _look(to_json(layer), caller.audience, language)


@lru_cache(maxsize=1024)
def _look(declaration: str, audience: Audience, language: str) -> Look:
    """Made once for a declaration: classes of features are found by trying, which would be most of a page's time."""
    layer, caller = from_json(declaration), Caller(audience)
    kind, style = KINDS[layer.geometry.type], style_of(layer, caller)
    brush = Brush(style, KEY_ZOOM)
    other = dict.fromkeys(brush.fields - {CELL}, "")  # a feature of no class, which has data all the same
    sign = brush.sign(other, GEOMETRY_KINDS[kind])
    paint = brush.shape(other, GEOMETRY_KINDS[kind])
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
        categories=categories(layer, caller, style, language),
        notice=layer.notice.to(language) if layer.notice else "",
        credit=layer.credit.to(language) if layer.credit else "",
        min_zoom=layer.zoom[0],
        base=BASES.get(layer.id, ""),
        approximate=any(f.name == APPROXIMATE for f in layer.fields_for(caller.audience)),
        cells_to=layer.overview.max_zoom if layer.overview else -1,
    )


def style_of(layer: Layer, caller: Caller) -> MapStyle:
    """The style that the page draws ``layer`` in, speaking of what the caller sees; the palette's names kept."""
    named = ground_style(layer) if layer.id in BASES else None
    style = pick(styles_of(layer), named)
    assert style is not None
    return style.seen_by({layer.id: visible_fields(layer, caller.audience)})


def categories(layer: Layer, caller: Caller, style: MapStyle, language: str) -> tuple[Category, ...]:
    """The lines of the layer's legend, as ``/legend/`` has them; none where there is but one, and for the ground."""
    if layer.id in BASES:
        return ()
    fields = {field.name: field.type for field in layer.fields_for(caller.audience)}
    drawn = [each for each in style.layers if is_visible(each)]
    found = islice(entries_of(layer, drawn, fields, SEEN_AT), MOST_ENTRIES)
    entries = [each for each in found if each.kind != "cell"]
    return tuple(category(each, language) for each in entries) if len(entries) > 1 else ()


def category(entry: Entry, language: str) -> Category:
    """A line with the colour that covers most of its swatch."""
    looks = [dict(each.look) for each in reversed(entry.drawn)]
    hatched = any(look.get("fill-pattern") for look in looks)
    told = (css_colour(look[name]) for name in TELLING for look in looks if name in look)
    return Category(
        entry.label.to(language),
        HATCH if hatched else next(filter(None, told), ""),
        next((look["icon-image"] for look in looks if look.get("icon-image")), "circle"),
        any(look.get("line-dasharray") for look in looks),
    )


def for_the_map(layer: Layer, row: Look, caller: Caller) -> dict[str, Any]:
    """What the live map must know of ``layer`` beside its style (web/src/lib/city.ts, ``LayerFacts``)."""
    tiled = {f.name for f in layer.fields_for(caller.audience) if f.tiled}
    return {
        "id": layer.id,
        "title": row.title,
        "kind": row.kind,
        "label": label if (label := map_label(layer, caller)) in tiled else None,
        "base": row.base,
        "first": layer.first_zoom,
        "intervals": layer.has_intervals,
        "ofNow": layer.of_now or "",
    }
