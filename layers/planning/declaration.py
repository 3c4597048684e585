"""The layer of planning zones. Drafts are rows that citizens do not have; the internal note is the land desk's."""

from __future__ import annotations

from gis_core.layer import LAND, Field, Geometry, Layer, Style, Time, Write
from gis_core.words import Text
from layers.planning import codes
from layers.planning.models import PlanningZone

FIELDS = (
    Field(
        name="lot_code",
        label=Text("Ký hiệu lô", "Lot code"),
        type="text",
        searchable=True,
        sortable=True,
        required=True,
        max_length=40,
    ),
    Field(
        name="project",
        label=Text("Đồ án quy hoạch", "Plan"),
        type="text",
        searchable=True,
        sortable=True,
        required=True,
        max_length=160,
    ),
    Field(
        name="level",
        label=Text("Cấp quy hoạch", "Level"),
        type="text",
        codes=codes.LEVELS,
        required=True,
    ),
    Field(
        name="function",
        label=Text("Chức năng", "Function"),
        type="text",
        codes=codes.FUNCTIONS,
        required=True,
    ),
    Field(
        name="density_pct",
        label=Text("Mật độ xây dựng tối đa", "Density"),
        type="number",
        unit="%",
    ),
    Field(
        name="storeys_min",
        label=Text("Tầng cao tối thiểu", "Storeys, least"),
        type="integer",
    ),
    Field(
        name="storeys_max",
        label=Text("Tầng cao tối đa", "Storeys, most"),
        type="integer",
    ),
    Field(
        name="far",
        label=Text("Hệ số sử dụng đất", "Floor area ratio"),
        type="number",
        unit="1",
    ),
    Field(name="setback_m", label=Text("Khoảng lùi", "Setback"), type="number", unit="m"),
    Field(
        name="population",
        label=Text("Dân số dự kiến", "Planned population"),
        type="integer",
    ),
    Field(
        name="status",
        label=Text("Tình trạng", "Status"),
        type="text",
        codes=codes.STATUSES,
    ),
    Field(
        name="decision_no",
        label=Text("Số quyết định", "Decision number"),
        type="text",
        searchable=True,
        max_length=80,
    ),
    Field(
        name="decision_date",
        label=Text("Ngày quyết định", "Decision date"),
        type="date",
        sortable=True,
    ),
    Field(name="valid_from", label=Text("Hiệu lực từ", "Valid from"), type="date"),
    Field(name="valid_to", label=Text("Hiệu lực đến", "Valid to"), type="date"),
    Field(
        name="source",
        label=Text("Nguồn dữ liệu", "Data source"),
        type="text",
        tiled=False,
        max_length=120,
    ),
    Field(
        name="internal_note",
        label=Text("Ghi chú nội bộ", "Internal note"),
        type="text",
        audiences=LAND,
        tiled=False,
    ),
)

LAYERS: tuple[Layer, ...] = (
    Layer(
        id="planning_zones",
        title=Text("Ô quy hoạch", "Planning zones"),
        description=Text(
            "Chức năng, mật độ, tầng cao và khoảng lùi theo đồ án quy hoạch đã duyệt",
            "Function, density, storeys and setback by the approved plans",
        ),
        model=PlanningZone,
        geometry=Geometry(type="MultiPolygon"),
        fields=FIELDS,
        rows={"citizen": "status = 'approved'"},
        time=Time("valid_from", "valid_to"),
        label="lot_code",
        called=("lot_code", "function"),
        told=("status", "project"),
        style=Style(by="function", opacity=0.5),
        zoom=(10, 22),
        at_first=False,
        write=Write(audiences=LAND),
        group=Text("Đất đai, quy hoạch", "Land and planning"),
    ),
)
