"""Which unit a place belongs to. The ground floor asks; the package that knows the units answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib.gis.geos import GEOSGeometry

from gis_core.geos import ewkb_of
from gis_core.reading import registry
from gis_core.registry import Registry

UnitLookup = Callable[[Sequence[bytes]], Sequence[str | None]]
UnitNames = Callable[[], Mapping[str, str]]

NAMES_KEPT_S = 30.0

_lookups: list[UnitLookup] = []
_names: list[UnitNames] = []
# The registry stands for the database: of another one nothing is known.
_known: tuple[Registry, float, Mapping[str, str]] | None = None


def register_unit_lookup(lookup: UnitLookup) -> None:
    """Let ``lookup(EWKB of geometries in EPSG:4326) -> a unit code or None for each`` answer `units_at`.

    Called from an app's ``ready``.
    """
    if lookup not in _lookups:
        _lookups.append(lookup)


def unit_at(geometry: GEOSGeometry) -> str | None:
    """Code of the unit, valid today, that holds a representative point of ``geometry``; None outside all units."""
    return units_at([bytes(geometry.ewkb)])[0]


def units_at(geometries: Sequence[bytes]) -> list[str | None]:
    """`unit_at` of each of ``geometries`` (EWKB), asked together."""
    found: list[str | None] = [None] * len(geometries)
    for lookup in _lookups:
        open_ = [index for index, code in enumerate(found) if not code]
        if not open_:
            break
        for index, code in zip(open_, lookup([geometries[index] for index in open_]), strict=True):
            found[index] = code
    return found


def find_units(features: Sequence[Any]) -> None:
    """Give those of ``features`` that have a place and no ``unit_code`` the code of the unit that they lie in."""
    lost = [each for each in features if not each.unit_code and each.__dict__.get("geom")]
    for feature, code in zip(lost, units_at([bytes(ewkb_of(each, "geom")) for each in lost]), strict=True):
        feature.unit_code = code or ""


def register_unit_names(names: UnitNames) -> None:
    """Let ``names() -> {code: full name}`` say what units are called; called from an app's ``ready``."""
    if names not in _names:
        _names.append(names)


def unit_names() -> Mapping[str, str]:
    """The names of today's units by code, sorted by name; at most half a minute old."""
    global _known
    now = time.monotonic()
    if _known is None or _known[0] is not registry() or now - _known[1] > NAMES_KEPT_S:
        found = {code: name for names in _names for code, name in names().items()}
        _known = registry(), now, found
    return _known[2]


def unit_name(code: str) -> str:
    """What the unit is called; the code itself where nobody knows it."""
    return unit_names().get(code, code)
