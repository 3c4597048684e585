"""What a typed place means, asked while somebody types: the same reader as when a form is sent."""

from __future__ import annotations

import json
import re

import shapely
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from shapely.geometry.base import BaseGeometry

from gis_core.place_changes import AreaChange, area_of
from gis_core.place_text import (
    METRIC,
    PLACE_KINDS,
    PlaceError,
    in_degrees,
    read_place,
    write_place,
    written_blocks,
)

NUMBER = re.compile(r"\d{1,18}(\.\d{1,18})?")


@csrf_exempt  # changes nothing
@require_POST
def check(request: HttpRequest) -> JsonResponse:
    """``{"ok": true, "geometry": GeoJSON in degrees, "text": every corner as kept}``, else why it is no place.

    ``typed`` are the corners in the order in which they came, in the coordinates that are kept: one unit on the page.
    ``area`` says the area in words beside the one ``before`` (m²), and what confirms it where that is asked for.
    """
    sent = request.POST
    language = sent.get("lang", "vi")
    numbers = [sent.get(name, "") for name in ("srid", "zone")]
    srid, zone = (int(n) if n.isascii() and n.isdecimal() and len(n) < 7 else 0 for n in numbers)
    if sent.get("kind") not in PLACE_KINDS or (srid != 4326 and srid not in METRIC):
        return JsonResponse({}, status=400)
    typed: list[list[str]] | None = None
    try:
        typed = written_blocks(sent.get("text", ""), srid, zone)
        place = read_place(sent.get("text", ""), sent["kind"], srid, zone)
        drawn = json.loads(shapely.to_geojson(in_degrees(place, srid)))
    except PlaceError as error:
        said = {"ok": False, "line": error.line, "message": error.words.to(language), "typed": typed}
        return JsonResponse(said)
    found = {"ok": True, "geometry": drawn, "text": write_place(place, srid), "typed": typed}
    return JsonResponse(found | {"area": area_said(place, srid, sent.get("before", ""), language)})


def area_said(place: BaseGeometry, srid: int, before: str, language: str) -> dict[str, str] | None:
    area = area_of(place, srid)
    if area is None:
        return None
    change = AreaChange(float(before) if NUMBER.fullmatch(before) else None, area)
    return {
        "said": change.words().to(language),
        "confirm": change.confirmation if change.is_large else "",
        "question": change.question().to(language) if change.is_large else "",
    }
