"""What every page says alike: of layers that gave nothing, of features without a name."""

from __future__ import annotations

from gis_core.layer import Layer
from gis_core.shares import Shares
from gis_core.words import Language


def said_missing(shares: Shares, language: Language) -> list[str]:
    """Of each layer that gave nothing, that it did not, and why."""
    return [each.to(language) for each in shares.missing]


def unnamed(layer: Layer, fid: int, language: Language) -> str:
    """What a feature without a name is called."""
    return f"{layer.title.to(language)} {fid}"
