"""The attribute form of a layer in QGIS: names, order, code lists and rules of its fields, from the declaration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from gis_core.audiences import Caller
from gis_core.layer import Field, Layer
from gis_core.words import Text
from tilesrv.styles.qml_xml import option, options

NULL_CODE = "{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}"  # what QGIS's value map writes as NULL
NOT_SET = Text("(chưa có)", "(not set)")
HARD = "1"
NOT_NULL, EXPRESSION = 1, 4
OURS = ("fid", "id", "version")  # written by the server alone
LONG_TEXT = 200


def widget(field: Field, language: str) -> tuple[str, Mapping[str, Any]]:
    """QGIS's editor of a field and its settings."""
    if field.codes:
        empty = [] if field.required else [{NOT_SET.to(language): NULL_CODE}]
        return "ValueMap", {"map": empty + [{code.label.to(language): code.value} for code in field.codes]}
    match field.type:
        case "boolean":
            return "CheckBox", {}
        case "date" | "datetime":
            written = "dd/MM/yyyy" if field.type == "date" else "dd/MM/yyyy HH:mm"
            return "DateTime", {
                "allow_null": not field.required,
                "calendar_popup": True,
                "display_format": written,
                "field_format_overwrite": False,
            }
        case "text":
            long = field.max_length is None or field.max_length > LONG_TEXT
            return "TextEdit", {"IsMultiline": long, "UseHtml": False}
    return "TextEdit", {"IsMultiline": False}


def form(layer: Layer, caller: Caller, language: str) -> list[Element]:
    """The elements of a QML document that make the form of ``layer`` as ``caller`` may use it."""
    fields = layer.fields_for(caller.audience)
    return [
        _widgets(fields, language),
        _aliases(fields, language),
        *_constraints(fields),
        _table([field.name for field in fields]),
        _text("editorlayout", "tablayout"),
        _order(fields),
        _editable(layer, fields, caller),
        _text("previewExpression", f'"{layer.label}"' if layer.label in {f.name for f in fields} else ""),
    ]


def _text(tag: str, text: str) -> Element:
    made = Element(tag)
    made.text = text
    return made


def _widgets(fields: Sequence[Field], language: str) -> Element:
    made = Element("fieldConfiguration")
    for name in OURS:
        _edit(made, name, "Hidden", {})
    for field in fields:
        _edit(made, field.name, *widget(field, language))
    return made


def _edit(into: Element, name: str, kind: str, settings: Mapping[str, Any]) -> None:
    field = SubElement(into, "field", name=name, configurationFlags="None")
    config = SubElement(SubElement(field, "editWidget", type=kind), "config")
    config.append(options(settings))


def _aliases(fields: Sequence[Field], language: str) -> Element:
    made = Element("aliases")
    for at, field in enumerate(fields):
        unit = f" ({field.unit})" if field.unit and field.unit != "1" else ""
        SubElement(made, "alias", field=field.name, index=str(at), name=field.label.to(language) + unit)
    return made


def _constraints(fields: Sequence[Field]) -> tuple[Element, Element]:
    rules, expressions = Element("constraints"), Element("constraintExpressions")
    for field in fields:
        limited = field.type == "text" and field.max_length is not None
        kinds = (NOT_NULL if field.required else 0) | (EXPRESSION if limited else 0)
        SubElement(
            rules,
            "constraint",
            field=field.name,
            constraints=str(kinds),
            notnull_strength=HARD if field.required else "0",
            exp_strength=HARD if limited else "0",
            unique_strength="0",
        )
        test = f'"{field.name}" IS NULL OR length("{field.name}") <= {field.max_length}' if limited else ""
        why = f"≤ {field.max_length}" if limited else ""
        SubElement(expressions, "constraint", field=field.name, exp=test, desc=why)
    return rules, expressions


def _table(names: Sequence[str]) -> Element:
    made = Element("attributetableconfig", actionWidgetStyle="dropDown", sortExpression="", sortOrder="0")
    columns = SubElement(made, "columns")
    for name in [*names, *OURS]:
        SubElement(
            columns, "column", name=name, type="field", hidden="1" if name in OURS else "0", width="-1"
        )
    SubElement(columns, "column", type="actions", hidden="1", width="-1")
    return made


def _order(fields: Sequence[Field]) -> Element:
    made = Element("attributeEditorForm")
    for at, field in enumerate(fields):
        SubElement(made, "attributeEditorField", name=field.name, index=str(at), showLabel="1")
    return made


def _editable(layer: Layer, fields: Sequence[Field], caller: Caller) -> Element:
    made = Element("editable")
    may = caller.may_write(layer)
    for name in OURS:
        SubElement(made, "field", name=name, editable="0")
    for field in fields:
        SubElement(made, "field", name=field.name, editable="1" if may and field.writable else "0")
    return made


__all__ = ["form", "option", "widget"]
