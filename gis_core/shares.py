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
# A layer may take this part of the time that is left: some is left for what the page asks later, however many are slow.
PART = 4
LEAST_MS = 50
MORE = 1.5  # so much more time must there be than before, or a layer that was too slow is not asked again

type Answer[T] = Callable[[int | None], T]  # given what its statement may take, as `Shares.timeout_ms`


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
        return self._bound(self._share_ms(self._left_ms() / PART))

    def _left_ms(self) -> float:
        return (self._deadline - time.monotonic()) * 1000

    def _share_ms(self, most: float, layers: int = 1) -> int:
        """What each of so many layers still to be asked may take, if that is not over ``most``."""
        share = max(LEAST_MS, int(min(most, self._left_ms() / layers)))
        return min(share, CITIZEN_TIMEOUT_MS) if self._caller.audience == "citizen" else share

    def _bound(self, share_ms: int) -> int | None:
        return None if self._caller.audience == "citizen" and share_ms >= CITIZEN_TIMEOUT_MS else share_ms

    def ask[T](self, layer: Layer, answer: Answer[T], otherwise: T) -> T:
        """``answer(timeout_ms)``, or ``otherwise`` where the layer gives none now or gave none before.

        A layer that was published anew meanwhile is raised the first time (`reading.answered` asks all once more from
        a fresh catalogue). So is a database that is away or busy: no layer is to blame for that.
        """
        return self.ask_all([(layer, answer)], otherwise)[0]

    def ask_all[T](self, asked: Sequence[tuple[Layer, Answer[T]]], otherwise: T) -> list[T]:
        """The answers of many layers in the order given, each as `ask` has it.

        They are asked one after another, so that one reader never holds more than one connection. Each has its even
        share of what is left for those still to come, whatever those before it took; what was too slow for that is
        asked once more when all others have answered, where it then has more.
        """
        answers = [otherwise] * len(asked)
        had: dict[int, int] = {}
        places: Sequence[int] = range(len(asked))
        while places:
            slow, most = [], self._left_ms() / PART
            for number, place in enumerate(places):
                layer, answer = asked[place]
                share = self._share_ms(most, len(places) - number)
                if place in had and share < MORE * had[place]:
                    self._leave_out(layer, "slow")
                elif layer.id not in self._missing:
                    had[place] = share
                    try:
                        answers[place] = answer(self._bound(share))
                    except (Problem, psycopg.Error) as error:
                        why = self._why(error)
                        if why == "slow":
                            slow.append(place)
                        else:
                            self._leave_out(layer, why, error)
            places = slow
        return answers

    def _why(self, error: Problem | psycopg.Error) -> Why:
        """`why_missing`; raises what no layer is to blame for, and the first time what is being published."""
        if not isinstance(error, PUBLISHED_ANEW):
            return why_missing(error)
        if not is_second_try():
            raise error
        return "changing"

    def _leave_out(self, layer: Layer, why: Why, error: Exception | None = None) -> None:
        kind = f": {kind_of(error.__cause__ or error)}" if error is not None else ""
        log.warning("the layer %s is left out of an answer (%s)%s", layer.id, why, kind)
        self._missing[layer.id] = Missing(layer, why)


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
