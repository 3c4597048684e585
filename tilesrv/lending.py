"""Connections at hand: one that is given back goes to the next reader at once, without the pool's ceremony.

To take a connection from psycopg's pool and to give it back, through its queue where all are lent, takes a fifth of the
tile process's time. The pool makes connections, replaces lost ones and closes those that were idle for long; between
two readers they stay here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from gis_core.outages import TRIED_ANEW_S, has_word

IDLE_S = 30.0  # after which what nobody has used goes to the pool
THROUGH_POOL = 1000  # so many times a connection is handed on before the pool looks at its age

Connection = psycopg.AsyncConnection[Any]


class Exhausted(Exception):
    """No connection became free in time, or too many wait for one."""


async def is_there(connection: Connection) -> bool:
    """Whether the server has not ended an idle connection; a round trip only where it seems to have."""
    if not has_word(connection):
        return True
    try:
        await connection.execute("")
    except psycopg.Error:
        return False
    return True


class Lender:
    """Lends at most ``most`` connections of ``pool`` at a time; who comes then waits in turn, ``wait_s`` at most."""

    def __init__(
        self, pool: AsyncConnectionPool[Connection], *, most: int, most_waiting: int, wait_s: float
    ) -> None:
        self._pool = pool
        self._most = most
        self._most_waiting = most_waiting
        self._wait_s = wait_s
        self._taken = 0  # of the pool, lent or idle
        self._idle: list[Connection] = []
        self._spare = 0  # how many of the idle nobody has used since they were looked at last
        self._given = 0
        # Each is given a connection, or None: to take one of the pool.
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._resting: asyncio.Task[None] | None = None

    async def take(self) -> Connection:
        """A connection whose server is there. Raises `Exhausted`, and `PoolTimeout` where none can be made."""
        while True:
            connection = await self._next()
            try:
                if await is_there(connection):
                    return connection
            except asyncio.CancelledError:
                await self._leave(connection)
                raise
            await self._leave(connection)

    async def give(self, connection: Connection) -> None:
        """The connection is free again; it goes to the pool, which replaces it, where it can be used no more."""
        self._given += 1
        idle = not connection.closed and connection.pgconn.transaction_status == TransactionStatus.IDLE
        if not idle or self._given % THROUGH_POOL == 0:
            await self._leave(connection)
            return
        if not self._hand_on(connection):
            self._idle.append(connection)
            if self._resting is None:
                self._spare = 0
                self._resting = asyncio.create_task(self._rest())

    async def check(self) -> None:
        """Replace what is lost among the connections that nobody uses."""
        await self._leave_idle(len(self._idle))
        await self._pool.check()

    async def close(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        await self._leave_idle(len(self._idle))
        await self._pool.close(timeout=1)

    async def _next(self) -> Connection:
        while True:
            if self._idle:
                connection = self._idle.pop()
                self._spare = min(self._spare, len(self._idle))
                return connection
            if self._taken < self._most:
                return await self._new()
            handed = await self._turn()
            if handed is not None:
                return handed

    async def _new(self) -> Connection:
        self._taken += 1
        try:
            return await self._made()
        except BaseException:
            self._taken -= 1
            self._hand_on(None)
            raise

    async def _made(self) -> Connection:
        """A connection of the pool, which is asked again until one can be made; PoolTimeout after ``wait_s``."""
        until = monotonic() + self._wait_s
        while True:
            try:
                return await self._pool.getconn(timeout=TRIED_ANEW_S)
            except PoolTimeout:
                if monotonic() >= until:
                    raise

    async def _turn(self) -> Connection | None:
        """What is handed to whoever comes last now, when it is his turn."""
        if len(self._waiting) >= self._most_waiting:
            raise Exhausted
        turn: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._wait_s):
                return await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():  # handed in the same moment: the next one's
                handed = turn.result()
                if not self._hand_on(handed) and handed is not None:
                    self._idle.append(handed)
            if isinstance(error, TimeoutError):
                raise Exhausted from error
            raise

    def _hand_on(self, connection: Connection | None) -> bool:
        """Whether somebody waits who has it now."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        return False

    async def _leave(self, connection: Connection) -> None:
        """Give it back to the pool; whoever waits may take another."""
        self._taken -= 1
        try:
            await self._pool.putconn(connection)
        finally:
            self._hand_on(None)

    async def _leave_idle(self, count: int) -> None:
        leaving, self._idle = self._idle[:count], self._idle[count:]
        for connection in leaving:
            await self._leave(connection)

    async def _rest(self) -> None:
        """Give back what nobody has used for a while, until nothing is idle any more."""
        try:
            while self._idle or self._taken:
                self._spare = len(self._idle)
                await asyncio.sleep(IDLE_S)
                await self._leave_idle(self._spare)
        finally:
            self._resting = None
