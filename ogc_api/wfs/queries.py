"""The parameters of a query, each with its own parser; together they are one `FeatureQuery` of the house."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from gis_core.cql2 import Predicate
from gis_core.crs import CRS84, Crs, bbox_to_lonlat
from gis_core.http.media import JSON
from gis_core.http.ows import INVALID, OPTION_NOT_SUPPORTED, WFS_NARROWING, refuse_narrowing, refused
from gis_core.layer import Field
from gis_core.query import FeatureQuery, Sort, kept_original
from gis_core.registry import Published
from gis_core.words import Text
from ogc_api.parameters import MAX_LIMIT, MAX_OFFSET, queryables_of, whole_number
from ogc_api.wfs import references
from ogc_api.wfs.asked import Asked
from ogc_api.wfs.filters import GEOMETRY, read_filter
from ogc_api.wfs.names import crs_named, default_crs

RESOLVED = ("local", "none")
SELECTIONS = ("FILTER", "BBOX", "RESOURCEID")
INSTEAD = Text(
    "Hãy dùng FILTER (FES 2.0), BBOX hoặc RESOURCEID; lọc bằng CQL2 thì có ở /ogcapi/.",
    "Use FILTER (FES 2.0), BBOX or RESOURCEID; /ogcapi/ filters by CQL2.",
)
BY_ID_ALONE = Text(
    "Truy vấn GetFeatureById chỉ chọn theo ID.", "The stored query GetFeatureById chooses by ID alone."
)


@dataclass(frozen=True)
class Query:
    """What is asked of one feature type, and what of each feature is written."""

    published: Published
    rows: FeatureQuery
    fields: tuple[Field, ...]
    with_place: bool
    format: str
    hits: bool


def parse(asked: Asked, *, value_only: bool = False) -> Query:
    """The query of a GetFeature or GetPropertyValue; a 400 that names the parameter at fault."""
    refuse_narrowing(asked.parameters.items(), WFS_NARROWING, INSTEAD)
    ids = references.resource_ids(asked.get("RESOURCEID"))
    published = references.single_type(asked.get("TYPENAMES"), ids, asked.caller, asked.namespaces)
    check_resolve(asked)
    format_ = asked.version.gml_format if value_only else parse_format(asked)
    default = crs_of_answers(asked, published)
    crs = answer_crs(asked, default, format_)
    fields, with_place = parse_properties(asked, published)
    rows = FeatureQuery(
        limit=whole_number(asked.get("COUNT") or str(asked.version.default_count), "count", 0, MAX_LIMIT),
        offset=parse_start(asked.get("STARTINDEX") or "0"),
        boxes=parse_bbox(asked.get("BBOX"), named_crs(asked) or default),
        where=parse_where(asked, published, ids, default),
        sort=parse_sort(asked, published),
        crs=crs,
    )
    return Query(published, rows, fields, with_place, format_, parse_result_type(asked))


def by_id(asked: Asked, text: str) -> Query:
    """The query of one feature by its id; 404 for what cannot be one."""
    refuse_narrowing(asked.parameters.items(), WFS_NARROWING | set(SELECTIONS), BY_ID_ALONE)
    found = references.RESOURCE.fullmatch(text)
    listed = {p.layer.id: p for p in references.types_seen_by(asked.caller)}
    published = listed.get(found["layer"]) if found else None
    number = references.resource_number(text, published.layer.id) if published else None
    if published is None or number is None:
        raise references.no_such_resource()
    crs = crs_of_answers(asked, published)
    rows = FeatureQuery(limit=1, fid=number, crs=answer_crs(asked, crs, asked.version.gml_format))
    fields = published.layer.fields_for(asked.caller.audience)
    return Query(published, rows, fields, True, asked.version.gml_format, False)


def with_value(asked: Asked, query: Query, reference: str) -> Query:
    """``query`` for the values of one property alone."""
    layer = query.published.layer
    if not reference:
        raise refused(INVALID, "valueReference", "valueReference rỗng.", "The valueReference is empty.")
    if references.is_id(reference, layer.id, asked.namespaces):
        return replace(query, fields=(), with_place=False)
    name = references.property_named(reference, layer.id, asked.namespaces)
    if name == GEOMETRY:
        return replace(query, fields=(), with_place=True)
    if name in references.OF_GML:
        none = Predicate("false", (), frozenset())
        return replace(query, fields=(), rows=replace(query.rows, where=(*query.rows.where, none)))
    for field in layer.fields_for(asked.caller.audience):
        if field.name == name:
            has_one = Predicate(f'"{name}" is not null', (), frozenset({name}))
            return replace(
                query, fields=(field,), rows=replace(query.rows, where=(*query.rows.where, has_one))
            )
    raise no_such_property("valueReference", reference)


def crs_of_answers(asked: Asked, published: Published) -> Crs:
    """The CRS of answers, and of geometries in the question, where the client names none."""
    return default_crs(published.layer, exact=kept_original(published, asked.caller) is not None)


def named_crs(asked: Asked) -> Crs | None:
    text = asked.get("SRSNAME")
    return None if text is None else crs_named(text)


def answer_crs(asked: Asked, default: Crs, format_: str) -> Crs:
    """The CRS of the answer; GeoJSON is longitude and latitude unless told, and always x before y."""
    named = named_crs(asked)
    if format_ == JSON:
        return replace(named, axes="lonlat") if named else CRS84
    return named or default


def parse_format(asked: Asked) -> str:
    text = asked.get("OUTPUTFORMAT")
    if text is None:
        return asked.version.gml_format
    format_ = asked.version.formats.get(re.sub(r"\s*;\s*", "; ", text.lower()))
    if format_ is None:
        listed = f"{asked.version.gml_format}, {JSON}"
        raise refused(
            INVALID,
            "outputFormat",
            f"Không có định dạng “{text[:60]}”; có: {listed}.",
            f"There is no format “{text[:60]}”; there are: {listed}.",
        )
    return format_


def check_resolve(asked: Asked) -> None:
    """``RESOLVE``: there is nothing in a feature that refers to another, so that local resolves all there is."""
    text = asked.get("RESOLVE")
    if text is None or text.lower() in RESOLVED:
        return
    if text.lower() in ("remote", "all"):
        raise refused(
            OPTION_NOT_SUPPORTED,
            "resolve",
            "Máy chủ không tải tham chiếu từ nơi khác; RESOLVE là local hoặc none.",
            "References to elsewhere are not fetched; RESOLVE is local or none.",
        )
    raise refused(INVALID, "resolve", "RESOLVE là local hoặc none.", "RESOLVE is local or none.")


def parse_result_type(asked: Asked) -> bool:
    """Whether only the number is asked for."""
    text = (asked.get("RESULTTYPE") or "results").lower()
    if text not in ("results", "hits"):
        raise refused(
            INVALID, "resultType", "RESULTTYPE là results hoặc hits.", "RESULTTYPE is either results or hits."
        )
    return text == "hits"


def parse_start(text: str) -> int:
    start = whole_number(text, "startIndex", 0, None)
    if start > MAX_OFFSET:
        raise refused(
            INVALID,
            "startIndex",
            f"STARTINDEX tối đa là {MAX_OFFSET}; hãy thu hẹp vùng hoặc bộ lọc.",
            f"STARTINDEX is {MAX_OFFSET} at most; narrow the area or the filter.",
        )
    return start


def parse_bbox(text: str | None, default: Crs) -> tuple[tuple[float, float, float, float], ...]:
    """The lon/lat boxes of ``BBOX=``: four numbers in the order of the CRS that follows them, or of the default one."""
    if text is None:
        return ()
    parts = [part.strip() for part in text.split(",")]
    crs = crs_named(parts.pop(), "bbox") if len(parts) in (5, 7) else default
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(math.isfinite(number) for number in numbers):
        raise refused(
            INVALID,
            "bbox",
            "BBOX phải là 4 số cách nhau bằng dấu phẩy, có thể thêm hệ tọa độ.",
            "BBOX must be 4 numbers separated by commas, and may end in a CRS.",
        )
    return tuple(bbox_to_lonlat(numbers, crs))


def parse_where(asked: Asked, published: Published, ids: list[str], default: Crs) -> tuple[Predicate, ...]:
    """What selects features besides a box: a filter, or ids; the standard has one of them at a time."""
    given = [name for name in SELECTIONS if asked.get(name) is not None]
    if len(given) > 1:
        raise refused(
            INVALID,
            given[1].lower(),
            f"{given[0]} và {given[1]} không đi cùng nhau.",
            f"{given[0]} and {given[1]} exclude each other.",
        )
    if ids:
        return (with_numbers(published, ids),)
    text = asked.get("FILTER")
    if text is None:
        return ()
    known = queryables_of(published.layer, asked.caller)
    return (read_filter(unwrapped(text), published.layer, known, default, namespaces=asked.namespaces),)


def unwrapped(text: str) -> str:
    """One filter without the brackets that lists of filters have."""
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def with_numbers(published: Published, ids: list[str]) -> Predicate:
    """The features of ``ids``; a 400 for an id of another feature type (OGC 09-025r2, 7.9.2.4.2)."""
    layer = published.layer.id
    for each in ids:
        if "." in each and each.rpartition(".")[0] != layer:
            raise refused(
                INVALID,
                "resourceId",
                f"“{each[:80]}” không phải là đối tượng của {layer}.",
                f"“{each[:80]}” is no feature of {layer}.",
            )
    numbers = [n for each in ids if (n := references.resource_number(each, layer)) is not None]
    return Predicate('"fid" = any(%s)', (numbers,), frozenset())


def parse_properties(asked: Asked, published: Published) -> tuple[tuple[Field, ...], bool]:
    """The fields that are written, in the declared order, and whether the place is."""
    fields = published.layer.fields_for(asked.caller.audience)
    text = asked.get("PROPERTYNAME")
    if text is None:
        return fields, True
    listed = [each for each in re.split(r"[,()]+", text) if each.strip()]
    layer, bound = published.layer.id, asked.namespaces
    names = {references.property_named(each, layer, bound): each for each in listed}
    if "*" in names:
        return fields, True
    for name, written in names.items():
        if name not in {GEOMETRY, *references.OF_GML, *(field.name for field in fields)}:
            raise no_such_property("propertyName", written)
    return tuple(field for field in fields if field.name in names), GEOMETRY in names


def parse_sort(asked: Asked, published: Published) -> Sort | None:
    """``SORTBY=name``, ``name DESC`` (or ``D``): one sortable property."""
    text = asked.get("SORTBY")
    if text is None:
        return None
    if "," in text:
        raise refused(
            OPTION_NOT_SUPPORTED,
            "sortBy",
            "Chỉ sắp xếp được theo một thuộc tính.",
            "Features are sorted by one property.",
        )
    reference, _, way = text.partition(" ")
    name = references.property_named(reference, published.layer.id, asked.namespaces)
    if way.strip().upper() not in ("", "ASC", "A", "DESC", "D"):
        raise refused(INVALID, "sortBy", "Thứ tự là ASC hoặc DESC.", "The order is ASC or DESC.")
    for field in published.layer.fields_for(asked.caller.audience):
        if field.name == name and field.sortable:
            return Sort(field, descending=way.strip().upper() in ("DESC", "D"))
    raise no_such_property("sortBy", reference)


def no_such_property(locator: str, written: str) -> Exception:
    """One refusal for a property that is not there, not for the caller, or not for this use."""
    return refused(
        INVALID,
        locator,
        f"Không dùng được thuộc tính “{written[:60]}” ở đây; xem DescribeFeatureType.",
        f"The property “{written[:60]}” cannot be used here; see DescribeFeatureType.",
    )
