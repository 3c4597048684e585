"""The streams of changes that are open in this process: groups that see the same, filters, queues."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import orjson

from gis_core.audiences import CITIZEN, Caller
from gis_core.changes import Batch, Event, Position
from gis_core.problems import Problem
from gis_core.sealing import Seal
from gis_core.words import Text
from tilesrv.grid import Box
from tilesrv.http import busy

MOST_STREAMS = 4000  # in one process
MOST_OF_ONE = 16  # of one user; the front door counts those of an address, which many phones share
MOST_WAITING = 512  # messages that a slow client may be behind


@dataclass(eq=False)
class Stream:
    """One open connection.

    ``owner`` is the user, empty for nobody known; ``since`` is where it resumes; ``layers`` empty means all that its
    caller sees.
    """

    caller: Caller
    owner: str
    seal: Seal
    layers: frozenset[str] = frozenset()
    box: Box | None = None
    since: Position | None = None
    malformed: bool = False
    queue: deque[bytes] = field(default_factory=deque)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    position: Position | None = None
    lost: bool = False  # too slow: the connection is given up
    left: bool = False
    delivered: frozenset[int] = frozenset()

    def wants(self, event: Event) -> bool:
        if self.layers and event.layer not in self.layers:
            return False
        if self.box is None or event.boxes is None:
            return True
        west, south, east, north = self.box
        return any(b[0] <= east and b[2] >= west and b[1] <= north and b[3] >= south for b in event.boxes)

    def push(self, message: bytes) -> None:
        """Queue a message; a client too far behind is given up, it resumes when it comes back."""
        if len(self.queue) >= MOST_WAITING:
            self.lost = True
        else:
            self.queue.append(message)
        self.ready.set()

    def here(self, position: Position) -> bytes:
        """The line that says where the stream stands, to be sent back as Last-Event-ID."""
        return b"id: %s\n" % self.seal.seal(str(position)).encode()

    def message(self, name: str, data: object, position: Position) -> bytes:
        """One event of the stream (WHATWG HTML, 9.2)."""
        return b"%sevent: %s\ndata: %s\n\n" % (self.here(position), name.encode(), orjson.dumps(data))

    def tell(self, events: Iterable[Event], position: Position) -> None:
        """Queue what of ``events`` the stream wants.

        The last one carries the position after all of them, the others the position before: whoever is cut off
        between two of them is sent all of them again, never too few.
        """
        wanted = [e for e in events if e.id not in self.delivered and self.wants(e)]
        self.delivered = frozenset()
        for number, event in enumerate(wanted, 1):
            at = position if number == len(wanted) else self.position or position
            self.push(self.message("change", event.document(), at))
        self.position = position


class Streams:
    """All streams of this process, grouped by what they see: one query of the feed serves a group."""

    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self._joining: list[Stream] = []
        self._groups: dict[str, set[Stream]] = {}
        self._positions: dict[str, Position] = {}
        self._owners: Counter[str] = Counter()

    def admit(self, stream: Stream) -> None:
        """Let a stream in, or raise a Problem: 429 its user has too many, 503 there are too many."""
        if stream.owner and self._owners[stream.owner] >= MOST_OF_ONE:
            raise too_many()
        if self._owners.total() >= MOST_STREAMS:
            raise busy(10)
        self._owners[stream.owner] += 1
        self._joining.append(stream)
        self.wake.set()

    def leave(self, stream: Stream) -> None:
        stream.left = True
        self._owners[stream.owner] -= 1
        if self._owners[stream.owner] <= 0:
            del self._owners[stream.owner]
        if stream in self._joining:
            self._joining.remove(stream)
        group = self._groups.get(stream.caller.key, set())
        group.discard(stream)
        if not group:
            self._groups.pop(stream.caller.key, None)
            self._positions.pop(stream.caller.key, None)

    def take_joining(self) -> list[Stream]:
        joining, self._joining = self._joining, []
        return joining

    def groups(self) -> Iterator[tuple[Caller, Position]]:
        """One caller of each group, and up to where the group has been told."""
        for key, group in list(self._groups.items()):
            for stream in group:
                yield stream.caller, self._positions[key]
                break

    def join(self, stream: Stream, backlog: Batch | None, before: Position) -> None:
        """Add a stream to its group, telling it what it missed or that it must start over.

        ``before`` is where the round of reading began in which the stream joins: what the round has read is told to
        the group after this. What the stream is told already is remembered, and not told again with the group.
        """
        if stream.left:
            return
        key = stream.caller.key
        self._groups.setdefault(key, set()).add(stream)
        self._positions.setdefault(key, before if backlog is None else backlog.position)
        if stream.malformed or (backlog is not None and backlog.reset):
            stream.position = before
            stream.push(stream.message("reset", {}, before))
        elif backlog is None:
            stream.position = before
            stream.push(stream.here(before) + b"\n")
        else:
            stream.position = stream.since
            stream.tell(backlog.events, backlog.position)
            stream.delivered = frozenset(event.id for event in backlog.events)
        stream.malformed = False

    def tell(self, caller: Caller, batch: Batch) -> None:
        """Hand a batch to the group of ``caller``."""
        if caller.key not in self._groups:
            return
        self._positions[caller.key] = batch.position
        for stream in self._groups[caller.key]:
            if batch.reset:
                stream.push(stream.message("reset", {}, batch.position))
                stream.position = batch.position
            else:
                stream.tell(batch.events, batch.position)

    def rejoin(self) -> None:
        """The feed was lost: citizens' streams go on, each from what it was told last; others go on as groups."""
        for stream in self._groups.pop(CITIZEN.key, set()):
            stream.since = stream.position
            self._joining.append(stream)
        self._positions.pop(CITIZEN.key, None)

    def put_back(self, joining: list[Stream]) -> None:
        """Streams whose joining failed try again."""
        self._joining += [stream for stream in joining if not stream.left]


def too_many() -> Problem:
    return Problem(
        429,
        "too-many-streams",
        Text(
            "Tài khoản này đang mở quá nhiều kết nối theo dõi. Hãy đóng bớt rồi thử lại.",
            "This account has too many event streams open. Close some and try again.",
        ),
        headers={"Retry-After": "30"},
    )
