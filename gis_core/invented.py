"""Features that stand for none: those of the demo city say so where they name their source."""

from __future__ import annotations

from gis_core.audiences import Caller
from gis_core.layer import Layer
from gis_core.words import Text

SOURCE_FIELD = "source"  # a layer that has this field keeps there where each feature came from
SOURCE = "demo"  # what an invented feature has there
INVENTED = Text("Dữ liệu minh họa, không có thật: {titles}", "Invented for show, not real: {titles}")


def can_be_invented(layer: Layer, caller: Caller) -> bool:
    """Whether the caller can tell which features of ``layer`` are invented."""
    return any(
        field.name == SOURCE_FIELD and field.type == "text" for field in layer.fields_for(caller.audience)
    )


def is_invented_sql(row: str) -> str:
    """SQL of whether a feature of the table alias ``row`` is invented, never null."""
    return f"""({row}."{SOURCE_FIELD}" is not distinct from '{SOURCE}')"""
