"""What this process has lately read from the change feed: the test of whether a tile is older than a change.

A tile may be kept only if no change that shows in it was read since just before its query began. A change that commits
after the tile's snapshot is read by this process either before the tile's file is in place, and then it stands here;
or after, and then the reading removes the file. Processes need to share nothing but the folder of the files.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from gis_core.audiences import CITIZEN, Caller
from gis_core.changes import Event
from tilesrv.grid import TileId

KEPT = 2048


class Journal:
    """Batches of events, numbered. While the feed is not listened to, ``mark`` is None and nothing may be kept."""

    def __init__(self) -> None:
        self._number = 0
        self._batches: deque[tuple[int, Sequence[Event]]] = deque(maxlen=KEPT)
        self._listening = False

    @property
    def mark(self) -> int | None:
        return self._number if self._listening else None

    def begin(self) -> None:
        """The feed is listened to from here on."""
        self.lose()
        self._listening = True

    def lose(self) -> None:
        """The feed is lost: whatever was read before may be out of date."""
        self._listening = False
        self._number += 1
        self._batches.clear()

    def note(self, events: Sequence[Event]) -> None:
        self._number += 1
        self._batches.append((self._number, events))

    def is_stale(self, mark: int | None, layer_id: str, tile: TileId) -> bool:
        """Whether a tile whose query began at ``mark`` may show less than what has been read since."""
        return self.has_news(mark, lambda event: shows(event, layer_id, tile))

    def has_news(self, mark: int | None, concerns: Callable[[Event], bool]) -> bool:
        """Whether something made at ``mark`` may be older than an event that ``concerns`` it."""
        if mark is None or not self._listening:
            return True
        if mark == self._number:
            return False
        batches = list(self._batches)
        if not batches or batches[0][0] > mark + 1:
            return True  # what came right after the mark is no longer known
        return any(number > mark and any(map(concerns, events)) for number, events in batches)


class Journals:
    """One journal of what citizens could see happen, whose tiles are files; one of all that happened, for the others.

    A row that is not for a reader may make his picture be drawn once more: it shows the same again.
    """

    def __init__(self) -> None:
        self.citizens = Journal()
        self.everybody = Journal()

    def of(self, caller: Caller) -> Journal:
        """The journal in which everything stands that can change what ``caller`` sees."""
        return self.citizens if caller.key == CITIZEN.key else self.everybody

    def begin(self) -> None:
        self.citizens.begin()
        self.everybody.begin()

    def lose(self) -> None:
        self.citizens.lose()
        self.everybody.lose()


def shows(event: Event, layer_id: str, tile: TileId) -> bool:
    """Whether ``event`` can change the tile."""
    if event.layer != layer_id or (event.max_zoom is not None and tile.z > event.max_zoom):
        return False
    return event.boxes is None or tile.covered_by(event.boxes)
