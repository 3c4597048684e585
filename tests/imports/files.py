"""Files to import, made for a test."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely
from django.db import connections
from shapely.geometry.base import BaseGeometry

from imports.request import ImportRequest

BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[107.5, 16.4], [107.6, 16.5], [107.6, 16.4], [107.5, 16.5], [107.5, 16.4]]],
}


def point(x: float = 107.59, y: float = 16.46) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [x, y]}


def square(x: float = 107.59, y: float = 16.46, side: float = 0.001) -> dict[str, Any]:
    ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(geometry: Any = None, identity: Any = None, **properties: Any) -> dict[str, Any]:
    body = {"type": "Feature", "geometry": geometry or point(), "properties": properties}
    return body if identity is None else {**body, "id": identity}


def collection(*features: Any, **members: Any) -> str:
    return json.dumps({"type": "FeatureCollection", **members, "features": list(features)})


def crs_member(name: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


def geojson(folder: Path, *features: Any, name: str = "thu.geojson", **members: Any) -> Path:
    file = folder / name
    file.write_text(collection(*features, **members))
    return file


def geopackage(
    file: Path,
    shapes: Sequence[BaseGeometry],
    fields: Mapping[str, Iterable[Any]],
    *,
    crs: str = "EPSG:4326",
    layer: str = "lop",
) -> Path:
    """Written by GDAL, as QGIS would."""
    kinds = {shape.geom_type for shape in shapes}
    pyogrio.raw.write(
        file,
        shapely.to_wkb(np.array(shapes, dtype=object)),
        [np.array(list(values)) for values in fields.values()],
        list(fields),
        driver="GPKG",
        layer=layer,
        geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
        crs=crs,
        append=file.exists(),
    )
    return file


def tampered(file: Path, *statements: str) -> Path:
    """A GeoPackage after somebody's SQL."""
    with sqlite3.connect(file) as connection:
        for function in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):  # what its triggers call
            connection.create_function(function, 1, lambda blob: 0)
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return file


def request(file: Path, **options: Any) -> ImportRequest:
    return ImportRequest(file=file, actor="test", **options)


def rows(sql: str) -> list[tuple[Any, ...]]:
    """What the owner finds."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def nothing_of(name: str) -> bool:
    """Whether neither a table, a view, a publication nor a record of ``name`` stands."""
    found = rows(
        f"select 1 from pg_class where relname in ('{name}', '{name}__new') union all"
        f" select 1 from huong.published where layer = '{name}' union all"
        f" select 1 from imports_importrun where target = '{name}'"
    )
    return not found
