"""The properties of each type of style layer: what is taken, its bounds, and what it is where it is not given.

A subset of the MapLibre style specification (version 8), with its names, defaults and rules of what may depend on the
zoom and on the feature. ``docs/reference/styles.md`` is written from this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gis_core.styles.nodes import Value

LayerType = Literal["background", "fill", "line", "circle", "symbol", "fill-extrusion", "raster", "hillshade"]
Kind = Literal["colour", "number", "text", "enum", "boolean", "numbers", "fonts", "image"]


@dataclass(frozen=True, kw_only=True)
class Property:
    """``feature``: may differ by feature. ``zoom``: may differ by zoom. ``length``: of an array of numbers."""

    group: Literal["paint", "layout"]
    kind: Kind
    default: Value
    feature: bool = False
    zoom: bool = True
    low: float = -10_000
    high: float = 10_000
    choices: tuple[str, ...] = ()
    length: tuple[int, int] = (1, 1)


def colour(default: str, *, feature: bool = True) -> Property:
    return Property(group="paint", kind="colour", default=default, feature=feature)


def number(
    default: float,
    low: float,
    high: float,
    *,
    feature: bool = True,
    group: Literal["paint", "layout"] = "paint",
) -> Property:
    return Property(group=group, kind="number", default=default, low=low, high=high, feature=feature)


def opacity(*, feature: bool = True) -> Property:
    return number(1.0, 0, 1, feature=feature)


def choice(default: str, *choices: str, feature: bool = False) -> Property:
    return Property(
        group="layout", kind="enum", default=default, choices=(default, *choices), feature=feature
    )


def switch(default: bool) -> Property:
    return Property(group="layout", kind="boolean", default=default)


def pair(group: Literal["paint", "layout"], low: float, high: float, *, feature: bool) -> Property:
    return Property(
        group=group, kind="numbers", default=(0.0, 0.0), low=low, high=high, length=(2, 2), feature=feature
    )


ANCHORS = ("left", "right", "top", "bottom", "top-left", "top-right", "bottom-left", "bottom-right")
VISIBILITY = Property(group="layout", kind="enum", default="visible", choices=("visible", "none"), zoom=False)

PROPERTIES: Mapping[LayerType, Mapping[str, Property]] = {
    "background": {
        "visibility": VISIBILITY,
        "background-color": colour("#000000", feature=False),
        "background-opacity": opacity(feature=False),
    },
    "fill": {
        "visibility": VISIBILITY,
        "fill-color": colour("#000000"),
        "fill-opacity": opacity(),
        "fill-outline-color": colour("transparent"),
        "fill-pattern": Property(group="paint", kind="image", default=None),
    },
    "line": {
        "visibility": VISIBILITY,
        "line-cap": choice("butt", "round", "square"),
        "line-join": choice("miter", "bevel", "round"),
        "line-color": colour("#000000"),
        "line-opacity": opacity(),
        "line-width": number(1.0, 0, 200),
        "line-dasharray": Property(
            group="paint", kind="numbers", default=(), low=0, high=100, length=(0, 8), zoom=False
        ),
        "line-offset": number(0.0, -200, 200),
    },
    "circle": {
        "visibility": VISIBILITY,
        "circle-radius": number(5.0, 0, 200),
        "circle-color": colour("#000000"),
        "circle-opacity": opacity(),
        "circle-stroke-width": number(0.0, 0, 50),
        "circle-stroke-color": colour("#000000"),
        "circle-stroke-opacity": opacity(),
    },
    "symbol": {
        "visibility": VISIBILITY,
        "symbol-placement": choice("point", "line"),
        "symbol-spacing": number(250.0, 1, 5000, feature=False, group="layout"),
        "symbol-sort-key": number(0.0, -1e9, 1e9, group="layout"),
        "text-field": Property(group="layout", kind="text", default="", feature=True),
        "text-font": Property(
            group="layout", kind="fonts", default=("Be Vietnam Pro Regular",), length=(1, 4), zoom=False
        ),
        "text-size": number(16.0, 4, 96, group="layout"),
        "text-max-width": number(10.0, 0, 100, group="layout"),
        "text-letter-spacing": number(0.0, -1, 5, feature=False, group="layout"),
        "text-transform": choice("none", "uppercase", "lowercase"),
        "text-anchor": choice("center", *ANCHORS),
        "text-offset": pair("layout", -50, 50, feature=False),
        "text-allow-overlap": switch(False),
        "text-optional": switch(False),
        "text-color": colour("#000000"),
        "text-opacity": opacity(),
        "text-halo-color": colour("transparent"),
        "text-halo-width": number(0.0, 0, 10),
        "icon-image": Property(group="layout", kind="image", default=None, feature=True),
        "icon-size": number(1.0, 0.1, 8, group="layout"),
        "icon-rotate": number(0.0, -360, 360, group="layout"),
        "icon-anchor": choice("center", *ANCHORS),
        "icon-offset": pair("layout", -200, 200, feature=False),
        "icon-allow-overlap": switch(False),
        "icon-optional": switch(False),
        "icon-rotation-alignment": choice("auto", "map", "viewport"),
        "icon-color": colour("#000000"),
        "icon-opacity": opacity(),
        "icon-halo-color": colour("transparent"),
        "icon-halo-width": number(0.0, 0, 10),
    },
    "fill-extrusion": {
        "visibility": VISIBILITY,
        "fill-extrusion-color": colour("#000000"),
        "fill-extrusion-opacity": opacity(feature=False),
        "fill-extrusion-height": number(0.0, 0, 2000),
        "fill-extrusion-base": number(0.0, 0, 2000),
    },
    "raster": {
        "visibility": VISIBILITY,
        "raster-opacity": opacity(feature=False),
    },
    "hillshade": {
        "visibility": VISIBILITY,
        "hillshade-exaggeration": number(0.5, 0, 1, feature=False),
        "hillshade-illumination-direction": number(335.0, 0, 359, feature=False),
        "hillshade-shadow-color": colour("#000000", feature=False),
        "hillshade-highlight-color": colour("#ffffff", feature=False),
        "hillshade-accent-color": colour("#000000", feature=False),
    },
}

# Types that draw features of a collection; the others draw the ground or a raster source of the house.
DRAWING_FEATURES: frozenset[LayerType] = frozenset({"fill", "line", "circle", "symbol", "fill-extrusion"})
