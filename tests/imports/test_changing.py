"""Title, source and audience of a dataset after its import, by command and by page; who lost it has no view left."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from django.test import Client

from gis_core.accounts.models import Membership
from gis_core.config import Config
from gis_core.layer import AUDIENCES, EVERYONE, Layer
from gis_core.problems import Problem
from gis_core.reading import registry
from gis_core.styles.editing import set_styles
from gis_core.words import Text
from imports import run
from imports.changing import Told, change_dataset, told
from imports.commands import change
from imports.destinations import between_readers
from imports.listing import remove_published
from imports.models import ImportRun
from imports.request import ImportRequest, Mode, published_dataset
from imports.run import run_import
from tests.acceptance.asking import person
from tests.gis_core.accounts.conftest import new_user, signed_in
from tests.gis_core.styles.test_editing import style
from tests.imports.files import feature, geojson, request, rows
from tests.waiting import wait_until

ITEMS = "/ogcapi/collections/cay_doi/items"


@pytest.fixture
def dataset(city: Config, tmp_path: Path) -> str:
    """A dataset of two trees that everybody sees."""
    trees = [
        {
            "type": "Feature",
            "properties": {"loai": "Sấu"},
            "geometry": {"type": "Point", "coordinates": [107.5 + n / 100, 16.4]},
        }
        for n in range(2)
    ]
    file = tmp_path / "cay_doi.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": trees}))
    mode: Mode = "replace" if published_dataset("cay_doi") else "new"
    asked = ImportRequest(
        file=file, dataset="cay_doi", title="Cây", source="Sở A", mode=mode, audiences=EVERYONE
    )
    run_import(asked)
    registry().current(fresh=True)
    return "cay_doi"


def seen_by() -> set[str]:
    return {audience for audience in AUDIENCES if person(audience).get(ITEMS).status == 200}


def stands() -> Layer:
    layer = published_dataset("cay_doi")
    assert layer is not None
    return layer


def version_shown(browser: Client, page: str) -> str:
    found = re.search(r'name="version" value="([^"]+)"', browser.get(page).content.decode())
    assert found
    return found[1]


def views(city: Config) -> set[str]:
    with psycopg.connect(**city.connection("owner")) as owner:
        found = owner.execute("select schemaname from pg_views where viewname = 'cay_doi'").fetchall()
    return {row[0] for row in found}


def test_narrowed_and_widened(city: Config, dataset: str) -> None:
    assert seen_by() == set(AUDIENCES)
    change_dataset(dataset, told(None, None, None, ["officer", "land"]), "test")
    wait_until(lambda: seen_by() == {"officer", "land"}, "a process goes on with the catalogue of before")
    assert views(city) & set(AUDIENCES) == {"officer", "land"}
    change_dataset(dataset, told(None, None, None, AUDIENCES), "test")
    wait_until(lambda: seen_by() == set(AUDIENCES), "a process goes on with the catalogue of before")


def test_by_page_with_title_and_source(city: Config, dataset: str) -> None:
    chief = new_user("chu-cay", is_staff=True, is_superuser=True, second_factor=True)
    Membership.objects.create(user=chief, audience="operations")
    run = ImportRun.objects.filter(target=dataset).latest("pk")
    browser = signed_in(chief, second_step_at=time.time())
    page = f"/admin/imports/importrun/{run.pk}/change/"
    assert "cay_doi.geojson" in browser.get("/admin/imports/importrun/?q=CAY").content.decode()
    sent: dict[str, Any] = {
        "title_vi": "Cây xanh",
        "title_en": "Trees",
        "credit": "Sở B",
        "audiences": ["operations"],
        "version": version_shown(browser, page),
    }
    done = browser.post(page, sent)
    assert done.status_code == 302, done.content.decode()[-3000:]
    registry().current(fresh=True)
    shown = person("operations").get("/ogcapi/collections/cay_doi").json
    assert shown["title"] == "Cây xanh" and "Sở B" in json.dumps(shown, ensure_ascii=False)
    assert seen_by() == {"operations"}
    assert ImportRun.objects.get(pk=run.pk).source == "Sở A", "what was imported is what was imported"
    nobody: Client = signed_in(
        new_user("khac", is_staff=True, second_factor=True), second_step_at=time.time()
    )
    assert nobody.get(page).status_code in (302, 403)


@pytest.fixture
def chief() -> Client:
    """A superuser's browser."""
    user = new_user(f"chu-{time.monotonic_ns()}", is_staff=True, is_superuser=True, second_factor=True)
    Membership.objects.create(user=user, audience="operations")
    return signed_in(user, second_step_at=time.time())


def page_of(dataset: str) -> str:
    return f"/admin/imports/importrun/{ImportRun.objects.filter(target=dataset).latest('pk').pk}/change/"


def test_a_page_of_before_does_not_open_what_was_narrowed_since(
    city: Config, dataset: str, chief: Client
) -> None:
    """Would fail if ticks that were shown before somebody else changed them were sent back as wishes."""
    page = page_of(dataset)
    sent = {"title_vi": "Cây sửa", "title_en": "Cây", "credit": "Sở A", "audiences": list(AUDIENCES)}
    sent["version"] = version_shown(chief, page)
    change_dataset(dataset, told(None, None, None, ["operations"]), "test")
    refused = chief.post(page, sent)
    assert refused.status_code == 200 and "vừa sửa" in refused.content.decode()
    assert chief.post(page, {**sent, "version": ""}).status_code == 200
    assert (stands().audiences, stands().title.vi) == ({"operations"}, "Cây")


def test_a_change_between_the_check_of_a_page_and_its_saving_is_not_overwritten(
    city: Config, dataset: str, chief: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would fail if versions were compared before the dataset is held, and then no more."""

    def later(*given: Any, **more: Any) -> Layer:
        change_dataset(dataset, told(None, None, None, ["operations"]), "test")
        return change_dataset(*given, **more)

    page = page_of(dataset)
    sent = {"title_vi": "Cây sửa", "title_en": "Cây", "credit": "Sở A", "audiences": list(AUDIENCES)}
    sent["version"] = version_shown(chief, page)
    monkeypatch.setattr("imports.admin.change_dataset", later)
    refused = chief.post(page, sent, follow=True)
    assert refused.status_code == 200 and "vừa sửa" in refused.content.decode()
    assert (stands().audiences, stands().title.vi) == ({"operations"}, "Cây")


def test_a_page_tells_what_was_changed_on_it_alone(
    city: Config, dataset: str, chief: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes: list[Told] = []
    monkeypatch.setattr("imports.admin.change_dataset", lambda _, wish, *__, **___: wishes.append(wish))
    page = page_of(dataset)
    sent = {"title_vi": "Cây", "title_en": "Trees", "credit": "Sở A", "audiences": list(AUDIENCES)}
    assert chief.post(page, {**sent, "version": version_shown(chief, page)}).status_code == 302
    assert wishes == [Told("Cây", "Trees")]


def test_a_style_that_is_saved_while_the_title_is_changed_stays(
    city: Config, dataset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would fail if what is published were read before the step that publishes it."""

    def with_a_style_first(cursor: Any, step: Any) -> Any:
        set_styles(dataset, [style("#123456")], "user:1")
        return between_readers(cursor, step)

    monkeypatch.setattr("imports.changing.between_readers", with_a_style_first)
    change_dataset(dataset, told("Cây có kiểu", None, None, None), "test")
    assert stands().title.vi == "Cây có kiểu"
    assert [each.layers for each in stands().styles] == [style("#123456").layers]


def test_titles_in_each_language_by_command(city: Config, dataset: str) -> None:
    """Would fail if an English title alone were taken for no wish, or a Vietnamese one took the English away."""

    def say(*options: str) -> tuple[int, Text]:
        return CliRunner().invoke(change, [dataset, *options]).exit_code, stands().title

    assert say("--title", "Cây to") == (0, Text("Cây to", "Cây to"))
    assert say("--title-en", "Trees") == (0, Text("Cây to", "Trees"))
    assert say("--title", "Cây cao") == (0, Text("Cây cao", "Trees"))
    assert say("--title-en", "x" * 121)[0] != 0
    assert say()[0] == 2
    assert say("--title-en", "") == (0, Text("Cây cao", "Cây cao"))


def meanwhile(monkeypatch: pytest.MonkeyPatch, name: str, step: Any) -> None:
    """Let ``step`` happen once before the import goes on to its function ``name``."""
    goes_on = getattr(run, name)

    def first(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(run, name, goes_on)
        step()
        return goes_on(*given, **more)

    monkeypatch.setattr(run, name, first)


def trees(folder: Path, **fields: Any) -> Path:
    return geojson(folder, feature(**(fields or {"loai": "Bàng"})), name="cay_doi.geojson")


@pytest.mark.parametrize("mode", ["append", "replace"])
@pytest.mark.parametrize("fields", [{"loai": "Bàng"}, {"loai": "Bàng", "cao": 12}])
def test_an_import_under_way_takes_nothing_back(
    mode: Mode,
    fields: dict[str, Any],
    city: Config,
    dataset: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Would fail if an import published who sees the dataset, or its styles, as they stood when it began."""
    wish = told("Cây kín", "Secret trees", "Sở C", ["officer"])
    meanwhile(monkeypatch, "new_report", lambda: change_dataset(dataset, wish, "test"))
    meanwhile(monkeypatch, "settle", lambda: set_styles(dataset, [style("#654321")], "user:1"))
    assert run_import(request(trees(tmp_path, **fields), dataset=dataset, mode=mode)).carried_out
    now = stands()
    assert (now.audiences, now.title) == ({"officer"}, Text("Cây kín", "Secret trees"))
    assert now.credit is not None and now.credit.vi == "Sở C"
    assert [each.layers for each in now.styles] == [style("#654321").layers]
    assert views(city) == {"officer"}


def test_rows_are_not_added_for_others_than_were_named(
    city: Config, dataset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would fail if the audience that an operator named were compared before the dataset is his alone."""
    change_dataset(dataset, told(None, None, None, ["officer"]), "test")
    wish = told(None, None, None, AUDIENCES)
    meanwhile(monkeypatch, "new_report", lambda: change_dataset(dataset, wish, "test"))
    secret = request(trees(tmp_path), dataset=dataset, mode="append", audiences=frozenset({"officer"}))
    with pytest.raises(Problem) as refused:
        run_import(secret)
    assert refused.value.code == "append-keeps-the-audience"
    assert rows("select count(*) from dataset.cay_doi") == [(2,)]


@pytest.mark.parametrize(("mode", "removed"), [("append", False), ("replace", True)])
def test_a_dataset_that_is_another_meanwhile_is_left_alone(
    mode: Mode,
    removed: bool,
    city: Config,
    dataset: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Would fail if rows went into columns that nobody had seen, or a removed dataset rose again for everybody."""
    (tmp_path / "khac").mkdir()
    other = request(trees(tmp_path / "khac", ma=1), dataset=dataset, mode="replace")
    change_dataset(dataset, told(None, None, None, ["officer"]), "test")
    step = (lambda: remove_published(dataset, "test")) if removed else (lambda: run_import(other))
    meanwhile(monkeypatch, "new_report", step)
    with pytest.raises(Problem) as refused:
        run_import(request(trees(tmp_path), dataset=dataset, mode=mode))
    assert refused.value.code == "changed-meanwhile"
    assert views(city) == (set() if removed else {"officer"})


@pytest.mark.parametrize(
    "given",
    [
        ("", None, None, None),
        ("x" * 200, None, None, None),
        (None, "x" * 200, None, None),
        (None, None, None, []),
    ],
)
def test_what_does_not_fit_is_refused(given: tuple[Any, ...]) -> None:
    with pytest.raises(Problem) as refused:
        told(*given)
    assert refused.value.status == 422


@pytest.mark.parametrize("name", ["title", "title_en", "source"])
def test_an_import_may_say_no_more_than_a_change(name: str, city: Config, tmp_path: Path) -> None:
    options: dict[str, Any] = {name: "x" * 201}
    with pytest.raises(Problem) as refused:
        run_import(request(trees(tmp_path), dataset="qua_dai", **options))
    assert (refused.value.status, refused.value.parameter) == (422, name)


def test_no_such_dataset(city: Config) -> None:
    with pytest.raises(Problem) as refused:
        change_dataset("reports", told("Của tôi", None, None, None), "test")
    assert refused.value.status == 404
