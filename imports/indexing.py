"""Indexes of a new dataset, two at a time: one connection has one processor, and they take as long as its rows.

For that the rows are stored, and no longer the importing transaction's alone, before anybody is served them. So the
table says of itself what it is, and a lock that goes with the process says that somebody is at work on it: what a
killed import leaves is dropped by the next one, and every night.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import psycopg
from django.db import Error as DatabaseFailure
from django.db import connections, transaction

from gis_core.datasets import create_indexes_sql
from gis_core.layer import Layer
from gis_core.reading import config

UNFINISHED = "huong: rows of an import that has not ended"
AT_A_TIME = 2
LONGEST = ("using gin", "huong.fold", "using gist")  # from what takes longest; all others are short
LOCK = "hashtextextended('huong unfinished ' || %s, 0)"


def set_aside(cursor: Any, layer: Layer) -> None:
    """Let the table of ``layer``, which this transaction made, outlive it without being a dataset yet."""
    cursor.execute(f"select pg_advisory_lock({LOCK})", [layer.table])
    cursor.execute(f"comment on table {layer.table} is '{UNFINISHED}'")


def mark_finished(cursor: Any, layer: Layer) -> None:
    """From the end of this transaction on the table is a dataset's like any other."""
    cursor.execute(f"comment on table {layer.table} is null")


@contextmanager
def indexed(layer: Layer) -> Iterator[None]:
    """The table that was set aside with its indexes; where the block fails, or they cannot be built, it goes."""
    with connections["owner"].cursor() as cursor:
        try:
            build_side_by_side(sorted(create_indexes_sql(cursor, layer), key=how_short))
            yield
        except BaseException:
            with suppress(DatabaseFailure):  # the next import does, where the database is gone
                drop_if_unfinished(cursor, layer.table)
            raise
        finally:
            with suppress(DatabaseFailure):
                cursor.execute(f"select pg_advisory_unlock({LOCK})", [layer.table])


def how_short(statement: str) -> int:
    return next((place for place, words in enumerate(LONGEST) if words in statement), len(LONGEST))


def build_side_by_side(statements: Sequence[str]) -> None:
    """Run the statements in this order on two connections of the owner. What is running is cancelled when one fails,
    or the operator interrupts; psycopg's error.
    """
    left = deque(statements)
    with ExitStack() as stack:
        at_work = [
            stack.enter_context(psycopg.connect(**config().connection("owner"), autocommit=True))  # type: ignore[arg-type]
            for _ in range(AT_A_TIME)
        ]
        pool = stack.enter_context(ThreadPoolExecutor(AT_A_TIME))
        try:
            for done in as_completed([pool.submit(run_all, left, connection) for connection in at_work]):
                done.result()
        except BaseException:
            left.clear()
            for connection in at_work:
                connection.cancel_safe()
            raise


def run_all(left: deque[str], connection: psycopg.Connection[Any]) -> None:
    """Run what is ``left``, one after the other, until another thread has taken the last."""
    with suppress(IndexError):
        while statement := left.popleft():
            connection.execute(statement.encode())


def drop_unfinished() -> None:
    """Drop the tables of imports that were killed."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(
            "select format('%%I.%%I', n.nspname, c.relname)"
            " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname = 'dataset' and c.relkind = 'r' and obj_description(c.oid, 'pg_class') = %s",
            [UNFINISHED],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"select pg_try_advisory_xact_lock({LOCK})", [table])
            if cursor.fetchone()[0]:
                drop_if_unfinished(cursor, table)


def drop_if_unfinished(cursor: Any, table: str) -> None:
    cursor.execute("select obj_description(to_regclass(%s), 'pg_class') = %s", [table, UNFINISHED])
    if cursor.fetchone()[0]:
        cursor.execute(f"drop table {table}")
