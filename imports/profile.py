"""What a file turns out to hold, gathered while it is read: the types of its fields, its geometries, its extent."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import shapely

from gis_core.layer import FieldType, GeometryType
from gis_core.values import MULTI
from imports.frames import Rows, Value
from imports.shapes import parsed

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# A time without its offset is not typed: 08:00 in a Vietnamese file is seldom 08:00 UTC, and a guess would move it.
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})")
DATES, MOMENTS = (re.compile(f"(?:(?:{form.pattern})\n)*") for form in (DATE, MOMENT))
TYPE_NAMES = ("Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")


@dataclass
class FieldProfile:
    """The kinds of values that one field of the file has had so far."""

    kinds: set[type] = field(default_factory=set)
    beyond_fractions: bool = False  # has whole numbers that a column of fractions could not hold
    may_be_date: bool = True
    may_be_moment: bool = True

    def see(self, value: Value) -> None:
        self.see_all([value])

    def see_all(self, values: Sequence[Value]) -> None:
        kinds = set(map(type, values))
        self.kinds |= kinds
        if int in kinds and not self.beyond_fractions:
            self.beyond_fractions = not (are_small(kinds, values) or all(map(fits_a_fraction, values)))
        if str not in self.kinds or not (self.may_be_date or self.may_be_moment):
            return
        if kinds <= {str, type(None)} and self._are_all_alike(values):
            return
        for value in values:
            if isinstance(value, str) and value != "":
                self.may_be_date = self.may_be_date and is_date(value)
                self.may_be_moment = self.may_be_moment and is_moment(value)
                if not (self.may_be_date or self.may_be_moment):
                    return

    def _are_all_alike(self, values: Sequence[Value]) -> bool:
        """Whether every text is what the first one is, a date or a moment: seen at a glance over all of them."""
        texts = [value for value in values if isinstance(value, str) and value]
        read, form = (is_date, DATES) if self.may_be_date else (is_moment, MOMENTS)
        if not texts or not read(texts[0]) or not form.fullmatch("\n".join(texts) + "\n"):
            return False
        try:
            list(map(date.fromisoformat if self.may_be_date else datetime.fromisoformat, texts))
        except ValueError:
            return False
        self.may_be_moment = not self.may_be_date
        return True

    @property
    def mixed_beyond(self) -> bool:
        """Whether it has fractions beside whole numbers of which a column of fractions would lose digits."""
        return self.beyond_fractions and float in self.kinds

    @property
    def type(self) -> FieldType:
        """The narrowest type that holds every value as it is; text that looks like a number stays text ("00123")."""
        kinds = self.kinds - {type(None)}
        if kinds == {bool}:
            return "boolean"
        if kinds == {int}:
            return "integer"
        if kinds and kinds <= {int, float}:
            return "text" if self.mixed_beyond else "number"
        if kinds == {str} and self.may_be_date != self.may_be_moment:
            return "date" if self.may_be_date else "datetime"
        return "text"


def chosen[T](values: Sequence[T], positions: Sequence[int] | None) -> list[T]:
    """Those at ``positions``; all, where that is None."""
    return list(values) if positions is None else [values[index] for index in positions]


def are_small(kinds: set[type], values: Sequence[Value]) -> bool:
    """Whether ``values`` are whole numbers alone, all of which a double precision number holds."""
    return kinds == {int} and min(values) >= -(2**53) and max(values) <= 2**53  # type: ignore[type-var,operator]


def fits_a_fraction(value: Value) -> bool:
    """Whether a double precision number holds ``value`` to the digit; true for what is no whole number."""
    return type(value) is not int or -(2**53) <= value <= 2**53 or int(float(value)) == value


def is_date(value: str) -> bool:
    if not DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_moment(value: str) -> bool:
    if not MOMENT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


@dataclass
class Profile:
    """Everything about the rows that must be known before the first is written.

    ``bounds`` are those of the coordinates as the file has them, x first. Rows that could not be read count for
    nothing but ``rows``.
    """

    rows: int = 0
    fields: dict[str, FieldProfile] = field(default_factory=dict)
    identity: FieldProfile = field(default_factory=FieldProfile)
    types: set[str] = field(default_factory=set)
    with_height: int = 0
    with_measure: int = 0
    curved: int = 0
    bounds: tuple[float, float, float, float] = (math.inf, math.inf, -math.inf, -math.inf)

    def see(self, rows: Rows) -> np.ndarray:
        """Take a batch in; the geometries of those rows that could be read."""
        self.rows += len(rows)
        good = [index for index in range(len(rows)) if index not in rows.faults] if rows.faults else None
        self.identity.see_all(chosen(rows.ids, good))
        for name, values in rows.columns.items():
            known = self.fields.get(name)
            if known is None:
                known = self.fields[name] = FieldProfile()
            known.see_all(chosen(values, good))
        self.curved += len(rows.curved)
        found = parsed(chosen(rows.wkb, good))
        self._see_shapes(found)
        return found

    def _see_shapes(self, found: np.ndarray) -> None:
        shapes = found[~(shapely.is_missing(found) | shapely.is_empty(found))]
        if not len(shapes):
            return
        ids = {int(n) for n in np.unique(shapely.get_type_id(shapes))}
        self.types |= {TYPE_NAMES[n] if n < len(TYPE_NAMES) else "GeometryCollection" for n in ids}
        self.with_height += int(shapely.has_z(shapes).sum())
        self.with_measure += int(shapely.has_m(shapes).sum())
        west, south, east, north = (float(v) for v in shapely.total_bounds(shapes))
        was = self.bounds
        self.bounds = (min(west, was[0]), min(south, was[1]), max(east, was[2]), max(north, was[3]))

    def geometry_type(self, *, repair: bool) -> GeometryType:
        """The narrowest type that holds every geometry; a repaired polygon may fall into parts."""
        kinds = set(self.types)
        if repair and "Polygon" in kinds:
            kinds.add("MultiPolygon")
        if len(kinds) == 1:
            only = kinds.pop()
            return only if only in MULTI or only in MULTI.values() else "Geometry"  # type: ignore[return-value]
        for single, multi in MULTI.items():
            if kinds == {single, multi}:
                return multi
        return "Geometry"
