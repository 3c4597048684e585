"""What a sheet will show: a picture of the place with the sheet's frame, and what to know before printing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyproj import Proj

from gis_core.audiences import Caller
from gis_core.crs import from_degrees
from gis_core.layer import Layer
from gis_core.words import Text
from tilesrv.grid import Box
from tilesrv.printing import graticule
from tilesrv.printing.asked import Asked
from tilesrv.printing.proof import Facts
from tilesrv.printing.shown import is_drawn_at, sheet_zoom
from tilesrv.styles.book import BASEMAP
from web import city, format, legend
from web.coordinates import written
from web.printing import scales, words
from web.printing.form import Draft
from web.window import Window, to_mercator

WIDTH, HEIGHT = 480, 400
AROUND = 0.12  # of the picture on each side of the frame
FAR_AROUND = 0.36  # where it is to be seen which place it was
CLOSEST = 22.0  # zoom of pictures
WRONG_BY = 0.001  # of a length, from which on it is said


@dataclass(frozen=True)
class Framed:
    """A picture's address, its size in px, and the frame of a sheet on it as the points of an SVG polygon."""

    address: str
    frame: str
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def outside(self) -> str:
        """SVG path of all but the frame, to be filled by the even-odd rule."""
        return f"M0 0H{self.width}V{self.height}H0ZM{self.frame.replace(' ', 'L')}Z"


def of_facts(facts: Facts, caller: Caller) -> Framed:
    """The place of a printed sheet: the ground, and what of its layers ``caller`` sees."""
    known = {layer.id for layer in city.layers(caller)}
    names = [name for name in facts.layers if name != BASEMAP and name.partition(":")[0] in known]
    return framed([BASEMAP, *names], facts.box, facts.srid, "print", day=facts.day, around=FAR_AROUND)


def framed(
    names: Sequence[str], box: Box, srid: int, mode: str, *, day: str = "", around: float = AROUND
) -> Framed:
    """The picture of layers ``names`` on ``day`` around ``box`` (metres of grid ``srid``) with its outline."""
    minx, miny, maxx, maxy = box
    back = from_degrees(srid)
    corners = [
        to_mercator(*back.transform(x, y, direction="INVERSE"))
        for x, y in ((minx, miny), (maxx, miny), (maxx, maxy), (minx, maxy))
    ]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    window = Window.fitting((min(xs), min(ys), max(xs), max(ys)), WIDTH, HEIGHT, around)
    zoom = min(max(window.zoom, 0.0), CLOSEST)
    window = Window(window.lon, window.lat, zoom, WIDTH, HEIGHT)
    # What has a style of its own name has no other colours than its own.
    drawn = ",".join(name if mode == "day" or ":" in name else f"{name}-{mode}" for name in names)
    place = f"{window.lon:.6f},{window.lat:.6f},{window.zoom:.4f}"
    points = (window.px(x, y) for x, y in corners)
    frame = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    then = f"?t={day}" if day else ""
    return Framed(f"/pictures/{drawn}/{place}/{WIDTH}x{HEIGHT}@2x.png{then}", frame)


def summary(asked: Asked, language: str) -> str:
    minx, miny, maxx, maxy = asked.box
    return words.SUMMARY.to(language).format(
        paper=asked.paper,
        orientation=words.PAPER[asked.orientation].to(language).lower(),
        scale=graticule.written(asked.scale, language),
        width=ground(maxx - minx, language),
        height=ground(maxy - miny, language),
    )


def ground(metres: float, language: str) -> str:
    """A length to three figures: ``85 m``, ``1,7 km``, ``170 km``."""
    if metres < 1000:
        return format.quantity(round(metres), "m", language)
    kilometres = metres / 1000
    digits = 2 if kilometres < 10 else 1 if kilometres < 100 else 0
    return format.quantity(round(kilometres, digits), "km", language)


def middle(draft: Draft, language: str) -> str:
    place = draft.place
    assert place is not None
    said = words.MIDDLE if place.title else words.UNNAMED_MIDDLE
    at = written(place.lon, place.lat, language)
    return said.to(language).format(title=place.title, place=at)


def notices(asked: Asked, caller: Caller) -> list[Text]:
    """What somebody who prints this should know: layers that this scale does not draw, lengths that are not true."""
    found = []
    if missing := not_drawn(asked, caller):
        vi, en = (", ".join(layer.title.to(each) for layer in missing) for each in ("vi", "en"))
        found.append(Text(words.NOT_DRAWN.vi.format(titles=vi), words.NOT_DRAWN.en.format(titles=en)))
    wrong = abs(Proj(asked.srid).get_factors(*asked.center).meridional_scale - 1)
    if wrong >= WRONG_BY:
        vi, en = (format.number(100 * wrong, each, 1) for each in ("vi", "en"))
        found.append(Text(words.NOT_TRUE.vi.format(percent=vi), words.NOT_TRUE.en.format(percent=en)))
    return found


def not_drawn(asked: Asked, caller: Caller) -> list[Layer]:
    """Layers of which a sheet of this scale shows nothing at all."""
    zoom = sheet_zoom(asked)
    known = {layer.id: layer for layer in city.layers(caller)}
    chosen = [known[name] for name in asked.layers if name != BASEMAP and name in known]
    return [
        layer
        for layer in chosen
        if not any(is_drawn_at(each, layer, zoom) for each in legend.style_of(layer, caller).layers)
    ]


def fitting_scale(draft: Draft, asked: Asked) -> int | None:
    """The scale at which the place would be on the sheet whole, where it is not now."""
    place = draft.place
    if place is None or place.box is None:
        return None
    scale = scales.showing(place.box, asked.srid, asked.layout)
    return scale if scale is not None and scale > asked.scale else None
