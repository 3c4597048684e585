from __future__ import annotations

from gis_core.ground import NAME_PAINT, by_zoom, ground_style
from gis_core.layer import Field, Geometry, Layer, Reference, Style
from gis_core.osm import CREDIT
from gis_core.words import Text
from layers.facilities import codes
from layers.facilities.models import Facility

ON_GROUND = ground_style(
    {"id": "dot", "type": "circle", "minzoom": 15,
     "paint": {"circle-radius": by_zoom(15, 2, 18, 4), "circle-color": "@map-name", "circle-opacity": 0.7,
               "circle-stroke-color": "@map-halo", "circle-stroke-width": 1}},
    {"id": "name", "type": "symbol", "minzoom": 16,
     "layout": {"text-field": ["to-string", ["get", "name"]], "text-size": 11.5, "text-max-width": 9,
                "text-offset": [0, 0.6], "text-anchor": "top"},
     "paint": NAME_PAINT},
)  # fmt: skip

LAYERS = (
    Layer(
        id="facilities",
        title=Text("Công trình công cộng", "Public facilities"),
        description=Text(
            "Ủy ban nhân dân, trường học, bệnh viện, trạm y tế, chợ, bến xe, ga, chùa và các nơi phục vụ công cộng "
            "khác.",
            "People's Committees, schools, hospitals, health stations, markets, stations, pagodas and other places "
            "that serve the public.",
        ),
        geometry=Geometry(type="Point"),
        fields=(
            Field(name="name", label=Text("Tên", "Name"), type="text", searchable=True, sortable=True, max_length=200),
            Field(name="other_names", label=Text("Tên khác", "Other names"), type="text", searchable=True,
                  alias=True, tiled=False, max_length=300),
            Field(name="kind", label=Text("Loại", "Kind"), type="text", codes=codes.KINDS, required=True),
            Field(name="address", label=Text("Địa chỉ", "Address"), type="text", searchable=True, max_length=250),
            Field(name="unit_code", label=Text("Phường, xã", "Ward or commune"), type="text", max_length=16,
                  reference=Reference("admin_units", "code")),
            Field(name="phone", label=Text("Điện thoại", "Telephone"), type="text", tiled=False, max_length=60),
            Field(name="operator", label=Text("Đơn vị quản lý", "Run by"), type="text", tiled=False, max_length=200),
            Field(name="opening_hours", label=Text("Giờ mở cửa", "Opening hours"), type="text", tiled=False,
                  max_length=200),
            Field(name="osm_id", label=Text("Mã OpenStreetMap", "OpenStreetMap id"), type="integer", tiled=False),
            Field(name="osm_type", label=Text("Loại phần tử OpenStreetMap", "OpenStreetMap element"), type="text",
                  tiled=False, max_length=8),
            Field(name="source", label=Text("Nguồn", "Source"), type="text", tiled=False, max_length=200),
        ),
        model=Facility,
        ground=50,
        styles=(ON_GROUND,),
        label="name",
        told=("kind", "address", "other_names"),
        style=Style(colour="#0072B2", opacity=1.0, width=1.0, symbol="square", by="kind"),
        zoom=(9, 22),
        at_first=False,
        credit=CREDIT,
        notice=Text(
            "Công trình có nguồn “demo” là minh họa, không có thật.",
            "Facilities whose source is “demo” are invented.",
        ),
        group=Text("Công trình công cộng", "Public facilities"),
    ),
)  # fmt: skip
