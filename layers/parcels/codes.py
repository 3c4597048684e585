"""The statutory land-use codes, read from the dated list ``data/land_use.json``."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from gis_core.bilingual import choices
from gis_core.layer import Code
from gis_core.words import Text


def land_use_list() -> dict[str, Any]:
    """The list with its source, its first day, the evidence for each colour, and the codes that it replaced."""
    found: dict[str, Any] = json.loads(
        (files("layers.parcels") / "data" / "land_use.json").read_text("utf-8")
    )
    return found


def land_use_codes() -> tuple[Code, ...]:
    return tuple(
        Code(
            value=code["value"],
            label=Text(f"{code['value']} · {code['vi']}", f"{code['value']} · {code['en']}"),
            colour="#{:02X}{:02X}{:02X}".format(*code["rgb"]) if code["rgb"] else None,
        )
        for code in land_use_list()["codes"]
    )


LAND_USE = land_use_codes()
MAP_SCALES = (200, 500, 1000, 2000, 5000, 10000)


def land_use_choices() -> list[tuple[str, str]]:
    return choices(LAND_USE)
