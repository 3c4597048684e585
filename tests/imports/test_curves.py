"""Arcs of a GeoPackage as straight pieces: how far off, the same from both sides, and what is no geometry at all."""

from __future__ import annotations

import math
import os
import struct
from pathlib import Path

import numpy as np
import pytest
import shapely

from gis_core.config import Config
from imports.readers.curves import TOLERANCE_M, NotRead, straightened
from imports.run import run_import
from tests.imports.files import geopackage, request, rows, tampered

Pairs = list[tuple[float, float]]
HALF_CIRCLE: Pairs = [(562000, 1820000), (562100, 1820100), (562200, 1820000)]


def arcs(points: Pairs, order: str = "<") -> bytes:
    return struct.pack(f"{order}BII", order == "<", 8, len(points)) + np.array(points, f"{order}f8").tobytes()


def line(points: Pairs) -> bytes:
    return struct.pack("<BII", 1, 2, len(points)) + np.array(points, "<f8").tobytes()


def of_parts(kind: int, *parts: bytes) -> bytes:
    return struct.pack("<BII", 1, kind, len(parts)) + b"".join(parts)


def closed() -> bytes:
    """A half disc: an arc, and the line back."""
    return of_parts(10, of_parts(9, arcs(HALF_CIRCLE), line([HALF_CIRCLE[2], HALF_CIRCLE[0]])))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("side", [1, -1])
def test_no_chord_leaves_its_arc_by_more_than_the_tolerance(order: str, side: int) -> None:
    centre = np.array([562100.0, 1820000.0])
    points = np.array(
        straightened(arcs([(x, 1820000 + side * (y - 1820000)) for x, y in HALF_CIRCLE], order)).coords
    )
    off = np.hypot(*(points - centre).T)
    middles = np.hypot(*((points[1:] + points[:-1]) / 2 - centre).T)
    assert np.abs(off - 100).max() < 1e-6
    assert 100 - middles.min() <= TOLERANCE_M + 1e-6
    assert 20 < len(points) < 1000
    assert {HALF_CIRCLE[0], HALF_CIRCLE[2]} <= {tuple(p) for p in points}
    assert (points[len(points) // 2] == [562100, 1820000 + side * 100]).all()


def test_neighbours_get_the_same_points_of_a_shared_arc() -> None:
    there = np.array(straightened(arcs(HALF_CIRCLE)).coords)
    back = np.array(straightened(arcs(HALF_CIRCLE[::-1])).coords)
    assert np.array_equal(there, back[::-1])


def test_whole_circles_flat_arcs_and_parts() -> None:
    circle = straightened(of_parts(10, arcs([(562000, 1820000), (562200, 1820000), (562000, 1820000)])))
    assert circle.is_valid and circle.area == pytest.approx(math.pi * 100**2, rel=1e-4)
    assert len(straightened(arcs([(1000, 0), (2000, 0), (3000, 0)])).coords) == 3
    half = straightened(closed())
    assert half.is_valid and half.area == pytest.approx(math.pi * 100**2 / 2, rel=1e-4)
    assert straightened(of_parts(12, closed())).geom_type == "MultiPolygon"
    assert straightened(of_parts(11, arcs(HALF_CIRCLE), line(HALF_CIRCLE))).geom_type == "MultiLineString"
    assert (
        straightened(of_parts(7, closed(), shapely.to_wkb(shapely.Point(1, 2)))).geom_type
        == "GeometryCollection"
    )


@pytest.mark.parametrize(
    "wkb",
    [
        b"", b"\x01", struct.pack("<BII", 1, 8, 2**31), struct.pack("<BII", 1, 12, 2**32 - 1), arcs(HALF_CIRCLE)[:-1],
        arcs(HALF_CIRCLE[:2]), arcs([*HALF_CIRCLE, HALF_CIRCLE[0]]), arcs([(math.nan, 0), (1, 1), (2, 0)]),
        of_parts(10, arcs(HALF_CIRCLE)), of_parts(16, line(HALF_CIRCLE)), struct.pack("<BII", 1, 7, 1) * 50,
    ],
)  # fmt: skip
def test_what_is_no_geometry_is_refused_in_words(wkb: bytes) -> None:
    with pytest.raises(NotRead):
        straightened(wkb)


def with_shapes(file: Path, *bodies: bytes) -> Path:
    """A GeoPackage of polygons in EPSG:9214 whose first geometries are ``bodies`` (WKB)."""
    squares = [
        shapely.box(562000 + 300 * n, 1820000, 562010 + 300 * n, 1820010) for n in range(len(bodies) + 1)
    ]
    geopackage(file, squares, {"ten": [f"thửa {n}" for n in range(len(squares))]}, crs="EPSG:9214")
    head = b"GP\0\x01" + struct.pack("<i", 9214)
    statements = [
        f"update lop set geom = x'{(head + body).hex()}' where fid = {n}"
        for n, body in enumerate(bodies, start=1)
    ]
    return tampered(file, "drop trigger if exists rtree_lop_geom_update1", *statements)


def test_a_curve_among_polygons_is_imported_and_the_report_says_how(tmp_path: Path, city: Config) -> None:
    report = run_import(request(with_shapes(tmp_path / "cong.gpkg", closed()), dataset="cong"))
    assert (report.carried_out, report.written) == (True, 2), report.rejections
    assert any("1 mm" in words.vi and words.vi.startswith("1 hình") for words in report.notes)
    ((area, kind),) = rows(
        "select st_area(st_transform(geom, 9214)), geometrytype(geom) from dataset.cong where fid = 1"
    )
    assert kind == "POLYGON" and area == pytest.approx(math.pi * 100**2 / 2, rel=1e-3)


def test_a_curve_that_cannot_be_read_rejects_its_row_alone(tmp_path: Path, city: Config) -> None:
    broken = of_parts(10, of_parts(9, arcs(HALF_CIRCLE)))
    report = run_import(request(with_shapes(tmp_path / "hong.gpkg", broken, closed()), dataset="hong"))
    assert (report.carried_out, [note.row for note in report.rejections]) == (False, [1])
    assert "GeoPackage geometry" in report.rejections[0].words.en


@pytest.mark.skipif(not os.environ.get("HUONG_DATA"), reason="HUONG_DATA names no folder of source data")
def test_a_real_file_with_a_curve_polygon(city: Config) -> None:
    file = Path(os.environ["HUONG_DATA"]) / "files" / "curvepolygon.gpkg"
    report = run_import(request(file, dataset="ve_tay"))
    assert (report.carried_out, report.written) == (True, 1), report.rejections
