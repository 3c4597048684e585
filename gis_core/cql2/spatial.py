"""Spatial relations: the standardized functions and PostGIS's, which have the same definitions (SFA, DE-9IM)."""

from __future__ import annotations

from gis_core.cql2.sql import Sql

FUNCTIONS: dict[str, str] = {
    "s_intersects": "ST_Intersects",
    "s_equals": "ST_Equals",
    "s_disjoint": "ST_Disjoint",
    "s_touches": "ST_Touches",
    "s_within": "ST_Within",
    "s_overlaps": "ST_Overlaps",
    "s_crosses": "ST_Crosses",
    "s_contains": "ST_Contains",
}


def literal(ewkb: str) -> Sql:
    """A geometry in EPSG:4326 from its hex EWKB, as one parameter: a constant to the planner, so GiST serves."""
    return Sql("%s::geometry", (ewkb,))


def relate(operator: str, left: Sql, right: Sql) -> Sql:
    """``ST_Intersects(left, right)`` and its like; all but ST_Disjoint bring their own ``&&`` to the index."""
    return Sql(f"{FUNCTIONS[operator]}({left.text}, {right.text})", left.params + right.params)
