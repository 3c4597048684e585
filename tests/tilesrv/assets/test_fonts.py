"""The typeface of the maps: whole faces under the names that styles use, with every Vietnamese letter."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import freetype
import pytest

from tilesrv.assets.fonts import FontsMissing, font_faces, font_files, font_name
from tilesrv.render.mapnik_import import mapnik

TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")


def vietnamese_letters() -> set[str]:
    vowels = [unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in TONES]
    return {case for letter in [*vowels, *"bcdđghklmnpqrstvx"] for case in (letter, letter.upper())}


@pytest.mark.parametrize("style", ["Regular", "Medium", "SemiBold", "Italic"])
def test_a_face_has_its_name_and_every_vietnamese_letter(style: str) -> None:
    """A letter that is not there would be a box on the map, or a letter of another typeface."""
    face = freetype.Face(str(font_faces()[font_name(style)]))
    assert (face.family_name, face.style_name) == (b"Be Vietnam Pro", style.encode())
    assert len(vietnamese_letters()) == 2 * (12 * 6 + 17)
    missing = {
        each for each in vietnamese_letters() | set("₫²³°–—…“”‘’0123456789") if not face.get_char_index(each)
    }
    assert not missing


def test_mapnik_knows_the_faces_by_the_same_names() -> None:
    """Mapnik draws in a face of its own, without a word, where it does not know the one that is named."""
    assert all(mapnik.FontEngine.register_font(str(path)) for path in font_files())
    assert {font_name(style) for style in ("Regular", "Medium", "SemiBold", "Italic")} <= set(
        mapnik.FontEngine.face_names()
    )


def test_fonts_that_are_not_built_are_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FontsMissing, match="huong prepare"):
        font_files(tmp_path)
