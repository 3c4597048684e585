"""How far from its place a feature is drawn at a zoom, and which features are: so that a click finds what it sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gis_core.audiences import Caller
from gis_core.registry import Published
from gis_core.styles.folding import fold
from gis_core.styles.model import StyleLayer
from gis_core.styles.nodes import Case, Coalesce, Expr, Interpolate, Literal, Match, Step
from gis_core.styles.standard import KINDS
from tilesrv.assets import ICON_PX
from tilesrv.render.columns import Columns, fields_of

LEAST_PX = 3.0  # nobody points more exactly at a point or a line
MOST_PX = 40.0
AREA_PX = 0.5  # an area is what lies under the pixel


def reach_px(published: Published, layers: Sequence[StyleLayer], zoom: float) -> float:
    """The px of the style around a pixel within which a feature of a collection, drawn by ``layers``, counts as hit."""
    if KINDS[published.layer.geometry.type] == "area":
        return AREA_PX
    return min(max([LEAST_PX, *(layer_reach(each, zoom) for each in layers)]), MOST_PX)


def layer_reach(layer: StyleLayer, zoom: float) -> float:
    if layer.type == "circle":
        return most(layer.get("circle-radius"), zoom) + most(layer.get("circle-stroke-width"), zoom)
    if layer.type == "line":
        return most(layer.get("line-width"), zoom) / 2
    if layer.type == "symbol" and layer.get("icon-image") != Literal(None):
        return most(layer.get("icon-size"), zoom) * ICON_PX / 2
    return 0.0


def most(expr: Expr, zoom: float) -> float:
    """The largest number that ``expr`` can be at ``zoom``, as far as it is written out; 0 where it is not."""
    numbers = [each for each in outputs(fold(expr, zoom)) if isinstance(each, int | float)]
    return float(max(numbers, default=0.0))


def outputs(expr: Expr) -> Iterator[object]:
    """The constants that an expression can come to."""
    match expr:
        case Literal(value):
            yield value
        case Match(_, cases, default) | Case(cases, default):
            for _, out in cases:
                yield from outputs(out)
            yield from outputs(default)
        case Step(_, default, stops):
            yield from outputs(default)
            for _, out in stops:
                yield from outputs(out)
        case Interpolate(_, _, stops):
            for _, out in stops:
                yield from outputs(out)
        case Coalesce(terms):
            for term in terms:
                yield from outputs(term)


def drawn_sql(published: Published, caller: Caller, layers: Sequence[StyleLayer]) -> str:
    """SQL condition over the caller's view: the features that some of ``layers`` draws."""
    columns = Columns(fields_of(published, caller))
    tests = [columns.condition(each.filter) if each.filter is not None else "true" for each in layers]
    return "true" if "true" in tests else " or ".join(f"coalesce({test}, false)" for test in tests) or "false"
