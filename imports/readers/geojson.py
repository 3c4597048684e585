"""GeoJSON (RFC 7946, and the ``crs`` member of its 2008 predecessor, which GIS programs still write)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import batched
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import shapely
from msgspec import Raw

from imports.frames import ROWS_PER_FRAME, Closing, Message, Opening, Refusal, Row, Rows, Value
from imports.readers.shapes import Fault, packed

GEOMETRIES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)
BOM = b"\xef\xbb\xbf"
NULL = b"null"
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
        document = msgspec.json.decode(data, type=Document)
        features = features_of(document, data)
        if isinstance(features, Refusal):
            yield features
            return
        yield opening(document)
        count = 0
        for batch in batched(features, ROWS_PER_FRAME):
            yield Rows(read_rows(batch, count))
            count += len(batch)
        yield Closing(count)
    except RecursionError:
        yield Refusal("nested-too-deeply", "Tệp JSON lồng nhau quá sâu.", "The JSON is nested too deeply.")
    except UnicodeDecodeError:
        yield Refusal(
            "not-utf-8",
            "Tệp không ở mã UTF-8 (có thể là mã TCVN3 hoặc VNI). Hãy lưu lại ở UTF-8.",
            "The file is not encoded in UTF-8 (TCVN3 or VNI perhaps). Save it as UTF-8.",
        )
    except msgspec.DecodeError as error:
        yield Refusal("broken-file", f"Tệp JSON bị hỏng: {error}.", f"The JSON is broken: {error}.")


def features_of(document: Document, data: bytes) -> list[Raw] | Refusal:
    if document.type == "FeatureCollection" and document.features is not None:
        return document.features
    if document.type == "Feature":
        return [Raw(data)]
    if document.type in GEOMETRIES:
        return [Raw(b'{"type":"Feature","geometry":' + data + b"}")]
    shown = document.type[:40]
    return Refusal(
        "not-geojson",
        f"Tệp là JSON nhưng không phải GeoJSON (type: “{shown}”).",
        f"The file is JSON but no GeoJSON (type: “{shown}”).",
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


def read_rows(features: tuple[Raw, ...], before: int) -> list[Row]:
    rows, texts = [], []
    for number, raw in enumerate(features, start=before + 1):
        row, text = read_row(number, raw)
        rows.append(row)
        texts.append(text)
    shapes = shapely.from_geojson(np.array(texts, dtype=object), on_invalid="ignore")
    wkb, deep = packed(shapes)
    for index, row in enumerate(rows):
        row.wkb = wkb[index]
        if texts[index] is not None and shapes[index] is None:
            row.fault = fault_of(texts[index])
        row.fault = row.fault or deep.get(index)
    return rows


def read_row(number: int, raw: Raw) -> tuple[Row, str | None]:
    """The row without its geometry, and the geometry's text (None where there is none, or it is no geometry)."""
    try:
        feature = read_feature(raw)
        kind = read_shape(feature.geometry).type if bytes(feature.geometry) != NULL else ""
    except msgspec.DecodeError as error:
        return Row(
            number, None, None, {}, fault=(f"không đọc được: {error}", f"cannot be read: {error}")
        ), None
    identity = str(feature.id) if isinstance(feature.id, float) else feature.id
    row = Row(number, fit(identity), None, {k: plain(v) for k, v in (feature.properties or {}).items()})  # type: ignore[arg-type]
    if feature.type != "Feature":
        row.fault = ("không phải Feature", "is no Feature")
    elif kind and kind not in GEOMETRIES:
        row.fault = (f"loại hình học lạ “{kind[:40]}”", f"unknown geometry type “{kind[:40]}”")
    text = bytes(feature.geometry).decode() if kind and row.fault is None else None
    return row, text


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


def fault_of(text: str | None) -> Fault:
    try:
        shapely.from_geojson(text)
    except shapely.errors.ShapelyError as error:
        why = str(error)[:200]
        return f"hình học không đọc được: {why}", f"the geometry cannot be read: {why}"
    return "hình học không đọc được", "the geometry cannot be read"
