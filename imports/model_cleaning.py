"""The rules of a Django model over many rows: the same answers as its ``full_clean``, each question asked once."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import DatabaseDefault

MOST_KEPT = 10_000  # values of one field whose answer is remembered
SIMPLE = (str, int, float, bool, type(None))


class Cleaner:
    """Cleans objects of ``model`` as `Model.full_clean` does, but for what the database itself refuses.

    That is uniqueness and constraints: it would be one query a row and rule, and the INSERT tells it of all rows in
    one. A field of Django's answers for the same value the same, so it is asked once for each value; a field, or a
    model, with a ``clean`` of its own is asked for each row.
    """

    def __init__(self, model: type[models.Model]) -> None:
        self.unchecked = {f.name for f in model._meta.fields if f.generated}
        self.whole = (
            model.full_clean is not models.Model.full_clean
            or model.clean_fields is not models.Model.clean_fields
        )
        self.fields = [f for f in model._meta.fields if f.name not in self.unchecked]
        self.kept: dict[str, dict[Any, Any]] = {f.attname: {} for f in self.fields if repeats_itself(f)}

    def clean(self, instance: models.Model) -> None:
        """Set cleaned values on ``instance``; ValidationError with what is wrong, by field."""
        if self.whole:
            instance.full_clean(exclude=self.unchecked, validate_unique=False, validate_constraints=False)
            return
        errors: dict[str, list[ValidationError]] = {}
        for field in self.fields:
            raw = instance.__dict__.get(field.attname)
            if isinstance(raw, memoryview):
                continue  # a geometry in EWKB, of the layer's own type and checked already
            raw = getattr(instance, field.attname)
            if isinstance(raw, DatabaseDefault) or (field.blank and raw in field.empty_values):
                continue
            try:
                cleaned = self.cleaned(field, raw, instance)
            except ValidationError as error:
                errors[field.name] = error.error_list
            else:
                if cleaned is not raw:
                    setattr(instance, field.attname, cleaned)
        try:
            instance.clean()
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def cleaned(self, field: models.Field[Any, Any], raw: Any, instance: models.Model) -> Any:
        known = self.kept.get(field.attname)
        if known is None or type(raw) not in SIMPLE:
            return field.clean(raw, instance)
        key = (type(raw), raw)
        if key not in known:
            if len(known) >= MOST_KEPT:
                known.clear()
            known[key] = field.clean(raw, instance)
        return known[key]


def repeats_itself(field: models.Field[Any, Any]) -> bool:
    """Whether the field's answer depends on the value alone: fields of Django's, which look at no other."""
    return type(field).__module__.startswith("django.") and not field.is_relation
