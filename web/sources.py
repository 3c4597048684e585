"""Whose data a map shows: the credits of its layers, but not for features that the demo city has invented."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from time import monotonic

from psycopg import sql

from gis_core.audiences import Caller
from gis_core.invented import can_be_invented, invented_said, is_invented_sql
from gis_core.layer import Layer
from gis_core.shares import Shares
from web.city import each_or_alone, view_of

KEPT_S = 60.0  # whether a layer has invented features changes when a city is filled, or emptied of them
MOST_KEPT = 5000
MOST_NAMED = 2  # of the layers with invented features: a phone has little room


@dataclass(frozen=True)
class Origin:
    """Whether a layer has features that are real, and such as are invented; one without features has neither."""

    real: bool
    invented: bool


_kept: dict[Hashable, tuple[float, Origin]] = {}


def credits_of(caller: Caller, shown: Sequence[Layer], language: str, shares: Shares) -> list[str]:
    """What stands under a map that shows these layers, each once; what is invented last."""
    origins = origins_of(caller, [layer for layer in shown if can_be_invented(layer, caller)], shares)
    real = (layer for layer in shown if layer.id not in origins or origins[layer.id].real)
    credits = sorted({layer.credit.to(language) for layer in real if layer.credit})
    invented = [layer.title for layer in shown if layer.id in origins and origins[layer.id].invented]
    if invented:
        credits.append(invented_said(invented, language, MOST_NAMED))
    return credits


def origins_of(caller: Caller, of: Sequence[Layer], shares: Shares) -> dict[str, Origin]:
    """The origins of the layers that can be read, by id; known for `KEPT_S`."""
    now = monotonic()
    found = {
        layer.id: kept[1]
        for layer in of
        if (kept := _kept.get((caller.key, layer.id))) is not None and kept[0] > now
    }
    rows = each_or_alone(caller, [layer for layer in of if layer.id not in found], shares, origin)
    if len(_kept) > MOST_KEPT:
        _kept.clear()
    for layer_id, real, invented in rows:
        found[layer_id] = Origin(real, invented)
        _kept[caller.key, layer_id] = (now + KEPT_S, found[layer_id])
    return found


def forget() -> None:
    """Look anew: it is another database from now on."""
    _kept.clear()


def origin(caller: Caller, of: Sequence[Layer]) -> sql.Composed:
    """SQL of (layer id, has real features, has invented ones)."""
    invented = sql.SQL(is_invented_sql("_v"))
    parts = [
        sql.SQL(
            "select {0}, exists (select 1 from {1} _v where not {2}), exists (select 1 from {1} _v where {2})"
        ).format(sql.Literal(layer.id), view_of(layer, caller), invented)
        for layer in of
    ]
    return sql.SQL(" union all ").join(parts)
