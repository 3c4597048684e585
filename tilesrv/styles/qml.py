"""A style of one layer as a QGIS style file (QML, written for QGIS 3.22 LTR and newer).

Lengths are millimetres of 1/96 inch pixels, so that the map looks alike on any screen and on paper. What QGIS has no
word for is said in docs/reference/styles.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement

from gis_core.audiences import Caller
from gis_core.layer import Layer
from gis_core.registry import Published
from gis_core.styles.model import MapStyle, StyleLayer
from gis_core.styles.standard import GEOMETRY_KINDS, KINDS, Kind
from tilesrv.styles.qgis_expression import QgisWriter
from tilesrv.styles.qml_form import form
from tilesrv.styles.qml_labels import LabelRule, label_rules
from tilesrv.styles.qml_rules import Rule, rules
from tilesrv.styles.qml_symbols import NOTHING, SYMBOL_TYPES
from tilesrv.styles.qml_values import Values
from tilesrv.styles.qml_xml import Symbol, SymbolLayer, document
from tilesrv.styles.scales import CSS_PX_M, scale_denominator
from tilesrv.styles.words import NAMES

VERSION = "3.22.16"
CATEGORIES = "LayerConfiguration|Symbology|Labeling|Fields|Forms|AttributeTable|Rendering"
UNSEEN: Mapping[Kind, SymbolLayer] = {
    "point": SymbolLayer("SimpleMarker", {"color": NOTHING, "outline_style": "no", "size": "0.1"}),
    "line": SymbolLayer("SimpleLine", {"line_style": "no"}),
    "area": SymbolLayer("SimpleFill", {"style": "no", "outline_style": "no"}),
}
GEOMETRY_TYPES = {"point": "0", "line": "1", "area": "2"}


def layer_qml(published: Published, caller: Caller, style: MapStyle, language: str) -> str:
    """The QML document that draws ``style`` (`book.layer_style`) on the features that ``caller`` sees of a layer, with
    its form in ``language``."""
    layer = published.layer
    kind = KINDS[layer.geometry.type]
    fields = {field.name: field.type for field in layer.fields_for(caller.audience)}
    writer = QgisWriter(fields, GEOMETRY_KINDS[kind])
    drawn = [each for each in style.layers if each.collection == layer.id]
    labels = label_rules(drawn, kind, writer)
    root = Element("qgis", version=VERSION, styleCategories=CATEGORIES, labelsEnabled="1" if labels else "0")
    root.attrib |= visibility(layer)
    found = rules(drawn, layer, kind, writer, language)
    if found and labels and not any(rule.whole for rule in found):
        found.append(unseen(kind, language))
    root.append(renderer(found, drawn, writer))
    root.append(labeling(labels))
    root.extend(form(layer, caller, language))
    SubElement(root, "layerGeometryType").text = GEOMETRY_TYPES[kind]
    return document(root)


def visibility(layer: Layer) -> dict[str, str]:
    """The scales at which the layer has features at all (`Layer.zoom`, of tiles of 256 px)."""
    first = layer.zoom[0] - 1
    limited = first > 0
    return {
        "hasScaleBasedVisibilityFlag": "1" if limited else "0",
        "minScale": f"{scale_denominator(first, CSS_PX_M) if limited else 1e8:.1f}",
        "maxScale": "0",
        "symbologyReferenceScale": "-1",
    }


def unseen(kind: Kind, language: str) -> Rule:
    """A rule that draws nothing, of all features: QGIS names no feature that it does not draw."""
    return Rule("", NAMES.to(language), 0.0, 0.0, Symbol(SYMBOL_TYPES[kind], [UNSEEN[kind]]), True)


def renderer(found: Sequence[Rule], drawn: Sequence[StyleLayer], writer: QgisWriter) -> Element:
    """Rules with symbol levels: all features of a lower style layer lie below those of a higher one."""
    if not found:
        return Element("renderer-v2", type="nullSymbol")
    made = Element("renderer-v2", type="RuleRenderer", symbollevels="1", forceraster="0", enableorderby="0")
    listed = SubElement(made, "rules", key="rules")
    symbols = SubElement(made, "symbols")
    for number, rule in enumerate(found):
        entry = SubElement(listed, "rule", key=f"rule-{number}", symbol=str(number), label=rule.label)
        entry.attrib |= limits(rule.filter, rule.closest, rule.widest)
        symbols.append(rule.symbol.element(str(number)))
    key = next((each for each in drawn if "symbol-sort-key" in each.properties), None)
    if key is not None:
        made.set("enableorderby", "1")
        clause = SubElement(SubElement(made, "orderby"), "orderByClause", asc="1", nullsFirst="0")
        clause.text = Values(key, writer).writer.value(key.get("symbol-sort-key"))
    return made


def labeling(found: Sequence[LabelRule]) -> Element:
    made = Element("labeling", type="rule-based")
    listed = SubElement(made, "rules", key="names")
    for number, rule in enumerate(found):
        entry = SubElement(listed, "rule", key=f"name-{number}")
        entry.attrib |= limits(rule.filter, rule.closest, rule.widest)
        entry.append(rule.settings)
    return made


def limits(condition: str, closest: float, widest: float) -> dict[str, str]:
    """The attributes of a rule that say when it holds; what does not limit is left out.

    Scales are whole numbers: of ``9028.0`` QGIS makes 0, which is no limit.
    """
    scales = {"scalemindenom": f"{closest:.0f}", "scalemaxdenom": f"{widest:.0f}"}
    given = {"filter": condition, **{name: text for name, text in scales.items() if text != "0"}}
    return {name: text for name, text in given.items() if text}
