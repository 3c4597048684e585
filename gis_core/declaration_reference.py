"""The reference of what a declaration may say, made from its classes: ``huong reference --write``.

Names, types and defaults are those of the classes themselves; the words are here, one for each option, and a test
compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from gis_core import layer
from gis_core.words import Text

HEAD = """# What a declaration may say

Made from the classes of `gis_core.layer` by `huong reference --write`; do not edit. How they are put together:
[declare a layer](../how-to/declare-a-layer.md). An option without a default must be given.
"""

OPTIONS: Mapping[type[Any], Mapping[str, str]] = {
    layer.Layer: {
        "id": "Its name in every address: lower-case ASCII letters, digits and `_`.",
        "title": "What it is called, in Vietnamese and English.",
        "description": "A sentence or two for catalogues.",
        "geometry": "Of which type its features are, and in which columns they lie.",
        "fields": "The properties, in the order of lists and forms.",
        "model": "The Django model whose table it shows.",
        "table": "`schema.table`, where there is no model.",
        "audiences": "Who has a view of the layer at all.",
        "rows": "Audience → CQL2 over the table's own columns: the rows that it sees.",
        "scope": "Rows by unit: officers see those of theirs.",
        "time": "The field, or the two, that `datetime=` and `?t=` choose by.",
        "label": "The field that the map writes beside a feature.",
        "called": "The fields that name a feature in lists; the label if none.",
        "told": "The fields that a list says below the name.",
        "style": "The look in a few words, where `styles` has none.",
        "styles": "Styles written out; the first is how the layer is drawn.",
        "zoom": "From which zoom of tiles to which it is there.",
        "overview": "What low zooms show instead of a great many features.",
        "write": "Who may change features through the APIs.",
        "credit": "Whom maps must name.",
        "notice": "What a reader must know: how sure, how old, for what it is not good.",
        "group": "Under which heading the map lists it.",
        "listed": "Whether catalogues and the map list it; its addresses answer all the same.",
        "ground": "Its place in the ground of the map, the lowest number undermost.",
        "at_first": "Whether a map shows it before it is asked for.",
        "of_now": "The layer that has those of its features that are valid today.",
        "written_by": "Filled in when it is published; not to be given.",
    },
    layer.Field: {
        "name": "Its key in every protocol: lower-case ASCII letters, digits and `_`.",
        "label": "What people read before the value.",
        "type": "Of which type the values are.",
        "audiences": "Whose views have the column.",
        "description": "A sentence for schemas and forms.",
        "unit": "A UCUM code (`m`, `m2`, `hm3`); it also bounds what may be written (`gis_core.measures`).",
        "codes": "The values that there are, with their words.",
        "reference": "Of which other feature the value is the key.",
        "column": "The column, where it is called otherwise.",
        "queryable": "Whether filters may name it.",
        "sortable": "Whether lists may be sorted by it; it gets an index.",
        "searchable": "Whether the search of the city looks into it.",
        "asked": "Words after which people give its number: “tờ” finds sheet 12 by “tờ 12”.",
        "alias": "Whether it names the feature otherwise, and finds it as its own name does.",
        "tiled": "Whether vector tiles carry it.",
        "required": "Whether a feature must have it.",
        "writable": "Whether writers may change it.",
        "max_length": "Characters of a text.",
    },
    layer.Code: {
        "value": "As it is stored.",
        "label": "As people read it.",
        "colour": "Of its features, `#rrggbb` or a name of the palette.",
        "symbol": "The silhouette of its marks, where the layer's own is not meant.",
    },
    layer.Reference: {
        "layer": "The other layer's id.",
        "key": "The field of that layer which holds the same value.",
    },
    layer.Geometry: {
        "type": "Of which type features are.",
        "column": "EPSG:4326; `<column>3857` beside it is generated.",
        "original": "The column that keeps the surveyed geometry.",
        "original_srid": "In which CRS that is.",
        "coarse": "Audience → the column of another place, where the exact one is not for it.",
        "coverage": "Whether areas share their borders, which are then drawn once where they are dashed.",
    },
    layer.Scope: {
        "column": "The column that holds the code of the unit.",
        "audiences": "Who sees the rows of the own units alone.",
    },
    layer.Time: {
        "start": "The field of the instant, or of the first moment.",
        "end": "The field of the moment from which it is no longer so; empty means until further notice.",
    },
    layer.Style: {
        "colour": "Of marks, lines and fills.",
        "outline": "Of the edge of marks and areas.",
        "opacity": "Of fills.",
        "width": "Of lines, in px.",
        "symbol": "The silhouette of marks.",
        "by": "The field by whose codes it is coloured.",
        "direction": "The field that turns marks, degrees clockwise from north.",
    },
    layer.DeclaredStyle: {
        "id": "Its name in addresses.",
        "title": "What readers choose it by.",
        "layers": "Style layers of MapLibre ([the subset](styles.md)).",
    },
    layer.Overview: {
        "max_zoom": "The last zoom of tiles that shows cells.",
        "by": "The field whose most frequent value colours a cell.",
    },
    layer.Write: {
        "audiences": "Who.",
        "create": "Whether new features may be made.",
        "delete": "Whether features may be removed.",
        "service": "The dotted path of the function that writes, where rules are more than columns.",
    },
}
NAMED = {
    "frozenset[Audience]": "audiences",
    "Mapping[Audience, str]": "audience → text",
}


def declaration_reference() -> str:
    """The whole page."""
    return HEAD + "".join(line for kind in OPTIONS for line in section(kind))


def section(kind: type[Any]) -> Iterator[str]:
    doc = (kind.__doc__ or "").partition("\n\n")[0].replace("``", "`").replace("\n    ", " ")
    yield f"\n## {kind.__name__}\n\n{doc}\n\n| option | type | default | |\n|---|---|---|---|\n"
    for each in fields(kind):
        words = OPTIONS[kind][each.name]
        yield f"| `{each.name}` | {code(type_of(each))} | {default_of(each)} | {words} |\n"


def type_of(option: Field[Any]) -> str:
    text = str(option.type)
    return NAMED.get(text, text)


def code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def default_of(option: Field[Any]) -> str:
    if option.default_factory is not MISSING:
        return "none"
    value = option.default
    if value is MISSING:
        return ""
    if value == layer.EVERYONE:
        return "everyone"
    if value is None or value == () or value == "":
        return "none"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, Text):
        return f"“{value.en}”"
    return "a plain one" if isinstance(value, layer.Style) else code(repr(value))
