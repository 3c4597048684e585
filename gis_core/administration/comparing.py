"""What somebody else wrote while a form was open, beside what was typed in it: to be chosen, field by field.

The form keeps naming the state that it was opened with until its sender has chosen; then what he takes of the other's
work stands as it is, and the rest is his. Whatever was typed comes back with every answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Model
from django.utils.text import capfirst

from gis_core.accounts.words import spoken_language
from gis_core.administration.past import Past, is_alike, said
from gis_core.administration.shown import shape_of
from gis_core.place_changes import moved_words
from gis_core.writing import version_over_history

if TYPE_CHECKING:
    from gis_core.administration.forms import LayerForm

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Row:
    """One field that the other changed. ``before`` is empty where the state that the form was opened with is not known.

    ``choice`` is `MINE`, `THEIRS` or, where both changed it and nothing has been chosen yet, empty.
    """

    name: str
    label: str
    before: str
    theirs: str
    mine: str
    choice: str


@dataclass(frozen=True)
class Comparison:
    """``version`` is the state that it was made against; ``settled``: it was seen, and every row is chosen."""

    version: str
    rows: Sequence[Row]
    settled: bool

    @property
    def taken(self) -> list[str]:
        return [row.name for row in self.rows if row.choice == THEIRS] if self.settled else []


def compare(form: LayerForm, seen: str) -> Comparison:
    """The state that stands and what ``form`` sends, which was opened with the version ``seen``."""
    assert form.version is not None
    base = opened_with(form, seen)
    fields = {field.name: field for field in form._meta.model._meta.concrete_fields}
    rows = [
        row
        for name in form.fields
        if name in fields and (row := row_of(form, fields[name], base)) is not None
    ]
    was_seen = form.data.get("compared") == form.version
    return Comparison(form.version, rows, was_seen and all(row.choice for row in rows))


def opened_with(form: LayerForm, seen: str) -> Model | None:
    layer = form.reach.main
    if layer is None or not (seen.isascii() and seen.isdecimal() and len(seen) < 19):
        return None
    with connection.cursor() as cursor:
        version = version_over_history(cursor, layer, form.reach.caller)
    past = Past(form._meta.model, form.reach, form.instance.pk)
    return past.state_of(int(seen), version)


def row_of(form: LayerForm, column: Any, base: Model | None) -> Row | None:
    name, field = column.name, form.fields[column.name]
    stands = form.initial.get(name)
    sent = field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
    known = base is not None and column.attname in base.__dict__
    before = getattr(base, column.attname) if known else None
    if (known and is_alike(before, stands)) or not field.has_changed(stands, sent):
        return None
    chosen = str(form.data.get(f"take_{name}", ""))
    untouched = known and not field.has_changed(before, sent)
    choice = chosen if chosen in (MINE, THEIRS) else THEIRS if untouched else ""
    try:
        mine = field.clean(sent)
    except ValidationError:
        mine = sent[0] if isinstance(sent, tuple) else sent
    label = str(capfirst(column.verbose_name))
    theirs, written = told(column, stands, before), told(column, mine, before)
    return Row(name, label, said(column, before) if known else "", theirs, written, choice)


def told(column: Any, value: Any, before: Any) -> str:
    """A value in words; a place by how far it is from what it was."""
    if isinstance(value, GEOSGeometry) and isinstance(before, GEOSGeometry) and not is_alike(value, before):
        return moved_words(shape_of(before), shape_of(value), column.srid).to(spoken_language())
    return said(column, value)
