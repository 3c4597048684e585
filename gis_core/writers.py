"""How a row gets into its table: through the Django model where the layer has one, else by SQL (datasets)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, cast

import shapely
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils import translation

from gis_core import places
from gis_core.audiences import Caller
from gis_core.geos import geos as geos
from gis_core.layer import Layer
from gis_core.model_rules import signature
from gis_core.problems import Problem
from gis_core.values import Columns
from gis_core.words import Text


@cache
def model_of(table: str) -> type[models.Model] | None:
    """The Django model whose table is ``public.<table>``, if a model owns it."""
    for model in apps.get_models():
        if f"public.{model._meta.db_table}" == table:
            return model
    return None


def write_row(layer: Layer, op: str, fid: int | None, columns: Columns, caller: Caller) -> int:
    """Carry out ``op`` on the layer's table and return the feature's fid; runs in the caller's transaction.

    Raises Problem 503 where the layer has a model that this process does not know as it was published.
    """
    model = model_of(layer.table)
    require_its_model(layer, model)
    if model is not None:
        return write_model(layer, model, op, fid, columns, caller)
    return write_table(layer, op, fid, columns, caller)


def require_its_model(layer: Layer, model: type[models.Model] | None) -> None:
    """Problem 503 where this process began before the layer's model was what it is: it would write past its rules."""
    if layer.written_by and (model is None or signature(model) != layer.written_by):
        raise Problem(
            503,
            "program-out-of-date",
            Text(
                "Lớp này vừa được khai báo lại; hệ thống cần khởi động lại rồi mới sửa được. Chưa có gì bị thay đổi.",
                "This collection has been declared anew; the system must be restarted before it can be edited."
                " Nothing has been changed.",
            ),
            headers={"Retry-After": "60"},
        )


def write_model(
    layer: Layer, model: type[models.Model], op: str, fid: int | None, columns: Columns, caller: Caller
) -> int:
    """Through the model: its ``clean`` and ``save`` keep what the columns alone do not say."""
    instance = model() if op == "create" else model._default_manager.get(pk=fid)
    if op == "delete":
        refuse_what_others_belong_to(instance)
        instance.delete()
        return int(fid or 0)
    by_column = {f.column: f.attname for f in model._meta.concrete_fields}
    values = {by_column[column]: blank_for(model, column, value) for column, value in columns.values.items()}
    if (
        op != "create"
        and columns.geometry is None
        and all(getattr(instance, n) == v for n, v in values.items())
    ):
        return int(
            instance.pk
        )  # no value and an empty text are one where a column has no NULL: nothing is changed
    for name, value in values.items():
        setattr(instance, name, value)
    place = layer.geometry
    if columns.geometry is not None:
        if place.original and place.original_srid:
            lonlat = geos(columns.geometry, 4326)
            surveyed = columns.original
            kept = geos(surveyed, place.original_srid) if surveyed is not None else None
            setattr(instance, place.original, kept or lonlat.transform(place.original_srid, clone=True))
        setattr(instance, place.column, geos(columns.geometry, 4326))
        if layer.scope and layer.scope.column not in columns.values:
            setattr(instance, layer.scope.column, places.unit_at(geos(columns.geometry, 4326)) or "")
    check(instance, None if op == "create" else set(columns.values))
    if layer.scope:
        refuse_outside_units(layer, getattr(instance, layer.scope.column), caller)
    instance.save()
    return int(instance.pk)


def refuse_what_others_belong_to(instance: models.Model) -> None:
    """Problem 409 where rows of other tables name ``instance``: they are in no layer, so that whoever deletes does not
    see what would go with it. The administration shows them, and deletes them together.
    """
    for relation in instance._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or not relation.is_relation:
            continue
        other = cast(type[models.Model], relation.related_model)
        named = cast(models.ForeignObjectRel, relation).field.name
        if other._base_manager.filter(**{named: instance}).exists():
            vi, en = (str_in(language, other._meta.verbose_name_plural) for language in ("vi", "en"))
            raise Problem(
                409,
                "others-belong-to-it",
                Text(
                    f"Còn dữ liệu gắn với đối tượng này: {vi}. Chưa xóa gì; hãy xóa trong trang quản trị, nơi thấy cả"
                    " hai.",
                    f"Other records belong to this feature: {en}. Nothing has been deleted; delete it in the"
                    " administration, which shows both.",
                ),
            )


BROKEN_RULE = "broken-rule"


def str_in(language: str, words: Any) -> str:
    with translation.override(language):
        return str(words)


def check(instance: models.Model, columns: set[str] | None) -> None:
    """ValidationError where the model's rules refuse the instance.

    Of an instance that was there, only the fields of the changed ``columns`` are checked one by one: what stands in
    another may be older than its rule, and keeps nobody from changing this one.
    """
    generated = {f.name for f in instance._meta.fields if f.generated}
    kept = {f.name for f in instance._meta.concrete_fields if columns is not None and f.column not in columns}
    rules: tuple[Callable[[], None], ...] = (
        lambda: instance.clean_fields(exclude=generated | kept),
        instance.clean,
        lambda: instance.validate_unique(exclude=generated),
        lambda: hold_constraints(instance, generated),
    )
    for rule in rules:
        rule()


def hold_constraints(instance: models.Model, exclude: set[str]) -> None:
    """ValidationError where a constraint refuses the instance: by `BROKEN_RULE` if all it has to say is its name."""
    try:
        instance.validate_constraints(exclude=exclude)
    except ValidationError as error:
        if any(each.name in message for each in instance._meta.constraints for message in error.messages):
            raise ValidationError("", code=BROKEN_RULE) from error
        raise


def blank_for(model: type[models.Model], column: str, value: Any) -> Any:
    """``value`` as the model's field takes it.

    For none, what the model has where its column cannot be NULL: the default, else an empty text. A number as it was
    written where the column is decimal: the float nearest to 312.4 has more decimals than any survey.
    """
    field = next(f for f in model._meta.concrete_fields if f.column == column)
    if isinstance(value, float) and isinstance(field, models.DecimalField):
        return Decimal(repr(value))
    if value is not None:
        return value
    if field.null:
        return None
    if field.has_default():
        return field.get_default()
    return "" if isinstance(field, models.CharField | models.TextField) else None


def write_table(layer: Layer, op: str, fid: int | None, columns: Columns, caller: Caller) -> int:
    """By SQL on a dataset's table."""
    values: dict[str, Any] = dict(columns.values)
    holders = dict.fromkeys(values, "%s")
    if columns.geometry is not None:
        values[layer.geometry.column] = shapely.to_wkb(columns.geometry)
        holders[layer.geometry.column] = "st_geomfromwkb(%s, 4326)"
        if layer.scope:
            unit = places.unit_at(geos(columns.geometry, 4326)) or ""
            refuse_outside_units(layer, unit, caller)
            values[layer.scope.column], holders[layer.scope.column] = unit, "%s"
    names = list(values)
    with connection.cursor() as cursor:
        if op == "delete":
            cursor.execute(f'delete from {layer.table} where "fid" = %s', [fid])
            return int(fid or 0)
        if op == "create":
            listed = ", ".join(f'"{n}"' for n in names)
            filled = ", ".join(holders[n] for n in names)
            cursor.execute(
                f'insert into {layer.table} ({listed}) values ({filled}) returning "fid"',
                [values[n] for n in names],
            )
            return int(cursor.fetchone()[0])
        if names:
            assigned = ", ".join(f'"{n}" = {holders[n]}' for n in names)
            cursor.execute(f'update {layer.table} set {assigned} where "fid" = %s', [*values.values(), fid])
        return int(fid or 0)


def refuse_outside_units(layer: Layer, unit: str, caller: Caller) -> None:
    """An officer changes what lies in the own units, and moves nothing out of them."""
    if caller.is_scoped_in(layer) and unit not in caller.units:
        raise Problem(
            403,
            "outside-your-units",
            Text(
                "Vị trí này nằm ngoài địa bàn của bạn. Hãy chuyển cho đơn vị phụ trách.",
                "This place lies outside your units. Pass it to the unit in charge.",
            ),
        )
