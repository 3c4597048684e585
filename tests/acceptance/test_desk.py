"""The administration is one more surface: rows, columns and acts of a role, whatever Django's permissions say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from gis_core.config import Config
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
    answer = desk.client.post(f"{REPORTS}{report.pk}/change/", sent)
    assert answer.status_code == 200 and "ngoài địa bàn" in answer.content.decode()
    report.refresh_from_db()
    assert report.unit_code == "19774"


def test_two_who_edit_at_once_do_not_lose_each_others_work(owner: psycopg.Connection[Any]) -> None:
    desk = Desk(person("operations").caller)
    path = "/admin/dams/dam/"
    fid = owner.execute("select min(fid) from dams_dam").fetchone()[0]
    form = desk.client.get(f"{path}{fid}/change/").context["adminform"].form
    stale = {"version": form["version"].value()}
    owner.execute("update dams_dam set river = 'Sông Hương, nhánh khác' where fid = %s", [fid])
    answer = desk.client.post(f"{path}{fid}/change/", {**stale, "name": "Hồ khác"})
    assert "người khác sửa" in answer.content.decode()
    assert (
        owner.execute("select river from dams_dam where fid = %s", [fid]).fetchone()[0].endswith("nhánh khác")
    )


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


def test_communes_are_named(owner: psycopg.Connection[Any]) -> None:
    page = Desk(person("officer").caller).client.get(f"{REPORTS}?unit_code=19774").content.decode()
    assert "Phường Kim Long" in page
    assert ">19774<" not in page
