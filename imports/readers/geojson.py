"""GeoJSON (RFC 7946, and the ``crs`` member of its 2008 predecessor, which GIS programs still write)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import batched, chain, islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import shapely
from msgspec import Raw

from imports.frames import MOST_FIELDS, ROWS_PER_FRAME, Closing, Message, Opening, Refusal, Rows, Value
from imports.readers.json_depth import ASIDE, shortened
from imports.readers.json_faults import broken, geometry_fault, value_fault
from imports.readers.shapes import Fault, packed

GEOMETRIES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)
BOM = b"\xef\xbb\xbf"
NULL = b"null"
NESTED: Fault = ("JSON lồng nhau quá sâu", "its JSON is nested too deeply")
PLAIN = {str, float, bool, type(None)}
EPSG_NAMES = re.compile(
    r"(?:urn:ogc:def:crs:EPSG:[0-9.]*:|EPSG:|https?://www\.opengis\.net/def/crs/EPSG/[0-9.]+/)([0-9]{4,6})",
    re.I,
)
CRS84_NAMES = re.compile(
    r"urn:ogc:def:crs:OGC:[0-9.]*:CRS84|OGC:CRS84|https?://www\.opengis\.net/def/crs/OGC/[0-9.]+/CRS84", re.I
)


class Document(msgspec.Struct):
    """The outermost object; features stay as text until each is read, so that one bad feature spoils no other."""

    type: str = ""
    features: list[Raw] | None = None
    crs: Any = None
    name: Any = None


class Feature(msgspec.Struct):
    type: str = ""
    geometry: Raw = Raw(NULL)
    properties: dict[str, Any] | None = None
    id: int | float | str | None = None


class Shape(msgspec.Struct):
    type: str = ""


read_feature = msgspec.json.Decoder(Feature).decode
read_shape = msgspec.json.Decoder(Shape).decode


def read(path: Path, options: dict[str, str]) -> Iterator[Message]:
    """The messages of one GeoJSON file: a FeatureCollection, a Feature or a bare geometry."""
    data = path.read_bytes().removeprefix(BOM)
    try:
        document, data = decoded(data)
        features = features_of(document, data)
        if isinstance(features, Refusal):
            yield features
            return
        yield opening(document)
        count = 0
        for batch in batched(features, ROWS_PER_FRAME):
            yield read_rows(batch, count)
            count += len(batch)
        yield Closing(count)
    except RecursionError:
        yield Refusal(
            "nested-too-deeply",
            "Tệp JSON lồng nhau quá sâu. Hãy mở tệp trong QGIS rồi xuất ra GeoPackage.",
            "The JSON is nested too deeply. Open the file in QGIS and export a GeoPackage.",
        )
    except UnicodeDecodeError:
        yield Refusal(
            "not-utf-8",
            "Tệp không ở mã UTF-8 (có thể là mã TCVN3 hoặc VNI). Hãy lưu lại ở UTF-8.",
            "The file is not encoded in UTF-8 (TCVN3 or VNI perhaps). Save it as UTF-8.",
        )
    except msgspec.DecodeError as error:
        yield broken(error, data)


def decoded(data: bytes) -> tuple[Document, bytes]:
    """The document and its text, of which values that are nested too deeply are put aside: each spoils its row alone.

    RecursionError where that cannot be done.
    """
    try:
        return msgspec.json.decode(data, type=Document), data
    except RecursionError:
        rest = shortened(data)
        if rest is None:
            raise
        return msgspec.json.decode(rest, type=Document), rest


def features_of(document: Document, data: bytes) -> list[Raw] | Refusal:
    if document.type == "FeatureCollection" and document.features is not None:
        return document.features
    if document.type == "Feature":
        return [Raw(data)]
    if document.type in GEOMETRIES:
        return [Raw(b'{"type":"Feature","geometry":' + data + b"}")]
    if document.type == "FeatureCollection":
        return Refusal(
            "not-geojson",
            "Tệp GeoJSON không có danh sách “features”. Hãy xuất lại tệp.",
            "The GeoJSON has no list of “features”. Export the file again.",
        )
    shown = f" (type: “{document.type[:40]}”)" if document.type else ""
    return Refusal(
        "not-geojson",
        f"Tệp là JSON nhưng không phải GeoJSON{shown}. Hãy mở tệp trong QGIS rồi xuất ra GeoPackage.",
        f"The file is JSON but no GeoJSON{shown}. Open it in QGIS and export a GeoPackage.",
    )


def opening(document: Document) -> Opening:
    name = document.name if isinstance(document.name, str) else ""
    if document.crs is None:
        return Opening(name, "OGC:CRS84")
    words = crs_words(document.crs)
    return Opening(name, crs_from(words), crs_stated=True, crs_words=words[:200])


def crs_words(member: Any) -> str:
    """The name in a ``crs`` member; "?" for a link or anything else, which is not followed."""
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) and name else "?"


def crs_from(words: str) -> str:
    """``EPSG:9214`` or ``OGC:CRS84`` for the ways to name them; empty for any other text."""
    text = words.strip()
    found = EPSG_NAMES.fullmatch(text)
    if found:
        return f"EPSG:{found[1]}"
    return "OGC:CRS84" if CRS84_NAMES.fullmatch(text) else ""


def read_rows(features: tuple[Raw, ...], before: int) -> Rows:
    ids: list[int | str | None] = []
    properties: list[dict[str, Any]] = []
    texts: list[str | None] = []
    faults: dict[int, Fault] = {}
    for index, raw in enumerate(features):
        identity, values, found = read_feature_text(raw)
        ids.append(identity)
        properties.append(values)
        if isinstance(found, tuple):
            faults[index], found = found, None
        texts.append(found)
    shapes = shapely.from_geojson(np.array(texts, dtype=object), on_invalid="ignore")
    wkb, deep = packed(shapes)
    for index in map(int, np.flatnonzero(shapely.is_missing(shapes))):
        if texts[index] is not None and index not in faults and index not in deep:
            faults[index] = geometry_fault(texts[index])
    names = dict.fromkeys(chain.from_iterable(properties))
    if len(names) > MOST_FIELDS:  # before each of them has a place for every row
        names = dict(islice(names.items(), MOST_FIELDS + 1))
    columns = {name: plain_column([values.get(name) for values in properties]) for name in names}
    numbers = list(range(before + 1, before + len(features) + 1))
    return Rows(numbers, ids, wkb, columns, faults=deep | faults)


def read_feature_text(raw: Raw) -> tuple[int | str | None, dict[str, Any], str | Fault | None]:
    """Identity, properties, and the geometry's text: None where there is none, why not where it is no geometry."""
    if ASIDE in bytes(raw):
        return None, {}, NESTED
    try:
        feature = read_feature(raw)
        kind = read_shape(feature.geometry).type if bytes(feature.geometry) != NULL else ""
    except RecursionError:
        return None, {}, NESTED
    except msgspec.DecodeError as error:
        vi, en = value_fault(error)
        return None, {}, (f"không đọc được: {vi}", f"cannot be read: {en}")
    identity = fit(str(feature.id) if isinstance(feature.id, float) else feature.id)
    properties = feature.properties or {}
    if feature.type != "Feature":
        return identity, properties, ("không phải Feature", "is no Feature")  # type: ignore[return-value]
    if kind and kind not in GEOMETRIES:
        shown = kind[:40]
        return identity, properties, (f"loại hình học lạ “{shown}”", f"unknown geometry type “{shown}”")  # type: ignore[return-value]
    return identity, properties, bytes(feature.geometry).decode() if kind else None  # type: ignore[return-value]


def plain_column(values: list[Any]) -> list[Value]:
    """`plain` of each, where any is not plain already."""
    return values if set(map(type, values)) <= PLAIN else list(map(plain, values))


def plain(value: Any) -> Value:
    """A property as one value; objects and arrays as their JSON text."""
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    return fit(value)


def fit(value: Any) -> Value:
    """Whole numbers that no column holds are kept digit for digit as text."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    return value  # type: ignore[no-any-return]
