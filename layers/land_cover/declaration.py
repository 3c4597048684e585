from __future__ import annotations

from typing import Any

from gis_core.ground import ITALIC, NAME_PAINT, NO_CELL, bilingual, ground_style
from gis_core.layer import BASE_MAP, Field, Geometry, Layer, Overview, Style
from gis_core.osm import CREDIT
from gis_core.words import Text
from layers.land_cover import codes
from layers.land_cover.models import LandCover

FIELDS, BARE, BUILT = (
    ["farmland", "orchard", "grass"],
    ["sand", "rock"],
    ["built_up", "commercial", "industrial"],
)


def cover(kind: str) -> list[Any]:
    """The quiet colour of a kind of cover, which stands in the property ``kind``."""
    return [
        "match",
        ["get", kind],
        FIELDS,
        "@map-field",
        BARE,
        "@map-sand",
        BUILT,
        "@map-built",
        "@map-green",
    ]


ON_GROUND = ground_style(
    {"id": "cell", "type": "fill", "filter": ["has", "_cell"],
     "paint": {"fill-color": cover("class"), "fill-opacity": ["to-number", ["get", "share"]]}},
    {"id": "cover", "type": "fill", "filter": NO_CELL, "paint": {"fill-color": cover("kind")}},
    {"id": "name", "type": "symbol", "minzoom": 13, "filter": ["all", NO_CELL, ["in", ["get", "kind"],
        ["literal", ["park", "forest", "cemetery", "sports"]]]],
     "layout": {"text-field": bilingual(), "text-font": [ITALIC], "text-size": 12, "text-max-width": 8},
     "paint": NAME_PAINT},
)  # fmt: skip

LAYERS = (
    Layer(
        id="land_cover",
        title=Text("Lớp phủ mặt đất", "Land cover"),
        description=Text(
            "Rừng, ruộng, vườn, công viên, bãi cát, khu dân cư: những gì thấy trên mặt đất. Không phải loại đất theo "
            "hồ sơ địa chính hay quy hoạch.",
            "Forest, fields, orchards, parks, sand, settlements: what is seen on the ground. Not the kind of land of "
            "the cadastre or of a plan.",
        ),
        geometry=Geometry(type="MultiPolygon"),
        fields=(
            Field(name="name", label=Text("Tên", "Name"), type="text", searchable=True, sortable=True, max_length=200),
            Field(name="name_en", label=Text("Tên tiếng Anh", "English name"), type="text", searchable=True, alias=True,
                  max_length=200),
            Field(name="kind", label=Text("Loại", "Kind"), type="text", codes=codes.KINDS, required=True),
            Field(name="approximate", label=Text("Gần đúng", "Approximate"), type="boolean"),
            Field(name="osm_id", label=Text("Mã OpenStreetMap", "OpenStreetMap id"), type="integer", tiled=False),
            Field(name="osm_type", label=Text("Loại phần tử OpenStreetMap", "OpenStreetMap element"), type="text",
                  tiled=False, max_length=8),
            Field(name="source", label=Text("Nguồn", "Source"), type="text", tiled=False, max_length=200),
        ),
        model=LandCover,
        ground=10,
        styles=(ON_GROUND,),
        label="name",
        style=Style(colour=codes.GREEN, outline=codes.GREEN, opacity=1.0, width=0.0, by="kind"),
        zoom=(7, 22),
        overview=Overview(max_zoom=9, by="kind"),
        credit=CREDIT,
        notice=Text(
            "Chỗ ghi “gần đúng” là phác họa, không phải khảo sát.",
            "What is marked approximate is a sketch, not a survey.",
        ),
        group=BASE_MAP,
    ),
)  # fmt: skip
