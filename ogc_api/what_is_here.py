"""The process ``what-is-here``: everything at a place, for the caller's audience."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from pygeoapi.process.base import BaseProcessor

from gis_core.audiences import CITIZEN, Caller
from gis_core.here import MAX_DISTANCE_M, MAX_PER_LAYER, at_place

# pygeoapi hands a processor no request: who asks travels beside it.
asking: ContextVar[tuple[Caller, str]] = ContextVar("asking", default=(CITIZEN, "vi"))


def number(title: str, low: float, high: float, default: float | None = None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "number", "minimum": low, "maximum": high}
    if default is not None:
        schema["default"] = default
    return {"title": title, "schema": schema, "minOccurs": 1 if default is None else 0, "maxOccurs": 1}


METADATA: dict[str, Any] = {
    "version": "1.0.0",
    "id": "what-is-here",
    "title": {"vi": "Ở đây có gì", "en": "What is here"},
    "description": {
        "vi": "Mọi đối tượng tại một điểm hoặc quanh điểm đó, trong mọi lớp mà bạn được xem.",
        "en": "Every feature at a point or around it, in every collection that you may see.",
    },
    "jobControlOptions": ["sync-execute"],
    "keywords": ["place", "point", "features"],
    "links": [],
    "inputs": {
        "lon": number("Longitude, degrees (CRS84)", -180, 180),
        "lat": number("Latitude, degrees (CRS84)", -85, 85),
        "distance_m": number("Distance around the point, metres", 0, MAX_DISTANCE_M, 0),
        "limit": {
            "title": "Features of one collection at most",
            "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PER_LAYER, "default": 10},
            "minOccurs": 0,
            "maxOccurs": 1,
        },
    },
    "outputs": {
        "found": {
            "title": "Features by collection",
            "schema": {"type": "object", "contentMediaType": "application/json"},
        }
    },
    "example": {"inputs": {"lon": 107.5905, "lat": 16.4637, "distance_m": 200}},
}


class WhatIsHere(BaseProcessor):  # type: ignore[misc]  # pygeoapi has no types
    """The processor that pygeoapi runs; inputs have been checked against `METADATA` before."""

    def __init__(self, processor_def: dict[str, Any]) -> None:
        super().__init__(processor_def, METADATA)
        self.supports_outputs = True

    def execute(self, data: dict[str, Any], outputs: Any = None) -> tuple[str, dict[str, Any]]:
        caller, language = asking.get()
        distance = float(data.get("distance_m", 0))
        here = at_place(caller, float(data["lon"]), float(data["lat"]), distance, int(data.get("limit", 10)))
        return "application/json", {
            "found": [
                {
                    "collection": each.published.layer.id,
                    "title": each.published.layer.title.to(language),
                    "features": each.features,
                    "more": each.more,
                }
                for each in here.found
            ]
            + [
                {
                    "collection": each.layer.id,
                    "title": each.layer.title.to(language),
                    "features": [],
                    "more": True,
                    "unanswered": {"why": each.why, "detail": each.to(language)},
                }
                for each in here.missing
            ]
        }
