"""The rules of a Django model over many rows: the same answers as its ``full_clean``, each question asked once."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import DatabaseDefault

MOST_KEPT = 10_000  # values of one field whose answer is remembered
SIMPLE = frozenset({str, int, float, bool, type(None)})
Answers = dict[tuple[type, Any], Any]


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
        fields = [f for f in model._meta.fields if f.name not in self.unchecked]
        # Of each field its answers by the type and value asked about, None where it must be asked each time.
        self.fields: list[tuple[models.Field[Any, Any], str, Answers | None]] = [
            (f, f.attname, {} if repeats_itself(f) else None) for f in fields
        ]

    def clean(self, instance: models.Model) -> None:
        """Set cleaned values on ``instance``; ValidationError with what is wrong, by field."""
        if self.whole:
            instance.full_clean(exclude=self.unchecked, validate_unique=False, validate_constraints=False)
            return
        errors: dict[str, list[ValidationError]] = {}
        held = instance.__dict__
        for field, name, known in self.fields:
            raw = held.get(name)
            kind = type(raw)
            if kind is memoryview:
                continue  # a geometry in EWKB, of the layer's own type and checked already
            if known is not None and kind in SIMPLE and (kind, raw) in known:
                cleaned = known[kind, raw]
            else:
                try:
                    cleaned = self.answer(field, instance, known)
                except ValidationError as error:
                    errors[field.name] = error.error_list
                    continue
            if cleaned is not raw:
                setattr(instance, name, cleaned)
        try:
            instance.clean()
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def answer(self, field: models.Field[Any, Any], instance: models.Model, known: Answers | None) -> Any:
        """The field's cleaned value, kept in ``known``; ValidationError where it refuses the value."""
        raw = getattr(instance, field.attname)
        if isinstance(raw, DatabaseDefault):
            return raw
        unasked = field.blank and raw in field.empty_values
        cleaned = raw if unasked else field.clean(raw, instance)
        if known is not None and type(raw) in SIMPLE:
            if len(known) >= MOST_KEPT:
                known.clear()
            known[type(raw), raw] = cleaned
        return cleaned


def repeats_itself(field: models.Field[Any, Any]) -> bool:
    """Whether the field's answer depends on the value alone: fields of Django's, which look at no other."""
    return type(field).__module__.startswith("django.") and not field.is_relation
