"""What is cleared away, and that nobody is left believing he has seen it."""

from __future__ import annotations

import psycopg

from gis_core.changes import Position, batch_from, events_sql, position_sql
from gis_core.config import Config
from gis_core.retention import purge_feed
from tests.waiting import wait_until


def test_a_reader_from_before_the_purge_starts_over(city: Config) -> None:
    """One whose position is after what was cleared goes on; rows younger than the limit stay."""
    insert = (
        "insert into huong.change (layer, audiences, op, at)"
        " values ('x', '{citizen}', 'U', now() - interval '%s days')"
    )
    with psycopg.connect(**city.connection("owner"), autocommit=True) as owner:  # type: ignore[arg-type]

        def position() -> Position:
            row = owner.execute(position_sql()).fetchone()
            assert row is not None
            return Position(row[0], row[1])

        def is_reset(since: Position) -> bool:
            row = owner.execute(events_sql("citizen"), [since.snapshot] * 2).fetchone()
            assert row is not None
            return batch_from(row, since).reset

        def position_after_all() -> Position:
            """One before which nothing is still running, in this database or another of the cluster."""
            written = owner.execute("select max(xid)::text from huong.change where layer = 'x'").fetchone()
            assert written is not None
            wait_until(lambda: position().xmin > int(written[0]), "a transaction from before does not end")
            return position()

        before = position()
        owner.execute(insert % 8)
        between = position_after_all()
        owner.execute(insert % 6)
        with owner.transaction(), owner.cursor() as cursor:
            assert purge_feed(cursor) == 1
        assert is_reset(before) and not is_reset(between)
        left = owner.execute("select count(*) from huong.change where layer = 'x'").fetchone()
        assert left == (1,)
        with owner.transaction(), owner.cursor() as cursor:
            assert purge_feed(cursor) == 0
        assert not is_reset(between)
