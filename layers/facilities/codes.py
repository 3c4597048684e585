from __future__ import annotations

from dataclasses import replace

from gis_core.layer import Code
from gis_core.words import Text

_KINDS = (
    Code(value="committee", label=Text("Ủy ban nhân dân", "People's Committee"), colour="#B2182B"),
    Code(value="public_office", label=Text("Cơ quan nhà nước", "Public office"), colour="#B2182B"),
    Code(value="hospital", label=Text("Bệnh viện", "Hospital"), colour="#D55E00"),
    Code(value="health_station", label=Text("Trạm y tế, phòng khám", "Health station, clinic"), colour="#E69F00"),
    Code(value="pharmacy", label=Text("Nhà thuốc", "Pharmacy"), colour="#E69F00"),
    Code(value="kindergarten", label=Text("Trường mầm non", "Kindergarten"), colour="#56B4E9"),
    Code(value="school", label=Text("Trường học", "School"), colour="#0072B2"),
    Code(value="university", label=Text("Đại học, cao đẳng", "University, college"), colour="#004B75"),
    Code(value="library", label=Text("Thư viện", "Library"), colour="#0072B2"),
    Code(value="market", label=Text("Chợ", "Market"), colour="#CC79A7"),
    Code(value="police", label=Text("Công an", "Police"), colour="#2F4B26"),
    Code(value="fire_station", label=Text("Cảnh sát chữa cháy", "Fire station"), colour="#B2182B"),
    Code(value="post_office", label=Text("Bưu điện", "Post office"), colour="#B58900"),
    Code(value="bus_station", label=Text("Bến xe", "Bus station"), colour="#5A5A5A"),
    Code(value="railway_station", label=Text("Ga tàu", "Railway station"), colour="#5A5A5A"),
    Code(value="fuel", label=Text("Trạm xăng", "Filling station"), colour="#5A5A5A"),
    Code(value="pagoda", label=Text("Chùa", "Pagoda"), colour="#7A6A53"),
    Code(value="church", label=Text("Nhà thờ", "Church"), colour="#7A6A53"),
    Code(value="worship", label=Text("Đình, đền, nơi thờ tự khác", "Other place of worship"), colour="#7A6A53"),
    Code(value="culture", label=Text("Nhà văn hóa, bảo tàng, nhà hát", "Culture: house, museum, theatre"),
         colour="#8E6BB0"),
    Code(value="sports", label=Text("Thể thao", "Sports"), colour="#009E73"),
    Code(value="park", label=Text("Công viên", "Park"), colour="#009E73"),
    Code(value="shelter", label=Text("Điểm trú bão, lũ", "Storm and flood shelter"), colour="#1C2430"),
    Code(value="toilets", label=Text("Nhà vệ sinh công cộng", "Public toilets"), colour="#8A8A8A"),
    Code(value="parking", label=Text("Bãi đỗ xe", "Parking"), colour="#8A8A8A"),
)  # fmt: skip
# The icon of a kind is named as the kind.
KINDS = tuple(replace(kind, symbol=kind.value.replace("_", "-")) for kind in _KINDS)
