"""The page's search over units: names of both times, and a question back for exactly the names that mean two places."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from gis_core.audiences import CITIZEN, Caller
from gis_core.config import Config
from gis_core.reading import read
from web import finding
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


# A whole street, a place, what is typed ---------------------------------------------------------------------------


def a_street() -> tuple[str, int]:
    with read(CITIZEN) as cursor:
        return cursor.execute(  # type: ignore[return-value]
            "select name, count(*) from citizen.roads where name like 'Đường Lê Lợi' group by 1 having count(*) > 3"
        ).fetchone()


def test_the_first_link_of_a_street_opens_all_of_it(client: Client) -> None:
    """Would fail if one piece of many were opened, or another street of the same name in the next commune."""
    name, pieces = a_street()
    page = unescape(client.get("/search", {"q": name}).content.decode())
    link = re.search(r'<a href="(/feature/roads/(\d+)/all)"', page)
    assert link
    shown = unescape(client.get(link[1]).content.decode())
    fids = [int(fid) for fid in re.search(r'data-fids="([\d,]+)"', shown)[1].split(",")]  # type: ignore[index]
    assert int(link[2]) in fids and 1 < len(fids) <= pieces
    with read(CITIZEN) as cursor:
        names, *box = cursor.execute(
            "select array_agg(distinct name), st_xmin(st_extent(geom)), st_ymin(st_extent(geom)),"
            " st_xmax(st_extent(geom)), st_ymax(st_extent(geom)) from citizen.roads where fid = any(%s)",
            [fids],
        ).fetchone()  # type: ignore[misc]
        (near,) = cursor.execute(
            "select count(*) from citizen.roads a where name = %s and fid <> all(%s) and exists"
            " (select 1 from citizen.roads b where b.fid = any(%s) and st_dwithin(a.geom3857, b.geom3857, 250))",
            [name, fids, fids],
        ).fetchone()  # type: ignore[misc]
    assert names == [name] and near == 0
    extent = [float(part) for part in re.search(r'data-extent="([^"]+)"', shown)[1].split(",")]  # type: ignore[index]
    assert extent == pytest.approx(box, abs=2e-6)
    assert f'<p class="quiet">{len(fids)} đoạn</p>' in shown
    path = re.search(r'<g class="chosen"[^>]*><path[^>]* d="([^"]+)"', shown)
    assert path and path[1].count("M") >= 1
    on_map = client.get(f"/?feature=roads/{link[2]}/all").content.decode()
    assert f'data-key="roads/{link[2]}/all"' in on_map


def test_a_feature_that_is_no_piece_of_a_line_is_whole_by_itself(client: Client) -> None:
    with read(CITIZEN) as cursor:
        (fid,) = cursor.execute("select min(fid) from citizen.admin_units").fetchone()  # type: ignore[misc]
    assert f'data-fids="{fid}"' in client.get(f"/feature/admin_units/{fid}/all").content.decode()


def test_a_place_that_was_typed_is_marked_and_says_what_is_there(client: Client) -> None:
    """By the address alone, without script: a mark on the picture, the unit that it lies in, what is near."""
    page = unescape(client.get("/search", {"q": "16°28'03.4\"N 107°35'12\"E"}).content.decode())
    link = re.search(r'<a href="(/\?[^"]*at=16\.46761,107\.58667)"', page)
    assert link
    with read(CITIZEN) as cursor:
        (unit,) = cursor.execute(
            "select full_name from citizen.admin_units where st_intersects(geom, st_point(107.58667, 16.46761, 4326))"
        ).fetchone()  # type: ignore[misc]
    for address in (link[1], "/?at=16.46761,107.58667"):
        shown = unescape(client.get(address).content.decode())
        assert '<g class="chosen" aria-hidden="true"><circle cx="200.0" cy="160.0"' in shown
        assert 'data-part="place" data-at="16.46761,107.58667"' in shown
        assert unit in shown and "VN-2000" in shown and "Ở đây có gì" in shown
    alone = unescape(client.get("/place?at=16.46761,107.58667").content.decode())
    assert unit in alone and client.get("/en/place?at=16.46761,107.58667").status_code == 200
    assert client.get("/place").status_code == 400


@pytest.mark.parametrize("at", ["x", "1", "91,107", "16,181", "nan,1", "16,107,1"])
def test_odd_places_are_refused_in_words(client: Client, at: str) -> None:
    assert client.get("/", {"at": at}).status_code == 400


def test_suggestions_are_few_small_and_of_what_everybody_sees(client: Client) -> None:
    answer = client.get("/suggest", {"q": "đại n"})
    assert answer.json()["hits"][0][0] == "Đại Nội" and len(answer.content) < 3000
    assert 0 < len(client.get("/suggest", {"q": "phường"}).json()["hits"]) <= 8
    assert client.get("/suggest", {"q": "đ"}).json() == {"hits": []}
    point = client.get("/suggest", {"q": "16.4637, 107.5909"}).json()["hits"][0]
    assert point[2].startswith("/?z=17") and "at=16.46370,107.59090" in point[2]


def test_suggestions_do_not_depend_on_who_asks(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    known = finding.search.search

    def heard(caller: Caller, *rest: object) -> object:
        asked.append(caller.audience)
        return known(caller, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(finding.search, "search", heard)
    monkeypatch.setattr(finding, "current_caller", lambda request: Caller("land", actor="user:1"))
    client.get("/suggest", {"q": "đại nội"})
    client.get("/search", {"q": "đại nội"})
    assert asked == ["citizen", "land"]
