"""What a typed place means, asked while somebody types: the same reader as when a form is sent."""

from __future__ import annotations

import json

import shapely
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from gis_core.place_text import METRIC, PlaceError, in_degrees, read_place, write_place

KINDS = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")


@csrf_exempt  # changes nothing
@require_POST
def check(request: HttpRequest) -> JsonResponse:
    """``{"ok": true, "geometry": GeoJSON in degrees, "text": every corner as kept}``, else why it is no place."""
    sent = request.POST
    numbers = [sent.get(name, "") for name in ("srid", "zone")]
    srid, zone = (int(n) if n.isascii() and n.isdecimal() and len(n) < 7 else 0 for n in numbers)
    if sent.get("kind") not in KINDS or (srid != 4326 and srid not in METRIC):
        return JsonResponse({}, status=400)
    try:
        place = read_place(sent.get("text", ""), sent["kind"], srid, zone)
        drawn = json.loads(shapely.to_geojson(in_degrees(place, srid)))
    except PlaceError as error:
        return JsonResponse(
            {"ok": False, "line": error.line, "message": error.words.to(sent.get("lang", "vi"))}
        )
    return JsonResponse({"ok": True, "geometry": drawn, "text": write_place(place)})
