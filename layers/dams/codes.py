"""Code lists of dams."""

from __future__ import annotations

from gis_core.bilingual import choices
from gis_core.layer import Code
from gis_core.words import Text

KINDS: tuple[Code, ...] = (
    Code(
        value="multipurpose",
        label=Text("Hồ đa mục tiêu", "Multipurpose reservoir"),
        colour="#0072B2",
    ),
    Code(
        value="hydropower",
        label=Text("Hồ thủy điện", "Hydropower reservoir"),
        colour="#E69F00",
    ),
    Code(
        value="irrigation",
        label=Text("Hồ thủy lợi", "Irrigation reservoir"),
        colour="#009E73",
    ),
    Code(
        value="barrage",
        label=Text("Đập ngăn mặn", "Salinity barrage"),
        colour="#CC79A7",
    ),
)


def kind_choices() -> list[tuple[str, str]]:
    return choices(KINDS)
