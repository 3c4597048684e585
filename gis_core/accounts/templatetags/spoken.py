"""Words of the account pages in templates: ``{% say "Tiếng Việt" "English" %}``."""

from __future__ import annotations

from django import template
from django.http import HttpRequest

from gis_core.accounts.resolving import current_caller
from gis_core.accounts.standing import WANTED, proved_second_factor
from gis_core.accounts.words import AUDIENCES, said, spoken_language

register = template.Library()


register.simple_tag(said, name="say")


@register.simple_tag
def page_language() -> str:
    """``vi`` or ``en``, for the ``lang`` attribute."""
    return spoken_language()


@register.simple_tag
def acting_as(request: HttpRequest) -> str:
    """The audience in which the user of ``request`` acts."""
    return AUDIENCES[current_caller(request).audience].to(spoken_language())


@register.simple_tag
def goes_on(request: HttpRequest | None) -> bool:
    """Whether a sign-in that was on the way somewhere has now taken both steps."""
    session = getattr(request, "session", None)
    return session is not None and WANTED in session and proved_second_factor(session)
