"""Everything at a place: what lies on a point, or within a distance of it, in every layer the caller sees."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from gis_core.audiences import Caller
from gis_core.crs import CRS84
from gis_core.query.feature_text import feature_sql
from gis_core.reading import read, registry
from gis_core.registry import Published
from gis_core.shares import Missing, Shares

MAX_DISTANCE_M = 5_000.0
MAX_PER_LAYER = 50
BUDGET_S = 2.0


@dataclass(frozen=True)
class Found:
    """The features of one layer at the place, nearest first; ``more`` when there are others still."""

    published: Published
    features: list[dict[str, Any]]
    more: bool


@dataclass(frozen=True)
class Here:
    """What was found, layer by layer, and the layers that gave no answer."""

    found: Sequence[Found]
    missing: Sequence[Missing]


def at_place(caller: Caller, lon: float, lat: float, distance_m: float, limit: int = 10) -> Here:
    """What is within ``distance_m`` metres of a point in EPSG:4326, layer by layer.

    A distance of 0 finds what the point lies in. At most ``limit`` features a layer. All layers together have
    `BUDGET_S`, each its share of it.
    """
    none: list[dict[str, Any]] = []
    shares = Shares(caller, BUDGET_S)
    listed = [each for each in registry().current().seen_by(caller) if each.layer.listed]
    answers = shares.ask_all(
        [(each.layer, partial(nearest, each, caller, (lon, lat), distance_m, limit + 1)) for each in listed],
        none,
    )
    found = [
        Found(published, features[:limit], len(features) > limit)
        for published, features in zip(listed, answers, strict=True)
        if features
    ]
    return Here(found, shares.missing)


def nearest(
    published: Published,
    caller: Caller,
    point: tuple[float, float],
    distance_m: float,
    limit: int,
    timeout_ms: int | None,
) -> list[dict[str, Any]]:
    """Features by distance. It is measured in Web Mercator at the point's own scale, 1 / cos(latitude): over the
    few kilometres asked for that is within 0.7 % of the ellipsoid, and a hundredth of its cost on large outlines.
    """
    fields = published.layer.fields_for(caller.audience)
    text = feature_sql(fields, CRS84)
    scale = 1 / math.cos(math.radians(point[1]))
    sql = (
        f"{published.mark} with _p as (select st_transform(st_setsrid(st_makepoint(%s, %s), 4326), 3857) as _g)"
        f" select {text}, round((_d / %s)::numeric, 1)::float8 from ("
        f' select _v.*, st_distance(_v."geom3857", _p._g) as _d'
        f' from "{caller.audience}"."{published.layer.id}" _v, _p'
        ' where st_dwithin(_v."geom3857", _p._g, %s) order by _d, "fid" limit %s) _q order by _d, "fid"'
    )
    with read(caller, timeout_ms=timeout_ms) as cursor:
        rows = cursor.execute(sql, [*point, scale, distance_m * scale, limit]).fetchall()
    return [orjson.loads(row[0]) | {"distance_m": row[1]} for row in rows]
