"""A style, parsed: what is drawn, from the ground up. ``parse_style`` takes nothing that a renderer would not draw."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from gis_core.layer import NAME
from gis_core.styles.colours import Colour, Mode
from gis_core.styles.errors import StyleError
from gis_core.styles.folding import settle
from gis_core.styles.nodes import (
    Case,
    Coalesce,
    Expr,
    Get,
    Has,
    Interpolate,
    Literal,
    Match,
    Step,
    fields_in,
    rebuilt,
)
from gis_core.styles.nodes import children as children_of
from gis_core.styles.properties import DRAWING_FEATURES, PROPERTIES, LayerType
from gis_core.styles.reader import read_filter, read_property
from gis_core.words import Text, nfc

MOST_BYTES = 256 * 1024
MOST_LAYERS = 100
ZOOMS = (0.0, 24.0)
LAYER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}")
STYLE_ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
KEYS = frozenset(
    {"id", "type", "source-layer", "minzoom", "maxzoom", "filter", "paint", "layout", "metadata"}
)
CELL = "_cell"  # the attribute of an overview's cells, which stand for many features (tilesrv)


@dataclass(frozen=True)
class StyleLayer:
    """One drawing. ``collection`` is the layer whose features are drawn; None for ``background`` and rasters.

    Drawn from ``minzoom`` up to, but not at, ``maxzoom`` (MapLibre's zooms). Properties that are not given have the
    defaults of `PROPERTIES`. ``part`` is what of a tile is drawn where it is not the features themselves (`parts`).
    """

    id: str
    type: LayerType
    collection: str | None
    minzoom: float = 0.0
    maxzoom: float = 24.0
    filter: Expr | None = None
    properties: Mapping[str, Expr] = field(default_factory=lambda: MappingProxyType({}))
    part: str = ""

    def get(self, name: str) -> Expr:
        """The value of property ``name``, its default where it is not given; KeyError for a name of another type."""
        given = self.properties.get(name)
        return given if given is not None else Literal(PROPERTIES[self.type][name].default)

    def is_drawn_at(self, zoom: float) -> bool:
        return self.minzoom <= zoom < self.maxzoom and self.get("visibility") == Literal("visible")

    def where_only(self, present: Set[str]) -> StyleLayer:
        """The drawing of features that have no other fields than those: what is null for all is evaluated away."""
        absent = self.fields() - present
        return _without(self, absent) if absent else self

    def fields(self) -> set[str]:
        """The properties of features that this drawing speaks of."""
        found = fields_in(self.filter) if self.filter is not None else set()
        return found.union(*(fields_in(expr) for expr in self.properties.values()))


@dataclass(frozen=True)
class MapStyle:
    """A named style: of one layer, or of a map of several. ``layers`` are drawn in their order, the first lowest."""

    id: str
    title: Text
    layers: tuple[StyleLayer, ...]

    def collections(self) -> list[str]:
        """The collections that are drawn, each once, the lowest first."""
        return list(dict.fromkeys(each.collection for each in self.layers if each.collection is not None))

    def fields(self, collection: str) -> set[str]:
        """The properties of ``collection`` that its drawings speak of."""
        return set().union(*(each.fields() for each in self.layers if each.collection == collection))

    def seen_by(self, visible: Mapping[str, Set[str]]) -> MapStyle:
        """The style for readers to whom each collection shows the ``visible`` fields; nothing else is spoken of.

        A field that is not for them is null, as it would be in their view, and what it was compared with is not told;
        a collection that is not for them is not drawn.
        """
        kept = []
        for layer in self.layers:
            if layer.collection is None:
                kept.append(layer)
            elif layer.collection in visible:
                kept.append(layer.where_only(visible[layer.collection] | {CELL}))
        return replace(self, layers=tuple(kept))

    def in_mode(self, mode: Mode) -> MapStyle:
        """The style with the palette's names replaced by its colours of ``mode``."""
        return replace(self, layers=tuple(_coloured(each, mode) for each in self.layers))


def _coloured(layer: StyleLayer, mode: Mode) -> StyleLayer:
    kinds = PROPERTIES[layer.type]
    return replace(
        layer,
        properties={
            name: _painted(expr, mode) if kinds[name].kind == "colour" else expr
            for name, expr in layer.properties.items()
        }
        | _pattern(layer, mode),
    )


def _pattern(layer: StyleLayer, mode: Mode) -> dict[str, Expr]:
    """The hatching of what has no data, which is lighter by night: patterns have colours of their own."""
    hatched = mode == "night" and layer.properties.get("fill-pattern") == Literal("hatch")
    return {"fill-pattern": Literal("hatch-night")} if hatched else {}


def _painted(expr: Expr, mode: Mode) -> Expr:
    """``expr`` with names of the palette among its results; what it compares with are no colours."""

    def of(part: Expr) -> Expr:
        return _painted(part, mode)

    match expr:
        case Literal(str() as text) if text.startswith("@"):
            return Literal(Colour.parse(text, mode).css)
        case Match(input, cases, default):
            return Match(input, tuple((labels, of(out)) for labels, out in cases), of(default))
        case Case(tests, default):
            return Case(tuple((test, of(out)) for test, out in tests), of(default))
        case Step(input, first, stops):
            return Step(input, of(first), tuple((at, of(out)) for at, out in stops))
        case Interpolate(base, input, stops):
            return Interpolate(base, input, tuple((at, of(out)) for at, out in stops))
        case Coalesce(terms):
            return Coalesce(tuple(of(term) for term in terms))
    return expr


def _without(layer: StyleLayer, hidden: Set[str]) -> StyleLayer:
    def blind(expr: Expr) -> Expr:
        if isinstance(expr, Get) and expr.name in hidden:
            return Literal(None)
        if isinstance(expr, Has) and expr.name in hidden:
            return Literal(False)
        return rebuilt(expr, tuple(blind(child) for child in children_of(expr)))

    seen = {name: settle(blind(expr)) for name, expr in layer.properties.items()}
    return replace(
        layer,
        filter=settle(blind(layer.filter)) if layer.filter is not None else None,
        properties={name: expr for name, expr in seen.items() if expr != Literal(None)},
    )


def parse_text(text: str | bytes, *, id: str, title: Text, collection: str | None = None) -> MapStyle:
    """A style from the JSON text of its layers (an array, or a style document with ``layers``).

    StyleError with the path of what is not of the subset, too long, or no JSON.
    """
    if len(text) > MOST_BYTES:
        raise StyleError(
            "", f"kiểu hiển thị lớn hơn {MOST_BYTES // 1024} kB", f"larger than {MOST_BYTES // 1024} kB"
        )
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f"{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise StyleError(where, "không phải JSON", "this is no JSON") from error
    if isinstance(given, dict):
        given = given.get("layers")
    return parse_layers(given, id=id, title=title, collection=collection)


def parse_layers(given: Any, *, id: str, title: Text, collection: str | None = None) -> MapStyle:
    """A style from MapLibre's ``layers``. ``collection`` is what layers without ``source-layer`` draw, and with it
    given no other may be drawn. StyleError with the path of what is not of the subset."""
    if not STYLE_ID.fullmatch(id):
        raise StyleError("id", "mã phải là chữ thường không dấu", "the id must be lower-case ASCII letters")
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_LAYERS:
        raise StyleError(
            "layers",
            f"phải là danh sách 1 đến {MOST_LAYERS} lớp",
            f"must be a list of 1 to {MOST_LAYERS} layers",
        )
    layers = tuple(_layer(each, f"layers[{at}]", collection) for at, each in enumerate(given))
    ids = [layer.id for layer in layers]
    for at, layer in enumerate(layers):
        if layer.id in ids[:at]:
            raise StyleError(f"layers[{at}].id", "mã này đã dùng", "this id is already used")
    return MapStyle(id, title, layers)


def _layer(given: Any, path: str, collection: str | None) -> StyleLayer:
    if not isinstance(given, dict):
        raise StyleError(path, "phải là đối tượng", "must be an object")
    for key in given:
        if key not in KEYS - {"metadata"}:
            raise StyleError(f"{path}.{str(key)[:60]}", "không thuộc tập con", "is not of the subset")
    if not isinstance(given.get("id"), str) or not LAYER_ID.fullmatch(given["id"]):
        raise StyleError(f"{path}.id", "thiếu hoặc không hợp lệ", "is missing or malformed")
    type = _type(given.get("type"), f"{path}.type")
    low = _zoom(given.get("minzoom", ZOOMS[0]), f"{path}.minzoom")
    high = _zoom(given.get("maxzoom", ZOOMS[1]), f"{path}.maxzoom")
    if low >= high:
        raise StyleError(f"{path}.maxzoom", "phải lớn hơn minzoom", "must be above minzoom")
    drawn = _collection(given.get("source-layer"), type, collection, path)
    return StyleLayer(
        id=nfc(given["id"]),
        type=type,
        collection=drawn,
        minzoom=low,
        maxzoom=high,
        filter=read_filter(given["filter"], f"{path}.filter") if given.get("filter") is not None else None,
        properties=_properties(given, type, path),
    )


def _type(given: Any, path: str) -> LayerType:
    for type in PROPERTIES:
        if given == type:
            return type
    known = ", ".join(PROPERTIES)
    raise StyleError(path, f"phải là một trong: {known}", f"must be one of: {known}")


def _zoom(given: Any, path: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not ZOOMS[0] <= given <= ZOOMS[1]:
        raise StyleError(path, "phải là số từ 0 đến 24", "must be a number from 0 to 24")
    return float(given)


def _collection(named: Any, type: LayerType, own: str | None, path: str) -> str | None:
    if type not in DRAWING_FEATURES:
        if named is not None:
            raise StyleError(
                f"{path}.source-layer", "loại này không vẽ đối tượng", "this type draws no features"
            )
        return None
    named = own if named is None else named
    if not isinstance(named, str) or not NAME.fullmatch(named):
        raise StyleError(f"{path}.source-layer", "thiếu mã lớp dữ liệu", "the id of a collection is missing")
    if own is not None and named != own:
        raise StyleError(
            f"{path}.source-layer", f"chỉ được vẽ lớp “{own}”", f'only "{own}" may be drawn here'
        )
    return named


def _properties(given: Mapping[str, Any], type: LayerType, path: str) -> Mapping[str, Expr]:
    found: dict[str, Expr] = {}
    for group in ("layout", "paint"):
        named = given.get(group) or {}
        if not isinstance(named, dict):
            raise StyleError(f"{path}.{group}", "phải là đối tượng", "must be an object")
        for name, value in named.items():
            known = PROPERTIES[type].get(name)
            where = f"{path}.{group}.{str(name)[:60]}"
            if known is None or known.group != group:
                raise StyleError(where, "không thuộc tập con", "is not of the subset")
            found[name] = read_property(value, known, where)
    return MappingProxyType(found)
