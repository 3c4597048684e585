"""Search as the pages show it: what was found, and the question to ask back where one name means several places."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from gis_core.audiences import Caller
from gis_core.search import Hit
from gis_core.search import search as search_layers

MOST_HITS = 40


@dataclass(frozen=True)
class Found:
    """``ambiguous`` are hits of one layer that bear the very name that was asked for; the page asks which is meant."""

    hits: Sequence[Hit]
    ambiguous: Sequence[Hit]
    cut: bool


def fold(text: str) -> str:
    """Letters without marks, lower case: "Đường Huế" and "duong hue" are one search."""
    plain = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


def search(caller: Caller, text: str, language: str) -> Found:
    """Search every layer that the caller sees."""
    hits = list(search_layers(caller, text, language, MOST_HITS + 1)) if text else []
    cut = len(hits) > MOST_HITS
    hits = hits[:MOST_HITS]
    return Found(hits, ambiguous(hits, text), cut)


def ambiguous(hits: Sequence[Hit], text: str) -> list[Hit]:
    """The hits that share a layer and, marks aside, the name that was typed; none unless there are two or more."""
    asked = fold(text)
    same: dict[str, list[Hit]] = {}
    for hit in hits:
        title = fold(hit.title)
        if asked and (title == asked or title.endswith(f" {asked}")):
            same.setdefault(hit.layer_id, []).append(hit)
    return next((group for group in same.values() if len(group) > 1), [])
