"""Features are named in words, so that each is told from the next: in lists, searches and panels."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import psycopg
import pytest
from django.test import Client

from gis_core import naming
from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.layer import Layer
from gis_core.naming import Speaker, cut, fields_of_name
from gis_core.reading import read, registry
from gis_core.shares import Shares
from gis_core.spoken import age, quantity
from gis_core.words import nfc, plain_letters
from tilesrv.database import Database
from tilesrv.wms.feature_info import feature_info
from tilesrv.wms.map import asked
from tilesrv.wms.versions import V130
from web import search

CITY = "demo"
CITIZEN = Caller(audience="citizen")


@pytest.fixture
def client(city: Config) -> Client:
    return Client()


def rows_of(page: str) -> list[tuple[str, str]]:
    """(title, what stands below it) of each row of a list."""
    found = re.findall(r'<li><a href="[^"]*/feature/[^"]*"[^>]*>([^<]*)(?:<small>([^<]*)</small>)?', page)
    return [(unescape(title), unescape(under)) for title, under in found]


def test_reports_in_a_list_are_told_apart_and_say_state_and_age(client: Client) -> None:
    layer = registry().current().get("reports", CITIZEN).layer
    categories = {code.label.vi for code in layer.field("category").codes}
    states = {code.label.vi for code in layer.field("state").codes}
    rows = rows_of(client.get("/list?layers=reports").content.decode())
    assert len(rows) > 50
    for title, under in rows:
        assert title.split(" · ")[0] in categories and " · " in title
        state, day, unit, *_ = [*under.split(" · "), ""]
        assert state in states, under
        assert re.fullmatch(r"\d\d/\d\d/\d{4} \((hôm nay|[\d.]+ ngày trước)\)", day), under
        assert not unit or unit.startswith(("Phường ", "Xã ")), under
    assert len({title for title, _ in rows}) > 2 * len(categories)
    assert len(set(rows)) > len(rows) * 0.95  # the demo city repeats its descriptions


def test_no_code_stands_where_a_word_is_meant(client: Client) -> None:
    """Every list of the page: no value of a code list, and no code of a commune, is anybody's name."""
    layers = [each.layer for each in registry().current().seen_by(CITIZEN) if each.layer.listed]
    page = client.get("/list?layers=" + ",".join(layer.id for layer in layers)).content.decode()
    codes = {code.value for layer in layers for field in layer.fields for code in field.codes}
    words = {code.label.vi for layer in layers for field in layer.fields for code in field.codes}
    words |= {word.split(" · ")[0] for word in words}  # the letters that the law has beside the words
    said = {part for row in rows_of(page) for text in row for part in text.split(" · ")}
    assert len(said) > 100
    assert not said & (codes - words)
    assert not any(re.fullmatch(r"\d{5}", part) for part in said)


def test_a_panel_names_the_commune(client: Client) -> None:
    with read(CITIZEN) as cursor:
        fid, code = cursor.execute(
            "select fid, unit_code from citizen.reports where unit_code is not null limit 1"
        ).fetchone()
        (name,) = cursor.execute(
            "select full_name from citizen.admin_units where code = %s", [code]
        ).fetchone()
    page = client.get(f"/feature/reports/{fid}").content.decode()
    assert f"<dd>{name}</dd>" in page and f"<dd>{code}</dd>" not in page


def test_what_a_reader_may_not_see_is_in_no_name(city: Config) -> None:
    """Names are made of the caller's own columns: a keeper's name of a camera is not the citizen's."""
    layer = registry().current().get("cameras", CITIZEN).layer
    assert "name" in layer.called
    assert [field.name for field in fields_of_name(layer, "citizen")] == ["purpose"]
    assert [field.name for field in fields_of_name(layer, "operations")][:2] == ["name", "purpose"]


def test_a_reference_that_nothing_has_stays_what_it_is(city: Config) -> None:
    layer = registry().current().get("reports", CITIZEN).layer
    speaker = Speaker(CITIZEN, "vi", Shares(CITIZEN, 10))
    speaker.learn([layer.field("unit_code")], [{"unit_code": "00000"}, {"unit_code": None}])
    assert speaker.value(layer.field("unit_code"), "00000") == "00000"


def test_pieces_of_one_road_are_one_row(client: Client) -> None:
    with read(CITIZEN) as cursor:
        name, pieces = cursor.execute(
            "select name, count(*) from citizen.roads where name is not null group by name"
            " order by count(*) desc, name limit 1"
        ).fetchone()
    assert pieces > 5
    found = search.search(CITIZEN, name, "vi")
    same = [row for row in found.rows if row.hit.layer_id == "roads" and row.hit.title == name]
    assert len(same) == 1 and same[0].count == min(pieces, search.MOST_HITS)
    units = [place.unit for place in same[0].places]
    assert len(set(units)) == len(units) and any(unit.startswith(("Phường", "Xã")) for unit in units)
    listed = [title for title, _ in rows_of(client.get("/list?layers=roads").content.decode())]
    assert len(set(listed)) == len(listed) > 3


def test_old_units_carry_their_dates_and_are_asked_for_once(client: Client) -> None:
    found = search.search(CITIZEN, "Phú Xuân", "vi")
    old = [row.hit for row in found.rows if row.hit.layer_id == "admin_units_history"]
    old += [hit for hit in found.ambiguous if hit.layer_id == "admin_units_history"]
    assert old
    for hit in old:
        assert re.search(r"từ \d\d/\d\d/\d{4}", hit.subtitle), hit
    asked = {(hit.layer_id, hit.fid) for hit in found.ambiguous}
    assert not asked & {(row.hit.layer_id, row.hit.fid) for row in found.rows}


# Every surface that a person reads -------------------------------------------------------------------------------


def seen_layers() -> list[Layer]:
    return [each.layer for each in registry().current().seen_by(CITIZEN) if each.layer.listed]


def named_codes(layer: Layer) -> dict[str, set[str]]:
    """By label of a field, its values that have words: those of its code list, or the keys that it refers to."""
    found: dict[str, set[str]] = {}
    for field in layer.fields_for("citizen"):
        label = field.label.vi
        found[label] = {code.value for code in field.codes if code.value != code.label.vi}
        if field.reference:
            with read(CITIZEN) as cursor:
                rows = cursor.execute(
                    f'select distinct "{field.reference.key}"::text from citizen."{field.reference.layer}"'
                ).fetchall()
            found[label] |= {key for (key,) in rows}
    return {label: codes for label, codes in found.items() if codes}


def cells(html: str) -> list[tuple[str, str]]:
    """(label, value) of each value of a table whose head has the labels, or of a list of them."""
    heads = [unescape(each) for each in re.findall(r'<th scope="col">(.*?)</th>', html)][1:]
    rows = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", html)]
    found = [pair for row in rows for pair in zip(heads, map(unescape, row), strict=True)]
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>|<tr><th>(.*?)</th><td>(.*?)</td></tr>", html)
    return found + [(unescape(a or c), unescape(b or d)) for a, b, c, d in pairs]


def bare(layer: Layer, said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    codes = named_codes(layer)
    return [(label, value) for label, value in said if value in codes.get(label, ())]


def test_layers_refer_to_communes_wherever_they_hold_their_codes(city: Config) -> None:
    """Would fail if a layer of communes' codes did not say so: nobody could speak them."""
    with read(CITIZEN) as cursor:
        units = {code for (code,) in cursor.execute("select code from citizen.admin_units_history")}
        for layer in seen_layers():
            for field in layer.fields_for("citizen"):
                if (
                    field.type == "text"
                    and not field.reference
                    and not (layer.id.startswith("admin_units") and field.name == "code")
                ):
                    values = {
                        each
                        for (each,) in cursor.execute(
                            f'select distinct "{field.name}" from citizen."{layer.id}" limit 500'  # type: ignore[arg-type]
                        )
                        if each
                    }
                    assert not values or not values <= units, (layer.id, field.name)


def test_pages_of_the_api_speak_names_not_codes(client: Client) -> None:
    told = 0
    for layer in seen_layers():
        page = client.get(f"/ogcapi/collections/{layer.id}/items?f=html&limit=150").content.decode()
        said = cells(page)
        assert said, layer.id
        assert not bare(layer, said), layer.id
        told += sum(label in named_codes(layer) and value != "" for label, value in said)
        fid = re.search(rf"/collections/{layer.id}/items/(\d+)\?f=html", page)
        assert fid
        one = cells(client.get(f"/ogcapi/collections/{layer.id}/items/{fid[1]}?f=html").content.decode())
        assert one and not bare(layer, one), layer.id
        panel = cells(client.get(f"/feature/{layer.id}/{fid[1]}").content.decode())
        assert panel and not bare(layer, panel), layer.id
    assert told > 500


@pytest.mark.parametrize("form", ["text/html", "text/plain"])
def test_a_click_on_a_map_speaks_names_not_codes(city: Config, form: str) -> None:
    for layer in seen_layers():
        with read(CITIZEN) as cursor:
            x, y = cursor.execute(  # type: ignore[misc]
                f'select st_x(p), st_y(p) from (select st_pointonsurface(geom3857) p from citizen."{layer.id}"'  # type: ignore[arg-type]
                " order by fid limit 1) q"
            ).fetchone()
        given = {
            "LAYERS": layer.id, "STYLES": "", "CRS": "EPSG:3857", "FORMAT": "image/png", "INFO_FORMAT": form,
            "BBOX": f"{x - 60},{y - 60},{x + 60},{y + 60}", "WIDTH": "101", "HEIGHT": "101",
            "QUERY_LAYERS": layer.id, "I": "50", "J": "50", "FEATURE_COUNT": "20",
        }  # fmt: skip
        body = asyncio.run(clicked(city, given))
        if form == "text/plain":
            said = [(label, value) for label, _, value in (line.partition(": ") for line in body.split("\n"))]
        else:
            said = cells(body)
        assert any(label and value for label, value in said), (layer.id, body)
        assert not bare(layer, said), layer.id


async def clicked(city: Config, given: dict[str, str]) -> str:
    database, catalogue = Database(city), registry().current()
    try:
        wanted = asked(given, V130, catalogue, CITIZEN)
        _, body = await feature_info(given, V130, wanted, CITIZEN, database, "vi", catalogue)
        return body.decode()
    finally:
        await database.close()


def test_what_is_here_says_what_each_thing_is_called(client: Client) -> None:
    with read(CITIZEN) as cursor:
        lon, lat, name = cursor.execute(
            "select st_x(p), st_y(p), full_name from (select st_pointonsurface(geom) p, full_name"
            " from citizen.admin_units order by fid limit 1) q"
        ).fetchone()  # type: ignore[misc]
    reply = client.post(
        "/ogcapi/processes/what-is-here/execution",
        {"inputs": {"lon": lon, "lat": lat}},
        content_type="application/json",
    )
    found = {each["collection"]: each["features"] for each in reply.json()}
    assert [each["title"] for each in found["admin_units"]] == [name]


NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)  # ten in the morning in Huế


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (date(2026, 11, 30), "hôm nay"),
        (date(2026, 11, 12), "18 ngày trước"),
        (date(2026, 12, 1), ""),
        (NOW - timedelta(minutes=5), "5 phút trước"),
        (NOW - timedelta(hours=3), "3 giờ trước"),
        (NOW - timedelta(hours=30), "1 ngày trước"),
        (datetime(2026, 11, 28, 17, 30, tzinfo=UTC), "1 ngày trước"),  # the 29th in the city
        (NOW + timedelta(hours=1), ""),
        ("0044-03-15 BC", ""),
        (5, ""),
    ],
)
def test_age(raw: object, said: str) -> None:
    assert age(raw, "vi", NOW) == said


def test_units_are_the_readers() -> None:
    assert quantity(646, "hm3", "vi") == "646\u00a0triệu m³"
    assert quantity(30, "d", "vi") == "30\u00a0ngày" and quantity(30, "d", "en") == "30\u00a0days"


def test_a_long_text_is_cut_at_a_word() -> None:
    assert cut("Rác  tràn\nra đường") == "Rác tràn ra đường"
    assert cut("một hai ba bốn", 11) == "một hai ba…"


def test_a_reference_that_cannot_be_read_is_asked_once_and_said(
    city: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each layer that refers to units would else wait for them anew, and codes stand there without a word why."""
    asked: list[str] = []

    def refuse(caller: Caller, **_: object) -> object:
        asked.append(caller.audience)
        raise psycopg.errors.DivisionByZero

    monkeypatch.setattr(naming, "read", refuse)
    field = registry().current().get("reports", CITIZEN).layer.field("unit_code")
    shares = Shares(CITIZEN, 10)
    speaker = Speaker(CITIZEN, "vi", shares)
    for code in ("19774", "19774", "19753"):
        speaker.learn([field], [{"unit_code": code}])
        assert speaker.value(field, code) == code
    assert len(asked) == 1 and [missing.layer.id for missing in shares.missing] == ["admin_units"]


def test_letters_are_folded_one_for_one() -> None:
    for text in ("İİ tờ 12", "Đường ﬁ ß", "TỜ", "e\u0301"):
        assert len(plain_letters(text)) == len(nfc(text))
    assert plain_letters("ĐƯỜNG Tờ") == "duong to"


def test_the_whole_list_says_its_order_and_keeps_it(client: Client) -> None:
    """Would fail if reports stood by their distance from the middle of a frame that a list does not show."""
    page = client.get("/list?layers=reports,facilities").content.decode()
    assert "<title>Danh sách trên bản đồ" in page
    orders = re.findall(r"<h3>([^<]*) <span.*?</h3>\s*<p class=\"quiet\">([^<]*)</p>", page, re.DOTALL)
    assert dict(orders) == {
        "Công trình công cộng": "Gần giữa khung xếp trước.",
        "Phản ánh hiện trường": "Mới nhất xếp trước.",
    }
    shown = [int(fid) for fid in re.findall(r'data-feature="reports/(\d+)"', page)]
    with read(CITIZEN) as cursor:
        wanted = cursor.execute(
            "select fid from citizen.reports order by reported_on desc nulls last, fid desc"
        ).fetchall()
    assert len(shown) > 50 and shown == [fid for (fid,) in wanted if fid in set(shown)]
