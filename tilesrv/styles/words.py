"""What classes of features are called: in the words of the code list, else in numbers and in words of our own."""

from __future__ import annotations

from gis_core.layer import Field, Layer
from gis_core.spoken import NO_WITHIN
from gis_core.styles.nodes import Get, fields_in
from gis_core.words import Text
from tilesrv.styles.classes import Cell, Class, Part

OTHERS = Text("Khác", "Other")
AND_MORE = Text("{label} và {count} loại nữa", "{label} and {count} more")
NO_DATA = Text("Không có số liệu", "No data")
NAMES = Text("Tên", "Names")
CELLS = Text(
    "Nhìn từ xa: ô gộp nhiều đối tượng, càng đậm càng nhiều",
    "From afar: a cell of many, the stronger the more",
)


def field_named(layer: Layer, name: str | None) -> Field | None:
    return next((field for field in layer.fields if field.name == name), None)


def code_label(layer: Layer, field_name: str | None, value: str | float) -> Text:
    """The words of the code list for ``value`` of a field; the value itself where it has none."""
    field = field_named(layer, field_name)
    written = written_number(value) if isinstance(value, float) else str(value)
    codes = {code.value: code.label for code in field.codes} if field else {}
    return codes.get(written) or Text(written, written)


def numbers_label(layer: Layer, field_name: str | None, low: float | None, high: float | None) -> Text:
    """A range of numbers with the field's unit: ``10 – 20 km``, ``< 10 km``, ``≥ 20 km``."""
    field = field_named(layer, field_name)
    unit = f" {field.unit}" if field and field.unit and field.unit != "1" else ""
    if low is None and high is None:
        return field.label if field else OTHERS
    if low is None:
        return _both(f"< {written_number(high or 0)}{unit}")
    if high is None:
        return _both(f"≥ {written_number(low)}{unit}")
    return _both(f"{written_number(low)} – {written_number(high)}{unit}")


def _both(text: str) -> Text:
    """Numbers are written with a decimal comma in Vietnamese."""
    return Text(text.replace(".", ","), text)


def written_number(value: float) -> str:
    return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0f}"


def class_label(layer: Layer, found: Class) -> Text:
    """What a class is called: its parts, of which codes speak for themselves; the layer's title for all features."""
    words = [part_label(layer, part) for part in found.where]
    return Text(", ".join(t.vi for t in words), ", ".join(t.en for t in words)) if words else layer.title


def part_label(layer: Layer, part: Part) -> Text:
    """The words for where one input lies."""
    names = sorted(fields_in(part.input))
    field = field_named(layer, names[0]) if len(names) == 1 else None
    if not isinstance(part.input, Get) or field is None:
        return OTHERS if part.cells[0].value is False else Text(", ".join(names), ", ".join(names))
    if any(cell.kind == "other" for cell in part.cells):
        return OTHERS
    if field.type == "boolean":
        return _truth(field, part)
    words = [cell_label(layer, field, cell) for cell in part.cells if cell.kind != "null"]
    if not words:
        return NO_DATA
    return Text(", ".join(t.vi for t in words), ", ".join(t.en for t in words))


def _truth(field: Field, part: Part) -> Text:
    """What is true is called by its field's name."""
    if any(cell.value is True for cell in part.cells):
        return field.label
    return Text(f"{field.label.vi}: {NO_WITHIN.vi}", f"{field.label.en}: {NO_WITHIN.en}")


def cell_label(layer: Layer, field: Field, cell: Cell) -> Text:
    """The words for one cell of a field's range."""
    if cell.kind == "value" and cell.value is not None:
        return code_label(layer, field.name, cell.value)
    return numbers_label(layer, field.name, cell.low, cell.high)
