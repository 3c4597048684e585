"""What is cleared away after its time: rows of the change feed, answers to requests that nobody retries any more."""

from __future__ import annotations

from gis_core.publish.publisher import Cursor

FEED_DAYS = 7
RETRY_DAYS = 2


def purge_feed(cursor: Cursor, days: int = FEED_DAYS) -> int:
    """Clear away feed rows older than ``days``; how many. Runs as owner, in a transaction.

    The horizon moves to the highest transaction cleared: a reader whose position lies before it is told to start over,
    since it may have missed one of them.
    """
    cursor.execute("select horizon from huong.feed for update")
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
