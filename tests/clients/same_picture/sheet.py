"""The contact sheet: a row for each style, a column for each renderer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw, ImageFont

from gis_core.config import ROOT

CELL, LABEL, HEAD = 256, 190, 28
FONT = ROOT / "web" / "dist" / "fonts" / "BeVietnamPro-Regular.ttf"
RULE = "#cccccc"


def sheet(
    rows: Sequence[tuple[str, Mapping[str, Image.Image]]], columns: Mapping[str, str], scale: float = 1.0
) -> Image.Image:
    """The pictures of ``rows`` (label, pictures by renderer) under the titles of ``columns``."""
    cell = round(CELL * scale)
    font = ImageFont.truetype(str(FONT), 15)
    size = LABEL + len(columns) * (cell + 1), HEAD + len(rows) * (cell + 1)
    made = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(made)
    for at, title in enumerate(columns.values()):
        draw.text((LABEL + at * (cell + 1) + 6, 5), title, fill="black", font=font)
    for row, (label, pictures) in enumerate(rows):
        y = HEAD + row * (cell + 1)
        draw.line([(0, y), (size[0], y)], fill=RULE)
        draw.text((6, y + 6), label, fill="black", font=font)
        for at, name in enumerate(columns):
            if name in pictures:
                picture = Image.new("RGB", pictures[name].size, "white")
                picture.paste(pictures[name], mask=pictures[name].convert("RGBA").getchannel("A"))
                made.paste(
                    picture.resize((cell, cell), Image.Resampling.LANCZOS), (LABEL + at * (cell + 1), y + 1)
                )
    return made
