"""One answer made of what several layers give: what `gis_core.shares` is for threads, in the event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from gis_core.outages import too_slow
from gis_core.problems import Problem
from gis_core.shares import LEAST_MS, MORE, PART
from tilesrv.database import is_of_layer

AT_ONCE = 2  # of one answer: the other connections of the pool are everybody else's


async def in_turns[T](asked: Sequence[Callable[[], Awaitable[T]]], seconds: float) -> list[T | Problem]:
    """What each of ``asked`` gives, in their order, or the Problem for which it gives nothing.

    `AT_ONCE` of them are asked at a time. Each has its even share of what is left of ``seconds`` for those still to
    come; what was too slow for that is asked once more, last, where it then has more. Raises a Problem that is no
    layer's doing.
    """
    now = asyncio.get_running_loop().time
    until = now() + seconds
    given: list[T | Problem] = [too_slow()] * len(asked)
    had = [0.0] * len(asked)

    async def ask(turns: deque[int], slow: deque[int], most: float) -> None:
        while turns:
            share = max(LEAST_MS / 1000, min(most, (until - now()) * AT_ONCE / len(turns)))
            place = turns.popleft()
            if share < MORE * had[place]:
                continue
            had[place] = share
            try:
                async with asyncio.timeout(share):
                    given[place] = await asked[place]()
            except TimeoutError:
                slow.append(place)
            except Problem as problem:
                if not is_of_layer(problem):
                    raise
                given[place] = problem

    turns = deque(range(len(asked)))
    while turns:
        slow = deque[int]()
        most = (until - now()) * AT_ONCE / PART
        await asyncio.gather(*(ask(turns, slow, most) for _ in range(AT_ONCE)))
        turns = slow
    return given
