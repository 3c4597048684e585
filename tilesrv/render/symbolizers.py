"""A style layer as Mapnik symbolizers, at one zoom. What differs by feature is a column computed by the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import ceil
from typing import Any, NamedTuple
from xml.sax.saxutils import quoteattr

from gis_core.styles.colours import Colour
from gis_core.styles.evaluation import as_text
from gis_core.styles.folding import fold
from gis_core.styles.model import StyleLayer
from gis_core.styles.nodes import Case, Coalesce, Expr, Interpolate, Literal, Match, Step
from gis_core.styles.properties import PROPERTIES
from gis_core.styles.sql import Term, among, literal
from gis_core.styles.sql import as_text as as_sql_text
from tilesrv.assets import FRAMED_PX, ICONS
from tilesrv.render.columns import Columns

ICON_NAMES = frozenset(path.stem for path in ICONS.glob("*.svg"))


# What of data is a colour: what `Colour.parse` takes, written so that Mapnik takes it too.
_CHANNEL = "([01]?[0-9]?[0-9]|2[0-4][0-9]|25[0-5])"
_OPACITY = "(0|1|[01][.]0+|0?[.][0-9]+)"
COLOURS = (
    "'^(#[0-9a-fA-F]{3}|#[0-9a-fA-F]{6}|white|black|transparent"
    f"|rgb[(]{_CHANNEL},{_CHANNEL},{_CHANNEL}[)]|rgba[(]{_CHANNEL},{_CHANNEL},{_CHANNEL},{_OPACITY}[)])$'"
)


# Mapnik's test of a feature ("" for all), and the symbolizers of those that meet it; each feature meets one.
Variants = tuple[tuple[str, str], ...]
MOST_VARIANTS = 16  # Mapnik tests one after the other


class Choice(NamedTuple):
    """Colours of a property, and SQL of which of them a feature has: its place among them, from 0."""

    colours: tuple[str, ...]
    chosen: str


class Symbols:
    """Writes the rule of one style layer. Lengths are px; Mapnik's scale factor enlarges them for dense screens."""

    def __init__(
        self, layer: StyleLayer, zoom: float, columns: Columns, fontsets: list[tuple[str, ...]]
    ) -> None:
        self._layer = layer
        self._zoom = zoom
        self._columns = columns
        self._fontsets = fontsets
        self._has_icon = "true"  # SQL
        self._choices: dict[str, Choice] = {}

    def rules(self) -> list[tuple[Variants, str]]:
        """Symbolizers' XML, and SQL of the features that they are for beyond the layer's filter, the lowest first.

        Where icons differ by feature, one that there is not takes no name with it.
        """
        if self._layer.type == "symbol":
            icon, text = self.icon(), self.text()
            parts = (
                [(icon + text, "true")]
                if self._has_icon == "true"
                else [(icon, self._has_icon), (text, "true")]
            )
        else:
            parts = [(WRITERS[self._layer.type](self), "true")] if self._layer.type in WRITERS else []
        return [(self.variants(written), condition) for written, condition in parts if written]

    def variants(self, written: str) -> Variants:
        """``written`` in each colour of the one property that chooses among a few; of several, by columns of texts.

        Mapnik finds a feature's variant by a number in a third of the time that it takes to read a colour's name.
        """
        if len(self._choices) != 1:
            for name, (colours, chosen) in self._choices.items():
                texts = " ".join(f"when {at} then {literal(each).sql}" for at, each in enumerate(colours))
                column = self._columns.add(f"case {chosen} {texts} end")
                written = written.replace(placeholder(name), f"[{column}]")
            return (("", written),)
        ((name, (colours, chosen)),) = self._choices.items()
        column = self._columns.add(chosen)
        return tuple(
            (f"[{column}] = {at}", written.replace(placeholder(name), each))
            for at, each in enumerate(colours)
        )

    def reach(self, most: int) -> int:
        """How far from its feature the drawing can reach, in px; ``most`` where that differs by feature."""
        match self._layer.type:
            case "fill" if self._layer.get("fill-pattern") == Literal(None):
                return 2
            case "fill-extrusion":
                return 2
            case "line" if not self.constant("line-dasharray"):  # dashes begin where a line is cut off
                sizes, strokes = ("line-width", "line-offset"), MITRES
            case "circle":
                sizes, strokes = ("circle-radius", "circle-stroke-width"), 1
            case _:
                return most
        if not all(isinstance(self.folded(name), Literal) for name in sizes):
            return most
        width: float = sum(abs(self.constant(name)) for name in sizes)
        return min(most, ceil(strokes * width) + 2)

    # Values -------------------------------------------------------------------------------------------------------

    def folded(self, name: str) -> Expr:
        return fold(self._layer.get(name), self._zoom)

    def constant(self, name: str) -> Any:
        """The value of a property that is the same for all features; its default where it is not."""
        expr = self.folded(name)
        given = PROPERTIES[self._layer.type][name]
        value = expr.value if isinstance(expr, Literal) else None
        match given.kind:
            case "number":
                fits = isinstance(value, int | float) and not isinstance(value, bool)
                return min(max(float(value), given.low), given.high) if fits else given.default  # type: ignore[arg-type]
            case "colour":
                return value if isinstance(value, str) and is_colour(value) else given.default
            case "text":
                return as_text(value)
        return given.default if value is None else value

    def value(self, name: str, change: Callable[[str], str] = lambda text: text) -> Any:
        """A value as it stands, or ``[column]``; ``change`` rewrites the SQL of the latter."""
        expr = self.folded(name)
        if isinstance(expr, Literal):
            return self.constant(name)
        if self._layer.type in WRITERS and (choice := self.choice(name, expr)) is not None:
            self._choices[name] = choice
            return placeholder(name)
        return f"[{self._columns.add(change(self.sql(name, expr)))}]"

    def choice(self, name: str, expr: Expr) -> Choice | None:
        """The colours among which ``expr`` chooses; None where it does not, or they are many."""
        given = PROPERTIES[self._layer.type][name]
        if given.kind != "colour" or not chooses_colours(expr):
            return None
        colours: dict[str, int] = {}
        numbered = numbering(expr, lambda colour: colours.setdefault(colour, len(colours)))
        default = colours.setdefault(str(given.default), len(colours))
        if numbered is None or len(colours) > MOST_VARIANTS:
            return None
        term = self._columns.term(numbered)
        chosen = f"coalesce({term.sql}, {default})::int" if term.type == "number" else f"{default}::int"
        return Choice(tuple(colours), chosen)

    def sql(self, name: str, expr: Expr) -> str:
        """SQL of the property; its default where the expression is null, or of another kind than the property.

        A number that comes from data stays within the property's bounds: Mapnik would draw letters a kilometre high. A
        colour that comes from data is one that Mapnik knows: it would draw nothing at all.
        """
        given = PROPERTIES[self._layer.type][name]
        default = literal(given.default)
        term = self._columns.term(expr)
        if given.kind == "colour" and not chooses_colours(expr):
            term = Term(f"substring({as_sql_text(term).sql} from {COLOURS})", "text")
        if default.type == "null":
            return term.sql
        if term.type != default.type:
            return default.sql
        value = f"coalesce({term.sql}, {default.sql})"
        return f"least(greatest({value}, {given.low!r}), {given.high!r})" if term.type == "number" else value

    def colour(self, name: str) -> tuple[str, float]:
        """Colour for Mapnik and the opacity that stands in it; the latter is 1 where the colour differs by feature."""
        value = self.value(name)
        if value.startswith("["):
            return value, 1.0
        colour = Colour.parse(value)
        return colour.hex, colour.alpha

    def opacity(self, name: str, alpha: float) -> str:
        """The opacity of property ``name`` times that of a colour."""
        value = self.value(name, lambda text: f"({text} * {alpha!r})")
        return value if isinstance(value, str) else f"{value * alpha:g}"

    # Types of layer -----------------------------------------------------------------------------------------------

    def fill(self) -> str:
        pattern = self._layer.get("fill-pattern")
        if pattern != Literal(None):
            return self.pattern()
        colour, alpha = self.colour("fill-color")
        opacity = self.opacity("fill-opacity", alpha)
        written = element("PolygonSymbolizer", {"fill": colour, "fill-opacity": opacity, "clip": "true"})
        edge, edge_alpha = self.colour("fill-outline-color")
        if edge_alpha > 0:
            shown = self.opacity("fill-opacity", edge_alpha)
            written += element("LineSymbolizer", {"stroke": edge, "stroke-width": 1, "stroke-opacity": shown})
        return written

    def pattern(self) -> str:
        name = self.constant("fill-pattern")
        if name not in ICON_NAMES:
            return ""
        attributes = {"file": ICONS / f"{name}.svg", "opacity": self.opacity("fill-opacity", 1)}
        return element("PolygonPatternSymbolizer", attributes)

    def extrusion(self) -> str:
        """From above, which is how pictures look, a building is its plan."""
        colour, alpha = self.colour("fill-extrusion-color")
        opacity = self.opacity("fill-extrusion-opacity", alpha)
        return element("PolygonSymbolizer", {"fill": colour, "fill-opacity": opacity})

    def line(self) -> str:
        colour, alpha = self.colour("line-color")
        attributes = {
            "stroke": colour,
            "stroke-width": self.value("line-width"),
            "stroke-opacity": self.opacity("line-opacity", alpha),
            "stroke-linecap": self.constant("line-cap"),
            "stroke-linejoin": self.constant("line-join"),
        }
        if dashes := self.constant("line-dasharray"):
            width = self.constant("line-width")  # MapLibre counts dashes in widths of the line
            lengths = [*dashes, *(dashes if len(dashes) % 2 else ())]
            attributes["stroke-dasharray"] = ",".join(f"{max(length * width, 0.01):g}" for length in lengths)
        offset = self.value("line-offset")  # to the right of the way, as in MapLibre
        if offset != 0:
            attributes["offset"] = offset
        return element("LineSymbolizer", attributes)

    def circle(self) -> str:
        """MapLibre's stroke lies around the disc, Mapnik's astride of its edge: where one sees through it, the disc and
        the ring are drawn apart."""
        colour, alpha = self.colour("circle-color")
        edge, edge_alpha = self.colour("circle-stroke-color")
        opacity = self.opacity("circle-stroke-opacity", edge_alpha)
        disc = {"marker-type": "ellipse", **ALWAYS}
        disc |= {"fill": colour, "fill-opacity": self.opacity("circle-opacity", alpha)}
        stroke = {
            "stroke": edge,
            "stroke-width": self.value("circle-stroke-width"),
            "stroke-opacity": opacity,
        }
        if stroke["stroke-width"] == 0 or opacity == "0":
            return element("MarkersSymbolizer", {**disc, "stroke-opacity": 0, **self.diameter(0)})
        around = self.diameter(1)
        if opacity == "1" and not edge.startswith("["):
            return element("MarkersSymbolizer", {**disc, **stroke, **around})
        ring = {"marker-type": "ellipse", **ALWAYS, **stroke, "fill-opacity": 0, **around}
        inner = {**disc, "stroke-opacity": 0, **self.diameter(0)}
        return element("MarkersSymbolizer", inner) + element("MarkersSymbolizer", ring)

    def diameter(self, strokes: int) -> dict[str, Any]:
        """Width and height of a circle with so many of its strokes' widths beside it."""
        radius, stroke = self.folded("circle-radius"), self.folded("circle-stroke-width")
        if isinstance(radius, Literal) and isinstance(stroke, Literal):
            size = 2 * self.constant("circle-radius") + strokes * self.constant("circle-stroke-width")
            return {"width": size, "height": size}
        beside = f" + {strokes} * {self.sql('circle-stroke-width', stroke)}" if strokes else ""
        column = self._columns.add(f"2 * {self.sql('circle-radius', radius)}{beside}")
        return {"width": f"[{column}]", "height": f"[{column}]"}

    def icon(self) -> str:
        image = self.folded("icon-image")
        if image == Literal(None):
            return ""
        if isinstance(image, Literal):
            if image.value not in ICON_NAMES:
                return ""
            file = str(ICONS / f"{image.value}.svg")
        else:
            text = self._columns.term(image)
            self._has_icon = among(text, tuple(sorted(ICON_NAMES)))  # and nothing else can be named to Mapnik
            if self._has_icon == "false":
                return ""
            file = f"{ICONS}/[{self._columns.add(text.sql)}].svg"
        colour, alpha = self.colour("icon-color")
        halo, halo_alpha = self.colour("icon-halo-color")
        shown = self.opacity("icon-opacity", alpha)
        attributes = {"file": file, "transform": self.transform(), "fill": colour, "fill-opacity": shown}
        attributes |= ALWAYS if self.constant("icon-allow-overlap") else {}
        if self.constant("symbol-placement") == "line":
            attributes |= {"placement": "line", "spacing": self.constant("symbol-spacing")}
        width = self.constant("icon-halo-width")
        if not width or not halo_alpha:
            return element("MarkersSymbolizer", {**attributes, "stroke-opacity": 0})
        ring = {**attributes, "stroke": halo, "stroke-width": 2 * width, "stroke-opacity": f"{halo_alpha:g}"}
        return element("MarkersSymbolizer", ring) + element(
            "MarkersSymbolizer", {**attributes, **ALWAYS, "stroke-opacity": 0}
        )

    def transform(self) -> str:
        """The icon moved, then turned, then enlarged: its offset counts in its own px and turns with it."""
        size = self.value("icon-size")
        turn = self.value("icon-rotate")
        parts = [f"scale({size}, {size})"]
        if turn != 0:
            parts.append(f"rotate({turn}, 0, 0)")
        x, y = self.constant("icon-offset")
        horizontal, vertical = ALIGNMENTS[self.constant("icon-anchor")]
        x += SIDES[horizontal] * FRAMED_PX / 2
        y += SIDES[vertical] * FRAMED_PX / 2
        if x or y:
            parts.append(f"translate({x:g}, {y:g})")
        return " ".join(parts)

    def text(self) -> str:
        field = self.folded("text-field")
        if field == Literal(""):
            return ""
        words = as_sql_text(self._columns.term(field))
        column = self._columns.add(f"left({self.shouted(words.sql)}, {LONGEST_LABEL})")
        size = self.value("text-size")
        em = size if isinstance(size, float) else 16.0
        colour, alpha = self.colour("text-color")
        halo, halo_alpha = self.colour("text-halo-color")
        attributes: dict[str, Any] = {
            "fontset-name": self.fontset(),
            "size": size,
            "fill": colour,
            "opacity": self.opacity("text-opacity", alpha),
            "halo-fill": halo,
            "halo-radius": self.value("text-halo-width") if halo_alpha else 0,
            "halo-opacity": f"{halo_alpha:g}",
            "character-spacing": f"{self.constant('text-letter-spacing') * em:g}",
            "allow-overlap": str(self.constant("text-allow-overlap")).lower(),
            "avoid-edges": "false",
            "clip": "false",
            **self.placing(em),
        }
        return element("TextSymbolizer", attributes, f"[{column}]")

    def shouted(self, text: str) -> str:
        case = {"uppercase": "upper", "lowercase": "lower"}.get(self.constant("text-transform"))
        return f"{case}({text})" if case else text

    def placing(self, em: float) -> dict[str, Any]:
        """Where the text goes: along a line, or about a point (of areas, one inside)."""
        if self.constant("symbol-placement") == "line":
            spacing = self.constant("symbol-spacing")
            return {
                "placement": "line",
                "spacing": spacing,
                "repeat-distance": spacing,
                "max-char-angle-delta": 45,
                "vertical-alignment": "middle",
            }
        x, y = self.constant("text-offset")
        horizontal, vertical = ALIGNMENTS[self.constant("text-anchor")]
        return {
            "placement": "interior",
            "wrap-width": f"{self.constant('text-max-width') * em:g}",
            "horizontal-alignment": horizontal,
            "vertical-alignment": vertical,
            "justify-alignment": "center" if horizontal == "middle" else "auto",
            "dx": f"{x * em:g}",
            "dy": f"{y * em:g}",
        }

    def fontset(self) -> str:
        faces = tuple(self.constant("text-font"))
        if faces not in self._fontsets:
            self._fontsets.append(faces)
        return f"f{self._fontsets.index(faces)}"


WRITERS: Mapping[str, Callable[[Symbols], str]] = {
    "fill": Symbols.fill,
    "line": Symbols.line,
    "circle": Symbols.circle,
    "fill-extrusion": Symbols.extrusion,
}
MITRES = 3  # a corner reaches so many widths of its line beyond it, at most
LONGEST_LABEL = (
    500  # letters; more are no label, and a megabyte of them takes as long as the whole picture may
)
ALWAYS = {"allow-overlap": "true", "ignore-placement": "true"}
SIDES = {"left": -1, "top": -1, "middle": 0, "right": 1, "bottom": 1}
# The side of the text that stands on its point, as the side of the point on which Mapnik writes.
ALIGNMENTS: Mapping[str, tuple[str, str]] = {
    "center": ("middle", "middle"),
    "left": ("right", "middle"),
    "right": ("left", "middle"),
    "top": ("middle", "bottom"),
    "bottom": ("middle", "top"),
    "top-left": ("right", "bottom"),
    "top-right": ("left", "bottom"),
    "bottom-left": ("right", "top"),
    "bottom-right": ("left", "top"),
}


def is_colour(text: str) -> bool:
    try:
        Colour.parse(text)
    except ValueError:
        return False
    return True


def chooses_colours(expr: Expr) -> bool:
    """Whether every result of ``expr`` is a colour of the style or null, none a text of the data."""
    match expr:
        case Literal(value):
            return value is None or (isinstance(value, str) and is_colour(value))
        case Match(_, cases, default) | Case(cases, default):
            return all(chooses_colours(out) for _, out in cases) and chooses_colours(default)
        case Step(_, default, stops):
            return all(chooses_colours(out) for _, out in stops) and chooses_colours(default)
        case Coalesce(terms):
            return all(chooses_colours(term) for term in terms)
    return isinstance(expr, Interpolate)


def numbering(expr: Expr, number: Callable[[str], int]) -> Expr | None:
    """``expr`` with numbers in place of the colours that it comes to; None where it mixes them."""

    def numbered(out: Expr) -> Expr:
        match out:
            case Literal(value):
                return out if value is None else Literal(number(str(value)))
            case Match() | Case():
                cases = tuple((test, numbered(each)) for test, each in out.cases)
                return replace(out, cases=cases, default=numbered(out.default))  # type: ignore[arg-type]
            case Step():
                stops = tuple((at, numbered(each)) for at, each in out.stops)
                return replace(out, default=numbered(out.default), stops=stops)
            case Coalesce(terms):
                return Coalesce(tuple(map(numbered, terms)))
        raise TypeError(out)

    try:
        return numbered(expr)
    except TypeError:  # an Interpolate somewhere in it
        return None


def placeholder(name: str) -> str:
    """What stands for the colour of a property that has variants until they are written out."""
    return f"[{name}]"


def element(name: str, attributes: Mapping[str, Any], content: str = "") -> str:
    """An XML element; numbers are written short."""
    written = "".join(
        f" {key}={quoteattr(f'{value:g}' if isinstance(value, float) else str(value))}"
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"
