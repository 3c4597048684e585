"""Code lists of the station registry."""

from __future__ import annotations

from gis_core.bilingual import choices
from gis_core.layer import Code
from gis_core.words import Text

KINDS: tuple[Code, ...] = (
    Code(value="water_level", label=Text("Mực nước", "Water level"), colour="#0072B2"),
    Code(value="rain", label=Text("Mưa", "Rain"), colour="#56B4E9"),
    Code(value="air", label=Text("Không khí", "Air quality"), colour="#009E73"),
    Code(value="weather", label=Text("Khí tượng", "Weather"), colour="#E69F00"),
    Code(value="waste_water", label=Text("Nước thải", "Waste water"), colour="#D55E00"),
    Code(value="lamp", label=Text("Đèn đường", "Street lamp"), colour="#F0E442"),
    Code(value="other", label=Text("Loại khác", "Other"), colour="#CC79A7"),
)

STATES: tuple[Code, ...] = (
    Code(value="working", label=Text("Hoạt động", "Working")),
    Code(value="silent", label=Text("Mất tín hiệu", "Silent")),
    Code(value="maintenance", label=Text("Bảo trì", "Under maintenance")),
    Code(value="retired", label=Text("Ngừng", "Retired")),
)

EVIDENCE: tuple[tuple[str, str], ...] = (
    ("V", "Đọc được trong nguồn đã nêu"),
    ("D", "Suy ra từ nguồn đã nêu"),
    ("M", "Chưa có nguồn"),
)


def kind_choices() -> list[tuple[str, str]]:
    return choices(KINDS)


def state_choices() -> list[tuple[str, str]]:
    return choices(STATES)


def evidence_choices() -> list[tuple[str, str]]:
    return list(EVIDENCE)
