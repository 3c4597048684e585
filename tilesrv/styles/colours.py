"""What may be a colour, where it came from a feature."""

from __future__ import annotations

from typing import Any

from gis_core.styles.colours import Colour


def is_colour(text: Any) -> bool:
    """Whether ``text`` names a colour in a style."""
    if not isinstance(text, str):
        return False
    try:
        Colour.parse(text)
    except ValueError:
        return False
    return True
