"""The styles that are drawn: each operator, and each property that all renderers share, once at least."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

RED, GREEN, BLUE, GREY, BLACK = "#cc2222", "#22aa33", "#2255cc", "#999999", "#000000"


# What QGIS 3.22 reads otherwise than the standard says, or not at all, in an SLD.
QGIS_SLD = frozenset({"sld"})


@dataclass(frozen=True)
class Case:
    """A style of a layer. ``measured``: which probe compares the renderers (`measure`).

    ``without`` are the renderers that cannot say it (docs/reference/styles.md), whose picture is shown only.
    """

    id: str
    layer: str
    layers: tuple[dict[str, Any], ...]
    measured: str
    without: frozenset[str] = frozenset()


def area(id: str, colour: Any, measured: str = "fill", *, filter: Any = None, **paint: Any) -> Case:
    layer: dict[str, Any] = {"id": "fill", "type": "fill", "paint": {"fill-color": colour, **paint}}
    if filter is not None:
        layer["filter"] = filter
    return Case(id, "areas", (layer,), measured)


def line(
    id: str,
    measured: str,
    without: frozenset[str] = frozenset(),
    layout: dict[str, Any] | None = None,
    **paint: Any,
) -> Case:
    painted = {"line-color": BLUE, "line-width": 8, **{k.replace("_", "-"): v for k, v in paint.items()}}
    layer = {"id": "line", "type": "line", "layout": layout or {}, "paint": painted}
    return Case(id, "lines", (layer,), measured, without=without)


def circle(id: str, measured: str = "disc", **paint: Any) -> Case:
    painted = {"circle-radius": 12, "circle-color": GREEN}
    painted |= {name.replace("_", "-"): value for name, value in paint.items()}
    return Case(id, "points", ({"id": "circle", "type": "circle", "paint": painted},), measured)


def symbol(
    id: str,
    layer: str,
    measured: str,
    layout: dict[str, Any],
    paint: dict[str, Any],
    without: Iterable[str] = (),
) -> Case:
    made = {"id": "symbol", "type": "symbol", "layout": layout, "paint": paint}
    return Case(id, layer, (made,), measured, without=frozenset(without))


N, KIND = ["get", "n"], ["get", "kind"]


def chosen(test: Any) -> list[Any]:
    return ["case", test, GREEN, RED]


OPERATORS = [
    area("literal", ["literal", BLUE]),
    area("match", ["match", KIND, "a", RED, ["b", "it's"], GREEN, "Đ", BLUE, GREY]),
    area("match-number", ["match", N, 0, RED, [5, 10], GREEN, GREY]),
    area("case", ["case", ["==", KIND, "a"], RED, [">", N, 50], GREEN, GREY]),
    area("step", ["step", N, RED, 5, GREEN, 10, BLUE]),
    area("interpolate-colour", ["interpolate", ["linear"], N, 0, RED, 20, BLUE], "blend"),
    area("interpolate-alpha", ["interpolate", ["linear"], N, 0, "rgba(204,34,34,0.2)", 20, BLUE], "blend"),
    area("exponential", ["interpolate", ["exponential", 1.2], N, 0, "#ffffff", 20, BLACK], "blend"),
    area("has", chosen(["has", "kind"])),
    area("not", chosen(["!", ["has", "kind"]])),
    area("equal", chosen(["==", KIND, "it's"])),
    area("equal-flag", chosen(["==", ["get", "flag"], True])),
    area("equal-number", chosen(["==", N, 5])),
    area("not-equal", chosen(["!=", KIND, "a"])),
    area("less", chosen(["<", N, 7.5])),
    area("at-most", chosen(["<=", N, 7.5])),
    area("more", chosen([">", N, 7.5])),
    area("at-least", chosen([">=", N, 7.5])),
    area("all", chosen(["all", ["has", "n"], [">", N, 0], ["!=", KIND, "b"]])),
    area("any", chosen(["any", ["==", KIND, "c"], ["<", N, 0]])),
    area("in", chosen(["in", KIND, ["literal", ["a", "c"]]])),
    area("in-number", chosen(["in", N, ["literal", [5, 20]]])),
    area("coalesce", chosen([">", ["coalesce", N, 50], 8])),
    area("concat", chosen(["==", ["concat", KIND, "-", ["get", "code"]], "a-1"])),
    area("to-string", chosen(["in", ["to-string", N], ["literal", ["5", "7.5", ""]]])),
    area("to-number", chosen([">=", ["to-number", ["get", "code"], 50], 12])),
    area("plus", chosen([">", ["+", N, 5], 11])),
    area("minus", chosen([">", ["-", N, ["get", "turn"]], -50])),
    area("times", chosen([">", ["*", N, 2], 15])),
    area("divide", chosen([">", ["/", N, 4], 2])),
    area("geometry-type", chosen(["==", ["geometry-type"], "Polygon"])),
    area("filter", GREEN, filter=["all", ["has", "n"], ["!", [">", N, 9]]]),
    area("filter-null", GREEN, filter=["!=", ["get", "flag"], True]),
]
AREAS = [
    area("opacity", RED, **{"fill-opacity": 0.4}),
    area("opacity-step", BLUE, **{"fill-opacity": ["step", N, 0.2, 5, 0.6, 20, 1]}),
    area("colour-rgba", "rgba(34,85,204,0.5)"),
    area("fill-outline", "#eeeeee", "outline", **{"fill-outline-color": RED}),
    Case(
        "outlined",
        "areas",
        (
            {"id": "fill", "type": "fill", "paint": {"fill-color": "#dddddd"}},
            {"id": "edge", "type": "line", "paint": {"line-color": BLUE, "line-width": 6}},
        ),
        "edge",
    ),
    Case(
        "extruded",
        "areas",
        (
            {
                "id": "block",
                "type": "fill-extrusion",
                "paint": {
                    "fill-extrusion-color": ["match", KIND, "a", RED, GREY],
                    "fill-extrusion-height": 0,
                },
            },
        ),
        "fill",
        without=frozenset({"maplibre"}),  # its light shades the colour
    ),
    area("pattern", "#000000", "ink", **{"fill-pattern": "hatch"}),
]
LINES = [
    line("width", "line", line_width=["match", KIND, "a", 3, "b", 6, 10]),
    line("width-curve", "line", line_width=["interpolate", ["linear"], N, 0, 2, 20, 14]),
    line("line-colour", "line", line_color=["step", N, RED, 5, GREEN, 10, BLUE]),
    line("line-opacity", "line", line_opacity=0.5),
    line("offset", "line", QGIS_SLD, line_offset=10),
    line("dashes", "dashes", line_dasharray=[2, 1], line_width=6),
    line("cap-butt", "ends", layout={"line-cap": "butt"}, line_width=12),
    line("cap-square", "ends", layout={"line-cap": "square"}, line_width=12),
    line("cap-round", "ends", layout={"line-cap": "round"}, line_width=12),
    Case(
        "casing",
        "lines",
        (
            {"id": "under", "type": "line", "paint": {"line-color": BLACK, "line-width": 12}},
            {"id": "over", "type": "line", "paint": {"line-color": "#ffcc00", "line-width": 6}},
        ),
        "line",
    ),
    line("zoom-width", "line", line_width=["interpolate", ["linear"], ["zoom"], 13, 2, 17, 14]),
    line(
        "zoom-width-exponential",
        "line",
        line_width=["interpolate", ["exponential", 2], ["zoom"], 13, 1, 16, 15],
    ),
    line("zoom-step", "line", line_color=["step", ["zoom"], RED, 14, GREEN, 16, BLUE]),
    line(
        "zoom-by-kind",
        "line",
        line_width=["interpolate", ["linear"], ["zoom"], 13, 2, 17, ["match", KIND, "a", 6, "b", 10, 18]],
    ),
]
CIRCLES = [
    circle("radius", circle_radius=["match", KIND, "a", 6, "b", 12, 18]),
    circle("radius-curve", circle_radius=["interpolate", ["linear"], N, 0, 4, 20, 20]),
    circle("circle-colour", circle_color=["match", KIND, "a", RED, "b", BLUE, GREY]),
    circle("circle-opacity", circle_opacity=0.5),
    circle(
        "circle-stroke",
        "ring",
        circle_stroke_width=["match", KIND, "a", 2, 6],
        circle_stroke_color=["match", KIND, "b", RED, BLACK],
    ),
    circle("circle-stroke-opacity", "ring", circle_stroke_width=6, circle_stroke_opacity=0.5),
    circle("zoom-radius", circle_radius=["step", ["zoom"], 4, 14, 10, 16, 20]),
]
ICON = {"icon-image": "square", "icon-allow-overlap": True}
ICONS = [
    symbol("icon", "points", "icon", {**ICON}, {"icon-color": RED}),
    symbol(
        "icon-colour", "points", "icon", {**ICON}, {"icon-color": ["match", KIND, "a", RED, "b", BLUE, GREY]}
    ),
    symbol(
        "icon-image",
        "points",
        "icon",
        {**ICON, "icon-image": ["match", KIND, "a", "circle", "b", "diamond", "bar"]},
        {"icon-color": GREEN},
    ),
    symbol(
        "icon-size",
        "points",
        "icon",
        {**ICON, "icon-size": ["match", KIND, "a", 0.5, "b", 1, 1.5]},
        {"icon-color": BLUE},
    ),
    symbol("icon-opacity", "points", "icon", {**ICON}, {"icon-color": BLUE, "icon-opacity": 0.5}),
    symbol(
        "icon-rotate",
        "points",
        "icon",
        {**ICON, "icon-image": "bar", "icon-rotate": ["match", KIND, "a", 0, "b", 90, 45]},
        {"icon-color": BLUE},
    ),
    symbol(
        "icon-turned",
        "points",
        "icon",
        {**ICON, "icon-image": "wedge", "icon-rotate": ["coalesce", ["get", "turn"], 0]},
        {"icon-color": BLUE},
        ["sld"],  # turned in steps of 30°
    ),
    symbol(
        "icon-halo",
        "points",
        "icon",
        {**ICON},
        {"icon-color": RED, "icon-halo-color": BLUE, "icon-halo-width": 2},
    ),
    symbol("icon-offset", "points", "icon", {**ICON, "icon-offset": [10, 6]}, {"icon-color": RED}, QGIS_SLD),
    symbol(
        "icon-offset-turned",
        "points",
        "icon",
        {**ICON, "icon-offset": [8, 0], "icon-size": 1.5, "icon-rotate": ["coalesce", ["get", "turn"], 0]},
        {"icon-color": RED},
        QGIS_SLD,
    ),
    symbol("icon-anchor", "points", "icon", {**ICON, "icon-anchor": "bottom"}, {"icon-color": RED}, QGIS_SLD),
    symbol("icon-in-area", "areas", "icon", {**ICON}, {"icon-color": RED}),
]
TEXT = {
    "text-field": ["get", "name"],
    "text-font": ["Be Vietnam Pro Regular"],
    "text-size": 11,
    "text-allow-overlap": True,
}
DARK = {"text-color": BLACK}
NAMES = [
    symbol("text", "points", "text", {**TEXT}, DARK),
    symbol("text-size", "points", "text", {**TEXT, "text-size": ["match", KIND, "a", 9, "b", 12, 11]}, DARK),
    symbol(
        "text-colour", "points", "text", {**TEXT}, {"text-color": ["match", KIND, "a", RED, "b", BLUE, BLACK]}
    ),
    symbol(
        "text-halo",
        "points",
        "text",
        {**TEXT},
        {"text-color": RED, "text-halo-color": BLUE, "text-halo-width": 2},
    ),
    symbol("text-anchor", "points", "text", {**TEXT, "text-anchor": "top"}, DARK, QGIS_SLD),
    symbol("text-offset", "points", "text", {**TEXT, "text-offset": [0, 1.5]}, DARK, QGIS_SLD),
    symbol(
        "text-transform",
        "points",
        "text",
        {**TEXT, "text-transform": "uppercase"},
        DARK,
        ["sld"],  # the standard has no word for it
    ),
    symbol(
        "text-concat",
        "points",
        "text",
        {**TEXT, "text-field": ["concat", "Số ", ["get", "code"], ["get", "kind"]]},
        DARK,
        ["sld"],  # QGIS reads the first field of a label alone
    ),
    symbol("text-number", "points", "text", {**TEXT, "text-field": ["to-string", ["get", "n"]]}, DARK),
    symbol("text-in-area", "areas", "text", {**TEXT}, DARK),
    symbol("text-opacity", "points", "text", {**TEXT}, {**DARK, "text-opacity": 0.5}, QGIS_SLD),
]
CASES = [*OPERATORS, *AREAS, *LINES, *CIRCLES, *ICONS, *NAMES]
