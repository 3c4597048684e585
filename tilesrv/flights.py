"""Work that ends with its askers: shared by all who want the same, dropped when the last of them has left.

A client that leaves takes its request's task with it (`unless_left`), and with that the query or the drawing that
nobody else waits for: psycopg cancels a query whose coroutine is cancelled, and `tilesrv.render.pool` takes a drawing
out of its queue or ends the process that draws it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any

from gis_core.changes import Event
from tilesrv.journal import Journal

PATIENCE_S = (
    0.05  # most answers are ready by then, and listening for a client's leaving costs more than a tile
)


class Abandoned(Exception):
    """Nobody waits for the answer any more."""


async def unless_left[V](work: Coroutine[Any, Any, V], left: Callable[[], Awaitable[None]]) -> V:
    """What ``work`` returns. When ``left`` returns first, or the wait is cancelled, ``work`` is cancelled.

    ``left`` is asked for only once the work takes longer than `PATIENCE_S`. Raises `Abandoned` when it has returned,
    and whatever ``work`` raises. The work is done by the task that calls: one of its own costs a tenth of a tile.
    """
    task = asyncio.current_task()
    assert task is not None
    watch = _Watch(task, left)
    timer = task.get_loop().call_later(PATIENCE_S, watch.begin)
    try:
        return await work
    except asyncio.CancelledError:
        if watch.has_left and task.uncancel() == 0:
            raise Abandoned from None
        raise
    finally:
        timer.cancel()
        watch.end()


class _Watch:
    """Cancels ``task`` when ``left`` returns."""

    def __init__(self, task: asyncio.Task[Any], left: Callable[[], Awaitable[None]]) -> None:
        self._task = task
        self._left = left
        self._watching: asyncio.Task[None] | None = None
        self.has_left = False

    def begin(self) -> None:
        self._watching = asyncio.create_task(self._watch())

    def end(self) -> None:
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        with contextlib.suppress(Exception):  # who cannot be listened to is no longer there
            await self._left()
        self.has_left = True
        self._task.cancel()


@dataclass(slots=True)
class Flight[V]:
    """Work under way, the journal's mark from before it began, and how many wait for it."""

    task: asyncio.Task[V]
    mark: int | None
    waiting: int = 0


class Flights[K: Hashable, V]:
    """Work under way by what was asked for, joined by whoever asks for the same."""

    def __init__(self) -> None:
        self._flights: dict[K, Flight[V]] = {}

    def __len__(self) -> int:
        return len(self._flights)

    async def join(
        self,
        key: K,
        journal: Journal,
        concerns: Callable[[Event], bool],
        begin: Callable[[int | None], Coroutine[Any, Any, V]],
    ) -> V:
        """The result of the work on ``key``: of that under way, or of ``begin`` called with the journal's mark.

        Nobody joins work that began before an event of ``journal`` that ``concerns`` it: he might be told of a change
        and then be given what was there before it. Who waits for such work already may have it. The work is
        cancelled when its last waiter is.
        """
        flight = self._flights.get(key)
        if flight is None or journal.has_news(flight.mark, concerns):
            flight = self._begun(key, journal.mark, begin)
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                flight.task.cancel()
                self._land(key, flight)

    def _begun(
        self, key: K, mark: int | None, begin: Callable[[int | None], Coroutine[Any, Any, V]]
    ) -> Flight[V]:
        flight = self._flights[key] = Flight(asyncio.create_task(begin(mark)), mark)
        flight.task.add_done_callback(lambda _: self._land(key, flight))
        return flight

    def _land(self, key: K, flight: Flight[V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
