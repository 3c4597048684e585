"""A style on vector tiles as QGIS draws these: one symbol to a style layer, its values by expressions.

The zooms of a style are asked of the scale of the map and not of the tile: QGIS counts zooms of tiles of 256 px, in
whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from gis_core.layer import Layer
from gis_core.styles.model import StyleLayer
from gis_core.styles.nodes import Compare, Expr, Literal, Logic, Zoom
from gis_core.styles.standard import GEOMETRY_KINDS, KINDS
from tilesrv.styles.qgis_expression import QgisWriter
from tilesrv.styles.qml import GEOMETRY_TYPES
from tilesrv.styles.qml_labels import label_settings
from tilesrv.styles.qml_symbols import SYMBOL_TYPES, symbol_layers
from tilesrv.styles.qml_values import Values
from tilesrv.styles.qml_xml import Symbol
from tilesrv.styles.scales import CLOSEST, WIDEST
from tilesrv.tile_layers import CELL_FIELDS


def tile_renderer(drawn: Sequence[StyleLayer], layer: Layer) -> Element:
    """The element ``renderer`` that draws the style layers ``drawn``, all of one collection."""
    kind, writer = KINDS[layer.geometry.type], writer_of(layer)
    made = Element("renderer", type="basic")
    styles = SubElement(made, "styles")
    for each in shown(drawn, writer):
        found = symbol_layers(Values(each, writer), kind, 0)
        if found:
            symbols = SubElement(style_element(styles, each, layer, writer), "symbols")
            symbols.append(Symbol(SYMBOL_TYPES[kind], found).element("0"))
    return made


def tile_labels(drawn: Sequence[StyleLayer], layer: Layer) -> Element:
    """The element ``labeling`` for the texts of ``drawn``; its list ``styles`` is empty where there are none."""
    kind, writer = KINDS[layer.geometry.type], writer_of(layer)
    made = Element("labeling", type="basic")
    styles = SubElement(made, "styles")
    for each in shown(drawn, writer):
        if each.type == "symbol" and each.get("text-field") != Literal(""):
            style_element(styles, each, layer, writer).append(label_settings(Values(each, writer), kind))
    return made


def writer_of(layer: Layer) -> QgisWriter:
    """Expressions over what tiles of ``layer`` hold. A style was written for its readers already (`seen_by`)."""
    fields = {field.name: field.type for field in layer.fields}
    cells = {name: each.type for name, each in CELL_FIELDS.items()}
    return QgisWriter({**fields, **cells}, GEOMETRY_KINDS[KINDS[layer.geometry.type]])


def shown(drawn: Sequence[StyleLayer], writer: QgisWriter) -> list[StyleLayer]:
    visible = [each for each in drawn if each.get("visibility") == Literal("visible")]
    return [each for each in visible if writer.filter(each.filter) != "false"]


def style_element(into: Element, each: StyleLayer, layer: Layer, writer: QgisWriter) -> Element:
    """One entry of a list of styles: for which features of the tile, and at which scales."""
    limits: list[Expr] = [] if each.filter is None else [each.filter]
    if each.minzoom > WIDEST:
        limits.append(Compare(">=", Zoom(), Literal(each.minzoom)))
    if each.maxzoom < CLOSEST:
        limits.append(Compare("<", Zoom(), Literal(each.maxzoom)))
    condition = writer.filter(Logic("all", tuple(limits)))
    attributes = {
        "name": each.id,
        "layer": layer.id,
        "expression": "" if condition == "true" else condition,
        "geometry": GEOMETRY_TYPES[KINDS[layer.geometry.type]],
        "min-zoom": "-1",
        "max-zoom": "-1",
        "enabled": "1",
    }
    return SubElement(into, "style", attributes)
