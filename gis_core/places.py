"""Which unit a place belongs to. The ground floor asks; the package that knows the units answers."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.gis.geos import GEOSGeometry

UnitLookup = Callable[[GEOSGeometry], str | None]

_lookups: list[UnitLookup] = []


def register_unit_lookup(lookup: UnitLookup) -> None:
    """Let ``lookup(geometry in EPSG:4326) -> unit code or None`` answer `unit_at`; called from an app's ``ready``."""
    if lookup not in _lookups:
        _lookups.append(lookup)


def unit_at(geometry: GEOSGeometry) -> str | None:
    """Code of the unit, valid today, that holds a representative point of ``geometry``; None outside all units."""
    for lookup in _lookups:
        code = lookup(geometry)
        if code:
            return code
    return None
