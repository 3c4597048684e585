"""Code lists of field reports."""

from __future__ import annotations

from gis_core.bilingual import choices
from gis_core.layer import Code
from gis_core.words import Text

CATEGORIES: tuple[Code, ...] = (
    Code(
        value="infrastructure",
        label=Text("Hạ tầng đô thị", "Urban infrastructure"),
        colour="#0072B2",
        symbol="drop-square",
    ),
    Code(value="traffic", label=Text("Giao thông", "Traffic"), colour="#E69F00", symbol="drop-triangle"),
    Code(
        value="environment", label=Text("Môi trường", "Environment"), colour="#009E73", symbol="drop-circle"
    ),
    Code(
        value="urban_order",
        label=Text("Trật tự đô thị", "Urban order"),
        colour="#CC79A7",
        symbol="drop-cross",
    ),
    Code(
        value="food_safety",
        label=Text("An toàn thực phẩm", "Food safety"),
        colour="#56B4E9",
        symbol="drop-diamond",
    ),
    Code(
        value="neighbourhood",
        label=Text("Khu dân cư, tiếng ồn", "Neighbours, noise"),
        colour="#F0E442",
        symbol="drop-bars",
    ),
    Code(
        value="security",
        label=Text("An ninh trật tự", "Public security"),
        colour="#D55E00",
        symbol="drop-mark",
    ),
    Code(value="other", label=Text("Lĩnh vực khác", "Other"), colour="@map-name", symbol="drop"),
)

# Reports about a public thing at a public place: there the exact point says nothing about a person. All others,
# and every category added later, are shown to the public on a coarse grid until somebody lists them here.
# The database's generated columns repeat this list: a change of it comes with a migration.
EXACT_PLACE: tuple[str, ...] = (
    "infrastructure",
    "traffic",
    "environment",
    "urban_order",
    "food_safety",
)

STATES: tuple[Code, ...] = (
    Code(value="new", label=Text("Mới gửi", "New")),
    Code(value="checking", label=Text("Đang kiểm tra", "Being checked")),
    Code(
        value="needs_info",
        label=Text("Chờ bổ sung thông tin", "Waiting for information"),
    ),
    Code(value="assigned", label=Text("Đã phân công", "Assigned")),
    Code(value="transferred", label=Text("Đã chuyển đơn vị khác", "Transferred")),
    Code(value="in_progress", label=Text("Đang xử lý", "In progress")),
    Code(value="paused", label=Text("Tạm dừng có lý do", "Paused with a reason")),
    Code(value="resolved", label=Text("Đã xử lý", "Resolved")),
    Code(value="closed", label=Text("Đã đóng", "Closed")),
    Code(value="reopened", label=Text("Mở lại", "Reopened")),
    Code(value="rejected", label=Text("Không thuộc phạm vi", "Out of scope")),
    Code(value="duplicate", label=Text("Trùng phản ánh khác", "Duplicate")),
)

CHANNELS: tuple[Code, ...] = (
    Code(value="app", label=Text("Ứng dụng di động", "Mobile app")),
    Code(value="web", label=Text("Trang web", "Website")),
    Code(value="hotline", label=Text("Tổng đài", "Hotline")),
    Code(value="zalo", label=Text("Zalo", "Zalo")),
    Code(value="facebook", label=Text("Facebook", "Facebook")),
    Code(value="email", label=Text("Thư điện tử", "E-mail")),
    Code(value="sms", label=Text("Tin nhắn SMS", "SMS")),
    Code(value="officer", label=Text("Cán bộ ghi nhận", "Recorded by an officer")),
)


def category_choices() -> list[tuple[str, str]]:
    return choices(CATEGORIES)


def state_choices() -> list[tuple[str, str]]:
    return choices(STATES)


def channel_choices() -> list[tuple[str, str]]:
    return choices(CHANNELS)
