from __future__ import annotations

from gis_core.ground import ITALIC, NO_CELL, WATER_NAME_PAINT, bilingual, by_zoom, ground_style
from gis_core.layer import BASE_MAP, Field, Geometry, Layer, Overview, Style
from gis_core.osm import CREDIT
from gis_core.words import Text
from layers.water import codes
from layers.water.models import WaterArea, Waterway

NAME = Field(
    name="name", label=Text("Tên", "Name"), type="text", searchable=True, sortable=True, max_length=200
)
NAME_EN = Field(
    name="name_en",
    label=Text("Tên tiếng Anh", "English name"),
    type="text",
    searchable=True,
    alias=True,
    max_length=200,
)
INTERMITTENT = Field(name="intermittent", label=Text("Có mùa cạn", "Dry in some seasons"), type="boolean")
APPROXIMATE = Field(name="approximate", label=Text("Gần đúng", "Approximate"), type="boolean")
OSM_ID = Field(name="osm_id", label=Text("Mã OpenStreetMap", "OpenStreetMap id"), type="integer", tiled=False)
OSM_TYPE = Field(
    name="osm_type",
    label=Text("Loại phần tử OpenStreetMap", "OpenStreetMap element"),
    type="text",
    tiled=False,
    max_length=8,
)
SOURCE = Field(name="source", label=Text("Nguồn", "Source"), type="text", tiled=False, max_length=200)
NOTICE = Text(
    "Chỗ ghi “gần đúng” là phác họa, sai lệch tới vài trăm mét.",
    "What is marked approximate is a sketch, off by up to some hundred metres.",
)

BANK = {"id": "bank", "type": "line", "filter": ["all", NO_CELL, ["==", ["get", "approximate"], True]], "minzoom": 11,
        "paint": {"line-color": "@map-water-name", "line-width": 0.6, "line-dasharray": [4, 3], "line-opacity": 0.6},
        }  # fmt: skip
AREAS_ON_GROUND = ground_style(
    {"id": "cell", "type": "fill", "filter": ["has", "_cell"],
     "paint": {"fill-color": "@map-water", "fill-opacity": ["to-number", ["get", "share"]]}},
    {"id": "water", "type": "fill", "filter": NO_CELL, "paint": {"fill-color": "@map-water"}},
    BANK,
    {"id": "name", "type": "symbol", "filter": NO_CELL, "minzoom": 9,
     "layout": {"text-field": bilingual(), "text-font": [ITALIC], "text-size": by_zoom(9, 11, 14, 13),
                "text-max-width": 7},
     "paint": WATER_NAME_PAINT},
)  # fmt: skip
NARROW = ["match", ["get", "kind"], "river", 1, "canal", 0.7, 0.45]
LINES_ON_GROUND = ground_style(
    {"id": "waterway", "type": "line",
     "filter": ["!=", ["get", "covered"], True],
     "layout": {"line-cap": "round", "line-join": "round"},
     "paint": {"line-color": "@map-water",
               "line-width": by_zoom(8, ["*", NARROW, 0.8], 12, ["*", NARROW, 2.2], 16, ["*", NARROW, 7], base=1.4)}},
    {"id": "name", "type": "symbol", "minzoom": 12,
     "layout": {"text-field": ["to-string", ["get", "name"]], "text-font": [ITALIC], "text-size": 12,
                "symbol-placement": "line", "symbol-spacing": 350},
     "paint": WATER_NAME_PAINT},
)  # fmt: skip

LAYERS = (
    Layer(
        id="water_areas",
        title=Text("Mặt nước", "Water"),
        description=Text(
            "Biển, đầm phá, sông, kênh, hồ và ao, ở mực nước thường ngày.",
            "Sea, lagoons, rivers, canals, lakes and ponds, at their ordinary level.",
        ),
        geometry=Geometry(type="MultiPolygon"),
        fields=(
            NAME,
            NAME_EN,
            Field(name="kind", label=Text("Loại", "Kind"), type="text", codes=codes.AREA_KINDS, required=True),
            INTERMITTENT,
            APPROXIMATE,
            OSM_ID,
            OSM_TYPE,
            SOURCE,
        ),
        model=WaterArea,
        ground=20,
        styles=(AREAS_ON_GROUND,),
        label="name",
        style=Style(colour=codes.WATER, outline=codes.STREAM, opacity=1.0, width=0.5),
        overview=Overview(max_zoom=7),
        credit=CREDIT,
        notice=NOTICE,
        group=BASE_MAP,
    ),
    Layer(
        id="waterways",
        title=Text("Sông, suối, kênh", "Rivers, streams and canals"),
        description=Text(
            "Dòng chảy, vẽ theo hướng nước chảy: tên, loại, bề rộng.",
            "Lines of flowing water, drawn in the direction of flow: name, kind, width.",
        ),
        geometry=Geometry(type="MultiLineString"),
        fields=(
            NAME,
            NAME_EN,
            Field(name="kind", label=Text("Loại", "Kind"), type="text", codes=codes.LINE_KINDS, required=True),
            Field(name="width_m", label=Text("Bề rộng", "Width"), type="number", unit="m"),
            Field(name="covered", label=Text("Chảy ngầm", "Underground"), type="boolean"),
            INTERMITTENT,
            APPROXIMATE,
            OSM_ID,
            SOURCE,
        ),
        model=Waterway,
        ground=21,
        styles=(LINES_ON_GROUND,),
        label="name",
        style=Style(colour=codes.STREAM, outline=codes.STREAM, opacity=1.0, width=1.2),
        zoom=(7, 22),
        credit=CREDIT,
        notice=NOTICE,
        group=BASE_MAP,
    ),
)  # fmt: skip
