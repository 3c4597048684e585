"""Axis order, names and boxes. Compared with pyproj in the authority's own order, not with what we believe of it."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import pyproj
import pytest
import shapely

from gis_core.crs import (
    CRS84,
    EPSG3857,
    EPSG4326,
    EPSG9214,
    SUPPORTED,
    Crs,
    bbox_to_lonlat,
    crs_by_uri,
    to_lonlat,
)
from gis_core.problems import Problem

HUE = (107.5909, 16.4637)


def authority(crs: Crs) -> pyproj.Transformer:
    """From longitude, latitude to ``crs`` in the order of its authority."""
    name = "OGC:CRS84" if crs is CRS84 else f"EPSG:{crs.srid}"
    return pyproj.Transformer.from_crs("OGC:CRS84", name, always_xy=False)


def test_only_4326_has_latitude_first() -> None:
    """In EPSG 3405, 3406 and 9214 the easting comes first: swapping them would move Huế into the sea."""
    assert [crs.srid for crs in SUPPORTED if crs.flipped] == [4326]
    assert not CRS84.flipped
    assert EPSG4326.flipped


@pytest.mark.parametrize("crs", SUPPORTED, ids=lambda crs: crs.uri)
def test_point_of_the_authority_comes_back(crs: Crs) -> None:
    given = shapely.Point(authority(crs).transform(*HUE))
    back = to_lonlat(given, crs)
    assert math.dist(back.coords[0], HUE) < 1e-8


@pytest.mark.parametrize("crs", SUPPORTED, ids=lambda crs: crs.uri)
def test_every_name_of_a_crs_is_the_same_crs(crs: Crs) -> None:
    code = str(crs.srid)
    names = [crs.uri, f"urn:ogc:def:crs:EPSG::{code}", f"EPSG:{code}", f"[EPSG:{code}]"]
    if crs is CRS84:
        names = [
            crs.uri,
            "urn:ogc:def:crs:OGC:1.3:CRS84",
            "urn:ogc:def:crs:OGC::CRS84",
            "OGC:CRS84",
            "[OGC:CRS84]",
        ]
    assert all(crs_by_uri(name) is crs for name in names)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "4326",
        "EPSG:9215",
        "http://www.opengis.net/def/crs/0/unsupported",
        "EPSG:4326 ",
        "x" * 5000,
        "<EPSG:4326>",
    ],
)
def test_unknown_crs_is_a_problem_of_its_parameter(name: str) -> None:
    with pytest.raises(Problem) as caught:
        crs_by_uri(name, parameter="bbox-crs")
    assert (caught.value.status, caught.value.parameter) == (400, "bbox-crs")
    assert len(caught.value.detail.en) < 1000


def test_box_in_the_order_of_its_crs() -> None:
    assert bbox_to_lonlat([107, 16, 108, 17]) == [(107, 16, 108, 17)]
    assert bbox_to_lonlat([16, 107, 17, 108], EPSG4326) == [(107, 16, 108, 17)]
    assert bbox_to_lonlat([107, 16, -5, 108, 17, 900]) == [(107, 16, 108, 17)]
    assert bbox_to_lonlat([16, 107, -5, 17, 108, 900], EPSG4326) == [(107, 16, 108, 17)]


def test_box_across_the_antimeridian_is_two() -> None:
    assert bbox_to_lonlat([170, -10, -170, 10]) == [(170, -10, 180, 10), (-180, -10, -170, 10)]
    assert bbox_to_lonlat([-10, 170, 10, -170], EPSG4326) == [(170, -10, 180, 10), (-180, -10, -170, 10)]


def test_polar_world_and_overlarge_boxes_are_legal() -> None:
    assert bbox_to_lonlat([-180, 80, 180, 90]) == [(-180, 80, 180, 90)]
    assert bbox_to_lonlat([-400, -100, 400, 100]) == [(-180, -90, 180, 90)]
    ((west, south, east, north),) = bbox_to_lonlat([-1e99, -1e99, 1e99, 1e99], EPSG3857)
    assert (west, east) == (-180, 180)
    assert south < -89
    assert north > 89


@pytest.mark.parametrize("crs", [crs for crs in SUPPORTED if not crs.is_geographic], ids=lambda crs: crs.uri)
def test_projected_box_holds_its_curved_edges(crs: Crs) -> None:
    """Corner by corner, the north edge of a 100 km box would lose the strip that bends beyond the corners."""
    x, y = authority(crs).transform(*HUE)
    ((west, south, east, north),) = bbox_to_lonlat([x - 5e4, y - 5e4, x + 5e4, y + 5e4], crs)
    back = pyproj.Transformer.from_crs(crs.srid, 4326, always_xy=True)
    for step in range(501):
        along = -5e4 + 200 * step
        for dx, dy in ((along, 5e4), (along, -5e4), (5e4, along), (-5e4, along)):
            lon, lat = back.transform(x + dx, y + dy)
            assert west - 1e-7 <= lon <= east + 1e-7
            assert south - 1e-7 <= lat <= north + 1e-7


@pytest.mark.parametrize("crs", SUPPORTED, ids=lambda crs: crs.uri)
@pytest.mark.parametrize(
    "numbers",
    [
        [],
        [1],
        [1, 2, 3],
        [1, 2, 3, 4, 5],
        [1] * 7,
        [math.nan, 0, 1, 1],
        [0, 0, math.inf, 1],
        [0, -math.inf, 1, 1],
    ],
    ids=str,
)
def test_malformed_box_is_a_problem(crs: Crs, numbers: list[float]) -> None:
    with pytest.raises(Problem) as caught:
        bbox_to_lonlat(numbers, crs)
    assert (caught.value.status, caught.value.parameter) == (400, "bbox")


def test_box_upside_down_is_a_problem() -> None:
    for numbers, crs in (
        ([107, 17, 108, 16], CRS84),
        ([17, 107, 16, 108], EPSG4326),
        ([5e5, 2e6, 6e5, 1e6], EPSG9214),
    ):
        with pytest.raises(Problem):
            bbox_to_lonlat(numbers, crs)


def test_projected_box_cannot_cross_the_antimeridian() -> None:
    with pytest.raises(Problem):
        bbox_to_lonlat([6e5, 1.8e6, 5e5, 1.9e6], EPSG9214)


@pytest.mark.parametrize(
    ("crs", "x", "y"),
    [
        (CRS84, 90, 180),
        (CRS84, 181, 0),
        (EPSG4326, 107, 16),
        (EPSG9214, 107e6, 16),
        (EPSG3857, 3e7, 0),
        (CRS84, math.nan, 0),
    ],
)
def test_point_off_the_globe_is_a_problem(crs: Crs, x: float, y: float) -> None:
    with pytest.raises(Problem):
        to_lonlat(shapely.Point(x, y), crs)


def test_transformers_serve_many_threads() -> None:
    expected = authority(EPSG9214).transform(*HUE)
    with ThreadPoolExecutor(8) as pool:
        points = list(pool.map(lambda _: to_lonlat(shapely.Point(expected), EPSG9214).coords[0], range(400)))
    assert all(math.dist(point, HUE) < 1e-8 for point in points)
