"""Names on the map as rule-based labels of QGIS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from gis_core.styles.model import StyleLayer
from gis_core.styles.nodes import Concat, Literal
from gis_core.styles.standard import Kind
from tilesrv.styles.qgis_expression import QgisWriter
from tilesrv.styles.qml_rules import scales
from tilesrv.styles.qml_values import Given, Values, defined
from tilesrv.styles.qml_xml import defined_properties
from tilesrv.styles.scales import MM_OF_PX, mm

# Quadrants of QGIS, row by row from above left; the side of the text that stands on its point, so the other way round.
QUADRANTS: Mapping[str, int] = {
    "bottom-right": 0, "bottom": 1, "bottom-left": 2,
    "right": 3, "center": 4, "left": 5,
    "top-right": 6, "top": 7, "top-left": 8,
}  # fmt: skip
OVER_POINT, CURVED, HORIZONTAL = 1, 3, 4
ON_LINE = 1
LETTERS_PER_EM = 1.9  # of Be Vietnam Pro in running text; QGIS wraps by letters, MapLibre by ems
WEIGHTS = {"Medium": "57", "SemiBold": "63", "Bold": "75"}  # as Qt 5 counts; 50 is normal
CASES = {"uppercase": "upper", "lowercase": "lower"}


@dataclass(frozen=True)
class LabelRule:
    filter: str
    closest: float
    widest: float
    settings: Element


def label_rules(layers: Sequence[StyleLayer], kind: Kind, writer: QgisWriter) -> list[LabelRule]:
    """The rules for the texts of ``layers``."""
    found = []
    for layer in layers:
        condition = writer.filter(layer.filter)
        shown = layer.get("visibility") == Literal("visible") and condition != "false"
        if layer.type != "symbol" or not shown or layer.get("text-field") == Literal(""):
            continue
        settings = label_settings(Values(layer, writer), kind)
        limits = scales(layer.minzoom, layer.maxzoom)
        found.append(LabelRule("" if condition == "true" else condition, *limits, settings))
    return found


def label_settings(values: Values, kind: Kind) -> Element:
    settings = Element("settings", calloutType="simple")
    size = values.length("text-size")
    colour, shown = values.colour("text-color"), values.share("text-color", "text-opacity")
    halo, halo_shown = values.colour("text-halo-color"), values.share("text-halo-color", "text-opacity")
    halo_width = values.number("text-halo-width", 2 * MM_OF_PX)  # QGIS lays the pen astride of the outline
    settings.append(text_style(values, size, (colour, shown), (halo, halo_shown), halo_width))
    SubElement(
        settings, "text-format", autoWrapLength=wrap_length(values, kind), multilineAlign="1", wrapChar=""
    )
    settings.append(placement(values, kind))
    overlapping = "1" if values.fixed("text-allow-overlap") else "0"
    SubElement(
        settings,
        "rendering",
        drawLabels="1",
        displayAll=overlapping,
        obstacle="0" if overlapping == "1" else "1",
        upsidedownLabels="0",
        labelPerPart="0",
        mergeLines="1" if kind == "line" else "0",
    )
    given = defined(
        Size=size,
        Color=colour,
        FontOpacity=shown.times(100),
        BufferColor=halo,
        BufferOpacity=halo_shown.times(100),
        BufferSize=halo_width,
    )
    if "symbol-sort-key" in values.layer.properties:
        key = values.writer.value(values.layer.get("symbol-sort-key"))
        given["Priority"] = f"10 / (1 + exp(({key}) / 100))"  # the lower the key, the sooner it finds room
    settings.append(defined_properties("dd_properties", given))
    return settings


def text_style(
    values: Values, size: Given, colour: tuple[Given, Given], halo: tuple[Given, Given], halo_width: Given
) -> Element:
    """The letters: colours come with their opacities, which QGIS keeps apart for texts."""
    family, style = font(values.fixed("text-font"))
    shown = float(halo_width.text) > 0 or halo_width.expression is not None
    made = Element(
        "text-style",
        isExpression="1",
        fieldName=shouted(values),
        fontFamily=family,
        namedStyle=style,
        fontWeight=WEIGHTS.get(style, "50"),
        fontItalic="1" if style == "Italic" else "0",
        fontSize=size.text,
        fontSizeUnit="MM",
        fontLetterSpacing=f"{values.fixed('text-letter-spacing') * float(size.text):.6g}",
        textColor=colour[0].text,
        textOpacity=colour[1].text,
        allowHtml="0",
        multilineHeight="1",
    )
    SubElement(
        made,
        "text-buffer",
        bufferDraw="1" if shown and halo[1].text != "0" else "0",
        bufferSize=halo_width.text,
        bufferSizeUnits="MM",
        bufferColor=halo[0].text,
        bufferOpacity=halo[1].text,
        bufferJoinStyle="128",
        bufferNoFill="0",
    )
    return made


def shouted(values: Values) -> str:
    """The expression of the text, in the case that the style asks for."""
    text = values.writer.value(Concat((values.layer.get("text-field"),)))
    text = text.removeprefix("concat(").removesuffix(")") if text.count("concat(") == 1 else text
    case = CASES.get(values.fixed("text-transform"))
    return f"{case}({text})" if case else text


def font(faces: Sequence[str]) -> tuple[str, str]:
    """Family and style of the first face: ``Be Vietnam Pro``, ``Medium``."""
    family, _, style = faces[0].rpartition(" ")
    return (family, style) if family else (faces[0], "Regular")


def wrap_length(values: Values, kind: Kind) -> str:
    if values.fixed("symbol-placement") == "line" and kind != "point":
        return "0"
    return str(round(values.fixed("text-max-width") * LETTERS_PER_EM))


def placement(values: Values, kind: Kind) -> Element:
    """Along a line, or about a point: the feature's own, or one inside the area."""
    if values.fixed("symbol-placement") == "line" and kind != "point":
        repeated = f"{values.fixed('symbol-spacing') * MM_OF_PX:.6g}"
        return Element(
            "placement",
            placement=str(CURVED),
            placementFlags=str(ON_LINE),
            repeatDistance=repeated,
            repeatDistanceUnits="MM",
            maxCurvedCharAngleIn="45",
            maxCurvedCharAngleOut="-45",
            overrunDistance="0",
        )
    x, y = values.fixed("text-offset")
    em = values.fixed("text-size")
    return Element(
        "placement",
        placement=str(OVER_POINT),
        quadOffset=str(QUADRANTS[values.fixed("text-anchor")]),
        xOffset=f"{mm(x * em)}",
        yOffset=f"{mm(y * em)}",
        offsetUnits="MM",
        centroidInside="1",
        centroidWhole="1",
        layerType={"point": "PointGeometry", "line": "LineGeometry", "area": "PolygonGeometry"}[kind],
    )
