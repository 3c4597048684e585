"""The layer of field reports.

`operations` and the officers of the unit see a report whole; citizens, and the land desk, whose work it is not, see
what was published of it.
"""

from __future__ import annotations

from gis_core.layer import (
    Audience,
    Field,
    Geometry,
    Layer,
    Overview,
    Reference,
    Scope,
    Style,
    Time,
    Write,
)
from gis_core.words import Text
from layers.reports import codes
from layers.reports.models import Report

HANDLERS: frozenset[Audience] = frozenset({"officer", "operations"})

PUBLIC_FIELDS = (
    Field(
        name="category",
        label=Text("Lĩnh vực", "Category"),
        type="text",
        codes=codes.CATEGORIES,
        required=True,
    ),
    Field(
        name="description",
        label=Text("Nội dung", "Description"),
        type="text",
        searchable=True,
        tiled=False,
        required=True,
        max_length=4000,
    ),
    Field(
        name="state",
        label=Text("Trạng thái", "State"),
        type="text",
        codes=codes.STATES,
        sortable=True,
    ),
    Field(
        name="reported_on",
        label=Text("Ngày phản ánh", "Reported on"),
        type="date",
        sortable=True,
        writable=False,
    ),
    Field(
        name="due_on",
        label=Text("Hạn xử lý", "Due on"),
        type="date",
        sortable=True,
        writable=False,
    ),
    Field(
        name="resolved_on",
        label=Text("Ngày xử lý xong", "Resolved on"),
        type="date",
        writable=False,
    ),
    Field(
        name="address_public",
        label=Text("Địa chỉ công bố", "Published address"),
        type="text",
        searchable=True,
        tiled=False,
        writable=False,
        description=Text(
            "Để trống khi nơi phản ánh là chuyện riêng",
            "Empty where the place is a private matter",
        ),
    ),
    Field(
        name="unit_code",
        label=Text("Xã, phường", "Commune"),
        type="text",
        reference=Reference("admin_units", "code"),
        column="unit_code_public",
        writable=False,
        description=Text("Của nơi được công bố", "Of the published place"),
    ),
    Field(
        name="source",
        label=Text("Nguồn dữ liệu", "Data source"),
        type="text",
        max_length=64,
    ),
)

HANDLING_FIELDS = (
    Field(
        name="handling_unit",
        label=Text("Xã, phường thụ lý", "Handling commune"),
        type="text",
        reference=Reference("admin_units", "code"),
        audiences=HANDLERS,
        column="unit_code",
        writable=False,
    ),
    Field(
        name="published",
        label=Text("Đã công khai", "Published"),
        type="boolean",
        audiences=HANDLERS,
    ),
    Field(
        name="created_at",
        label=Text("Lúc tiếp nhận", "Received at"),
        type="datetime",
        audiences=HANDLERS,
        sortable=True,
        writable=False,
    ),
    Field(
        name="captured_at",
        label=Text("Lúc chụp", "Captured at"),
        type="datetime",
        audiences=HANDLERS,
    ),
    Field(
        name="due_at",
        label=Text("Hạn chính xác", "Due at"),
        type="datetime",
        audiences=HANDLERS,
        sortable=True,
    ),
    Field(
        name="resolved_at",
        label=Text("Lúc xử lý xong", "Resolved at"),
        type="datetime",
        audiences=HANDLERS,
    ),
    Field(
        name="address",
        label=Text("Địa chỉ", "Address"),
        type="text",
        audiences=HANDLERS,
        searchable=True,
        tiled=False,
        max_length=300,
    ),
    Field(
        name="channel",
        label=Text("Kênh gửi", "Channel"),
        type="text",
        audiences=HANDLERS,
        codes=codes.CHANNELS,
    ),
    # One person's rating of one case is theirs: the public gets averages, and no officer sets it.
    Field(
        name="rating",
        label=Text("Mức hài lòng (1–5)", "Satisfaction (1–5)"),
        type="integer",
        audiences=HANDLERS,
        writable=False,
    ),
    Field(
        name="staff_note",
        label=Text("Ghi chú nội bộ", "Internal note"),
        type="text",
        audiences=HANDLERS,
        tiled=False,
    ),
)

LAYERS: tuple[Layer, ...] = (
    Layer(
        id="reports",
        title=Text("Phản ánh hiện trường", "Field reports"),
        description=Text(
            "Điều người dân phản ánh về một nơi trong thành phố, và việc xử lý",
            "What citizens report about a place in the city, and how it is handled",
        ),
        model=Report,
        geometry=Geometry(type="Point", coarse={"citizen": "geom_public", "land": "geom_public"}),
        fields=PUBLIC_FIELDS + HANDLING_FIELDS,
        rows={"citizen": "published = TRUE", "land": "published = TRUE"},
        scope=Scope("unit_code"),
        time=Time("reported_on"),
        label="category",
        called=("category", "description"),
        told=("state", "reported_on", "unit_code"),
        style=Style(symbol="drop", by="category", opacity=0.9),
        overview=Overview(max_zoom=11, by="category"),
        write=Write(audiences=frozenset({"officer"}), delete=False),
        notice=Text(
            "Vị trí của lĩnh vực riêng tư được làm tròn về lưới 50 m",
            "Places of private categories are rounded to a 50 m grid",
        ),
        group=Text("Người dân và thành phố", "Citizens and the city"),
    ),
)
