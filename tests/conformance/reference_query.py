"""How the reference server selects features and writes them in other encodings."""

from __future__ import annotations

import base64
import csv
import io
import json
import math
import re
import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyogrio
import shapely
from pyproj import Transformer
from shapely.geometry import box, mapping, shape

from tests.conformance.checks import CRS84
from tests.conformance.features10_crs import pyproj_name
from tests.conformance.reference_data import Json, Layer, Refused, compile_filter, moment
from tests.conformance.reference_documents import CRS


@cache
def transformer(source: str, target: str) -> Transformer:
    names = [pyproj_name(one) for one in (source, target)]
    return Transformer.from_crs(*names, always_xy=False)


def moved(geometry: Any, source: str, target: str) -> Any:
    """A shapely geometry from one CRS to another, axes as the authorities order them."""
    change = transformer(source, target).transform
    return geometry if source == target else shapely.transform(geometry, change, interleaved=False)


# -- Selecting -----------------------------------------------------------------------------------


def number(params: httpx.QueryParams, name: str, low: int, default: int) -> int:
    text = params.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,9}", text) or int(text) < low:
        raise Refused(400, f"{name}={text}")
    return int(text)


def cursor_of(params: httpx.QueryParams) -> int:
    text = params.get("cursor")
    if text is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(text).decode().removeprefix("at:"))
    except ValueError:
        raise Refused(400, "cursor: not made here") from None


def crs_of(params: httpx.QueryParams, name: str) -> str:
    crs = params.get(name, CRS84)
    if crs not in CRS:
        raise Refused(400, f"{name}={crs} is not supported")
    return crs


def selected(layer: Layer, fid: int, feature: Json, params: httpx.QueryParams) -> bool:
    """Whether bbox, datetime and filter select the feature; Refused for what is none of these."""
    boxes, lang = boxes_of(params), params.get("filter-lang", "cql2-text")
    span, source = datetime_of(params), crs_of(params, "filter-crs")
    if lang not in ("cql2-text", "cql2-json"):
        raise Refused(400, f"filter-lang={lang}")
    if "filter" in params:
        holds = compile_filter(layer, params["filter"], lang, lambda g: moved(g, source, CRS84))
        if not holds(feature):
            return False
    if boxes and not (feature["geometry"] and any(b.intersects(shape(feature["geometry"])) for b in boxes)):
        return not feature["geometry"]
    own = layer.span(feature)
    if span is None or own is None:
        return True
    (low, high), (begin, end) = span, own
    lasts = low is None or end is None or end > low or begin == end == low
    return (high is None or begin is None or begin <= high) and lasts


def boxes_of(params: httpx.QueryParams) -> list[Any]:
    """The box as polygons in CRS84, two where it goes over 180 degrees."""
    crs, text = crs_of(params, "bbox-crs"), params.get("bbox")
    if text is None:
        return []
    parts = text.split(",")
    if len(parts) not in (4, 6) or not all(
        re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", p) for p in parts
    ):
        raise Refused(400, f"bbox={text}")
    values = [float(p) for p in parts]
    a, b, c, d = values if len(values) == 4 else (values[0], values[1], values[3], values[4])
    if crs != CRS84:
        area = shapely.segmentize(box(min(a, c), min(b, d), max(a, c), max(b, d)), abs(c - a) / 20)
        inside = moved(area, crs, CRS84)
        return [inside if math.isfinite(inside.area) else box(0, 0, 0, 0)]
    if b > d:
        raise Refused(400, f"bbox={text}: south is above north")
    return [box(a, b, c, d)] if a <= c else [box(a, b, 180, d), box(-180, b, c, d)]


def datetime_of(params: httpx.QueryParams) -> tuple[datetime | None, datetime | None] | None:
    text = params.get("datetime")
    if text is None:
        return None
    parts = text.split("/")
    try:
        if len(parts) == 1:
            return moment(text), moment(text, last=True)
        low, high = ("" if p == ".." else p for p in parts)
        if not low and not high:
            raise ValueError(text)
        begin = moment(low) if low else None
        end = moment(high, last=True) if high else None
        if begin and end and begin > end:
            raise ValueError(text)
    except ValueError:
        raise Refused(400, f"datetime={text}") from None
    return begin, end


def feature_document(layer: Layer, fid: int, crs: str) -> Json:
    feature = layer.features[fid]
    geometry = feature["geometry"]
    if geometry is not None and crs != CRS84:
        geometry = json.loads(json.dumps(mapping(moved(shape(geometry), CRS84, crs))))
    return {"type": "Feature", "id": fid, "geometry": geometry, "properties": feature["properties"]}


def as_csv(features: list[Json]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["id", *(features[0]["properties"] if features else ())])
    for one in features:
        writer.writerow([one["id"], *one["properties"].values()])
    return out.getvalue().encode()


def as_flatgeobuf(features: list[Json]) -> bytes:
    shapes = [shape(f["geometry"]) if f["geometry"] else None for f in features]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.fgb"
        pyogrio.raw.write(
            path,
            geometry=np.array([None if s is None else s.wkb for s in shapes], dtype=object),
            field_data=[np.array([f["id"] for f in features])],
            fields=["id"],
            geometry_type="Polygon",
            crs="EPSG:4326",
            driver="FlatGeobuf",
            SPATIAL_INDEX="NO",
        )
        return path.read_bytes()


def project(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    size = 2**zoom
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * size
    return min(size - 1, int((lon + 180) / 360 * size)), min(size - 1, int(row))


def unproject(column: int, row: int, zoom: int) -> tuple[float, float]:
    size = 2**zoom
    return column / size * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / size))))


def limits(layers: list[Layer], zooms: range = range(15)) -> list[Json]:
    boxes = [layer.extent()["spatial"]["bbox"][0] for layer in layers]
    west, south = (min(b[i] for b in boxes) for i in (0, 1))
    east, north = (max(b[i] for b in boxes) for i in (2, 3))
    made = []
    for zoom in zooms:
        (left, top), (right, bottom) = (project(west, north, zoom), project(east, south, zoom))
        made.append(
            {
                "tileMatrix": str(zoom),
                "minTileCol": left,
                "maxTileCol": right,
                "minTileRow": top,
                "maxTileRow": bottom,
            }
        )
    return made
