"""A picture as a job: styles as Mapnik XML, collections as SQL, the caller's role as a connection."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import groupby
from math import cos, floor, radians
from typing import NamedTuple

import msgspec
from psycopg.conninfo import make_conninfo

from gis_core.audiences import Caller
from gis_core.layer import Layer
from gis_core.registry import Published
from gis_core.styles.colours import Colour
from gis_core.styles.folding import fold, zoom_of
from gis_core.styles.model import StyleLayer
from gis_core.styles.nodes import Literal
from gis_core.styles.parts import is_name, is_of_edges
from gis_core.terrain import Terrain
from gis_core.times import Moment
from tilesrv.catalogue import Served
from tilesrv.render.columns import CELL_FIELDS, Columns, Merged, cells_table, features_table, fields_of
from tilesrv.render.job import Job, Light, Relief, Rgba, Source
from tilesrv.render.picture import Drawing, Picture
from tilesrv.render.symbolizers import Symbols, Variants

# Names and icons are drawn so far beyond the edge, so that they are placed alike on both sides of it.
BUFFER_PX = 96
TIMEOUT_MS = 8000
MOST_COMPILED = 64  # some kB each
SHARE_MS = 4000  # of a collection that is not alone in its picture: the others are drawn without it in time
# What PostgreSQL takes for the end of an option, or for a sign before one (pg_split_opts).
SPECIAL_IN_OPTION = re.compile(r"[\s\\]")


class Rule(NamedTuple):
    """Symbolizers of a style layer: the SQL ``condition`` of the features that they draw, and how far they ``reach``
    beyond those, in px."""

    layer: StyleLayer
    symbolizers: Variants
    condition: str
    reach: int


class Compiler:
    """Writes the sources and styles of one picture."""

    def __init__(
        self, served: Served, caller: Caller, zoom: float, terrain: Terrain, without: Container[str] = ()
    ) -> None:
        self._served = served
        self._caller = caller
        self._zoom = zoom
        self._terrain = terrain
        self._without = without
        self._styles: list[str] = []
        self.sources: list[Source] = []
        self.fontsets: list[tuple[str, ...]] = []
        self.background: str | None = None

    @property
    def styles(self) -> str:
        return "".join(self._styles)

    def add(
        self, layers: Sequence[StyleLayer], published: Mapping[str, Published], at: Moment | None
    ) -> None:
        """Draw ``layers`` above what there is; neighbours of one collection share one query."""
        # A picture of the world may be smaller than at zoom 0, where layers begin.
        drawn = [each for each in layers if each.is_drawn_at(max(self._zoom, 0))]

        def source(each: StyleLayer) -> tuple[str | None, Merged | None]:
            there = published.get(each.collection or "")
            return each.collection, merged_as(each, there.layer) if there else None

        for (collection, merged), group in groupby(drawn, key=source):
            if collection is None:
                self._add_ground(group)
            elif collection in published and collection not in self._without:
                self._add_collection(published[collection], list(group), at, merged)

    def _add_ground(self, layers: Iterable[StyleLayer]) -> None:
        for layer in layers:
            if layer.type == "background":
                colour = fold(layer.get("background-color"), self._zoom)
                opacity = fold(layer.get("background-opacity"), self._zoom)
                assert isinstance(colour, Literal) and isinstance(opacity, Literal)
                found = Colour.parse(str(colour.value))
                shown = float(opacity.value or 0) * found.alpha  # type: ignore[arg-type]
                self.background = found._replace(alpha=shown).css
            elif layer.type == "hillshade":
                self._add_relief(layer)

    def _add_relief(self, layer: StyleLayer) -> None:
        """Light on the height model, where there is one and MapLibre would draw it too."""
        model = self._terrain.now()
        symbols = Symbols(layer, self._zoom, Columns({}), self.fontsets)
        exaggeration = symbols.constant("hillshade-exaggeration")
        # That of the tiles of 256 px in which a reader would have the heights (MapLibre rounds it).
        zoom = floor(self._zoom + 1.5)
        if model is None or zoom < model.lowest_zoom or not exaggeration:
            return

        def colour(name: str) -> Rgba:
            return tuple(Colour.parse(symbols.constant(f"hillshade-{name}-color")))  # type: ignore[return-value]

        direction = symbols.constant("hillshade-illumination-direction")
        light = Light(exaggeration, direction, colour("shadow"), colour("highlight"), colour("accent"))
        relief = Relief(str(self._terrain.raster(model)), min(zoom, model.zoom), light)
        name = f"s{len(self._styles)}"
        self._styles.append(
            f'<Style name="{name}"><Rule><RasterSymbolizer scaling="bilinear"/></Rule></Style>'
        )
        self.sources.append(Source(layer.id, (name,), relief=relief))

    def _add_collection(
        self, published: Published, layers: list[StyleLayer], at: Moment | None, merged: Merged | None
    ) -> None:
        low, high = published.layer.zoom
        zoom = floor(self._zoom) + 1  # of the tiles of 256 px in which a reader would see this
        if not low <= zoom <= high + 1:
            return
        # Between two zooms the nearer one says whether cells or features are drawn.
        view = None if at else self._served.view(published, self._caller, max(round(self._zoom), 0))
        fields = CELL_FIELDS if view else fields_of(published, self._caller)
        columns = Columns(fields)
        reduced = [layer.where_only(fields.keys()) for layer in layers]
        rules = [rule for layer in reduced for rule in self._rules(layer, columns)]
        if not rules:
            return
        names = tuple(self._add_style(rule, columns, alone=len(rules) == 1) for rule in rules)
        where = " or ".join(f"({rule.condition})" for rule in rules)
        if any(rule.condition == "true" for rule in rules):
            where = "true"
        if view:
            state = self._served.overview(published)
            assert state is not None
            table = cells_table(
                published, self._caller, view, columns, zoom=self._zoom, max_zoom=state.max_zoom, where=where
            )
        else:
            order = self._order([rule.layer for rule in rules], columns)
            table = features_table(
                published, self._caller, columns, where=where, order=order, at=at, merged=merged
            )
        reach = max(rule.reach for rule in rules)
        self.sources.append(Source(published.layer.id, names, table, reach))

    def _add_style(self, rule: Rule, columns: Columns, *, alone: bool) -> str:
        """The name of a style of one rule; what is drawn ``alone`` is chosen by the query itself."""
        drawn = ""
        if rule.condition != "true" and not alone:
            drawn = f"[{columns.add(rule.condition)}] = true"
        written = []
        for variant, symbolizers in rule.symbolizers:
            test = " and ".join(filter(None, (drawn, variant)))
            written.append(f"<Rule>{f'<Filter>{test}</Filter>' if test else ''}{symbolizers}</Rule>")
        name = f"s{len(self._styles)}"
        self._styles.append(f'<Style name="{name}" filter-mode="first">{"".join(written)}</Style>')
        return name

    def _rules(self, layer: StyleLayer, columns: Columns) -> Iterator[Rule]:
        """What is to be drawn of ``layer``, the lowest first."""
        if layer.filter == Literal(False):
            return
        kept = [columns.condition(layer.filter)] if layer.filter not in (None, Literal(True)) else []
        symbols = Symbols(layer, self._zoom, columns, self.fontsets)
        reach = symbols.reach(BUFFER_PX)
        for written, condition in symbols.rules():
            tests = [each for each in (*kept, condition) if each not in ("true", "(not false)", "(true)")]
            if not any(each in ("false", "(not true)") for each in tests):
                yield Rule(layer, written, " and ".join(f"({each})" for each in tests) or "true", reach)

    def _order(self, layers: Sequence[StyleLayer], columns: Columns) -> str | None:
        """Names that matter more find room first."""
        for layer in layers:
            if layer.type == "symbol" and "symbol-sort-key" in layer.properties:
                key = fold(layer.get("symbol-sort-key"), self._zoom)
                term = columns.term(key)
                if term.type == "number" and not isinstance(key, Literal):
                    return f"{term.sql}, fid"
        return None


class Compilations:
    """The last pictures compiled: pictures that differ in box and size alone are written once.

    What counts is the style's and the layers' objects, which are the same as long as the catalogue is
    (`tilesrv.styles.book`), the zoom, and who looks.
    """

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain
        self._served: Served | None = None  # what all of them were compiled from
        self._held: OrderedDict[Hashable, tuple[Picture, Job]] = OrderedDict()

    def job(
        self,
        picture: Picture,
        served: Served,
        caller: Caller,
        connection: Callable[[], Mapping[str, str]],
        *,
        cut: int = 1,
        without: Collection[str] = (),
    ) -> Job:
        """`compile_picture`; ``connection`` tells how to connect, which files are read for."""
        if served is not self._served:
            self._held.clear()
            self._served = served
        drawn = tuple((id(each.style), tuple(map(id, each.published)), each.at) for each in picture.drawings)
        looks = (picture.srid, picture.scale, picture.background, picture.format, picture_zoom(picture), cut)
        key = (
            drawn,
            looks,
            caller.audience,
            caller.scope,
            frozenset(without),
            self._terrain.now(),
        )
        held = self._held.pop(key, None)
        if held is None:
            job = compile_picture(
                picture, served, caller, connection(), self._terrain, cut=cut, without=without
            )
            held = picture, job  # what the key names is there for as long as the key is
        self._held[key] = held
        if len(self._held) > MOST_COMPILED:
            self._held.popitem(last=False)
        return placed(held[1], picture)


def compile_picture(
    picture: Picture,
    served: Served,
    caller: Caller,
    connection: Mapping[str, str],
    terrain: Terrain,
    *,
    cut: int = 1,
    without: Container[str] = (),
) -> Job:
    """The job that draws ``picture`` as ``caller`` sees it, ``without`` some of its collections."""
    compiler = Compiler(served, caller, picture_zoom(picture), terrain, without)
    # Names stand above all else, pins below them, as on the live map; those of the uppermost find room first.
    for drawing in picture.drawings:
        compiler.add([each for each in drawing.style.layers if not is_name(each)], known(drawing), drawing.at)
    for drawing in reversed(picture.drawings):
        names = [each for each in drawing.style.layers if is_name(each)]
        compiler.add(uppermost_first(names), known(drawing), drawing.at)
    background = picture.background or compiler.background
    alone = len({each.layer.id for drawing in picture.drawings for each in drawing.published}) < 2
    job = Job(
        key="",
        styles=compiler.styles,
        sources=tuple(compiler.sources),
        connection=role_connection(connection, caller, TIMEOUT_MS if alone else SHARE_MS),
        fontsets=tuple(compiler.fontsets),
        srid=picture.srid,
        box=(0, 0, 0, 0),
        width=0,
        height=0,
        scale=picture.scale,
        background=background,
        is_opaque=background is not None and Colour.parse(background).alpha == 1,
        format=picture.format,
        buffer=BUFFER_PX,
        cut=cut,
    )
    key = blake2b(msgspec.msgpack.encode(job), digest_size=16).hexdigest()
    return placed(msgspec.structs.replace(job, key=key), picture)


def placed(job: Job, picture: Picture) -> Job:
    """``job`` at the place and in the size of ``picture``."""
    return msgspec.structs.replace(job, box=picture.box, width=picture.width, height=picture.height)


def known(drawing: Drawing) -> Mapping[str, Published]:
    return {each.layer.id: each for each in drawing.published}


def uppermost_first(names: Sequence[StyleLayer]) -> list[StyleLayer]:
    """Names by collections from the uppermost down; those of one collection stay together in their order."""
    groups = [list(group) for _, group in groupby(names, key=lambda each: each.collection)]
    return [each for group in reversed(groups) for each in group]


def merged_as(drawing: StyleLayer, layer: Layer) -> Merged | None:
    """As what features that look alike are drawn together; None where each is drawn for itself."""
    if is_of_edges(drawing, layer):
        return "borders"
    along = is_name(drawing) and drawing.get("symbol-placement") == Literal("line")
    is_line = layer.geometry.type in ("LineString", "MultiLineString")
    return "lines" if along and is_line and "symbol-sort-key" not in drawing.properties else None


def role_connection(connection: Mapping[str, str], caller: Caller, timeout_ms: int = TIMEOUT_MS) -> str:
    """What Mapnik is given as ``dbname`` to read as the caller: his role, his units, a query that ends with its reader.

    Mapnik hands the word on unquoted after ``dbname=``, so all others of libpq can stand behind it; its pool of
    connections is keyed by it, so that no connection serves two scopes. The codes of units are texts of people: in an
    option of PostgreSQL spaces and backslashes are escaped, and the whole is quoted as libpq has it.
    """
    settings = {
        "statement_timeout": str(timeout_ms),
        "client_connection_check_interval": "500",
        "jit": "off",
        "huong.scope": SPECIAL_IN_OPTION.sub(r"\\\g<0>", caller.scope),
    }
    options = [
        connection.get("options", ""),
        *(f"-c {name}={value}" for name, value in settings.items() if value),
    ]
    words = {
        **connection,
        "options": " ".join(filter(None, options)),
        "application_name": f"huong render {caller.audience}",
    }
    name = words.pop("dbname")
    return make_conninfo(dbname=name).removeprefix("dbname=") + " " + make_conninfo(**words)


def picture_zoom(picture: Picture) -> float:
    """The style's zoom for a picture, that which suits the size of its pixels where it is not given.

    Never below 0, where styles begin: a world of 256 px is one of zoom 0 at half the size. To a thousandth, which
    nobody sees: boxes of one scale differ in their last digits, and what begins at a zoom begins at the scale that is
    called so.
    """
    return round(max(0.0, picture.zoom if picture.zoom is not None else zoom_of_pixel(picture)), 3)


def zoom_of_pixel(picture: Picture) -> float:
    """The zoom at which a px shows as much ground as one of ``picture``."""
    width = picture.box[2] - picture.box[0]
    height = picture.box[3] - picture.box[1]
    middle = (picture.box[1] + picture.box[3]) / 2
    metres = max(width / picture.width, height / picture.height)
    if picture.srid in (4326, 4756):
        return zoom_of(
            metres * 111319.49079327358
        )  # a degree of longitude in EPSG:3857, whatever the latitude
    if picture.srid == 3857:
        return zoom_of(metres)
    # Projected metres of Việt Nam: northing over the length of a degree is the latitude, near enough for a zoom.
    return zoom_of(metres / cos(radians(min(max(middle / 110600, -80), 80))))
