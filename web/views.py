"""The pages of the citizen's map: useful as they leave the server, before and without script and WebGL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from gis_core.accounts.resolving import current_caller
from gis_core.audiences import Caller
from gis_core.layer import Layer
from gis_core.naming import Speaker, fields_of_name
from gis_core.palette import PAGE_TONES
from gis_core.problems import Problem
from gis_core.reading import answered, registry
from gis_core.shares import Shares
from gis_core.styles.standard import KINDS
from gis_core.words import Language
from tilesrv.styles.book import mode_named
from web import city, format, legend, picture, search, words
from web.map_style import height_model, map_style
from web.pages import PREFIXES, keep_private, page, refuse, show
from web.state import MAX_ZOOM, MapState, parse_box, parse_state
from web.window import Box, Window, to_degrees

PER_LAYER = 4  # rows of each layer in the list beside the map
WHOLE_LIST = 100
PIECES = 8  # features read for a row of a list of lines
STEP = 0.5  # part of the picture that a step to a side moves by
CLOSE = 16.0  # zoom at which a single point is shown

# What exists today of each of the three actions: the layer whose features are the next best thing.
ACTIONS = (("report", "reports"), ("warn", "sensors"), ("route", "roads"))


@page
def home(request: HttpRequest, language: Language) -> HttpResponse:
    """The map, its legend and the list of what is in it; the panel and the results where the address asks for them."""
    caller, state = current_caller(request), parse_state(request.GET)
    context = map_context(caller, state, language)
    context["actions"] = actions(context["looks"], language)
    context["whole"] = view_query(state)
    shares = context["shares"]
    context["in_view"] = in_view(
        caller, in_front(context), context["window"].box, PER_LAYER, language, shares
    )
    if state.feature is not None:
        context["panel"] = panel(caller, *state.feature, language)
    if state.q:
        context["found"] = results(caller, state, language)
    return show(request, language, "home.html", {**context, "missing": said_missing(shares, language)})


@page
def whole_list(request: HttpRequest, language: Language) -> HttpResponse:
    """Everything in the map's frame, by layer: the map for whoever does not use the map."""
    caller, state = current_caller(request), parse_state(request.GET)
    context = map_context(caller, state, language)
    shares = context["shares"]
    context["in_view"] = in_view(
        caller, context["shown"], context["window"].box, WHOLE_LIST, language, shares
    )
    return show(request, language, "list.html", {**context, "missing": said_missing(shares, language)})


@page
def beside(request: HttpRequest, language: Language) -> HttpResponse:
    """What stands beside the live map, for the frame ``box`` that it shows: list, key and data time, no picture."""
    caller, state = current_caller(request), parse_state(request.GET)
    box = parse_box(request.GET)
    known = city.layers(caller)
    shown = chosen(known, state)
    looks = {layer.id: legend.look(layer, caller, language) for layer in shown}
    shares = city.page_shares(caller)
    context = {
        "state": state,
        "looks": looks,
        "shown": shown,
        **key_of(caller, shown, looks, shares),
        "whole": view_query(state),
        "print_query": view_query(state),
    }
    context["in_view"] = in_view(caller, in_front(context), box, PER_LAYER, language, shares)
    return show(request, language, "beside.html", {**context, "missing": said_missing(shares, language)})


@page
def feature(request: HttpRequest, language: Language, *, layer: str, fid: int) -> HttpResponse:
    """One feature: its facts, its place on a picture, its links."""
    caller = current_caller(request)
    found = panel(caller, layer, fid, language)
    near = window_around(found["feature"])
    state = MapState().at(near.lon, near.lat, near.zoom)
    state = replace(state, layers=(*ground(caller), layer), feature=(layer, fid))
    context = map_context(caller, state, language)
    missing = said_missing(context["shares"], language)
    return show(request, language, "feature.html", {**context, "panel": found, "missing": missing})


@page
def search_page(request: HttpRequest, language: Language) -> HttpResponse:
    """Results of a search over every layer; without a text, the box alone."""
    state = parse_state(request.GET)
    context: dict[str, Any] = {"state": state, "found": results(current_caller(request), state, language)}
    return show(request, language, "search.html", context)


def map_context(caller: Caller, state: MapState, language: Language) -> dict[str, Any]:
    """Layers, legend and picture for a state; ``shares`` knows the layers that gave nothing."""
    shares = city.page_shares(caller)
    known = city.layers(caller)
    looks = {layer.id: legend.look(layer, caller, language) for layer in known}
    shown = chosen(known, state)
    home_box = city.extent(caller, shares)
    window = window_of(state, home_box)
    drawn = picture.draw(caller, [(layer, looks[layer.id]) for layer in shown], window, shares)
    metres, px = window.scale_bar(90)
    counts = city.counts(caller, known, shares)
    return {
        "state": state,
        "looks": looks,
        "shown": shown,
        "window": window,
        "picture": drawn,
        "symbols": picture.symbols_of(drawn, looks.values()),
        "selected": f"{state.feature[0]}/{state.feature[1]}" if state.feature else "",
        "scale": {"text": format.distance(metres, language), "px": round(px) + 2, "inner": round(px)},
        "moves": moves(state, window),
        "print_query": view_query(state),
        **key_of(caller, shown, looks, shares),
        "gone": sorted(set(state.layers or ()) - set(looks)),
        "groups": groups(known, shown, looks, counts, language),
        "city": city_json(caller, known, looks, home_box, language, shares),
        "shares": shares,
    }


def key_of(
    caller: Caller, shown: Sequence[Layer], looks: Mapping[str, legend.Look], shares: Shares
) -> dict[str, Any]:
    """What stands under the map: signs of what is on it, whether they are rough, and whose data all of it is."""
    in_key = [layer for layer in shown if not looks[layer.id].backdrop]
    model = height_model()
    return {
        "key": [looks[layer.id] for layer in in_key],
        "rough": city.roughly_drawn(caller, in_key, shares),
        "credits": sorted(
            {*(looks[layer.id].credit for layer in shown), model.credit if model else ""} - {""}
        ),
    }


def view_query(state: MapState) -> str:
    """What the list and the print page are told of the view: place and layers as the map has them."""
    return replace(state, feature=None, q="").query()


def in_front(context: Mapping[str, Any]) -> list[Layer]:
    """The shown layers that the list beside the map is about; the whole list has the ground too."""
    return [layer for layer in context["shown"] if not context["looks"][layer.id].backdrop]


def ground(caller: Caller) -> list[str]:
    """The layers under a feature that is shown alone."""
    known = {layer.id for layer in city.layers(caller)}
    wanted = ("units", "green", "water", "buildings")
    return [layer_id for layer_id, base in legend.BASES.items() if base in wanted and layer_id in known]


def chosen(known: Sequence[Layer], state: MapState) -> list[Layer]:
    """The layers that the state shows; the page's own choice where it names none."""
    if state.layers is None:
        return [layer for layer in known if city.shown_at_first(layer)]
    return [layer for layer in known if layer.id in state.layers]


def window_of(state: MapState, home_box: Box) -> Window:
    if state.zoom is None or state.lat is None or state.lon is None:
        return Window.fitting(home_box, picture.WIDTH, picture.HEIGHT)
    return Window(state.lon, state.lat, state.zoom, picture.WIDTH, picture.HEIGHT)


def window_around(found: city.Feature) -> Window:
    """The window that shows a feature whole, not closer than `CLOSE`."""
    window = Window.fitting(found.box, picture.WIDTH, picture.HEIGHT, margin=0.15)
    return window if window.zoom < CLOSE else replace(window, zoom=CLOSE)


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
) -> list[dict[str, Any]]:
    """The legend by group, in the order of ``known``."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    on = {layer.id for layer in shown}
    for layer in known:
        count = format.counted(counts[layer.id], city.MOST_COUNTED, language) if layer.id in counts else ""
        row = {"look": looks[layer.id], "on": layer.id in on, "count": count}
        grouped.setdefault(looks[layer.id].group, []).append(row)
    return [{"title": title, "rows": rows} for title, rows in grouped.items()]


def in_view(
    caller: Caller, shown: Sequence[Layer], box: Box, most: int, language: Language, shares: Shares
) -> list[dict[str, Any]]:
    """The list beside the map: the same layers, the same frame."""
    found = [
        shares.ask(
            layer,
            partial(city.in_view, caller, layer, box, most * pieces_of(layer)),
            city.InView(layer, [], 0),
        )
        for layer in shown
    ]
    speaker = Speaker(caller, language)
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


def panel(caller: Caller, layer_id: str, fid: int, language: Language) -> dict[str, Any]:
    """A feature for people: each field that has a value, with its label and its words."""
    found = city.feature(caller, layer_id, fid)
    layer = found.layer
    fields = layer.fields_for(caller.audience)
    speaker = Speaker(caller, language)
    speaker.learn(fields, [found.values])
    rows = [
        {"label": field.label.to(language), "value": speaker.value(field, found.values[field.name])}
        for field in fields
        if field.name != layer.label and found.values[field.name] not in (None, "")
    ]
    near = window_around(found)
    place = MapState(feature=(layer_id, fid)).at(near.lon, near.lat, near.zoom)
    return {
        "feature": found,
        "layer": legend.look(layer, caller, language),
        "rows": rows,
        "title": speaker.name(layer, found.values).title or unnamed(layer, fid, language),
        "on_map": place.query(),
        "lon": format.number(found.lon, language, 5),
        "lat": format.number(found.lat, language, 5),
    }


def said_missing(shares: Shares, language: Language) -> list[str]:
    """Of each layer that gave nothing, that it did not, and why."""
    return [each.to(language) for each in shares.missing]


def unnamed(layer: Layer, fid: int, language: Language) -> str:
    """What a feature without a name is called."""
    return f"{layer.title.to(language)} {fid}"


def results(caller: Caller, state: MapState, language: Language) -> dict[str, Any]:
    """What a search found, best first."""
    found = search.search(caller, state.q, language)
    missing = [each.to(language) for each in found.missing]
    return {
        "rows": found.rows,
        "point": found.point,
        "ambiguous": found.ambiguous,
        "cut": found.cut,
        "missing": missing,
    }


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


def city_json(
    caller: Caller,
    known: Sequence[Layer],
    looks: dict[str, legend.Look],
    home_box: Box,
    language: Language,
    shares: Shares,
) -> dict[str, Any]:
    """What the live map starts from (web/src/lib/city.ts, ``City``)."""
    west, south = to_degrees(home_box[0], home_box[1])
    east, north = to_degrees(home_box[2], home_box[3])
    return {
        "prefix": PREFIXES[language],
        "home": [west, south, east, north],
        "layers": [legend.for_the_map(layer, looks[layer.id], caller) for layer in known],
        "shown": [layer.id for layer in known if city.shown_at_first(layer)],
        "units": city.unit_points(caller, shares),
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
    rules = (
        "/tiles/",
        "/events/",
        "/search",
        "/en/search",
        "/list",
        "/en/list",
        "/print",
        "/en/print",
        "/admin/",
    )
    lines = ["User-agent: *", *(f"Disallow: {rule}" for rule in rules)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
