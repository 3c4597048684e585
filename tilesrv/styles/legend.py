"""The legend of a style: a line for each class of features, with what the map draws for it.

A line's swatch is made of the looks that the style gives to a feature of that class, so it cannot differ from the map.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gis_core.audiences import Caller
from gis_core.layer import FieldType, Layer
from gis_core.registry import Published
from gis_core.styles.model import CELL, MapStyle, StyleLayer
from gis_core.styles.nodes import Expr, Get, Scalar
from gis_core.styles.nodes import Literal as Constant
from gis_core.styles.standard import GEOMETRY_KINDS, KINDS, draws_cells
from gis_core.words import Text
from tilesrv.render.columns import CELL_FIELDS
from tilesrv.styles.classes import UNLIKE_ANY, Cell, Input, Inputs, Part
from tilesrv.styles.looks import Look, Looks
from tilesrv.styles.words import AND_MORE, CELLS, NO_DATA, OTHERS, field_named, part_label

SEEN_AT = 15.0  # the zoom that a legend speaks of, or the nearest at which something is drawn
CELL_SAMPLE: Mapping[str, Scalar] = {CELL: True, "n": 30.0, "area_m2": 1e4, "share": 0.5}
MOST_ENTRIES = 120
MOST_NAMED = 4  # labels of one line; of more, the first are named and the others counted

Samples = Mapping[Expr, Scalar]


@dataclass(frozen=True)
class Present:
    """What there is of a layer where a legend is for a place: how many features, and the values of some fields."""

    values: Mapping[Expr, frozenset[Scalar]]
    count: int

    def has(self, expr: Expr, cell: Cell, named: Container[Scalar]) -> bool:
        """Whether some feature lies in ``cell`` of ``expr``, whose texts ``named`` are cells of their own."""
        found = self.values.get(expr)
        return found is None or any(cell.holds(value, named) for value in found)


ANYTHING = Present({}, 1)
EVERYTHING: Mapping[str, Present] = {}


@dataclass(frozen=True)
class Drawn:
    """One style layer as it draws a class."""

    type: str
    look: Look


@dataclass(frozen=True)
class Entry:
    """One line of the legend. ``drawn`` from the lowest up; ``kind`` says what the swatch shows them on."""

    label: Text
    kind: Literal["point", "line", "area", "name", "cell"]
    drawn: tuple[Drawn, ...]

    @property
    def colours(self) -> tuple[str, ...]:
        """The colours in the swatch, each once."""
        found = [
            value
            for each in self.drawn
            for name, value in each.look
            if name.endswith("-color") and PRESENT[name](dict(each.look))
        ]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Section:
    """The lines of one layer."""

    collection: str
    title: Text
    entries: tuple[Entry, ...]


def legend(
    style: MapStyle,
    published: Mapping[str, Published],
    caller: Caller,
    zoom: float = SEEN_AT,
    present: Mapping[str, Present] = EVERYTHING,
) -> list[Section]:
    """The sections of ``style``, which is for ``caller`` and in colours; layers that draw nothing have none.

    Of the layers in ``present``, only the classes that there are.
    """
    found = []
    for collection in style.collections():
        layer = published[collection].layer
        drawn = [each for each in style.layers if each.collection == collection and is_visible(each)]
        fields = {field.name: field.type for field in layer.fields_for(caller.audience)}
        there = present.get(collection)
        if there is not None and not there.count:
            continue
        entries = tuple(entries_of(layer, drawn, fields, zoom, there))[:MOST_ENTRIES]
        if entries:
            found.append(Section(collection, layer.title, entries))
    return found


def is_visible(layer: StyleLayer) -> bool:
    return layer.get("visibility") == Constant("visible")


def entries_of(
    layer: Layer,
    drawn: Sequence[StyleLayer],
    fields: Mapping[str, FieldType],
    zoom: float,
    present: Present | None = None,
) -> Iterator[Entry]:
    kind = KINDS[layer.geometry.type]
    features = [each for each in drawn if not draws_cells(each)]
    marks = [each for each in features if each.type != "symbol" or each.get("icon-image") != Constant(None)]
    shown = Shown(marks or features, fields, GEOMETRY_KINDS[kind], zoom)
    for label, looks in classified(layer, shown, present or ANYTHING):
        yield Entry(label, kind if marks else "name", looks)
    cells = Shown([each for each in drawn if draws_cells(each)], CELL_FIELDS, "Polygon", 0)
    if looks := cells.looks({Get(name): value for name, value in CELL_SAMPLE.items()}):
        yield Entry(CELLS, "cell", looks)


class Shown:
    """Style layers over features with ``fields``, each at the zoom nearest to ``zoom`` at which it is drawn."""

    def __init__(
        self, layers: Sequence[StyleLayer], fields: Mapping[str, FieldType], geometry: str, zoom: float
    ) -> None:
        self._fields = fields
        self._parts = [
            (each, Looks(each, min(max(zoom, each.minzoom), each.maxzoom - 0.01), fields, geometry))
            for each in layers
        ]

    def inputs(self) -> list[Input]:
        """What tells classes apart; numbers that are only shown (a direction) do not."""
        found = Inputs(self._fields)
        for _, looks in self._parts:
            looks.ask(found, finely=False)
        return [each for each in found.listed if each.points or each.edges or each.type == "boolean"]

    def looks(self, samples: Samples) -> tuple[Drawn, ...]:
        """What a feature is drawn as."""
        found = []
        for layer, looks in self._parts:
            look = looks.look(samples)
            if look is not None:
                found.append(Drawn(layer.type, look))
        return tuple(found)


def classified(
    layer: Layer, shown: Shown, present: Present = ANYTHING
) -> Iterator[tuple[Text, tuple[Drawn, ...]]]:
    """Labels and looks: the classes of the first input, then what each further one changes; those that there are."""
    inputs = shown.inputs()
    usual = {each.expr: usual_of(layer, each) for each in inputs}
    first = next((each for each in inputs if each.type != "boolean"), None)
    plain = shown.looks(usual)
    if first is not None:
        yield from joined(layer, first, usual, shown, present)
    elif plain:
        yield layer.title, plain
    for each in inputs:
        for cell in each.cells() if each is not first else ():
            looks = shown.looks({**usual, each.expr: cell.sample})
            is_there = present.has(each.expr, cell, each.points | each.edges)
            if is_there and looks and looks != plain and cell.kind not in ("null", "other"):
                yield part_label(layer, Part(each.expr, (cell,), ())), looks


def usual_of(layer: Layer, asked: Input) -> Scalar:
    """What stands for an input while another one is told apart: nothing for truth values, else its first class."""
    if asked.type == "boolean":
        return None
    cells = ordered(layer, asked)
    return next((cell.sample for cell in cells if cell.kind in ("value", "between")), UNLIKE_ANY)


def joined(
    layer: Layer, asked: Input, usual: Samples, shown: Shown, present: Present
) -> Iterator[tuple[Text, tuple[Drawn, ...]]]:
    """The classes of one input that there are, those that look alike in one line."""
    alike: dict[tuple[Drawn, ...], list[Cell]] = {}
    for cell in ordered(layer, asked):
        looks = shown.looks({**usual, asked.expr: cell.sample})
        if looks:
            alike.setdefault(looks, []).append(cell)
    for looks, cells in alike.items():
        there = [cell for cell in cells if present.has(asked.expr, cell, asked.points | asked.edges)]
        if there:
            yield cells_label(layer, asked, there, present, alone=len(alike) == 1), looks


def cells_label(layer: Layer, asked: Input, cells: Sequence[Cell], present: Present, *, alone: bool) -> Text:
    """What a line of several cells is called: by its codes, of which those that the style does not name are among the
    other values."""
    if alone:
        return layer.title
    named = [cell for cell in cells if cell.kind in ("value", "between")]
    if any(cell.kind == "other" for cell in cells):
        others = [Cell("value", code) for code in codes_of(layer, asked) if code not in asked.points]
        named += [cell for cell in others if present.has(asked.expr, cell, ())]
        if not 0 < len(named) <= MOST_NAMED or not codes_of(layer, asked):
            return OTHERS
    elif not named:
        return NO_DATA
    first = named if len(named) <= MOST_NAMED else named[: MOST_NAMED - 1]
    label, more = part_label(layer, Part(asked.expr, tuple(first), ())), len(named) - len(first)
    if not more:
        return label
    return Text(
        AND_MORE.vi.format(label=label.vi, count=more), AND_MORE.en.format(label=label.en, count=more)
    )


def codes_of(layer: Layer, asked: Input) -> list[str]:
    field = field_named(layer, asked.expr.name) if isinstance(asked.expr, Get) else None
    return [code.value for code in field.codes] if field else []


def ordered(layer: Layer, asked: Input) -> list[Cell]:
    """The cells of an input, codes in the order of their list."""
    places = {code: at for at, code in enumerate(codes_of(layer, asked))}
    cells = asked.cells()
    return sorted(
        cells, key=lambda cell: places.get(str(cell.value), len(places)) if cell.kind == "value" else 1e9
    )


# Which colours of a look are to be seen.
PRESENT: Mapping[str, Any] = {
    "fill-color": lambda look: look["fill-pattern"] is None and look["fill-opacity"] > 0,
    "fill-outline-color": lambda look: look["fill-outline-color"] != "transparent",
    "fill-extrusion-color": lambda look: look["fill-extrusion-opacity"] > 0,
    "line-color": lambda look: look["line-width"] * look["line-opacity"] > 0,
    "circle-color": lambda look: look["circle-opacity"] > 0,
    "circle-stroke-color": lambda look: look["circle-stroke-width"] > 0,
    "icon-color": lambda look: look["icon-image"] is not None,
    "icon-halo-color": lambda look: look["icon-image"] is not None and look["icon-halo-width"] > 0,
    "text-color": lambda look: look["icon-image"] is None,
    "text-halo-color": lambda look: look["icon-image"] is None and look["text-halo-width"] > 0,
}


def legend_json(name: str, title: Text, sections: Sequence[Section], language: str) -> dict[str, Any]:
    """The legend as plain data: labels in both languages, what each swatch shows and in which colours."""
    return {
        "name": name,
        "title": title.to(language),
        "titles": title._asdict(),
        "sections": [
            {
                "layer": section.collection,
                "title": section.title.to(language),
                "titles": section.title._asdict(),
                "entries": [
                    {
                        "label": entry.label.to(language),
                        "labels": entry.label._asdict(),
                        "swatch": entry.kind,
                        "colours": list(entry.colours),
                    }
                    for entry in section.entries
                ],
            }
            for section in sections
        ],
    }
