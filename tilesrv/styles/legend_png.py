"""A legend as a PNG picture: every shape an area, its edges smoothed by drawing it larger and reducing it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache, lru_cache, singledispatchmethod
from io import BytesIO
from typing import Literal

import shapely
from PIL import Image, ImageColor, ImageDraw, ImageFont
from shapely import LinearRing, LineString, Point, Polygon
from shapely.affinity import rotate, scale, translate
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from gis_core.styles.colours import Colour
from tilesrv.assets.fonts import font_faces
from tilesrv.styles.icon_shapes import CAPS, icon_shapes
from tilesrv.styles.icons import tinted_svg
from tilesrv.styles.legend_layout import FACE, Sheet
from tilesrv.styles.swatches import Area, Disc, Letters, Mark, Pattern, Shape, Stroke

SMOOTH = 4
JOINS: Mapping[str, Literal["mitre", "round", "bevel"]] = {
    "miter": "mitre", "round": "round", "bevel": "bevel"
}  # fmt: skip


@cache
def font(face: str, size: float) -> ImageFont.FreeTypeFont:
    """The face at ``size`` px; the plain one where there is no such face."""
    faces = font_faces()
    return ImageFont.truetype(str(faces.get(face, faces[FACE])), size)


@lru_cache(16_384)  # breaking lines asks for the same beginnings again and again
def text_width(text: str, size: float, face: str) -> float:
    """The width of ``text`` in px."""
    return float(font(face, size).getlength(text))


def legend_png(sheet: Sheet, density: float = 1.0) -> bytes:
    """The picture, ``density`` px of the device to each px of the sheet."""
    canvas = Canvas(sheet.width, sheet.height, sheet.ground, density)
    for placed in sheet.swatches:
        for shape in placed.shapes:
            canvas.draw(shape, (placed.x, placed.y))
    for line in sheet.lines:
        canvas.write(line.text, (line.x, line.y), line.size, line.face, Colour.parse(sheet.ink))
    out = BytesIO()
    canvas.image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(out, "png", optimize=True)
    return out.getvalue()


class Canvas:
    """An opaque picture of ``width`` by ``height`` px."""

    def __init__(self, width: float, height: float, ground: str, density: float) -> None:
        self._density = density
        size = math.ceil(width * density), math.ceil(height * density)
        self.image = Image.new("RGBA", size, ImageColor.getrgb(ground))

    def fill(self, geometry: BaseGeometry, colour: Colour, at: tuple[float, float]) -> None:
        """Paint an area, whose points are px from ``at``."""
        if geometry.is_empty or colour.alpha <= 0:
            return
        factor = self._density * SMOOTH
        placed = scale(translate(geometry, *at), factor, factor, origin=(0, 0))
        left, top, right, bottom = (int(each // SMOOTH) for each in placed.bounds)
        left, top = left - 1, top - 1
        size = (right - left + 3) * SMOOTH, (bottom - top + 3) * SMOOTH
        mask = Image.new("L", size)
        draw = ImageDraw.Draw(mask)
        for part in shapely.get_parts(placed):
            if not isinstance(part, Polygon):
                continue
            moved = translate(part, -left * SMOOTH, -top * SMOOTH)
            draw.polygon([*moved.exterior.coords], fill=255)
            for hole in moved.interiors:
                draw.polygon([*hole.coords], fill=0)
        shade = mask.reduce(SMOOTH).point(lambda level: round(level * colour.alpha))
        paint = Image.new("RGBA", shade.size, (*(round(c) for c in colour[:3]), 0))
        paint.putalpha(shade)
        self._lay(paint, left, top)

    def _lay(self, paint: Image.Image, left: int, top: int) -> None:
        """Lay ``paint`` over the picture; what reaches beyond it is cut off."""
        source = max(0, -left), max(0, -top)
        if source[0] < paint.width and source[1] < paint.height:
            self.image.alpha_composite(paint, (max(0, left), max(0, top)), source)

    def write(
        self, text: str, at: tuple[float, float], size: float, face: str, colour: Colour, anchor: str = "ls"
    ) -> None:
        x, y = (each * self._density for each in at)
        layer = Image.new("RGBA", self.image.size, (*(round(c) for c in colour[:3]), 0))
        ImageDraw.Draw(layer).text(
            (x, y), text, font=font(face, size * self._density), fill=rgba(colour), anchor=anchor
        )
        self.image.alpha_composite(layer)

    @singledispatchmethod
    def draw(self, shape: Shape, at: tuple[float, float]) -> None:
        raise TypeError(shape)

    @draw.register
    def _(self, shape: Area, at: tuple[float, float]) -> None:
        self.fill(Polygon(shape.points), shape.fill, at)

    @draw.register
    def _(self, shape: Stroke, at: tuple[float, float]) -> None:
        self.fill(stroked(shape), shape.colour, at)

    @draw.register
    def _(self, shape: Disc, at: tuple[float, float]) -> None:
        middle = Point(shape.centre)
        inner = middle.buffer(shape.radius, quad_segs=16)
        self.fill(inner, shape.fill, at)
        if shape.width > 0:
            outer = middle.buffer(shape.radius + shape.width, quad_segs=16)
            self.fill(outer.difference(inner), shape.edge, at)

    @draw.register
    def _(self, shape: Pattern, at: tuple[float, float]) -> None:
        icon = tinted_svg(shape.icon)
        if icon is None:
            return
        area = Polygon(shape.points)
        left, top, right, bottom = area.bounds
        for column in range(int(left // icon.width), int(right // icon.width) + 1):
            for row in range(int(top // icon.height), int(bottom // icon.height) + 1):
                for part in icon_shapes(icon):
                    tile = translate(part.geometry, column * icon.width, row * icon.height)
                    colour = part.colour._replace(alpha=part.colour.alpha * shape.opacity)
                    self.fill(tile.intersection(area), colour, at)

    @draw.register
    def _(self, shape: Mark, at: tuple[float, float]) -> None:
        icon = tinted_svg(shape.icon, shape.tint, shape.halo, shape.halo_width / shape.size)
        if icon is None:
            return
        opacity = shape.opacity * shape.tint.alpha
        for part in icon_shapes(icon):
            centred = translate(part.geometry, -icon.width / 2, -icon.height / 2)
            turned = rotate(scale(centred, shape.size, shape.size, origin=(0, 0)), shape.turn, origin=(0, 0))
            colour = part.colour._replace(alpha=part.colour.alpha * opacity)
            self.fill(translate(turned, *shape.centre), colour, at)

    @draw.register
    def _(self, shape: Letters, at: tuple[float, float]) -> None:
        where = (at[0] + shape.centre[0], at[1] + shape.centre[1])
        if shape.halo_width > 0 and shape.halo.alpha > 0:
            self._halo(shape, where)
        self.write(shape.text, where, shape.size, shape.face, shape.colour, "mm")

    def _halo(self, shape: Letters, where: tuple[float, float]) -> None:
        x, y = (each * self._density for each in where)
        layer = Image.new("RGBA", self.image.size, (*(round(c) for c in shape.halo[:3]), 0))
        ImageDraw.Draw(layer).text(
            (x, y),
            shape.text,
            font=font(shape.face, shape.size * self._density),
            fill=rgba(shape.halo),
            stroke_width=max(1, round(shape.halo_width * self._density)),
            anchor="mm",
        )
        self.image.alpha_composite(layer)


def rgba(colour: Colour) -> tuple[int, int, int, int]:
    red, green, blue, alpha = colour
    return round(red), round(green), round(blue), round(255 * alpha)


def stroked(shape: Stroke) -> BaseGeometry:
    """The area that a stroke covers, dash by dash."""
    ring = [*shape.points, shape.points[0]] if shape.closed else list(shape.points)
    line = LineString(ring)

    def wide(part: BaseGeometry) -> BaseGeometry:
        return part.buffer(shape.width / 2, cap_style=CAPS[shape.cap], join_style=JOINS[shape.join])

    if not shape.dashes:
        return wide(LinearRing(ring) if shape.closed else line)
    return shapely.union_all([wide(part) for part in dashed(line, shape.dashes)])


def dashed(line: LineString, dashes: tuple[float, ...]) -> list[BaseGeometry]:
    """The drawn pieces of ``line``: dash, gap, dash, gap."""
    lengths = dashes * 2 if len(dashes) % 2 else dashes
    found: list[BaseGeometry] = []
    at, turn = 0.0, 0
    while at < line.length and sum(lengths) > 0:
        length = lengths[turn % len(lengths)]
        if turn % 2 == 0 and length > 0:
            found.append(substring(line, at, min(at + length, line.length)))
        at, turn = at + length, turn + 1
    return found
