"""From every page there are ways to everything, and the addresses that programs are given are those that answer."""

from __future__ import annotations

import re
import time
from html import unescape

import pytest
from django.test import Client

from gis_core.accounts.models import User
from gis_core.config import Config
from gis_core.http.frame import ways
from tests.framed import ways_in
from tests.gis_core.accounts.conftest import new_user, signed_in

CITY = "demo"


@pytest.fixture
def client(city: Config) -> Client:
    return Client()


PAGES = ("/", "/list", "/search?q=hue", "/help", "/print", "/print/check", "/ogcapi/?f=html",
         "/ogcapi/collections?f=html", "/ogcapi/collections/roads/items?f=html", "/accounts/login/")  # fmt: skip


def frame_of(client: Client, path: str, language: str) -> str:
    """A page in a language: by its address where that has one."""
    twin = not path.startswith(("/ogcapi", "/accounts", "/admin"))
    address = f"/en{path}" if twin and language == "en" else path
    answer = client.get(address, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.get("Location")
    page = unescape(answer.content.decode())
    assert f'<html lang="{language}"' in page
    return page


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_leads_to_every_other(client: Client, path: str, language: str) -> None:
    page = frame_of(client, path, language)
    ways_in(page, language)
    assert 'href="/accounts/login/' in page and "/accounts/logout/" not in page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_whoever_is_signed_in_finds_account_and_administration_on_every_page(
    city: Config, language: str
) -> None:
    """Would fail if a frame named its reader, or if one room's pages did not know that he is signed in."""
    user = User.objects.filter(username="frame-reader").first() or new_user(
        "frame-reader", roles={"operations": []}, second_factor=True, is_staff=True, is_superuser=True
    )
    browser = signed_in(user, second_step_at=time.time(), acting="operations")
    for path in (
        "/",
        "/list",
        "/print",
        "/ogcapi/?f=html",
        "/accounts/",
        "/admin/",
        "/admin/reports/report/",
    ):
        page = frame_of(browser, path, language)
        ways_in(page, language, staff=True)
        assert "/accounts/logout/" in page and "/accounts/login/" not in page, path
        head = page[page.index('<header class="top">') : page.index("</header>")]
        assert "frame-reader" not in head


def test_the_page_that_is_read_is_said(client: Client) -> None:
    page = client.get("/list?layers=roads").content.decode()
    assert set(re.findall(r'<a href="([^"]*)" aria-current="page"', page)) == {"/list"}


def test_pages_without_a_language_of_their_own_go_on_in_the_one_that_is_read(client: Client) -> None:
    """Would fail if whoever reads Vietnamese in an English browser met English behind the next link, or the reverse."""
    english = {"Accept-Language": "en"}
    assert "Administrative" not in client.get("/", headers=english).content.decode()
    for path in ("/ogcapi/?f=html", "/accounts/login/"):
        assert '<html lang="vi">' in client.get(path, headers=english).content.decode()
    client.get("/en/help", headers=english)
    for path in ("/ogcapi/?f=html", "/accounts/login/"):
        assert '<html lang="en">' in client.get(path, headers=english).content.decode()
    # The choice on such a page itself: a form without a token, since the tile server's pages have it too.
    strict = Client(enforce_csrf_checks=True)
    done = strict.post("/accounts/language/", {"language": "en", "next": "/ogcapi/?f=html"})
    assert done["Location"] == "/ogcapi/?f=html"
    assert (
        '<html lang="en">'
        in strict.get("/ogcapi/?f=html", headers={"Accept-Language": "vi"}).content.decode()
    )
    assert (
        strict.post("/accounts/language/", {"language": "en", "next": "//evil.example/"})["Location"] == "/"
    )


def test_a_page_that_is_not_there_changes_no_language_and_leads_to_no_other_host(client: Client) -> None:
    client.cookies["language"] = "en"
    assert "language" not in client.get("/accounts/nothing").cookies
    page = client.get("/en//evil.example/x").content.decode()
    assert 'href="//' not in page and "/evil.example/x" in page


def test_nobody_reads_a_page_in_a_language_without_a_cookie_where_none_is_needed(client: Client) -> None:
    assert not client.get("/", headers={"Accept-Language": "vi"}).cookies


@pytest.mark.parametrize("way", [way for way in ways() if way.kind == "page"], ids=lambda way: way.address)
def test_ways_lead_to_pages(client: Client, way: object) -> None:
    """Those of the tile process are asked by its own tests."""
    for language in ("vi", "en"):
        address = way.to(language)  # type: ignore[attr-defined]
        if not address.startswith(("/styles/", "/tiles/")) and not way.staff:  # type: ignore[attr-defined]
            assert client.get(address, headers={"Accept": "text/html"}).status_code in (200, 302), address


@pytest.mark.parametrize(("path", "language"), [("/help", "vi"), ("/en/help", "en")])
def test_help_names_every_address_whole(client: Client, path: str, language: str) -> None:
    page = unescape(client.get(path).content.decode())
    for way in ways():
        if way.kind == "program":
            assert f"<code>http://testserver{way.to(language)}</code>" in page or (
                f"<code>http://127.0.0.1:8000{way.to(language)}</code>" in page
            )
            assert way.title.to(language) in page


def test_who_is_nobody_may_sign_in_and_comes_back(client: Client) -> None:
    page = unescape(client.get("/list?layers=roads").content.decode())
    assert '<a href="/accounts/login/?next=/list%3Flayers%3Droads">Đăng nhập</a>' in page
    assert "/accounts/logout/" not in page
