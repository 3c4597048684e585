"""One palette, one set of words: the files that repeat them must agree with the place they come from."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from gis_core.palette import CATEGORIES, MAP_TONES, PAGE_TONES, PRINT_TONES, TEXT_TONES, contrast, css, ink_on
from layers.facilities.declaration import LAYERS as FACILITY_LAYERS
from layers.reports.declaration import LAYERS as REPORT_LAYERS
from web import words
from web.symbols import is_symbol, symbols

(REPORTS,), (FACILITIES,) = REPORT_LAYERS, FACILITY_LAYERS
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


GROUNDS = [name for name in MAP_TONES if name.removeprefix("map-") in
           ("land", "water", "green", "field", "sand", "built", "building", "outside")]  # fmt: skip


@pytest.mark.parametrize("ground", GROUNDS)
def test_marks_and_roads_are_seen_on_every_ground(ground: str) -> None:
    """WCAG 2.2, 1.4.11: what is needed to see a mark or a road has 3:1; their own colour may be any."""
    behind = MAP_TONES[ground]
    for seen in (
        MAP_TONES["map-mark-rim"],
        MAP_TONES["map-road-casing"],
    ):
        assert contrast(seen.light, behind.light) >= 3
        assert contrast(seen.dark, behind.dark) >= 3
    on_paper = PRINT_TONES.get(ground, behind.light)
    assert contrast(PRINT_TONES["map-road-casing"], on_paper) >= 3


def test_kinds_of_reports_differ_by_shape_as_well_as_by_colour() -> None:
    for layer in (REPORTS, FACILITIES):
        codes = layer.field(str(layer.style.by)).codes
        symbols = [code.symbol or layer.style.symbol for code in codes]
        assert len(set(symbols)) == len(codes) and all(is_symbol(name) for name in symbols)


def test_the_page_draws_the_icons_of_the_maps() -> None:
    (drop,) = symbols(["drop", "drop", "hatch", "no-such-icon"])
    assert drop.startswith('<symbol id="s-drop" viewBox="0 0 24 24"><path ')
    assert "M12 22C8 16.5" in drop and "<script" not in drop and "xmlns" not in drop


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


@pytest.mark.parametrize("disc", [*CATEGORIES, "#777777", "#8a8a8a"])
def test_a_number_on_a_disc_is_read(disc: str) -> None:
    assert contrast(ink_on(disc), disc) >= 4.5
