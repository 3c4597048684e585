"""The reference of layers as Markdown, made from the declarations: ``huong reference --write``."""

from __future__ import annotations

from collections.abc import Iterable

from gis_core.layer import AUDIENCES, Field, Layer

HEAD = """# Layers

Made from the declarations by `huong reference --write`; do not edit. A column that stands in no table here is in
nobody's view. Audiences: **c**itizen, **o**fficer, o**p**erations, **l**and. Every feature also has `fid` and
`version`.
"""
LETTERS = {"citizen": "c", "officer": "o", "operations": "p", "land": "l"}


def reference(layers: Iterable[Layer]) -> str:
    """The whole page, layers by id."""
    return HEAD + "".join(section(layer) for layer in sorted(layers, key=lambda layer: layer.id))


def section(layer: Layer) -> str:
    """One layer: what it is, who sees which rows, its fields."""
    lines = [
        f"\n## `{layer.id}`: {layer.title.en} · {layer.title.vi}\n",
        f"{layer.description.en}\n",
        *facts(layer),
        "",
        "| field | type | seen by | | what |",
        "|---|---|---|---|---|",
        *(row(field) for field in layer.fields),
        "",
    ]
    return "\n".join(lines)


def facts(layer: Layer) -> Iterable[str]:
    place = layer.geometry
    yield f"- geometry: {place.type}" + (
        f", surveyed in EPSG:{place.original_srid}" if place.original_srid else ""
    )
    coarse = [audience for audience in AUDIENCES if place.column_for(audience) != place.column]
    if coarse:
        yield f"- coarse place for: {', '.join(coarse)}"
    if len(layer.audiences) < len(AUDIENCES):
        yield f"- seen only by: {', '.join(a for a in AUDIENCES if a in layer.audiences)}"
    for audience, rows in sorted(layer.rows.items()):
        yield f"- rows for {audience}: `{rows}`"
    if layer.scope:
        scoped = ", ".join(a for a in AUDIENCES if a in layer.scope.audiences)
        yield f"- rows of the caller's units (`{layer.scope.column}`) for: {scoped}"
    if layer.time:
        yield f"- time: {' to '.join(filter(None, (layer.time.start, layer.time.end)))}"
    if layer.write:
        yield f"- written by: {', '.join(a for a in AUDIENCES if a in layer.write.audiences)}"
    if layer.credit:
        yield f"- credit: {layer.credit.en}"


def row(field: Field) -> str:
    marks = [
        name
        for name, set_ in (
            ("sortable", field.sortable),
            ("searched", field.searchable),
            ("required", field.required),
        )
        if set_
    ]
    seen = "".join(LETTERS[a] for a in AUDIENCES if a in field.audiences) or "nobody"
    unit = f" ({field.unit})" if field.unit else ""
    codes = f"; codes: {', '.join(code.value for code in field.codes)}" if field.codes else ""
    what = f"{field.label.en} · {field.label.vi}{unit}{codes}"
    return f"| `{field.name}` | {field.type} | {seen} | {', '.join(marks)} | {what} |"
