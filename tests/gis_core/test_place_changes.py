"""How much a place has changed: the area as surveyed or on the ellipsoid, corners in metres, in words."""

from __future__ import annotations

import pyproj
import pytest
import shapely

from gis_core.place_changes import AreaChange, area_change, area_of, moved_words

PARCEL = shapely.MultiPolygon([shapely.box(561000, 1822000, 561010, 1822020)])


def test_an_area_is_what_was_surveyed_and_on_the_ellipsoid_where_degrees_are_kept() -> None:
    assert area_of(PARCEL, 9214) == 200.0
    ring = shapely.box(107.5, 16.4, 107.501, 16.401)
    hole = shapely.box(107.5002, 16.4002, 107.5004, 16.4004)
    expected = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(ring)[0]
    whole, holed = area_of(ring, 4326), area_of(ring.difference(hole), 4326)
    assert whole == pytest.approx(abs(expected)) and whole is not None and holed is not None
    assert whole - holed == pytest.approx(whole * 0.04, rel=1e-3)
    assert area_of(shapely.Point(107, 16), 4326) is None


@pytest.mark.parametrize(
    ("east", "large", "words"),
    [
        (561010.04, False, "200,0 → 200,8 m² (+0,8 m², +0,4 %)"),
        (561011, True, "200,0 → 220,0 m² (+20,0 m², +10,0 %)"),
        (561009, True, "200,0 → 180,0 m² (−20,0 m², −10,0 %)"),
        (561010.002, False, "Diện tích 200,0 m²"),
    ],
)
def test_a_change_of_the_area_is_said_and_asked_about_beyond_a_share(
    east: float, large: bool, words: str
) -> None:
    change = area_change(PARCEL, shapely.box(561000, 1822000, east, 1822020), 9214)
    assert change is not None
    assert change.is_large == large
    assert words in change.words().vi


def test_a_confirmation_is_of_one_area() -> None:
    assert AreaChange(200.0, 220.0).confirmation != AreaChange(200.0, 240.0).confirmation


def test_corners_are_said_to_move_by_metres() -> None:
    moved = shapely.Polygon([(561000, 1822000), (561010, 1822000), (561013, 1822024), (561000, 1822020)])
    start = shapely.Polygon([(561000, 1822000), (561010, 1822000), (561010, 1822020), (561000, 1822020)])
    assert moved_words(start, moved, 9214).vi.startswith("dời 1 đỉnh, xa nhất 5,00 m; Diện tích")
    more = shapely.Polygon([*moved.exterior.coords[:3], (561005, 1822025), moved.exterior.coords[3]])
    assert moved_words(moved, more, 9214).en.startswith("1 corners added, 0 taken")
    point, other = shapely.Point(107.5, 16.4), shapely.Point(107.5, 16.401)
    assert moved_words(point, other, 4326).vi == "dời 111,20 m"
