from __future__ import annotations

from gis_core.layer import Code
from gis_core.words import Text

ARCHIPELAGO, ISLAND = "archipelago", "island"

KINDS = (
    Code(value=ARCHIPELAGO, label=Text("Quần đảo", "Archipelago")),
    Code(value=ISLAND, label=Text("Đảo", "Island")),
)
