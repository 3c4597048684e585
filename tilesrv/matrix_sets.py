"""Tile matrix sets (OGC 17-083r4): WebMercatorQuad, and one of our own in the city's cadastral projection.

`VN2000` is for those who work in VN-2000: its matrices are map scales, 1:16 384 000 down to 1:250, each twice as large
as the one before, so that 1:500, 1:1000 and 1:2000, the scales of cadastral maps, are among them. A pixel is 0.28 mm
wide (OGC 07-057r7, 6.1), 0.14 m on the ground at 1:500. The corner from which tiles are counted lies north-west of the
country, and the first matrix, of two by two tiles, holds all of Việt Nam with Hoàng Sa and Trường Sa.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis_core.crs_uris import EPSG_URI
from gis_core.words import Text
from tilesrv.grid import HALF_WORLD_M, MAX_ZOOM, Box, TileId

if TYPE_CHECKING:
    from gis_core.crs import Crs

TILE_PX = 256
URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/"
SCALE_SET_URI = "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible"


@dataclass(frozen=True)
class MatrixSet:
    """Square tiles of 256 px, counted from the top left ``corner`` (x, y); each matrix twice as fine as the last.

    ``across`` is the number of tiles on each side of the first matrix, ``denominator`` its scale. ``uri`` is that of a
    registered set.
    """

    id: str
    title: Text
    srid: int
    corner: tuple[float, float]
    denominator: float
    cell: float  # metres to a pixel of the first matrix
    across: int
    last: int  # identifier of the finest matrix; they are numbered from 0
    uri: str | None = None
    scale_set: str | None = None

    @property
    def crs_uri(self) -> str:
        return f"{EPSG_URI}{self.srid}"

    @property
    def crs(self) -> Crs:
        """The set's coordinate reference system; its module loads PROJ, which plain tiles can do without."""
        from gis_core.crs import crs_by_uri

        return crs_by_uri(self.crs_uri)

    def tiles_across(self, z: int) -> int:
        return self.across << z

    def side(self, z: int) -> float:
        """Length of a tile's edge in metres."""
        return self.cell * TILE_PX / (1 << z)

    def has(self, tile: TileId) -> bool:
        if not 0 <= tile.z <= self.last:
            return False
        return 0 <= tile.x < self.tiles_across(tile.z) and 0 <= tile.y < self.tiles_across(tile.z)

    def box(self, tile: TileId, across: int = 1) -> Box:
        """minx, miny, maxx, maxy of ``across`` by ``across`` tiles, ``tile`` being the north-western one."""
        side = self.side(tile.z)
        west, north = self.corner[0] + tile.x * side, self.corner[1] - tile.y * side
        return west, north - across * side, west + across * side, north


WEB_MERCATOR_QUAD = MatrixSet(
    id="WebMercatorQuad",
    title=Text("Lưới ô bản đồ web (Google Maps)", "The tile grid of web maps (Google Maps compatible)"),
    srid=3857,
    corner=(-HALF_WORLD_M, HALF_WORLD_M),
    denominator=559082264.028717,
    cell=156543.033928041,
    across=1,
    last=MAX_ZOOM,
    uri=f"{URI}WebMercatorQuad",
    scale_set=SCALE_SET_URI,
)
VN2000 = MatrixSet(
    id="VN2000TM3Hue",
    title=Text("Lưới ô VN-2000, kinh tuyến trục 107° (Huế)", "Tile grid in VN-2000 / TM-3 107-00 (Huế)"),
    srid=9214,
    corner=(-400_000.0, 2_800_000.0),
    denominator=16_384_000.0,
    cell=4587.52,
    across=2,
    last=16,
)
MATRIX_SETS: Mapping[str, MatrixSet] = {each.id: each for each in (WEB_MERCATOR_QUAD, VN2000)}
