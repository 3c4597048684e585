"""``{% foot language %}``: the foot of every page."""

from __future__ import annotations

from typing import Any

from django import template

from gis_core.http.frame import ways
from gis_core.words import Text

register = template.Library()
LABEL = Text("Mọi lối đi", "Everywhere else")


@register.inclusion_tag("frame/foot.html")
def foot(language: str) -> dict[str, Any]:
    """The pages that every page leads to, in ``language``."""
    pages = [(way.to(language), way.title.to(language)) for way in ways() if way.kind == "page"]
    return {"label": LABEL.to(language), "pages": pages}
