"""Reading as an audience: a small pool of connections per login role, and read transactions with the caller's units.

What a reader may see is decided by the database (its role's views), not here; here is only how it gets there.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from time import monotonic
from typing import Any

import psycopg
from psycopg.types.string import ByteaBinaryLoader
from psycopg_pool import ConnectionPool, PoolTimeout

from gis_core.asking import reading_with
from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.logs import kind_of
from gis_core.outages import TRIED_ANEW_S, has_word, is_lost, outage_of, too_slow, unreadable
from gis_core.problems import Problem
from gis_core.registry import Registry
from gis_core.words import Text

log = logging.getLogger(__name__)

POOL_SIZE = 6  # connections per audience and process: one for each thread
WAIT_S = 3.0

_pools: dict[str, ConnectionPool[psycopg.Connection[Any]]] = {}
_pools_lock = threading.Lock()


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
                reconnect_timeout=TRIED_ANEW_S,
                open=True,
            )
        return _pools[role]


@contextmanager
def connected(role: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the pool of ``role``, not one that the server has ended since it was last used.

    The pool's own check would pause after each of those, for a second and more.
    """
    of = pool(role)
    connection = taken(of)
    while not is_there(connection):
        of.putconn(connection)
        connection = taken(of)
    try:
        with connection:
            yield connection
    finally:
        of.putconn(connection)


def taken(of: ConnectionPool[psycopg.Connection[Any]]) -> psycopg.Connection[Any]:
    """A connection of the pool, which is asked again until one can be made; PoolTimeout after `WAIT_S`."""
    until = monotonic() + WAIT_S
    while True:
        try:
            return of.getconn(timeout=TRIED_ANEW_S)
        except PoolTimeout:
            if monotonic() >= until:
                raise


def is_there(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server is; a round trip only where it seems not to be."""
    if not has_word(connection):
        return True
    try:
        connection.execute("")
    except psycopg.Error:
        return False
    return True


def forget_lost_connections() -> None:
    """Replace what a restart of the database has broken, before somebody is given it."""
    with _pools_lock:
        pools = list(_pools.values())
    for each in pools:
        each.check()


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
    caller: Caller, *, timeout_ms: int | None = None, raw: bool = False, given: bool = True
) -> Iterator[psycopg.Cursor[Any]]:
    """A cursor of the caller's audience, in a read transaction where its units or a timeout must be set.

    ``raw`` gives texts as bytes. Database faults end as a `Problem`: 503 for a query that took too long, a busy pool or
    a database that is away (`gis_core.outages`), 400 for a value that the database refuses (said without the
    database's words, which may quote a value). Where the statement has no value that somebody has ``given``, it is
    the layer that raises: 503.
    """
    try:
        with (
            connected(caller.audience) as connection,
            reading_with(connection),
            connection.cursor(binary=raw) as cursor,
        ):
            if (
                raw
            ):  # a page of features is passed on, never decoded: as PostgreSQL sends them, texts are bytea
                cursor.adapters.register_loader("text", ByteaBinaryLoader)
            if not caller.units and timeout_ms is None:
                yield cursor
                return
            with connection.transaction():
                if timeout_ms is not None:
                    cursor.execute(f"set local statement_timeout = {int(timeout_ms)}")
                cursor.execute("select set_config('huong.scope', %s, true)", [caller.scope])
                yield cursor
    except (psycopg.errors.DataError, psycopg.errors.InternalError_) as error:
        if given:
            raise refused_value() from error
        log.warning("a layer cannot be read: %s", kind_of(error))
        raise unreadable() from error
    except psycopg.errors.LockNotAvailable:
        raise  # its layer is being published: see `answered`
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        problem = outage_of(error)
        if problem is None:
            raise
        raise problem from error


# A layer was published anew between the look at the catalogue and the query, or is at this moment.
PUBLISHED_ANEW = (
    psycopg.errors.FeatureNotSupported,  # cached plan must not change result type
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.LockNotAvailable,
)


def answered[T](answer: Callable[[], T], *, reads: bool = True) -> T:
    """``answer()``, asked for once more from a fresh catalogue where a layer was published anew meanwhile.

    What only ``reads`` is asked for once more, too, where its connection turns out to be lost: after a restart of the
    database whole pools are. A change is not, since nobody knows whether it was made. Raises the 503 Problem
    ``too-slow`` where the publisher is still at it.
    """
    try:
        return answer()
    except PUBLISHED_ANEW:
        registry().current(fresh=True)
    except Exception as error:
        if not reads or not is_lost(error):
            raise
        forget_lost_connections()
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
        with connected("app") as connection:
            return connection.execute(sql).fetchall()

    return Registry(query)
