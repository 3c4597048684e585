"""Taking turns: places that are few, askers that are many, and none of them takes all places."""

from __future__ import annotations

import asyncio
from collections import Counter, deque


class Refused(Exception):
    """There is no turn: too many wait, or it took too long."""


class Turns:
    """``places`` for work. Askers wait in rounds: whoever waits is passed by each other asker once at most.

    An asker has all places but one at most, so that the next one to come finds one; the asker ``""``, who is not
    counted (this machine, networks without limits), may have all. At most ``most_waiting`` wait, each for
    ``patience_s`` at most. Used from one event loop.
    """

    def __init__(self, places: int, *, most_waiting: int, patience_s: float) -> None:
        self._free = places
        self._most_of_one = max(1, places - 1)
        self._most_waiting = most_waiting
        self._patience_s = patience_s
        self._running: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._count = 0

    @property
    def waiting(self) -> int:
        return self._count

    def ahead(self, asker: str) -> int:
        """How many of those who wait now have their turn before a further one of ``asker``, who comes last of his."""
        own = len(self._waiting.get(asker, ()))
        return own + sum(min(len(turns), own + 1) for other, turns in self._waiting.items() if other != asker)

    def take(self, asker: str) -> bool:
        """A place at once, if ``asker`` may have one and does not wait already."""
        if self._free == 0 or asker in self._waiting or not self._may_run(asker):
            return False
        self._start(asker)
        return True

    async def wait(self, asker: str) -> None:
        """A place, when it is the asker's turn. Raises `Refused`; a cancelled wait gives its turn to the next."""
        if self._count >= self._most_waiting:
            raise Refused
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(asker, deque()).append(turn)
        self._count += 1
        self._hand_on()  # a place may have become free since the asker was refused one
        try:
            async with asyncio.timeout(self._patience_s):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.leave(asker)
            else:
                self._forget(asker, turn)
            if isinstance(error, TimeoutError):
                raise Refused from None
            raise

    def leave(self, asker: str) -> None:
        """The work of ``asker`` is done: the next one's turn."""
        self._free += 1
        self._running[asker] -= 1
        if not self._running[asker]:
            del self._running[asker]
        self._hand_on()

    def _hand_on(self) -> None:
        """Give the free places to those whose turn it is."""
        while self._free and (turn := self._next()) is not None:
            turn.set_result(None)

    def _next(self) -> asyncio.Future[None] | None:
        for asker in list(self._waiting):
            if self._may_run(asker):
                turn = self._first_of(asker)
                if turn is not None:
                    self._start(asker)
                    return turn
        return None

    def _first_of(self, asker: str) -> asyncio.Future[None] | None:
        """The turn of ``asker``, who goes to the end of the round; one whose waiter has just left is passed over."""
        turns, turn = self._waiting.pop(asker), None
        while turns and turn is None:
            first = turns.popleft()
            self._count -= 1
            turn = None if first.done() else first
        if turns:
            self._waiting[asker] = turns
        return turn

    def _may_run(self, asker: str) -> bool:
        return not asker or self._running[asker] < self._most_of_one

    def _start(self, asker: str) -> None:
        self._free -= 1
        self._running[asker] += 1

    def _forget(self, asker: str, turn: asyncio.Future[None]) -> None:
        turns = self._waiting.get(asker, deque())
        if turn in turns:  # else it was passed over already
            turns.remove(turn)
            self._count -= 1
            if not turns:
                del self._waiting[asker]
