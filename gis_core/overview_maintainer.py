"""The one process that keeps overviews up to date: it follows the change feed from a position of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from gis_core.changes import Position, batch_from
from gis_core.config import Config
from gis_core.declarations import readable
from gis_core.overviews import Box, Dirt, rebuild, refresh
from gis_core.publish.publisher import Cursor
from gis_core.savepoints import apart

log = logging.getLogger(__name__)

READER = "overviews"
POLL_S = 5.0  # between tries to become the maintainer
WAIT_S = 1.0  # for a notice; also how long stopping may take
LEAST_PAUSE_S = 0.2

EVENTS_SQL = """
select f.generation, pg_current_snapshot()::text, f.horizon::text,
  coalesce(jsonb_agg(jsonb_build_array(c.layer, c.audiences, c.unit, c.op, c.n, to_jsonb(c.boxes))
                     order by c.xid, c.id) filter (where c.id is not null), '[]')
from huong.feed f left join huong.change c
  on c.op not in ('O', 'S') and c.xid >= pg_snapshot_xmin(%s::pg_snapshot)
  and not pg_visible_in_snapshot(c.xid, %s::pg_snapshot)
group by f.generation, f.horizon"""


def catch_up(cursor: Cursor) -> int:
    """Bring all overviews up to now, in the caller's transaction; how many events were followed.

    Without a position to go on from (the first time, or after a restore) every layer is counted anew.
    """
    cursor.execute("select position from huong.feed_reader where name = %s for update", [READER])
    row = cursor.fetchone()
    since = Position.parse(row[0]) if row else None
    snapshot = since.snapshot if since else "1:1:"
    cursor.execute(EVENTS_SQL, [snapshot, snapshot])
    found = cursor.fetchone()
    start_over = since is None or batch_from((*found[:3], []), since).reset
    events = [] if start_over else found[3]
    now = Position(found[0], found[1])
    cursor.execute("select layer, version, declaration::text from huong.published")
    rows = cursor.fetchall()
    versions = {row[0]: row[1] for row in rows}
    read = readable((row[0], row[2]) for row in rows)
    layers = {layer.id: (versions[layer.id], layer) for layer in read}
    drop_orphans(cursor, layers)
    for layer_id in sorted(layers if start_over else {event[0] for event in events} & set(layers)):
        version, layer = layers[layer_id]
        mine = [event for event in events if event[0] == layer_id]
        with apart(cursor, layer_id, "the overview"):
            if start_over or any(event[3] == "P" for event in mine):
                rebuild(cursor, layer, version)
            else:
                refresh(cursor, layer, version, dirt_of(mine))
    cursor.execute(
        "insert into huong.feed_reader (name, position) values (%s, %s)"
        " on conflict (name) do update set position = excluded.position",
        [READER, str(now)],
    )
    return len(events)


def dirt_of(events: Sequence[Sequence[Any]]) -> list[Dirt]:
    """The events of one layer, one `Dirt` for each class and unit."""
    grouped: dict[tuple[tuple[str, ...], str | None], list[Sequence[Any]]] = {}
    for event in events:
        grouped.setdefault((tuple(event[1]), event[2]), []).append(event)
    made = []
    for (audiences, unit), same in grouped.items():
        boxes: tuple[Box, ...] | None = None
        if all(event[5] is not None for event in same):
            boxes = tuple(dict.fromkeys((b[0], b[1], b[2], b[3]) for event in same for b in event[5]))
        made.append(Dirt(same[0][0], audiences, unit, sum(event[4] or 0 for event in same), boxes))
    return made


def drop_orphans(cursor: Cursor, layers: Iterable[str]) -> None:
    """Forget the overviews of layers that are no longer published."""
    for table in ("huong.overview_state", "huong.overview"):
        cursor.execute(f"delete from {table} where not layer = any(%s)", [list(layers)])


def run_maintainer(stop: threading.Event, config: Config | None = None) -> None:
    """Keep all overviews up to date until ``stop`` is set; only one process of the city does, others wait."""
    config = config or Config.from_env()
    while not stop.is_set():
        try:
            owner = make_conninfo(**config.connection("owner"))
            with psycopg.connect(owner, autocommit=True) as connection:
                maintain(connection, stop)
        except psycopg.Error as error:
            log.warning("overviews are not kept up: %s", error)
        stop.wait(POLL_S)


def maintain(connection: psycopg.Connection[Any], stop: threading.Event) -> None:
    """Follow the feed on one connection, while this process holds the lock of the one maintainer."""
    row = connection.execute("select pg_try_advisory_lock(hashtext('huong.overviews'))").fetchone()
    if row is None or not row[0]:
        return
    connection.execute("listen huong_change")
    while not stop.is_set():
        with connection.transaction(), connection.cursor() as cursor:
            catch_up(cursor)
        stop.wait(LEAST_PAUSE_S)
        for _ in connection.notifies(timeout=WAIT_S, stop_after=1):
            pass
