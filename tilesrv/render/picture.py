"""What a picture is made of, as its askers say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gis_core.registry import Published
from gis_core.styles.model import MapStyle
from gis_core.times import Moment
from tilesrv.grid import Box

Format = Literal["png", "png8", "webp", "jpg", "pdf", "svg"]
MEDIA_TYPES: dict[Format, str] = {
    "png": "image/png",
    "png8": "image/png",
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Drawing:
    """Layers drawn in one style, which is for the caller's eyes and in colours (`tilesrv.styles.book`).

    ``published`` holds each collection of the style; one that is missing is not drawn. ``at`` is the moment that
    temporal layers show (or an interval, whatever meets it), now with None.
    """

    style: MapStyle
    published: Sequence[Published]
    at: Moment | None = None


@dataclass(frozen=True)
class Picture:
    """A map of ``box`` (minx, miny, maxx, maxy in easting and northing, or longitude and latitude, whatever the
    authority's order) of EPSG:``srid``, ``width`` by ``height`` px of 0.28 mm; ``scale`` px of the device to each,
    of which there are the nearest whole number.

    Pixels need not be square. ``background`` is a CSS colour, None for none. ``zoom`` is the style's zoom where it is
    not to be taken from the size of a pixel.
    """

    drawings: tuple[Drawing, ...]
    srid: int
    box: Box
    width: float
    height: float
    scale: float = 1.0
    background: str | None = None
    format: Format = "png"
    zoom: float | None = None
