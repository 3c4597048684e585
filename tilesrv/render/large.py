"""Turns of large pictures, of which few are drawn at a time, so that those that are begun are done in their time.

Begun all at once on a busy machine, each is drawn slowly and none within its deadline: all are refused after much
work. So they take turns, address by address, and whoever would wait too long is told so at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from math import ceil

from gis_core.admission import turns
from gis_core.http.problems import busy
from tilesrv.render.picture import Picture

# The address that the front door counts the request by, of which this is the task; empty where it counts none.
asked_from: ContextVar[str] = ContextVar("asked_from", default="")

LARGE_PIXELS = 1 << 20
MOST_WAITING = 64
# What a large picture takes, in seconds, before any has been drawn; the part that the last one has in what is known.
FIRST_S, LATEST = 2.0, 0.3


def is_large(picture: Picture, cut: int) -> bool:
    """Whether a picture waits for a turn of its own: a view of many pixels; no square of tiles, and no page."""
    pixels = picture.width * picture.height * picture.scale**2
    return cut == 1 and picture.format not in ("pdf", "svg") and pixels > LARGE_PIXELS


class LargeTurns:
    """``places`` for large pictures; a wait that would be longer than ``patience_s`` is refused before it begins."""

    def __init__(self, places: int, *, patience_s: float) -> None:
        self._places = places
        self._patience_s = patience_s
        self._turns = turns.Turns(places, most_waiting=MOST_WAITING, patience_s=patience_s)
        self._takes_s = FIRST_S

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A place while the block is at work. Problem 503 with the time after which one is likely."""
        asker = asked_from.get()
        if not self._turns.take(asker):
            await self._wait(asker)
        now = asyncio.get_running_loop().time
        began = now()
        try:
            yield
            # What was given up or refused says nothing of how long a picture takes.
            self._takes_s += LATEST * (now() - began - self._takes_s)
        finally:
            self._turns.leave(asker)

    async def _wait(self, asker: str) -> None:
        expected_s = (self._turns.ahead(asker) + 1) * self._takes_s / self._places
        if expected_s > self._patience_s:
            raise busy(ceil(expected_s))
        try:
            await self._turns.wait(asker)
        except turns.Refused:
            raise busy(ceil(self._takes_s)) from None
