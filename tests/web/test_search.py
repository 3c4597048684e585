"""The page's search over units: names of both times, and a question back for exactly the names that mean two places."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from gis_core.audiences import CITIZEN
from gis_core.config import Config
from gis_core.reading import read
from web.search import search

CITY = "demo"
pytestmark = pytest.mark.usefixtures("city")
ASKING = {"Hương Phong", "Hương Xuân", "Phú Vinh", "Phú Xuân"}


@pytest.fixture
def client(city: Config) -> Client:
    return Client(raise_request_exception=False)


def titles(text: str, language: str = "vi") -> list[str]:
    return [hit.title for hit in search(CITIZEN, text, language).hits]


def test_an_old_name_says_what_it_is_now() -> None:
    """Would fail if a letter to a ward of before July 2025 found nothing, or something else first."""
    for text in ("Thuỷ Vân", "thuy van", "P. Thủy Vân"):
        assert titles(text)[0] == "Phường Thủy Vân, Quận Thuận Hóa (nay là Phường Vỹ Dạ)"
    assert titles("Thủy Vân", "en")[0] == "Phường Thủy Vân, Quận Thuận Hóa (now Phường Vỹ Dạ)"


@pytest.mark.parametrize("name", sorted(ASKING))
def test_a_name_that_means_two_places_is_asked_about(client: Client, name: str) -> None:
    page = unescape(client.get(f"/search?q={name}").content.decode())
    question = re.search(r'<div class="which">(.*?)</div>', page, re.DOTALL)
    assert question, name
    assert "nay là" in question[1] and question[1].count("<li>") >= 2


@pytest.mark.parametrize(
    "name", ["Dương Nỗ", "Thủy Vân", "phu", "Kim Long", "xã Hương Phong", "huong", "A Lưới 1", "Lê Lợi"]
)
def test_nobody_is_asked_about_other_names(name: str) -> None:
    """Would fail if every word that begins some names, or a unit of both times, were a question."""
    assert search(CITIZEN, name, "vi").ambiguous == []


def test_a_unit_is_listed_once() -> None:
    hits = [(hit.layer_id, hit.fid) for hit in search(CITIZEN, "Dương Nỗ", "vi").hits]
    assert len(hits) == len(set(hits))
    assert hits[0][0] == "admin_units"


def test_what_is_found_opens(client: Client) -> None:
    """Would fail if a unit were linked in a layer that does not hold it."""
    for text in ("Thủy Vân", "Quận Thuận Hóa", "Phú Bài", "Phú Xuân"):
        for hit in search(CITIZEN, text, "vi").hits[:3]:
            assert client.get(f"/feature/{hit.layer_id}/{hit.fid}").status_code == 200, hit


@pytest.mark.parametrize("text", ["x" * 5000, "\x00", "?!", "%", "'; drop table x; --"])
def test_odd_texts_are_answered(text: str) -> None:
    search(CITIZEN, text, "vi")


# What people type of land and of places -------------------------------------------------------------------------


def a_parcel() -> tuple[int, int, int, str]:
    with read(CITIZEN) as cursor:
        found = cursor.execute(
            "select fid, sheet, number, unit_name from citizen.parcels where unit_name <> ''"
            " and (sheet, number) in (select sheet, number from citizen.parcels group by 1, 2 having count(*) > 1)"
            " order by fid limit 1"
        ).fetchone()
    assert found
    return found


@pytest.mark.parametrize(
    "text",
    [
        "thửa {number} tờ {sheet} {unit}",
        "thua {number} to {sheet} {unit}",
        "Tờ bản đồ số {sheet}, thửa đất số {number}, {unit}",
        "THỬA: {number} TỜ: {sheet} {unit}",
        "parcel {number} sheet {sheet} {unit}",
    ],
)
def test_a_parcel_is_found_by_its_numbers_as_people_say_them(text: str) -> None:
    fid, sheet, number, unit = a_parcel()
    found = search(CITIZEN, text.format(sheet=sheet, number=number, unit=unit), "vi")
    assert (found.hits[0].layer_id, found.hits[0].fid) == ("parcels", fid)
    assert found.hits[0].title == f"{sheet}/{number} · {unit}"


def test_numbers_alone_find_every_parcel_that_has_them() -> None:
    _, sheet, number, _ = a_parcel()
    hits = [
        hit for hit in search(CITIZEN, f"thửa {number} tờ {sheet}", "vi").hits if hit.layer_id == "parcels"
    ]
    assert len(hits) > 1 and all(hit.title.startswith(f"{sheet}/{number} ·") for hit in hits)


@pytest.mark.parametrize(
    "text", ["thửa 345", "tờ 999999999 thửa 1", "thửa", "tờ x", "tờ 1" * 20, "thửa 9999999999"]
)
def test_odd_numbers_of_parcels_are_answered(client: Client, text: str) -> None:
    assert client.get("/search", {"q": text}).status_code == 200


@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("16,46370; 107,59090", 16.4637, 107.5909),
        ("16.4637, 107.5909", 16.4637, 107.5909),
        ("107.5909 16.4637", 16.4637, 107.5909),
        ("1820787.25 563108.10", 16.4637, 107.5909),
        ("563.108,10; 1.820.787,25", 16.4637, 107.5909),
        ("16°28'03.4\"N 107°35'12\"E", 16.46761, 107.58667),
        ("16°28’03,4”B; 107°35’12”Đ", 16.46761, 107.58667),
        ("107°35'12\"Đ 16°28'03.4\"B", 16.46761, 107.58667),
        ("16°28.057'N 107°35.2'E", 16.46762, 107.58667),
        ("B16°28.057' Đ107°35.2'", 16.46762, 107.58667),
        ("16.4637°N, 107.5909°E", 16.4637, 107.5909),
    ],
)
def test_a_place_is_found_by_its_coordinates(client: Client, text: str, lat: float, lon: float) -> None:
    point = search(CITIZEN, text, "en").point
    assert point
    found_lat, found_lon = (float(part) for part in point.written.split(", "))
    assert abs(found_lat - lat) < 0.01 and abs(found_lon - lon) < 0.01, point
    page = unescape(client.get("/search", {"q": text}).content.decode())
    assert re.search(r'<a href="/\?z=17[^"]*lat=16\.\d+&lon=107\.\d+', page)


def test_a_temperature_is_no_place() -> None:
    assert search(CITIZEN, "nước 37°C", "vi").point is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Đại Nội", "Đại Nội"),
        ("dai noi", "Đại Nội"),
        ("Hoàng thành", "Đại Nội"),
        ("Thành Nội", "Kinh thành Huế"),
        ("cầu Trường Tiền", "Cầu Trường Tiền"),
        ("cầu Tràng Tiền", "Cầu Trường Tiền"),
        ("lăng Tự Đức", "Lăng Tự Đức"),
        ("chùa Linh Mụ", "Chùa Thiên Mụ"),
    ],
)
def test_what_everybody_knows_is_found_by_each_of_its_names(text: str, title: str) -> None:
    assert titles(text)[0] == title


def test_the_number_of_a_parcel_alone_offers_parcels_and_asks_for_the_sheet(client: Client) -> None:
    with read(CITIZEN) as cursor:
        (number,) = cursor.execute(
            "select number from citizen.parcels group by 1 having count(*) > 1 order by 1 limit 1"
        ).fetchone()  # type: ignore[misc]
    found = search(CITIZEN, f"thửa {number}", "vi")
    assert len(found.hits) > 1 and {hit.layer_id for hit in found.hits} == {"parcels"}
    assert all(f"/{number} ·" in hit.title for hit in found.hits)
    assert [field.name for field in found.unsaid] == ["sheet"]
    page = unescape(client.get("/search", {"q": f"thửa {number}"}).content.decode())
    assert f"Số tờ: “thửa {number} tờ bản đồ …”" in page


def test_a_commune_that_is_said_leaves_out_its_namesakes() -> None:
    """Would fail if "Phú Xuân" were two words that an address in Thủy Xuân has, too."""
    with read(CITIZEN) as cursor:
        sheet, number = cursor.execute(
            "select a.sheet, a.number from citizen.parcels a join citizen.parcels b using (sheet, number)"
            " where a.unit_name = 'Phú Xuân' and b.unit_name = 'Thủy Xuân' order by 1, 2 limit 1"
        ).fetchone()  # type: ignore[misc]
    for unit in ("Phú Xuân", "phu xuan", "phường Phú Xuân"):
        hits = search(CITIZEN, f"thửa {number} tờ {sheet} {unit}", "vi").hits
        assert [hit.title for hit in hits] == [f"{sheet}/{number} · Phú Xuân"], unit


@pytest.mark.parametrize("text", ["12 345", "12/345", "5 12", "345 1200", "99,5; 299,5", "16.46"])
def test_other_numbers_are_no_coordinates(text: str) -> None:
    assert search(CITIZEN, text, "vi").point is None


@pytest.mark.parametrize("text", ["Thừa Thiên Huế", "thua thien hue", "tỉnh Thừa Thiên Huế"])
def test_the_name_that_the_city_had_is_found(text: str) -> None:
    assert titles(text)[0] == "Thành phố Huế"
