"""Features that stand for none: those of the demo city say so where they name their source."""

from __future__ import annotations

from collections.abc import Iterable

from gis_core.audiences import Caller
from gis_core.layer import Layer
from gis_core.words import Text

SOURCE_FIELD = "source"  # a layer that has this field keeps there where each feature came from
SOURCE = "demo"  # what an invented feature has there
INVENTED = Text("Dữ liệu minh họa, không có thật: {titles}", "Invented for show, not real: {titles}")
AND_MORE = Text("{titles} và {count} lớp nữa", "{titles} and {count} more layers")


def can_be_invented(layer: Layer, caller: Caller) -> bool:
    """Whether the caller can tell which features of ``layer`` are invented."""
    return any(
        field.name == SOURCE_FIELD and field.type == "text" for field in layer.fields_for(caller.audience)
    )


def invented_said(titles: Iterable[Text], language: str, most: int | None = None) -> str:
    """That layers of these ``titles`` have invented features, naming at most ``most`` of them."""
    said = list(dict.fromkeys(title.to(language) for title in titles))
    most = len(said) if most is None or len(said) <= most + 1 else most
    named = ", ".join(said[:most])
    if len(said) > most:
        named = AND_MORE.to(language).format(titles=named, count=len(said) - most)
    return INVENTED.to(language).format(titles=named)


def is_invented_sql(row: str) -> str:
    """SQL of whether a feature of the table alias ``row`` is invented, never null."""
    return f"""({row}."{SOURCE_FIELD}" is not distinct from '{SOURCE}')"""
