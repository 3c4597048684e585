"""The picture of the map, drawn on the server from the caller's views: what is seen before, and without, WebGL.

What a feature looks like is said by its layer's style. Shapes are snapped to a grid of half a px, so neighbours keep
their common border; the picture is then a list of shapes with SVG paths that the template writes out. Coordinates are
px of the `Window` from its top left corner.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from typing import Any, Literal

from django.utils.safestring import SafeString
from psycopg import sql

from gis_core.audiences import Caller
from gis_core.layer import Layer
from gis_core.overviews import CELLS, WORLD_M
from gis_core.query.point_on import point_on
from gis_core.reading import read, registry
from gis_core.shares import Shares
from gis_core.styles.standard import GEOMETRY_KINDS, Kind
from web import words
from web.city import map_label, page_shares, text_of, view_of
from web.legend import BACKDROP, Look
from web.paint import Brush, Paint, Sign
from web.picture_parts import LETTER, LINE, SYMBOL, Mark, Name, Shape, apart, extent_of, in_lines, place_names
from web.symbols import symbols
from web.window import Window, to_mercator

WIDTH, HEIGHT = 400, 320
GRID = 2  # steps of a path in one px
BLEED = 12  # px past the edge, so that no cut edge shows
MOST_AREAS, MOST_LINES, MOST_POINTS = 250, 400, 80
MARK_ZOOM = 15.0  # points are drawn in a small picture as they are close up: a mark for each, or a count
CELL = 44  # px; where there are more than `MOST_POINTS`, one mark a cell with its count
BUDGET = 30_000  # bytes of all paths together, compressed
BACKDROP_BUDGET = 6_000  # of these, for each layer of the ground: it must never push out what stands on it
# The two archipelagos of Việt Nam, named on every map that reaches them (EPSG:4326 lon, lat), up to a zoom.
ARCHIPELAGOS = ((words.HOANG_SA, 111.9, 16.5), (words.TRUONG_SA, 114.0, 10.0))
ARCHIPELAGO_ZOOM = 8

SHAPES = """
select fid, {label}, {facts}, {path}, st_x(_p), st_y(_p), st_area(_g)
from (
  select *, st_transscale({on_it}, %(dx)s, %(dy)s, %(s)s, %(s)s) _p,
    st_snaptogrid(st_transscale(_shape, %(dx)s, %(dy)s, %(s)s, %(s)s), 1) _g
  from (
    select *, st_clipbybox2d(geom3857, st_makeenvelope(%(x1)s, %(y1)s, %(x2)s, %(y2)s, 3857)) _shape
    from {view} where geom3857 && st_makeenvelope(%(x1)s, %(y1)s, %(x2)s, %(y2)s, 3857)
    order by {size}(geom3857) desc, fid limit %(most)s
  ) _cut where not st_isempty(_shape)
) _drawn where not st_isempty(_g)
"""
POINTS = """
select count(*), min(fid), avg(_x), avg(_y), min({label}), min({facts}::text)::jsonb
from (
  select *, (st_x(_p) + %(dx)s) * %(px)s _x, -(st_y(_p) + %(dy)s) * %(px)s _y
  from (select *, {place} _p from {view}
    where geom3857 && st_makeenvelope(%(x1)s, %(y1)s, %(x2)s, %(y2)s, 3857)) _counted
) _placed
group by {cell} order by 1 desc, 2 limit 400
"""
PATH = "st_assvg(_g, 1, 0)"
# Areas, lines and points of one feature, points as dots: ST_AsSVG writes what is no path where they stand together.
MIXED_PATH = (
    "concat(st_assvg(st_collectionextract(_g, 3), 1, 0), st_assvg(st_collectionextract(_g, 2), 1, 0),"
    " st_assvg(st_snaptogrid(st_buffer(st_collectionextract(_g, 1), 4, 2), 1), 1, 0))"
)
# From afar a large layer is counted already, in cells (`gis_core.overviews`): a mark for those in one of the picture's.
CELL_MARKS = """
select sum(n), sum(n * _x) / sum(n), sum(n * _y) / sum(n)
from (
  select n, ((cx + 0.5) * %(side)s - %(half)s + %(dx)s) * %(px)s _x,
    -(%(half)s - (cy + 0.5) * %(side)s + %(dy)s) * %(px)s _y
  from {cells} where layer = %(layer)s and view = %(view)s and z = %(z)s
    and cx between floor((%(x1)s + %(half)s) / %(side)s) and floor((%(x2)s + %(half)s) / %(side)s)
    and cy between floor((%(half)s - %(y2)s) / %(side)s) and floor((%(half)s - %(y1)s) / %(side)s)
) _placed
group by floor(_x / {cell}), floor(_y / {cell}) order by 1 desc limit 400
"""
# One feature, whatever else the picture leaves out: its outline and a point on it; of points the point alone.
CHOSEN = """
select case when _flat then '' else concat(
    st_assvg(st_collectionextract(_g, 3), 1, 0), st_assvg(st_collectionextract(_g, 2), 1, 0)) end, st_x(_p), st_y(_p)
from (
  select st_dimension(geom3857) = 0 _flat,
    st_transscale({on_it}, %(dx)s, %(dy)s, %(s)s, %(s)s) _p,
    st_snaptogrid(st_transscale(_shape, %(dx)s, %(dy)s, %(s)s, %(s)s), 1) _g
  from (
    select geom3857, st_clipbybox2d(geom3857, st_makeenvelope(%(x1)s, %(y1)s, %(x2)s, %(y2)s, 3857)) _shape
    from (select {shape} geom3857 from {view} where fid = any(%(fids)s)) _whole
  ) _cut where not st_isempty(_shape)
) _drawn
"""
COUNT = """
select count(*) from (
  select 1 from {view} where geom3857 && st_makeenvelope(%(x1)s, %(y1)s, %(x2)s, %(y2)s, 3857) limit {most}
) _counted
"""


@dataclass(frozen=True)
class Chosen:
    """The one feature that the picture is about: its outline on the grid of half px, empty for a point; px."""

    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Drawn:
    """One layer as drawn. ``left_out``: some of it did not fit into the picture's weight or number."""

    look: Look
    kind: Literal["areas", "lines", "marks", "backdrop"]
    shapes: Sequence[Shape] = ()
    marks: Sequence[Mark] = ()
    left_out: bool = False

    @cached_property
    def paint(self) -> Paint:
        """What most of the shapes have in common."""
        return Counter(shape.paint for shape in self.shapes).most_common(1)[0][0] if self.shapes else Paint()

    @property
    def painted(self) -> list[tuple[Paint, str]]:
        """(paint, path) of a backdrop: all shapes of one paint as one path."""
        paints: dict[Paint, list[str]] = {}
        for shape in self.shapes:
            paints.setdefault(shape.paint, []).append(shape.path)
        return [(paint, "".join(paths)) for paint, paths in paints.items()]

    @property
    def links(self) -> list[tuple[Shape, list[tuple[str, str]]]]:
        """Each shape with the attributes in which it differs from the rest."""
        return [(shape, shape.paint.attributes(self.paint)) for shape in self.shapes]


@dataclass
class Picture:
    """The whole picture, layers from the ground up."""

    window: Window
    day: date | None = None
    layers: list[Drawn] = field(default_factory=list)
    chosen: Chosen | None = None
    names: list[Name] = field(default_factory=list)
    weight: int = 0

    @property
    def has_units(self) -> bool:
        return any(drawn.look.base == "units" and drawn.kind == "areas" for drawn in self.layers)

    @property
    def left_out(self) -> list[Look]:
        return [drawn.look for drawn in self.layers if drawn.left_out]


def draw(
    caller: Caller,
    shown: Sequence[tuple[Layer, Look]],
    window: Window,
    shares: Shares | None = None,
    day: date | None = None,
) -> Picture:
    """Draw ``shown`` as of ``day``: the ground from the bottom up, then areas below lines below marks."""
    picture, shares = Picture(window, day), shares or page_shares(caller)
    seen = [
        (layer, look)
        for layer, look in sorted(shown, key=lambda each: rank(each[1]))
        if layer.zoom[0] <= window.zoom + 1 and window.zoom < layer.zoom[1] + 1 and look.base != "names"
    ]
    asked = [(layer, partial(content, caller, layer, look, window, day)) for layer, look in seen]
    for (layer, look), found in zip(seen, shares.ask_all(asked, NOTHING), strict=True):
        add(picture, layer, look, found)
    picture.names += archipelago_names(window)
    for drawn in picture.layers:
        if drawn.look.base == "units":
            picture.names += place_names(
                drawn.shapes, window, [mark for each in picture.layers for mark in each.marks]
            )
    return picture


def symbols_of(picture: Picture, looks: Iterable[Look]) -> list[SafeString]:
    """The silhouettes that a page with this picture and the legends of ``looks`` speaks of."""
    marked = {mark.sign.symbol for drawn in picture.layers for mark in drawn.marks}
    return symbols(marked.union(*(look.symbols for look in looks)))


def add_chosen(
    picture: Picture, caller: Caller, layer: Layer, fids: Sequence[int], title: str, shares: Shares
) -> None:
    """Draw one feature, or all pieces of a line, above everything, with its name, where the window has any of it."""
    statement = sql.SQL(CHOSEN).format(
        on_it=sql.SQL(point_on("_shape")),
        view=view_of(layer, caller),
        shape=sql.SQL("geom3857" if len(fids) == 1 else "st_unaryunion(st_collect(geom3857 order by fid))"),
    )

    def place(timeout_ms: int | None) -> Any:
        with read(caller, timeout_ms=timeout_ms) as cursor:
            return cursor.execute(statement, {**placing(picture.window), "fids": list(fids)}).fetchone()

    found = shares.ask(layer, place, None)
    if found is None:
        return
    path, x, y = found
    choose(picture, Chosen(path, x / GRID, -y / GRID), title)


def add_spot(picture: Picture, lon: float, lat: float, title: str) -> None:
    """Mark a place (EPSG:4326) above everything, where the window has it."""
    x, y = picture.window.px(*to_mercator(lon, lat))
    if 0 <= x <= picture.window.width and 0 <= y <= picture.window.height:
        choose(picture, Chosen("", x, y), title)


def choose(picture: Picture, chosen: Chosen, title: str) -> None:
    """Put ``chosen`` above everything; its name takes the place of those in its way."""
    picture.chosen, path = chosen, chosen.path
    lines = in_lines(title)
    below = picture.chosen.y if path else picture.chosen.y + SYMBOL + len(lines) * LINE / 2
    name = Name(lines, picture.chosen.x, below)
    own = extent_of(name)
    picture.names = [name, *(each for each in picture.names if apart(own, extent_of(each)))]


def rank(look: Look) -> tuple[int, int]:
    """Where a layer is drawn: land, what covers it, units (the land's own borders), data."""
    order: Mapping[Kind, int] = {"area": 0, "line": 1, "point": 2}
    if look.backdrop:
        return BACKDROP.index(look.base), order[look.kind]
    return len(BACKDROP) + (look.base != "units"), order[look.kind]


def archipelago_names(window: Window) -> list[Name]:
    """Hoàng Sa and Trường Sa, where the window reaches them at a small scale."""
    if window.zoom > ARCHIPELAGO_ZOOM:
        return []
    names = []
    for text, lon, lat in ARCHIPELAGOS:
        x, y = window.px(*to_mercator(lon, lat))
        if 0 <= x <= window.width and 0 <= y <= window.height:
            before, after = text.vi.rsplit(" (", 1)
            half = len(before) * LETTER / 2 + 4
            names.append(Name([before, f"({after}"], min(max(x, half), window.width - half), y, at_sea=True))
    return names


@dataclass(frozen=True)
class Content:
    """What a layer has in the window: marks, or outlines, and whether those are all of them."""

    marks: Sequence[Mark] = ()
    shapes: Sequence[Shape] = ()
    is_all: bool = True


NOTHING = Content()


def is_marked(layer: Layer, look: Look, window: Window) -> bool:
    """Whether a layer is drawn as marks in ``window``: points, and what is summed up from far."""
    summed_up = layer.overview is not None and window.zoom <= layer.overview.max_zoom
    return not look.backdrop and (look.kind == "point" or summed_up)


def content(
    caller: Caller, layer: Layer, look: Look, window: Window, day: date | None, timeout_ms: int | None
) -> Content:
    """Read what is drawn of ``layer``."""
    if is_marked(layer, look, window):
        return Content(marks=marks(caller, layer, look, window, day, timeout_ms))
    shapes, is_all = outlines(caller, layer, look, window, day, timeout_ms)
    return Content(shapes=shapes, is_all=is_all)


def add(picture: Picture, layer: Layer, look: Look, found: Content) -> None:
    """Draw one layer; past the weight that a phone on a bad line is given, only say that there is more."""
    if look.backdrop:
        add_backdrop(picture, look, found.shapes)
        return
    if is_marked(layer, look, picture.window):
        picture.layers.append(Drawn(look, "marks", marks=found.marks))
        return
    weight = len(zlib.compress("".join(shape.path for shape in found.shapes).encode()))
    kind: Literal["areas", "lines"] = "areas" if look.kind == "area" else "lines"
    if picture.weight + weight > BUDGET:
        picture.layers.append(Drawn(look, kind, left_out=True))
        return
    picture.weight += weight
    picture.layers.append(Drawn(look, kind, shapes=found.shapes, left_out=not found.is_all))


def add_backdrop(picture: Picture, look: Look, found: Sequence[Shape]) -> None:
    """Paint a layer of the ground: its largest shapes, as many as its weight allows. Names are those of the units."""
    shapes, weight = [], 0
    for shape in sorted(found, key=lambda each: -each.size if look.kind == "area" else 0):
        # A path of digits and signs is compressed to somewhat less than half.
        weight += len(shape.path) // 2
        shapes.append(shape)
        if weight > BACKDROP_BUDGET:
            break
    picture.weight += weight
    picture.layers.append(Drawn(look, "backdrop", shapes=shapes))


def placing(window: Window) -> dict[str, Any]:
    """Bound parameters that put EPSG:3857 on the picture; ``st_assvg`` turns the y axis itself."""
    minx, miny, maxx, maxy = window.box
    bleed = BLEED * window.metres_per_px
    return {
        "x1": minx - bleed,
        "y1": miny - bleed,
        "x2": maxx + bleed,
        "y2": maxy + bleed,
        "dx": -minx,
        "dy": -maxy,
        "s": GRID / window.metres_per_px,
        "px": 1 / window.metres_per_px,
    }


def outlines(
    caller: Caller,
    layer: Layer,
    look: Look,
    window: Window,
    day: date | None = None,
    timeout_ms: int | None = None,
) -> tuple[list[Shape], bool]:
    """The largest lines or areas of ``layer`` in the window that its style draws, and whether that is all of them."""
    area = look.kind == "area"
    most = MOST_AREAS if area else MOST_LINES
    brush = Brush(look.style, window.zoom)
    statement = sql.SQL(SHAPES).format(
        label=text_of(map_label(layer, caller)),
        facts=facts(layer, caller, brush),
        on_it=sql.SQL(point_on("_shape")),
        path=sql.SQL(MIXED_PATH if layer.geometry.type == "Geometry" else PATH),
        size=sql.SQL("st_area" if area else "st_length"),
        view=view_of(layer, caller, day),
    )
    with read(caller, timeout_ms=timeout_ms) as cursor:
        rows = cursor.execute(statement, {**placing(window), "most": most + 1}).fetchall()
    geometry = GEOMETRY_KINDS[look.kind]
    shapes = [
        Shape(f"{layer.id}/{fid}", title, paint, path, x / GRID, -y / GRID, size / GRID**2)
        for fid, title, properties, path, x, y, size in rows[:most]
        if (paint := brush.shape(properties, geometry)).is_seen
    ]
    return shapes, len(rows) <= most


def facts(layer: Layer, caller: Caller, brush: Brush) -> sql.Composable:
    """SQL of the properties that a feature is painted by, as JSON."""
    asked = brush.fields
    names = [field.name for field in layer.fields_for(caller.audience) if field.name in asked]
    pairs = sql.SQL(", ").join(sql.SQL("{}, {}").format(sql.Literal(n), sql.Identifier(n)) for n in names)
    return sql.SQL("jsonb_strip_nulls(jsonb_build_object({}))").format(pairs)


def marks(
    caller: Caller,
    layer: Layer,
    look: Look,
    window: Window,
    day: date | None = None,
    timeout_ms: int | None = None,
) -> list[Mark]:
    """Each point of the window while they are few, else one mark for each cell of the picture with its count."""
    view, values = view_of(layer, caller, day), placing(window)
    brush = Brush(look.style, max(window.zoom, MARK_ZOOM))
    counting = sql.SQL(COUNT).format(view=view, most=MOST_POINTS + 1)
    with read(caller, timeout_ms=timeout_ms) as cursor:
        counted = cursor.execute(counting, values).fetchone()
        few = counted is not None and counted[0] <= MOST_POINTS
        overview, view_id = layer.overview, cells_of(layer, caller)
        if not few and overview is not None and view_id and window.zoom <= overview.max_zoom:
            rows = cursor.execute(*cell_marks(layer, caller, view_id, overview.max_zoom, window)).fetchall()
            together = Sign(look.symbol, look.colour)
            return [Mark("", "", together, float(x), float(y), int(count)) for count, x, y in rows]
        cells = sql.SQL("floor(_x / {0}), floor(_y / {0})").format(CELL)
        statement = sql.SQL(POINTS).format(
            label=text_of(map_label(layer, caller)),
            facts=facts(layer, caller, brush),
            place=sql.SQL("geom3857" if layer.geometry.type == "Point" else point_on("geom3857")),
            view=view,
            cell=sql.SQL("fid") if few else cells,
        )
        rows = cursor.execute(statement, values).fetchall()
    found = []
    for count, fid, x, y, title, properties in rows:
        sign = (
            brush.sign(properties, GEOMETRY_KINDS[look.kind])
            if count == 1
            else Sign(look.symbol, look.colour)
        )
        if sign is not None:
            found.append(Mark(f"{layer.id}/{fid}", title, sign, x, y, count))
    return found


def cells_of(layer: Layer, caller: Caller) -> str | None:
    """The count that stands ready of what the caller sees of ``layer``; None where there is none."""
    published = registry().current().layers.get(layer.id)
    return published.cells.get(caller.audience) if published is not None else None


def cell_marks(
    layer: Layer, caller: Caller, view: str, max_zoom: int, window: Window
) -> tuple[sql.Composed, dict[str, Any]]:
    """The marks of a layer that is counted already: the statement, and what is bound in it."""
    # Fine enough that four cells or more lie across a mark's.
    wanted = math.ceil(math.log2(WORLD_M / CELLS / (CELL / 4 * window.metres_per_px)))
    z = min(max(wanted, 0), max_zoom)
    statement = sql.SQL(CELL_MARKS).format(
        cells=sql.Identifier(caller.audience, "overview_cell"), cell=sql.Literal(CELL)
    )
    side = WORLD_M / CELLS / (1 << z)
    bound = {"layer": layer.id, "view": view, "z": z, "side": side, "half": WORLD_M / 2}
    return statement, placing(window) | bound
