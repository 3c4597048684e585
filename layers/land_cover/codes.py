"""Kinds of land cover. The colours are quiet variations of the basemap's green and land: this is ground, not data.

It says what is seen on the ground, not what the land is for: the statutory kinds of land use are another layer's.
"""

from __future__ import annotations

from gis_core.layer import Code
from gis_core.palette import MAP_TONES
from gis_core.words import Text

GREEN = MAP_TONES["map-green"].light
FIELD = "#EDF0E0"
BUILT = "#F0ECE5"

KINDS = (
    Code(value="forest", label=Text("Rừng", "Forest"), colour=GREEN),
    Code(value="mangrove", label=Text("Rừng ngập mặn", "Mangrove"), colour="#D3E5D6"),
    Code(value="scrub", label=Text("Cây bụi", "Scrub"), colour="#E3EAD9"),
    Code(value="grass", label=Text("Đồng cỏ, thảm cỏ", "Grass"), colour="#E4EDD8"),
    Code(value="park", label=Text("Công viên, vườn hoa", "Park, garden"), colour="#D3E6C6"),
    Code(value="sports", label=Text("Sân thể thao", "Sports ground"), colour="#D9E8D0"),
    Code(value="cemetery", label=Text("Nghĩa trang, lăng mộ", "Cemetery"), colour="#DFE5DA"),
    Code(value="farmland", label=Text("Ruộng, đất trồng trọt", "Fields"), colour=FIELD),
    Code(value="orchard", label=Text("Vườn cây", "Orchard"), colour="#E4ECD2"),
    Code(value="wetland", label=Text("Đất ngập nước", "Wetland"), colour="#DBE8E2"),
    Code(value="sand", label=Text("Bãi cát, cồn cát", "Sand"), colour="#F3ECD8"),
    Code(value="rock", label=Text("Đá, đất trống", "Rock, bare ground"), colour="#ECE9E4"),
    Code(value="built_up", label=Text("Khu dân cư", "Settlement"), colour=BUILT),
    Code(value="commercial", label=Text("Khu thương mại", "Commercial area"), colour="#F1E9E4"),
    Code(value="industrial", label=Text("Khu công nghiệp", "Industrial area"), colour="#EBE8EC"),
)
