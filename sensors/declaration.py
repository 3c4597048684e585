"""The layer of stations. Its contact and its address on the network are for the operations centre alone."""

from __future__ import annotations

from gis_core.layer import OPERATIONS, Field, Geometry, Layer, Reference, Style, Write
from gis_core.words import Text
from sensors import codes
from sensors.models import Station

ROMAN = ("I", "II", "III")


def alarm_field(level: int) -> Field:
    numeral = ROMAN[level - 1]
    return Field(
        name=f"alarm_{level}_m",
        label=Text(f"Báo động {numeral}", f"Alarm level {numeral}"),
        type="number",
        unit="m",
        writable=False,
        description=Text(
            "Mức có nguồn xác nhận và đang có hiệu lực; để trống là chưa có số liệu",
            "The confirmed level in force; empty means that none is known",
        ),
    )


LAYERS: tuple[Layer, ...] = (
    Layer(
        id="sensors",
        title=Text("Trạm quan trắc", "Stations"),
        description=Text(
            "Nơi thành phố đo mực nước, mưa, không khí, thời tiết, chiếu sáng",
            "Where the city measures water levels, rain, air, weather and lighting",
        ),
        model=Station,
        geometry=Geometry(type="Point"),
        fields=(
            Field(
                name="code",
                label=Text("Mã trạm", "Station code"),
                type="text",
                searchable=True,
                sortable=True,
                required=True,
                max_length=32,
            ),
            Field(
                name="name",
                label=Text("Tên trạm", "Station name"),
                type="text",
                searchable=True,
                sortable=True,
                required=True,
                max_length=120,
            ),
            Field(
                name="kind",
                label=Text("Loại", "Kind"),
                type="text",
                codes=codes.KINDS,
                required=True,
            ),
            Field(
                name="parameters",
                label=Text("Thông số đo", "Parameters"),
                type="text",
                max_length=200,
            ),
            Field(
                name="river",
                label=Text("Sông", "River"),
                type="text",
                searchable=True,
                max_length=80,
            ),
            Field(
                name="owner",
                label=Text("Đơn vị quản lý", "Owner"),
                type="text",
                max_length=120,
            ),
            *(alarm_field(level) for level in (1, 2, 3)),
            Field(
                name="installed_on",
                label=Text("Ngày lắp đặt", "Installed on"),
                type="date",
            ),
            Field(
                name="state",
                label=Text("Trạng thái", "State"),
                type="text",
                codes=codes.STATES,
            ),
            Field(
                name="last_seen_at",
                label=Text("Tín hiệu gần nhất", "Last seen at"),
                type="datetime",
                writable=False,
            ),
            Field(
                name="approximate",
                label=Text("Vị trí gần đúng", "Approximate place"),
                type="boolean",
            ),
            Field(
                name="unit_code",
                label=Text("Xã, phường", "Commune"),
                type="text",
                reference=Reference("admin_units", "code"),
                max_length=16,
            ),
            Field(
                name="source",
                label=Text("Nguồn dữ liệu", "Data source"),
                type="text",
                max_length=120,
            ),
            Field(
                name="contact_phone",
                label=Text("Điện thoại liên hệ", "Contact phone"),
                type="text",
                audiences=OPERATIONS,
                tiled=False,
                max_length=24,
            ),
            Field(
                name="network_address",
                label=Text("Địa chỉ mạng", "Network address"),
                type="text",
                audiences=OPERATIONS,
                tiled=False,
                max_length=120,
            ),
        ),
        label="name",
        told=("state", "last_seen_at"),
        style=Style(symbol="diamond", by="kind", opacity=0.9),
        write=Write(audiences=OPERATIONS),
        group=Text("Giám sát, điều hành", "Monitoring and operations"),
    ),
)
