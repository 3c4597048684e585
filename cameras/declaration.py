"""The layers of cameras: the registry, and for the operations centre what each camera sees.

Citizens learn what the law says they must be told: that here is a camera, for which purpose, and whether a notice
stands. Name, direction, reach and state would tell where nobody looks.
"""

from __future__ import annotations

from cameras import codes
from cameras.models import Camera
from gis_core.layer import OPERATIONS, Audience, Field, Geometry, Layer, Reference, Scope, Style, Write
from gis_core.words import Text

KEEPERS: frozenset[Audience] = frozenset({"officer", "operations"})
INSTALLED = "state IN ('working', 'faulty')"
GROUP = Text("Giám sát, điều hành", "Monitoring and operations")

PUBLIC_FIELDS = (
    Field(
        name="purpose",
        label=Text("Mục đích", "Purpose"),
        type="text",
        codes=codes.PURPOSES,
        required=True,
    ),
    Field(
        name="notice_posted",
        label=Text("Có biển báo ghi hình", "Notice posted"),
        type="boolean",
    ),
)

NAME = Field(
    name="name",
    label=Text("Tên camera", "Camera name"),
    type="text",
    audiences=KEEPERS,
    searchable=True,
    sortable=True,
    required=True,
    max_length=120,
)
STATE = Field(
    name="state",
    label=Text("Trạng thái", "State"),
    type="text",
    audiences=KEEPERS,
    codes=codes.STATES,
)
UNIT = Field(
    name="unit_code",
    label=Text("Xã, phường", "Commune"),
    type="text",
    reference=Reference("admin_units", "code"),
    audiences=KEEPERS,
    writable=False,
)
SIGHT_FIELDS = (
    Field(
        name="direction_deg",
        label=Text("Hướng nhìn", "Direction"),
        type="number",
        unit="deg",
        audiences=KEEPERS,
    ),
    Field(
        name="fov_deg",
        label=Text("Góc nhìn", "Angle of view"),
        type="number",
        unit="deg",
        audiences=KEEPERS,
    ),
    Field(
        name="range_m",
        label=Text("Tầm nhìn", "Range"),
        type="number",
        unit="m",
        audiences=KEEPERS,
    ),
)

KEEPER_FIELDS = (
    NAME,
    Field(
        name="owner_type",
        label=Text("Chủ sở hữu", "Owner type"),
        type="text",
        audiences=KEEPERS,
        codes=codes.OWNER_TYPES,
        required=True,
    ),
    STATE,
    *SIGHT_FIELDS,
    UNIT,
    Field(
        name="retention_days",
        label=Text("Số ngày lưu hình", "Retention"),
        type="integer",
        unit="d",
        audiences=KEEPERS,
    ),
    Field(
        name="source",
        label=Text("Nguồn dữ liệu", "Data source"),
        type="text",
        audiences=KEEPERS,
        max_length=64,
    ),
)

# Which device is unchecked, or of which make, is what an intruder would ask first.
OPERATIONS_FIELDS = (
    Field(
        name="device_model",
        label=Text("Kiểu thiết bị", "Device model"),
        type="text",
        audiences=OPERATIONS,
        tiled=False,
        max_length=80,
    ),
    Field(
        name="must_connect",
        label=Text("Bắt buộc kết nối", "Must connect"),
        type="boolean",
        audiences=OPERATIONS,
    ),
    Field(
        name="security_checked",
        label=Text("Đã kiểm tra an toàn", "Security checked"),
        type="boolean",
        audiences=OPERATIONS,
    ),
)

LAYERS: tuple[Layer, ...] = (
    Layer(
        id="cameras",
        title=Text("Camera", "Cameras"),
        description=Text(
            "Camera ghi hình nơi công cộng và mục đích của từng camera",
            "Cameras that record public places, and the purpose of each",
        ),
        model=Camera,
        geometry=Geometry(type="Point", coarse={"citizen": "geom_public", "land": "geom_public"}),
        fields=PUBLIC_FIELDS + KEEPER_FIELDS + OPERATIONS_FIELDS,
        rows={"citizen": INSTALLED, "land": INSTALLED},
        scope=Scope("unit_code"),
        label="purpose",
        called=("name", "purpose"),
        told=("state", "unit_code"),
        style=Style(symbol="wedge", by="purpose", opacity=0.9),
        at_first=False,
        write=Write(audiences=OPERATIONS),
        notice=Text(
            "Vị trí camera của hộ dân được làm tròn về lưới 50 m",
            "Places of household cameras are rounded to a 50 m grid",
        ),
        group=GROUP,
    ),
    Layer(
        id="camera_views",
        title=Text("Vùng nhìn của camera", "Camera fields of view"),
        description=Text(
            "Hình quạt mà camera bao quát trên mặt phẳng, chưa trừ nhà và cây che",
            "The sector that a camera covers on flat ground, walls and trees not taken off",
        ),
        model=Camera,
        audiences=OPERATIONS,
        geometry=Geometry(type="Polygon", column="view"),
        fields=(PUBLIC_FIELDS[0], NAME, STATE, *SIGHT_FIELDS, UNIT),
        rows={"operations": "range_m > 0"},
        label="name",
        style=Style(by="purpose", opacity=0.2),
        zoom=(13, 22),
        at_first=False,
        group=GROUP,
    ),
)
