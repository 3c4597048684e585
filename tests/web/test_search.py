"""The page's search over units: names of both times, and a question back for exactly the names that mean two places."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from gis_core.audiences import CITIZEN
from gis_core.config import Config
from web.search import search

CITY = "demo"
pytestmark = pytest.mark.usefixtures("city")
ASKING = {"Hương Phong", "Hương Xuân", "Phú Vinh", "Phú Xuân"}


@pytest.fixture
def client(city: Config) -> Client:
    return Client(raise_request_exception=False)


def titles(text: str, language: str = "vi") -> list[str]:
    return [hit.title for hit in search(CITIZEN, text, language).hits]


def test_an_old_name_says_what_it_is_now() -> None:
    """Would fail if a letter to a ward of before July 2025 found nothing, or something else first."""
    for text in ("Thuỷ Vân", "thuy van", "P. Thủy Vân"):
        assert titles(text)[0] == "Phường Thủy Vân, Quận Thuận Hóa (nay là Phường Vỹ Dạ)"
    assert titles("Thủy Vân", "en")[0] == "Phường Thủy Vân, Quận Thuận Hóa (now Phường Vỹ Dạ)"


@pytest.mark.parametrize("name", sorted(ASKING))
def test_a_name_that_means_two_places_is_asked_about(client: Client, name: str) -> None:
    page = unescape(client.get(f"/search?q={name}").content.decode())
    question = re.search(r'<div class="which">(.*?)</div>', page, re.DOTALL)
    assert question, name
    assert "nay là" in question[1] and question[1].count("<li>") >= 2


@pytest.mark.parametrize(
    "name", ["Dương Nỗ", "Thủy Vân", "phu", "Kim Long", "xã Hương Phong", "huong", "A Lưới 1", "Lê Lợi"]
)
def test_nobody_is_asked_about_other_names(name: str) -> None:
    """Would fail if every word that begins some names, or a unit of both times, were a question."""
    assert search(CITIZEN, name, "vi").ambiguous == []


def test_a_unit_is_listed_once() -> None:
    hits = [(hit.layer_id, hit.fid) for hit in search(CITIZEN, "Dương Nỗ", "vi").hits]
    assert len(hits) == len(set(hits))
    assert hits[0][0] == "admin_units"


def test_what_is_found_opens(client: Client) -> None:
    """Would fail if a unit were linked in a layer that does not hold it."""
    for text in ("Thủy Vân", "Quận Thuận Hóa", "Phú Bài", "Phú Xuân"):
        for hit in search(CITIZEN, text, "vi").hits[:3]:
            assert client.get(f"/feature/{hit.layer_id}/{hit.fid}").status_code == 200, hit


@pytest.mark.parametrize("text", ["x" * 5000, "\x00", "?!", "%", "'; drop table x; --"])
def test_odd_texts_are_answered(text: str) -> None:
    search(CITIZEN, text, "vi")
