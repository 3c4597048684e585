"""Code lists of plans; functions are read from the dated list ``data/functions.json``."""

from __future__ import annotations

import json
from importlib.resources import files

from gis_core.bilingual import choices
from gis_core.layer import Code
from gis_core.words import Text


def function_codes() -> tuple[Code, ...]:
    listed = json.loads((files("layers.planning") / "data" / "functions.json").read_text("utf-8"))
    return tuple(
        Code(
            value=code["value"],
            label=Text(code["vi"], code["en"]),
            colour="#{:02X}{:02X}{:02X}".format(*code["rgb"]),
        )
        for code in listed["functions"]
    )


FUNCTIONS = function_codes()

# The finer level governs: detail before zone before general.
LEVELS: tuple[Code, ...] = (
    Code(
        value="general",
        label=Text("Quy hoạch chung (1:10.000, 1:5.000)", "General plan (1:10,000, 1:5,000)"),
    ),
    Code(value="zone", label=Text("Quy hoạch phân khu (1:2.000)", "Zone plan (1:2,000)")),
    Code(value="detail", label=Text("Quy hoạch chi tiết (1:500)", "Detail plan (1:500)")),
)

STATUSES: tuple[Code, ...] = (
    Code(value="draft", label=Text("Đang lập", "Draft")),
    Code(value="submitted", label=Text("Đang trình", "Submitted")),
    Code(value="approved", label=Text("Đã phê duyệt", "Approved")),
    Code(value="withdrawn", label=Text("Đã hủy", "Withdrawn")),
)


def function_choices() -> list[tuple[str, str]]:
    return choices(FUNCTIONS)


def level_choices() -> list[tuple[str, str]]:
    return choices(LEVELS)


def status_choices() -> list[tuple[str, str]]:
    return choices(STATUSES)
