"""Anonymous picture tiles as files that nginx serves: ``<var>/tilecache/pictures/<name>/<z>/<x>/<y>.png``.

They are kept, found stale and bounded as vector tiles are (`tilesrv.cache`); a change drops whole metatiles, since a
name that finds room in one of its tiles may stand in another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from gis_core.changes import Event
from tilesrv.cache import TileFiles, numbered, unlink
from tilesrv.grid import TileId
from tilesrv.render.metatile import Metatile
from tilesrv.styles.book import BASEMAP


def names_drawing(layer_id: str, names: Iterable[str]) -> list[str]:
    """Those of ``names`` (`styles.book`) that may draw a layer: its own, and the basemap."""
    return [name for name in names if name.partition(":")[0].partition("-")[0] in (layer_id, BASEMAP)]


class PictureFiles(TileFiles):
    """The folder of anonymous pictures, shared by all processes of the city."""

    FOLDER = "pictures"
    PATTERN = "*.*"

    def picture(self, name: str, tile: TileId, suffix: str) -> Path:
        return self.root / name / str(tile.z) / str(tile.x) / f"{tile.y}{suffix}"

    def keep_pictures(
        self,
        name: str,
        tiles: Sequence[TileId],
        suffix: str,
        bodies: Sequence[bytes],
        meta: Metatile,
        mark: int | None,
        is_stale: Callable[[], bool],
    ) -> None:
        """Write the pictures of a metatile soon, unless a change that shows in it was read since ``mark`` or they
        are stale for another reason."""
        if mark is None:
            return
        paths = [self.picture(name, tile, suffix) for tile in tiles]
        self.soon(
            lambda: self.put_unless(
                lambda: is_stale() or self._journal.has_news(mark, lambda event: concerns(event, name, meta)),
                paths,
                lambda: bodies,
            )
        )

    def drop(self, events: Iterable[Event]) -> int:
        """Remove the pictures in which something of ``events`` shows; how many there were."""
        dropped = 0
        names = [each.name for each in self.root.iterdir()] if self.root.is_dir() else []
        for event in events:
            for name in names_drawing(event.layer, names):
                if event.boxes is None and event.max_zoom is None:
                    self._set_aside(self.root / name)
                else:
                    dropped += sum(unlink(path) for path in self._of_name(name, event))
        return dropped

    def _of_name(self, name: str, event: Event) -> Iterator[Path]:
        for z, folder in numbered(self.root / name):
            for x, column in numbered(folder):
                for path in column.iterdir():
                    row = path.name.partition(".")[0].partition("@")[0]
                    if row.isdecimal() and Metatile.around(TileId(z, x, int(row))).shows(event):
                        yield path


def concerns(event: Event, name: str, meta: Metatile) -> bool:
    return bool(names_drawing(event.layer, [name])) and meta.shows(event)
