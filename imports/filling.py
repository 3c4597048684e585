"""From the fields of a file to the columns of a layer: which goes where, and each value as the column wants it."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

from gis_core.layer import Field, Layer
from gis_core.problems import Problem
from gis_core.values import MAX_TEXT, field_value
from gis_core.words import Text, nfc
from imports.frames import Rows, Value
from imports.naming import folded
from imports.profile import DATES, MOMENTS, are_small, fits_a_fraction

WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
TRUE, FALSE = frozenset({"true", "1", "yes", "co"}), frozenset({"false", "0", "no", "khong"})
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
NONE = type(None)
WAYS: tuple[Callable[[Field], str], ...] = (lambda f: f.label.vi, lambda f: f.label.en, lambda f: f.name)
Convert = Callable[[Value], Any]


@dataclass(frozen=True)
class Filling:
    """One column: its field, and the name of the file's field that fills it (None: the row's own identity).

    ``words`` stands in every row where it is given, whatever the file says.
    """

    field: Field
    source: str | None
    convert: Convert
    words: str | None = None

    def column(self, rows: Rows) -> tuple[list[Any], dict[int, Text]]:
        """The column's value in each of ``rows``, and by position why one does not fit (None stands in its place)."""
        if self.words is not None:
            return [self.words] * len(rows), {}
        raw: list[Any] = (
            rows.ids if self.source is None else rows.columns.get(self.source, [None] * len(rows))
        )
        if fit_as_they_are(self.field, raw):
            return raw, {}
        times = read_at_once(self.field, raw)
        return self.converted(raw) if times is None else (times, {})

    def converted(self, raw: Sequence[Value]) -> tuple[list[Any], dict[int, Text]]:
        """Value by value; a text that comes again is converted once."""
        values: list[Any] = []
        faults: dict[int, Text] = {}
        known: dict[str, Any] = {}
        for index, value in enumerate(raw):
            if type(value) is str and value in known:
                values.append(known[value])
                continue
            try:
                fitted = self.convert(value)
            except Problem as problem:
                faults[index], fitted = problem.detail, None
            else:
                if type(value) is str:
                    known[value] = fitted
            values.append(fitted)
        return values, faults


def fit_as_they_are(f: Field, values: Sequence[Value]) -> bool:
    """Whether ``f`` takes every one of ``values`` unchanged: the usual case, seen at a glance over all of them."""
    kinds = set(map(type, values))
    if f.codes or (f.required and (NONE in kinds or not all(map(str.strip, map(str, values))))):
        return False
    there: Any = [value for value in values if value is not None] if NONE in kinds else values
    kinds.discard(NONE)
    if not kinds:
        return True
    if f.type == "text" and kinds == {str}:
        together = "\n".join(there)
        return (
            max(map(len, there)) <= (f.max_length or MAX_TEXT)
            and "\x00" not in together
            # What is normal as a whole is so in each of its parts.
            and (together.isascii() or is_plain(together))
        )
    if f.type == "integer" and kinds == {int}:
        return bool(max(there) < 2**63 and min(there) >= -(2**63))
    if f.type == "number" and kinds <= {int, float}:
        return all(map(math.isfinite, there)) and (
            kinds == {float} or are_small(kinds, there) or all(map(fits_a_fraction, there))
        )
    return f.type == "boolean" and kinds == {bool}


def read_at_once(f: Field, values: Sequence[Value]) -> list[Any] | None:
    """Days, or moments with their zone, where all of ``values`` are texts that spell one; else None."""
    if f.type not in ("date", "datetime") or f.codes or set(map(type, values)) != {str}:
        return None
    texts = cast(Sequence[str], values)
    form = DATES if f.type == "date" else MOMENTS
    if not form.fullmatch("\n".join(texts) + "\n"):
        return None
    try:
        if f.type == "date":
            return [*map(date.fromisoformat, texts)]
        return [at if at.tzinfo is UTC else at.astimezone(UTC) for at in map(datetime.fromisoformat, texts)]
    except (ValueError, OverflowError):
        return None


def is_plain(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text) and not LONE_SURROGATE.search(text)


def fill(fields: Iterable[Field], sources: Mapping[str, str | None]) -> tuple[Filling, ...]:
    """Fillings of those of ``fields`` that ``sources`` (field name -> the file's name) knows."""
    return tuple(Filling(f, sources[f.name], converter(f)) for f in fields if f.name in sources)


def match_names(layer: Layer, names: Sequence[str], *, labels_first: bool) -> dict[str, str]:
    """Field of ``layer`` -> name in the file, each name once.

    First those that are called as the field's key or a label to the letter, then those that are the same without
    diacritics, case and punctuation. ``labels_first`` for a dataset: the label of its field is what the file that it
    was made from called it ("Name" and "name" of one file are the fields ``name`` and ``name_2``).
    """
    ways = WAYS if labels_first else (WAYS[-1], *WAYS[:-1])
    found: dict[str, str] = {}
    for alike in (str, folded):
        left: dict[str, list[str]] = {}
        for name in names:
            if name not in found.values():
                left.setdefault(alike(nfc(name)), []).append(name)
        for way in ways:
            for f in (f for f in layer.fields if f.writable and f.name not in found):
                same = left.get(alike(way(f)))
                if same:
                    found[f.name] = same.pop(0)
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
    by_label = {folded(words): code.value for code in f.codes for words in code.label}

    def convert(value: Value) -> Any:
        fitted = spelled(f, value)
        if by_label and isinstance(fitted, str) and fitted not in {code.value for code in f.codes}:
            fitted = by_label.get(folded(fitted), fitted)
        return field_value(f, fitted)

    return convert


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
