"""The height model that counts, as a process sees it that keeps pictures of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import msgspec

from gis_core.styles.model import MapStyle
from gis_core.terrain import Bounds, HeightModel, Terrain

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
NO_MODEL = ""  # the version of no model


class Models:
    """Looks at the city's height model, and has kept pictures dropped when another one counts."""

    def __init__(self, var: Path, drop: Callable[[], None]) -> None:
        self.terrain = Terrain(var)
        self._var = var
        self._drop = drop
        self._kept: set[str] = set()  # versions whose pictures were handed to the writer since the last drop

    def now(self) -> HeightModel | None:
        return self.terrain.now()

    def extent(self) -> Bounds | None:
        """Where heights are known, in EPSG:3857; None where there is no model."""
        model = self.now()
        return model.bounds if model else None

    def version(self) -> str:
        return version_of(self.terrain)

    def version_in(self, style: MapStyle) -> str | None:
        """The version of what ``style`` draws as relief; None where it draws none whatever there is."""
        return self.version() if has_relief(style) else None

    def keeping(self, version: str | None) -> Callable[[], bool]:
        """Whether pictures of ``version``, which are being kept, are of a model that counts no longer.

        What is returned is for the thread that writes them.
        """
        if version is None:
            return lambda: False
        self._kept.add(version)
        terrain = Terrain(self._var)
        return lambda: version_of(terrain) != version

    async def watch(self) -> None:
        """For ever: drop what is kept whenever another model counts."""
        before = self.version()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                now = self.version()
                # Two changes between two looks show only in what was kept meanwhile.
                if now != before or self._kept - {now}:
                    before = now
                    self._kept = set()
                    await asyncio.to_thread(self._drop)
            except (OSError, msgspec.DecodeError) as error:
                log.warning("pictures of terrain cannot be dropped: %s", error)
                before = "to be dropped yet"


def has_relief(*styles: MapStyle) -> bool:
    """Whether any of ``styles`` draws relief where there is a height model."""
    return any(layer.type == "hillshade" for style in styles for layer in style.layers)


def version_of(terrain: Terrain) -> str:
    model = terrain.now()
    return model.version if model else NO_MODEL
