"""The form of a sheet: what its fields hold, what is wrong with them, and the address of the PDF that they ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import urlencode

from django.http import QueryDict

from gis_core.audiences import Caller
from gis_core.problems import Problem
from gis_core.styles.standard import KINDS
from gis_core.words import Text, nfc
from tilesrv.printing.asked import (
    GRIDS,
    LONGEST_TITLE,
    MOST_LAYERS,
    SCALES,
    SHEET_MODES,
    Asked,
    asked_for,
    title_of,
)
from tilesrv.printing.paper import ORIENTATIONS, PAPERS_MM, Orientation, layout
from tilesrv.styles.book import BASEMAP
from web import city
from web.coordinates import coordinates, written
from web.legend import BASES
from web.printing import places, scales, words
from web.printing.places import Choice, Place
from web.state import MapState, parse_day, parse_state
from web.window import Box, to_degrees

# The parameter of `/print/map.pdf` that a problem names, and the field of the form that it is about.
FIELDS = {"center": "place", "crs": "crs", "layers": "layers", "title": "title", "scale": "scale", "t": "t"}
CHOICES: Mapping[str, Sequence[str]] = {
    "paper": tuple(PAPERS_MM),
    "orientation": ORIENTATIONS,
    "crs": tuple(map(str, GRIDS)),
    "lang": ("vi", "en"),
    "mode": SHEET_MODES,
}
DRAWN_ORDER = {"area": 0, "line": 1, "point": 2}


@dataclass(frozen=True)
class Fields:
    """What stands in the form, as texts; ``layers`` in the order in which they are drawn.

    ``t`` is the day that is shown, as ISO 8601 has it; empty for today. ``pick`` is the feature (``layer/fid``) that
    was chosen for the name in ``place``, until another name stands there.
    """

    place: str = ""
    pick: str = ""
    scale: str = "5000"
    other: str = ""
    paper: str = "A4"
    orientation: str = "portrait"
    crs: str = "9214"
    layers: tuple[str, ...] = ()
    title: str = ""
    lang: str = "vi"
    mode: str = "print"
    t: str = ""

    def query(self, **changes: str) -> str:
        """The form's own address with these fields, ``?`` included, and with ``changes``."""
        given = {name: getattr(self, name) for name in Fields.__dataclass_fields__}
        given |= {"layers": ",".join(self.layers), **changes}
        return "?" + urlencode({name: value for name, value in given.items() if value}, safe=",/")


@dataclass
class Draft:
    """A form as far as it can be understood; ``asked`` is None while something is wrong with it."""

    fields: Fields
    errors: dict[str, Text] = field(default_factory=dict)
    choices: Sequence[Choice] = ()
    place: Place | None = None
    asked: Asked | None = None

    @property
    def address(self) -> str:
        """The PDF's address; of a draft without faults."""
        return f"/print/map.pdf?{urlencode(self.parameters(), safe=',')}"

    def parameters(self) -> dict[str, str]:
        """What `/print/map.pdf` is asked."""
        fields, place = self.fields, self.place
        assert place is not None
        given = {
            "center": f"{place.lon:.6f},{place.lat:.6f}",
            "scale": fields.other or fields.scale,
            "paper": fields.paper,
            "orientation": fields.orientation,
            "crs": fields.crs,
            "layers": ",".join(fields.layers),
            "lang": fields.lang,
            "mode": fields.mode if fields.mode != "print" else "",
            "title": fields.title,
            "t": fields.t,
        }
        return {name: value for name, value in given.items() if value}


def read_form(query: QueryDict, caller: Caller, language: str) -> Draft:
    """The draft that an address describes: a form that was sent, or a link from the map or a feature.

    Raises a 400 Problem for a link whose place is none; what somebody typed into the form is never one.
    """
    known = offered(caller)
    fields = sent(query, language, known) if "paper" in query else linked(query, caller, language, known)
    draft = Draft(fields)
    check_choices(draft)
    check_layers(draft, known)
    check_title(draft)
    check_day(draft)
    draft.place = find_place(draft, caller, language)
    check_scale(draft, fitted="fit" in query)
    if not draft.errors and draft.place is not None:
        try:
            draft.asked = asked_for(draft.parameters(), language)
        except Problem as problem:
            draft.errors[FIELDS.get(problem.parameter or "", "place")] = problem.detail
    return draft


def offered(caller: Caller) -> list[str]:
    """The names that can be printed, in the order in which they are drawn: the basemap, areas, lines, points."""
    own = [layer for layer in city.layers(caller) if layer.id not in BASES]
    own.sort(key=lambda layer: DRAWN_ORDER[KINDS[layer.geometry.type]])
    return [BASEMAP, *(layer.id for layer in own)]


def sent(query: QueryDict, language: str, known: Sequence[str]) -> Fields:
    """The fields of a form that was sent."""
    given = {
        name: nfc(query.get(name, "")).strip()
        for name in Fields.__dataclass_fields__
        if name != "layers" and name in query
    }
    # A script sends one ``layers`` with commas, a form one for each box that is ticked.
    asked = [name for text in query.getlist("layers") for name in text.split(",") if name]
    ranked = sorted(dict.fromkeys(asked), key=lambda name: known.index(name) if name in known else len(known))
    return replace(Fields(lang=language), **given, layers=tuple(ranked))


def linked(query: QueryDict, caller: Caller, language: str, known: Sequence[str]) -> Fields:
    """The fields that a link fills in: the view of a map (``z``, ``lat``, ``lon``, ``layers``), or a ``feature``."""
    state = parse_state(query)
    day = state.day.isoformat() if state.day is not None else ""
    fields = Fields(lang=language, layers=(BASEMAP, *layers_of(state, caller, known)), t=day)
    if state.zoom is not None and state.lat is not None and state.lon is not None:
        shown = scales.of_zoom(state.zoom, state.lat)
        return replace(fields, place=written(state.lon, state.lat, language), scale=str(shown))
    if state.feature is not None:
        key = f"{state.feature[0]}/{state.feature[1]}"
        if (found := places.of_feature(caller, key, language)) is not None:
            own = tuple(name for name in known if name == state.feature[0])
            day = found.day.isoformat() if found.day is not None else fields.t
            fields = replace(
                fields, layers=(BASEMAP, *own), title=found.title[:LONGEST_TITLE], pick=key, t=day
            )
            return replace(fields, place=found.name(language), scale=scale_showing(found.box))
    box = city.extent(caller)
    lon, lat = to_degrees((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    return replace(fields, place=written(lon, lat, language), scale=scale_showing(box))


def scale_showing(box: Box | None) -> str:
    """The scale at which a sheet as the form has it at first shows ``box`` (EPSG:3857), or the smallest there is."""
    first = Fields()
    paper = layout(first.paper, cast(Orientation, first.orientation))
    return str((scales.showing(box, int(first.crs), paper) if box else None) or SCALES[1])


def layers_of(state: MapState, caller: Caller, known: Sequence[str]) -> tuple[str, ...]:
    """The layers of a view that are not the basemap's own."""
    at_first = {layer.id for layer in city.layers(caller) if layer.at_first}
    shown = at_first if state.layers is None else set(state.layers)
    return tuple(name for name in known if name in shown)


def check_choices(draft: Draft) -> None:
    """What is chosen from a list is in it; else the list's first stands in the form again."""
    for name, known in CHOICES.items():
        if getattr(draft.fields, name) not in known:
            draft.errors[name] = words.NOT_OFFERED
            again: dict[str, Any] = {name: known[0]}
            draft.fields = replace(draft.fields, **again)


def check_layers(draft: Draft, known: Sequence[str]) -> None:
    gone = [name for name in draft.fields.layers if name not in known]
    if gone:
        draft.errors["layers"] = words.GONE_LAYERS.format(names=", ".join(name[:80] for name in gone[:10]))
        draft.fields = replace(draft.fields, layers=tuple(n for n in draft.fields.layers if n in known))
    elif not draft.fields.layers:
        draft.errors["layers"] = words.NO_LAYERS
    elif len(draft.fields.layers) > MOST_LAYERS:
        draft.errors["layers"] = words.MANY_LAYERS


def check_title(draft: Draft) -> None:
    title = draft.fields.title
    if len(title) > LONGEST_TITLE:
        draft.errors["title"] = words.LONG_TITLE.format(count=len(title))
        return
    try:
        title_of(title)
    except Problem:
        draft.errors["title"] = words.ODD_TITLE


def check_day(draft: Draft) -> None:
    try:
        parse_day({"t": draft.fields.t})
    except Problem:
        draft.errors["t"] = words.ODD_DAY


def find_place(draft: Draft, caller: Caller, language: str) -> Place | None:
    """The place that is typed or picked; where none is found, an error and perhaps choices in ``draft``."""
    text = draft.fields.place
    if draft.fields.pick:
        found = places.of_feature(caller, draft.fields.pick, language)
        if found is not None and text in ("", found.name(language)):
            draft.fields = replace(draft.fields, place=found.name(language))
            return found
        draft.fields = replace(draft.fields, pick="")
    try:
        pair = coordinates(text, int(draft.fields.crs))
    except ValueError:
        draft.errors["place"] = words.PLACE_OUT_OF_RANGE
        return None
    if pair is not None:
        return Place(*pair)
    if not text:
        draft.errors["place"] = words.NO_PLACE
        return None
    found_choices = places.choices(caller, text[:200], language)
    if len(found_choices) == 1:
        return places.of_feature(caller, found_choices[0].key, language)
    said = words.SEVERAL_PLACES if found_choices else words.UNKNOWN_PLACE
    draft.errors["place"] = said.format(text=text[:80])
    draft.choices = found_choices
    return None


def check_scale(draft: Draft, *, fitted: bool) -> None:
    """A scale of the list or another; ``fitted`` is that which shows the whole of the place."""
    fields, place = draft.fields, draft.place
    if fitted and place is not None and place.box is not None:
        paper = layout(fields.paper, cast(Orientation, fields.orientation), legend=has_legend(fields))
        if (scale := scales.showing(place.box, int(fields.crs), paper)) is not None:
            fields = replace(fields, scale=str(scale), other="")
    text = re.sub(r"^1\s*:|[\s.,]", "", fields.other) or fields.scale
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and SCALES[0] <= int(text) <= SCALES[1]):
        draft.errors["scale"] = words.NO_SCALE
        draft.fields = fields
        return
    listed = int(text) in scales.OFFERED
    draft.fields = replace(fields, scale=str(int(text)), other="" if listed else str(int(text)))


def has_legend(fields: Fields) -> bool:
    return any(name != BASEMAP for name in fields.layers)
