"""Exceptions as pictures: the words written on one (INIMAGE), or nothing at all (BLANK)."""

from __future__ import annotations

from collections.abc import Mapping

from PIL import Image, ImageColor

from gis_core.problems import Problem
from tilesrv.maps.drawings import blank
from tilesrv.render.noting import encoded, strip
from tilesrv.render.picture import MEDIA_TYPES, Format
from tilesrv.wms import parameters
from tilesrv.wms.map import background_of
from tilesrv.wms.parameters import FORMATS


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
    strip(image, text, at_foot=False)
    return encoded(image, format_)
