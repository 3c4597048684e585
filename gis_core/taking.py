"""How a layer takes an imported file by rules of its own: a package with a module ``imports`` that has ``TAKERS``.

``TAKERS`` maps layer id -> `Taker`. Where there is one, an importer reads and checks the file, brings its geometries to
EPSG:4326 and hands the rows over, in one transaction; without one it fills the layer's fields by their names.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from shapely.geometry.base import BaseGeometry

from gis_core.words import Text


@dataclass(frozen=True)
class SourceFeature:
    """A row of a file: its number from 1, its properties by the file's own names, its valid geometry in EPSG:4326."""

    row: int
    properties: Mapping[str, Any]
    geometry: BaseGeometry


@dataclass(frozen=True)
class Taken:
    """What became of the rows: how many were taken, why others were not (row number, reason), what else to tell."""

    written: int
    refused: tuple[tuple[int, Text], ...] = ()
    notes: tuple[Text, ...] = ()


Taker = Callable[[Iterable[SourceFeature], str], Taken]
"""(rows, words of their source) -> what became of them; works within the caller's transaction."""


def takers() -> Mapping[str, Taker]:
    """Layer id -> taker, of all installed apps."""
    found: dict[str, Taker] = {}
    for app in apps.get_app_configs():
        name = f"{app.name}.imports"
        if importlib.util.find_spec(name) is not None:
            found.update(getattr(importlib.import_module(name), "TAKERS", {}))
    return found
