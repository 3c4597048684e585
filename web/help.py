"""The page of help: how to use the map, and the addresses by which programs connect."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from gis_core.http.frame import ways
from gis_core.http.middleware import origin_of
from gis_core.words import Language
from web import help_words
from web.pages import page, show


@page
def help_page(request: HttpRequest, language: Language) -> HttpResponse:
    """Advice by purpose, then every address that a program can be given, whole, to be copied."""
    origin = origin_of(request)
    programs = [
        {
            "id": way.id,
            "title": way.title.to(language),
            "address": origin + way.to(language),
            "note": way.note.to(language),
            "is_pattern": "{" in way.address,
        }
        for way in ways()
        if way.kind == "program"
    ]
    sections = [
        {"id": name, "title": title.to(language), "advice": [text.to(language) for text in advice]}
        for name, title, advice in help_words.SECTIONS
    ]
    context = {
        "title": help_words.TITLE.to(language),
        "sections": sections,
        "connect": help_words.CONNECT.to(language),
        "programs": programs,
    }
    return show(request, language, "help.html", context)
