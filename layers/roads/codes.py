"""Kinds and surfaces of roads: the values of the OpenStreetMap keys ``highway`` and ``surface`` with their words."""

from __future__ import annotations

from gis_core.layer import Code
from gis_core.words import Text

OTHER = "other"

KINDS = (
    Code(value="motorway", label=Text("Đường cao tốc", "Motorway"), colour="#D55E00"),
    Code(value="motorway_link", label=Text("Nhánh nối đường cao tốc", "Motorway link"), colour="#D55E00"),
    Code(value="trunk", label=Text("Quốc lộ chính", "Trunk road"), colour="#D55E00"),
    Code(value="trunk_link", label=Text("Nhánh nối quốc lộ chính", "Trunk link"), colour="#D55E00"),
    Code(value="primary", label=Text("Quốc lộ", "Primary road"), colour="#E69F00"),
    Code(value="primary_link", label=Text("Nhánh nối quốc lộ", "Primary link"), colour="#E69F00"),
    Code(value="secondary", label=Text("Đường tỉnh, trục chính", "Secondary road"), colour="#F0C94D"),
    Code(value="secondary_link", label=Text("Nhánh nối đường tỉnh", "Secondary link"), colour="#F0C94D"),
    Code(value="tertiary", label=Text("Đường liên xã, liên phường", "Tertiary road"), colour="#B8B09A"),
    Code(value="tertiary_link", label=Text("Nhánh nối đường liên xã", "Tertiary link"), colour="#B8B09A"),
    Code(value="unclassified", label=Text("Đường xã", "Minor road"), colour="#9A937F"),
    Code(value="residential", label=Text("Đường phố, khu dân cư", "Street"), colour="#8A8A8A"),
    Code(value="living_street", label=Text("Đường nội bộ", "Living street"), colour="#8A8A8A"),
    Code(value="service", label=Text("Đường phục vụ, kiệt", "Service road, alley"), colour="#A5A5A5"),
    Code(value="road", label=Text("Đường chưa rõ loại", "Road of unknown kind"), colour="#A5A5A5"),
    Code(value="pedestrian", label=Text("Phố đi bộ", "Pedestrian street"), colour="#CC79A7"),
    Code(value="footway", label=Text("Lối đi bộ", "Footway"), colour="#CC79A7"),
    Code(value="steps", label=Text("Bậc thang", "Steps"), colour="#CC79A7"),
    Code(value="cycleway", label=Text("Đường xe đạp", "Cycleway"), colour="#0072B2"),
    Code(value="bridleway", label=Text("Đường cưỡi ngựa", "Bridleway"), colour="#7A6A53"),
    Code(value="path", label=Text("Đường mòn", "Path"), colour="#7A6A53"),
    Code(value="track", label=Text("Đường lâm nghiệp, nội đồng", "Track"), colour="#7A6A53"),
    Code(value="construction", label=Text("Đang thi công", "Under construction"), colour="#56B4E9"),
    Code(value="proposed", label=Text("Dự kiến", "Proposed"), colour="#56B4E9"),
    Code(value=OTHER, label=Text("Loại khác", "Other kind"), colour="#A5A5A5"),
)  # fmt: skip

SURFACES = (
    Code(value="paved", label=Text("Có lát mặt", "Paved")),
    Code(value="asphalt", label=Text("Bê tông nhựa", "Asphalt")),
    Code(value="concrete", label=Text("Bê tông xi măng", "Concrete")),
    Code(value="paving_stones", label=Text("Gạch, đá lát", "Paving stones")),
    Code(value="cobblestone", label=Text("Đá cuội", "Cobblestone")),
    Code(value="gravel", label=Text("Đá dăm, cấp phối", "Gravel")),
    Code(value="unpaved", label=Text("Không lát mặt", "Unpaved")),
    Code(value="ground", label=Text("Đất", "Ground")),
    Code(value=OTHER, label=Text("Loại khác", "Other")),
)

ONEWAY = (
    Code(value="no", label=Text("Hai chiều", "Both ways")),
    Code(value="yes", label=Text("Một chiều", "One way")),
    Code(value="reverse", label=Text("Một chiều ngược hướng vẽ", "One way, against the line")),
)
