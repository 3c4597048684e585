from __future__ import annotations

from gis_core.ground import MEDIUM, WATER_NAME_PAINT, by_zoom, ground_style
from gis_core.layer import BASE_MAP, Field, Geometry, Layer, Style
from gis_core.palette import MAP_TONES
from gis_core.words import Text
from layers.islands import codes
from layers.islands.models import Island

WHOLE = ["concat", ["get", "name"], "\n(", ["get", "belongs_to"], ")"]
ON_GROUND = ground_style(
    {"id": "dot", "type": "circle", "minzoom": 5, "filter": ["!=", ["get", "kind"], codes.ARCHIPELAGO],
     "paint": {"circle-radius": by_zoom(5, 1, 10, 3), "circle-color": "@map-border"}},
    {"id": "island", "type": "symbol", "minzoom": 7, "filter": ["!=", ["get", "kind"], codes.ARCHIPELAGO],
     "layout": {"text-field": ["get", "name"], "text-size": 11, "text-offset": [0, 0.6], "text-anchor": "top"},
     "paint": WATER_NAME_PAINT},
    # Never hidden by another name: every map of this scale shows them.
    {"id": "archipelago", "type": "symbol", "maxzoom": 9, "filter": ["==", ["get", "kind"], codes.ARCHIPELAGO],
     "layout": {"text-field": WHOLE, "text-font": [MEDIUM], "text-size": by_zoom(3, 10, 7, 14), "text-max-width": 22,
                "text-allow-overlap": True},
     "paint": WATER_NAME_PAINT},
)  # fmt: skip

LAYERS = (
    Layer(
        id="islands",
        title=Text("Quần đảo và đảo", "Archipelagos and islands"),
        description=Text(
            "Quần đảo Hoàng Sa (đặc khu Hoàng Sa, thành phố Đà Nẵng) và quần đảo Trường Sa (đặc khu Trường Sa, tỉnh "
            "Khánh Hòa) của Việt Nam, với một số đảo: tên để ghi trên mọi bản đồ tỷ lệ nhỏ.",
            "The archipelagos of Hoàng Sa (Hoàng Sa special zone, city of Đà Nẵng) and Trường Sa (Trường Sa special "
            "zone, province of Khánh Hòa) of Việt Nam, with some of their islands: names for every small-scale map.",
        ),
        geometry=Geometry(type="Point"),
        fields=(
            Field(name="name", label=Text("Tên", "Name"), type="text", searchable=True, sortable=True, required=True,
                  max_length=120),
            Field(name="name_en", label=Text("Tên tiếng Anh", "English name"), type="text", searchable=True, alias=True,
                  max_length=120),
            Field(name="kind", label=Text("Loại", "Kind"), type="text", codes=codes.KINDS, required=True),
            Field(name="unit_code", label=Text("Mã đặc khu", "Code of the special zone"), type="text", max_length=8),
            Field(name="belongs_to", label=Text("Thuộc", "Belongs to"), type="text", searchable=True, required=True,
                  max_length=120),
            Field(name="approximate", label=Text("Gần đúng", "Approximate"), type="boolean"),
        ),
        model=Island,
        ground=70,
        styles=(ON_GROUND,),
        label="name",
        style=Style(colour=MAP_TONES["map-name"].light, outline=MAP_TONES["map-halo"].light, opacity=1.0, width=1.0),
        group=BASE_MAP,
    ),
)  # fmt: skip
