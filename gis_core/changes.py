"""The change feed as its readers use it: positions that skip nothing, and the events since one.

A reader's position is ``generation:snapshot``. What is new is what is visible now and was not visible in that
snapshot, so a transaction that took an early number and commits late is delivered when it commits; ``id > last``
would have missed it. Events come from the caller's own view of the feed. The numbers in a snapshot count every
transaction of the city, those that a caller must not know of too: outside, a position is sealed (`gis_core.sealing`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gis_core.layer import Audience

SNAPSHOT = re.compile(r"(\d{1,20}):(\d{1,20}):((?:\d{1,20})(?:,\d{1,20}){0,2000})?")
CHANNELS = ("huong_change", "huong_catalogue")

# Rows come, change and go, all rows go, cells are counted, the layer is published anew, its styles are others.
Operation = Literal["I", "U", "D", "T", "O", "P", "S"]


@dataclass(frozen=True)
class Position:
    """Where a reader stands: the feed's generation (a restore begins a new one) and a snapshot's text."""

    generation: str
    snapshot: str

    def __str__(self) -> str:
        return f"{self.generation}:{self.snapshot}"

    @classmethod
    def parse(cls, text: str) -> Position | None:
        """The position that ``text`` names, or None if it names none."""
        generation, _, snapshot = text.partition(":")
        match = SNAPSHOT.fullmatch(snapshot)
        if not match or not re.fullmatch(r"[0-9a-f]{12}", generation):
            return None
        xmin, xmax = int(match[1]), int(match[2])
        running = [int(x) for x in match[3].split(",")] if match[3] else []
        ordered = running == sorted(set(running)) and all(xmin <= x < xmax for x in running)
        if not 0 < xmin <= xmax < 2**63 or not ordered:
            return None
        return cls(generation, snapshot)

    @property
    def xmin(self) -> int:
        return int(self.snapshot.split(":")[0])

    @property
    def xmax(self) -> int:
        return int(self.snapshot.split(":")[1])


@dataclass(frozen=True)
class Event:
    """One change as an audience saw it. ``boxes`` are EPSG:3857; None means everywhere; () nowhere on the map."""

    id: int
    layer: str
    op: Operation
    n: int | None
    boxes: tuple[tuple[float, float, float, float], ...] | None
    max_zoom: int | None

    def document(self) -> dict[str, Any]:
        body: dict[str, Any] = {"layer": self.layer, "op": self.op, "boxes": self.boxes}
        if self.n is not None:
            body["n"] = self.n
        if self.max_zoom is not None:
            body["max_zoom"] = self.max_zoom
        return body


@dataclass(frozen=True)
class Batch:
    """What was read at once: events in order, the position after them, and whether the reader must start over."""

    position: Position
    events: tuple[Event, ...]
    reset: bool


def position_sql() -> str:
    """The position of now: one row (generation, snapshot, horizon)."""
    return "select generation, pg_current_snapshot()::text, horizon::text from huong.feed"


def events_sql(audience: Audience | None) -> str:
    """Events since a snapshot (bound twice): one row (generation, snapshot now, horizon, events as JSON).

    Those that an audience sees of its units; with None all of them, which the application alone may read.
    """
    source = f'"{audience}".change_feed' if audience else "huong.change"
    return f"""
select f.generation, pg_current_snapshot()::text, f.horizon::text,
  coalesce(jsonb_agg(jsonb_build_array(c.id, c.layer, c.op, c.n, to_jsonb(c.boxes), c.max_zoom) order by c.xid, c.id)
           filter (where c.id is not null), '[]')
from huong.feed f left join {source} c
  on c.xid >= pg_snapshot_xmin(%s::pg_snapshot) and not pg_visible_in_snapshot(c.xid, %s::pg_snapshot)
group by f.generation, f.horizon"""


def batch_from(row: Sequence[Any], since: Position) -> Batch:
    """The batch in a row of `events_sql`.

    The reader must start over when the feed is another one (restored), when its position lies in the future (also a
    restore: PostgreSQL would answer "nothing new" for ever), or before what has been cleared away.
    """
    generation, snapshot, horizon, rows = row
    now = Position(generation, snapshot)
    reset = since.generation != generation or since.xmax > now.xmax or since.xmin <= int(horizon)
    if reset:
        return Batch(now, (), True)
    return Batch(now, tuple(event_from(values) for values in rows), False)


def event_from(values: Sequence[Any]) -> Event:
    id_, layer, op, n, boxes, max_zoom = values
    pairs = None if boxes is None else tuple((b[0], b[1], b[2], b[3]) for b in boxes)
    return Event(id_, layer, op, n, pairs, max_zoom)
