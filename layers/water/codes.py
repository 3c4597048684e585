"""Kinds of water. All are drawn in the basemap's water colour: the difference is in the words, not in the paint."""

from __future__ import annotations

from gis_core.layer import Code
from gis_core.palette import MAP_TONES
from gis_core.words import Text

WATER = MAP_TONES["map-water"].light
# A line of water on land must be seen where the surface would be too narrow to draw: a darker tone of the same hue.
STREAM = "#9CC4DB"

AREA_KINDS = (
    Code(value="sea", label=Text("Biển", "Sea"), colour=WATER),
    Code(value="lagoon", label=Text("Đầm, phá", "Lagoon"), colour=WATER),
    Code(value="river", label=Text("Sông", "River"), colour=WATER),
    Code(value="canal", label=Text("Kênh, sông đào", "Canal"), colour=WATER),
    Code(value="lake", label=Text("Hồ", "Lake"), colour=WATER),
    Code(value="reservoir", label=Text("Hồ chứa", "Reservoir"), colour=WATER),
    Code(value="pond", label=Text("Ao", "Pond"), colour=WATER),
    Code(value="basin", label=Text("Bể, hồ điều hòa", "Basin"), colour=WATER),
    Code(value="aquaculture", label=Text("Ao, đầm nuôi thủy sản", "Aquaculture pond"), colour=WATER),
    Code(value="water", label=Text("Mặt nước chưa rõ loại", "Water of unknown kind"), colour=WATER),
)
LINE_KINDS = (
    Code(value="river", label=Text("Sông", "River"), colour=STREAM),
    Code(value="canal", label=Text("Kênh, sông đào", "Canal"), colour=STREAM),
    Code(value="stream", label=Text("Suối, khe", "Stream"), colour=STREAM),
    Code(value="drain", label=Text("Mương thoát nước", "Drain"), colour=STREAM),
    Code(value="ditch", label=Text("Mương, rãnh", "Ditch"), colour=STREAM),
)
