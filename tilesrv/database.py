"""Connections of the event loop: a small pool per login role, opened at first use.

What a reader may see is decided by the database (its role's views). A coroutine that is cancelled while its query runs
cancels the query in the server too (psycopg sends the request).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.outages import TRIED_ANEW_S, is_lost, outage_of, unreadable
from gis_core.problems import Problem
from tilesrv.http import busy
from tilesrv.lending import Connection, Exhausted, Lender

log = logging.getLogger(__name__)

POOL_SIZE = 4  # per role and process; more only queue inside PostgreSQL
WAIT_S = 2.0
MOST_WAITING = 256
TIMEOUT_MS = 3000

# The view is another than when the plan was made: published anew since the catalogue was read.
STALE = (
    psycopg.errors.FeatureNotSupported,  # cached plan must not change result type
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.InsufficientPrivilege,
)


def told_of(error: psycopg.Error) -> Problem:
    """What is said of a query that failed: an outage, or a layer that cannot be read."""
    if (outage := outage_of(error)) is not None:
        return outage
    log.warning("a layer cannot be read: %s", error)
    return unreadable()


def is_of_layer(problem: Problem) -> bool:
    """Whether a query ended so because of what it read: it raises, or takes too long. Not: nobody had time for it."""
    return problem.code == "layer-unreadable" or isinstance(problem.__cause__, psycopg.errors.QueryCanceled)


class Database:
    """Reading as an audience, and as the application for what belongs to nobody (the catalogue)."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._lenders: dict[str, Lender] = {}
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        for lender in self._lenders.values():
            await lender.close()
        self._lenders.clear()

    def parameters(self, role: str) -> dict[str, Any]:
        """How to connect as ``role``; values are bound as ``$1``, statements prepared at first use."""
        given = self.config.connection(role)
        options = f"{given.get('options', '')} -c statement_timeout={TIMEOUT_MS} -c jit=off -c datestyle=ISO"
        return {
            **given,
            "options": options,
            "application_name": f"huong tiles {role}",
            "autocommit": True,
            "prepare_threshold": 0,
            "cursor_factory": psycopg.AsyncRawCursor,
        }

    async def _lender(self, role: str) -> Lender:
        async with self._opening:
            lender = self._lenders.get(role)
            if lender is None:
                pool = AsyncConnectionPool(
                    kwargs=self.parameters(role),
                    min_size=0,
                    max_size=POOL_SIZE,
                    timeout=WAIT_S,
                    max_idle=300,
                    reconnect_timeout=TRIED_ANEW_S,
                    open=False,
                )
                await pool.open()
                lender = Lender(pool, most=POOL_SIZE, most_waiting=MOST_WAITING, wait_s=WAIT_S)
                self._lenders[role] = lender
        return lender

    @asynccontextmanager
    async def connection(self, role: str) -> AsyncIterator[Connection]:
        """A connection as ``role``; a 503 Problem when none becomes free soon."""
        lender = self._lenders.get(role) or await self._lender(role)
        try:
            connection = await lender.take()
        except (PoolTimeout, TooManyRequests, Exhausted) as error:
            raise busy() from error
        try:
            yield connection
        except STALE:
            await connection.close()  # its prepared statements speak of a view that is gone
            raise
        finally:
            await lender.give(connection)

    async def row(self, caller: Caller, sql: str, values: Sequence[Any], *, binary: bool = True) -> Any:
        """The first row of ``sql`` as ``caller`` sees it; a 503 Problem when the query takes too long."""

        async def ask(connection: Connection) -> Any:
            cursor = connection.cursor(binary=binary)
            if not caller.units:
                await cursor.execute(sql, values)
                return await cursor.fetchone()
            async with connection.transaction():
                await connection.execute("select set_config('huong.scope', $1, true)", [caller.scope])
                await cursor.execute(sql, values)
                return await cursor.fetchone()

        return await self._asked(caller.audience, ask)

    async def rows(self, role: str, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of ``sql`` as ``role``."""

        async def ask(connection: Connection) -> list[Any]:
            return await (await connection.execute(sql, values)).fetchall()

        return await self._asked(role, ask)

    async def _asked[T](self, role: str, ask: Callable[[Connection], Awaitable[T]]) -> T:
        """What ``ask`` reads, once more where its connection turns out to be lost: after a restart whole pools are.

        Raises the 503 Problem of an outage.
        """
        try:
            async with self.connection(role) as connection:
                return await ask(connection)
        except STALE:
            raise
        except psycopg.Error as error:
            if not is_lost(error):
                raise told_of(error) from error
        await (await self._lender(role)).check()
        try:
            async with self.connection(role) as connection:
                return await ask(connection)
        except STALE:
            raise
        except psycopg.Error as error:
            raise told_of(error) from error
