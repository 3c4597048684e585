from __future__ import annotations

from gis_core.ground import by_zoom, ground_style
from gis_core.layer import BASE_MAP, Field, Geometry, Layer, Style
from gis_core.osm import CREDIT
from gis_core.palette import MAP_TONES
from gis_core.words import Text
from layers.buildings import codes
from layers.buildings.models import Building

ON_GROUND = ground_style(
    {"id": "building", "type": "fill", "minzoom": 14,
     "paint": {"fill-color": "@map-building", "fill-opacity": by_zoom(14, 0.4, 16, 1)}},
    {"id": "edge", "type": "line", "minzoom": 16, "paint": {"line-color": "@map-road-casing", "line-width": 0.6}},
)  # fmt: skip

LAYERS = (
    Layer(
        id="buildings",
        title=Text("Nhà và công trình", "Buildings"),
        description=Text(
            "Đường bao nhà trên mặt đất, loại, số tầng và chiều cao.",
            "Outlines of buildings on the ground, with kind, storeys and height.",
        ),
        geometry=Geometry(type="MultiPolygon"),
        fields=(
            Field(name="name", label=Text("Tên", "Name"), type="text", searchable=True, sortable=True, max_length=200),
            Field(name="kind", label=Text("Loại", "Kind"), type="text", codes=codes.KINDS, required=True),
            Field(name="address", label=Text("Địa chỉ", "Address"), type="text", searchable=True, max_length=250,
                  tiled=False),
            Field(name="height_m", label=Text("Chiều cao", "Height"), type="number", unit="m"),
            Field(name="base_m", label=Text("Độ cao đáy", "Height of its base"), type="number", unit="m",
                  description=Text("Phần nhà bắt đầu cao hơn mặt đất bao nhiêu, như nhịp cầu nối hai tòa nhà",
                                   "How far above the ground this part begins, as of a bridge between two houses")),
            Field(name="levels", label=Text("Số tầng", "Storeys"), type="integer"),
            Field(name="drawn_height_m", label=Text("Chiều cao khi vẽ", "Height as drawn"), type="number", unit="m",
                  writable=False,
                  description=Text("Chiều cao nếu biết, nếu không thì 3,3 m mỗi tầng, nếu không nữa thì 4 m: chỉ để vẽ",
                                   "The height where known, else 3.3 m a storey, else 4 m: for drawing alone")),
            Field(name="approximate", label=Text("Gần đúng", "Approximate"), type="boolean"),
            Field(name="osm_id", label=Text("Mã OpenStreetMap", "OpenStreetMap id"), type="integer", tiled=False),
            Field(name="osm_type", label=Text("Loại phần tử OpenStreetMap", "OpenStreetMap element"), type="text",
                  tiled=False, max_length=8),
            Field(name="source", label=Text("Nguồn", "Source"), type="text", tiled=False, max_length=200),
        ),
        model=Building,
        ground=30,
        styles=(ON_GROUND,),
        label="name",
        style=Style(colour=MAP_TONES["map-building"].light, outline="#CFC8BB", opacity=1.0, width=0.5),
        zoom=(13, 22),
        credit=CREDIT,
        notice=Text(
            "Nhà ghi “gần đúng” là minh họa, không có thật ở đúng chỗ vẽ.",
            "Buildings marked approximate are invented: none stands where it is drawn.",
        ),
        group=BASE_MAP,
    ),
)  # fmt: skip
