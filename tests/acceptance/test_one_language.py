"""A page speaks one language: no English word in Vietnamese pages, none of our Vietnamese words in English ones.

Every page of the administration and of accounts is walked by its links, one object of each kind; the others are named.
"""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path

import allauth
import pytest
from django.test import Client
from django.utils.translation import gettext, override
from django.utils.translation.template import templatize

from gis_core.accounts.models import User
from gis_core.audiences import CITIZEN
from gis_core.config import Config
from gis_core.http.frame import Reader
from gis_core.reading import registry
from gis_core.words import Language, Text
from tests.acceptance.own_words import ROOT, literal_words, sayings
from tests.gis_core.accounts.conftest import new_user, signed_in
from tests.syllables import foreign, phrases
from tilesrv import tilesets
from tilesrv.pages import page as tile_page
from tilesrv.styles import ogc_styles

CITY = "demo"
pytestmark = pytest.mark.usefixtures("city")

NAMES = """
    bearer basic camera control command ctrl facebook flatgeobuf geojson javascript karaoke mac maplibre mercator
    odbl openstreetmap passkey sms tilejson vietnamadminunits web webauthn website zalo vectơ json
    km mm ha byte qđ hué cookie http https php email pin esc perfume
    """  # of formats, programs, keys, units, and words that Vietnamese has taken in
MENUS = (
    "add layer layers vector tile tiles features wms wfs wmts source"  # of QGIS, quoted as they stand there
)
# What rows hold.
DATA = "demo citadel imperial city of officer lan place frame reader testclient unknown kimlong thuongnhat"
GETTEXT = re.compile(r"""\bgettext\(u?(['"])(.*?)\1\)""", re.DOTALL)
ALLOWED = frozenset(f"{NAMES} {MENUS} {DATA}".split())

PUBLIC = (
    "/", "/list", "/search?q=hue", "/search", "/print", "/print?feature=admin_units/1", "/print/check",
    "/print/check?code=ABCD", "/help", "/feature/admin_units/1", "/near?lat=16.46&lon=107.59", "/nowhere", "/?z=x",
    "/feature/reports/1", "/?t=2025-01-01", "/place?at=16.46,107.59", "/print?t=2025-01-01",
    "/beside?box=107.5,16.4,107.6,16.5&with=layers", "/search?q=16.46,107.59",
)  # fmt: skip
WITHOUT_TWIN = (
    "/ogcapi/?f=html", "/ogcapi/collections?f=html", "/ogcapi/collections/reports?f=html",
    "/ogcapi/collections/reports/items?f=html",
    "/ogcapi/conformance?f=html", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/",
    "/accounts/password/reset/done/", "/accounts/inactive/",
)  # fmt: skip
STARTS = (
    "/admin/", "/accounts/", "/accounts/tokens/", "/accounts/2fa/", "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/", "/accounts/2fa/totp/deactivate/", "/accounts/password/change/",
    "/accounts/logout/", "/admin/nothing/",
)  # fmt: skip


def administrator() -> Client:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    user = User.objects.filter(username="lan").first()
    if user is None:
        user = new_user("lan", roles={"operations": []}, second_factor=True, is_staff=True, is_superuser=True)
        RecoveryCodes.activate(user)
    client = signed_in(user, second_step_at=time.time(), acting="operations")
    client.raise_request_exception = False
    return client


def kind_of(address: str) -> str:
    """What two pages of one kind have in common: their address without numbers and names of rows."""
    path = address.partition("?")[0]
    return re.sub(r"(?<=/)(?:\w*\d\w*|(?<=layerstyles/)\w+)(?=/)", "*", path)


def walked(client: Client, language: Language) -> Iterator[tuple[str, str]]:
    """One page of each kind below ``STARTS``: address and text."""
    todo, seen = list(STARTS), set[str]()
    while todo:
        address = todo.pop()
        if kind_of(address) in seen:
            continue
        seen.add(kind_of(address))
        answer = client.get(
            address, headers={"Accept": "text/html", "Accept-Language": language}, follow=True
        )
        if not str(answer.get("Content-Type", "")).startswith("text/html"):
            continue
        text = answer.content.decode()
        yield address, text
        links = [unescape(each) for each in re.findall(r'href="(/(?:admin|accounts)/[^"#]*)"', text)]
        todo += [each for each in links if "logout" not in each and "?" not in each]


def pages(language: Language) -> Iterator[tuple[str, str]]:
    """Every page in a language, as a stranger and as who may do everything."""
    headers = {"Accept": "text/html", "Accept-Language": language}
    stranger = Client(raise_request_exception=False)
    prefix = "/en" if language == "en" else ""
    for path in (*(prefix + path for path in PUBLIC), *WITHOUT_TWIN):
        yield path, stranger.get(path, headers=headers).content.decode()
    catalogue, reader = registry().current(), Reader(language=language, here="/styles/")
    styles = ogc_styles.style_list(ogc_styles.listed(catalogue, CITIZEN, None), "", language)
    yield "/styles/", tile_page(styles, reader).decode()
    listed = [each for each in catalogue.seen_by(CITIZEN) if each.layer.listed]
    yield "/tiles/", tile_page(tilesets.tile_list(listed, "", language), reader).decode()
    yield from walked(administrator(), language)


def test_vietnamese_pages_have_no_english_words(city: Config) -> None:
    """Would fail with a library's page, a label, a choice or a permission that nobody said in Vietnamese."""
    found: dict[str, str] = {}
    count = 0
    for address, text in pages("vi"):
        count += 1
        for word, phrase in foreign(text, ALLOWED).items():
            found.setdefault(word, f"{address}: {phrase[:120]}")
    assert count > 120
    assert found == {}


def vietnamese_words() -> frozenset[str]:
    """What our own words say in Vietnamese and otherwise in English."""
    gc.unfreeze()  # what a server of another test in this process has put aside
    said = {each for each in gc.get_objects() if type(each) is Text and each.vi != each.en and each.en}
    english = {each.en.lower() for each in said}
    return frozenset(
        each.vi.lower() for each in said if not each.vi.isascii() and each.vi.lower() not in english
    )


def test_english_pages_have_none_of_our_vietnamese_words(city: Config) -> None:
    """Names stay Vietnamese; would fail where a title, a label, a code or a message of ours had no English."""
    list(pages("vi"))  # so that words are loaded that are made as they are needed
    ours = vietnamese_words()
    assert len(ours) > 500
    found: dict[str, str] = {}
    for address, text in pages("en"):
        for phrase in phrases(re.sub(r'<(\w+)[^>]* lang="vi"[^>]*>.*?</\1>', " ", text, flags=re.DOTALL)):
            parts = {phrase, *re.split(r"\s·\s|: |; |, | \(|\)", phrase)}
            for part in parts:
                if part.strip(" .:*").lower() in ours:
                    found.setdefault(part, f"{address}: {phrase[:120]}")
    assert found == {}


def test_every_sentence_of_ours_is_said_in_both_languages() -> None:
    """Refusals, labels, sheets, what scripts say: a word that is no Vietnamese one stands in the English too, being a
    parameter's name or a program's. Would fail with a word that nobody has put into the other language."""
    count, odd, vietnamese = 0, [], []
    for where, vi, en in sayings():
        count += 1
        words = {each.lower() for each in re.findall(r"\w+", en)}
        odd += [f"{where}: {word}" for word in foreign(escape(vi), ALLOWED) if word not in words]
        ours = {each for each in re.findall(r"\w+", en) if not each.isascii()} - set(re.findall(r"\w+", vi))
        vietnamese += [f"{where}: {word}" for word in ours]
    assert count > 1500
    assert (odd, vietnamese) == ([], [])


def test_scripts_have_no_words_of_their_own() -> None:
    """They say the page's, which is of one language. Would fail with a label written into a script."""
    scripts = [path for path in (ROOT / "web" / "src").rglob("*.ts") if not path.name.endswith(".test.ts")]
    assert len(scripts) > 25
    found = {path.name: words for path in scripts if (words := literal_words(path.read_text()))}
    assert found == {}
    written = 'html`<p>Loading</p><b title="Close it">×</b>`; each.textContent = "Ready";'
    assert set(literal_words(written)) == {"Loading", "Close it", "Ready"}


# What is not offered here: to trust a browser, to sign up by a key.
NOT_OFFERED = {"trust.html", "signup_form.html"}


def test_the_pages_of_second_factors_are_vietnamese_where_no_test_can_walk_to_them(city: Config) -> None:
    """Security keys need https and a device: their pages are read as templates. Would fail with a sentence of the
    library that nobody has translated."""
    library = Path(allauth.__file__).parent
    asked: set[str] = set()
    for path in (library / "templates" / "mfa").rglob("*.html"):
        if path.name not in NOT_OFFERED:
            asked |= {text for _, text in GETTEXT.findall(templatize(path.read_text()))}
    assert len(asked) > 40
    with override("vi"):
        assert sorted(text for text in asked if gettext(text) == text) == []


def test_a_word_is_told_from_a_syllable() -> None:
    assert foreign("<p>Đường Nguyễn Huệ, quyền nghiêng</p>", frozenset()) == {}
    assert set(foreign("<p>Show counts</p><code>entry</code><p title='x'>Lịch sử</p>", frozenset())) == {
        "show",
        "counts",
    }
