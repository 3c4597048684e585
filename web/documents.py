"""What programs read beside the pages: what the live map starts from, its style, the manifest, the rules for robots."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from gis_core.accounts.resolving import current_caller
from gis_core.admission.addresses import closed_to_robots
from gis_core.audiences import Caller
from gis_core.days import ZONE_NAME
from gis_core.layer import Layer
from gis_core.palette import PAGE_TONES
from gis_core.problems import Problem
from gis_core.reading import answered, registry
from gis_core.shares import Shares
from gis_core.words import Language
from tilesrv.styles.book import mode_named
from web import city, legend, showing
from web.map_style import height_model, map_style
from web.pages import PREFIXES, keep_private, refuse
from web.window import Box, to_degrees


def city_json(
    caller: Caller,
    known: Sequence[Layer],
    looks: dict[str, legend.Look],
    home_box: Box,
    language: Language,
    shares: Shares,
    day: date | None = None,
) -> dict[str, Any]:
    """What the live map starts from (web/src/lib/city.ts, ``City``)."""
    west, south = to_degrees(home_box[0], home_box[1])
    east, north = to_degrees(home_box[2], home_box[3])
    return {
        "prefix": PREFIXES[language],
        "home": [west, south, east, north],
        "layers": [legend.for_the_map(layer, looks[layer.id], caller) for layer in known],
        "shown": [layer.id for layer in known if layer.at_first],
        "closest": showing.CLOSEST,
        "zone": ZONE_NAME,
        "units": city.unit_points(caller, shares, day),
    }


def drawing_style(request: HttpRequest) -> HttpResponse:
    """What the live map draws, as MapLibre layers (web/src/map/style.ts, ``ServedStyle``)."""

    def drawing() -> dict[str, Any]:
        caller = current_caller(request)
        mode = mode_named(request.GET.get("mode", "day"))
        return map_style(registry().current(), caller, city.layers(caller), mode, height_model())

    try:
        drawn = answered(drawing)
    except Problem as problem:
        return refuse(request, problem)
    return keep_private(request, JsonResponse(drawn, json_dumps_params={"separators": (",", ":")}))


def manifest(request: HttpRequest, language: Language) -> HttpResponse:
    """The web app manifest, so that a phone can keep the map on its first screen."""
    tones = PAGE_TONES
    return JsonResponse(
        {
            "name": "Hương",
            "short_name": "Hương",
            "lang": language,
            "start_url": f"{PREFIXES[language]}/",
            "display": "standalone",
            "background_color": tones["bg"].light,
            "theme_color": tones["brand"].light,
            "icons": [{"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
        },
        content_type="application/manifest+json",
    )


def robots(request: HttpRequest) -> HttpResponse:
    """Pages of features are for search engines; tiles, events and filtered lists would only cost them and us."""
    lines = ["User-agent: *", *(f"Disallow: {rule}" for rule in closed_to_robots())]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
