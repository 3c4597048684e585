"""The pages of the citizen's map: useful as they leave the server, before and without script and WebGL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from gis_core.accounts.resolving import current_caller
from gis_core.audiences import Caller
from gis_core.days import last_day_before, today
from gis_core.layer import Layer
from gis_core.naming import Speaker, fields_of_name
from gis_core.shares import Shares
from gis_core.styles.standard import KINDS
from gis_core.words import Language
from web import city, documents, format, legend, nearby, picture, search, showing, words
from web.coordinates import written
from web.finding import results, spot_context
from web.map_style import height_model
from web.pages import PREFIXES, keep_private, page, show
from web.said import said_missing, unnamed
from web.sources import credits_of
from web.state import MAX_ZOOM, MapState, parse_box, parse_state, place_asked
from web.window import Box, Window, to_degrees

PER_LAYER = 4  # rows of each layer in the list beside the map
WHOLE_LIST = 100
PIECES = 8  # features read for a row of a list of lines
STEP = 0.5  # part of the picture that a step to a side moves by
MOST_STEPS = 3  # of the control of time

# What exists today of each of the three actions: the layer whose features are the next best thing.
ACTIONS = (("report", "reports"), ("warn", "sensors"), ("route", "roads"))


@page
def home(request: HttpRequest, language: Language) -> HttpResponse:
    """The map, its legend and the list of what is in it; the panel and the results where the address asks for them."""
    caller, state = current_caller(request), parse_state(request.GET)
    found = (
        panel(caller, *state.feature, language, city.page_shares(caller), whole=state.whole)
        if state.feature is not None
        else None
    )
    if found is not None:
        state = state_showing(state, found["feature"])
    elif state.spot is not None and not state.placed:
        state = state.at(*state.spot, search.POINT_ZOOM)
    context = map_context(caller, state, language, found)
    context["actions"] = actions(context["looks"], language)
    context["whole"] = view_query(state)
    shares = context["shares"]
    context["in_view"] = in_view(
        caller, in_front(context), context["window"].box, PER_LAYER, language, shares, state.day
    )
    context["panel"] = found
    if state.spot is not None and found is None:
        context["spot"] = spot_context(caller, state.spot, language, shares)
    if state.q:
        context["found"] = results(caller, state, language)
    return show(request, language, "home.html", {**context, "missing": said_missing(shares, language)})


@page
def whole_list(request: HttpRequest, language: Language) -> HttpResponse:
    """Everything in the map's frame, by layer: the map for whoever does not use the map."""
    caller, state = current_caller(request), parse_state(request.GET)
    context = map_context(caller, state, language)
    named = state.layers if state.layers else [layer.id for layer in context["drawn"]]
    listed = [layer for layer in context["drawn"] if layer.id in named or layer.of_now in named]
    shares = context["shares"]
    context["in_view"] = in_view(
        caller, listed, context["window"].box, WHOLE_LIST, language, shares, state.day, newest=True
    )
    return show(request, language, "list.html", {**context, "missing": said_missing(shares, language)})


@page
def beside(request: HttpRequest, language: Language) -> HttpResponse:
    """What stands beside the live map, for the frame ``box`` that it shows: list, key and data time, no picture."""
    caller, state = current_caller(request), parse_state(request.GET)
    box = parse_box(request.GET)
    known = city.layers(caller)
    drawn = showing.drawn_on(known, showing.ticked(known, state), state.day)
    looks = {layer.id: legend.look(layer, caller, language) for layer in drawn}
    shares = city.page_shares(caller)
    context = {
        "state": state,
        "looks": looks,
        "drawn": drawn,
        "today_query": replace(state, day=None, feature=None).query() or "?",
        **key_of(caller, drawn, looks, state.zoom, language, shares),
        "whole": view_query(state),
        "print_query": view_query(state),
    }
    context["in_view"] = in_view(caller, in_front(context), box, PER_LAYER, language, shares, state.day)
    if request.GET.get("with") == "layers":
        looks = {layer.id: legend.look(layer, caller, language) for layer in known}
        counts = city.counts(caller, known, shares, state.day or today())
        context["groups"] = groups(known, showing.ticked(known, state), looks, counts, language, state.day)
        context["window"] = window_of(state, box)
    return show(request, language, "beside.html", {**context, "missing": said_missing(shares, language)})


@page
def near(request: HttpRequest, language: Language) -> HttpResponse:
    """What is near a place, by distance; the place is in the question alone, never in the page's address."""
    caller = current_caller(request)
    lon, lat = place_asked(request.GET)
    shares = city.page_shares(caller)
    unit, found = nearby.around(caller, lon, lat, shares)
    speaker = Speaker(caller, language, shares)
    for near_layer in {each.named.layer.id: each.named.layer for each in found}.values():
        of_layer = [each.named.values for each in found if each.named.layer is near_layer]
        speaker.learn(fields_of_name(near_layer, caller.audience), of_layer)
    rows = [
        {
            "found": each,
            "title": speaker.name(each.named.layer, each.named.values).title
            or unnamed(each.named.layer, each.named.fid, language),
            "away": format.away(each.metres, language),
            "layer": each.named.layer.title.to(language),
        }
        for each in found
    ]
    unit_name = speaker.name(unit.layer, unit.values).title if unit else ""
    context = {
        "state": MapState(),
        "unit": unit,
        "unit_name": unit_name,
        "rows": rows,
        "missing": said_missing(shares, language),
    }
    return show(request, language, "near.html", context)


@page
def map_names(request: HttpRequest, language: Language) -> HttpResponse:
    """The names of the units of a day with their places, for the live map (web/src/lib/city.ts, ``City.units``)."""
    caller, day = current_caller(request), parse_state(request.GET).day
    units = city.unit_points(caller, city.page_shares(caller), day)
    return keep_private(request, JsonResponse({"units": units}))


@page
def feature(
    request: HttpRequest, language: Language, *, layer: str, fid: int, whole: bool = False
) -> HttpResponse:
    """One feature, or the whole line of which it is a piece: its facts, its place on a picture, its links."""
    caller = current_caller(request)
    found = panel(caller, layer, fid, language, city.page_shares(caller), whole=whole)
    state = showing.state_of(found["feature"], ())
    state = state_showing(replace(state, layers=(*legend.BASES, layer)), found["feature"])
    context = map_context(caller, state, language, found)
    missing = said_missing(context["shares"], language)
    return show(request, language, "feature.html", {**context, "panel": found, "missing": missing})


def state_showing(state: MapState, found: city.Feature) -> MapState:
    """``state`` on a day on which its feature is valid, and around it where the address names no place."""
    state = replace(state, day=showing.day_for(found, state.day))
    near = showing.window_for(found)
    return state if state.placed else state.at(near.lon, near.lat, near.zoom)


def map_context(
    caller: Caller, state: MapState, language: Language, chosen: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Layers, legend and picture for a state; ``chosen`` is the `panel` of the feature that the picture shows, and
    ``shares`` knows the layers that gave nothing."""
    shares = city.page_shares(caller)
    known = city.layers(caller)
    looks = {layer.id: legend.look(layer, caller, language) for layer in known}
    shown = showing.ticked(known, state)
    drawn_layers = showing.drawn_on(known, shown, state.day)
    looks_now = showing.looks_on(looks, state.day, drawn_layers)
    day = state.day or today()
    home_box = city.extent(caller, shares)
    window = window_of(state, home_box)
    drawn = picture.draw(
        caller, [(layer, looks_now[layer.id]) for layer in drawn_layers], window, shares, day
    )
    if chosen is not None:
        found = chosen["feature"]
        picture.add_chosen(
            drawn, caller, found.layer, chosen["fids"], chosen["map_name"] or chosen["title"], shares
        )
    elif state.spot is not None:
        picture.add_spot(drawn, *state.spot, written(*state.spot, language))
    metres, px = window.scale_bar(90)
    counts = city.counts(caller, known, shares, day)
    return {
        "state": state,
        "looks": looks,
        "shown": shown,
        "drawn": drawn_layers,
        "window": window,
        "picture": drawn,
        "symbols": picture.symbols_of(drawn, looks.values()),
        "selected": f"{state.feature[0]}/{state.feature[1]}" if state.feature else "",
        "scale": {"text": format.distance(metres, language), "px": round(px) + 2, "inner": round(px)},
        "moves": moves(state, window),
        "print_query": view_query(state),
        "on_map_query": replace(
            state, layers=tuple(layer.id for layer in shown) if state.layers else None
        ).query(),
        "today_query": replace(state, day=None, feature=None).query() or "?",
        "timeline": timeline(caller, known, drawn_layers, state, language, shares),
        **key_of(caller, drawn_layers, looks, window.zoom + 1, language, shares),  # a picture is a small map
        "gone": sorted(set(state.layers or ()) - set(looks)),
        "groups": groups(known, shown, looks, counts, language, state.day),
        "city": documents.city_json(caller, known, looks, home_box, language, shares, state.day),
        "shares": shares,
    }


def key_of(
    caller: Caller,
    shown: Sequence[Layer],
    looks: Mapping[str, legend.Look],
    zoom: float | None,
    language: Language,
    shares: Shares,
) -> dict[str, Any]:
    """What stands under the map: signs of what is drawn at ``zoom``, whether they are rough, and whose data it is."""
    drawn = [layer for layer in shown if zoom is None or layer.zoom[0] <= zoom < layer.zoom[1] + 1]
    in_key = [layer for layer in drawn if not looks[layer.id].backdrop]
    model = height_model()
    credits = credits_of(caller, drawn, language, shares)
    return {
        "key": [looks[layer.id] for layer in in_key],
        "rough": city.roughly_drawn(caller, in_key, shares),
        "credits": [*credits, *([model.credit] if model and model.credit else [])],
    }


def view_query(state: MapState) -> str:
    """What the list and the print page are told of the view: place and layers as the map has them."""
    return replace(state, feature=None, spot=None, q="").query()


def in_front(context: Mapping[str, Any]) -> list[Layer]:
    """The drawn layers that the list beside the map is about; the whole list has the ground too."""
    return [layer for layer in context["drawn"] if not context["looks"][layer.id].backdrop]


def timeline(
    caller: Caller,
    known: Sequence[Layer],
    drawn: Sequence[Layer],
    state: MapState,
    language: Language,
    shares: Shares,
) -> dict[str, Any] | None:
    """What the control of time offers: the last days before something changed; None where nothing is of a time."""
    timed = [layer for layer in known if layer.of_now is not None or (layer in drawn and layer.has_intervals)]
    if not timed:
        return None
    changes = city.days_of_change(caller, timed, shares)
    return {
        "layers": [layer.title.to(language) for layer in timed],
        "steps": [
            {
                "before": day,
                "day": (eve := last_day_before(day)),
                "address": replace(state, day=eve, feature=None).query(),
            }
            for day in changes[:MOST_STEPS]
        ],
    }


def window_of(state: MapState, home_box: Box) -> Window:
    if state.zoom is None or state.lat is None or state.lon is None:
        return Window.fitting(home_box, picture.WIDTH, picture.HEIGHT)
    return Window(state.lon, state.lat, state.zoom, picture.WIDTH, picture.HEIGHT)


def moves(state: MapState, window: Window) -> dict[str, str]:
    """The picture's neighbours as queries: what dragging and pinching do where there is no script."""
    minx, miny, maxx, maxy = window.box
    x, y = (minx + maxx) / 2, (miny + maxy) / 2
    dx, dy = (maxx - minx) * STEP, (maxy - miny) * STEP

    def to(east: float, north: float, zoom: float = 0) -> str:
        lon, lat = to_degrees(x + east * dx, y + north * dy)
        return state.at(lon, lat, window.zoom + zoom).query()

    return {
        "zoom_in": to(0, 0, 1) if window.zoom < MAX_ZOOM else "",
        "zoom_out": to(0, 0, -1),
        "north": to(0, 1),
        "south": to(0, -1),
        "east": to(1, 0),
        "west": to(-1, 0),
        "home": replace(state, zoom=None, lat=None, lon=None).query() or "?",
        "here": state.at(window.lon, window.lat, window.zoom).query(),
    }


def groups(
    known: Sequence[Layer],
    shown: Sequence[Layer],
    looks: dict[str, legend.Look],
    counts: dict[str, int],
    language: Language,
    day: date | None = None,
) -> list[dict[str, Any]]:
    """The legend by group, in the order of ``known``; each row says whether it is ``of`` the day of the map."""
    through_time = {layer.of_now: layer for layer in known if layer.of_now is not None}
    grouped: dict[str, list[dict[str, Any]]] = {}
    on = {layer.id for layer in shown}
    for layer in known:
        # On a map of another day, those through time stand for those of today.
        then = through_time.get(layer.id, layer) if day is not None else layer
        count = format.counted(counts[then.id], city.MOST_COUNTED, language) if then.id in counts else ""
        of = "" if day is None else "then" if then.has_intervals else "today"
        row = {"look": looks[layer.id], "on": layer.id in on, "count": count, "of": of}
        grouped.setdefault(looks[layer.id].group, []).append(row)
    return [{"title": title, "rows": rows} for title, rows in grouped.items()]


def in_view(
    caller: Caller,
    shown: Sequence[Layer],
    box: Box,
    most: int,
    language: Language,
    shares: Shares,
    day: date | None = None,
    *,
    newest: bool = False,
) -> list[dict[str, Any]]:
    """The list beside the map: the same layers, the same frame, the same day; ``newest`` as in `city.in_view`."""
    found = city.views(caller, shown, box, lambda layer: most * pieces_of(layer), shares, day, newest=newest)
    speaker = Speaker(caller, language, shares)
    groups = []
    for each in found:
        if each.features:
            rows = list_rows(each.layer, each.features, speaker, caller, language)[:most]
            groups.append(
                {
                    "layer": each.layer.id,
                    "title": each.layer.title.to(language),
                    "features": rows,
                    "count": format.counted(each.count, city.MOST_COUNTED, language),
                    "newest": newest and city.has_moments(each.layer, caller),
                    "more": each.count > sum(row["pieces"] for row in rows),
                }
            )
    return groups


def pieces_of(layer: Layer) -> int:
    """How many features are read for each row of a list: of lines a row holds all the pieces of one name."""
    return PIECES if KINDS[layer.geometry.type] == "line" else 1


def list_rows(
    layer: Layer, features: Sequence[city.Named], speaker: Speaker, caller: Caller, language: Language
) -> list[dict[str, Any]]:
    """Rows of a list, nearest first; the pieces of a line of one name are one row, that of the nearest."""
    speaker.learn(fields_of_name(layer, caller.audience), [one.values for one in features])
    rows: dict[object, dict[str, Any]] = {}
    for one in features:
        name = speaker.name(layer, one.values)
        key = name.title if name.title and pieces_of(layer) > 1 else one.fid
        if key in rows:
            rows[key]["pieces"] += 1
        else:
            title = name.title or unnamed(layer, one.fid, language)
            rows[key] = {"fid": one.fid, "title": title, "under": name.under, "pieces": 1}
    return list(rows.values())


def panel(
    caller: Caller, layer_id: str, fid: int, language: Language, shares: Shares, *, whole: bool = False
) -> dict[str, Any]:
    """A feature for people: each field that has a value, with its label and its words.

    ``whole`` is the line of which it is a piece: what all its pieces have in common.
    """
    found = city.feature(caller, layer_id, fid)
    layer = found.layer
    pieces = city.whole(caller, found, shares) if whole else None
    if pieces is not None:
        found = replace(found, box=pieces.box)
    fids = pieces.fids if pieces is not None else [fid]
    fields = layer.fields_for(caller.audience)
    speaker = Speaker(caller, language, shares)
    speaker.learn(fields, [found.values])
    rows = [
        {"label": field.label.to(language), "value": speaker.value(field, found.values[field.name])}
        for field in fields
        if field.name != layer.label
        and found.values[field.name] not in (None, "")
        and (pieces is None or field.name in pieces.shared)
    ]
    first, last = showing.validity(found)
    west, south = to_degrees(found.box[0], found.box[1])
    east, north = to_degrees(found.box[2], found.box[3])
    return {
        "feature": found,
        "key": f"{layer.id}/{fid}{'/all' if whole else ''}",
        "fids": fids,
        # What the live map shows it by (web/src/lib/showing.ts); degrees, and days of the city.
        "extent": ",".join(f"{each:.6f}" for each in (west, south, east, north)),
        "point": f"{found.lon:.6f},{found.lat:.6f}",
        "valid_from": first.isoformat() if first else "",
        "valid_last": last.isoformat() if last else "",
        "layer": legend.look(layer, caller, language),
        "rows": rows,
        "missing": said_missing(shares, language),
        "title": speaker.name(layer, found.values).title or unnamed(layer, fid, language),
        "map_name": map_name(found, caller, speaker),
        "on_map": replace(showing.state_of(found, city.layers(caller)), whole=whole).query(),
        "lon": format.number(found.lon, language, 5),
        "lat": format.number(found.lat, language, 5),
    }


def map_name(found: city.Feature, caller: Caller, speaker: Speaker) -> str:
    """What the map writes beside the feature: short, since its place and its neighbours say the rest."""
    name = city.map_label(found.layer, caller)
    raw = found.values.get(name) if name else None
    return speaker.value(found.layer.field(name), raw) if name and raw not in (None, "") else ""


def actions(looks: dict[str, legend.Look], language: Language) -> list[dict[str, str]]:
    """The three things a citizen will do here, and what of each exists already."""
    w = words.Spoken(language)
    return [
        {
            "title": getattr(w, name),
            "soon": getattr(w, f"{name}_soon"),
            "now": getattr(w, f"{name}_now"),
            "address": f"{PREFIXES[language]}/list?layers={layer}" if layer in looks else "",
        }
        for name, layer in ACTIONS
    ]
