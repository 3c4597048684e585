"""Nightly cleaning: jobs that are no longer shown."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="22 19 * * *")  # 02:22 in Huế
@app.task(queueing_lock="forget-old-jobs")
def forget_old_jobs(timestamp: int) -> None:
    """Delete the jobs of more than a day ago, with their results."""
    from ogc_api.processes.jobs import forget_old  # not with every command that loads the tasks

    forget_old()
