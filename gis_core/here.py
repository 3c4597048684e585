"""Everything at a place: what lies on a point, or within a distance of it, in every layer the caller sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from gis_core.audiences import Caller
from gis_core.crs import CRS84
from gis_core.query.feature_text import feature_sql
from gis_core.reading import read, registry
from gis_core.registry import Published

MAX_DISTANCE_M = 5_000.0
MAX_PER_LAYER = 50


@dataclass(frozen=True)
class Found:
    """The features of one layer at the place, nearest first; ``more`` when there are others still."""

    published: Published
    features: list[dict[str, Any]]
    more: bool


def at_place(caller: Caller, lon: float, lat: float, distance_m: float, limit: int = 10) -> list[Found]:
    """What is within ``distance_m`` metres (on the ellipsoid) of a point in EPSG:4326, layer by layer.

    A distance of 0 finds what the point lies in. At most ``limit`` features a layer.
    """
    found = []
    for published in registry().current().seen_by(caller):
        if published.layer.listed:
            features = nearest(published, caller, (lon, lat), distance_m, limit + 1)
            if features:
                found.append(Found(published, features[:limit], len(features) > limit))
    return found


def nearest(
    published: Published, caller: Caller, point: tuple[float, float], distance_m: float, limit: int
) -> list[dict[str, Any]]:
    fields = published.layer.fields_for(caller.audience)
    text = feature_sql(fields, CRS84)
    # The box of the distance lets the spatial index choose; the ellipsoid then decides.
    sql = (
        f"{published.mark} with p as (select st_setsrid(st_makepoint(%s, %s), 4326) as g)"
        f" select {text}, round(d::numeric, 1)::float8 from ("
        f' select v.*, st_distance(v."geom"::geography, p.g::geography) as d'
        f' from "{caller.audience}"."{published.layer.id}" v, p'
        ' where v."geom" && st_expand(p.g, %s, %s)) q where d <= %s order by d, "fid" limit %s'
    )
    degrees = distance_m / 110_000 + 1e-9
    with read(caller) as cursor:
        rows = cursor.execute(sql, [*point, degrees * 1.1, degrees, distance_m, limit]).fetchall()
    return [orjson.loads(row[0]) | {"distance_m": row[1]} for row in rows]
