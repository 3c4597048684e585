"""How a layer looks, from its declaration: one reading for the drawn picture, the live map and the legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gis_core.audiences import Caller
from gis_core.layer import Layer
from gis_core.palette import CATEGORIES
from web.city import APPROXIMATE, ROADS, UNITS, map_label

Kind = Literal["point", "line", "area"]
KINDS: dict[str, Kind] = {
    "Point": "point",
    "MultiPoint": "point",
    "LineString": "line",
    "MultiLineString": "line",
    "Polygon": "area",
    "MultiPolygon": "area",
    "Geometry": "area",
}


# What is drawn as the ground of the map, in its quiet colours, and not in those of a data layer.
Base = Literal["units", "roads", "green", "water", "buildings", "names", ""]
BASES: Mapping[str, Base] = {
    UNITS: "units",
    "land_cover": "green",
    "water_areas": "water",
    "waterways": "water",
    "buildings": "buildings",
    ROADS: "roads",
    "places": "names",
    "islands": "names",
}
# Ground that nobody asks about: it is painted, and not listed, beside what stands on it. From the bottom up.
BACKDROP: tuple[Base, ...] = ("green", "water", "buildings", "names")
# How green the kinds of land cover are painted; others keep the colour of the land.
COVER_TONES: Mapping[str, Literal["full", "pale"]] = {
    **dict.fromkeys(("forest", "mangrove", "park", "orchard", "wetland"), "full"),
    **dict.fromkeys(("scrub", "grass", "sports", "cemetery", "farmland"), "pale"),
}


@dataclass(frozen=True)
class Category:
    """One colour of a layer and the words for it."""

    value: str
    label: str
    colour: str


@dataclass(frozen=True)
class Look:
    """A layer's row in the legend, in one language."""

    id: str
    title: str
    description: str
    group: str
    kind: Kind
    symbol: str
    colour: str
    outline: str
    categories: Sequence[Category]
    notice: str
    credit: str
    min_zoom: int
    base: Base
    approximate: bool

    @property
    def backdrop(self) -> bool:
        """Is it painted only: in no list, in no key, under no finger that means what stands on it?"""
        return self.base in BACKDROP


def look(layer: Layer, caller: Caller, language: str) -> Look:
    """The legend row of ``layer`` as the caller may see it."""
    return Look(
        id=layer.id,
        title=layer.title.to(language),
        description=layer.description.to(language),
        group=layer.group.to(language),
        kind=KINDS[layer.geometry.type],
        symbol=layer.style.symbol,
        colour=layer.style.colour,
        outline=layer.style.outline,
        categories=categories(layer, caller, language),
        notice=layer.notice.to(language) if layer.notice else "",
        credit=layer.credit.to(language) if layer.credit else "",
        min_zoom=layer.zoom[0],
        base=BASES.get(layer.id, ""),
        approximate=any(f.name == APPROXIMATE for f in layer.fields_for(caller.audience)),
    )


def categories(layer: Layer, caller: Caller, language: str) -> list[Category]:
    """The code list that a layer is coloured by; past eight, those without a colour of their own share the layer's."""
    if layer.style.by is None:
        return []
    field = layer.field(layer.style.by)
    if caller.audience not in field.audiences:
        return []
    spare = dict(enumerate(CATEGORIES))
    return [
        Category(code.value, code.label.to(language), code.colour or spare.get(at, layer.style.colour))
        for at, code in enumerate(field.codes)
    ]


def for_the_map(layer: Layer, row: Look, caller: Caller) -> dict[str, Any]:
    """What the live map needs to draw ``layer``, as JSON values (web/src/lib/city.ts, ``LayerLook``)."""
    tiled = {f.name for f in layer.fields_for(caller.audience) if f.tiled}
    return {
        "id": layer.id,
        "title": row.title,
        "kind": row.kind,
        "symbol": row.symbol,
        "colour": row.colour,
        "outline": row.outline,
        "opacity": layer.style.opacity,
        "width": layer.style.width,
        "label": label if (label := map_label(layer, caller)) in tiled else None,
        "by": layer.style.by if row.categories and layer.style.by in tiled else None,
        "categories": [[each.value, each.colour] for each in row.categories],
        "zoom": list(layer.zoom),
        "approximate": row.approximate,
        "base": row.base,
        "credit": row.credit,
    }
