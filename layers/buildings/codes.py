from __future__ import annotations

from gis_core.layer import Code
from gis_core.words import Text

OTHER = "other"

KINDS = (
    Code(value="house", label=Text("Nhà ở", "House")),
    Code(value="apartments", label=Text("Chung cư", "Apartments")),
    Code(value="commercial", label=Text("Thương mại, dịch vụ, khách sạn", "Commerce, services, hotel")),
    Code(value="office", label=Text("Văn phòng, trụ sở", "Offices")),
    Code(value="public", label=Text("Công trình công cộng", "Public building")),
    Code(value="school", label=Text("Trường học", "School")),
    Code(value="hospital", label=Text("Bệnh viện, trạm y tế", "Hospital, clinic")),
    Code(value="worship", label=Text("Chùa, nhà thờ, đình, miếu", "Place of worship")),
    Code(value="heritage", label=Text("Di tích", "Monument")),
    Code(value="industrial", label=Text("Nhà xưởng, kho", "Factory, warehouse")),
    Code(value="farm", label=Text("Nhà nông trại", "Farm building")),
    Code(value="outbuilding", label=Text("Nhà phụ, nhà xe", "Outbuilding, garage")),
    Code(value="roof", label=Text("Mái che", "Roof")),
    Code(value=OTHER, label=Text("Chưa rõ loại", "Kind unknown")),
)
