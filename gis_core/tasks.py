"""What the worker does for the ground floor by the clock: extents follow the data, old rows of the feed go."""

from __future__ import annotations

from django.db import connections, transaction
from procrastinate.contrib.django import app

from gis_core.declarations import readable
from gis_core.publish.extents import measure_changed
from gis_core.publish.publisher import table_of
from gis_core.retention import purge_feed, purge_idempotency


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="measure-extents")
def measure_extents(timestamp: int) -> None:
    """Measure the extents of the layers that changed since they were measured."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("select layer, declaration::text from huong.published")
        measure_changed(cursor, readable(cursor.fetchall()), table_of)


@app.periodic(cron="42 19 * * *")  # 02:42 in Huế
@app.task(queueing_lock="clear-the-feed")
def clear_the_feed(timestamp: int) -> None:
    """Clear old events and the answers kept for retried requests; readers older than that start over."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        purge_feed(cursor)
        purge_idempotency(cursor)
