"""One line that moves: how many, of how many, how fast. Written to a terminal in place, to a log now and then."""

from __future__ import annotations

import time
from typing import TextIO

from gis_core.words import Text

TERMINAL_EVERY_S = 0.2
LOG_EVERY_S = 10.0


class Progress:
    """Counts of the stage at hand; ``stream`` None says nothing."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._terminal = stream is not None and stream.isatty()
        self._stage: Text | None = None
        self._began = self._said = 0.0
        self._first = 0

    def at(self, stage: Text, count: int, total: int | None = None) -> None:
        """``count`` of ``stage`` are done, of ``total`` where that is known."""
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began, self._said, self._first = stage, now, now, count
            return
        if now - self._said >= (TERMINAL_EVERY_S if self._terminal else LOG_EVERY_S):
            self._say(count, total, now)

    def done(self, count: int) -> None:
        """The stage is over."""
        if self._terminal and self._stage is not None:
            self._say(count, None, time.monotonic())
            assert self._stream is not None
            self._stream.write("\n")
        self._stage = None

    def _say(self, count: int, total: int | None, now: float) -> None:
        if self._stream is None or self._stage is None:
            return
        self._said = now
        rate = (count - self._first) / max(now - self._began, 1e-3)
        of = "" if total is None else f" / {total:,}"
        line = f"  {self._stage.vi} · {self._stage.en}: {count:,}{of} ({rate:,.0f}/s)"
        self._stream.write(f"\r{line}\x1b[K" if self._terminal else f"{line}\n")
        self._stream.flush()
