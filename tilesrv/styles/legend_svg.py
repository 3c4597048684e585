"""A legend as an SVG document: self-contained, its icons inside it."""

from __future__ import annotations

from functools import singledispatch
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, SubElement

from gis_core.styles.colours import Colour
from tilesrv.styles.icons import SVG, tinted_svg
from tilesrv.styles.legend_layout import Sheet
from tilesrv.styles.swatches import Area, Disc, Letters, Mark, Pattern, Point, Shape, Stroke

FAMILY = "Be Vietnam Pro, Noto Sans, sans-serif"
WEIGHTS = {"Medium": "500", "SemiBold": "600", "Bold": "700"}


def legend_svg(sheet: Sheet, title: str) -> str:
    """The document; ``title`` is what screen readers say of it."""
    root = Element("svg", xmlns=SVG, width=short(sheet.width), height=short(sheet.height), role="img")
    root.set("viewBox", f"0 0 {short(sheet.width)} {short(sheet.height)}")
    SubElement(root, "title").text = title
    SubElement(root, "rect", width="100%", height="100%", fill=sheet.ground)
    for number, placed in enumerate(sheet.swatches):
        group = SubElement(root, "g", transform=f"translate({short(placed.x)},{short(placed.y)})")
        for at, shape in enumerate(placed.shapes):
            group.extend(drawn(shape, f"p{number}-{at}"))
    for line in sheet.lines:
        style, weight = face_of(line.face)
        text = SubElement(root, "text", x=short(line.x), y=short(line.y), fill=sheet.ink)
        text.attrib |= {"font-family": FAMILY, "font-size": short(line.size), "font-weight": weight}
        if style != "normal":
            text.set("font-style", style)
        text.text = line.text
    return ET.tostring(root, encoding="unicode")


def short(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def face_of(face: str) -> tuple[str, str]:
    """Style and weight of a face: ``Be Vietnam Pro Medium``."""
    style = face.rpartition(" ")[2]
    return ("italic" if style == "Italic" else "normal"), WEIGHTS.get(style, "400")


def path(points: tuple[Point, ...], closed: bool) -> str:
    return "M" + " L".join(f"{short(x)} {short(y)}" for x, y in points) + ("Z" if closed else "")


def painted(element: Element, name: str, colour: Colour) -> Element:
    element.set(name, colour.hex)
    if colour.alpha < 1:
        element.set(f"{name}-opacity", short(colour.alpha))
    return element


def embedded(icon: str) -> Element:
    """An icon's document within ours, whose name space is declared once."""
    root = ET.fromstring(icon)
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
    return root


@singledispatch
def drawn(shape: Shape, key: str) -> list[Element]:
    """The elements of one shape; ``key`` names what it defines."""
    raise TypeError(shape)


@drawn.register
def _(shape: Area, key: str) -> list[Element]:
    return [painted(Element("path", d=path(shape.points, True)), "fill", shape.fill)]


@drawn.register
def _(shape: Pattern, key: str) -> list[Element]:
    icon = tinted_svg(shape.icon)
    if icon is None:
        return []
    definition = Element("pattern", id=key, patternUnits="userSpaceOnUse")
    definition.attrib |= {"width": short(icon.width), "height": short(icon.height)}
    definition.append(embedded(icon.text))
    area = Element("path", d=path(shape.points, True), fill=f"url(#{key})", opacity=short(shape.opacity))
    return [definition, area]


@drawn.register
def _(shape: Stroke, key: str) -> list[Element]:
    line = Element("path", d=path(shape.points, shape.closed), fill="none")
    line.attrib |= {
        "stroke-width": short(shape.width),
        "stroke-linejoin": shape.join,
        "stroke-linecap": shape.cap,
    }
    if shape.dashes:
        line.set("stroke-dasharray", " ".join(map(short, shape.dashes)))
    return [painted(line, "stroke", shape.colour)]


@drawn.register
def _(shape: Disc, key: str) -> list[Element]:
    x, y = (short(each) for each in shape.centre)
    found = [painted(Element("circle", cx=x, cy=y, r=short(shape.radius)), "fill", shape.fill)]
    if shape.width > 0 and shape.edge.alpha > 0:
        ring = Element("circle", cx=x, cy=y, r=short(shape.radius + shape.width / 2), fill="none")
        ring.set("stroke-width", short(shape.width))
        found.append(painted(ring, "stroke", shape.edge))
    return found


@drawn.register
def _(shape: Mark, key: str) -> list[Element]:
    icon = tinted_svg(shape.icon, shape.tint, shape.halo, shape.halo_width / shape.size)
    if icon is None:
        return []
    x, y = shape.centre
    turned = f" rotate({short(shape.turn)})" if shape.turn else ""
    middle = f"translate({short(-icon.width / 2)},{short(-icon.height / 2)})"
    group = Element(
        "g", transform=f"translate({short(x)},{short(y)}){turned} scale({short(shape.size)}) {middle}"
    )
    if shape.opacity * shape.tint.alpha < 1:
        group.set("opacity", short(shape.opacity * shape.tint.alpha))
    group.append(embedded(icon.text))
    return [group]


@drawn.register
def _(shape: Letters, key: str) -> list[Element]:
    style, weight = face_of(shape.face)
    x, y = shape.centre
    text = Element("text", x=short(x), y=short(y + shape.size * 0.35))
    text.attrib |= {"text-anchor": "middle", "font-size": short(shape.size), "font-family": FAMILY}
    text.attrib |= {"font-style": style, "font-weight": weight, "paint-order": "stroke"}
    text.text = shape.text
    if shape.halo_width > 0 and shape.halo.alpha > 0:
        painted(text, "stroke", shape.halo).set("stroke-width", short(2 * shape.halo_width))
    return [painted(text, "fill", shape.colour)]
