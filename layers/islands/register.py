"""The islands that every map of Việt Nam shows. A migration writes them, so that no import or empty city lacks them.

Units since 1 July 2025: the special zone of Hoàng Sa (20333) in the city of Đà Nẵng, the special zone of Trường Sa
(22736) in the province of Khánh Hòa. Islands are placed to about a kilometre, the names of archipelagos in their midst.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """Names, kind, the special zone (code) and what it belongs to, place (EPSG:4326)."""

    name: str
    name_en: str
    kind: str
    unit_code: str
    belongs_to: str
    lon: float
    lat: float


HOANG_SA = ("20333", "Đặc khu Hoàng Sa, thành phố Đà Nẵng")
TRUONG_SA = ("22736", "Đặc khu Trường Sa, tỉnh Khánh Hòa")

ENTRIES = (
    Entry(
        "Quần đảo Hoàng Sa (Việt Nam)",
        "Hoàng Sa Archipelago (Việt Nam)",
        "archipelago",
        *HOANG_SA,
        111.90,
        16.50,
    ),
    Entry("Đảo Hoàng Sa", "Hoàng Sa Island", "island", *HOANG_SA, 111.61, 16.53),
    Entry("Đảo Hữu Nhật", "Hữu Nhật Island", "island", *HOANG_SA, 111.59, 16.50),
    Entry("Đảo Quang Ảnh", "Quang Ảnh Island", "island", *HOANG_SA, 111.51, 16.45),
    Entry("Đảo Tri Tôn", "Tri Tôn Island", "island", *HOANG_SA, 111.20, 15.78),
    Entry("Đảo Phú Lâm", "Phú Lâm Island", "island", *HOANG_SA, 112.34, 16.83),
    Entry("Đảo Linh Côn", "Linh Côn Island", "island", *HOANG_SA, 112.73, 16.67),
    Entry(
        "Quần đảo Trường Sa (Việt Nam)",
        "Trường Sa Archipelago (Việt Nam)",
        "archipelago",
        *TRUONG_SA,
        114.00,
        10.00,
    ),
    Entry("Đảo Trường Sa", "Trường Sa Island", "island", *TRUONG_SA, 111.92, 8.64),
    Entry("Đảo Song Tử Tây", "Song Tử Tây Island", "island", *TRUONG_SA, 114.33, 11.43),
    Entry("Đảo Nam Yết", "Nam Yết Island", "island", *TRUONG_SA, 114.37, 10.18),
    Entry("Đảo Sơn Ca", "Sơn Ca Island", "island", *TRUONG_SA, 114.48, 10.38),
    Entry("Đảo Ba Bình", "Ba Bình Island", "island", *TRUONG_SA, 114.37, 10.38),
    Entry("Đảo Sinh Tồn", "Sinh Tồn Island", "island", *TRUONG_SA, 114.33, 9.89),
    Entry("Đảo Phan Vinh", "Phan Vinh Island", "island", *TRUONG_SA, 113.70, 8.97),
    Entry("Đảo An Bang", "An Bang Island", "island", *TRUONG_SA, 112.92, 7.89),
)
