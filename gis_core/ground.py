"""How the ground of a map is written: parts that the ``ground`` styles of several layers share.

All colours are names of the palette, so that one style serves by day, by night and on paper.
"""

from __future__ import annotations

from typing import Any

from gis_core.layer import DeclaredStyle
from gis_core.words import Text

REGULAR, MEDIUM, ITALIC = (f"Be Vietnam Pro {face}" for face in ("Regular", "Medium", "Italic"))
NAME_PAINT = {"text-color": "@map-name", "text-halo-color": "@map-halo", "text-halo-width": 1}
WATER_NAME_PAINT = {"text-color": "@map-water-name", "text-halo-color": "@map-halo", "text-halo-width": 0.8}
NO_CELL = ["!", ["has", "_cell"]]
# Where there is a height model its relief lies on what covers the land, and under waters, buildings and all lines:
# above the areas of layers whose place in the basemap (`Layer.ground`) is lower than this. It is there to be read
# through, and among streets hardly at all.
RELIEF_PLACE = 15
RELIEF: dict[str, Any] = {
    "id": "relief",
    "type": "hillshade",
    "paint": {
        "hillshade-exaggeration": ["interpolate", ["linear"], ["zoom"], 12, 0.3, 16, 0.15],
        "hillshade-shadow-color": "@map-shade",
        "hillshade-highlight-color": "@map-light",
        "hillshade-accent-color": "@map-shade",
    },
}


def ground_style(*layers: dict[str, Any]) -> DeclaredStyle:
    """The style in which a layer is part of the basemap."""
    return DeclaredStyle(id="ground", title=Text("Nền bản đồ", "Base map"), layers=layers)


def bilingual(vi: str = "name", en: str = "name_en") -> list[Any]:
    """The Vietnamese name, and under it the English one where it is another."""
    other = ["all", ["has", en], ["!=", ["get", en], ["get", vi]]]
    return ["case", other, ["concat", ["get", vi], "\n", ["get", en]], ["to-string", ["get", vi]]]


def by_zoom(*stops: Any, base: float = 1.0) -> list[Any]:
    """``zoom, value, zoom, value ...`` with values between them growing by ``base``."""
    way = ["linear"] if base == 1 else ["exponential", base]
    return ["interpolate", way, ["zoom"], *stops]
