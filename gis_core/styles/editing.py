"""Styles that people change: those of a dataset, checked, kept with their history, live in every process in a second.

A layer declared in Python has its styles in code. Features, views and tiles of a dataset stay as they are when its
styles change; who sees a difference is told by an event ``S`` of the change feed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from gis_core.layer import Audience, DeclaredStyle, Layer
from gis_core.problems import Problem
from gis_core.reading import registry
from gis_core.registry import Published
from gis_core.styles.errors import StyleError
from gis_core.styles.model import MapStyle, parse_text
from gis_core.styles.standard import OVERVIEW_FIELDS, standard_layers, styles_of, visible_fields
from gis_core.words import Text, nfc

MOST_STYLES = 20
KEPT = 50  # states of a dataset's styles
LONGEST_TITLE = 80
SET_SQL = "select huong.set_styles(%s, %s::jsonb, %s, %s, %s, %s)"
HISTORY_SQL = "select id, at, actor, styles::text from huong.style_edit where layer = %s order by id desc"


@dataclass(frozen=True)
class Edit:
    """A state of a dataset's styles. ``actor`` is None for what stood before anybody edited."""

    id: int
    at: datetime
    actor: str | None
    styles: tuple[DeclaredStyle, ...]


# Reading and checking -------------------------------------------------------------------------------------------------


def read_style(layer: Layer, id: str, title: Text, text: str) -> DeclaredStyle:
    """A style of ``layer`` from the JSON text that somebody wrote; StyleError names the place of the fault.

    The text is MapLibre's ``layers``, or a style document that has them.
    """
    text, title = nfc(text), Text(nfc(title.vi).strip(), nfc(title.en).strip())
    title = Text(title.vi, title.en or title.vi)
    if not title.vi or max(len(title.vi), len(title.en)) > LONGEST_TITLE:
        raise StyleError(
            "title",
            f"cần tên bằng tiếng Việt, dài nhất {LONGEST_TITLE} ký tự",
            f"a title in Vietnamese is needed, of at most {LONGEST_TITLE} characters",
        )
    parse_text(text, id=id, title=title, collection=layer.id)
    given = json.loads(text)
    style = DeclaredStyle(
        id=id, title=title, layers=tuple(given["layers"] if isinstance(given, dict) else given)
    )
    require_drawable(layer, style)
    return style


def check_style(layer: Layer, style: DeclaredStyle) -> MapStyle:
    """``style`` parsed; StyleError where it is not of the subset or speaks of what ``layer`` has not."""
    text = json.dumps(style.layers, ensure_ascii=False)
    parsed = parse_text(text, id=style.id, title=style.title, collection=layer.id)
    require_drawable(layer, style)
    return parsed


def require_drawable(layer: Layer, style: DeclaredStyle) -> None:
    """Raise StyleError at a field that the layer's tiles do not have, and at a text that is no text."""
    tiled = {field.name: field.tiled for field in layer.fields}
    for path, node in _walk(list(style.layers), "layers"):
        if isinstance(node, str) and not _is_unicode(node):
            raise StyleError(path, "có ký tự không hợp lệ", "has characters that are none")
        match node:
            case ["get" | "has", str() as name] if name not in OVERVIEW_FIELDS and not tiled.get(name):
                if name in tiled:
                    raise StyleError(
                        f"{path}[1]",
                        f"trường “{name}” không có trong ô bản đồ nên không vẽ theo được",
                        f'the field "{name}" is not in the map tiles and cannot be drawn by',
                    )
                known = ", ".join(each for each in tiled if tiled[each]) or "-"
                raise StyleError(
                    f"{path}[1]",
                    f"lớp không có trường “{name[:60]}”; các trường: {known}",
                    f'the layer has no field "{name[:60]}"; its fields: {known}',
                )


def _walk(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each part of a JSON value with its path; what ``literal`` quotes is no expression, but its texts are texts."""
    yield path, node
    if isinstance(node, Mapping):
        for key, part in node.items():
            yield from _walk(part, f"{path}.{key}")
    elif isinstance(node, list) and node[:1] == ["literal"]:
        quoted = node[1] if len(node) > 1 and isinstance(node[1], list) else node[1:]
        yield from ((f"{path}[1]", part) for part in quoted)
    elif isinstance(node, list):
        for at, part in enumerate(node):
            yield from _walk(part, f"{path}[{at}]")


def _is_unicode(text: str) -> bool:
    """Half of a surrogate pair can be written in JSON and stored nowhere."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def check_styles(layer: Layer, styles: Sequence[DeclaredStyle]) -> None:
    """Raise StyleError, its path beginning ``styles[n]``, unless ``layer`` can be drawn in all of ``styles``."""
    if len(styles) > MOST_STYLES:
        raise StyleError("styles", f"nhiều hơn {MOST_STYLES} kiểu", f"more than {MOST_STYLES} styles")
    ids = [style.id for style in styles]
    for at, style in enumerate(styles):
        try:
            check_style(layer, style)
            if style.id in ids[:at]:
                raise StyleError("id", "mã này đã dùng", "this id is already used")
        except StyleError as error:
            raise StyleError(f"styles[{at}].{error.path}", *error.reason) from error


# Writing --------------------------------------------------------------------------------------------------------------


def set_styles(layer_id: str, styles: Sequence[DeclaredStyle], actor: str, *, seen: int | None = None) -> int:
    """Make ``styles`` those of the dataset, the first being how it is drawn; none brings back its look at birth.

    ``actor`` is who does it (``user:7``), ``seen`` the newest edit that he knew of. Returns the number of the edit.
    Raises StyleError, and Problem: 404 no such layer, 403 its styles stand in code, 409 somebody else was quicker.
    """
    published = dataset(layer_id)
    layer = published.layer
    check_styles(layer, styles)
    changed = replace(layer, styles=tuple(styles))
    audiences = sorted(each for each in layer.audiences if looks(layer, each) != looks(changed, each))
    encoded = msgspec.json.encode(tuple(styles)).decode()
    with connection.cursor() as cursor:
        cursor.execute(SET_SQL, [layer_id, encoded, audiences, actor, seen, KEPT])
        (made,) = cursor.fetchone()
    if made is None:
        raise edited_meanwhile()
    registry().current(fresh=True)
    return int(made)


def dataset(layer_id: str) -> Published:
    """The dataset as it stands now; Problem 404 for no such layer, 403 for one that is declared in code."""
    published = registry().current(fresh=True).layers.get(layer_id)
    if published is None:
        raise Problem(
            404,
            "no-such-collection",
            Text(f"Không có lớp dữ liệu “{layer_id[:80]}”.", f"There is no collection “{layer_id[:80]}”."),
        )
    if not published.dataset:
        raise Problem(
            403,
            "styles-in-code",
            Text(
                "Kiểu hiển thị của lớp này nằm trong mã nguồn, không sửa ở đây.",
                "The styles of this layer stand in the code and are not changed here.",
            ),
        )
    return published


def looks(layer: Layer, audience: Audience) -> tuple[MapStyle, ...]:
    """The layer's styles as ``audience`` may have them."""
    visible = {layer.id: visible_fields(layer, audience)}
    return tuple(style.seen_by(visible) for style in styles_of(layer))


def edited_meanwhile() -> Problem:
    return Problem(
        409,
        "edited-meanwhile",
        Text(
            "Có người khác vừa sửa kiểu hiển thị của lớp này. Hãy xem bản mới rồi sửa lại.",
            "Somebody else has just changed the styles of this layer. Look at theirs, then edit again.",
        ),
    )


def history(layer_id: str) -> list[Edit]:
    """The states of a dataset's styles, the newest (which stands now) first; empty where nobody has edited."""
    with connection.cursor() as cursor:
        cursor.execute(HISTORY_SQL, [layer_id])
        rows = cursor.fetchall()
    return [
        Edit(number, at, actor, msgspec.json.decode(text, type=tuple[DeclaredStyle, ...]))
        for number, at, actor, text in rows
    ]


def keeping_styles(layer: Layer, replaced: Layer) -> Layer:
    """``layer``, whose data take the place of ``replaced``, drawn as that was where it still can be."""
    kept = []
    for style in replaced.styles:
        try:
            check_style(layer, style)
        except StyleError:
            continue
        kept.append(style)
    return replace(layer, styles=tuple(kept))


# For whoever edits ----------------------------------------------------------------------------------------------------


def declared_styles(layer: Layer) -> tuple[DeclaredStyle, ...]:
    """The styles as they can be edited: those declared, else the one that the layer's look stands for."""
    first = styles_of(layer)[0]
    if any(each.id == first.id for each in layer.styles):
        return layer.styles
    made = DeclaredStyle(id=first.id, title=first.title, layers=tuple(standard_layers(layer)))
    return (made, *layer.styles)


def style_text(style: DeclaredStyle) -> str:
    """The style's layers as JSON for people: a line for what is short, indented where it is not."""
    return _written(list(style.layers), 0)


def _written(value: Any, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + 2 * depth <= 100 or not isinstance(value, dict | list):
        return flat
    pad, end = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_written(part, depth + 1)}" for key, part in value.items()]
    else:
        parts = [_written(part, depth + 1) for part in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{pad}" + f",\n{pad}".join(parts) + f"\n{end}{closing}"
