"""Words of the account pages in templates: ``{% say "Tiếng Việt" "English" %}``."""

from __future__ import annotations

from django import template

from gis_core.accounts.words import spoken_language
from gis_core.words import Text

register = template.Library()


@register.simple_tag
def say(vi: str, en: str) -> str:
    """The words in the language of the request."""
    return Text(vi, en).to(spoken_language())


@register.simple_tag
def page_language() -> str:
    """``vi`` or ``en``, for the ``lang`` attribute."""
    return spoken_language()
