"""The page on which staff edit the styles of a dataset: what it shows, and what its buttons do.

Without script each button is a form; the island adds a map that follows the typing (web/src/style-editor.ts).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.http import QueryDict

from gis_core.accounts.models import User
from gis_core.audiences import Caller
from gis_core.layer import DeclaredStyle, Layer
from gis_core.palette import MAP_TONES, TEXT_TONES
from gis_core.registry import Published
from gis_core.styles.colours import Mode
from gis_core.styles.editing import (
    Edit,
    declared_styles,
    history,
    read_style,
    set_styles,
    style_text,
)
from gis_core.styles.errors import StyleError
from gis_core.styles.standard import KINDS, styles_of, visible_fields
from gis_core.words import Text
from web import format, legend, picture, words
from web.city import HUE
from web.map_style import drawn, height_model
from web.style_words import DONE, ID_TAKEN
from web.window import Box, Window, to_degrees, to_mercator

NEW = "new"  # not a style's id in the page's address, but the form of one that is to be added
SPARE_IDS = tuple(f"style-{number}" for number in range(2, 100))
EXTENT_SQL = "select west, south, east, north from huong.extent where layer = %s and audience = %s"


@dataclass(frozen=True)
class Draft:
    """A style as it stands in the form, valid or not. ``was`` is the id that it is saved under, empty for a new one."""

    was: str
    id: str
    title: Text
    text: str

    @classmethod
    def of(cls, style: DeclaredStyle) -> Draft:
        return cls(style.id, style.id, style.title, style_text(style))

    @classmethod
    def sent(cls, form: QueryDict) -> Draft:
        def given(name: str) -> str:
            return form.get(name, "").strip()

        return cls(given("was"), given("id"), Text(given("title_vi"), given("title_en")), given("text"))


def draft_named(layer: Layer, name: str) -> Draft:
    """The style to begin with: the one called ``name``, for a new one a copy of the first, else the first."""
    styles = declared_styles(layer)
    if name == NEW:
        taken = {style.id for style in styles}
        spare = next(each for each in SPARE_IDS if each not in taken)
        return replace(Draft.of(styles[0]), was="", id=spare, title=Text("", ""))
    return Draft.of(next((style for style in styles if style.id == name), styles[0]))


# What the buttons do --------------------------------------------------------------------------------------------------


def checked(layer: Layer, draft: Draft) -> DeclaredStyle:
    """The style that the form describes; StyleError with the place of its fault."""
    style = read_style(layer, draft.id, draft.title, draft.text)
    if style.id != draft.was and any(each.id == style.id for each in declared_styles(layer)):
        raise StyleError("id", *ID_TAKEN)
    return style


def carry_out(published: Published, form: QueryDict, actor: str) -> tuple[str, Text]:
    """Do what the pressed button says: the style to show next, and what was done. StyleError; Problem 403, 404, 409."""
    layer, does = published.layer, form.get("do", "save")
    known = form.get("seen", "")
    seen = int(known) if known.isdecimal() else None
    if does == "restore":
        wanted = next((edit.styles for edit in history(layer.id) if str(edit.id) == form.get("edit")), None)
        set_styles(layer.id, layer.styles if wanted is None else wanted, actor, seen=seen)
        return "", DONE["restore"]
    draft, styles = Draft.sent(form), list(declared_styles(layer))
    at = next((n for n, style in enumerate(styles) if style.id == draft.was), None)
    if does == "save" or at is None:
        style = checked(layer, draft)
        styles = [*styles, style] if at is None else [*styles[:at], style, *styles[at + 1 :]]
        shown, does = style.id, "save"
    else:
        style = styles.pop(at)
        if does == "first":
            styles.insert(0, style)
        shown = style.id if does == "first" else ""
    set_styles(layer.id, styles, actor, seen=seen)
    return shown, DONE.get(does, DONE["delete"]).format(title=style.title.vi)


# What the page shows --------------------------------------------------------------------------------------------------


def context(published: Published, caller: Caller, draft: Draft, language: str) -> dict[str, Any]:
    """The page of a layer with ``draft`` in its form."""
    layer = published.layer
    edits = history(layer.id) if published.dataset else []
    return {
        "layer": layer,
        "title": layer.title.to(language),
        "language": language,
        "draft": draft,
        "styles": [
            {"id": style.id, "title": style.title.to(language), "first": at == 0}
            for at, style in enumerate(declared_styles(layer))
        ],
        "fields": [
            {"name": field.name, "label": field.label.to(language), "codes": [code.value for code in field.codes]}
            for field in layer.fields_for(caller.audience)
            if field.tiled
        ],
        "tokens": [f"@{name}" for name in (*MAP_TONES, *TEXT_TONES, "no-data")],
        "history": rows_of(edits),
        "seen": edits[0].id if edits else 0,
        "island_words": words.for_islands(language),
    }  # fmt: skip


def rows_of(edits: Sequence[Edit]) -> list[dict[str, Any]]:
    """The history for people: when, who by name, how many styles."""
    numbers = {int(e.actor[5:]) for e in edits if e.actor and e.actor.startswith("user:")}
    names = dict(User.objects.filter(pk__in=numbers).values_list("pk", "username"))
    return [
        {
            "id": edit.id,
            "at": format.moment(edit.at),
            "actor": names.get(int(edit.actor[5:]), edit.actor)
            if edit.actor and edit.actor.startswith("user:")
            else edit.actor or "",
            "styles": ", ".join(style.id for style in edit.styles),
            "first": at == 0,
        }
        for at, edit in enumerate(edits)
    ]


def sketch(layer: Layer, style: DeclaredStyle | None, caller: Caller, language: str) -> dict[str, Any]:
    """The server's picture of the layer in ``style`` (its first with None), as the page's templates draw it."""
    shown = layer if style is None else replace(layer, styles=(style,))
    look = legend.look(shown, caller, language)
    window = Window.fitting(extent_of(layer, caller), picture.WIDTH, picture.HEIGHT)
    drawn_picture = picture.draw(caller, [(shown, look)], window)
    return {
        "picture": drawn_picture,
        "symbols": picture.symbols_of(drawn_picture, [look]),
        "window": window,
        "looks": {layer.id: look},
        "selected": "",
    }


def for_preview(layer: Layer, style: DeclaredStyle, caller: Caller) -> dict[str, Any]:
    """The style as the live preview draws it: what the caller may see of it, by day and by night."""
    (parsed,) = (each for each in styles_of(replace(layer, styles=(style,))) if each.id == style.id)
    seen = parsed.seen_by({layer.id: visible_fields(layer, caller.audience)})
    modes: tuple[Mode, Mode] = ("day", "night")
    return {mode: drawn(seen.in_mode(mode), height_model(), f"{layer.id}:") for mode in modes}


def extent_of(layer: Layer, caller: Caller) -> Box:
    """Where the caller sees anything of the layer, EPSG:3857; Huế where that is nowhere."""
    with connection.cursor() as cursor:
        cursor.execute(EXTENT_SQL, [layer.id, caller.audience])
        row = cursor.fetchone()
    if row is None or row[0] is None:
        return HUE
    west, south, east, north = row
    return *to_mercator(west, south), *to_mercator(east, north)


def preview_json(layer: Layer, caller: Caller, check: str) -> dict[str, Any]:
    """What the island starts from (web/src/style-editor.ts, ``Setting``)."""
    box = extent_of(layer, caller)
    return {
        "layer": layer.id,
        "kind": KINDS[layer.geometry.type],
        "home": [*to_degrees(box[0], box[1]), *to_degrees(box[2], box[3])],
        "check": check,
    }
