"""Which words look Vietnamese: a syllable has an onset, a nucleus and a coda of a few kinds, whatever its marks."""

from __future__ import annotations

import re
from html import unescape

from gis_core.words import plain_letters

ONSET = "(?:ngh|ng|nh|gh|gi|ch|kh|ph|qu|th|tr|[bcdghklmnprstvx])?"
NUCLEUS = (
    "(?:uye|uya|uyu|yeu|ieu|uoi|uou|oai|oay|oao|oeo|uay|ai|ao|au|ay|eo|eu|ia|ie|iu|oa|oe|oi|oo|ua|ue|ui|uo|uu|uy|ye|"
    "[aeiouy])"
)
SYLLABLE = re.compile(f"{ONSET}{NUCLEUS}(?:ch|ng|nh|[cmnpt])?")
WORD = re.compile(r"\w{2,}")
# What a reader is not meant to read as words: programs, addresses, data in their own form, other languages.
SILENT = re.compile(
    r"<(script|style|template|code|pre|textarea|svg|head)\b.*?</\1>|<(\w+)[^>]* lang=\"en\"[^>]*>.*?</\2>",
    re.DOTALL,
)
SPOKEN_ATTRIBUTE = re.compile(r'\b(?:alt|title|placeholder|aria-label)="([^"]*)"')
BUTTON = re.compile(r'<input[^>]*type="submit"[^>]*value="([^"]*)"')
ADDRESS = re.compile(r"\S*(?:\*\*|://|@|/\w|\w\.\w|_|%|\w\[)\S*")


def is_syllable(word: str) -> bool:
    return SYLLABLE.fullmatch(plain_letters(word)) is not None


def phrases(page: str) -> list[str]:
    """What a page of HTML says, tags and addresses aside, with the names of its pictures, fields and buttons."""
    title = re.findall(r"<title>(.*?)</title>", page, re.DOTALL)
    page = SILENT.sub(" ", page)
    said = [*title, *SPOKEN_ATTRIBUTE.findall(page), *BUTTON.findall(page), *re.split(r"<[^>]+>", page)]
    found = (" ".join(ADDRESS.sub(" ", unescape(each)).split()) for each in said)
    return [each for each in found if each]


def foreign(page: str, allowed: frozenset[str]) -> dict[str, str]:
    """Words of ``page`` that are neither Vietnamese by their form nor ``allowed`` (lower case), with their phrase.

    Names of capital letters alone (OGC, THCS) and codes with digits are no words.
    """
    return {
        word.lower(): phrase
        for phrase in phrases(page)
        for word in WORD.findall(phrase)
        if word.isalpha() and not word.isupper() and word.lower() not in allowed and not is_syllable(word)
    }
