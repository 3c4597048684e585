"""From every page there are ways to everything, and the addresses that programs are given are those that answer."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from gis_core.config import Config
from gis_core.http.frame import ways

CITY = "demo"


@pytest.fixture
def client(city: Config) -> Client:
    return Client()


PAGES = ("/", "/list", "/search?q=hue", "/help", "/print", "/print/check", "/ogcapi/?f=html",
         "/ogcapi/collections?f=html", "/ogcapi/collections/roads/items?f=html", "/accounts/login/")  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_leads_to_every_other(client: Client, path: str, language: str) -> None:
    english = language == "en" and not path.startswith(("/ogcapi", "/accounts"))
    page = client.get(
        f"/en{path}" if english else path, headers={"Accept-Language": language}
    ).content.decode()
    foot = re.search(r'<footer class="foot">.*?</footer>', page, re.DOTALL)
    assert foot, path
    shown = "en" if english or language == "en" else "vi"
    wanted = {way.to(shown): way.title.to(shown) for way in ways() if way.kind == "page"}
    assert len(wanted) >= 7
    assert dict(re.findall(r'<a href="([^"]*)">([^<]*)</a>', unescape(foot[0]))) == wanted


@pytest.mark.parametrize("way", [way for way in ways() if way.kind == "page"], ids=lambda way: way.address)
def test_ways_lead_to_pages(client: Client, way: object) -> None:
    """Those of the tile process are asked by its own tests."""
    for language in ("vi", "en"):
        address = way.to(language)  # type: ignore[attr-defined]
        if not address.startswith(("/styles/", "/tiles/")):
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
