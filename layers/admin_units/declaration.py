"""Two layers of one table: the communes and wards of today, and the units of every time."""

from __future__ import annotations

from gis_core.ground import MEDIUM, NAME_PAINT, by_zoom, ground_style
from gis_core.layer import AUDIENCES, Code, Field, Geometry, Layer, Reference, Style, Time
from gis_core.words import Text
from layers.admin_units.models import AdminUnit

KINDS = (
    Code(value="phuong", label=Text("Phường", "Ward"), colour="#0072B2"),
    Code(value="xa", label=Text("Xã", "Commune"), colour="#009E73"),
    Code(value="thi_tran", label=Text("Thị trấn", "Township"), colour="#56B4E9"),
    Code(value="quan", label=Text("Quận", "Urban district"), colour="#CC79A7"),
    Code(value="huyen", label=Text("Huyện", "Rural district"), colour="#E69F00"),
    Code(value="thi_xa", label=Text("Thị xã", "Town"), colour="#D55E00"),
    Code(value="thanh_pho", label=Text("Thành phố", "City"), colour="#666666"),
)
LEVELS = (
    Code(value="commune", label=Text("Cấp xã", "Commune level"), colour="#7A6A53"),
    Code(value="district", label=Text("Cấp huyện", "District level"), colour="#CC79A7"),
    Code(value="province", label=Text("Cấp tỉnh", "Province level"), colour="#666666"),
)

FIELDS = (
    Field(name="code", label=Text("Mã", "Code"), type="text", sortable=True, searchable=True, required=True,
          max_length=8, description=Text("Mã của Cục Thống kê", "Code of the statistics office")),
    Field(name="name", label=Text("Tên", "Name"), type="text", sortable=True, searchable=True, required=True,
          max_length=80),
    Field(name="full_name", label=Text("Tên đầy đủ", "Full name"), type="text", searchable=True, required=True,
          max_length=100),
    Field(name="kind", label=Text("Loại", "Kind"), type="text", codes=KINDS, required=True),
    Field(name="level", label=Text("Cấp", "Level"), type="text", codes=LEVELS, required=True),
    Field(name="parent_code", label=Text("Cấp trên", "Unit above"), type="text", max_length=8,
          reference=Reference("admin_units_history", "code")),
    Field(name="valid_from", label=Text("Hiệu lực từ", "Valid from"), type="date", required=True, sortable=True),
    Field(name="valid_to", label=Text("Hiệu lực đến", "Valid to"), type="date",
          description=Text("Không gồm ngày này; trống: còn hiệu lực", "This day excluded; empty: still valid")),
    Field(name="approximate", label=Text("Ranh giới gần đúng", "Approximate boundary"), type="boolean"),
    Field(name="boundary_source", label=Text("Nguồn ranh giới", "Source of the boundary"), type="text",
          tiled=False, max_length=200),
    Field(name="area_km2", label=Text("Diện tích công bố", "Official area"), type="number", unit="km2",
          sortable=True),
    Field(name="population", label=Text("Dân số", "Population"), type="integer", sortable=True),
    Field(name="old_names", label=Text("Gồm các đơn vị cũ", "Made of the old units"), type="text",
          searchable=True, tiled=False),
)  # fmt: skip

NOTICE = Text(
    "Ranh giới gần đúng: Hương suy ra từ tên, mã và khung bao của các đơn vị, không có giá trị pháp lý. Cột "
    "“Ranh giới gần đúng” cho biết đơn vị nào; ranh giới chính thức thay thế khi được nhập.",
    "Approximate boundaries: derived by Hương from names, codes and bounding boxes of the units, without legal value. "
    "The column “Approximate boundary” says which; official boundaries replace them when imported.",
)
CREDIT = Text(
    "Tên, mã và điểm: vietnamadminunits (MIT). Ranh giới: xem cột nguồn.",
    "Names, codes and points: vietnamadminunits (MIT). Boundaries: see the source column.",
)
GROUP = Text("Địa giới hành chính", "Administrative units")
TODAY = "valid_to IS NULL AND level = 'commune'"

BORDER = {"line-color": "@map-border", "line-width": by_zoom(6, 0.5, 12, 1.2)}
ROUGH = ["==", ["get", "approximate"], True]
ON_GROUND = ground_style(
    {"id": "land", "type": "fill", "paint": {"fill-color": "@map-land"}},
    {"id": "border", "type": "line", "filter": ["!", ROUGH], "layout": {"line-join": "round"}, "paint": BORDER},
    {"id": "rough-border", "type": "line", "filter": ROUGH, "paint": {**BORDER, "line-dasharray": [4, 3]}},
    {"id": "unit", "type": "symbol", "minzoom": 8, "maxzoom": 15,
     "layout": {"text-field": ["get", "name"], "text-font": [MEDIUM], "text-size": by_zoom(8, 11, 13, 15),
                "text-max-width": 7},
     "paint": NAME_PAINT},
)  # fmt: skip

LAYERS = (
    Layer(
        id="admin_units",
        title=Text("Phường và xã", "Wards and communes"),
        description=Text(
            "40 phường và xã của thành phố Huế từ ngày 1/7/2025.",
            "The 40 wards and communes of the city of Huế since 1 July 2025.",
        ),
        geometry=Geometry(type="MultiPolygon", coverage=True),
        fields=FIELDS,
        model=AdminUnit,
        ground=0,
        styles=(ON_GROUND,),
        rows=dict.fromkeys(AUDIENCES, TODAY),
        label="full_name",
        style=Style(colour="#0072B2", opacity=0.12, width=1.2, by="kind"),
        credit=CREDIT,
        notice=NOTICE,
        group=GROUP,
    ),
    Layer(
        id="admin_units_history",
        title=Text("Đơn vị hành chính qua các thời kỳ", "Administrative units through time"),
        description=Text(
            "Các đơn vị hành chính theo thời gian: 133 xã, phường, thị trấn và 9 quận, huyện, thị xã trước ngày "
            "1/7/2025; 40 phường và xã từ ngày đó; thành phố.",
            "The administrative units by time: 133 communes, wards and townships in 9 districts before 1 July 2025; "
            "40 wards and communes from that day; the city.",
        ),
        geometry=Geometry(type="MultiPolygon", coverage=True),
        fields=FIELDS,
        model=AdminUnit,
        time=Time(start="valid_from", end="valid_to"),
        of_now="admin_units",
        at_first=False,
        label="full_name",
        told=("valid_from", "valid_to", "parent_code"),
        style=Style(colour="#7A6A53", opacity=0.08, width=1.0, by="level"),
        credit=CREDIT,
        notice=NOTICE,
        group=GROUP,
    ),
)  # fmt: skip
