"""A coarse twin of an exact point, for audiences that may know roughly where but not which door."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import SnapToGrid, Transform
from django.db.models import Case, F, Q, When

# The grid is laid in WGS 84 / UTM 48N. Not in the city's own VN-2000: PostGIS 3.3 does not ship that row of
# spatial_ref_sys, and a dump restores tables before rows that were added to it, so the column would not come back.
GRID_SRID = 32648


def coarse_point(column: str, *, exact: Q, metres: float, srid: int = 4326) -> models.GeneratedField:
    """A stored column in ``srid``: the point ``column`` (EPSG:4326) where ``exact`` holds, else the nearest node of a
    grid of ``metres``.

    The database makes it, so that no way of writing (admin, API, import, SQL) can leave it stale or forget it. Write
    ``exact`` as the list of what may be shown: a value that nobody thought of is then coarse. Restate it with
    ``srid=3857`` for the twin that tiles are cut from, since one generated column cannot read another.
    """
    grid = Transform(SnapToGrid(Transform(column, GRID_SRID), metres), 4326)
    place: Any = Case(
        When(exact, then=F(column)),
        default=grid,
        output_field=models.PointField(srid=4326),
    )
    return models.GeneratedField(
        expression=place if srid == 4326 else Transform(place, srid),
        output_field=models.PointField(srid=srid, spatial_index=False),
        db_persist=True,
    )
