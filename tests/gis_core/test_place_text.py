"""Places as people type them, in degrees and in metres, one corner and thousands."""

from __future__ import annotations

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from gis_core.place_text import (
    PlaceError,
    in_degrees,
    keep_corners,
    read_place,
    write_place,
    written_blocks,
)  # fmt: skip

CITADEL = (107.5905, 16.4637)


def near(place: BaseGeometry, metres: float = 2.0) -> bool:
    return bool(place.distance(shapely.Point(CITADEL)) < metres / 100_000)


@pytest.mark.parametrize(
    "text",
    [
        "16.4637, 107.5905",
        "16.4637 107.5905",
        "16.4637,107.5905",
        "16,4637; 107,5905",
        "16,4637 107,5905",
        "107.5905 16.4637",
        "16°27'49.32\"N 107°35'25.8\"E",
        "16°27′49,32″B, 107°35′25,8″Đ",
        "107°35'25.8\"E 16°27'49.32\"N",
        "N16°27'49.32\" E107°35'25.8\"",
        "16.4637° 107.5905°",
        '16°27´49.32"B 107°35´25.8"Đ',
        "16°27`49,32``B; 107°35`25,8``Đ",
        "16°27'49.32''N107°35'25.8''E",
        "16° 27,822 B 107° 35,43 Đ",
        "16° 27 49,32 B, 107° 35 25,8 Đ",
        "+16.4637°, +107.5905°;",
        "POINT(107.5905 16.4637)",
        "SRID=4326;POINT(107.5905 16.4637)",
        '{"type": "Point", "coordinates": [107.5905, 16.4637]}',
        '{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [107.5905, 16.4637]}}',
    ],
)
def test_one_point_in_every_way_that_people_write_it(text: str) -> None:
    assert near(read_place(text, "Point", 4326))


@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("-16.5° 107.5°", -16.5, 107.5), ("−16°30', -107°30'", -16.5, -107.5), ("-107°30' -16°30'", -16.5, -107.5),
        ("S 33°51' W 70°40'", -33.85, -70 - 2 / 3), ("33°51'N 70°40'T", 33.85, -70 - 2 / 3),
        ("W70°30' S33°30'", -33.5, -70.5), ("0°30'S 0°30'W", -0.5, -0.5),
    ],
)  # fmt: skip
def test_signs_and_letters_say_which_side_of_zero(text: str, lat: float, lon: float) -> None:
    assert read_place(text, "Point", 4326).coords[0] == pytest.approx((lon, lat))


@pytest.mark.parametrize("text", ["1.822.300 561.300", "1,822,300 561,300", "561.300; 1.822.300"])
def test_metres_in_groups_of_thousands(text: str) -> None:
    assert read_place(text, "Point", 4326).coords[0] == pytest.approx((107.576, 16.4757), abs=0.001)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("GEOMETRYCOLLECTION(" * 40_000 + "POINT(1 2)" + ")" * 40_000, "Geometry"),
        ("GEOMETRYCOLLECTION(" * 21 + "POINT EMPTY" + ")" * 21, "Geometry"),
        ('{"type":"GeometryCollection","geometries":[' * 200 + "]}" * 200, "Geometry"),
        ("(" * 40_000, "Point"), ("POINT" + "(" * 40_000, "Point"),
    ],
    ids=["40,000", "21", "GeoJSON", "brackets alone", "a point"],
)  # fmt: skip
def test_brackets_in_brackets_never_reach_the_stack_of_geos(text: str, kind: str) -> None:
    """Would fail, with the whole process, if GEOS were left to find out how deep they go."""
    with pytest.raises(PlaceError):
        read_place(text, kind, 4326)


@pytest.mark.parametrize("zone", [9214, 3405, 3406])
@pytest.mark.parametrize("order", ["north first", "east first", "thousands", "comma"])
def test_metres_of_every_zone(zone: int, order: str) -> None:
    """What a corner is in VN-2000, and back: good to the millimetre whichever axis was named first."""
    metric = read_place(f"{CITADEL[1]}, {CITADEL[0]}", "Point", zone, zone)
    north, east = f"{metric.y:.4f}", f"{metric.x:.4f}"
    text = {
        "north first": f"{north}, {east}",
        "east first": f"{east} {north}",
        "thousands": f"{metric.y:,.4f}; {metric.x:,.4f}",
        "comma": f"{north.replace('.', ',')} {east.replace('.', ',')}",
    }[order]
    assert near(read_place(text, "Point", 4326, zone), 0.001)
    assert read_place(text, "Point", zone, zone).distance(metric) < 0.0001


RINGS = "0 0; 0 10; 10 10; 10 0 / 2 2; 2 8; 8 8; 8 2 / 4 4; 4 6; 6 6; 6 4 / 20 20; 20 25; 25 25"


def blocks(text: str) -> str:
    return "\n\n".join("\n".join(corner.strip() for corner in block.split(";")) for block in text.split("/"))


def test_rings_find_their_areas() -> None:
    place = read_place(blocks(RINGS), "MultiPolygon", 4326)
    assert [len(part.interiors) for part in place.geoms] == [1, 0, 0]
    assert place.is_valid and place.area == 100 - 36 + 4 + 12.5


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("MultiPolygon", RINGS),
        ("Polygon", RINGS.split(" / 4")[0]),
        ("MultiLineString", "0 0; 0 1; 1 1 / 5 5; 6 6"),
        ("LineString", "0.1234567890123456 1; 0.30000000000000004 2"),
        ("MultiPoint", "0 0; 1 1; 2 2"),
        ("Point", "16.463712345678901 107.1"),
    ],
)
def test_written_and_read_again_is_the_same_to_the_last_bit(kind: str, text: str) -> None:
    """On the page a corner has no more digits than a hand means; what it had beyond them is kept."""
    place = read_place(blocks(text), kind, 4326)
    again = read_place(write_place(place, 4326), kind, 4326)
    assert shapely.to_wkb(keep_corners(again, [place], 4326)) == shapely.to_wkb(place)


SURVEY = [(562345.7654321, 1822345.1234567), (562395.2, 1822345.1), (562401.3, 1822395.9)]


def test_a_page_has_one_unit_and_millimetres_whatever_was_drawn_or_typed() -> None:
    """Would fail if a corner that was dragged in degrees stayed so beside surveyed metres, or had ten decimals."""
    survey = shapely.MultiPolygon([shapely.Polygon(SURVEY)])
    lines = write_place(survey, 9214).split("\n")
    assert lines[0] == "1822345.123, 562345.765"
    lon, lat = in_degrees(shapely.Point(562410.5, 1822400.25), 9214).coords[0]
    typed = written_blocks("\n".join([*lines[:2], f"{lat!r}, {lon!r}"]), 9214, 9214)
    assert typed == [[*lines[:2], "1822400.250, 562410.500"]]
    assert written_blocks("16.46371234567890 107.5", 4326, 9214) == [["16.46371235, 107.5"]]


def test_only_the_corner_that_was_moved_moves_and_a_neighbours_corner_is_the_neighbours() -> None:
    survey = shapely.MultiPolygon([shapely.Polygon(SURVEY)])
    neighbour = shapely.Polygon([(562500.00012, 1822500.00034), (562600, 1822500), (562600, 1822600)])
    lines = write_place(survey, 9214).split("\n")
    sent = read_place("\n".join([*lines[:2], "1822500.000, 562500.000"]), "MultiPolygon", 9214)
    kept = keep_corners(sent, [survey, neighbour], 9214).geoms[0].exterior.coords
    assert list(kept) == [*SURVEY[:2], (562500.00012, 1822500.00034), SURVEY[0]]
    alone = keep_corners(sent, [survey], 9214).geoms[0].exterior.coords
    assert alone[2] == (562500.0, 1822500.0)


def test_corners_that_are_written_alike_part_no_ring() -> None:
    """Would raise GEOS's words: parcels that were measured apart meet within a millimetre."""
    one = shapely.Polygon([(560010.0001, 1800010.0001), (560020, 1800010), (560020, 1800020)])
    other = shapely.Polygon([(560010.0002, 1800010.0002), (560000, 1800010), (560000, 1800000)])
    held = shapely.MultiPolygon([one, other])
    blocks = write_place(held, 9214).split("\n\n")
    typed = "\n\n".join([blocks[0], f"{blocks[1]}\n1800005.000, 560005.000"])
    kept = keep_corners(read_place(typed, "MultiPolygon", 9214), [held], 9214)
    assert [len(part.exterior.coords) for part in kept.geoms] == [4, 5]


def test_surveyed_corners_keep_every_digit_beside_one_in_degrees() -> None:
    """One corner that the map moved is written in degrees; its neighbours stay as they were surveyed."""
    survey = [(1822345.1234567, 562345.7654321), (1822395.1, 562345.2), (1822395.9, 562401.3)]
    text = "\n".join(f"{north!r}, {east!r}" for north, east in survey)
    whole = read_place(text, "MultiPolygon", 9214)
    assert [(y, x) for x, y in whole.geoms[0].exterior.coords[:3]] == survey
    lon, lat = in_degrees(shapely.Point(562401.3, 1822345.9), 9214).coords[0]
    mixed = read_place(f"{text}\n{lat!r}, {lon!r}", "MultiPolygon", 9214)
    assert [(y, x) for x, y in mixed.geoms[0].exterior.coords[:3]] == survey
    assert (
        shapely.Point(mixed.geoms[0].exterior.coords[3]).distance(shapely.Point(562401.3, 1822345.9)) < 0.001
    )


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("Point", "", "chưa có tọa độ"),
        ("Point", "abc", "không phải tọa độ"),
        ("Point", "16.4", "dòng 1: cần hai số"),
        ("Point", "16.4 x", "không phải là số"),
        ("Point", "16.4 107.5\n16.5 107.6", "chỉ nhận một phần"),
        ("Point", "500 600", "không phải độ"),
        ("Point", "1822300 56130", "không phải độ"),
        ("Point", "16°99'B 107°35'Đ", "nhỏ hơn 60"),
        ("Point", "16°27'60\"B 107°35'Đ", "nhỏ hơn 60"),
        ("Point", "16°27'B 107°35'Đ extra 5", "hai góc"),
        ("Point", "16°27'B và 107°35'Đ", "hai góc"),
        ("Point", "16°27'B 107°35'Đ 5°", "hai góc"),
        ("Point", "x 16°27'B 107°35'Đ", "không phải tọa độ"),
        ("Point", "N16°27' 107°35'E", "hai góc"),
        ("Point", "16°27'B 107°35'", "hai góc"),
        ("Point", "16.5°-107.5°", "hai góc"),
        ("Point", "16°27''B 107°35'Đ", "hai góc"),
        ("Point", "16°27'B 107°35'B", "một vĩ độ"),
        ("Point", "-16°27'B 107°35'Đ", "không dùng cả hai"),
        ("Point", "16.5°27'B 107°35'Đ", "phần lẻ"),
        ("Point", "GEOMETRYCOLLECTION(" * 21 + ")" * 21, "quá sâu"),
        ("Point", "95, 95", "vĩ độ ngoài phạm vi"),
        ("LineString", "16.4 107.5", "ít nhất 2 đỉnh"),
        ("LineString", "16 107\n\nx y", "dòng 3"),
        ("MultiPolygon", "16 107\n16 108", "ít nhất 3 đỉnh"),
        ("MultiPolygon", "0 0\n1 1\n1 0\n0 1", "không hợp lệ"),
        ("MultiPolygon", "0 0\n1 1\n1 0\n0 1\n\n5 5\n5 6\n6 6", "tự cắt"),
        ("MultiPolygon", "LINESTRING(0 0, 1 1)", "phải là vùng"),
        ("MultiPolygon", "POLYGON EMPTY", "rỗng"),
        ("Point", "POINT(1 2", "không phải tọa độ"),
        ("Point", '{"type": "Point"}', "không phải tọa độ"),
        ("Point", "[" * 5000, "cần hai số"),
        ("Point", "{" + '"a":[' * 5000, "không phải tọa độ"),
        ("Point", "SRID=32648;POINT(1 2)", "không có hệ tọa độ"),
        ("Point", "POINT(nan 2)", ""),
        ("Point", "16.4\u0000 107", "không phải là số"),
    ],
)
def test_what_is_no_place_is_said_with_its_line(kind: str, text: str, words: str) -> None:
    with pytest.raises(PlaceError) as refused:
        read_place(text, kind, 4326)
    assert words in refused.value.words.vi
    assert refused.value.words.en
