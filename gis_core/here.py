"""Everything at a place: what lies on a point, or within a distance of it, in every layer the caller sees."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import orjson

from gis_core.audiences import Caller
from gis_core.crs import CRS84
from gis_core.query.feature_text import feature_sql
from gis_core.reading import read, registry, too_slow
from gis_core.registry import Published

MAX_DISTANCE_M = 5_000.0
MAX_PER_LAYER = 50
BUDGET_S = 2.0


@dataclass(frozen=True)
class Found:
    """The features of one layer at the place, nearest first; ``more`` when there are others still."""

    published: Published
    features: list[dict[str, Any]]
    more: bool


def at_place(caller: Caller, lon: float, lat: float, distance_m: float, limit: int = 10) -> list[Found]:
    """What is within ``distance_m`` metres of a point in EPSG:4326, layer by layer.

    A distance of 0 finds what the point lies in. At most ``limit`` features a layer. All layers together have
    `BUDGET_S`; a 503 Problem when that is not enough.
    """
    found = []
    deadline = time.monotonic() + BUDGET_S
    for published in registry().current().seen_by(caller):
        if published.layer.listed:
            left_ms = int((deadline - time.monotonic()) * 1000)
            if left_ms <= 0:
                raise too_slow()
            features = nearest(published, caller, (lon, lat), distance_m, limit + 1, left_ms)
            if features:
                found.append(Found(published, features[:limit], len(features) > limit))
    return found


def nearest(
    published: Published,
    caller: Caller,
    point: tuple[float, float],
    distance_m: float,
    limit: int,
    timeout_ms: int,
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
