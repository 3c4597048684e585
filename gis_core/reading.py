"""Reading as an audience: a small pool of connections per login role, and read transactions with the caller's units.

What a reader may see is decided by the database (its role's views), not here; here is only how it gets there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

import psycopg
from psycopg.types.string import TextLoader
from psycopg_pool import ConnectionPool, PoolTimeout

from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.problems import Problem
from gis_core.registry import Registry
from gis_core.words import Text

POOL_SIZE = 4  # connections per audience and process
WAIT_S = 5.0

_pools: dict[str, ConnectionPool[psycopg.Connection[Any]]] = {}
_pools_lock = threading.Lock()


class RawText(TextLoader):
    """Texts as the bytes that the server sent: a page of features is passed on, never decoded."""

    def load(self, data: Any) -> Any:
        return bytes(data)


@cache
def config() -> Config:
    return Config.from_env()


def pool(role: str) -> ConnectionPool[psycopg.Connection[Any]]:
    """The pool of login role ``role`` (an audience or ``app``), opened at first use."""
    with _pools_lock:
        if role not in _pools:
            _pools[role] = ConnectionPool(
                kwargs={**config().connection(role), "autocommit": True, "application_name": f"huong {role}"},
                min_size=0,
                max_size=POOL_SIZE,
                max_idle=120,
                timeout=WAIT_S,
                open=True,
            )
        return _pools[role]


def close_pools() -> None:
    """Close all pools (end of a process, or of a test's database)."""
    with _pools_lock:
        for each in _pools.values():
            each.close()
        _pools.clear()
        registry.cache_clear()
        config.cache_clear()


@contextmanager
def read(
    caller: Caller, *, timeout_ms: int | None = None, raw: bool = False
) -> Iterator[psycopg.Cursor[Any]]:
    """A cursor of the caller's audience, in a read transaction where its units or a timeout must be set.

    ``raw`` gives texts as bytes. Database faults end as a `Problem`: 503 for a query that took too long or a busy
    pool, 400 for a value that the database refuses (said without the database's words, which may quote a value).
    """
    try:
        with pool(caller.audience).connection() as connection, connection.cursor() as cursor:
            if raw:
                cursor.adapters.register_loader("text", RawText)
            if not caller.units and timeout_ms is None:
                yield cursor
                return
            with connection.transaction():
                if timeout_ms is not None:
                    cursor.execute(f"set local statement_timeout = {int(timeout_ms)}")
                cursor.execute("select set_config('huong.scope', %s, true)", [caller.scope])
                yield cursor
    except (psycopg.errors.QueryCanceled, PoolTimeout) as error:
        raise too_slow() from error
    except (psycopg.errors.DataError, psycopg.errors.InternalError_) as error:
        raise refused_value() from error


# A layer was published anew between the look at the catalogue and the query, or is at this moment.
PUBLISHED_ANEW = (
    psycopg.errors.FeatureNotSupported,  # cached plan must not change result type
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.LockNotAvailable,
)


def answered[T](answer: Callable[[], T]) -> T:
    """``answer()``, asked for once more from a fresh catalogue where a layer was published anew meanwhile.

    Raises the 503 Problem ``too-slow`` where the publisher is still at it.
    """
    try:
        return answer()
    except PUBLISHED_ANEW:
        registry().current(fresh=True)
    token = _second_try.set(True)
    try:
        return answer()
    except psycopg.errors.LockNotAvailable as error:
        raise too_slow() from error
    finally:
        _second_try.reset(token)


_second_try: ContextVar[bool] = ContextVar("second_try", default=False)


def is_second_try() -> bool:
    """Whether `answered` asks for the second time: what is still in the way now is there to stay for a while."""
    return _second_try.get()


def too_slow() -> Problem:
    return Problem(
        503,
        "too-slow",
        Text(
            "Truy vấn mất quá nhiều thời gian. Hãy thu hẹp vùng hoặc bộ lọc rồi thử lại.",
            "The query took too long. Narrow the area or the filter and try again.",
        ),
        headers={"Retry-After": "5"},
    )


def refused_value() -> Problem:
    return Problem(
        400,
        "value-refused",
        Text(
            "Một giá trị trong yêu cầu không tính được (hình học sai hoặc số ngoài phạm vi).",
            "A value in the request cannot be evaluated (a faulty geometry or a number out of range).",
        ),
    )


@cache
def registry() -> Registry:
    """This process's registry of published layers."""

    def query(sql: str) -> list[tuple[Any, ...]]:
        with pool("app").connection() as connection:
            return connection.execute(sql).fetchall()

    return Registry(query)
