"""``{% head %}`` and ``{% foot %}``: the frame of every page of Django's, by what `gis_core.http.frame` makes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.safestring import SafeString, mark_safe

from gis_core.audiences import CITIZEN, Caller
from gis_core.http import frame
from gis_core.http.middleware import language_of
from gis_core.words import Language

register = template.Library()


def reader_of(request: HttpRequest, language: Language | None = None) -> frame.Reader:
    """The reader of a page: nobody where the caller is not known yet, as on a page of refusal."""
    caller = getattr(request, "caller", None)
    # What answers a form has no address by which it could be asked for again.
    here = request.get_full_path() if request.method in ("GET", "HEAD") else ""
    reader = frame.Reader.of(
        caller if isinstance(caller, Caller) else CITIZEN, language or language_of(request), here
    )
    if reader.somebody and not reader.staff:
        # An administrator without a role; the tile server knows roles alone.
        return replace(reader, staff=bool(getattr(getattr(request, "user", None), "is_staff", False)))
    return reader


def _reader(context: dict[str, Any]) -> frame.Reader:
    """``frame_reader`` where a view has made one; a page without a request is read by nobody."""
    made = context.get("frame_reader")
    if isinstance(made, frame.Reader):
        return made
    request = context.get("request")
    return reader_of(request) if request is not None else frame.Reader(language="vi")


@register.simple_tag(takes_context=True)
def head(context: dict[str, Any], within: bool = False) -> SafeString:
    """The skip link and the head of a page whose main part is ``#main``; ``within`` a page that has a skip link."""
    return mark_safe(frame.head(_reader(context), skip=not within))


@register.simple_tag(takes_context=True)
def foot(context: dict[str, Any], within: bool = False) -> SafeString:
    """The pages that every page leads to; ``within`` a foot that the page has."""
    return mark_safe(frame.foot(_reader(context), tag="div" if within else "footer"))


@register.simple_tag(takes_context=True)
def again(context: Context, name: str) -> SafeString:
    """What the page's block ``name`` says, once more: a title for the window is one for messengers too."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return block.render(context) if block is not None else mark_safe("")


@register.simple_tag
def frame_links() -> SafeString:
    """What the ``<head>`` of a page needs for the frame: its icon and its looks."""
    return mark_safe(f"{frame.ICON}\n{frame.STYLE}")
