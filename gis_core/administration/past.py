"""What happened to a feature, as one caller may know it: field by field, between states that he may see.

A change of what he does not see is no change to him, not even a time; a state in which he did not see the feature is
no state to compare with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib.admin.utils import display_for_field
from django.contrib.auth import get_user_model
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.db.models import Field as ModelField
from django.db.models import GeneratedField, Model
from django.utils.text import capfirst

from gis_core import places
from gis_core.accounts.words import spoken_language
from gis_core.administration.reach import Reach
from gis_core.administration.shown import is_unit, shape_of
from gis_core.place_changes import moved_words, place_words
from gis_core.publish.projection import Table, projections, version_sql
from gis_core.spoken import NO_WITHIN, YES_WITHIN

MOST_CHANGES = 100
EMPTY = "–"


@dataclass(frozen=True)
class Difference:
    """One field of a change: what it is called, what it was, what it became (the place: by how much it moved)."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class PastChange:
    """``who`` is empty where the caller may not know it, or nobody signed in was."""

    at: datetime
    who: str
    differences: Sequence[Difference]


@dataclass(frozen=True)
class Step:
    """A row of the history: what the feature was until ``at``, when ``actor`` changed it."""

    h_id: int
    at: datetime
    actor: str | None
    version: int
    seen: bool


class Past:
    """The history of the feature ``fid`` of ``model``; ``huong.scope`` must be set."""

    def __init__(self, model: type[Model], reach: Reach, fid: Any) -> None:
        self.model, self.reach, self.fid = model, reach, fid
        table = model._meta.db_table
        self.history = f"history.{table}"
        self.columns = columns_seen(model, reach)
        with connection.cursor() as cursor:
            version, seen = self._seen_sql(table_of(cursor, f"public.{table}"))
            cursor.execute(
                f"select h_id, h_at, h_actor, {version}, coalesce({seen}, false) from {self.history}"
                ' where "fid" = %s order by h_id desc',
                [fid],
            )
            self.steps = [Step(*row) for row in cursor.fetchall()]
            cursor.execute(f'select {version} from {table} where "fid" = %s', [fid])
            row = cursor.fetchone()
            self.version_now = row[0] if row else None

    def _seen_sql(self, table: Table) -> tuple[str, str]:
        """What the caller sees of a row as one number, and whether he sees it."""
        audience = self.reach.caller.audience
        fields = {f.sql_column: f for layer in self.reach.layers for f in layer.fields_for(audience)}
        main = self.reach.main
        assert main is not None
        version = version_sql(tuple(fields.values()), main.geometry.column_for(audience), table)
        predicates = [
            f"({projection.view_predicate})"
            for layer in self.reach.layers
            for projection in projections(layer, table)
            if audience in projection.audiences
        ]
        return version, " or ".join(predicates)

    def changes(self, now: Model, *, names: bool) -> list[PastChange]:
        """The latest changes, newest first; ``names`` says by whom."""
        pairs: list[tuple[Step, int | None]] = []
        after: tuple[int | None, int | None, bool] = (None, self.version_now, True)
        for step in self.steps:
            h_id, version, seen = after
            if seen and step.seen and version != step.version:
                pairs.append((step, h_id))
            after = (step.h_id, step.version, step.seen)
        pairs = pairs[:MOST_CHANGES]
        states = self.states({h_id for step, after_id in pairs for h_id in (step.h_id, after_id) if h_id})
        called = names_of({step.actor for step, _ in pairs}) if names else {}
        found = []
        for step, after_id in pairs:
            became = now if after_id is None else states[after_id]
            differences = self.differences(states[step.h_id], became)
            if differences:
                found.append(PastChange(step.at, called.get(step.actor or "", ""), differences))
        return found

    def states(self, wanted: set[int]) -> Mapping[int, Model]:
        """Rows of the history as features that hold what the caller sees, and nothing else."""
        columns = ", ".join(f'"{field.column}"' for field in self.columns)
        rows = self.model._default_manager.raw(
            f'select "fid", {columns}, h_id from {self.history} where h_id = any(%s)', [list(wanted)]
        )
        return {row.h_id: row for row in rows}  # type: ignore[attr-defined]

    def state_of(self, seen_version: int, version_sql_of_caller: str) -> Model | None:
        """The state that had this version to the caller, None where the history has none."""
        with connection.cursor() as cursor:
            cursor.execute(
                f'select max(h_id) from {self.history} where "fid" = %s and {version_sql_of_caller} = %s',
                [self.fid, seen_version],
            )
            (h_id,) = cursor.fetchone()
        if h_id is None or not any(step.h_id == h_id and step.seen for step in self.steps):
            return None
        return self.states({h_id})[h_id]

    def differences(self, before: Model, after: Model) -> list[Difference]:
        found = []
        for field in self.columns:
            old, new = (getattr(state, field.attname) for state in (before, after))
            if not is_alike(old, new):
                found.append(difference(field, old, new))
        return found


def columns_seen(model: type[Model], reach: Reach) -> list[ModelField[Any, Any]]:
    """The model's fields that the caller sees, in the order of the declarations; his place last."""
    audience, main = reach.caller.audience, reach.main
    wanted = dict.fromkeys(f.sql_column for layer in reach.layers for f in layer.fields_for(audience))
    fields = {field.column: field for field in model._meta.concrete_fields}
    place = reach.place or (main.geometry.column_for(audience) if main else "")
    return [fields[column] for column in (*wanted, place) if column in fields and column != "fid"]


def table_of(cursor: Any, name: str) -> Table:
    from gis_core.publish.publisher import table_of as known

    return known(cursor, name)


def is_alike(old: Any, new: Any) -> bool:
    if isinstance(old, GEOSGeometry) and isinstance(new, GEOSGeometry):
        return bool(shape_of(old) == shape_of(new))
    # A column that was added since is empty in the table and has no value in what was written before.
    return bool(old == new) or (old in (None, "") and new in (None, ""))


def difference(field: ModelField[Any, Any], old: Any, new: Any) -> Difference:
    label = str(capfirst(field.verbose_name))
    if isinstance(old, GEOSGeometry) and isinstance(new, GEOSGeometry):
        moved = moved_words(shape_of(old), shape_of(new), srid_of(field))
        return Difference(label, "", moved.to(spoken_language()))
    return Difference(label, said(field, old), said(field, new))


def srid_of(field: ModelField[Any, Any]) -> int:
    """Of a column of places, a generated one among them (a coarser place made of the exact one)."""
    kept = field.output_field if isinstance(field, GeneratedField) else field
    return int(cast("GeometryField[Any, Any]", kept).srid)


def said(field: ModelField[Any, Any], value: Any) -> str:
    """A value of a model's field as a reader takes it: names for codes, words for places."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, GEOSGeometry):
        return place_words(shape_of(value), srid_of(field)).to(spoken_language())
    if isinstance(value, bool):
        return (YES_WITHIN if value else NO_WITHIN).to(spoken_language())
    if is_unit(field.name):
        return places.unit_name(str(value))
    return str(display_for_field(value, field, EMPTY))


def names_of(actors: set[str | None]) -> dict[str, str]:
    """What users are called, by the actors of the history (``user:7``)."""
    keys = {match[1]: actor for actor in actors if actor and (match := re.fullmatch(r"user:(\d+)", actor))}
    users = get_user_model()._default_manager.filter(pk__in=keys)
    return {str(keys[str(user.pk)]): user.get_full_name() or user.get_username() for user in users}
