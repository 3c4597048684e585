"""The layer of dams. Whom to call at the dam is for the operations centre alone."""

from __future__ import annotations

from gis_core.layer import OPERATIONS, Field, Geometry, Layer, Style, Write
from gis_core.words import Text
from layers.dams import codes
from layers.dams.models import Dam

LAYERS: tuple[Layer, ...] = (
    Layer(
        id="dams",
        title=Text("Hồ đập", "Dams"),
        description=Text(
            "Hồ chứa và đập trên lưu vực sông Hương. Hồ chưa có số liệu gửi về được ghi rõ là chưa có số liệu",
            "Reservoirs and dams of the Hương basin. Where no data reaches the city, it says so",
        ),
        model=Dam,
        geometry=Geometry(type="Point"),
        fields=(
            Field(
                name="name",
                label=Text("Tên hồ, đập", "Name"),
                type="text",
                searchable=True,
                sortable=True,
                required=True,
                max_length=120,
            ),
            Field(
                name="river",
                label=Text("Sông", "River"),
                type="text",
                searchable=True,
                max_length=80,
            ),
            Field(
                name="kind",
                label=Text("Loại", "Kind"),
                type="text",
                codes=codes.KINDS,
                required=True,
            ),
            Field(
                name="capacity_mm3",
                label=Text("Dung tích", "Capacity"),
                type="number",
                unit="hm3",
                sortable=True,
            ),
            Field(
                name="catchment_km2",
                label=Text("Diện tích lưu vực", "Catchment"),
                type="number",
                unit="km2",
            ),
            Field(
                name="normal_level_m",
                label=Text("Mực nước dâng bình thường", "Normal water level"),
                type="number",
                unit="m",
            ),
            Field(
                name="procedure",
                label=Text("Quy trình vận hành", "Operating procedure"),
                type="text",
                max_length=120,
            ),
            Field(
                name="monitored",
                label=Text("Có số liệu gửi về", "Monitored"),
                type="boolean",
                description=Text(
                    "Không: hệ thống chưa nhận được số liệu, không có nghĩa là an toàn",
                    "No: this system receives no data, which does not mean that all is well",
                ),
            ),
            Field(
                name="owner",
                label=Text("Chủ đập", "Owner"),
                type="text",
                max_length=120,
            ),
            Field(
                name="approximate",
                label=Text("Vị trí gần đúng", "Approximate place"),
                type="boolean",
            ),
            Field(
                name="source",
                label=Text("Nguồn", "Source"),
                type="text",
                tiled=False,
                max_length=300,
            ),
            Field(
                name="operator_contact",
                label=Text("Liên hệ vận hành", "Operator contact"),
                type="text",
                audiences=OPERATIONS,
                tiled=False,
                max_length=200,
            ),
        ),
        label="name",
        told=("kind", "river"),
        style=Style(symbol="bar", by="kind", opacity=0.9),
        write=Write(audiences=OPERATIONS),
        notice=Text("Vị trí gần đúng, chưa đo đạc", "Places are approximate, not surveyed"),
        group=Text("Giám sát, điều hành", "Monitoring and operations"),
    ),
)
