"""Names of places as people type them: with and without diacritics, with the tone on either vowel."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

# Grave, acute, tilde, hook above, dot below: the five written tones. Circumflex, breve and horn make another vowel.
TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")

# Longest first: "thị xã" would else be read as a place named "Thị xã". The abbreviations are those on letterheads.
KIND_WORDS = {
    "thi tran": "thi_tran",
    "thanh pho": "thanh_pho",
    "thi xa": "thi_xa",
    "phuong": "phuong",
    "huyen": "huyen",
    "quan": "quan",
    "xa": "xa",
    "tt": "thi_tran",
    "tp": "thanh_pho",
    "tx": "thi_xa",
    "p": "phuong",
    "h": "huyen",
    "q": "quan",
    "x": "xa",
}


class Name(NamedTuple):
    """A name in two spellings to compare by: ``exact`` keeps the diacritics, ``plain`` not; ``kind`` if it was said."""

    exact: str
    plain: str
    kind: str | None = None

    @property
    def is_plain(self) -> bool:
        """Was it typed without any diacritics?"""
        return self.exact == self.plain


def exact_key(text: str) -> str:
    """Lower case, single spaces, each word's tone moved behind it: "Thuỷ" and "Thủy", "Hoà" and "Hòa" are one key."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).lower())
    return " ".join(_tone_last(word) for word in words)


def plain_key(text: str) -> str:
    """`exact_key` without diacritics: "duong no"."""
    letters = unicodedata.normalize("NFD", exact_key(text)).replace("đ", "d")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _tone_last(word: str) -> str:
    letters = unicodedata.normalize("NFD", word)
    tone = "".join(letter for letter in letters if letter in TONES)
    rest = "".join(letter for letter in letters if letter not in TONES)
    # "Mỹ" and "Mĩ", "Vỹ" and "Vĩ" are spelled both ways; after u the y is another sound (Thủy is not Thủi).
    rest = re.sub(r"(?<=[bcdđghklmnpqrstvx])y$", "i", rest)
    return unicodedata.normalize("NFC", rest) + tone


def read_name(text: str) -> Name:
    """What was typed, apart into kind and name: "P. Thuỷ Vân" is ward "thuy van"."""
    exact, plain = exact_key(text), plain_key(text)
    for word, kind in KIND_WORDS.items():
        if plain.startswith(f"{word} ") and len(plain) > len(word) + 1:
            skip = len(word.split())
            exact_words, plain_words = exact.split(), plain.split()
            return Name(" ".join(exact_words[skip:]), " ".join(plain_words[skip:]), kind)
    return Name(exact, plain)
