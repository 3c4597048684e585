"""What the worker does for imports by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from imports.indexing import drop_unfinished


@app.periodic(cron="12 19 * * *")  # 02:12 in Huế
@app.task(queueing_lock="drop-unfinished-imports")
def drop_unfinished_imports(timestamp: int) -> None:
    """Drop the tables of imports that were killed while they built indexes."""
    drop_unfinished()
