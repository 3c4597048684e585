"""Finding: the results of a search, what may be meant while it is typed, and what is at a place."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from gis_core.accounts.resolving import current_caller
from gis_core.audiences import CITIZEN, Caller
from gis_core.naming import JOINT, Speaker, fields_of_name
from gis_core.shares import Shares
from gis_core.words import Language
from web import city, format, nearby, search
from web.coordinates import written
from web.pages import PREFIXES, page, show
from web.said import said_missing, unnamed
from web.state import MapState, bad_spot, parse_state

NEAR_A_SPOT = 8
LEAST_TYPED = 2  # letters
MOST_SUGGESTED = 8
SUGGEST_S = 1.0  # for all layers of a suggestion together


@page
def place_page(request: HttpRequest, language: Language) -> HttpResponse:
    """A place by its coordinates: what lies there and what is near, and the way to the map that marks it."""
    caller, state = current_caller(request), parse_state(request.GET)
    if state.spot is None:
        raise bad_spot()
    context = spot_context(caller, state.spot, language, city.page_shares(caller))
    return show(request, language, "place.html", {"state": state, "spot": context})


def spot_context(
    caller: Caller, spot: tuple[float, float], language: Language, shares: Shares
) -> dict[str, Any]:
    """A place (EPSG:4326) for people: its coordinates, the areas that it lies in, what is near."""
    (lon, lat), speaker = spot, Speaker(caller, language, shares)
    there = nearby.lying_at(caller, lon, lat, shares)
    _, near_it = nearby.around(caller, lon, lat, shares)
    near_it = near_it[:NEAR_A_SPOT]
    named = [*there, *(each.named for each in near_it)]
    for layer in {each.layer.id: each.layer for each in named}.values():
        speaker.learn(
            fields_of_name(layer, caller.audience), [each.values for each in named if each.layer is layer]
        )

    def row(each: city.Named, under: str = "") -> dict[str, Any]:
        title = speaker.name(each.layer, each.values).title or unnamed(each.layer, each.fid, language)
        below = JOINT.join(filter(None, (under, each.layer.title.to(language))))
        return {"key": f"{each.layer.id}/{each.fid}", "title": title, "under": below}

    return {
        "title": written(lon, lat, language),
        "on_grid": search.on_grid(lon, lat, language),
        "at": f"{lat:.5f},{lon:.5f}",
        "query": MapState(spot=spot).at(lon, lat, search.POINT_ZOOM).query(),
        "there": [row(each) for each in there],
        "near": [row(each.named, format.away(each.metres, language)) for each in near_it],
        "missing": said_missing(shares, language),
    }


@page
def suggest(request: HttpRequest, language: Language) -> HttpResponse:
    """What the text that is being typed may mean (web/src/lib/suggest.ts): of what everybody may see, whoever asks."""
    text = parse_state(request.GET).q
    if len(text) < LEAST_TYPED:
        return JsonResponse({"hits": []})
    found = search.search(CITIZEN, text, language, SUGGEST_S)
    prefix = PREFIXES[language]
    hits = [
        (each.title, each.subtitle, f"{prefix}/feature/{each.layer_id}/{each.fid}")
        for each in found.ambiguous
    ]
    hits += [(row.hit.title, row.hit.subtitle, f"{prefix}/feature/{row.key}") for row in found.rows]
    if found.point is not None:
        hits.insert(0, (found.point.written, "WGS 84", f"{prefix}/{found.point.query}"))
    answer = JsonResponse({"hits": hits[:MOST_SUGGESTED]}, json_dumps_params={"ensure_ascii": False})
    answer["Cache-Control"] = "no-store" if found.missing else "private, max-age=60"
    return answer


@page
def search_page(request: HttpRequest, language: Language) -> HttpResponse:
    """Results of a search over every layer; without a text, the box alone."""
    state = parse_state(request.GET)
    context: dict[str, Any] = {"state": state, "found": results(current_caller(request), state, language)}
    return show(request, language, "search.html", context)


def results(caller: Caller, state: MapState, language: Language) -> dict[str, Any]:
    """What a search found, best first."""
    found = search.search(caller, state.q, language)
    missing = [each.to(language) for each in found.missing]
    return {
        "rows": found.rows,
        "point": found.point,
        "ambiguous": found.ambiguous,
        "cut": found.cut,
        "unsaid": [
            {"label": field.label.to(language), "word": field.asked[0 if language == "vi" else -1]}
            for field in found.unsaid
        ],
        "missing": missing,
    }
