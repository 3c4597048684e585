"""Pictures of metatiles, drawn once for all who ask for a part of one at about the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from gis_core.audiences import Caller
from gis_core.changes import Event
from tilesrv.flights import Flights
from tilesrv.journal import Journals
from tilesrv.recent import Recent

# A picture of a metatile stays at hand for as long as its other parts are asked for.
HELD_S = 1.0
MOST_HELD_BYTES = 32 * 2**20

Pictures = Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Held:
    """The pictures of a metatile, and the journal's mark from before they were drawn."""

    pictures: Pictures
    mark: int | None
    until: float


class SharedPictures[K: Hashable]:
    """Pictures of this process by what makes two requests for them one, their caller included."""

    def __init__(self, journals: Journals) -> None:
        self._journals = journals
        self._flights: Flights[K, Pictures | None] = Flights()
        self._held: Recent[K, Held] = Recent(MOST_HELD_BYTES)

    async def get(
        self,
        key: K,
        caller: Caller,
        concerns: Callable[[Event], bool],
        draw: Callable[[int | None], Coroutine[Any, Any, Pictures | None]],
    ) -> Pictures | None:
        """The pictures at hand, those being drawn, or what ``draw`` returns for the journal's mark: None for nothing.

        Never pictures from before an event that ``concerns`` them and has been read.
        """
        journal = self._journals.of(caller)
        held = self._held.get(key)
        if held is not None:
            if time.monotonic() <= held.until and not journal.has_news(held.mark, concerns):
                return held.pictures
            self._held.drop(key)

        async def drawn(mark: int | None) -> Pictures | None:
            pictures = await draw(mark)
            if pictures is not None:
                until = time.monotonic() + HELD_S
                self._held.put(key, Held(pictures, mark, until), sum(map(len, pictures)))
            return pictures

        return await self._flights.join(key, journal, concerns, drawn)
