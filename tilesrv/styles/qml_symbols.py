"""Style layers as symbols of QGIS, for the geometry that the layer's features have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from gis_core.styles.nodes import Literal
from gis_core.styles.standard import Kind
from tilesrv.assets import FRAMED_PX
from tilesrv.styles.icon_shapes import CAPS
from tilesrv.styles.icons import EMPTY_SVG, icon_names, icon_svg, is_tinted
from tilesrv.styles.qgis_expression import quoted
from tilesrv.styles.qml_values import Given, Values, defined
from tilesrv.styles.qml_xml import Symbol, SymbolLayer, SymbolType
from tilesrv.styles.scales import MM_OF_PX, mm

SYMBOL_TYPES: Mapping[Kind, SymbolType] = {"point": "marker", "line": "line", "area": "fill"}
NOTHING = "0,0,0,0"
# The side of the icon that stands on its point, as QGIS numbers anchors: left, top 0; middle 1; right, bottom 2.
HORIZONTAL = {"left": "0", "right": "2"}
VERTICAL = {"top": "0", "bottom": "2"}


def symbol_layers(values: Values, kind: Kind, order: int) -> list[SymbolLayer]:
    """What draws one style layer on features of ``kind``; nothing where MapLibre would draw nothing."""
    draw = DRAWN.get((values.layer.type, kind))
    return [replace(each, order=order) for each in draw(values)] if draw else []


def fill(values: Values) -> list[SymbolLayer]:
    if values.layer.get("fill-pattern") != Literal(None):
        return pattern(values)
    filled = area(values.colour("fill-color", "fill-opacity"))
    edge = values.colour("fill-outline-color", "fill-opacity")
    if edge.expression is None and edge.text.endswith(",0"):
        return [filled]
    return [filled, stroke(edge, Given(f"{mm(1)}"))]


def extrusion(values: Values) -> list[SymbolLayer]:
    """From above, which is how QGIS's map looks, a building is its plan."""
    return [area(values.colour("fill-extrusion-color", "fill-extrusion-opacity"))]


def area(colour: Given) -> SymbolLayer:
    options = {"color": colour.text, "style": "solid", "outline_style": "no", "joinstyle": "miter"}
    return SymbolLayer("SimpleFill", options, defined(fillColor=colour))


def pattern(values: Values) -> list[SymbolLayer]:
    svg = icon_svg(str(values.fixed("fill-pattern")))
    if svg is None:
        return []
    options = {
        "svgFile": svg.embedded,
        "width": f"{mm(svg.width)}",
        "pattern_width_unit": "MM",
        "angle": "0",
        "color": NOTHING,
        "outline_color": NOTHING,
        "outline_width": "0",
    }
    return [SymbolLayer("SVGFill", options, inner=Symbol("line", [stroke(Given(NOTHING), Given("0"))]))]


def stroke(colour: Given, width: Given, **more: str) -> SymbolLayer:
    options = {
        "line_color": colour.text,
        "line_style": "solid",
        "line_width": width.text,
        "line_width_unit": "MM",
        "capstyle": "flat",
        "joinstyle": "miter",
        **more,
    }
    return SymbolLayer("SimpleLine", options, defined(outlineColor=colour, outlineWidth=width))


def line(values: Values) -> list[SymbolLayer]:
    width = values.length("line-width")
    offset = values.length("line-offset")
    made = stroke(
        values.colour("line-color", "line-opacity"),
        width,
        capstyle=CAPS[values.fixed("line-cap")],
        joinstyle=values.fixed("line-join"),
        offset=offset.text,
        offset_unit="MM",
    )
    extra = defined(offset=offset)
    dashes = values.fixed("line-dasharray")
    if dashes:
        pairs = [*dashes, *(dashes if len(dashes) % 2 else ())]
        text = ";".join(f"{each * float(width.text):.6g}" for each in pairs)
        made.options = {**made.options, "use_custom_dash": "1", "customdash": text, "customdash_unit": "MM"}
        if width.expression is not None:  # MapLibre counts dashes in widths of the line
            lengths = ", ';', ".join(f"{each:g} * ({width.expression})" for each in pairs)
            extra["customDash"] = f"concat({lengths})"
    made.defined = {**made.defined, **extra}
    return [made]


def circle(values: Values) -> list[SymbolLayer]:
    """A disc, and around it a ring: QGIS would draw a stroke astride of the edge, over the disc."""
    size = values.number("circle-radius", 2 * MM_OF_PX)
    colour = values.colour("circle-color", "circle-opacity")
    plain = {"name": "circle", "size_unit": "MM", "scale_method": "diameter"}
    disc = {**plain, "size": size.text, "color": colour.text, "outline_style": "no"}
    drawn = [SymbolLayer("SimpleMarker", disc, defined(size=size, fillColor=colour))]
    width = values.length("circle-stroke-width")
    if width.expression is None and float(width.text) == 0:
        return drawn
    around = values.total([("circle-radius", 2.0), ("circle-stroke-width", 1.0)])
    edge = values.colour("circle-stroke-color", "circle-stroke-opacity")
    ring = {**plain, "size": around.text, "color": NOTHING, "outline_color": edge.text}
    ring |= {"outline_width": width.text, "outline_width_unit": "MM", "outline_style": "solid"}
    given = defined(size=around, outlineColor=edge, outlineWidth=width)
    return [*drawn, SymbolLayer("SimpleMarker", ring, given)]


def icon(values: Values) -> list[SymbolLayer]:
    """An icon, above its halo where it has one."""
    image = values.layer.get("icon-image")
    if image == Literal(None):
        return []
    name = values.fixed("icon-image")
    opacity = values.fixed("icon-opacity")
    svg = icon_svg(str(name), opacity) if isinstance(image, Literal) else None
    if svg is None and isinstance(image, Literal):
        return []
    colour = values.colour("icon-color", "icon-opacity")
    halo = values.colour("icon-halo-color", "icon-opacity")
    size = values.number("icon-size", mm(svg.width if svg else FRAMED_PX))
    turn = values.number("icon-rotate")
    shift = icon_offset(values)
    anchor = values.fixed("icon-anchor").split("-")
    options = {
        "name": svg.embedded if svg else EMPTY_SVG,
        "size": size.text,
        "size_unit": "MM",
        "angle": turn.text,
        "color": colour.text,
        "outline_color": NOTHING,
        "outline_width": "0",
        "outline_width_unit": "MM",
        "fixedAspectRatio": "0",
        "offset": shift.text,
        "offset_unit": "MM",
        "horizontal_anchor_point": next((HORIZONTAL[side] for side in anchor if side in HORIZONTAL), "1"),
        "vertical_anchor_point": next((VERTICAL[side] for side in anchor if side in VERTICAL), "1"),
    }
    given = defined(size=size, angle=turn, fillColor=colour, offset=shift)
    if svg is None:
        given["name"] = icon_expression(values)
    drawn = [SymbolLayer("SvgMarker", options, given)]
    width = values.fixed("icon-halo-width")
    if width > 0 and not halo.text.endswith(",0") and (svg is None or is_tinted(str(name))):
        # QGIS's stroke lies astride of the edge, under it another marker of the same shape.
        ring = {
            **options,
            "outline_color": halo.text,
            "outline_width": f"{mm(2 * width)}",
            "color": halo.text,
        }
        kept = {key: text for key, text in given.items() if key != "fillColor"}
        drawn.insert(
            0, SymbolLayer("SvgMarker", ring, {**kept, **defined(outlineColor=halo, fillColor=halo)})
        )
    return drawn


def icon_offset(values: Values) -> Given:
    """How far the icon is moved, which counts in its own px."""
    x, y = values.fixed("icon-offset")
    size = values.fixed("icon-size")
    text = f"{mm(x * size)},{mm(y * size)}"
    if not values.changes("icon-size") or not (x or y):
        return Given(text)
    written = values.writer.value(values.layer.get("icon-size"))
    return Given(text, f"concat({mm(x)} * ({written}), ',', {mm(y)} * ({written}))")


def icon_expression(values: Values) -> str:
    """Which of our icons a feature is drawn with, embedded: a file or an address is never named."""
    chosen = values.writer.value(values.layer.get("icon-image"))
    cases = []
    for name in icon_names():
        svg = icon_svg(name)
        assert svg is not None
        cases.append(f"WHEN {chosen} = {quoted(name)} THEN {quoted(svg.embedded)}")
    return f"CASE {' '.join(cases)} ELSE {quoted(EMPTY_SVG)} END"


def on_line(draw: Callable[[Values], list[SymbolLayer]], where: str) -> Callable[[Values], list[SymbolLayer]]:
    """Markers of a line: at each vertex, at the first, or at intervals where the style says so."""

    def placed(values: Values) -> list[SymbolLayer]:
        markers = draw(values)
        if not markers:
            return []
        along = values.layer.type == "symbol" and values.fixed("symbol-placement") == "line"
        options = {
            "placement": "interval" if along else where,
            "rotate": "1" if along else "0",
            "interval": f"{values.fixed('symbol-spacing') * MM_OF_PX:.6g}" if along else "3",
            "interval_unit": "MM",
        }
        return [SymbolLayer("MarkerLine", options, inner=Symbol("marker", markers))]

    return placed


def on_area(draw: Callable[[Values], list[SymbolLayer]]) -> Callable[[Values], list[SymbolLayer]]:
    """A marker inside the area."""

    def placed(values: Values) -> list[SymbolLayer]:
        markers = draw(values)
        options = {"point_on_surface": "1", "point_on_all_parts": "0"}
        return [SymbolLayer("CentroidFill", options, inner=Symbol("marker", markers))] if markers else []

    return placed


DRAWN: Mapping[tuple[str, Kind], Callable[[Values], list[SymbolLayer]]] = {
    ("fill", "area"): fill,
    ("fill-extrusion", "area"): extrusion,
    ("line", "area"): line,
    ("line", "line"): line,
    ("circle", "point"): circle,
    ("circle", "line"): on_line(circle, "vertex"),
    ("circle", "area"): on_line(circle, "vertex"),
    ("symbol", "point"): icon,
    ("symbol", "line"): on_line(icon, "firstvertex"),
    ("symbol", "area"): on_area(icon),
}
