"""What is cleared away: old rows of the change feed, answers to requests that nobody retries, a feed of before."""

from __future__ import annotations

from gis_core.publish.publisher import Cursor

FEED_DAYS = 7
RETRY_DAYS = 2


def purge_feed(cursor: Cursor, days: int = FEED_DAYS) -> int:
    """Clear away feed rows older than ``days``; how many. Runs as owner, in a transaction.

    The horizon moves to the highest transaction cleared: a reader whose position lies before it is told to start over,
    since it may have missed one of them.
    """
    cursor.execute(
        "with old as (delete from huong.change where at < now() - make_interval(days => %s) returning xid),"
        " last as (select max(xid) as xid, count(*) as n from old),"
        " moved as (update huong.feed set horizon = greatest(horizon, last.xid) from last where last.xid is not null)"
        " select n from last",
        [days],
    )
    return int(cursor.fetchone()[0])


def purge_idempotency(cursor: Cursor, days: int = RETRY_DAYS) -> None:
    """Forget the answers to requests of more than ``days`` ago. Runs as owner."""
    cursor.execute("delete from huong.idempotency where at < now() - make_interval(days => %s)", [days])


def begin_new_feed(cursor: Cursor) -> None:
    """Begin a new generation of the change feed, after a restore. Runs as owner.

    Transaction numbers of the rows come from another cluster or another time: compared with those of today they would
    hide events or repeat them. Every reader that comes with a position of before is told to start over.
    """
    cursor.execute("select to_regclass('huong.feed') is not null")
    if not cursor.fetchone()[0]:
        return
    cursor.execute("delete from huong.change")
    cursor.execute("delete from huong.feed_reader")
    cursor.execute(
        "update huong.feed set horizon = '0',"
        " generation = substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)"
    )
