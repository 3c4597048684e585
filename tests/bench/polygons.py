"""The data that is measured: parcels on a grid, the same in every run.

A cell is 50 m wide; its polygon has 8 corners (9 points, the last the first). A hundred wards of 10,000
parcels lie in compact blocks, so that the first 200,000 are twenty whole wards. Every value is a function
of the number.
"""

from __future__ import annotations

from typing import Any

from gis_core.datasets import create_dataset, publish_dataset
from gis_core.layer import Code, DeclaredStyle, Field, Geometry, Layer, Overview
from gis_core.words import Text

SEED = 20260101  # enters every value, so that another seed gives other data
POINTS = 9
WEST, SOUTH = 107.30, 16.10  # lower left corner of the grid, in CRS84
CELL_X, CELL_Y = 0.000468, 0.000452  # 50 m at 16.3 degrees north
USES = ("ODT", "LUC", "CLN", "TMD", "DGT")
FILLS = {"ODT": "#ffd0ff", "LUC": "#fffc8c", "CLN": "#ffd2a0", "TMD": "#ffa0aa", "DGT": "#ffaa32"}
OUTLINE, OUTLINE_PX = "#8a8a8a", 0.5


def number(least: int, values: int) -> str:
    """SQL of a whole number in [least, least + values) that the parcel's number and the seed decide."""
    return f"{least} + mod(i * 2654435761 + {SEED} + {least + values}, 1000003)::int % {values}"


COLUMNS: dict[str, tuple[str, str]] = {  # field -> its type and its SQL from i, the number of the parcel
    "code": ("text", "'P' || lpad(i::text, 7, '0')"),
    "ward": ("integer", "(i - 1) / 10000 + 1"),
    "use_code": ("text", f"({'array' + repr(list(USES))})[{number(1, len(USES))}]"),
    "area_m2": ("number", "1600.0 + mod(i * 37, 400)"),
    "floors": ("integer", number(0, 9)),
    "status": ("integer", number(0, 5)),
    "street": ("text", f"'Đường số ' || {number(1, 400)}"),
    "note": ("text", f"'thửa ' || {number(1, 9999)}"),
    "score": ("number", f"({number(0, 1000)}) / 8.0"),
    "valid_from": ("date", f"date '2000-01-01' + ({number(0, 9000)})"),
    "created_at": (
        "datetime",
        f"timestamptz '2020-01-01 00:00Z' + make_interval(secs => {number(0, 100_000_000)})",
    ),
    "owner_kind": ("text", f"(array['hộ', 'tổ chức', 'nhà nước'])[{number(1, 3)}]"),
}
CORNERS = (
    (0.1, 0.0),
    (0.9, 0.0),
    (1.0, 0.1),
    (1.0, 0.9),
    (0.9, 1.0),
    (0.1, 1.0),
    (0.0, 0.9),
    (0.0, 0.1),
    (0.1, 0.0),
)
assert len(CORNERS) == POINTS


def layer(name: str, *, overview: bool) -> Layer:
    """The declaration of a dataset of parcels; low zooms of one with ``overview`` show its cells."""
    fields = tuple(
        Field(
            name=field,
            label=Text(field, field),
            type=type_,  # type: ignore[arg-type]
            codes=tuple(Code(value=use, label=Text(use, use)) for use in USES) if field == "use_code" else (),
        )
        for field, (type_, _) in COLUMNS.items()
    )
    return Layer(
        id=name,
        title=Text("Thửa đất đo tốc độ", "Parcels to measure with"),
        description=Text("Dữ liệu sinh theo hạt giống cố định", "Generated from a fixed seed"),
        geometry=Geometry(type="Polygon"),
        fields=fields,
        table=f"dataset.{name}",
        overview=Overview(max_zoom=12, by="use_code") if overview else None,
        styles=(look(name),),
    )


def look(name: str) -> DeclaredStyle:
    """Parcels filled by use with a thin outline, and their codes: the same that the other map servers are given."""
    fill = ["match", ["get", "use_code"], *(part for pair in FILLS.items() for part in pair), "#ffffff"]
    labels = {"text-field": ["get", "code"], "text-size": 11}
    layers: tuple[dict[str, Any], ...] = (
        {"id": "fill", "type": "fill", "filter": ["!", ["has", "_cell"]], "paint": {"fill-color": fill}},
        {
            "id": "cell",
            "type": "fill",
            "filter": ["has", "_cell"],
            "paint": {
                "fill-color": ["match", ["get", "class"], *fill[2:]],
                "fill-opacity": ["to-number", ["get", "share"]],
            },
        },
        {
            "id": "outline",
            "type": "line",
            "filter": ["!", ["has", "_cell"]],
            "paint": {"line-color": OUTLINE, "line-width": OUTLINE_PX},
        },
    )
    named = {
        "id": "name",
        "type": "symbol",
        "minzoom": 15,
        "filter": ["!", ["has", "_cell"]],
        "layout": labels,
    }
    return DeclaredStyle(id="default", title=Text("Theo mục đích", "By use"), layers=(*layers, named))


def insert_sql(table: str, count: int, cells: int = 1) -> str:
    """One INSERT of the first ``count`` parcels, ``cells`` cells wide; the cell of i lies in the block of its ward."""
    column = "((i - 1) / 10000 % 10) * 100 + (i - 1) % 100"
    row = "((i - 1) / 100000) * 100 + (i - 1) % 10000 / 100"
    points = ", ".join(
        f"st_point(x + {dx * cells * CELL_X:.7f}, y + {dy * cells * CELL_Y:.7f})" for dx, dy in CORNERS
    )
    values = ", ".join(sql for _, sql in COLUMNS.values())
    return (
        f"insert into {table} ({', '.join(COLUMNS)}, geom) select {values},"
        f" st_setsrid(st_makepolygon(st_makeline(array[{points}])), 4326)"
        f" from generate_series(1::bigint, {count}) i,"
        f" lateral (select {WEST} + ({column}) * {cells * CELL_X} as x,"
        f" {SOUTH} + ({row}) * {cells * CELL_Y} as y) cell"
        " order by i"
    )


def make(cursor: Any, declared: Layer, count: int, cells: int = 1) -> None:
    """The dataset of ``declared`` with ``count`` parcels, published. Runs as owner, in a transaction."""
    create_dataset(cursor, declared)
    cursor.execute(insert_sql(declared.table, count, cells))
    publish_dataset(cursor, declared)


def bounds(count: int, cells: int = 1) -> tuple[float, float, float, float]:
    """West, south, east, north of the first ``count`` parcels (whole wards)."""
    wards = -(-count // 10_000)
    columns, rows = min(wards, 10) * 100 * cells, -(-wards // 10) * 100 * cells
    return WEST, SOUTH, WEST + columns * CELL_X, SOUTH + rows * CELL_Y
