"""The administration's search as the map's: without diacritics, every word somewhere."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Contains, Exact
from django.http import HttpRequest

from gis_core.search import words_of


class Fold(Func):
    """Lower case, without diacritics: ``Kim Long``, ``kim long`` and ``KIM LÔNG`` are one."""

    function = "huong.fold"
    output_field = TextField()


class FoldedSearch:
    """For a ``ModelAdmin``: its ``search_fields`` are searched by folded words; ``=field`` by a whole word."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows of ``queryset`` that hold every word of ``search_term``, and whether rows may come twice."""
        names = list(self.get_search_fields(request))  # type: ignore[attr-defined]
        for word in words_of(search_term):
            found = Q(pk__in=[])
            for name in names:
                found |= Q(matching(name, word))
            queryset = queryset.filter(found)
        return queryset, any("__" in name for name in names)


def matching(name: str, word: str) -> Contains | Exact[Any]:
    text = Cast(F(name.lstrip("=^@")), TextField())
    if name.startswith("="):
        return Exact(text, word)
    return Contains(Fold(text), Fold(Value(word)))
