"""The piece of the world that a picture shows."""

from __future__ import annotations

import math
from dataclasses import dataclass

WORLD = 40075016.68557849  # m, the side of the EPSG:3857 square
TILE = 512  # px, MapLibre's tile at an integer zoom

Box = tuple[float, float, float, float]


def to_mercator(lon: float, lat: float) -> tuple[float, float]:
    """EPSG:4326 degrees to EPSG:3857 metres (EPSG method 1024, spherical)."""
    x = lon / 360 * WORLD
    y = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / (2 * math.pi) * WORLD
    return x, y


def to_degrees(x: float, y: float) -> tuple[float, float]:
    """EPSG:3857 metres to EPSG:4326 degrees (longitude, latitude)."""
    lon = x / WORLD * 360
    lat = math.degrees(2 * math.atan(math.exp(y / WORLD * 2 * math.pi)) - math.pi / 2)
    return lon, lat


@dataclass(frozen=True)
class Window:
    """``width`` x ``height`` px around a centre (EPSG:4326) at a MapLibre zoom."""

    lon: float
    lat: float
    zoom: float
    width: int
    height: int

    @classmethod
    def fitting(cls, box: Box, width: int, height: int, margin: float = 0.04) -> Window:
        """The window that shows ``box`` (minx, miny, maxx, maxy in EPSG:3857) whole, with a margin on each side."""
        minx, miny, maxx, maxy = box
        room = 1 - 2 * margin
        metres_per_px = max((maxx - minx) / (width * room), (maxy - miny) / (height * room), 0.05)
        lon, lat = to_degrees((minx + maxx) / 2, (miny + maxy) / 2)
        return cls(lon, lat, math.log2(WORLD / TILE / metres_per_px), width, height)

    @property
    def metres_per_px(self) -> float:
        """EPSG:3857 metres in one px; on the ground it is this times the cosine of the latitude."""
        return WORLD / TILE / 2**self.zoom

    @property
    def box(self) -> Box:
        """minx, miny, maxx, maxy in EPSG:3857."""
        x, y = to_mercator(self.lon, self.lat)
        half_width, half_height = self.width / 2 * self.metres_per_px, self.height / 2 * self.metres_per_px
        return x - half_width, y - half_height, x + half_width, y + half_height

    def px(self, x: float, y: float) -> tuple[float, float]:
        """Where EPSG:3857 ``x``, ``y`` falls, in px from the top left corner."""
        minx, _, _, maxy = self.box
        return (x - minx) / self.metres_per_px, (maxy - y) / self.metres_per_px

    def scale_bar(self, longest: float) -> tuple[float, float]:
        """A round length on the ground (1, 2 or 5 times a power of ten) that fits ``longest`` px: (metres, px)."""
        ground = self.metres_per_px * math.cos(math.radians(self.lat))
        power = 10 ** math.floor(math.log10(longest * ground))
        metres = max(step * power for step in (1, 2, 5) if step * power <= longest * ground)
        return metres, metres / ground
