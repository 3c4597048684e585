"""Title, source and audience of a dataset after its import, by command and by page; who lost it has no view left."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import Client

from gis_core.accounts.models import Membership
from gis_core.config import Config
from gis_core.layer import AUDIENCES, EVERYONE
from gis_core.problems import Problem
from imports.changing import change_dataset, told
from imports.models import ImportRun
from imports.request import ImportRequest, Mode, published_dataset
from imports.run import run_import
from tests.acceptance.asking import person
from tests.gis_core.accounts.conftest import new_user, signed_in

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
    time.sleep(1.1)
    return "cay_doi"


def seen_by() -> set[str]:
    return {audience for audience in AUDIENCES if person(audience).get(ITEMS).status == 200}


def views(city: Config) -> set[str]:
    with psycopg.connect(**city.connection("owner")) as owner:
        found = owner.execute("select schemaname from pg_views where viewname = 'cay_doi'").fetchall()
    return {row[0] for row in found}


def test_narrowed_and_widened(city: Config, dataset: str) -> None:
    assert seen_by() == set(AUDIENCES)
    change_dataset(dataset, told(None, None, None, ["officer", "land"]), "test")
    time.sleep(1.1)  # a process looks at the catalogue again after a second
    assert seen_by() == views(city) & set(AUDIENCES) == {"officer", "land"}
    change_dataset(dataset, told(None, None, None, AUDIENCES), "test")
    time.sleep(1.1)
    assert seen_by() == set(AUDIENCES)


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
    }
    done = browser.post(page, sent)
    assert done.status_code == 302, done.content.decode()[-3000:]
    time.sleep(1.1)
    shown = person("operations").get("/ogcapi/collections/cay_doi").json
    assert shown["title"] == "Cây xanh" and "Sở B" in json.dumps(shown, ensure_ascii=False)
    assert seen_by() == {"operations"}
    assert ImportRun.objects.get(pk=run.pk).source == "Sở A", "what was imported is what was imported"
    nobody: Client = signed_in(
        new_user("khac", is_staff=True, second_factor=True), second_step_at=time.time()
    )
    assert nobody.get(page).status_code in (302, 403)


@pytest.mark.parametrize(
    "given", [("", None, None, None), ("x" * 200, None, None, None), (None, None, None, [])]
)
def test_what_does_not_fit_is_refused(given: tuple[Any, ...]) -> None:
    with pytest.raises(Problem) as refused:
        told(*given)
    assert refused.value.status == 422


def test_no_such_dataset(city: Config) -> None:
    with pytest.raises(Problem) as refused:
        change_dataset("reports", told("Của tôi", None, None, None), "test")
    assert refused.value.status == 404
