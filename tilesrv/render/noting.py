"""Words on a picture: which layers are not in it although they were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from gis_core.words import Text
from tilesrv.assets.fonts import FontsMissing, font_faces, font_name
from tilesrv.render.picture import Format

TEXT_PX = 13
MARGIN_PX = 8
INK = "#b3261e"
PAPER = "#ffffff"
NOT_DRAWN = Text("Không vẽ được: {titles}", "Not drawn: {titles}")


def noted(picture: bytes, format_: Format, titles: Sequence[Text]) -> bytes:
    """The encoded ``picture`` with a strip at its foot that names, in both languages, what is missing in it."""
    words = " · ".join(
        NOT_DRAWN.format(titles=", ".join(title.to(language) for title in titles)).to(language)
        for language in ("vi", "en")
    )
    with Image.open(BytesIO(picture)) as found:
        image = found.convert("RGBA")
    strip(image, words, at_foot=True)
    return encoded(image, format_)


def strip(image: Image.Image, text: str, *, at_foot: bool) -> None:
    """Write ``text``, as much of it as finds room, on a white strip so that it can be read over a map."""
    draw = ImageDraw.Draw(image)
    font = face()
    block = "\n".join(lines(text, font, image.width - 2 * MARGIN_PX))
    box = draw.multiline_textbbox((MARGIN_PX, MARGIN_PX), block, font)
    tall = min(box[3] + MARGIN_PX, image.height)
    top = image.height - tall if at_foot else 0
    draw.rectangle((0, top, image.width, top + tall), fill=PAPER)
    draw.multiline_text((MARGIN_PX, top + MARGIN_PX), block, INK, font)


def encoded(image: Image.Image, format_: Format) -> bytes:
    """``image`` (RGBA) in a format of pictures."""
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
