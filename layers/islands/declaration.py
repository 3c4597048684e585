from __future__ import annotations

from gis_core.layer import BASE_MAP, Field, Geometry, Layer, Style
from gis_core.palette import MAP_TONES
from gis_core.words import Text
from layers.islands import codes
from layers.islands.models import Island

LAYERS = (
    Layer(
        id="islands",
        title=Text("Quần đảo và đảo", "Archipelagos and islands"),
        description=Text(
            "Quần đảo Hoàng Sa (đặc khu Hoàng Sa, thành phố Đà Nẵng) và quần đảo Trường Sa (đặc khu Trường Sa, tỉnh "
            "Khánh Hòa) của Việt Nam, với một số đảo: tên để ghi trên mọi bản đồ tỉ lệ nhỏ.",
            "The archipelagos of Hoàng Sa (Hoàng Sa special zone, city of Đà Nẵng) and Trường Sa (Trường Sa special "
            "zone, province of Khánh Hòa) of Việt Nam, with some of their islands: names for every small-scale map.",
        ),
        geometry=Geometry(type="Point"),
        fields=(
            Field(name="name", label=Text("Tên", "Name"), type="text", searchable=True, sortable=True, required=True,
                  max_length=120),
            Field(name="name_en", label=Text("Tên tiếng Anh", "English name"), type="text", searchable=True,
                  max_length=120),
            Field(name="kind", label=Text("Loại", "Kind"), type="text", codes=codes.KINDS, required=True),
            Field(name="unit_code", label=Text("Mã đặc khu", "Code of the special zone"), type="text", max_length=8),
            Field(name="belongs_to", label=Text("Thuộc", "Belongs to"), type="text", searchable=True, required=True,
                  max_length=120),
            Field(name="approximate", label=Text("Gần đúng", "Approximate"), type="boolean"),
        ),
        model=Island,
        label="name",
        style=Style(colour=MAP_TONES["map-name"].light, outline=MAP_TONES["map-halo"].light, opacity=1.0, width=1.0),
        credit=Text("Tên, mã đặc khu: vietnamadminunits (MIT).", "Names, codes of zones: vietnamadminunits (MIT)."),
        group=BASE_MAP,
    ),
)  # fmt: skip
