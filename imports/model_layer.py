"""Rows into the Django model of a declared layer, by the model's own rules."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import Any

import shapely
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DataError, IntegrityError, InternalError, connections, models, transaction
from django.db.models.expressions import DatabaseDefault
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis_core.audiences import Caller
from gis_core.features import Feature
from gis_core.geos import ewkb_of, moved
from gis_core.layer import Layer
from gis_core.problems import Problem
from gis_core.values import Columns
from gis_core.words import Text
from gis_core.writers import blank_for, model_of, require_its_model, write_row
from imports.destinations import Batch, Write, refused_by_database
from imports.model_cleaning import Cleaner
from imports.report import RowNote

# Models that save as these do can be written many at a time; one with a `save` of its own is saved row by row.
PLAIN_SAVES = (models.Model.save, Feature.save)
# What a row may be refused with by the database; anything else is no fault of the row.
FAULTS_OF_ROWS = (IntegrityError, DataError, InternalError)
# What a model may raise where values that its own checks will refuse by name are no ground for others to follow from.
UNFIT = (GEOSException, GDALException, shapely.GEOSException, ArithmeticError, TypeError, ValueError)
# Fields whose cleaned values are stored as they are.
AS_THEY_ARE = (models.CharField, models.TextField, models.BooleanField, models.DateField)
Made = tuple[int, models.Model]  # position in its batch


class ModelLayer:
    """A declared layer, written with the application's rights; ``emptied`` takes the old rows away first."""

    using = "default"

    def __init__(self, layer: Layer, srid: int, actor: str, *, emptied: bool) -> None:
        model = model_of(layer.table)
        require_its_model(layer, model)
        assert model is not None
        self.layer, self.model, self.emptied = layer, model, emptied
        self.caller = Caller("operations", actor=actor)
        self.surveyed = layer.geometry.original_srid == srid
        self.columns = {f.column: f for f in model._meta.concrete_fields}
        self.blanks = {column: blank_for(model, str(column), None) for column in self.columns}
        self.cleaner = Cleaner(model)
        self.plain = model.save in PLAIN_SAVES

    def begin(self, cursor: Any) -> None:
        if self.emptied:
            self.model._default_manager.all().delete()

    @contextmanager
    def writing(self, cursor: Any) -> Iterator[Write]:
        yield self.write_together if self.plain else self.write_one_by_one

    def write_one_by_one(self, batch: Batch) -> list[RowNote]:
        notes = (self.save_alone(batch, index) for index in range(len(batch)))
        return [note for note in notes if note is not None]

    def write_together(self, batch: Batch) -> list[RowNote]:
        refused: list[RowNote] = []
        clean: list[Made] = []
        for index, instance in enumerate(self.settled(self.instances(batch))):
            try:
                self.cleaner.clean(instance)
            except ValidationError as error:
                refused.append(batch.note(index, words_of(error)))
            else:
                clean.append((index, instance))
        return [*refused, *(batch.note(index, why) for index, why in self.save_together(clean))]

    def finish(self, cursor: Any) -> None:
        pass

    def settled(self, instances: list[models.Model]) -> list[models.Model]:
        """The objects with what follows from their values, but for those whose values are no ground for anything."""
        if not issubclass(self.model, Feature):
            return instances
        try:
            self.model.settle(instances)  # type: ignore[arg-type]
        except UNFIT:
            for instance in instances:
                with contextlib.suppress(*UNFIT):
                    self.model.settle([instance])  # type: ignore[list-item]
        return instances

    def instances(self, batch: Batch) -> list[models.Model]:
        """The model's objects with the values of ``batch``, as yet unchecked; places as EWKB."""
        place = self.layer.geometry
        columns = {
            self.columns[column].attname: self.fitted(column, values)
            for column, values in batch.columns.items()
        }
        columns[place.column] = ewkb(batch.lonlat, 4326)
        if place.original and place.original_srid:
            own = batch.surveyed if self.surveyed else moved(batch.lonlat, 4326, place.original_srid)
            columns[place.original] = ewkb(own, place.original_srid)
        made = []
        for values in zip(*columns.values(), strict=True):
            instance = self.model()
            for name, value in zip(columns, values, strict=True):
                setattr(instance, name, value)
            made.append(instance)
        return made

    def fitted(self, column: str, values: list[Any]) -> list[Any]:
        """`blank_for` of each of ``values``."""
        if isinstance(self.columns[column], models.DecimalField):
            return [blank_for(self.model, column, value) for value in values]
        blank = self.blanks[column]
        return [blank if value is None else value for value in values]

    def save_together(self, made: Sequence[Made]) -> Iterator[tuple[int, Text]]:
        """One statement for all; where the database refuses it, halves, to find which rows it was."""
        if not made:
            return
        try:
            with transaction.atomic():
                insert(self.model, [instance for _, instance in made])
        except FAULTS_OF_ROWS as error:
            if len(made) == 1:
                yield made[0][0], refused_by_database(error)
                return
            middle = len(made) // 2
            yield from self.save_together(made[:middle])
            yield from self.save_together(made[middle:])

    def save_alone(self, batch: Batch, index: int) -> RowNote | None:
        lonlat = batch.lonlat[index]
        values = {name: column[index] for name, column in batch.columns.items()}
        original: BaseGeometry | None = batch.surveyed[index] if self.surveyed else None
        try:
            with transaction.atomic():
                write_row(self.layer, "create", None, Columns(values, lonlat, original), self.caller)
        except FAULTS_OF_ROWS as error:
            return batch.note(index, refused_by_database(error))
        except ValidationError as error:
            return batch.note(index, words_of(error))
        except Problem as problem:
            return batch.note(index, problem.detail)
        return None


def insert(model: type[models.Model], instances: Sequence[models.Model]) -> None:
    """The rows of ``instances`` by COPY, which takes a tenth of the time of an INSERT; without keys or signals."""
    connection = connections["default"]
    columns, values = [], []
    for field in model._meta.concrete_fields:
        if field.generated:
            continue
        found = values_of(field, instances)
        defaults = sum(isinstance(value, DatabaseDefault) for value in found)
        if defaults == len(found) or (field.primary_key and not any(found)):
            continue
        if defaults:  # COPY has no word for DEFAULT in one row of many
            model._default_manager.bulk_create(instances)
            return
        columns.append(f'"{field.column}"')
        values.append(copied(field, found, connection))
    statement = f'copy "{model._meta.db_table}" ({", ".join(columns)}) from stdin'
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in zip(*values, strict=True):
            copy.write_row(row)


def values_of(field: models.Field[Any, Any], instances: Sequence[models.Model]) -> list[Any]:
    """What is to be saved in ``field``; geometries as EWKB."""
    if isinstance(field, GeometryField):
        name = field.attname
        return [ewkb_of(each, name).hex() if each.__dict__.get(name) else None for each in instances]
    if type(field).pre_save is models.Field.pre_save:
        return list(map(attrgetter(field.attname), instances))
    return [field.pre_save(instance, add=True) for instance in instances]


def copied(field: models.Field[Any, Any], values: list[Any], connection: Any) -> list[Any]:
    """A column's values as COPY takes them."""
    if type(field) in AS_THEY_ARE or isinstance(field, GeometryField):
        return values
    return [field.get_db_prep_save(value, connection) for value in values]


def ewkb(shapes: NDArray[Any], srid: int) -> list[memoryview]:
    packed = shapely.to_wkb(shapely.set_srid(shapes, srid), include_srid=True)
    return [memoryview(each) for each in packed]


def words_of(error: ValidationError) -> Text:
    """What a model's rules say; they speak Vietnamese, so the English names the fields alone."""
    by_field = getattr(error, "message_dict", {NON_FIELD_ERRORS: error.messages})
    said = "; ".join(" ".join(messages) for messages in by_field.values())
    names = ", ".join("the row" if name == NON_FIELD_ERRORS else name for name in by_field)
    return Text(f"giá trị không hợp lệ: {said}", f"values that do not fit, or are there already: {names}")
