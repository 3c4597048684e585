"""Layers by name, in a style by name, as what the renderer draws; and whether a picture of them can show anything."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import pyproj
from PIL import Image, ImageColor

from gis_core.audiences import Caller
from gis_core.crs import Crs
from gis_core.registry import Catalogue
from gis_core.styles.colours import MODES
from gis_core.times import Moment
from tilesrv.extents import Extents
from tilesrv.grid import Box
from tilesrv.maps.times import current_state
from tilesrv.render.compiling import BUFFER_PX
from tilesrv.render.picture import Drawing, Format
from tilesrv.render.picture_tiles import drawing_of
from tilesrv.styles.book import BASEMAP, no_such_style, style_named
from tilesrv.terrain.models import has_relief


def picture_name(layer: str, style_id: str | None) -> str:
    """What `tilesrv.styles.book` and picture tiles call ``layer`` in its style ``style_id`` (None, "": the default).

    The styles of the basemap are the modes. Raises the 404 Problem ``no-such-style`` for another of the basemap's.
    """
    if layer != BASEMAP:
        return f"{layer}:{style_id}" if style_id else layer
    if style_id and style_id not in MODES:
        raise no_such_style(f"{layer}:{style_id}")
    return layer if not style_id or style_id == MODES[0] else f"{layer}-{style_id}"


def drawing_named(
    catalogue: Catalogue, caller: Caller, layer: str, style_id: str | None, at: Moment | None = None
) -> Drawing:
    """``layer`` (an id, or the basemap) in a style of its own. ``at`` counts for layers with time; without it, what is
    valid now is drawn (`current_state`).

    Raises the 404 Problems ``no-such-collection`` and ``no-such-style``.
    """
    if layer != BASEMAP:
        published = catalogue.get(layer, caller)
        at = (at or current_state(published.layer)) if published.layer.time else None
    style = style_named(catalogue, caller, picture_name(layer, style_id))
    return drawing_of(catalogue, caller, style, at if layer != BASEMAP else None)


def has_ground(drawings: Sequence[Drawing]) -> bool:
    """Whether one of ``drawings`` has a colour of its own for the ground."""
    return any(layer.type == "background" for each in drawings for layer in each.style.layers)


# Pictures in which there is nothing ---------------------------------------------------------------------------------


async def shows_something(
    extents: Extents,
    heights: Box | None,
    caller: Caller,
    drawings: Sequence[Drawing],
    crs: Crs,
    box: Box,
    px: float,
) -> bool:
    """Whether the extent of any collection of ``drawings`` reaches ``box`` (of ``crs``, x first), or may do so.

    ``px`` is the width of a pixel in the unit of ``box``: symbols reach beyond their places. A box beyond the domain
    of its CRS is nowhere. ``heights`` is the box of EPSG:3857 in which relief can be drawn.
    """
    low_x, low_y, high_x, high_y = crs.domain
    if box[0] >= high_x or box[2] <= low_x or box[1] >= high_y or box[3] <= low_y:
        return False
    margin = px * BUFFER_PX
    wide = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
    place = web_mercator_box(wide, crs)
    relief = heights if has_relief(*(each.style for each in drawings)) else None
    if relief is not None and (place is None or meet(relief, place)):
        return True
    for published in {each.layer.id: each for drawing in drawings for each in drawing.published}.values():
        seen = await extents.box(published, caller)
        if seen is not None and (place is None or meet(seen, place)):
            return True
    return False


def meet(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and one[2] >= other[0] and one[1] <= other[3] and one[3] >= other[1]


def web_mercator_box(box: Box, crs: Crs) -> Box | None:
    """The box of EPSG:3857 around ``box``; None where it is too large to have one, and may show anything."""
    low_x, low_y, high_x, high_y = crs.domain
    if crs.is_geographic:
        low_y, high_y = -85.05, 85.05
    cut = (max(box[0], low_x), max(box[1], low_y), min(box[2], high_x), min(box[3], high_y))
    if cut[0] >= cut[2] or cut[1] >= cut[3]:
        return None
    if crs.srid == 3857:
        return cut
    transformer = pyproj.Transformer.from_crs(crs.srid, 3857, always_xy=True)
    found = transformer.transform_bounds(*cut, densify_pts=20)
    return found if all(abs(each) < 1e9 for each in found) else None


def blank(width: int, height: int, format: Format, background: str | None) -> bytes:
    """An encoded picture of nothing, in one colour or transparent with None."""
    out = BytesIO()
    colour = ImageColor.getrgb(background) if background else None
    if format == "jpg":
        Image.new("RGB", (width, height), colour or (255, 255, 255)).save(out, "jpeg", quality=85)
    elif format == "webp":
        Image.new("RGBA", (width, height), colour or (0, 0, 0, 0)).save(out, "webp", lossless=True, method=0)
    else:
        image = Image.new("P", (width, height))
        image.putpalette([*(colour or (0, 0, 0))[:3]])
        if colour is None:
            image.save(out, "png", transparency=0)
        else:
            image.save(out, "png")
    return out.getvalue()
