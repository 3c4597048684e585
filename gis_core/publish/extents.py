"""Where and when a layer's features are, per audience: measured when published and after changes, read by everyone.

All processes show the same extent since it stands in the database; it is rounded outwards, so that no feature lies a
rounding error outside it.
"""

from __future__ import annotations

from typing import Any

from gis_core.days import day_end_sql, day_start_sql
from gis_core.layer import Audience, Layer
from gis_core.publish.projection import Projection, Table, projections
from gis_core.savepoints import apart
from gis_core.time_text import within_calendar


def measure_extent(cursor: Any, layer: Layer, projection: Projection, table: Table) -> None:
    """Measure what the audiences of ``projection`` see, units apart (a scoped audience has many extents, or this)."""
    time_from, time_to = times_sql(layer, stored=True)
    audiences = list(projection.audiences)
    cursor.execute(
        "delete from huong.extent where layer = %s and audience = any(%s)",
        [layer.id, audiences],
    )
    cursor.execute(
        f"insert into huong.extent (layer, audience, west, south, east, north, time_from, time_to)"
        f" select %s, a, floor(st_xmin(e) * 1e6 - 1) / 1e6, floor(st_ymin(e) * 1e6 - 1) / 1e6,"
        f" ceil(st_xmax(e) * 1e6 + 1) / 1e6, ceil(st_ymax(e) * 1e6 + 1) / 1e6, t1, t2"
        f' from (select st_extent("{projection.geometry}") e, {time_from} t1, {time_to} t2'
        f" from {table.name} where {projection.rows}) m cross join unnest(%s::text[]) a",
        [layer.id, audiences],
    )


def times_sql(layer: Layer, *, stored: bool) -> tuple[str, str]:
    """SQL of the earliest and the latest moment in the columns of the layer's time; NULL where open.

    ``stored``: columns are called as in the table, not as in views. One open end makes the whole open, and so does a
    moment that no document can name (`infinity`, 44 BC). A day counts from its first moment to its last in the city; a
    day that ends a validity is not of it, and its first moment is the end.
    """
    if layer.time is None:
        return "null::timestamptz", "null::timestamptz"
    start = layer.field(layer.time.start)
    end = layer.field(layer.time.end or layer.time.start)
    first, last = (
        f'{which}("{each.sql_column if stored else each.name}")'
        for which, each in (("min", start), ("max", end))
    )
    low = day_start_sql(first) if start.type == "date" else first
    high = last
    if end.type == "date":
        high = day_start_sql(last) if layer.time.end else day_end_sql(last)
    whole = f'count(*) = count("{end.sql_column if stored else end.name}") and '
    return (
        f"case when {within_calendar(first)} then {low} end",
        f"case when {whole}{within_calendar(last)} then {high} end",
    )


def seen_extent_sql(layer: Layer, audience: Audience) -> str:
    """The extent of what a caller of ``audience`` sees in the own units: one row as `measure_extent` keeps them."""
    times = ", ".join(times_sql(layer, stored=False))
    return (
        "select floor(st_xmin(e) * 1e6 - 1) / 1e6, floor(st_ymin(e) * 1e6 - 1) / 1e6, ceil(st_xmax(e) * 1e6 + 1) / 1e6,"
        f' ceil(st_ymax(e) * 1e6 + 1) / 1e6, t1, t2 from (select st_extent("geom"), {times}'
        f' from "{audience}"."{layer.id}") m (e, t1, t2)'
    )


def measure_changed(cursor: Any, layers: list[Layer], table_of: Any) -> list[str]:
    """Measure again the layers that changed since they were measured; their ids. For the worker, as owner.

    Overviews (O) and styles (S) change no feature, and who publishes (P) has just measured.
    """
    cursor.execute(
        "select e.layer from (select layer, min(measured_at) as at from huong.extent group by layer) e"
        " where exists (select 1 from huong.change c where c.layer = e.layer and c.at >= e.at - interval '5 seconds'"
        " and c.op not in ('O', 'P', 'S'))"
    )
    changed = {row[0] for row in cursor.fetchall()}
    for layer in layers:
        if layer.id in changed:
            with apart(cursor, layer.id, "the extent"):
                table = table_of(cursor, layer.table)
                for projection in projections(layer, table):
                    measure_extent(cursor, layer, projection, table)
    return sorted(changed)
