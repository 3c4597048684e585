"""What a feature is called wherever it is named: in lists, searches, panels, on paper.

The layer says by which fields (`Layer.called`), and what a list says below the name (`Layer.told`); values are spoken
in words, never as codes. A field that holds another layer's key (`Field.reference`) is spoken as that feature's name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gis_core.audiences import Caller
from gis_core.called import fields_of_name, naming_fields, telling_fields, visible
from gis_core.layer import Audience, Field, Layer, Reference
from gis_core.reading import read, registry
from gis_core.shares import Shares
from gis_core.spoken import age, value
from gis_core.words import Text

__all__ = ["Name", "Speaker", "Speech", "fields_of_name", "naming_fields", "telling_fields", "visible"]

JOINT = " · "
FROM = Text("từ {day}", "from {day}")
UNTIL = Text("đến trước {day}", "until {day}")  # the end of an interval is not in it
LONGEST_PART = 80  # characters of one field in a name
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Name:
    """``title`` names a feature, ``under`` is what a list says below it; either may be empty."""

    title: str
    under: str = ""


@dataclass(frozen=True)
class Question:
    """What the features of ``layer`` that bear ``keys`` are called: its ``sql`` takes the keys, an array of texts."""

    reference: Reference
    layer: Layer
    keys: Sequence[str]
    fields: Sequence[Field]
    audience: Audience

    def sql(self, placeholder: str) -> str:
        columns = "".join(f', "{field.name}"' for field in self.fields)
        key, view = self.reference.key, f'"{self.audience}"."{self.layer.id}"'
        return f'select "{key}"::text as _key{columns} from {view} where "{key}"::text = any({placeholder})'


class Speech:
    """Speaks values to one caller in one language. What they refer to is asked of the database by whoever speaks:
    `questions`, whose rows it is told by `hear`.
    """

    def __init__(self, caller: Caller, language: str) -> None:
        self._caller = caller
        self._language = language
        self._known: dict[tuple[Reference, str], str] = {}  # "" where nothing has the key

    def questions(
        self, layers: Iterable[Layer], fields: Sequence[Field], rows: Iterable[Row]
    ) -> list[Question]:
        """What to ask for the names that ``fields`` of ``rows`` refer to, of the ``layers`` that the caller sees."""
        wanted: dict[Reference, set[str]] = defaultdict(set)
        referring = [field for field in fields if field.reference]
        for row in rows if referring else ():
            for field in referring:
                raw = row.get(field.name)
                if (
                    field.reference
                    and raw not in (None, "")
                    and (field.reference, str(raw)) not in self._known
                ):
                    wanted[field.reference].add(str(raw))
        self._known |= {(reference, key): "" for reference, keys in wanted.items() for key in keys}
        seen = {layer.id: layer for layer in layers} if wanted else {}
        audience = self._caller.audience
        asked = []
        for reference, keys in wanted.items():
            layer = seen.get(reference.layer)
            naming = naming_fields(layer, audience) if layer else ()
            if layer is not None and naming and visible(layer, audience, [reference.key]):
                asked.append(Question(reference, layer, sorted(keys), naming, audience))
        return asked

    def hear(self, question: Question, rows: Iterable[Sequence[Any]]) -> None:
        """The answer to a question: what the features are called that bear its keys."""
        names = [field.name for field in question.fields]
        for key, *parts in rows:
            title = self.name(question.layer, dict(zip(names, parts, strict=True))).title
            self._known[question.reference, key] = title

    def value(self, field: Field, raw: object) -> str:
        """``raw`` in words; a reference by the name of what it refers to, its key where that is not known."""
        if field.reference and (known := self._known.get((field.reference, str(raw)))):
            return known
        return value(field, raw, self._language)

    def name(self, layer: Layer, row: Row) -> Name:
        """What the feature with the values ``row`` is called; `learn` knows what it refers to."""
        audience = self._caller.audience
        title = [self.value(f, row[f.name]) for f in naming_fields(layer, audience) if _has(row, f)]
        under = [self.told(layer, f, row[f.name]) for f in telling_fields(layer, audience) if _has(row, f)]
        return Name(JOINT.join(cut(part) for part in title), JOINT.join(cut(part) for part in under))

    def told(self, layer: Layer, field: Field, raw: object) -> str:
        """A value below a name: the ends of what lasted for a time as such, any other day with how long ago it is."""
        words = self.value(field, raw)
        if layer.time and layer.time.end:
            bounds = {layer.time.start: FROM, layer.time.end: UNTIL}
            if field.name in bounds:
                return bounds[field.name].format(day=words).to(self._language)
        since = age(raw, self._language)
        return f"{words} ({since})" if since else words


class Speaker(Speech):
    """Asks by itself, in its thread: `learn` first what values refer to, a query for each layer.

    The layers that are referred to have their ``shares`` of the time of the answer, as all others.
    """

    def __init__(self, caller: Caller, language: str, shares: Shares) -> None:
        super().__init__(caller, language)
        self._shares = shares

    def learn(self, fields: Sequence[Field], rows: Iterable[Row]) -> None:
        """Look up the names of the features that ``fields`` of ``rows`` refer to; one that cannot be read has none."""
        seen = (each.layer for each in registry().current().seen_by(self._caller))
        questions = self.questions(seen, fields, rows)
        nothing: list[tuple[Any, ...]] = []
        answers = self._shares.ask_all(
            [(question.layer, partial(self._looked_up, question)) for question in questions], nothing
        )
        for question, found in zip(questions, answers, strict=True):
            self.hear(question, found)

    def _looked_up(self, question: Question, timeout_ms: int | None) -> list[tuple[Any, ...]]:
        with read(self._caller, timeout_ms=timeout_ms) as cursor:
            return cursor.execute(question.sql("%s"), [list(question.keys)]).fetchall()


def _has(row: Row, field: Field) -> bool:
    return row.get(field.name) not in (None, "")


def cut(text: str, longest: int = LONGEST_PART) -> str:
    """The beginning of a text in one line, ended at a word."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    return line[:longest].rsplit(" ", 1)[0].rstrip(",;:. ") + "…"
