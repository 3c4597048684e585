"""A point on a feature, as SQL: where it is named, found and marked."""

from __future__ import annotations


def point_on(column: str) -> str:
    """SQL expression of a point on the geometry in ``column`` (quoted SQL), near its middle.

    ST_PointOnSurface is for areas. Of points and lines in parts it takes none that is empty: GEOS 3.11 ends the whole
    server over one, and no door that geometries come through (`plain_shapes`) stands before raw SQL.
    """
    middle = f"st_centroid({column})"
    return (
        f"case when st_dimension({column}) = 2 or st_geometrytype({column}) in ('ST_Point', 'ST_LineString')"
        f" then st_pointonsurface({column})"
        f" else coalesce(st_closestpoint({column}, {middle}), {middle}) end"
    )
