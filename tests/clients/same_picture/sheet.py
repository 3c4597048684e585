"""The contact sheet: a row for each style, a column for each renderer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw, ImageFont

from gis_core.config import ROOT

LABEL, HEAD, GAP = 170, 28, 10
SHOWN = (0, 28, 256, 228)  # of each picture: there is nothing above and below
FONT = ROOT / "web" / "dist" / "fonts" / "BeVietnamPro-Regular.ttf"
RULE = "#cccccc"


def sheet(
    rows: Sequence[tuple[str, Mapping[str, Image.Image]]], columns: Mapping[str, str], scale: float = 1.0
) -> Image.Image:
    """The pictures of ``rows`` (label, pictures by renderer) under the titles of ``columns``."""
    width, height = round((SHOWN[2] - SHOWN[0]) * scale), round((SHOWN[3] - SHOWN[1]) * scale)
    font = ImageFont.truetype(str(FONT), 14)
    size = LABEL + len(columns) * (width + GAP), HEAD + len(rows) * (height + 1)
    made = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(made)
    for at, title in enumerate(columns.values()):
        x = LABEL + at * (width + GAP)
        draw.line([(x - GAP // 2, 0), (x - GAP // 2, size[1])], fill=RULE)
        draw.text((x, 5), title, fill="black", font=font)
    for row, (label, pictures) in enumerate(rows):
        y = HEAD + row * (height + 1)
        draw.line([(0, y), (size[0], y)], fill=RULE)
        draw.text((6, y + 6), label, fill="black", font=font)
        for at, name in enumerate(columns):
            if name in pictures:
                picture = Image.new("RGB", pictures[name].size, "white")
                picture.paste(pictures[name], mask=pictures[name].convert("RGBA").getchannel("A"))
                small = picture.crop(SHOWN).resize((width, height), Image.Resampling.LANCZOS)
                made.paste(small, (LABEL + at * (width + GAP), y + 1))
    return made
