"""The administration in the reader's language: names of rooms, models, fields and choices."""

from __future__ import annotations

import re
import time

import pytest
from django.contrib import admin
from django.test import Client
from django.utils.translation import override

from cameras.models import Camera
from gis_core.accounts.models import Membership, User
from gis_core.bilingual import label_fields
from layers.reports.models import Report
from tests.gis_core.accounts.conftest import signed_in

pytestmark = pytest.mark.django_db

# Letters that only Vietnamese has: a label with one of them was not said in English.
VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
# Cells at the head of a row (without scope="col") hold names of things.
NAMES = re.compile(r'<(label|h1|h2|th scope="col"|caption|title)\b[^>]*>(.*?)</', re.DOTALL)


@pytest.fixture
def browser(superuser: User) -> Client:
    return acting(superuser, "operations")


def acting(user: User, audience: str) -> Client:
    """A browser of ``user``, who takes the role ``audience``: pages of a layer are those of a role."""
    Membership.objects.get_or_create(user=user, audience=audience, defaults={"units": ["19774", "19753"]})
    return signed_in(user, second_step_at=time.time(), acting=audience)


def words(page: str) -> list[str]:
    """What labels and headings say, the name of the product aside."""
    plain = (re.sub(r"<[^>]*>", " ", found).replace("Hương", "") for _, found in NAMES.findall(page))
    return [" ".join(each.split()) for each in plain]


def in_english(browser: Client, path: str) -> str:
    answer = browser.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_the_index_names_every_room_and_model(browser: Client) -> None:
    """Would fail if a new package named its models in one language only."""
    page = in_english(browser, "/admin/")
    assert "Field reports" in page
    assert [said for said in words(page) if VIETNAMESE.search(said)] == []
    assert (
        "Phản ánh hiện trường" in browser.get("/admin/", headers={"Accept-Language": "vi"}).content.decode()
    )


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.label_lower)
def test_lists_and_forms_are_labelled_in_english(browser: Client, model: type) -> None:
    """Would fail if a column or an input of a declared field were named in Vietnamese alone."""
    meta = model._meta
    base = f"/admin/{meta.app_label}/{meta.model_name}/"
    said = words(in_english(browser, base))
    if admin.site._registry[model].has_add_permission(request_of(browser)):
        said += words(in_english(browser, f"{base}add/"))
    assert [each for each in said if VIETNAMESE.search(each)] == []


# One word in both languages.
SAME = {"Camera", "Cameras", "Email", "SHA-256", "User Agent", "HTTP Accept", "ID", "Logo"}


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.label_lower)
def test_lists_and_forms_are_labelled_in_vietnamese(browser: Client, model: type) -> None:
    """Would fail if a library's words, or a name that Django makes of a column's, stood in a Vietnamese page."""
    meta = model._meta
    base = f"/admin/{meta.app_label}/{meta.model_name}/"
    pages = [base]
    if admin.site._registry[model].has_add_permission(request_of(browser)):
        pages.append(f"{base}add/")
    for path in pages:
        vietnamese, english = words(in_vietnamese(browser, path)), set(words(in_english(browser, path)))
        left = {
            said for said in vietnamese
            if said in english and re.search(r"[A-Za-z]{3}", said) and said.strip(" :#0123456789") not in SAME
        }  # fmt: skip
        assert left == set(), path


def in_vietnamese(browser: Client, path: str) -> str:
    return browser.get(path, headers={"Accept-Language": "vi"}).content.decode()


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.label_lower)
def test_no_page_shows_an_internal_of_the_program(browser: Client, model: type) -> None:
    """Would fail if a value that the database is yet to choose were shown as Django names it."""
    base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    for path in (base, f"{base}add/"):
        page = browser.get(path).content.decode()
        assert not re.search(r"DatabaseDefault|object at 0x|&lt;\w+\.|object \(|SRID=", page), path


def request_of(browser: Client) -> object:
    """As the middleware leaves it, by the cheapest page of the administration."""
    return browser.get("/admin/jsi18n/").wsgi_request


def test_choices_follow_the_reader(superuser: User) -> None:
    page = in_english(acting(superuser, "officer"), "/admin/reports/report/add/")
    assert ">Traffic" in page and ">Giao thông" not in page


def test_a_camera_and_its_access_are_made_on_one_page(browser: Client) -> None:
    """Would fail if a key that the database chooses were asked for before it is chosen."""
    sent = {
        **{
            "name": "Cầu Trường Tiền",
            "purpose": "traffic",
            "owner_type": "city",
            "state": "working",
            "source": "x",
        },
        **{"geom": "SRID=4326;POINT(107.59 16.46)", "direction_deg": "90", "fov_deg": "60", "range_m": "80"},
        **{"access-TOTAL_FORMS": "1", "access-INITIAL_FORMS": "0", "access-0-user": "viewer"},
        **{"access-0-stream_address": "rtsp://192.0.2.4/live"},
        "retention_days": "30",
    }
    done = browser.post("/admin/cameras/camera/add/", sent)
    errors = re.findall(r"errorlist[^>]*>(.*?)</ul>", done.content.decode(), re.DOTALL)
    assert done.status_code == 302, errors
    made = Camera.objects.get(name="Cầu Trường Tiền")
    assert made.access.user == "viewer"


def test_migrations_do_not_see_it() -> None:
    """Would fail if naming a field anew made makemigrations write a migration for every language."""
    before = Report._meta.get_field("state").deconstruct()
    with override("en"):
        label_fields(Report)
        assert str(Report._meta.get_field("state").verbose_name) == "State"
        assert Report._meta.get_field("state").deconstruct() == before
