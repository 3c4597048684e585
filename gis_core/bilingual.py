"""The administration's labels in the reader's language, from what the declarations say in both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.db.models import Model

from gis_core.accounts.words import spoken
from gis_core.layer import Code
from gis_core.words import Text

# Columns that every feature has and no declaration names.
COMMON = {
    "fid": Text("mã số", "number"),
    "geom": Text("vị trí", "place"),
    "geom_original": Text("vị trí đo đạc", "surveyed place"),
    "created_at": Text("tạo lúc", "created at"),
    "unit_code": Text("mã xã, phường", "commune code"),
}


def choices(codes: Iterable[Code]) -> list[tuple[str, str]]:
    """The choices of a model field that holds one of ``codes``, made once: Django asks for each cell."""
    return _choices(tuple(codes))


@cache
def _choices(codes: tuple[Code, ...]) -> list[tuple[str, str]]:
    return [(code.value, spoken(*code.label)) for code in codes]


def name_fields(model: type[Model], names: Mapping[str, Text]) -> None:
    """Name fields of ``model`` that no declaration names. Migrations do not see it."""
    for name, said in names.items():
        column: Any = model._meta.get_field(name)
        column.verbose_name = spoken(*said)


def label_fields(model: type[Model]) -> None:
    """Name the fields of ``model`` as its layers do, and give each the hint of a form (``spoken_hint``).

    Migrations do not see it: Django keeps the name that a field was made with for them.
    """
    app = apps.get_app_config(model._meta.app_label)
    declaration = f"{app.name}.declaration"
    labels, hints = dict(COMMON), dict[str, Text]()
    if find_spec(declaration):
        for layer in import_module(declaration).LAYERS:
            if layer.model is model:
                labels |= {field.sql_column: field.label for field in layer.fields}
                hints |= {f.sql_column: f.description for f in layer.fields if f.description}
    for column in model._meta.concrete_fields:
        if column.column in labels:
            column.verbose_name = spoken(*labels[column.column])
        # A migration keeps the hint of a column in Vietnamese; what a form says comes from here.
        said = hints.get(str(column.column), Text(str(column.help_text), ""))
        column.spoken_hint = spoken(*said)  # type: ignore[attr-defined]
