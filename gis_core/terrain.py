"""The height model of the city: one raster of elevations, whoever imports it and whoever reads it.

``<var>/terrain/model.json`` names the raster that counts now. It is replaced at one stroke, so that every process that
looks at it sees the old model or the new one. The raster itself is a tiled GeoTIFF of metres above sea level (float32,
NaN where nothing is known) on the pixel grid of web map tiles: EPSG:3857, 256 px tiles at zoom ``zoom``, with
overviews for each of the `OVERVIEWS` zooms below it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

FOLDER = "terrain"
POINTER = "model.json"
OVERVIEWS = 8  # a tile of 256 px at the origin of the raster is a whole number of px in each of them

Bounds = tuple[float, float, float, float]  # minx, miny, maxx, maxy in metres of EPSG:3857


class HeightModel(msgspec.Struct, frozen=True):
    """What there is to know of the raster without opening it.

    ``bounds`` hold every known height; ``filled`` is how many cells of the sources were interpolated.
    """

    file: str
    zoom: int
    bounds: Bounds
    lowest: float
    highest: float
    sources: tuple[str, ...]
    credit: str = ""
    filled: int = 0

    @property
    def version(self) -> str:
        """Differs for every import."""
        return self.file.removesuffix(".tif").rpartition("-")[2]

    @property
    def lowest_zoom(self) -> int:
        return max(self.zoom - OVERVIEWS, 0)


class Terrain:
    """The height model as it stands; a look costs one ``stat``."""

    def __init__(self, var: Path) -> None:
        self.folder = var / FOLDER
        self._pointer = self.folder / POINTER
        self._seen: tuple[int, int] | None = None
        self._model: HeightModel | None = None

    def now(self) -> HeightModel | None:
        """The model that counts now; None where there is none."""
        try:
            stat = self._pointer.stat()
            state = stat.st_mtime_ns, stat.st_ino
            if state != self._seen:
                self._model = msgspec.json.decode(self._pointer.read_bytes(), type=HeightModel)
                self._seen = state
        except FileNotFoundError:
            self._model = self._seen = None
        return self._model

    def raster(self, model: HeightModel) -> Path:
        return self.folder / model.file

    def publish(self, model: HeightModel) -> None:
        """Let ``model`` count, whose raster is in place; rasters of before are removed."""
        pointer = self.folder / POINTER
        new = pointer.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(model))
        new.replace(pointer)
        for old in self.folder.glob("heights-*.tif"):
            if old.name != model.file:
                old.unlink(missing_ok=True)

    def remove(self) -> bool:
        """Do without a height model; whether there was one."""
        there = self.now() is not None
        (self.folder / POINTER).unlink(missing_ok=True)
        for old in self.folder.glob("heights-*.tif"):
            old.unlink(missing_ok=True)
        return there
