"""The layer of parcels: the public card for everybody, the rest for the land desk. Holders are in no layer."""

from __future__ import annotations

from gis_core.layer import (
    LAND,
    Field,
    Geometry,
    Layer,
    Overview,
    Reference,
    Scope,
    Style,
    Write,
)
from gis_core.words import Text
from layers.parcels import codes
from layers.parcels.models import VN2000_HUE, Parcel

PUBLIC_CARD = (
    Field(
        name="designation",
        label=Text("Tờ/thửa", "Sheet/parcel"),
        type="text",
        searchable=True,
        writable=False,
    ),
    Field(
        name="unit_name",
        label=Text("Xã, phường", "Commune"),
        type="text",
        searchable=True,
        max_length=80,
    ),
    Field(
        name="national_id",
        label=Text("Mã định danh thửa đất", "National parcel identifier"),
        type="text",
        searchable=True,
        sortable=True,
        max_length=12,
    ),
    Field(
        name="sheet",
        label=Text("Số tờ", "Sheet number"),
        type="integer",
        sortable=True,
        asked=("tờ bản đồ", "tờ", "sheet"),
        required=True,
    ),
    Field(
        name="number",
        label=Text("Số thửa", "Parcel number"),
        type="integer",
        sortable=True,
        asked=("thửa đất", "thửa", "parcel"),
        required=True,
    ),
    Field(
        name="sheet_series",
        label=Text("Xã khi đo đạc", "Commune of the survey"),
        type="text",
        searchable=True,
        max_length=80,
        description=Text(
            "Nơi đánh số tờ, khi xã ấy đã sáp nhập",
            "Which numbered the sheet, where it has since been merged",
        ),
    ),
    Field(
        name="unit_code",
        label=Text("Xã, phường quản lý", "Commune in charge"),
        type="text",
        writable=False,
        reference=Reference("admin_units", "code"),
    ),
    Field(
        name="map_scale",
        label=Text("Tỷ lệ bản đồ 1:", "Map scale 1:"),
        type="integer",
        tiled=False,
    ),
    Field(
        name="area_m2",
        label=Text("Diện tích đo", "Measured area"),
        type="number",
        unit="m2",
        sortable=True,
        writable=False,
        description=Text("Tính từ tọa độ gốc VN-2000", "From the original VN-2000 coordinates"),
    ),
    Field(
        name="legal_area_m2",
        label=Text("Diện tích pháp lý", "Legal area"),
        type="number",
        unit="m2",
    ),
    Field(
        name="land_use",
        label=Text("Loại đất", "Land use"),
        type="text",
        codes=codes.LAND_USE,
        required=True,
    ),
    Field(
        name="address",
        label=Text("Địa chỉ thửa đất", "Parcel address"),
        type="text",
        searchable=True,
        tiled=False,
        max_length=200,
    ),
    Field(
        name="surveyed_on",
        label=Text("Ngày đo đạc", "Surveyed on"),
        type="date",
        tiled=False,
    ),
    Field(
        name="accuracy_m",
        label=Text("Sai số vị trí", "Accuracy"),
        type="number",
        unit="m",
        tiled=False,
    ),
    Field(
        name="source",
        label=Text("Nguồn dữ liệu", "Data source"),
        type="text",
        tiled=False,
        max_length=120,
    ),
)

LAND_DESK = (
    Field(
        name="use_origin",
        label=Text("Nguồn gốc sử dụng đất", "Origin of use"),
        type="text",
        audiences=LAND,
        tiled=False,
        max_length=120,
    ),
    Field(
        name="certificate_no",
        label=Text("Số giấy chứng nhận", "Certificate number"),
        type="text",
        audiences=LAND,
        searchable=True,
        tiled=False,
        max_length=40,
    ),
    Field(
        name="mortgaged",
        label=Text("Đang thế chấp", "Mortgaged"),
        type="boolean",
        audiences=LAND,
        tiled=False,
    ),
    Field(
        name="disputed",
        label=Text("Đang tranh chấp", "Disputed"),
        type="boolean",
        audiences=LAND,
        tiled=False,
    ),
)

LAYERS: tuple[Layer, ...] = (
    Layer(
        id="parcels",
        title=Text("Thửa đất", "Land parcels"),
        description=Text(
            "Thửa đất theo bản đồ địa chính: số tờ, số thửa, diện tích, loại đất",
            "Parcels of the cadastral map: sheet, number, area, land use",
        ),
        model=Parcel,
        geometry=Geometry(type="MultiPolygon", original="geom_original", original_srid=VN2000_HUE),
        fields=PUBLIC_CARD + LAND_DESK,
        scope=Scope("unit_code"),
        label="designation",
        called=("designation", "unit_name"),
        told=("land_use", "area_m2"),
        style=Style(by="land_use", opacity=0.45, width=1.0),
        zoom=(10, 22),
        at_first=False,
        overview=Overview(max_zoom=14, by="land_use"),
        write=Write(audiences=LAND),
        notice=Text(
            "Tọa độ WGS 84 chỉ đúng đến khoảng 1 m; đo đạc và cắm mốc dùng tọa độ gốc VN-2000",
            "WGS 84 coordinates are good to about 1 m; survey and stake out by the original VN-2000 coordinates",
        ),
        group=Text("Đất đai, quy hoạch", "Land and planning"),
    ),
)
