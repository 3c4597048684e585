"""Geometries made plain: one level of parts, none of them empty, nothing of their place lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from gis_core.layer import Geometry, Layer
from gis_core.plain_shapes import make_plain, plain
from gis_core.values import fit_type
from gis_core.words import Text

CASES = {
    "POINT (1 2)": "POINT (1 2)",
    "MULTIPOINT ((1 2))": "MULTIPOINT ((1 2))",
    "GEOMETRYCOLLECTION EMPTY": "GEOMETRYCOLLECTION EMPTY",
    "GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (POINT (1 2)))": "POINT (1 2)",
    "GEOMETRYCOLLECTION (POINT EMPTY, MULTIPOINT ((1 2), (3 4)))": "MULTIPOINT ((1 2), (3 4))",
    "GEOMETRYCOLLECTION (POINT (1 2), GEOMETRYCOLLECTION (LINESTRING (0 0, 1 1), GEOMETRYCOLLECTION EMPTY))": (
        "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))"
    ),
}


@pytest.mark.parametrize("given", CASES)
def test_plain(given: str) -> None:
    assert shapely.to_wkt(plain(shapely.from_wkt(given))) == CASES[given]


def with_empty_line() -> Any:
    """A line of two parts, one of them empty, as a file brings it (shapely refuses to make one)."""
    one = shapely.to_wkb(shapely.LineString([(0, 0), (1, 1)]))
    none = shapely.to_wkb(shapely.LineString())
    return shapely.from_wkb(b"\x01" + (5).to_bytes(4, "little") + (2).to_bytes(4, "little") + one + none)


def test_an_empty_part_is_left_out_of_a_multi_part_shape() -> None:
    assert shapely.get_num_geometries(with_empty_line()) == 2
    assert shapely.to_wkt(plain(with_empty_line())) == "MULTILINESTRING ((0 0, 1 1))"


def test_an_array_is_made_plain_in_place() -> None:
    shapes = np.array([None, shapely.Point(1, 2), with_empty_line()], dtype=object)
    make_plain(shapes)
    assert shapes[0] is None and shapely.get_num_geometries(shapes[2]) == 1


def test_what_an_editor_sends_is_made_plain() -> None:
    words = Text("a", "a")
    layer = Layer(
        id="any", title=words, description=words, table="a.b", geometry=Geometry(type="Geometry"), fields=()
    )
    nested = shapely.from_wkt("GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (POINT (1 2)), LINESTRING EMPTY)")
    assert fit_type(layer, nested).geom_type == "Point"
