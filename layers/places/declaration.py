from __future__ import annotations

from typing import Any

from gis_core.ground import ITALIC, MEDIUM, NAME_PAINT, REGULAR, bilingual, by_zoom, ground_style
from gis_core.layer import BASE_MAP, Field, Geometry, Layer, Style
from gis_core.osm import CREDIT
from gis_core.palette import MAP_TONES
from gis_core.words import Text
from layers.places import codes
from layers.places.models import Place


def named(id: str, kinds: list[str], low: float, high: float, font: str, *size: float) -> dict[str, Any]:
    """Names of places of these kinds, the more important first, from zoom ``low`` up to ``high``."""
    return {
        "id": id, "type": "symbol", "minzoom": low, "maxzoom": high,
        "filter": ["in", ["get", "kind"], ["literal", kinds]],
        "layout": {"text-field": bilingual(), "text-font": [font], "text-size": by_zoom(*size), "text-max-width": 8,
                   "symbol-sort-key": ["to-number", ["get", "rank"], 9]},
        "paint": NAME_PAINT,
    }  # fmt: skip


ON_GROUND = ground_style(
    named("hamlet", ["hamlet", "locality", "neighbourhood", "peak"], 14, 24, REGULAR, 14, 11, 17, 14),
    named("village", ["village", "suburb"], 12, 18, REGULAR, 12, 12, 16, 15),
    named("town", ["city", "town"], 6, 14, MEDIUM, 6, 12, 12, 17),
    named("neighbour", ["region", "country"], 7, 12, ITALIC, 7, 12, 11, 16),
)  # fmt: skip

LAYERS = (
    Layer(
        id="places",
        title=Text("Địa danh", "Place names"),
        description=Text(
            "Tên làng, khu phố, thị trấn, vùng đất mà người dân quen gọi, kể cả tên không còn là đơn vị hành chính.",
            "Names of villages, neighbourhoods and towns as people use them, also where they are no unit any more.",
        ),
        geometry=Geometry(type="Point"),
        fields=(
            Field(name="name", label=Text("Tên", "Name"), type="text", searchable=True, sortable=True, required=True,
                  max_length=200),
            Field(name="other_names", label=Text("Tên khác", "Other names"), type="text", searchable=True,
                  alias=True, tiled=False, max_length=300),
            Field(name="name_en", label=Text("Tên tiếng Anh", "English name"), type="text", searchable=True, alias=True,
                  max_length=200),
            Field(name="kind", label=Text("Loại", "Kind"), type="text", codes=codes.KINDS, required=True),
            Field(name="rank", label=Text("Thứ bậc trên bản đồ", "Rank on the map"), type="integer", sortable=True,
                  description=Text("1 hiện trước, 9 hiện sau cùng", "1 is shown first, 9 last")),
            Field(name="population", label=Text("Dân số", "Population"), type="integer"),
            Field(name="approximate", label=Text("Gần đúng", "Approximate"), type="boolean"),
            Field(name="osm_id", label=Text("Mã OpenStreetMap", "OpenStreetMap id"), type="integer", tiled=False),
            Field(name="source", label=Text("Nguồn", "Source"), type="text", tiled=False, max_length=200),
        ),
        model=Place,
        ground=60,
        styles=(ON_GROUND,),
        label="name",
        style=Style(colour=MAP_TONES["map-name"].light, outline=MAP_TONES["map-halo"].light, opacity=1.0, width=1.0),
        zoom=(6, 22),
        credit=CREDIT,
        notice=Text(
            "Vị trí tên ghi “gần đúng” lệch tới vài ki-lô-mét.",
            "Names marked approximate may stand off by some kilometres.",
        ),
        group=BASE_MAP,
    ),
)  # fmt: skip
