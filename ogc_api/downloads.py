"""A page of features as CSV and as FlatGeobuf."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import numpy as np
import orjson
import shapely

from gis_core.layer import Field
from gis_core.query import Page
from gis_core.registry import Published
from ogc_api.answers import CSV, FLATGEOBUF, Answer, Request

# A spreadsheet runs a cell that begins with one of these signs: it is told to show it instead. One that divides by
# semicolons, as those set to Vietnamese do, begins a cell behind any of them, whatever quotes stand around the whole.
BEGINNING = r"""((?:^|[,;|\t\r\n])[\s"'\ufeff]*)"""
FORMULA = re.compile(rf"{BEGINNING}(?=[=+\-@＝＋－＠])|^(?=[\t\r])")
# A number with its sign (a longitude, a telephone) is no formula, as long as nothing in the whole cell could call
# anything: however it is divided, no more than a number is then to be had of it.
NUMBER = r"[+\-]\d(?:[\d., \u00a0]*\d)?(?:[eE][+\-]?\d+)?\s*(?:$|[,;\t\r\n])"
FORMULA_OR_NO_NUMBER = re.compile(rf"{BEGINNING}(?!{NUMBER})(?=[=+\-@＝＋－＠])|^(?=[\t\r])")
CALLING = re.compile(r"[=@|!(\[{＝＠（！｜]")


def as_csv(published: Published, request: Request, page: Page, headers: dict[str, str]) -> Answer:
    """UTF-8 with a byte order mark (spreadsheets read Vietnamese right), place as WKT in the asked CRS."""
    fields = published.layer.fields_for(request.caller.audience)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["fid", "version", *(f.name for f in fields), "geometry"])
    for text in page.features:
        feature = orjson.loads(text)
        values = feature["properties"]
        shape = feature["geometry"] and shapely.from_geojson(orjson.dumps(feature["geometry"]))
        row = [feature["id"], values["version"], *(cell(values[f.name]) for f in fields)]
        writer.writerow([*row, shapely.to_wkt(shape, rounding_precision=8) if shape else ""])
    name = f"{published.layer.id}.csv"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Answer(
        b"\xef\xbb\xbf" + out.getvalue().encode(), media_type=CSV, headers={**headers, **disposition}
    )


def cell(value: Any) -> Any:
    """``value`` as a cell that every spreadsheet shows and none runs."""
    if not isinstance(value, str):
        return value
    return (FORMULA if CALLING.search(value) else FORMULA_OR_NO_NUMBER).sub(r"\1'", value)


def as_flatgeobuf(published: Published, request: Request, page: Page, headers: dict[str, str]) -> Answer:
    """Written by GDAL: PostGIS's own writer makes files with NULLs that GDAL cannot read. Lon/lat, or the asked CRS.

    FlatGeobuf says its CRS by code and its coordinates are x before y.
    """
    import pyogrio.raw  # GDAL a second time in memory: only where somebody asks for this format

    features = [orjson.loads(text) for text in page.features]
    fields = published.layer.fields_for(request.caller.audience)
    uri = headers["Content-Crs"].strip("<>")
    code = uri.rsplit("/", 1)[-1]
    shapes = shapely.from_geojson(np.array([orjson.dumps(f["geometry"]) for f in features], dtype=object))
    if uri.endswith("/EPSG/0/4326"):
        shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    columns = [np.array([f["id"] for f in features], dtype="int64")]
    masks: list[Any] = [None]
    for field in fields:
        values, mask = column_of(field, [f["properties"][field.name] for f in features])
        columns.append(values)
        masks.append(mask)
    out = io.BytesIO()
    pyogrio.raw.write(
        out,
        geometry=shapely.to_wkb(shapes),
        field_data=columns,
        fields=np.array(["fid", *(f.name for f in fields)], dtype=object),
        field_mask=masks,
        driver="FlatGeobuf",
        layer=published.layer.id,
        geometry_type=published.layer.geometry.type
        if published.layer.geometry.type != "Geometry"
        else "Unknown",
        crs="OGC:CRS84" if code == "CRS84" else f"EPSG:{code}",
        SPATIAL_INDEX="NO",
    )
    return Answer(out.getvalue(), media_type=FLATGEOBUF, headers=headers)


def column_of(field: Field, values: list[Any]) -> tuple[Any, Any]:
    """A column and its mask of missing values, in the type that GDAL writes it as."""
    mask = np.array([v is None for v in values])
    if field.type == "integer":
        return np.array([0 if v is None else v for v in values], dtype="int64"), mask
    if field.type == "number":
        return np.array([0.0 if v is None else v for v in values], dtype="float64"), mask
    if field.type == "boolean":
        return np.array([bool(v) for v in values], dtype=bool), mask
    return np.array(values, dtype=object), None
