"""What the frame of a page must have, whichever process made the page."""

from __future__ import annotations

import re

from gis_core.http.frame import ways


def links_of(part: str) -> dict[str, str]:
    return dict(re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', part))


def ways_in(page: str, language: str, *, staff: bool = False) -> None:
    """Would fail if a page had a head or a foot of its own."""
    shown = [way for way in ways() if staff or not way.staff]
    pages = {way.to(language): way.title.to(language) for way in shown if way.kind == "page"}
    assert len(pages) >= 9
    foot = re.search(r'<(footer|div) class="foot">(.*?)</\1>', page, re.DOTALL)
    menu = re.search(r'<nav id="ways".*?</nav>', page, re.DOTALL)
    assert foot and menu
    assert links_of(foot[2]) == pages
    help_page = "/en/help" if language == "en" else "/help"
    programs = {
        way.to(language) if way.file else f"{help_page}#{way.id}": way.title.to(language)
        for way in shown
        if way.kind == "program"
    }
    assert len(programs) >= 7
    listed = links_of(menu[0])
    assert {**pages, **programs}.items() <= listed.items()
    for part in (
        '<header class="top">',
        'class="search" role="search"',
        'class="languages"',
        'popovertarget="ways"',
    ):
        assert page.count(part) == 1, part
    skips = re.findall(r'class="(?:skip|skip-to-content-link)"', page)
    assert len(skips) >= 1
