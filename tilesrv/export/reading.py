"""Reading for an export: as the audience's own role, with more patience than for somebody who looks at a map."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

import psycopg

from gis_core.audiences import Caller
from gis_core.problems import Problem
from gis_core.words import Text
from tilesrv.database import STALE, Database
from tilesrv.http import busy
from tilesrv.lending import Connection

PATIENCE_MS = 120_000  # of one statement
TRIES = 5
PAUSE_S = 1.0  # before the second try; each later one waits as long again


class PatientDatabase(Database):
    """The pools of the tile server with another bound of time."""

    def parameters(self, role: str) -> dict[str, Any]:
        given = super().parameters(role)
        return {
            **given,
            "options": f"{given['options']} -c statement_timeout={PATIENCE_MS} -c lock_timeout={PATIENCE_MS}",
            "application_name": f"huong export {role}",
        }


class Reader(Protocol):
    """Where rows come from."""

    async def row(self, sql: str, values: Sequence[Any], *, binary: bool = True) -> Any:
        """The first row of ``sql``; Problem where the database does not answer."""


class Pooled:
    """Each statement sees what is committed when it begins; several can be asked at once."""

    def __init__(self, database: Database, caller: Caller) -> None:
        self._database = database
        self._caller = caller

    async def row(self, sql: str, values: Sequence[Any], *, binary: bool = True) -> Any:
        """A database that is busy or away for a moment is asked again."""
        for attempt in range(1, TRIES + 1):
            try:
                return await self._database.row(self._caller, sql, values, binary=binary)
            except STALE as error:
                raise published_anew() from error
            except Problem as problem:
                if problem.status != 503:
                    raise
            await asyncio.sleep(PAUSE_S * attempt)
        raise no_answer()


class Snapshot:
    """All statements see one state of the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def row(self, sql: str, values: Sequence[Any], *, binary: bool = True) -> Any:
        try:
            cursor = self._connection.cursor(binary=binary)
            await cursor.execute(sql, values)
            return await cursor.fetchone()
        except STALE as error:
            raise published_anew() from error
        except (psycopg.errors.QueryCanceled, psycopg.OperationalError) as error:
            raise no_answer() from error


@asynccontextmanager
async def snapshot(database: Database, caller: Caller) -> AsyncIterator[Snapshot]:
    """A read-only transaction of the caller's role with one snapshot."""
    try:
        async with database.connection(caller.audience) as connection, connection.transaction():
            await connection.execute("set transaction isolation level repeatable read, read only")
            await connection.execute("select set_config('huong.scope', $1, true)", [caller.scope])
            yield Snapshot(connection)
    except psycopg.OperationalError as error:
        raise busy() from error


def no_answer() -> Problem:
    return Problem(
        503,
        "no-answer",
        Text(
            "Cơ sở dữ liệu không trả lời. Phần đã xuất được giữ lại: chạy lại lệnh với --resume.",
            "The database does not answer. What is done is kept: run the command again with --resume.",
        ),
    )


def published_anew() -> Problem:
    return Problem(
        409,
        "published-anew",
        Text(
            "Một lớp đã được công bố lại trong lúc xuất. Hãy xuất lại từ đầu (không dùng --resume).",
            "A layer was published anew during the export. Export again from the start (without --resume).",
        ),
    )
