"""The XML of QGIS 3.22 that its symbols, labels and forms are written in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, SubElement

SymbolType = Literal["marker", "line", "fill"]
NAMES = {bool: "bool", int: "int", float: "double", str: "QString"}
EXPRESSION = 3  # QgsProperty::ExpressionBasedProperty


@dataclass
class SymbolLayer:
    """One layer of a symbol. ``defined`` maps a property of QGIS to the expression that gives it."""

    kind: str
    options: Mapping[str, str]
    defined: Mapping[str, str] = field(default_factory=dict)
    order: int = 0
    inner: Symbol | None = None


@dataclass
class Symbol:
    type: SymbolType
    layers: Sequence[SymbolLayer]

    def element(self, name: str) -> Element:
        symbol = Element("symbol", type=self.type, name=name, alpha="1", clip_to_extent="1", force_rhr="0")
        for number, layer in enumerate(self.layers):
            written = SubElement(
                symbol,
                "layer",
                {"class": layer.kind, "enabled": "1", "locked": "0", "pass": str(layer.order)},
            )
            written.append(options(layer.options))
            written.append(defined_properties("data_defined_properties", layer.defined))
            if layer.inner is not None:
                written.append(layer.inner.element(f"@{name}@{number}"))
        return symbol


def option(value: Any, name: str | None = None) -> Element:
    """``value`` (text, number, truth value, list or mapping) as an ``<Option>``."""
    named = {"name": name} if name is not None else {}
    if isinstance(value, Mapping):
        made = Element("Option", {"type": "Map", **named})
        made.extend(option(each, key) for key, each in value.items())
        return made
    if isinstance(value, list):
        made = Element("Option", {"type": "List", **named})
        made.extend(option(each) for each in value)
        return made
    written = str(value).lower() if isinstance(value, bool) else str(value)
    return Element("Option", {"type": NAMES[type(value)], "value": written, **named})


def options(values: Mapping[str, Any]) -> Element:
    return option(dict(values))


def defined_properties(tag: str, defined: Mapping[str, str]) -> Element:
    """Properties of a symbol layer or a label that expressions give."""
    made = Element(tag)
    properties = {
        name: {"active": True, "expression": text, "type": EXPRESSION} for name, text in defined.items()
    }
    made.append(option({"name": "", "properties": properties, "type": "collection"}))
    return made


def document(root: Element) -> str:
    ET.indent(root)
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + ET.tostring(root, encoding="unicode") + "\n"
