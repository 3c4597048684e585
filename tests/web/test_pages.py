"""The pages as they leave the server, on the demo city: what is on them, what they weigh, how they refuse."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from gis_core.admission.addresses import kind_of
from gis_core.audiences import CITIZEN, Caller
from gis_core.config import Config
from gis_core.layer import AUDIENCES, Audience
from gis_core.palette import TONES
from gis_core.reading import read, registry
from gis_core.words import LANGUAGES, Language
from tests.waiting import at_most_cpu
from tilesrv.app import ROOMS
from tilesrv.styles.forms import Asked, make
from web.city import layers
from web.legend import look
from web.paint import HATCH, Paint
from web.picture_parts import Shape, place_names
from web.window import Window

CITY = "demo"
pytestmark = pytest.mark.usefixtures("city")
WHOLE_PAGE = 40_000  # bytes, compressed: picture, list and legend


@pytest.fixture
def client(city: Config) -> Client:
    return Client(raise_request_exception=False)


def one(statement: str) -> object:
    with read(CITIZEN) as cursor:
        row = cursor.execute(statement).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(("path", "language"), [("/", "vi"), ("/en/", "en")])
def test_the_first_page_has_map_legend_and_list(client: Client, path: str, language: str) -> None:
    page = client.get(path)
    text = page.content.decode()
    assert page.status_code == 200
    assert page["Content-Language"] == language
    units = int(str(one("select count(*) from citizen.admin_units")))
    assert text.count('href="' + ("/en" if language == "en" else "") + "/feature/admin_units/") >= units
    assert ("Ranh giới" in text) == (language == "vi")
    assert len(gzip.compress(page.content)) < WHOLE_PAGE


def test_crawlers_and_messengers_get_whole_addresses_and_titles(client: Client) -> None:
    path = f"/feature/admin_units/{one('select min(fid) from citizen.admin_units')}"
    text = client.get(f"/en{path}").content.decode()
    home = settings.CONFIG.public_url.rstrip("/")
    addresses = re.findall(r'rel="alternate" hreflang="(..)" href="([^"]*)"', text)
    assert dict(addresses) == {
        "vi": f"{home}{path}",
        "en": f"{home}/en{path}",
    }
    said = dict(re.findall(r'property="og:(\w+)" content="([^"]*)"', text))
    assert said["url"] == f"{home}/en{path}" and said["locale"] == "en_US"
    title = re.search(r"<title>(.*?) · ", text, re.DOTALL)
    assert title is not None and said["title"].startswith(title.group(1))
    assert said["title"] != re.findall(r'og:title" content="([^"]*)"', client.get("/en/").content.decode())[0]


OTHERS = (
    "/?z=14&lat=16.467&lon=107.59", "/list?layers=reports", "/en/search?q=phu", "/search",
    "/en/near?lat=16.46&lon=107.59", "/place?at=16.46,107.59", "/print", "/en/print/check", "/help",
)  # fmt: skip


def test_a_map_says_what_is_invented_and_credits_nobody_with_it(client: Client) -> None:
    """Would fail if the demo city's roads were said to be OpenStreetMap's."""
    for prefix, said in (("", "không có thật: Đường"), ("/en", "not real: Roads")):
        page = client.get(f"{prefix}/?z=13&lat=16.46&lon=107.59&layers=admin_units,roads").content.decode()
        credit = page.partition('class="credit"')[2].partition("</span>")[0]
        assert said in credit and "vietnamadminunits" in credit and "OpenStreetMap" not in credit


@pytest.mark.parametrize("path", OTHERS)
def test_other_views_are_pages_too(client: Client, path: str) -> None:
    """Each has one heading, and is called the same in a window, a messenger and both languages' addresses."""
    page = client.get(path)
    text = page.content.decode()
    assert page.status_code == 200 and len(re.findall(r"<h1\b", text)) == 1
    title = re.findall(r"<title>(.*?)</title>", text, re.DOTALL)
    assert title == [re.findall(r'og:title" content="([^"]*)"', text)[0] + " · Hương"]
    (bare,) = re.findall(r'hreflang="vi" href="([^"]*)"', text)
    assert bare.endswith(path.removeprefix("/en").replace("&", "&amp;"))


def test_the_picture_costs_little(client: Client) -> None:
    client.get("/")
    with at_most_cpu(2):  # 0.2 s on a quiet machine
        client.get("/")


def test_a_feature_shows_what_the_citizen_may_see_and_nothing_else(client: Client) -> None:
    fid = one("select fid from citizen.reports order by fid limit 1")
    page = client.get(f"/feature/reports/{fid}").content.decode()
    assert "Nội dung" in page or "Lĩnh vực" in page
    for private in ("Ghi chú nội bộ", "Kênh gửi", "Mức hài lòng"):
        assert private not in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/feature/reports/1", 404),
        ("/feature/no_such_layer/1", 404),
        ("/feature/reports/99999999999999999999999999", 404),
        ("/?z=abc&lat=1&lon=1", 400),
        ("/beside", 400),
        ("/en/?feature=x", 400),
        ("/no-such-page", 404),
        ("/en/no-such-page", 404),
    ],
)
def test_refusals_are_pages_in_the_readers_language(client: Client, path: str, status: int) -> None:
    page = client.get(path)
    assert page.status_code == status
    text = page.content.decode()
    assert ('<html lang="en">' in text) == path.startswith("/en")
    assert 'class="problem"' in text


def test_search_finds_without_marks_and_asks_back(client: Client) -> None:
    assert "Phú Xuân" in client.get("/search?q=phu+xuan").content.decode()
    empty = client.get("/search?q=zzzzqqq").content.decode()
    assert "Chưa tìm thấy" in empty


def test_markup_in_data_and_address_stays_text(client: Client) -> None:
    text = client.get("/search?q=%3Cscript%3Ealert(1)%3C/script%3E").content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_the_page_carries_the_strict_policy(client: Client) -> None:
    page = client.get("/")
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert not re.search(
        r"<style|\sstyle=|\son\w+=|<script(?![^>]*(src=|application/json))", page.content.decode()
    )


def test_the_live_map_is_told_only_of_fields_that_the_citizen_sees(client: Client) -> None:
    block = re.search(
        r'<script id="city" type="application/json">(.*?)</script>', client.get("/").content.decode()
    )
    assert block
    city = json.loads(block[1])
    assert {"admin_units", "roads"} <= {layer["id"] for layer in city["layers"]}
    assert len(city["units"]) == 40


def addresses(patterns: Sequence[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Every address that the pages' process answers, up to its first part that varies."""
    for each in patterns:
        path = before + re.sub(r"[<(].*", "<", str(each.pattern).lstrip("^").rstrip("$"))
        if isinstance(each, URLPattern) or "<" in path:
            yield "/" + path.partition("<")[0]
        else:
            yield from addresses(each.url_patterns, path)


def test_every_public_address_has_its_place_in_robots_txt_and_in_the_limits(client: Client) -> None:
    """Would fail with a new address that nobody has thought of; what costs is counted by nginx (test_limits.py)."""
    found = {*addresses(get_resolver().url_patterns), *(f"/{room}/" for room in ROOMS), "/events/", "/tiles/"}
    assert {"/near", "/en/place", "/feature/", "/wfs", "/admin/", "/wms/"} <= found
    assert sorted(path for path in found if kind_of(path) is None) == []
    lines = client.get("/robots.txt").content.decode().splitlines()
    closed = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow: ")]
    for path in found:
        is_closed = any(path.startswith(rule) for rule in closed)
        assert is_closed == (kind_of(path) != "page"), path


def test_robots_and_manifest(client: Client) -> None:
    assert client.get("/en/manifest.webmanifest").json()["start_url"] == "/en/"


def test_names_on_the_picture_neither_touch_nor_leave_it() -> None:
    shapes = [
        Shape(f"u/{n}", "Phường Thủy Xuân", Paint(), "", 20 + n * 9 % 380, n * 7 % 320, 900 + n)
        for n in range(60)
    ]
    names = place_names(shapes, Window(107.6, 16.4, 9, 400, 320), [])
    assert 1 < len(names) < 60
    assert all(0 < name.x < 400 and 0 < name.y < 320 for name in names)


def test_colours_past_the_eighth_are_the_layers_own() -> None:
    parcels = registry().current().get("parcels", CITIZEN).layer
    colours = [each.colour for each in look(parcels, CITIZEN, "vi").categories]
    assert len(colours) > 8
    assert all(re.fullmatch(r"#[0-9A-Fa-f]{6}", colour) for colour in colours)


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_key_of_the_page_is_the_legend(city: Config, audience: Audience, language: Language) -> None:
    """Would fail if a colour were called one thing beside the map and another at ``/legend/``, in QGIS or on paper."""
    caller, catalogue = Caller(audience), registry().current()
    told = 0
    for layer in layers(caller):
        found = look(layer, caller, language)
        if found.base:
            continue  # drawn in its quiet colours, of which the page names none
        document = json.loads(make(catalogue, caller, Asked(layer.id, "legend.json", "day", language)))
        entries = [each for each in document["sections"][0]["entries"] if each["swatch"] != "cell"]
        wanted = [(each["label"], each["colours"]) for each in entries] if len(entries) > 1 else []
        assert [each.label for each in found.categories] == [label for label, _ in wanted]
        for each, (_, colours) in zip(found.categories, wanted, strict=True):
            named = re.fullmatch(r"var\(--(.+)\)", each.colour)
            colour = TONES[named[1]].light if named else each.colour
            assert each.colour == HATCH or colour.lower() in [one.lower() for one in colours]
        told += len(wanted)
    assert told > 40


@pytest.mark.parametrize("path", ["/", "/list", "/search?q=phu", "/feature/reports/1", "/nowhere"])
def test_a_page_of_somebody_known_stays_in_no_cache(client: Client, path: str) -> None:
    """Whoever uses the browser after an officer signed out must not get the officer's pages by going back."""
    from tests.acceptance.asking import staff

    officer = staff("officer").get(path)
    assert officer.headers["Cache-Control"] == "private, no-store"
    assert client.get(path)["Cache-Control"] == "private, no-cache"
