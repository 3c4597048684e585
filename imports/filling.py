"""From the fields of a file to the columns of a layer: which goes where, and each value as the column wants it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gis_core.layer import Field, Layer
from gis_core.problems import Problem
from gis_core.values import MAX_TEXT, field_value
from gis_core.words import Text
from imports.frames import Row, Value
from imports.naming import folded

WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
TRUE, FALSE = frozenset({"true", "1", "yes", "co"}), frozenset({"false", "0", "no", "khong"})
Convert = Callable[[Value], Any]


@dataclass(frozen=True)
class Filling:
    """One column: its field, and the name of the file's field that fills it (None: the row's own identity)."""

    field: Field
    source: str | None
    convert: Convert

    def value(self, row: Row) -> Any:
        """The column's value; Problem 422 where it does not fit."""
        return self.convert(row.id if self.source is None else row.values.get(self.source))


def fill(fields: Iterable[Field], sources: Mapping[str, str | None]) -> tuple[Filling, ...]:
    """Fillings of those of ``fields`` that ``sources`` (field name -> the file's name) knows."""
    return tuple(Filling(f, sources[f.name], converter(f)) for f in fields if f.name in sources)


def match_names(layer: Layer, names: Sequence[str]) -> dict[str, str]:
    """Field of ``layer`` -> name in the file: the same, or the same as its key or a label without diacritics."""
    found: dict[str, str] = {}
    plain: dict[str, str] = {}
    for name in names:
        plain.setdefault(folded(name), name)
    for f in (f for f in layer.fields if f.writable):
        ways = (f.name, folded(f.name), folded(f.label.vi), folded(f.label.en))
        match = f.name if f.name in names else next((plain[w] for w in ways if w in plain), None)
        if match is not None and match not in found.values():
            found[f.name] = match
    return found


def refuse_missing(layer: Layer, sources: Mapping[str, str | None]) -> None:
    """Problem 422 that names the required fields of ``layer`` which the file has not."""
    missing = [f for f in layer.fields if f.required and f.writable and f.name not in sources]
    if missing:
        vi = ", ".join(f"{f.name} ({f.label.vi})" for f in missing)
        en = ", ".join(f"{f.name} ({f.label.en})" for f in missing)
        raise Problem(
            422,
            "required-fields-missing",
            Text(
                f"Tệp thiếu trường bắt buộc của lớp “{layer.id}”: {vi}. Đặt tên cột trong tệp theo khóa hoặc nhãn này.",
                f"The file lacks required fields of “{layer.id}”: {en}. Name its columns by these keys or labels.",
            ),
        )


def converter(f: Field) -> Convert:
    """How a value of a file becomes one of ``f``; codes are taken by value or by label."""
    if f.type == "text" and not f.codes and not f.required:
        return lambda value: plain_text(f, value)
    by_label = {folded(words): code.value for code in f.codes for words in code.label}

    def convert(value: Value) -> Any:
        fitted = spelled(f, value)
        if by_label and isinstance(fitted, str) and fitted not in {code.value for code in f.codes}:
            fitted = by_label.get(folded(fitted), fitted)
        return field_value(f, fitted)

    return convert


def plain_text(f: Field, value: Value) -> str | None:
    """The usual case without the detours: most values of most files are short ASCII text."""
    if value is None:
        return None
    text = as_text(value)
    if text.isascii() and "\x00" not in text and len(text) <= (f.max_length or MAX_TEXT):
        return text
    read: str = field_value(f, text)
    return read


def as_text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def spelled(f: Field, value: Value) -> Value:
    """``value`` in the type of ``f`` where the file spells it as another and nothing has to be guessed."""
    if value is None or value == "":
        return value
    if f.type == "text":
        return as_text(value)
    if f.type == "boolean" and not isinstance(value, bool):
        word = folded(as_text(value))
        return True if word in TRUE else False if word in FALSE else value
    if isinstance(value, str) and f.type in ("integer", "number"):
        text = value.strip()
        if WHOLE.fullmatch(text):
            return int(text)
        return float(text) if f.type == "number" and DECIMAL.fullmatch(text) else value
    return value
