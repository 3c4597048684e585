"""The process ``what-is-here``: everything at a place, for the caller's audience."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis_core.audiences import Caller
from gis_core.here import MAX_DISTANCE_M, MAX_PER_LAYER, Found, at_place
from gis_core.naming import Speaker, fields_of_name
from gis_core.shares import Shares
from gis_core.spoken import typed
from gis_core.words import Text
from ogc_api.processes.description import Input, Output, Process

NAMES_S = 2.0  # for all layers that names refer to


def number(low: float, high: float, **more: Any) -> dict[str, Any]:
    return {"type": "number", "minimum": low, "maximum": high, **more}


def what_is_here(caller: Caller, language: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    lon, lat = float(inputs["lon"]), float(inputs["lat"])
    here = at_place(caller, lon, lat, float(inputs["distance_m"]), int(inputs["limit"]))
    shares = Shares(caller, NAMES_S)
    speaker = Speaker(caller, language, shares)
    found = [
        {
            "collection": each.published.layer.id,
            "title": each.published.layer.title.to(language),
            "features": titled(each, speaker, caller),
            "more": each.more,
        }
        for each in here.found
    ]
    unanswered = [
        {
            "collection": each.layer.id,
            "title": each.layer.title.to(language),
            "features": [],
            "more": True,
            "unanswered": {"why": each.why, "detail": each.to(language)},
        }
        for each in here.missing
    ]
    return {"found": [*found, *unanswered]}


def titled(found: Found, speaker: Speaker, caller: Caller) -> list[dict[str, Any]]:
    """The features, each with a ``title`` that says what it is called in words; their values stay as they are."""
    layer = found.published.layer
    fields = fields_of_name(layer, caller.audience)
    values = [{f.name: typed(f, each["properties"].get(f.name)) for f in fields} for each in found.features]
    speaker.learn(fields, values)
    pairs = zip(found.features, values, strict=True)
    return [each | {"title": speaker.name(layer, row).title} for each, row in pairs]


PROCESS = Process(
    id="what-is-here",
    title=Text("Ở đây có gì", "What is here"),
    description=Text(
        "Mọi đối tượng tại một điểm hoặc quanh điểm đó, trong mọi lớp mà bạn được xem.",
        "Every feature at a point or around it, in every collection that you may see.",
    ),
    keywords=("place", "point", "features"),
    inputs={
        "lon": Input(Text("Kinh độ, theo độ (CRS84)", "Longitude, degrees (CRS84)"), number(-180, 180), True),
        "lat": Input(Text("Vĩ độ, theo độ (CRS84)", "Latitude, degrees (CRS84)"), number(-85, 85), True),
        "distance_m": Input(
            Text("Khoảng cách quanh điểm, theo mét", "Distance around the point, metres"),
            number(0, MAX_DISTANCE_M, default=0),
        ),
        "limit": Input(
            Text("Số đối tượng tối đa của một lớp", "Features of one collection at most"),
            {"type": "integer", "minimum": 1, "maximum": MAX_PER_LAYER, "default": 10},
        ),
    },
    outputs={
        "found": Output(
            Text("Đối tượng theo lớp", "Features by collection"),
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["collection", "title", "features", "more"],
                    "properties": {
                        "collection": {"type": "string"},
                        "title": {"type": "string"},
                        "features": {"type": "array", "items": {"type": "object"}},
                        "more": {"type": "boolean"},
                        "unanswered": {"type": "object"},
                    },
                },
                "contentMediaType": "application/json",
            },
        )
    },
    run=what_is_here,
)
