"""The administration's search as the map's: without diacritics, every word somewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Contains, Exact
from django.http import HttpRequest

from gis_core import places
from gis_core.administration.past import columns_seen
from gis_core.administration.reach import Reach
from gis_core.administration.shown import is_unit
from gis_core.layer import Field
from gis_core.search import Wanted, wanted, words_of
from gis_core.words import plain_letters

WORDS = re.compile(r"\w+")


class Fold(Func):
    """Lower case, without diacritics: ``Kim Long``, ``kim long`` and ``KIM LÔNG`` are one."""

    function = "huong.fold"
    output_field = TextField()


class FoldedSearch:
    """For a ``ModelAdmin``: its ``search_fields`` are searched by folded words; ``=field`` by a whole word."""

    def asked(self, request: HttpRequest, text: str) -> Wanted:
        """What ``text`` asks for."""
        return Wanted(words_of(text))

    def coded(self, request: HttpRequest) -> Mapping[str, Mapping[str, str]]:
        """The fields that hold codes, each with the names of its codes, by which they are found as well."""
        return {}

    def column(self, field: Field) -> str:
        """The model's field in which the numbers of ``field`` are."""
        return field.sql_column

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows of ``queryset`` that hold every word of ``search_term``, and whether rows may come twice."""
        names = list(self.get_search_fields(request))  # type: ignore[attr-defined]
        asked, coded = self.asked(request, search_term), self.coded(request)
        for field, value in asked.numbers:
            queryset = queryset.filter(**{self.column(field): value})
        for word in asked.words:
            found = Q(pk__in=[])
            for name in names:
                found |= Q(matching(name, word))
            for name, called in coded.items():
                codes = codes_called(called, word)
                if codes:
                    found |= Q(**{f"{name}__in": codes})
            queryset = queryset.filter(found)
        return queryset, any("__" in name for name in names)


class LayerSearch(FoldedSearch):
    """For a layer's ``ModelAdmin``: a number is found by what its field is asked by ("tờ 8"), as on the map, and a code
    by the name that it stands for."""

    def asked(self, request: HttpRequest, text: str) -> Wanted:
        reached: Reach = self.reach(request)  # type: ignore[attr-defined]
        return wanted(reached.main, reached.caller, text) if reached.main else super().asked(request, text)

    def column(self, field: Field) -> str:
        return str(self._field(field.sql_column).name)  # type: ignore[attr-defined]

    def coded(self, request: HttpRequest) -> Mapping[str, Mapping[str, str]]:
        found: dict[str, Mapping[str, str]] = {}
        for field in columns_seen(self.model, self.reach(request)):  # type: ignore[attr-defined]
            if is_unit(field.name):
                found[field.name] = places.unit_names()
            elif field.choices:
                found[field.name] = {str(code): str(name) for code, name in field.flatchoices}
        return found


def codes_called(called: Mapping[str, str], word: str) -> list[str]:
    """The codes that ``word`` is, or whose name has it among its words, without diacritics."""
    plain = plain_letters(word)
    return [
        code
        for code, name in called.items()
        if plain_letters(code) == plain or plain in WORDS.findall(plain_letters(name))
    ]


def matching(name: str, word: str) -> Contains | Exact[Any]:
    text = Cast(F(name.lstrip("=^@")), TextField())
    if name.startswith("="):
        return Exact(text, word)
    return Contains(Fold(text), Fold(Value(word)))
