"""One palette, one set of words: the files that repeat them must agree with the place they come from."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from gis_core.palette import PAGE_TONES, TEXT_TONES, contrast, css
from web import words

WEB = Path(__file__).resolve().parents[2] / "web"


def test_the_style_sheet_has_the_colours_of_the_palette() -> None:
    assert (WEB / "src" / "tokens.css").read_text() == css()


@pytest.mark.parametrize("name", TEXT_TONES)
@pytest.mark.parametrize("ground", ["bg", "surface"])
def test_text_can_be_read_by_day_and_night(name: str, ground: str) -> None:
    tone, behind = TEXT_TONES[name], PAGE_TONES[ground]
    assert contrast(tone.light, behind.light) >= 4.5
    assert contrast(tone.dark, behind.dark) >= 4.5


@pytest.mark.parametrize("name", ["focus", "no-data"])
def test_marks_and_rings_can_be_seen(name: str) -> None:
    assert contrast(PAGE_TONES[name].light, PAGE_TONES["surface"].light) >= 3
    assert contrast(PAGE_TONES[name].dark, PAGE_TONES["surface"].dark) >= 3


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#1C2430", "#FFFFFF") == pytest.approx(15.6, abs=0.1)


def test_templates_say_only_words_that_there_are() -> None:
    """Django prints nothing for a misspelt word; a reader would miss it without knowing."""
    said = set()
    for template in (WEB / "templates").rglob("*.html"):
        said |= set(re.findall(r"\bw\.(\w+)", template.read_text()))
    assert said - set(words.PAGE) == set()
    by_code = {
        "report",
        "warn",
        "route",
        "report_soon",
        "warn_soon",
        "route_soon",
        "report_now",
        "warn_now",
        "route_now",
    }
    islands = {name for name, text in words.PAGE.items() if text in words.ISLAND.values()}
    assert set(words.PAGE) - said - by_code - islands == set(), "words that nobody says"


def test_islands_say_only_words_that_there_are() -> None:
    declared = set(re.findall(r'"(\w+)"', (WEB / "src" / "lib" / "words.ts").read_text().split(";")[1]))
    assert declared == set(words.ISLAND)


def test_words_are_nfc_and_in_both_languages() -> None:
    for text in [*words.PAGE.values(), *words.ISLAND.values()]:
        assert text.vi and text.en
        assert unicodedata.is_normalized("NFC", text.vi + text.en)
        assert set(re.findall(r"\{\w+\}", text.vi)) == set(re.findall(r"\{\w+\}", text.en))


def test_no_address_of_a_registry_stands_in_the_lock() -> None:
    """The lock installs from any mirror a city keeps."""
    assert '"resolved"' not in (WEB / "package-lock.json").read_text()
