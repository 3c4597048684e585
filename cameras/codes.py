"""Code lists of the camera registry."""

from __future__ import annotations

from gis_core.bilingual import choices
from gis_core.layer import Code
from gis_core.words import Text

# A purpose is a legal statement: recording a public place without consent needs one, and people must be told it.
PURPOSES: tuple[Code, ...] = (
    Code(
        value="traffic",
        label=Text("Điều hành giao thông", "Traffic control"),
        colour="#0072B2",
    ),
    Code(
        value="security",
        label=Text("An ninh trật tự", "Public security"),
        colour="#D55E00",
    ),
    Code(value="flood", label=Text("Theo dõi ngập lụt", "Flood watch"), colour="#56B4E9"),
    Code(
        value="environment",
        label=Text("Giám sát môi trường", "Environment"),
        colour="#009E73",
    ),
    Code(
        value="fire",
        label=Text("Phòng cháy, chữa cháy", "Fire safety"),
        colour="#E69F00",
    ),
    Code(
        value="heritage",
        label=Text("Bảo vệ di tích", "Heritage protection"),
        colour="#CC79A7",
    ),
)

OWNER_TYPES: tuple[Code, ...] = (
    Code(value="city", label=Text("Cơ quan nhà nước", "Public body")),
    Code(value="police", label=Text("Công an", "Police")),
    Code(value="enterprise", label=Text("Doanh nghiệp", "Enterprise")),
    Code(value="community", label=Text("Tổ dân phố, thôn", "Neighbourhood group")),
    Code(value="household", label=Text("Hộ gia đình", "Household")),
)

# Owners whose door is no private address. The exact point of any other camera would tell the public which home
# records for the authorities. The database's generated columns repeat this list: a change comes with a migration.
PUBLIC_OWNERS: tuple[str, ...] = ("city", "police", "enterprise")

STATES: tuple[Code, ...] = (
    Code(value="planned", label=Text("Dự kiến lắp", "Planned")),
    Code(value="working", label=Text("Hoạt động", "Working")),
    Code(value="faulty", label=Text("Hỏng", "Faulty")),
    Code(value="retired", label=Text("Đã gỡ", "Retired")),
)


def purpose_choices() -> list[tuple[str, str]]:
    return choices(PURPOSES)


def owner_choices() -> list[tuple[str, str]]:
    return choices(OWNER_TYPES)


def state_choices() -> list[tuple[str, str]]:
    return choices(STATES)
