"""Exceptions as pictures: the words written on one (INIMAGE), or nothing at all (BLANK)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageColor, ImageDraw, ImageFont

from gis_core.problems import Problem
from tilesrv.assets.fonts import FontsMissing, font_faces, font_name
from tilesrv.maps.drawings import blank
from tilesrv.render.picture import MEDIA_TYPES, Format
from tilesrv.wms import parameters
from tilesrv.wms.map import background_of
from tilesrv.wms.parameters import FORMATS

TEXT_PX = 13
MARGIN_PX = 8
INK = "#b3261e"
PAPER = "#ffffff"


def told_in_picture(
    given: Mapping[str, str], problem: Problem, how: str, language: str
) -> tuple[str, bytes] | None:
    """Media type and picture of the size and format that were asked for; None where they are what is at fault."""
    try:
        width, height = parameters.size_of(given)
        format_ = FORMATS[parameters.format_of(given)]
        background = background_of(given, format_)
    except Problem:
        return None
    if how == "inimage":
        return MEDIA_TYPES[format_], written(
            problem.detail.to(language), (width, height), format_, background
        )
    return MEDIA_TYPES[format_], blank(width, height, format_, background)


def written(text: str, size: tuple[int, int], format_: Format, background: str | None) -> bytes:
    """``text`` on a picture, as much of it as finds room, on a white strip so that it can be read over a map."""
    ground = (*ImageColor.getrgb(background)[:3], 255) if background else (0, 0, 0, 0)
    image = Image.new("RGBA", size, ground)
    draw = ImageDraw.Draw(image)
    font = face()
    block = "\n".join(lines(text, font, size[0] - 2 * MARGIN_PX))
    box = draw.multiline_textbbox((MARGIN_PX, MARGIN_PX), block, font)
    draw.rectangle((0, 0, size[0], box[3] + MARGIN_PX), fill=PAPER)
    draw.multiline_text((MARGIN_PX, MARGIN_PX), block, INK, font)
    out = BytesIO()
    if format_ == "jpg":
        image.convert("RGB").save(out, "jpeg", quality=85)
    elif format_ == "webp":
        image.save(out, "webp", lossless=True, method=0)
    else:
        image.save(out, "png")
    return out.getvalue()


def lines(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """``text`` broken between words at ``width`` px; a word that is longer stands alone and is cut by the edge."""
    found: list[str] = []
    for word in text.split():
        longer = f"{found[-1]} {word}" if found else word
        if found and font.getlength(longer) <= width:
            found[-1] = longer
        else:
            found.append(word)
    return found


@lru_cache(maxsize=1)
def face() -> ImageFont.FreeTypeFont:
    """The typeface of the maps; Pillow's own where the front end is not built."""
    try:
        return ImageFont.truetype(str(font_faces()[font_name("Regular")]), TEXT_PX)
    except FontsMissing:
        found = ImageFont.load_default(TEXT_PX)
        assert isinstance(found, ImageFont.FreeTypeFont)
        return found
