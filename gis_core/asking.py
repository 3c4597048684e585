"""The request that a thread answers. When its client leaves, its query ends, and no further one begins."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from gis_core.problems import Problem
from gis_core.words import Text

CANCELLED_WITHIN_S = 2.0

_here = threading.local()


class Asking:
    """One request, from the thread that answers it and from the one that sees its client leave."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None
        self._left = False

    @contextmanager
    def answering(self) -> Iterator[None]:
        """This thread answers the request; `reading_with` knows it by that."""
        _here.asking = self
        try:
            yield
        finally:
            _here.asking = None

    @contextmanager
    def holding(self, connection: psycopg.Connection[Any]) -> Iterator[None]:
        """While ``connection`` reads for this request. Raises `left_already` where nobody waits any more.

        A connection whose query may have been cancelled is closed, so that a late cancel meets nobody else's.
        """
        with self._lock:
            if self._left:
                raise left_already()
            self._connection = connection
        try:
            yield
        finally:
            if self._let_go():
                connection.close()

    def _let_go(self) -> bool:
        """Whether the client has left. Waits for a cancel that is on its way."""
        with self._lock:
            self._connection = None
            return self._left

    def leave(self) -> None:
        """The client is gone: cancel the query under way. Blocks until the server was told."""
        with self._lock:
            self._left = True
            if self._connection is not None:
                try:
                    self._connection.cancel_safe(timeout=CANCELLED_WITHIN_S)
                except psycopg.Error:  # it ended by itself, or the database is gone
                    return


@contextmanager
def reading_with(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """``connection`` reads for the request of this thread, if it answers one."""
    asking: Asking | None = getattr(_here, "asking", None)
    if asking is None:
        yield
        return
    with asking.holding(connection):
        yield


def left_already() -> Problem:
    """What nobody reads: the answer to one who has left."""
    return Problem(503, "left", Text("Người hỏi đã rời đi.", "Whoever asked has left."))
