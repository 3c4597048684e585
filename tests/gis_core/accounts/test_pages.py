"""What the account pages look like to a reader: both languages, one style, nothing that a strict CSP would stop."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path

import allauth
import axes
import django
import pytest
from django.test import Client
from django.urls import reverse

from gis_core import accounts, palette, places
from gis_core.accounts.models import User
from tests.city_plugin import ROOT
from tests.gis_core.accounts.conftest import signed_in

pytestmark = pytest.mark.django_db

HERE = Path(accounts.__file__).parent
STRANGERS = ("account_login", "account_signup", "account_inactive", "account_reset_password",
             "account_reset_password_done", "account_reset_password_from_key_done")  # fmt: skip
ONES_OWN = ("account", "account_tokens", "account_change_password", "account_logout", "account_reauthenticate",
            "mfa_index", "mfa_reauthenticate", "mfa_view_recovery_codes", "mfa_deactivate_totp",
            "mfa_generate_recovery_codes")  # fmt: skip
# Words of allauth's and Django's English pages; one in a Vietnamese page is a text that lacks its translation.
ENGLISH = re.compile(
    r"\b(the|your|you|password|sign|email|please|account|code|recovery|authenticat\w+|user|is|are)\b",
    re.IGNORECASE,
)


def visible(page: str) -> str:
    """The text of a page without its markup, addresses and scripts."""
    page = re.sub(r"<(script|style|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"<[^>]+>|\S+@\S+", " ", page)


@pytest.fixture
def browser(officer: User) -> Client:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    RecoveryCodes.activate(officer)
    client = signed_in(officer, second_step_at=time.time())
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "at": time.time(), "reauthenticated": True, "type": "totp"}
    ]
    session["account_authentication_methods_user"] = str(officer.pk)
    session.save()
    return client


@pytest.mark.parametrize("name", [*STRANGERS, *ONES_OWN])
def test_page_in_both_languages(browser: Client, name: str) -> None:
    client = Client() if name in STRANGERS else browser
    pages = {}
    for language in ("vi", "en"):
        response = client.get(reverse(name), headers={"accept-language": language})
        assert response.status_code == 200, response.get("Location")
        pages[language] = response.content.decode()
        assert f'<html lang="{language}">' in pages[language]
        assert "accounts/accounts.css" in pages[language]
    words = visible(pages["vi"]).replace("officer", "")
    assert ENGLISH.findall(words) == [], words
    assert ENGLISH.search(visible(pages["en"]))


@pytest.mark.parametrize("name", [*STRANGERS, *ONES_OWN])
def test_page_needs_no_inline_script_or_style(browser: Client, name: str) -> None:
    client = Client() if name in STRANGERS else browser
    page = client.get(reverse(name)).content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page)


def test_language_is_chosen_without_script(client: Client) -> None:
    client.post("/accounts/language/", {"language": "en", "next": "/accounts/login/"})
    assert (
        '<html lang="en">'
        in client.get("/accounts/login/", headers={"accept-language": "vi"}).content.decode()
    )


def test_no_stylesheet_brings_in_another() -> None:
    """What a sheet imports is asked for only when the sheet has come; and tools that look at a page's sheets (axe) put
    it into the page, which the page's policy reports as a fault of the page."""
    sheets = [*ROOT.glob("gis_core/**/*.css"), *ROOT.glob("web/src/**/*.css"), *ROOT.glob("ogc_api/**/*.css")]
    assert len(sheets) > 6
    assert [str(sheet) for sheet in sheets if "@import" in sheet.read_text()] == []


def test_tokens_css_is_the_palette() -> None:
    """Made by ``python -m gis_core.palette``; a colour changed by hand would differ from the map's."""
    assert (HERE / "static/accounts/tokens.css").read_text() == palette.css()


def test_vietnamese_words_are_of_texts_that_exist() -> None:
    """A text that a library words anew falls back to English; here the old wording shows up."""
    known = joined((Path(allauth.__file__).parent / "locale/de/LC_MESSAGES/django.po").read_text())
    for room in ("admin", "auth", "sessions", "contenttypes"):
        source = Path(django.__file__).parent / f"contrib/{room}/locale/en/LC_MESSAGES/django.po"
        known |= joined(source.read_text())
    for module in Path(axes.__file__).parent.glob("**/*.py"):
        known |= {n.value for n in ast.walk(ast.parse(module.read_text())) if isinstance(n, ast.Constant)}  # type: ignore[misc]
    ours = joined((HERE / "locale/vi/LC_MESSAGES/django.po").read_text())
    assert len(ours) > 80
    assert ours - known == set()


def test_compiled_words_are_those_of_the_source() -> None:
    """The .mo is what runs; the .po is what people edit."""
    import gettext

    with (HERE / "locale/vi/LC_MESSAGES/django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    source = (HERE / "locale/vi/LC_MESSAGES/django.po").read_text()
    pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', source, re.MULTILINE)
    assert len(pairs) > 80
    for english, vietnamese in pairs:
        unescaped = [text.replace('\\"', '"').replace("\\n", "\n") for text in (english, vietnamese)]
        assert compiled.gettext(unescaped[0]) == unescaped[1]


def joined(source: str) -> set[str]:
    """The msgids of a .po file, each on one line."""
    found = re.findall(r'^msgid ((?:"[^\n]*"\n)+)', source, re.MULTILINE)
    return {"".join(re.findall(r'"(.*)"', block)) for block in found} - {""}


def test_communes_of_a_role_are_told_by_name(officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would fail if the page wrote the codes of units."""
    monkeypatch.setattr(places, "unit_names", lambda: {"19774": "Phường Kim Long"})
    page = signed_in(officer).get("/accounts/").content.decode()
    assert "Phường Kim Long, 19753" in page and "19774" not in page
