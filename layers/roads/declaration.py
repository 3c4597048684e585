from __future__ import annotations

from gis_core.layer import Field, Geometry, Layer, Style
from gis_core.osm import CREDIT
from gis_core.words import Text
from layers.roads import codes
from layers.roads.models import Road

LAYERS = (
    Layer(
        id="roads",
        title=Text("Đường", "Roads"),
        description=Text(
            "Đường, phố và lối đi: tên, loại, mặt đường, bề rộng, số làn, chiều đi, tốc độ tối đa.",
            "Roads, streets and paths: name, kind, surface, width, lanes, direction, speed limit.",
        ),
        geometry=Geometry(type="MultiLineString"),
        fields=(
            Field(name="name", label=Text("Tên đường", "Name"), type="text", searchable=True, sortable=True,
                  max_length=200),
            Field(name="ref", label=Text("Số hiệu", "Number"), type="text", searchable=True, max_length=60),
            Field(name="kind", label=Text("Loại", "Kind"), type="text", codes=codes.KINDS, required=True),
            Field(name="surface", label=Text("Mặt đường", "Surface"), type="text", codes=codes.SURFACES),
            Field(name="width_m", label=Text("Bề rộng", "Width"), type="number", unit="m"),
            Field(name="lanes", label=Text("Số làn", "Lanes"), type="integer"),
            Field(name="oneway", label=Text("Chiều đi", "Direction"), type="text", codes=codes.ONEWAY),
            Field(name="maxspeed", label=Text("Tốc độ tối đa", "Speed limit"), type="integer", unit="km/h"),
            Field(name="manager", label=Text("Đơn vị quản lý", "Managed by"), type="text", max_length=200),
            Field(name="osm_id", label=Text("Mã OpenStreetMap", "OpenStreetMap id"), type="integer", tiled=False),
            Field(name="source", label=Text("Nguồn", "Source"), type="text", tiled=False, max_length=200),
        ),
        model=Road,
        label="name",
        style=Style(colour="#8A8A8A", outline="#5A5A5A", opacity=1.0, width=2.0, by="kind"),
        zoom=(8, 22),
        credit=CREDIT,
        group=Text("Giao thông", "Transport"),
    ),
)  # fmt: skip
