"""Values from outside, made fit for a layer's columns: typed, bounded, in NFC, and only those the caller may set."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast
from unicodedata import category

import shapely
from shapely.geometry.base import BaseGeometry

from gis_core.audiences import Caller
from gis_core.crs import CRS84, Crs, to_lonlat
from gis_core.days import with_zone
from gis_core.layer import Field, FieldType, GeometryType, Layer
from gis_core.measures import beyond_measure
from gis_core.plain_shapes import plain, within_edges
from gis_core.problems import Problem
from gis_core.words import Text, nfc

MAX_TEXT = 10_000
MAX_VERTICES = 200_000
# What a feature says of itself beside its fields: schemas name them, so they may come back.
OWN_PROPERTIES = frozenset({"fid", "version"})
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAY_AND_TIME = re.compile(
    rf"{DAY.pattern}(?:[Tt ][0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:[.,][0-9]+)?)?(?:[Zz]|[+-][0-9]{{2}}:?[0-9]{{2}})?)?"
)
MULTI: Mapping[str, GeometryType] = {
    "Point": "MultiPoint",
    "LineString": "MultiLineString",
    "Polygon": "MultiPolygon",
}


@dataclass(frozen=True)
class Place:
    """A geometry as it was sent: shapely, in ``crs`` with that authority's axis order."""

    geometry: BaseGeometry
    crs: Crs = CRS84


@dataclass(frozen=True)
class Columns:
    """What is to be written: column -> Python value, the 4326 geometry and, where kept, the surveyed original."""

    values: Mapping[str, Any]
    geometry: BaseGeometry | None
    original: BaseGeometry | None


def refused(field: str, vi: str, en: str) -> Problem:
    return Problem(422, "value-does-not-fit", Text(f"“{field}”: {vi}", f"“{field}”: {en}"), parameter=field)


Settle = Callable[[BaseGeometry, BaseGeometry | None], tuple[BaseGeometry, BaseGeometry | None]]
"""Puts vertices of the place (EPSG:4326) and of its original that nobody moved back where they are stored."""


def column_values(
    layer: Layer,
    op: str,
    properties: Mapping[str, Any],
    place: Place | None,
    caller: Caller,
    settle: Settle | None = None,
) -> Columns:
    """The columns that ``op`` sets from ``properties``: ``create`` all that must be there, others what is sent.

    Raises Problem 400 for a name that is no property of the caller's, 422 for a
    value that does not fit.
    """
    if op == "delete":
        return Columns({}, None, None)
    seen = {f.name: f for f in layer.fields_for(caller.audience)}
    for name in properties:
        if name not in seen and name not in OWN_PROPERTIES:
            raise Problem(
                400,
                "unknown-property",
                Text(f"Lớp này không có thuộc tính “{name[:60]}”.", f"There is no property “{name[:60]}”."),
                parameter=name[:60],
            )
    values: dict[str, Any] = {}
    for name, f in seen.items():
        if not f.writable:
            refuse_change_of_read_only(f, op, properties)
        elif name in properties:
            values[f.sql_column] = field_value(f, properties[name])
            refuse_beyond_measure(f, values[f.sql_column])
        elif op == "create" and f.required:
            values[f.sql_column] = field_value(f, None)
    geometry, original = geometries(layer, op, place, settle)
    return Columns(values, geometry, original)


def refuse_change_of_read_only(f: Field, op: str, properties: Mapping[str, Any]) -> None:
    """A whole feature sent back carries fields that nobody writes; only a PATCH says that it wants to."""
    if op == "update" and f.name in properties:
        raise refused(f.name, "thuộc tính này chỉ để đọc.", "this property is read-only.")


def refuse_beyond_measure(f: Field, value: Any) -> None:
    """Problem 422 for a number that nothing measures; what an imported file says is kept as it is."""
    why = beyond_measure(f, value)
    if why is not None:
        raise refused(f.name, why.vi, why.en)


def field_value(f: Field, value: Any) -> Any:
    """``value`` (JSON) as the Python value of the field's column; Problem 422 naming the field."""
    if value is None or value == "":
        if f.required:
            raise refused(f.name, "không được để trống.", "must not be empty.")
        return None if value is None or f.type != "text" or f.codes else ""
    typed = READERS[f.type](f, value)
    if f.required and f.type == "text" and is_blank(typed):
        raise refused(f.name, "không được chỉ có khoảng trắng.", "must not be blank.")
    if f.codes and str(typed) not in {code.value for code in f.codes}:
        shown = str(typed)[:40]
        raise refused(
            f.name,
            f"giá trị “{shown}” không có trong danh mục.",
            f"the value “{shown}” is not in the code list.",
        )
    return typed


def is_blank(text: str) -> bool:
    """Whether nothing in it can be seen: blanks of any width, and marks that have none."""
    return all(category(character)[0] in "ZC" for character in text)


def read_text(f: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise refused(f.name, "phải là chữ.", "must be a text.")
    if "\x00" in value or any(0xD800 <= ord(c) <= 0xDFFF for c in value):
        raise refused(f.name, "có ký tự không hợp lệ.", "contains an invalid character.")
    text = nfc(value)
    longest = f.max_length or MAX_TEXT
    if len(text) > longest:
        raise refused(f.name, f"dài quá {longest} ký tự.", f"is longer than {longest} characters.")
    return text


def read_integer(f: Field, value: Any) -> int:
    whole = isinstance(value, float) and value.is_integer()
    if isinstance(value, bool) or not (isinstance(value, int) or whole) or not -(2**63) <= value < 2**63:
        raise refused(f.name, "phải là số nguyên.", "must be a whole number.")
    return int(value)


def read_number(f: Field, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refused(f.name, "phải là số.", "must be a number.")
    if isinstance(value, int) and int(float(value)) != value:
        raise refused(f.name, "số nguyên quá lớn để giữ đủ chữ số.", "is too large to keep every digit of.")
    return value


def read_boolean(f: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise refused(f.name, "phải là đúng hoặc sai.", "must be true or false.")
    return value


def read_date(f: Field, value: Any) -> date:
    try:
        if not DAY.fullmatch(value):  # ISO 8601 has weeks too, which no schema of ours promises to take
            raise ValueError
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise refused(
            f.name, "phải là ngày, dạng 2025-07-01.", "must be a date such as 2025-07-01."
        ) from None


def read_datetime(f: Field, value: Any) -> datetime:
    """The moment, in UTC as it will be kept; one that names no zone is the city's (QGIS names none)."""
    try:
        if not DAY_AND_TIME.fullmatch(value):
            raise ValueError
        # An offset can carry the first and last day out of the calendar: the row could never be read again.
        return with_zone(datetime.fromisoformat(value)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise refused(
            f.name,
            "phải là thời điểm, dạng 2025-07-01T08:00:00+07:00.",
            "must be a time such as 2025-07-01T08:00:00+07:00.",
        ) from None


READERS: Mapping[FieldType, Callable[[Field, Any], Any]] = {
    "text": read_text,
    "integer": read_integer,
    "number": read_number,
    "boolean": read_boolean,
    "date": read_date,
    "datetime": read_datetime,
}


def geometries(
    layer: Layer, op: str, place: Place | None, settle: Settle | None = None
) -> tuple[BaseGeometry | None, BaseGeometry | None]:
    """The place in lon/lat 4326 and, where the layer keeps one and was sent it, the original."""
    if place is None:
        if op == "create":
            raise refused("geometry", "cần có vị trí.", "a geometry is needed.")
        return None, None
    geometry = fit_type(layer, place.geometry)
    lonlat = within_edges(to_lonlat(geometry, place.crs))
    surveyed = layer.geometry.original_srid is not None and place.crs.srid == layer.geometry.original_srid
    original = geometry if surveyed else None
    if settle is not None:
        lonlat, original = settle(lonlat, original)
    check_place(lonlat)
    return lonlat, original


def fit_type(layer: Layer, geometry: BaseGeometry) -> BaseGeometry:
    """``geometry`` in the layer's type, two-dimensional; Problem 422 for another type.

    One part is made a Multi where the layer has those, and a Multi of one part that part where it has not.
    """
    if geometry.is_empty:
        raise refused("geometry", "hình học rỗng.", "the geometry is empty.")
    flat = plain(shapely.force_2d(geometry))
    wanted = layer.geometry.type
    if wanted in ("Geometry", flat.geom_type):
        return flat
    if MULTI.get(wanted) == flat.geom_type and shapely.get_num_geometries(flat) == 1:
        return cast(BaseGeometry, shapely.get_geometry(flat, 0))
    if MULTI.get(flat.geom_type) == wanted:
        made: BaseGeometry = getattr(shapely, wanted)([flat])
        return made
    raise refused("geometry", f"phải là {wanted}.", f"must be a {wanted}.")


def check_place(geometry: BaseGeometry) -> None:
    """Refuse coordinates that are no place on Earth, shapes that cross themselves and shapes without bound."""
    bounds = geometry.bounds
    if not all(math.isfinite(v) for v in bounds) or bounds[0] < -180 or bounds[2] > 180:
        raise refused("geometry", "kinh độ ngoài phạm vi.", "a longitude is out of range.")
    # Web Mercator has no finite place for the poles, and tiles are cut from it.
    if bounds[1] < -85.06 or bounds[3] > 85.06:
        raise refused("geometry", "vĩ độ ngoài phạm vi.", "a latitude is out of range.")
    if shapely.get_num_coordinates(geometry) > MAX_VERTICES:
        raise refused("geometry", f"quá {MAX_VERTICES} đỉnh.", f"more than {MAX_VERTICES} vertices.")
    if not shapely.is_valid(geometry):
        reason = shapely.is_valid_reason(geometry)
        raise refused(
            "geometry", f"hình học không hợp lệ ({reason}).", f"the geometry is not valid ({reason})."
        )
