"""One small parser per query parameter; every fault is a 400 Problem that names the parameter and the fault."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping

from gis_core.audiences import Caller
from gis_core.cql2 import Predicate, Queryable, compile_json, compile_text
from gis_core.crs import CRS84, Crs, bbox_to_lonlat, crs_by_uri
from gis_core.http.parameters import refuse_unknown as refuse_unknown
from gis_core.http.parameters import single_values as single_values
from gis_core.http.parameters import whole_number as whole_number
from gis_core.layer import Field, Layer
from gis_core.problems import Problem, bad_request
from gis_core.query import FeatureQuery, Position, Sort
from gis_core.times import parse_datetime
from gis_core.values import field_value
from ogc_api.crs_list import crs_of

DEFAULT_LIMIT = 1000
MAX_LIMIT = 10_000
MAX_OFFSET = 1_000_000
ITEMS = frozenset(
    {"limit", "offset", "cursor", "bbox", "bbox-crs", "datetime", "crs", "sortby", "filter", "filter-lang"}
    | {"filter-crs", "f"}
)


def parse_offset(text: str) -> int:
    value = whole_number(text, "offset", 0, None)
    if value > MAX_OFFSET:
        raise bad_request(
            "bad-offset",
            f"“offset” tối đa là {MAX_OFFSET}; để đi xa hơn hãy theo liên kết “next”.",
            f"“offset” is {MAX_OFFSET} at most; to go further follow the “next” links.",
            parameter="offset",
        )
    return value


def parse_bbox(text: str, crs: Crs) -> tuple[tuple[float, float, float, float], ...]:
    """The lon/lat boxes of ``bbox``: 4 numbers, or 6 whose heights are ignored (all features are flat)."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(math.isfinite(n) for n in numbers):
        raise bad_request(
            "bad-bbox",
            "“bbox” phải là 4 (hoặc 6) số cách nhau bằng dấu phẩy: minx,miny,maxx,maxy.",
            "“bbox” must be 4 (or 6) numbers separated by commas: minx,miny,maxx,maxy.",
            parameter="bbox",
        )
    return tuple((box[0], box[1], box[2], box[3]) for box in bbox_to_lonlat(numbers, crs))


def parse_crs(layer: Layer, text: str | None, name: str) -> Crs:
    """A CRS that the layer offers; CRS84 where none is named."""
    if text is None:
        return CRS84
    try:
        crs = crs_by_uri(text)
    except Problem as problem:
        problem.parameter = name
        raise
    if crs not in crs_of(layer):
        raise bad_request(
            "crs-not-offered",
            "Lớp này không có hệ tọa độ đó; xem “crs” của lớp.",
            "The collection does not offer this CRS; see its “crs”.",
            parameter=name,
        )
    return crs


def parse_sort(layer: Layer, caller: Caller, text: str | None) -> Sort | None:
    """``sortby=name`` or ``-name`` (``+name``) on one sortable field of the caller's."""
    if not text:
        return None
    name = text.lstrip("+-").strip()
    for field in layer.fields_for(caller.audience):
        if field.name == name and field.sortable:
            return Sort(field, descending=text.startswith("-"))
    names = ", ".join(f.name for f in layer.fields_for(caller.audience) if f.sortable) or "–"
    raise bad_request(
        "bad-sortby",
        f"Không sắp xếp được theo “{name[:60]}”. Có thể theo: {names}.",
        f"Cannot sort by “{name[:60]}”. Sortable: {names}.",
        parameter="sortby",
    )


def queryables_of(layer: Layer, caller: Caller) -> dict[str, Queryable]:
    """What the caller may filter by; ``geom`` is the place in every collection."""
    found = {
        f.name: Queryable(f.name, f.type, f.name) for f in layer.fields_for(caller.audience) if f.queryable
    }
    found["geom"] = Queryable("geom", "geometry", "geom")
    return found


def parse_filters(layer: Layer, caller: Caller, parameters: Mapping[str, str]) -> tuple[Predicate, ...]:
    """The CQL2 filter and the plain ``property=value`` filters."""
    queryables = queryables_of(layer, caller)
    found = list(property_filters(layer, caller, parameters))
    text = parameters.get("filter")
    if text is None:
        return tuple(found)
    filter_crs = parse_crs(layer, parameters.get("filter-crs"), "filter-crs")
    language = parameters.get("filter-lang", "cql2-text")
    if language == "cql2-text":
        found.append(compile_text(text, queryables, filter_crs=filter_crs))
    elif language == "cql2-json":
        found.append(compile_json(parse_json_filter(text), queryables, filter_crs=filter_crs))
    else:
        raise bad_request(
            "bad-filter-lang",
            "“filter-lang” phải là cql2-text hoặc cql2-json.",
            "“filter-lang” must be cql2-text or cql2-json.",
            parameter="filter-lang",
        )
    return tuple(found)


def parse_json_filter(text: str) -> object:
    try:
        if len(text) > 20_000:
            raise ValueError
        return json.loads(text)
    except (ValueError, RecursionError):
        raise bad_request(
            "bad-filter",
            "“filter” không phải là JSON hợp lệ.",
            "“filter” is not valid JSON.",
            parameter="filter",
        ) from None


def property_filters(layer: Layer, caller: Caller, parameters: Mapping[str, str]) -> Iterable[Predicate]:
    """``name=value`` for each queryable that is named like a parameter and is no parameter of ours."""
    for field in layer.fields_for(caller.audience):
        if field.queryable and field.name in parameters and field.name not in ITEMS:
            value = property_value(field, parameters[field.name])
            yield Predicate(f'"{field.name}" = %s', (value,), frozenset({field.name}))


def property_value(field: Field, text: str) -> object:
    """``text`` as the field's type; a 400 Problem naming the property."""
    try:
        if field.type in ("integer", "number"):
            return field_value(field, json.loads(text) if len(text) < 40 else text)
        if field.type == "boolean":
            return field_value(field, {"true": True, "false": False}.get(text, text))
        return field_value(Field(name=field.name, label=field.label, type=field.type), text)
    except (Problem, ValueError):
        raise bad_request(
            "bad-value",
            f"Giá trị của “{field.name}” không đúng kiểu ({field.type}).",
            f"The value of “{field.name}” does not fit its type ({field.type}).",
            parameter=field.name,
        ) from None


def parse_items_query(layer: Layer, caller: Caller, parameters: Mapping[str, str]) -> FeatureQuery:
    """The whole question of ``GET .../items``."""
    names = {f.name for f in layer.fields_for(caller.audience) if f.queryable}
    refuse_unknown(parameters, ITEMS | names)
    sort = parse_sort(layer, caller, parameters.get("sortby"))
    cursor = parameters.get("cursor")
    bbox = parameters.get("bbox")
    bbox_crs = parse_crs(layer, parameters.get("bbox-crs"), "bbox-crs")
    return FeatureQuery(
        limit=whole_number(parameters.get("limit", str(DEFAULT_LIMIT)), "limit", 1, MAX_LIMIT),
        offset=parse_offset(parameters.get("offset", "0")),
        after=Position.from_token(cursor, sort) if cursor is not None else None,
        boxes=parse_bbox(bbox, bbox_crs) if bbox is not None else (),
        time=parse_datetime(parameters["datetime"]) if "datetime" in parameters else None,
        where=parse_filters(layer, caller, parameters),
        sort=sort,
        crs=parse_crs(layer, parameters.get("crs"), "crs"),
    )
