"""What a layer is: one declaration from which everything that serves it is derived.

A layer declared in Python and a dataset born from an import are both a `Layer`; whoever serves features knows
nothing else about them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from gis_core.sql_names import HISTORY_COLUMNS, SYSTEM_COLUMNS
from gis_core.words import Text

Audience = Literal["citizen", "officer", "operations", "land"]
AUDIENCES: tuple[Audience, ...] = ("citizen", "officer", "operations", "land")
EVERYONE: frozenset[Audience] = frozenset(AUDIENCES)
STAFF: frozenset[Audience] = EVERYONE - {"citizen"}
OPERATIONS: frozenset[Audience] = frozenset({"operations"})
LAND: frozenset[Audience] = frozenset({"land"})
CELLS = 32  # of an overview across a tile, 8 px each

FieldType = Literal["text", "integer", "number", "boolean", "date", "datetime"]
GeometryType = Literal[
    "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "Geometry"
]

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
# Names that the published view gives to every feature, and PostgreSQL and the history to every table; no field may
# take them.
RESERVED = frozenset({"fid", "version", "geom", "geom3857", "geom_original", "search"})
RESERVED |= SYSTEM_COLUMNS | {*HISTORY_COLUMNS}
# Names that maps have beside those of layers; a layer of the same name could not be asked for.
RESERVED_IDS = frozenset({"basemap", "terrain", "hillshade"})
# What stands in every audience's schema beside the views of layers (`publish.grants`).
RESERVED_IDS |= {"change_feed", "overview_cell"}


class DeclarationError(ValueError):
    """A layer declaration that cannot be published, said with the layer and the field at fault."""


@dataclass(frozen=True, kw_only=True)
class Code:
    """One value of a code list with its words. ``symbol`` is the silhouette of its marks, else that of the layer."""

    value: str
    label: Text
    colour: str | None = None
    symbol: str | None = None


@dataclass(frozen=True)
class Reference:
    """A value that is the ``key`` of a feature of another ``layer``: people read that feature's name."""

    layer: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """A property of a feature: a column of the layer's table and who may see it.

    ``audiences`` is the grant: the column is in those audiences' views and in no other, so that no filter, sort,
    count, tile or error of another audience can speak of it. ``unit`` is a UCUM code. ``sortable`` asks for an index.
    ``asked`` are words after which people give a number in a search: "tờ" finds sheet 12 by "tờ 12".
    ``alias`` is text that names the feature otherwise: it is found by it as by its own name.
    """

    name: str
    label: Text
    type: FieldType
    audiences: frozenset[Audience] = EVERYONE
    description: Text | None = None
    unit: str | None = None
    codes: tuple[Code, ...] = ()
    reference: Reference | None = None
    column: str | None = None
    queryable: bool = True
    sortable: bool = False
    searchable: bool = False
    asked: tuple[str, ...] = ()
    alias: bool = False
    tiled: bool = True
    required: bool = False
    writable: bool = True
    max_length: int | None = None

    @property
    def sql_column(self) -> str:
        return self.column or self.name


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """Where the place of a feature is stored.

    ``column`` is EPSG:4326 (longitude, latitude) with a generated ``<column>3857`` beside it. ``original`` names the
    column that keeps the surveyed geometry in ``original_srid`` where that, not 4326, is the legal one (cadastre).
    ``coarse`` gives an audience another column (same rules) where the exact place is not for it. ``coverage``: areas
    that share their borders, which are then drawn once where they are dashed.
    """

    type: GeometryType
    column: str = "geom"
    original: str | None = None
    original_srid: int | None = None
    coarse: Mapping[Audience, str] = field(default_factory=dict)
    coverage: bool = False

    def column_for(self, audience: Audience) -> str:
        return self.coarse.get(audience, self.column)


@dataclass(frozen=True)
class Scope:
    """Rows by unit: these audiences see the rows whose ``column`` is among the caller's units."""

    column: str
    audiences: frozenset[Audience] = frozenset({"officer"})


@dataclass(frozen=True)
class Time:
    """The time of a feature: an instant (``start`` alone) or an interval, open where a bound is NULL."""

    start: str
    end: str | None = None


@dataclass(frozen=True, kw_only=True)
class Style:
    """A layer's look in a few words, from which `gis_core.styles.standard` makes its first style.

    ``by`` colours by a code list field; colours are ``#rrggbb`` or names of the palette (``@map-water``). ``symbol`` is
    the silhouette of the kind of thing (interface: report = drop, camera = wedge ...), turned by the field
    ``direction`` (degrees clockwise from north).
    """

    colour: str = "#0072B2"
    outline: str = "#1C2430"
    opacity: float = 0.35
    width: float = 1.5
    symbol: Literal["circle", "drop", "wedge", "diamond", "bar", "square"] = "circle"
    by: str | None = None
    direction: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeclaredStyle:
    """A style written out as the ``layers`` of MapLibre style JSON, in the subset of `gis_core.styles`."""

    id: str
    title: Text
    layers: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Low zooms show cells instead of features: counts and areas by ``by``, on a grid, up to ``max_zoom``."""

    max_zoom: int = 12
    by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Write:
    """Who may change features through the APIs, and the service that does it where rules are more than columns.

    ``service`` is the dotted path of ``(layer, change, actor) -> fid``; without it the columns are written as sent.
    """

    audiences: frozenset[Audience]
    create: bool = True
    delete: bool = True
    service: str | None = None


CITY_DATA = Text("Dữ liệu thành phố", "City data")
# What is drawn as the ground of a map, under the data: water, green, buildings, names.
BASE_MAP = Text("Nền bản đồ", "Base map")


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer, declared once.

    ``rows`` limits an audience to the rows that a CQL2 text over the layer's own columns selects; an audience
    outside ``audiences`` has no view of the layer at all. ``table`` is ``schema.table``; a layer with a Django model
    takes it from there. ``label`` is what the map writes beside a feature; ``called`` are the fields that name it in
    lists, so that it can be told from the next one (the label if none), ``told`` those that a list says below. The
    first of ``styles`` is how the layer is drawn; with none, ``style`` says it. ``ground`` puts a layer into the
    basemap, the lowest number undermost, drawn in its style ``ground`` if it has one.
    ``at_first`` is False for a layer that a map shows only when it is asked for. ``of_now`` names the layer that has
    those of these features that are valid today: it gives way to this one on a map of another day.
    ``written_by`` is filled at publication: the model by whose rules alone features are written (see `declarations`).
    """

    id: str
    title: Text
    description: Text
    geometry: Geometry
    fields: tuple[Field, ...]
    model: Any = None  # the Django model, where there is one; not part of what is published
    table: str = ""
    audiences: frozenset[Audience] = EVERYONE
    rows: Mapping[Audience, str] = field(default_factory=dict)
    scope: Scope | None = None
    time: Time | None = None
    label: str | None = None
    called: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    style: Style = Style()
    styles: tuple[DeclaredStyle, ...] = ()
    zoom: tuple[int, int] = (0, 22)
    overview: Overview | None = None
    write: Write | None = None
    credit: Text | None = None
    notice: Text | None = None
    group: Text = CITY_DATA
    listed: bool = True
    ground: int | None = None
    at_first: bool = True
    of_now: str | None = None
    written_by: str = ""

    def __post_init__(self) -> None:
        if self.model is not None and not self.table:
            object.__setattr__(self, "table", f"public.{self.model._meta.db_table}")
        check(self)

    def fields_for(self, audience: Audience) -> tuple[Field, ...]:
        """The fields that ``audience`` may see, in the declared order."""
        return tuple(f for f in self.fields if audience in f.audiences)

    @property
    def first_zoom(self) -> int:
        """The zoom from which features are drawn each for itself, and not summed up in cells."""
        return max(self.zoom[0], self.overview.max_zoom + 1 if self.overview else 0)

    @property
    def has_intervals(self) -> bool:
        """Whether each feature is valid from a time to a time, so that a map shows those of one day."""
        return self.time is not None and self.time.end is not None

    def field(self, name: str) -> Field:
        """The field ``name``; KeyError if there is none."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(name)


def check(layer: Layer) -> None:
    """Raise DeclarationError where a declaration contradicts itself."""

    def refuse(why: str) -> NoReturn:
        raise DeclarationError(f"layer {layer.id!r}: {why}")

    if not NAME.fullmatch(layer.id):
        refuse("the id must be lower-case ASCII letters, digits and _, at most 63")
    if layer.id in RESERVED_IDS:
        refuse("the id is that of a map of the house")
    if not re.fullmatch(rf"{NAME.pattern}\.{NAME.pattern}", layer.table):
        refuse(f"table {layer.table!r} is not schema.table")
    names = [f.name for f in layer.fields]
    for name in names:
        if not NAME.fullmatch(name):
            refuse(f"field {name!r}: the key must be lower-case ASCII letters, digits and _, at most 63")
        if name in RESERVED:
            refuse(f"field {name!r}: the name is taken by every feature")
    for twice in sorted({n for n in names if names.count(n) > 1}):
        refuse(f"field {twice!r} is declared twice")
    _check_references(layer, set(names), refuse)


def _check_references(layer: Layer, names: set[str], refuse: Callable[[str], NoReturn]) -> None:
    time = (layer.time.start, layer.time.end) if layer.time else ()
    overview = (layer.overview.by,) if layer.overview else ()
    look = (layer.style.by, layer.style.direction)
    wanted: Iterable[str | None] = (layer.label, *layer.called, *layer.told, *look, *time, *overview)
    for name in wanted:
        if name is not None and name not in names:
            refuse(f"{name!r} is named but is no field of the layer")
    if layer.of_now is not None and (layer.of_now == layer.id or not layer.has_intervals):
        refuse("of_now is for a layer whose features are valid from a time to a time")
    for audience in layer.rows:
        if audience not in layer.audiences:
            refuse(f"rows are limited for {audience!r}, which has no view of the layer")
    if layer.zoom[0] > layer.zoom[1] or not 0 <= layer.zoom[0] <= 24:
        refuse(f"zoom range {layer.zoom} is not one")
