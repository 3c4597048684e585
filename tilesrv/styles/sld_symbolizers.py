"""One look of a style layer as symbolizers of Symbology Encoding 1.1 (05-077r4). Lengths are px of 0.28 mm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from gis_core.styles.colours import Colour
from gis_core.styles.nodes import Expr, Get
from tilesrv.styles.icons import icon_svg, is_tinted
from tilesrv.styles.ogc_filter import literal_text, operand
from tilesrv.styles.words import written_number
from tilesrv.xml_names import SE, XLINK

SVG_TYPE = "image/svg+xml"
# The mark that comes nearest to a silhouette, for readers that fetch no pictures.
MARKS = {"drop": "circle", "wedge": "triangle", "bar": "square", "diamond": "diamond", "square": "square"}
# Where the anchor lies on the text or icon, from its lower left corner.
ACROSS = {"left": 0.0, "right": 1.0}
UP = {"top": 1.0, "bottom": 0.0}
LIGHTEST = 0.001  # an opacity or a width below is nothing

Look = Mapping[str, Any]


def se(name: str, children: Iterable[Element] = (), text: str | None = None) -> Element:
    made = Element(f"{{{SE}}}{name}")
    made.extend(children)
    made.text = text
    return made


def number(name: str, value: float) -> Element:
    return se(name, text=written_number(value))


def parameter(name: str, value: str | float) -> Element:
    made = se("SvgParameter", text=value if isinstance(value, str) else written_number(value))
    made.set("name", name)
    return made


def paint(colour: str, opacity: float, prefix: str = "fill") -> list[Element]:
    """Parameters of a colour with its opacity."""
    found = Colour.parse(colour)
    return [parameter(prefix, found.hex), parameter(f"{prefix}-opacity", found.alpha * opacity)]


def symbolizers(kind: str, look: Look, icons: str) -> list[Element]:
    """The symbolizers of a layer of type ``kind``; ``icons`` is the address that icons lie under."""
    return DRAWN[kind](look, icons) if kind in DRAWN else []


def fill(look: Look, icons: str) -> list[Element]:
    name = look["fill-pattern"]
    if name is not None:
        svg = icon_svg(name)
        if svg is None:
            return []
        graphic = se("Graphic", [external(f"{icons}/{name}.svg"), number("Size", svg.height)])
        return [se("PolygonSymbolizer", [se("Fill", [se("GraphicFill", [graphic])])])]
    parts = [se("Fill", paint(look["fill-color"], look["fill-opacity"]))]
    edge = Colour.parse(look["fill-outline-color"])
    if edge.alpha * look["fill-opacity"] >= LIGHTEST:
        stroke = paint(look["fill-outline-color"], look["fill-opacity"], "stroke")
        parts.append(se("Stroke", [*stroke, parameter("stroke-width", 1)]))
    return [se("PolygonSymbolizer", parts)]


def extrusion(look: Look, icons: str) -> list[Element]:
    """From above, a building is its plan."""
    painted = paint(look["fill-extrusion-color"], look["fill-extrusion-opacity"])
    return [se("PolygonSymbolizer", [se("Fill", painted)])]


def line(look: Look, icons: str) -> list[Element]:
    width = look["line-width"]
    if width < LIGHTEST:
        return []
    parts = [
        *paint(look["line-color"], look["line-opacity"], "stroke"),
        parameter("stroke-width", width),
        parameter("stroke-linejoin", "mitre" if look["line-join"] == "miter" else look["line-join"]),
        parameter("stroke-linecap", look["line-cap"]),
    ]
    if look["line-dasharray"]:
        dashes = " ".join(written_number(each * width) for each in look["line-dasharray"])
        parts.append(parameter("stroke-dasharray", dashes))
    made = [se("Stroke", parts)]
    if look["line-offset"]:  # to the right in MapLibre, to the left in the standard
        made.append(number("PerpendicularOffset", -look["line-offset"]))
    return [se("LineSymbolizer", made)]


def circle(look: Look, icons: str) -> list[Element]:
    """A disc, and around it a ring: the standard's stroke lies astride of the edge, over the disc."""
    radius, width = look["circle-radius"], look["circle-stroke-width"]
    painted = se("Fill", paint(look["circle-color"], look["circle-opacity"]))
    drawn = [point([se("Mark", [se("WellKnownName", text="circle"), painted]), number("Size", 2 * radius)])]
    if width >= LIGHTEST:
        edge = paint(look["circle-stroke-color"], look["circle-stroke-opacity"], "stroke")
        stroke = se("Stroke", [*edge, parameter("stroke-width", width)])
        nothing = se("Fill", paint("#ffffff", 0))  # which is what QGIS takes no fill for only if it is said
        ring = se("Mark", [se("WellKnownName", text="circle"), nothing, stroke])
        drawn.append(point([ring, number("Size", 2 * radius + width)]))
    return drawn


def symbol(look: Look, icons: str) -> list[Element]:
    return [*icon(look, icons), *text(look)]


def icon(look: Look, icons: str) -> list[Element]:
    name = look["icon-image"]
    svg = icon_svg(name) if name else None
    if svg is None:
        return []
    colour, halo = Colour.parse(look["icon-color"]), Colour.parse(look["icon-halo-color"])
    asked = {"fill": colour.hex[1:]}
    if look["icon-halo-width"] >= LIGHTEST and halo.alpha >= LIGHTEST:
        asked |= {
            "halo": halo.hex[1:],
            "halo-width": written_number(look["icon-halo-width"] / look["icon-size"]),
        }
    opacity = look["icon-opacity"] * colour.alpha
    if opacity < 1:  # in the icon: QGIS reads the opacity of a graphic only for marks
        asked["opacity"] = written_number(opacity)
    address = f"{icons}/{name}.svg" + (f"?{urlencode(asked)}" if is_tinted(name) else "")
    mark = se(
        "Mark",
        [
            se("WellKnownName", text=MARKS.get(name, "circle")),
            se("Fill", paint(look["icon-color"], look["icon-opacity"])),
        ],
    )
    parts = [external(address), mark, number("Size", svg.height * look["icon-size"])]
    if look["icon-rotate"]:
        parts.append(number("Rotation", look["icon-rotate"]))
    x, y = look["icon-offset"]
    parts += placing(look["icon-anchor"], (x * look["icon-size"], y * look["icon-size"]))
    return [point(parts)]


def external(address: str) -> Element:
    link = se("OnlineResource")
    link.set(f"{{{XLINK}}}type", "simple")
    link.set(f"{{{XLINK}}}href", address)
    return se("ExternalGraphic", [link, se("Format", text=SVG_TYPE)])


def point(parts: list[Element]) -> Element:
    return se("PointSymbolizer", [se("Graphic", parts)])


def placing(anchor: str, offset: tuple[float, float]) -> list[Element]:
    """Anchor and displacement; the latter is upwards in the standard. Nothing where it stands in the middle."""
    sides = anchor.split("-")
    across = next((ACROSS[side] for side in sides if side in ACROSS), 0.5)
    up = next((UP[side] for side in sides if side in UP), 0.5)
    made = []
    if (across, up) != (0.5, 0.5):
        made.append(se("AnchorPoint", [number("AnchorPointX", across), number("AnchorPointY", up)]))
    if any(offset):
        shift = [number("DisplacementX", offset[0]), number("DisplacementY", -offset[1])]
        made.append(se("Displacement", shift))
    return made


def text(look: Look) -> list[Element]:
    pieces: tuple[Expr, ...] = look["text-field"]
    if not pieces:
        return []
    size = look["text-size"]
    family, _, style = look["text-font"][0].rpartition(" ")
    weight = {"Medium": "500", "SemiBold": "600", "Bold": "bold"}.get(style, "normal")
    parts = [
        label(pieces),
        se(
            "Font",
            [
                parameter("font-family", family or style),
                parameter("font-style", "italic" if style == "Italic" else "normal"),
                parameter("font-weight", weight),
                parameter("font-size", size),
            ],
        ),
        se("LabelPlacement", [placement(look, size)]),
    ]
    halo = Colour.parse(look["text-halo-color"])
    if look["text-halo-width"] >= LIGHTEST and halo.alpha >= LIGHTEST:
        painted = paint(look["text-halo-color"], look["text-opacity"])
        parts.append(se("Halo", [number("Radius", look["text-halo-width"]), se("Fill", painted)]))
    parts.append(se("Fill", paint(look["text-color"], look["text-opacity"])))
    return [se("TextSymbolizer", parts)]


def placement(look: Look, size: float) -> Element:
    if look["symbol-placement"] == "line":
        repeated = [se("IsRepeated", text="true"), number("Gap", look["symbol-spacing"])]
        return se("LinePlacement", [*repeated, se("IsAligned", text="true")])
    x, y = look["text-offset"]
    made = placing(look["text-anchor"], (x * size, y * size))
    if not any(each.tag.endswith("AnchorPoint") for each in made):
        made.insert(0, se("AnchorPoint", [number("AnchorPointX", 0.5), number("AnchorPointY", 0.5)]))
    return se("PointPlacement", made)


def label(pieces: tuple[Expr, ...]) -> Element:
    """Texts and fields one behind the other, as mixed content."""
    made = se("Label", text="")
    last: Element | None = None
    for piece in pieces:
        if isinstance(piece, Get):
            last = operand(piece)
            last.tail = ""
            made.append(last)
        else:
            words = literal_text(piece.value)  # type: ignore[union-attr, arg-type]
            if last is None:
                made.text = (made.text or "") + words
            else:
                last.tail = (last.tail or "") + words
    return made


DRAWN: Mapping[str, Callable[[Look, str], list[Element]]] = {
    "fill": fill,
    "line": line,
    "circle": circle,
    "symbol": symbol,
    "fill-extrusion": extrusion,
}
