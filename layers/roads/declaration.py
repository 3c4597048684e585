from __future__ import annotations

from typing import Any

from gis_core.ground import NAME_PAINT, by_zoom, ground_style
from gis_core.layer import Field, Geometry, Layer, Style
from gis_core.osm import CREDIT
from gis_core.words import Text
from layers.roads import codes
from layers.roads.models import Road

MAIN = ["motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link"]
MIDDLE = ["secondary", "secondary_link", "tertiary", "tertiary_link"]
PATHS = ["footway", "steps", "cycleway", "bridleway", "path", "track", "construction", "proposed"]


def width(extra: float) -> list[Any]:
    """px of a road by its kind, with ``extra`` for a casing."""

    def at(main: float, middle: float, other: float) -> list[Any]:
        main, middle, other = (each + extra for each in (main, middle, other))
        return ["match", ["get", "kind"], MAIN, main, MIDDLE, middle, other]

    return by_zoom(
        8, at(0.8, 0.3, 0), 12, at(2.4, 1.4, 0.5), 14, at(4.5, 3, 1.4), 18, at(20, 16, 11), base=1.5
    )


def roads(id: str, kinds: list[str], minzoom: float, colour: str, extra: float) -> dict[str, Any]:
    return {
        "id": id, "type": "line", "minzoom": minzoom, "filter": ["in", ["get", "kind"], ["literal", kinds]],
        "layout": {"line-cap": "round", "line-join": "round"},
        "paint": {"line-color": colour, "line-width": width(extra)},
    }  # fmt: skip


STREETS = [code.value for code in codes.KINDS if code.value not in {*MAIN, *MIDDLE, *PATHS}]
ON_GROUND = ground_style(
    {"id": "path", "type": "line", "minzoom": 15, "filter": ["in", ["get", "kind"], ["literal", PATHS]],
     "paint": {"line-color": "@map-road-casing", "line-width": 1.2, "line-dasharray": [3, 2]}},
    roads("street-casing", STREETS, 13, "@map-road-casing", 1.4),
    roads("middle-casing", MIDDLE, 11, "@map-road-casing", 1.6),
    roads("main-casing", MAIN, 8, "@map-road-casing", 1.6),
    roads("street", STREETS, 12, "@map-road", 0),
    roads("middle", MIDDLE, 10, "@map-road", 0),
    roads("main", MAIN, 9, "@map-road-main", 0),
    {"id": "name", "type": "symbol", "minzoom": 14,
     "layout": {"text-field": ["to-string", ["get", "name"]], "text-size": by_zoom(14, 10.5, 18, 13),
                "symbol-placement": "line", "symbol-spacing": 300},
     "paint": NAME_PAINT},
)  # fmt: skip

LAYERS = (
    Layer(
        id="roads",
        title=Text("Đường", "Roads"),
        description=Text(
            "Đường, phố và lối đi: tên, loại, mặt đường, bề rộng, số làn, chiều đi, tốc độ tối đa.",
            "Roads, streets and paths: name, kind, surface, width, lanes, direction, speed limit.",
        ),
        geometry=Geometry(type="MultiLineString"),
        fields=(
            Field(name="name", label=Text("Tên đường", "Name"), type="text", searchable=True, sortable=True,
                  max_length=200),
            Field(name="other_names", label=Text("Tên khác", "Other names"), type="text", searchable=True,
                  alias=True, tiled=False, max_length=300),
            Field(name="ref", label=Text("Số hiệu", "Number"), type="text", searchable=True, max_length=60),
            Field(name="kind", label=Text("Loại", "Kind"), type="text", codes=codes.KINDS, required=True),
            Field(name="surface", label=Text("Mặt đường", "Surface"), type="text", codes=codes.SURFACES),
            Field(name="width_m", label=Text("Bề rộng", "Width"), type="number", unit="m"),
            Field(name="lanes", label=Text("Số làn", "Lanes"), type="integer"),
            Field(name="oneway", label=Text("Chiều đi", "Direction"), type="text", codes=codes.ONEWAY),
            Field(name="maxspeed", label=Text("Tốc độ tối đa", "Speed limit"), type="integer", unit="km/h"),
            Field(name="manager", label=Text("Đơn vị quản lý", "Managed by"), type="text", max_length=200),
            Field(name="osm_id", label=Text("Mã OpenStreetMap", "OpenStreetMap id"), type="integer", tiled=False),
            Field(name="source", label=Text("Nguồn", "Source"), type="text", tiled=False, max_length=200),
        ),
        model=Road,
        ground=40,
        styles=(ON_GROUND,),
        label="name",
        told=("kind", "ref", "other_names"),
        style=Style(colour="#8A8A8A", outline="#5A5A5A", opacity=1.0, width=2.0, by="kind"),
        zoom=(8, 22),
        credit=CREDIT,
        notice=Text(
            "Đường có nguồn “demo” là minh họa, không có thật.",
            "Roads whose source is “demo” are invented.",
        ),
        group=Text("Giao thông", "Transport"),
    ),
)  # fmt: skip
