"""Rows into the Django model of a declared layer, by the model's own rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from shapely.geometry.base import BaseGeometry

from gis_core import places
from gis_core.audiences import Caller
from gis_core.features import Feature, ScopedFeature
from gis_core.layer import Layer
from gis_core.problems import Problem
from gis_core.values import Columns
from gis_core.words import Text
from gis_core.writers import blank_for, geos, model_of, write_row
from imports.destinations import Ready, Refused, refused_by_database

# Models that save as these do can be written many at a time; one with a `save` of its own is saved row by row.
PLAIN_SAVES = (models.Model.save, Feature.save, ScopedFeature.save)


class ModelLayer:
    """A declared layer, written with the application's rights; ``emptied`` takes the old rows away first."""

    using = "default"

    def __init__(self, layer: Layer, srid: int, actor: str, *, emptied: bool) -> None:
        model = model_of(layer.table)
        assert model is not None
        self.layer, self.model, self.emptied = layer, model, emptied
        self.caller = Caller("operations", actor=actor)
        self.surveyed = layer.geometry.original_srid == srid
        self.columns = {f.column: f for f in model._meta.concrete_fields}
        self.unchecked = [f.name for f in model._meta.fields if f.generated]
        self.plain = model.save in PLAIN_SAVES

    def begin(self, cursor: Any) -> None:
        if self.emptied:
            self.model._default_manager.all().delete()

    def write(self, cursor: Any, rows: Sequence[Ready]) -> list[Refused]:
        if not self.plain:
            return [refusal for row in rows if (refusal := self.save_alone(row)) is not None]
        refused: list[Refused] = []
        made: list[tuple[Ready, models.Model]] = []
        for row in rows:
            try:
                made.append((row, self.instance(row)))
            except ValidationError as error:
                refused.append((row, words_of(error)))
        return refused + self.save_together(made)

    def finish(self, cursor: Any) -> None:
        pass

    def instance(self, row: Ready) -> models.Model:
        """The model's object, checked field by field; ValidationError where its own rules refuse it."""
        made = self.model()
        for column, value in row.values.items():
            setattr(made, self.columns[column].attname, blank_for(self.model, column, value))
        place = self.layer.geometry
        lonlat = geos(row.lonlat, 4326)
        setattr(made, place.column, lonlat)
        if place.original and place.original_srid:
            kept = geos(row.surveyed, place.original_srid) if self.surveyed else None
            setattr(made, place.original, kept or lonlat.transform(place.original_srid, clone=True))
        if hasattr(made, "unit_code") and not made.unit_code:
            made.unit_code = places.unit_at(lonlat) or ""
        made.full_clean(exclude=self.unchecked, validate_unique=False, validate_constraints=False)
        return made

    def save_together(self, made: list[tuple[Ready, models.Model]]) -> list[Refused]:
        """One statement for all; where the database refuses it, one by one to find which row it was."""
        try:
            with transaction.atomic():
                self.model._default_manager.bulk_create([instance for _, instance in made])
        except IntegrityError:
            refused = []
            for row, instance in made:
                instance.pk = None
                try:
                    with transaction.atomic():
                        instance.save(force_insert=True)
                except IntegrityError as error:
                    refused.append((row, refused_by_database(error)))
            return refused
        return []

    def save_alone(self, row: Ready) -> Refused | None:
        original: BaseGeometry | None = row.surveyed if self.surveyed else None
        try:
            with transaction.atomic():
                write_row(self.layer, "create", None, Columns(row.values, row.lonlat, original), self.caller)
        except IntegrityError as error:
            return row, refused_by_database(error)
        except ValidationError as error:
            return row, words_of(error)
        except Problem as problem:
            return row, problem.detail
        return None


def words_of(error: ValidationError) -> Text:
    """What a model's rules say; they speak Vietnamese, so the English names the fields alone."""
    by_field = getattr(error, "message_dict", {NON_FIELD_ERRORS: error.messages})
    said = "; ".join(" ".join(messages) for messages in by_field.values())
    names = ", ".join("the row" if name == NON_FIELD_ERRORS else name for name in by_field)
    return Text(f"giá trị không hợp lệ: {said}", f"values that do not fit, or are there already: {names}")
