"""The administration is one more surface: rows, columns and acts of a role, whatever Django's permissions say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gis_core.config import Config
from gis_core.words import plain_letters
from layers.reports.models import Report
from tests.acceptance.asking import Call, person
from tests.acceptance.desk_surfaces import Desk

CITY = "demo"
REPORTS = "/admin/reports/report/"


@pytest.fixture
def owner(city: Config) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**city.connection("owner"), autocommit=True) as connection:
        yield connection


def counted(owner: psycopg.Connection[Any], where: str) -> int:
    return int(owner.execute(f"select count(*) from reports_report where {where}").fetchone()[0])


def shown(desk: Desk, path: str = REPORTS) -> int:
    """How many rows the list says that there are."""
    answer = desk.client.get(path)
    assert answer.status_code == 200, answer.status_code
    return int(answer.context["cl"].result_count)


def test_a_list_has_the_rows_of_the_role(owner: psycopg.Connection[Any]) -> None:
    """Would fail if ``view_report`` opened every report of the city to whoever has it."""
    everything = counted(owner, "true")
    assert shown(Desk(person("operations").caller)) == everything
    own = counted(owner, "unit_code in ('19774', '19753')")
    assert shown(Desk(person("officer").caller)) == own < everything
    published = counted(owner, "published")
    assert (
        shown(Desk(person("land").caller)) == shown(Desk(person("citizen").caller)) == published < everything
    )


def test_a_row_of_another_unit_is_not_there(owner: psycopg.Connection[Any]) -> None:
    desk = Desk(person("officer").caller)
    foreign = owner.execute(
        "select fid from reports_report where unit_code not in ('19774', '19753') limit 1"
    ).fetchone()[0]
    for page in ("change", "history", "delete"):
        assert desk.client.get(f"{REPORTS}{foreign}/{page}/").status_code in (302, 403), page
    desk.client.post(f"{REPORTS}{foreign}/change/", {"staff_note": "của tôi", "state": "closed"})
    assert counted(owner, "staff_note = 'của tôi'") == 0


def test_only_the_columns_of_the_role_are_on_a_page_or_can_be_asked_for(
    owner: psycopg.Connection[Any],
) -> None:
    fid, note = owner.execute(
        "update reports_report set staff_note = 'ghi chú kín đáo', address = '12 ngõ kín' where fid ="
        " (select min(fid) from reports_report where published and address <> '' and address_public = '')"
        " returning fid, staff_note"
    ).fetchone()
    land = Desk(person("land").caller)
    page = land.client.get(f"{REPORTS}{fid}/change/").content.decode()
    assert note not in page and "12 ngõ kín" not in page
    everything = shown(land)
    assert shown(land, f"{REPORTS}?q=ngõ+kín") == 0
    for lookup in ("staff_note__startswith=ghi", "address__contains=kín", "reporter__name__contains=a"):
        answer = land.client.get(f"{REPORTS}?{lookup}")
        assert answer.status_code in (302, 400), lookup
    assert everything > 0
    operations = Desk(person("operations").caller)
    assert note in operations.client.get(f"{REPORTS}{fid}/change/").content.decode()


@pytest.mark.parametrize(
    ("audience", "page", "status"),
    [
        ("officer", "reports/report/add/", 200),
        ("operations", "reports/report/add/", 403),
        ("land", "parcels/parcel/add/", 200),
        ("officer", "parcels/parcel/add/", 403),
        ("operations", "cameras/camera/add/", 200),
        ("land", "cameras/camera/add/", 403),
        ("citizen", "cameras/camera/add/", 403),
    ],
)
def test_who_writes_a_layer_writes_it_here(city: Config, audience: str, page: str, status: int) -> None:
    assert Desk(person(audience).caller).client.get(f"/admin/{page}").status_code == status


def test_a_role_comes_with_its_pages_and_no_permission(city: Config) -> None:
    desk = Desk(person("officer").caller)
    user = desk.client.get("/admin/").wsgi_request.user
    user.user_permissions.clear()
    index = desk.client.get("/admin/").content.decode()
    assert f"{REPORTS}add/" in index
    assert "/admin/roads/road/" in index and "/admin/roads/road/add/" not in index
    assert "/admin/accounts/user/" not in index


def test_an_officer_moves_nothing_out_of_his_units(owner: psycopg.Connection[Any]) -> None:
    desk = Desk(person("officer").caller)
    report = Report.objects.filter(unit_code="19774").first()
    assert report is not None
    page = desk.client.get(f"{REPORTS}{report.pk}/change/")
    sent = {k: v for k, v in page.context["adminform"].form.initial.items() if v not in (None, "")}
    sent |= {"geom": "16.22, 107.83", "geom_zone": "9214", "captured_at_0": "", "captured_at_1": ""}
    sent |= {"version": page.context["adminform"].form["version"].value()}
    answer = desk.client.post(f"{REPORTS}{report.pk}/change/", sent)
    assert answer.status_code == 200 and "ngoài địa bàn" in answer.content.decode()
    report.refresh_from_db()
    assert report.unit_code == "19774"


DAMS = "/admin/dams/dam/"
PARCELS = "/admin/parcels/parcel/"


def opened(desk: Desk, path: str) -> dict[str, Any]:
    """What a browser sends that opens the form and saves it as it stands."""
    form = desk.client.get(path).context["adminform"].form
    sent: dict[str, Any] = {}
    for name in form.fields:
        value = form[name].value()
        if form.fields[name].__class__.__name__ == "PlaceField":
            value = form.fields[name].widget.format_value(value)
        if value not in (None, False):
            sent[name] = value
    return sent


def parcel_fid(owner: psycopg.Connection[Any]) -> int:
    return int(owner.execute("select min(fid) from parcels_parcel").fetchone()[0])


@pytest.fixture
def dam(owner: psycopg.Connection[Any]) -> Iterator[int]:
    """A dam of the demo, as it was before and after."""
    fid, *kept = owner.execute(
        "select fid, name, river, source from dams_dam order by fid limit 1"
    ).fetchone()
    yield int(fid)
    owner.execute("update dams_dam set name = %s, river = %s, source = %s where fid = %s", [*kept, fid])


def dam_now(owner: psycopg.Connection[Any], fid: int) -> tuple[str, ...]:
    return tuple(owner.execute("select name, river, source from dams_dam where fid = %s", [fid]).fetchone())


def test_a_stale_form_is_refused_with_both_works_side_by_side(
    owner: psycopg.Connection[Any], dam: int
) -> None:
    """Would fail if the later of two forms won, or if what was typed in it were lost."""
    desk, path = Desk(person("operations").caller), f"{DAMS}{dam}/change/"
    sent = opened(desk, path) | {"name": "Tên của tôi", "source": "nguồn của tôi"}
    owner.execute("update dams_dam set name = 'Tên của họ', river = 'Sông của họ' where fid = %s", [dam])
    theirs = dam_now(owner, dam)
    page = desk.client.post(path, sent)
    text = page.content.decode()
    assert page.status_code == 200 and "người khác sửa" in text
    assert dam_now(owner, dam) == theirs, "nothing is written"
    rows = {row.name: row for row in page.context["adminform"].form.comparison.rows}
    assert {name: row.choice for name, row in rows.items()} == {"name": "", "river": "theirs"}
    assert (rows["name"].theirs, rows["name"].mine) == ("Tên của họ", "Tên của tôi")
    for said in ("Tên của họ", "Tên của tôi", "Sông của họ", "nguồn của tôi"):
        assert said in text
    compared = {"compared": page.context["adminform"].form.comparison.version}
    undecided = desk.client.post(path, sent | compared)
    assert undecided.status_code == 200 and dam_now(owner, dam) == theirs, (
        "both changed it: it must be chosen"
    )
    assert "Tên của tôi" in undecided.content.decode()
    done = desk.client.post(path, sent | compared | {"take_name": "mine", "take_river": "theirs"})
    assert done.status_code == 302, done.context["errors"]
    assert dam_now(owner, dam) == ("Tên của tôi", "Sông của họ", "nguồn của tôi")


def test_what_changes_once_more_while_one_chooses_is_compared_again(
    owner: psycopg.Connection[Any], dam: int
) -> None:
    desk, path = Desk(person("operations").caller), f"{DAMS}{dam}/change/"
    sent = opened(desk, path) | {"name": "Tên của tôi"}
    owner.execute("update dams_dam set name = 'Lần một' where fid = %s", [dam])
    page = desk.client.post(path, sent)
    compared = {"compared": page.context["adminform"].form.comparison.version, "take_name": "mine"}
    owner.execute("update dams_dam set name = 'Lần hai' where fid = %s", [dam])
    again = desk.client.post(path, sent | compared)
    assert again.status_code == 200 and "Lần hai" in again.content.decode()
    assert dam_now(owner, dam)[0] == "Lần hai"


def test_a_form_without_a_version_is_no_way_around(owner: psycopg.Connection[Any], dam: int) -> None:
    desk, path = Desk(person("operations").caller), f"{DAMS}{dam}/change/"
    sent = opened(desk, path) | {"name": "Không phiên bản"}
    del sent["version"]
    assert desk.client.post(path, sent).status_code == 200
    assert dam_now(owner, dam)[0] != "Không phiên bản"


@pytest.mark.parametrize("capacity", ["1e308", "-3e12", "2000000000001"])
def test_a_number_that_nothing_measures_is_refused(
    owner: psycopg.Connection[Any], dam: int, capacity: str
) -> None:
    """Would fail if a form took what the APIs refuse."""
    desk, path = Desk(person("operations").caller), f"{DAMS}{dam}/change/"
    page = desk.client.post(path, opened(desk, path) | {"capacity_mm3": capacity})
    assert page.status_code == 200
    assert page.context["adminform"].form.errors["capacity_mm3"] == [
        "Phải từ −2.000.000.000.000\u00a0triệu m³ đến 2.000.000.000.000\u00a0triệu m³."
    ]
    assert owner.execute("select capacity_mm3 from dams_dam where fid = %s", [dam]).fetchone()[0] != float(
        capacity
    )


def test_the_history_says_what_changed_to_whom_it_may(owner: psycopg.Connection[Any]) -> None:
    """Would fail if it told only that something changed, or told of a column or a state that is not the reader's."""
    fid, unit = owner.execute(
        "select fid, unit_code from reports_report where published and unit_code in ('19774', '19753')"
        " order by fid desc limit 1"
    ).fetchone()
    for note in ("bí mật một", "bí mật hai"):
        owner.execute("update reports_report set staff_note = %s where fid = %s", [note, fid])
    path = f"{REPORTS}{fid}/history/"
    land, chief = Desk(person("land").caller), Desk(person("operations").caller)
    before = land.client.get(path).content
    owner.execute("update reports_report set staff_note = 'bí mật ba' where fid = %s", [fid])
    said = chief.client.get(path).content.decode()
    assert "<del>bí mật hai</del> → <ins>bí mật ba</ins>" in said
    hidden_changed = land.client.get(path)
    assert hidden_changed.context["changes"] == land.client.get(path).context["changes"]
    assert "bí mật" not in hidden_changed.content.decode()
    assert len(hidden_changed.content) == len(before)
    # In a state that the officer of another unit could not see, nothing happened for him.
    owner.execute("update reports_report set unit_code = '19999', published = false where fid = %s", [fid])
    owner.execute("update reports_report set description = 'khi ở nơi khác' where fid = %s", [fid])
    owner.execute(
        "update reports_report set unit_code = %s, published = true, description = 'về lại' where fid = %s",
        [unit, fid],
    )
    officer = Desk(person("officer").caller)
    told = officer.client.get(path)
    assert told.status_code == 200 and "khi ở nơi khác" not in told.content.decode()
    assert "khi ở nơi khác" in chief.client.get(path).content.decode()


def test_the_history_of_a_place_says_how_far_and_how_much(owner: psycopg.Connection[Any]) -> None:
    fid = parcel_fid(owner)
    desk, path = Desk(person("land").caller), f"{PARCELS}{fid}/change/"
    sent = opened(desk, path)
    lines = sent["geom_original"].split("\n")
    north, east = map(float, lines[1].split(", "))
    moved = "\n".join([lines[0], f"{north + 0.3:.3f}, {east + 0.4:.3f}", *lines[2:]])
    stored = owner.execute(
        "select st_asewkb(geom_original) from parcels_parcel where fid = %s", [fid]
    ).fetchone()[0]
    asked = desk.client.post(path, sent | {"geom_original": moved})
    change = asked.context["adminform"].form.fields["geom_original"].widget.asked
    if change is not None:
        assert (
            desk.client.post(
                path, sent | {"geom_original": moved, "geom_original_area": change.confirmation}
            ).status_code
            == 302
        )
    page = desk.client.get(f"{PARCELS}{fid}/history/").content.decode()
    assert "dời 1 đỉnh, xa nhất 0,50 m; Diện tích" in page
    again = opened(desk, path)
    done = desk.client.post(path, again | {"geom_original": sent["geom_original"], "geom_original_area": "x"})
    if done.status_code == 200:
        back = done.context["adminform"].form.fields["geom_original"].widget.asked.confirmation
        again |= {"geom_original": sent["geom_original"], "geom_original_area": back}
        assert desk.client.post(path, again).status_code == 302
    owner.execute(
        "update parcels_parcel set geom_original = %s::geometry where fid = %s", [bytes(stored), fid]
    )


def test_a_large_change_of_the_area_is_asked_about_and_a_corner_that_stands_keeps_its_digits(
    owner: psycopg.Connection[Any],
) -> None:
    """Would fail if a corner that slipped by metres were saved without a word, or its neighbours rounded with it."""
    fid = parcel_fid(owner)
    desk, path = Desk(person("land").caller), f"{PARCELS}{fid}/change/"
    kept = bytes(
        owner.execute("select st_asewkb(geom_original) from parcels_parcel where fid = %s", [fid]).fetchone()[
            0
        ]
    )
    finer = "st_translate(geom_original, 0.000123456, 0.000234567)"
    owner.execute(f"update parcels_parcel set geom_original = {finer} where fid = %s", [fid])
    corners = (
        "select array_agg(array[st_x(geom), st_y(geom)] order by path) from"
        " (select (st_dumppoints(geom_original)).* from parcels_parcel where fid = %s) d"
    )
    surveyed = owner.execute(corners, [fid]).fetchone()[0]
    sent = opened(desk, path)
    lines = sent["geom_original"].split("\n")
    assert all(len(number.split(".")[1]) == 3 for line in lines for number in line.split(", "))
    north, east = map(float, lines[1].split(", "))
    lines[1] = f"{north:.3f}, {east + 5:.3f}"
    sent |= {"geom_original": "\n".join(lines)}
    asked = desk.client.post(path, sent)
    assert asked.status_code == 200 and "hãy xác nhận" in asked.content.decode()
    assert owner.execute(corners, [fid]).fetchone()[0] == surveyed
    other = desk.client.post(path, sent | {"geom_original_area": "1.0"})
    assert other.status_code == 200, "what confirms one area confirms no other"
    confirmed = asked.context["adminform"].form.fields["geom_original"].widget.asked.confirmation
    done = desk.client.post(path, sent | {"geom_original_area": confirmed}, follow=True)
    assert "Diện tích" in " ".join(str(each) for each in done.context["messages"])
    after = owner.execute(corners, [fid]).fetchone()[0]
    assert after[1] == [east + 5, north] or after[1] == pytest.approx([east + 5, north], abs=1e-9)
    assert after[:1] + after[2:] == surveyed[:1] + surveyed[2:]
    owner.execute("update parcels_parcel set geom_original = %s::geometry where fid = %s", [kept, fid])


def test_corners_to_snap_to_are_those_of_the_neighbours_that_the_role_changes(
    owner: psycopg.Connection[Any],
) -> None:
    fid, *box = owner.execute(
        "select fid, st_xmin(geom), st_ymin(geom), st_xmax(geom), st_ymax(geom) from parcels_parcel"
        " order by fid limit 1"
    ).fetchone()
    west, south, east, north = box
    asked = f"{PARCELS}corners/?box={west - 1e-3},{south - 1e-3},{east + 1e-3},{north + 1e-3}"
    land = Desk(person("land").caller)
    everything = land.client.get(asked).json()["corners"]
    others = land.client.get(f"{asked}&but={fid}").json()["corners"]
    assert 0 < len(others) == len(everything) - 4
    assert all(len(text.split(", ")[0].split(".")[1]) == 3 for _, _, text in others)
    assert land.client.get(f"{PARCELS}corners/?box=100,10,110,20").json() == {"corners": []}
    assert land.client.get(f"{PARCELS}corners/?box=nan,1,2,3").status_code == 400
    for audience in ("officer", "operations", "citizen"):
        assert Desk(person(audience).caller).client.get(asked).status_code == 403, audience


def test_history_and_log_know_who_and_tell_no_words(owner: psycopg.Connection[Any]) -> None:
    desk = Desk(person("operations").caller)
    fid = owner.execute("select min(fid) from dams_dam").fetchone()[0]
    form = desk.client.get(f"/admin/dams/dam/{fid}/change/").context["adminform"].form
    sent = {name: form[name].value() for name in form.fields if name != "geom"}
    sent = {k: v for k, v in sent.items() if v not in (None, False)} | {"name": "Đập có tên mới"}
    sent |= {"geom": form["geom"].field.widget.format_value(form["geom"].value())}
    answer = desk.client.post(f"/admin/dams/dam/{fid}/change/", sent)
    assert answer.status_code == 302, answer.context["errors"]
    actor = owner.execute("select h_actor from history.dams_dam order by h_id desc limit 1").fetchone()[0]
    assert actor == f"user:{answer.wsgi_request.user.pk}"
    entry = owner.execute("select object_repr from django_admin_log order by id desc limit 1").fetchone()[0]
    assert str(fid) in entry and "tên mới" not in entry


@pytest.mark.parametrize("word", ["kim long", "KIM LONG", "Kim Long"])
def test_search_knows_no_diacritics(city: Config, word: str) -> None:
    desk = Desk(person("operations").caller)
    assert shown(desk, f"/admin/admin_units/adminunit/?q={word.replace(' ', '+')}") > 0
    answer = desk.ask(Call("/admin/dams/dam/?q=huong+dien"))
    assert answer.status == 200 and "Hương Điền" in answer.body.decode()


def test_search_knows_sheets_and_parcels_and_the_names_of_codes(owner: psycopg.Connection[Any]) -> None:
    """As the map's search does; a code is found by itself and by what it is called."""
    desk = Desk(person("land").caller)
    sheet, number, name = owner.execute(
        "select sheet, number, unit_name from parcels_parcel order by fid limit 1"
    ).fetchone()
    same = "sheet = %s and number = %s and unit_name = %s"
    count = owner.execute(
        f"select count(*) from parcels_parcel where {same}", [sheet, number, name]
    ).fetchone()
    for text in (f"thửa {number} tờ {sheet} {name}", f"thua {number} to {sheet} {plain_letters(name)}"):
        assert (shown(desk, f"{PARCELS}?{urlencode({'q': text})}"),) == count, text
    coded = owner.execute("select count(*) from parcels_parcel where land_use = 'ODT'").fetchone()[0]
    assert shown(desk, f"{PARCELS}?q=odt") == coded > 0
    assert shown(desk, f"{PARCELS}?{urlencode({'q': 'đất ở đô thị'})}") == coded
    officer = Desk(person("officer").caller)
    assert shown(officer, f"{REPORTS}?q=kim+long") >= counted(owner, "unit_code = '19774'") > 0


def test_a_filter_offers_what_there_is(city: Config) -> None:
    page = Desk(person("land").caller).client.get(PARCELS).content.decode()
    assert "Đất ở tại đô thị" in page and "Đất trồng lúa" not in page


def test_what_a_filter_offers_is_not_read_from_all_rows(
    owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would fail if every page of a list asked a large table for all its codes: from some size on the declared ones are
    offered, and of communes the reader's own where he sees no others."""
    most = 50
    assert counted(owner, "unit_code in ('19774', '19753')") > most
    monkeypatch.setattr("gis_core.administration.shown.MOST_LOOKED_AT", most)
    with CaptureQueriesContext(connection) as asked:
        page = Desk(person("land").caller).client.get(PARCELS).content.decode()
    assert "Đất ở tại đô thị" in page and "Đất trồng lúa" in page
    looked = [each["sql"] for each in asked if "_held" in each["sql"]]
    assert len(looked) == 2 and all(f"LIMIT {most + 1})" in each for each in looked)
    assert not any("DISTINCT" in each["sql"] for each in asked if each["sql"] not in looked)
    filters = Desk(person("officer").caller).client.get(REPORTS).context["cl"].filter_specs
    (communes,) = (each for each in filters if each.title == "xã, phường")
    assert {code for code, _ in communes.lookup_choices} == {"19774", "19753"}


def test_communes_are_named(owner: psycopg.Connection[Any]) -> None:
    page = Desk(person("officer").caller).client.get(f"{REPORTS}?unit_code=19774").content.decode()
    assert "Phường Kim Long" in page
    assert ">19774<" not in page
