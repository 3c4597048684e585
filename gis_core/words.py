"""Words shown to people: Vietnamese first, English second."""

from __future__ import annotations

import unicodedata
from typing import Literal, NamedTuple

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")


class Text(NamedTuple):
    """One thing said in Vietnamese and in English, both in Unicode NFC."""

    vi: str
    en: str

    def to(self, language: str) -> str:
        """The words in ``language``; Vietnamese for any language that Hương does not speak."""
        return self.en if language == "en" else self.vi

    def format(self, **values: object) -> Text:
        """The same words with their ``{placeholders}`` filled, in both languages."""
        return Text(self.vi.format(**values), self.en.format(**values))


def plain_letters(text: str) -> str:
    """Lower case without diacritics, letter for letter as in NFC: "Tờ" is "to", "Đường" is "duong"."""
    letters = (unicodedata.normalize("NFD", letter.lower())[0] for letter in nfc(text))
    return "".join(letters).replace("đ", "d")


def nfc(value: str) -> str:
    """Unicode NFC: "Huế" typed on a phone (NFD) and on a keyboard (NFC) are one word."""
    return unicodedata.normalize("NFC", value)
