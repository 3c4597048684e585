"""Places in the demo city to write to, and a dataset with a field that its writers cannot see."""

from __future__ import annotations

from typing import Any

import psycopg

from gis_core.config import Config
from gis_core.datasets import create_dataset, publish_dataset
from gis_core.layer import EVERYONE, Audience, Code, Field, Geometry, Layer, Time, Write
from gis_core.words import Text

KIM_LONG, PHU_XUAN, ELSEWHERE = "19774", "19753", "20014"
LAND: frozenset[Audience] = frozenset({"land"})
WRITERS: frozenset[Audience] = frozenset({"operations", "land"})


def inside(owner: psycopg.Connection[Any], unit: str) -> tuple[float, float]:
    """Longitude and latitude of a point in a unit of the officer's or another one's."""
    row = owner.execute(
        "select st_x(p), st_y(p) from (select st_pointonsurface(geom) p from citizen.admin_units where code = %s) q",
        [unit],
    ).fetchone()
    assert row is not None, f"the demo city has no unit {unit}"
    return round(row[0], 7), round(row[1], 7)


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def square(lon: float, lat: float, side: float = 0.0002) -> dict[str, Any]:
    """A square as a MultiPolygon, its lower left corner at (lon, lat)."""
    ring = [(0, 0), (side, 0), (side, side), (0, side), (0, 0)]
    return {
        "type": "MultiPolygon",
        "coordinates": [[[[round(lon + x, 7), round(lat + y, 7)] for x, y in ring]]],
    }


def text(words: str) -> Text:
    return Text(words, words)


def dataset(name: str, **changes: Any) -> Layer:
    """A dataset of trees with every type of field, one of them for the land desk alone."""
    fields = (
        Field(name="species", label=text("Loài"), type="text", searchable=True, sortable=True, required=True,
              max_length=60),
        Field(name="state", label=text("Tình trạng"), type="text",
              codes=(Code(value="good", label=text("Tốt")), Code(value="poor", label=text("Yếu")))),
        Field(name="height_m", label=text("Cao"), type="number", unit="m", sortable=True),
        Field(name="stems", label=text("Số thân"), type="integer", sortable=True),
        Field(name="protected", label=text("Bảo vệ"), type="boolean"),
        Field(name="planted_on", label=text("Ngày trồng"), type="date", sortable=True),
        Field(name="checked_at", label=text("Kiểm tra lúc"), type="datetime", sortable=True),
        Field(name="number", label=text("Số hiệu"), type="integer", writable=False),
        Field(name="owner_name", label=text("Chủ"), type="text", audiences=LAND),
    )  # fmt: skip
    declared: dict[str, Any] = {
        "id": name,
        "title": Text("Cây xanh", "Trees"),
        "description": Text("Cây xanh đường phố", "Street trees"),
        "geometry": Geometry(type="Point"),
        "fields": fields,
        "table": f"dataset.{name}",
        "audiences": EVERYONE,
        "time": Time("planted_on"),
        "label": "species",
        "write": Write(audiences=WRITERS),
    }
    return Layer(**{**declared, **changes})


def publish(config: Config, layer: Layer, rows: str = "") -> None:
    """Make and publish a dataset; ``rows`` is SQL that fills it."""
    with psycopg.connect(**config.connection("owner")) as connection, connection.cursor() as cursor:  # type: ignore[arg-type]
        create_dataset(cursor, layer)
        if rows:
            cursor.execute(rows)  # type: ignore[arg-type]
        publish_dataset(cursor, layer)
