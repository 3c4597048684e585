"""One answer made of many layers: each has its share of the time, and one that gives nothing is told of.

A page, a search, a list of what is at a place ask every layer that the caller sees. A layer whose view fails, that is
slow, or that is being published must not take the others with it; nor may it be left out without a word.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import psycopg
from psycopg_pool import PoolTimeout

from gis_core.audiences import CITIZEN_TIMEOUT_MS, Caller
from gis_core.layer import Layer
from gis_core.logs import kind_of
from gis_core.outages import is_lost
from gis_core.problems import Problem
from gis_core.reading import PUBLISHED_ANEW, is_second_try
from gis_core.words import Text

log = logging.getLogger(__name__)

Why = Literal["failed", "slow", "changing"]
WORDS: dict[Why, Text] = {
    "failed": Text("không đọc được; lỗi đã được ghi lại", "cannot be read; the fault has been recorded"),
    "slow": Text(
        "trả lời quá chậm; hãy thử lại sau ít phút", "answers too slowly; try again in a few minutes"
    ),
    "changing": Text(
        "đang được công bố lại; hãy thử lại sau ít giây",
        "is being published anew; try again in a few seconds",
    ),
}
SAID = Text("“{title}” {why}", "“{title}” {why}")
PART = (
    4  # a layer may take this part of the time that is left: some is left for the next, however many are slow
)
LEAST_MS = 50


@dataclass(frozen=True)
class Missing:
    """A layer that gave nothing, and why."""

    layer: Layer
    why: Why

    def to(self, language: str) -> str:
        """ "Sensors" cannot be read ..."""
        return SAID.format(title=self.layer.title.to(language), why=WORDS[self.why].to(language)).to(language)


class Shares:
    """The time that the layers of one answer have together, and those of them that gave nothing."""

    def __init__(self, caller: Caller, budget_s: float) -> None:
        self._caller = caller
        self._deadline = time.monotonic() + budget_s
        self._missing: dict[str, Missing] = {}

    @property
    def missing(self) -> Sequence[Missing]:
        return list(self._missing.values())

    @property
    def timeout_ms(self) -> int | None:
        """What a statement may take now; None where that is what the caller's role is given anyway."""
        share = max(LEAST_MS, int((self._deadline - time.monotonic()) * 1000 / PART))
        return None if self._caller.audience == "citizen" and share >= CITIZEN_TIMEOUT_MS else share

    def ask[T](self, layer: Layer, answer: Callable[[int | None], T], otherwise: T) -> T:
        """``answer(timeout_ms)``, or ``otherwise`` where the layer gives none now or gave none before.

        A layer that was published anew meanwhile is raised the first time (`reading.answered` asks all once more from
        a fresh catalogue). So is a database that is away or busy: no layer is to blame for that.
        """
        if layer.id in self._missing:
            return otherwise
        try:
            return answer(self.timeout_ms)
        except PUBLISHED_ANEW:
            if not is_second_try():
                raise
            why: Why = "changing"
        except (Problem, psycopg.Error) as error:
            why = why_missing(error)
            kind = kind_of(error.__cause__ or error)
            log.warning("the layer %s is left out of an answer (%s): %s", layer.id, why, kind)
        self._missing[layer.id] = Missing(layer, why)
        return otherwise


def why_missing(error: Problem | psycopg.Error) -> Why:
    """What is wrong with a layer whose query ended so; raises ``error`` again where that is not the layer's doing."""
    cause = error.__cause__ if isinstance(error, Problem) else error
    if isinstance(cause, psycopg.errors.QueryCanceled):
        return "slow"
    if not isinstance(cause, psycopg.Error) or is_of_connection(cause):
        raise error
    return "failed"


def is_of_connection(error: psycopg.Error) -> bool:
    """Whether the database is away, ends, or has no room (SQLSTATE class 53)."""
    return is_lost(error) or isinstance(error, PoolTimeout) or (error.sqlstate or "").startswith("53")
