"""What is drawn: eight features of each geometry, in two rows of four, in a picture of 256 px."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from gis_core.layer import Code, DeclaredStyle, Field, Geometry, GeometryType, Layer
from gis_core.styles.folding import METRES_PER_PX_AT_0
from gis_core.words import Text
from tilesrv.grid import lon_lat

SIDE = 256  # px of a picture
ZOOM = 15.0  # of MapLibre
METRES = METRES_PER_PX_AT_0 / 2**ZOOM  # of EPSG:3857 to a px
# The middle of the picture, EPSG:3857: that of a tile at this zoom, so that no feature is cut.
TILE = 512 * METRES
MIDDLE = ((11_977_000 // TILE + 0.5) * TILE, (1_861_000 // TILE + 0.5) * TILE)
AREA, LINE = 44, 44  # px: the side of an area, the length of a line


@dataclass(frozen=True)
class Feature:
    """One feature; ``values`` has no key for a null."""

    number: int
    values: dict[str, Any]

    @property
    def at(self) -> tuple[int, int]:
        """The middle of the feature in the picture, px from the upper left corner."""
        return 32 + 64 * (self.number % 4), 64 + 128 * (self.number // 4)


FEATURES = [
    Feature(number, {key: value for key, value in values.items() if value is not None})
    for number, values in enumerate(
        (
            {"kind": "a", "n": 0.0, "flag": True, "name": "Huế", "code": "1", "turn": 0.0},
            {"kind": "b", "n": 5.0, "flag": False, "name": "Kim Long", "code": "12", "turn": 90.0},
            {"kind": "c", "n": 10.0, "flag": True, "name": "A Lưới", "code": "x", "turn": 45.0},
            {"kind": None, "n": None, "flag": None, "name": None, "code": None, "turn": None},
            {"kind": "a", "n": 20.0, "flag": None, "name": "Phú Xuân", "code": "3.5", "turn": 180.0},
            {"kind": "it's", "n": 7.5, "flag": False, "name": "Vỹ Dạ", "code": "-7", "turn": 270.0},
            {"kind": "Đ", "n": -3.0, "flag": True, "name": "Đông Ba", "code": "0", "turn": 30.0},
            {"kind": "b", "n": 100.0, "flag": False, "name": "Thuận An", "code": "100", "turn": 135.0},
        )
    )
]
COLUMNS = {"kind": "text", "n": "float8", "flag": "boolean", "name": "text", "code": "text", "turn": "float8"}
FIELDS = (
    Field(
        name="kind",
        label=Text("Loại", "Kind"),
        type="text",
        codes=(
            Code(value="a", label=Text("Loại A", "Kind A")),
            Code(value="b", label=Text("Loại B", "Kind B")),
        ),
    ),
    Field(name="n", label=Text("Số", "Number"), type="number"),
    Field(name="flag", label=Text("Cờ", "Flag"), type="boolean"),
    Field(name="name", label=Text("Tên", "Name"), type="text"),
    Field(name="code", label=Text("Mã", "Code"), type="text"),
    Field(name="turn", label=Text("Hướng", "Direction"), type="number"),
)
LAYERS: dict[str, GeometryType] = {"areas": "Polygon", "lines": "LineString", "points": "Point"}


def box() -> tuple[float, float, float, float]:
    """The picture's box, EPSG:3857."""
    half = SIDE / 2 * METRES
    return MIDDLE[0] - half, MIDDLE[1] - half, MIDDLE[0] + half, MIDDLE[1] + half


def centre() -> tuple[float, float]:
    """Longitude and latitude of the picture's middle."""
    return lon_lat(*MIDDLE)


def wkt(layer: str, feature: Feature) -> str:
    """The geometry in EPSG:3857. Lines run from west to east."""
    x, y = feature.at

    def at(dx: float, dy: float) -> str:
        west, _, _, north = box()
        return f"{west + (x + dx) * METRES:.6f} {north - (y + dy) * METRES:.6f}"

    if layer == "points":
        return f"POINT({at(0, 0)})"
    if layer == "lines":
        return f"LINESTRING({at(-LINE / 2, 0)}, {at(LINE / 2, 0)})"
    half = AREA / 2
    corners = ((-half, -half), (-half, half), (half, half), (half, -half), (-half, -half))
    return f"POLYGON(({', '.join(at(*corner) for corner in corners)}))"


def fill_tables(owner: psycopg.Connection[Any]) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    for layer, geometry in LAYERS.items():
        owner.execute(
            f"create table public.same_{layer} (fid bigint primary key, {columns},"
            f" geom geometry({geometry}, 4326), geom3857 geometry({geometry}, 3857)"
            " generated always as (st_transform(geom, 3857)) stored)"
        )
        for feature in FEATURES:
            owner.execute(
                f"insert into public.same_{layer} (fid, {', '.join(COLUMNS)}, geom)"
                f" select %s, {', '.join(f'r.{name}' for name in COLUMNS)},"
                " st_transform(st_geomfromtext(%s, 3857), 4326)"
                f" from jsonb_to_record(%s) as r({columns})",
                [feature.number + 1, wkt(layer, feature), Jsonb(feature.values)],
            )


def declared(layer: str, styles: list[tuple[str, list[dict[str, Any]]]]) -> Layer:
    """The layer with its styles by id."""
    return Layer(
        id=f"same_{layer}",
        title=Text(f"Lớp thử {layer}", f"Test {layer}"),
        description=Text("Lớp thử", "Test layer"),
        geometry=Geometry(type=LAYERS[layer]),
        table=f"public.same_{layer}",
        fields=FIELDS,
        styles=tuple(
            DeclaredStyle(id=name, title=Text(name, name), layers=tuple(layers)) for name, layers in styles
        ),
    )
