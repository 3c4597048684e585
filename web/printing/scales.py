"""Scales of sheets: from a zoom of the map, and to show a whole feature."""

from __future__ import annotations

import math

from gis_core.crs import from_degrees
from tilesrv.printing.asked import SCALES
from tilesrv.printing.paper import MM, Layout
from tilesrv.styles.scales import CSS_PX_M
from web.window import TILE, WORLD, Box, to_degrees

OFFERED = (500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000, 250_000)
# Further ones, at which the whole city finds room on smaller sheets.
SMALLER = (300_000, 400_000, 500_000, 600_000, 800_000, SCALES[1])
OF_A_POINT = 2000  # shows what stands around it
ROOM = 1.05  # around a feature that is shown whole


def of_zoom(zoom: float, latitude: float) -> int:
    """The offered scale at which things are most nearly as large on paper as at ``zoom`` on a screen of 96 dpi."""
    metres_per_px = WORLD / TILE / 2**zoom * math.cos(math.radians(latitude))
    wanted = metres_per_px / CSS_PX_M
    return min(OFFERED, key=lambda scale: abs(math.log(scale / wanted)))


def showing(box: Box, srid: int, paper: Layout) -> int | None:
    """The largest scale at which ``box`` (EPSG:3857) finds room around its middle; None where no sheet has it."""
    minx, miny, maxx, maxy = box
    if max(maxx - minx, maxy - miny) < 1:
        return OF_A_POINT
    corners = [(minx, miny), (minx, maxy), (maxx, miny), (maxx, maxy)]
    placed = [from_degrees(srid).transform(*to_degrees(*corner)) for corner in corners]
    across = max(x for x, _ in placed) - min(x for x, _ in placed)
    up = max(y for _, y in placed) - min(y for _, y in placed)
    needed = ROOM * 1000 * MM * max(across / paper.map.width, up / paper.map.height)
    larger = [scale for scale in (*OFFERED, *SMALLER) if scale >= needed]
    return larger[0] if larger else None
