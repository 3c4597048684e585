"""Is this city alive, ready, and how is it doing: ``/healthz``, ``/readyz`` and ``/metrics``."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator

import prometheus_client
from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseError
from django.db.utils import ProgrammingError
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CollectorRegistry, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gis_core.http.negotiation import language
from gis_core.http.problems import refusal
from gis_core.problems import Problem
from gis_core.words import Text

LEAST_FREE_BYTES = 512 * 2**20
LONGEST_QUEUE_SECONDS = 900.0
MIGRATIONS_RECHECKED_AFTER = 30.0

# Age of the oldest job that could run and does not; a job planned for later is not late.
QUEUE_LAG = """
SELECT coalesce(extract(epoch FROM now() - min(coalesce(job.scheduled_at, event.at))), 0)
FROM procrastinate_jobs AS job
LEFT JOIN LATERAL (
    SELECT min(at) AS at FROM procrastinate_events WHERE job_id = job.id AND type = 'deferred'
) AS event ON true
WHERE job.status = 'todo' AND coalesce(job.scheduled_at, now()) <= now()
"""

_migrated_at = 0.0


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; says nothing of what it depends on."""
    return _fresh(HttpResponse("ok\n", content_type="text/plain; charset=utf-8"))


def readyz(request: HttpRequest) -> HttpResponse:
    """Whether the city can do its work: 200, or 503 with a problem document that says what is missing."""
    try:
        check_database()
        check_disk()
        check_queue()
    except Problem as problem:
        # No session and no user here: the language is the one asked for, nothing else is read.
        status, headers, body = refusal(problem, language(request.headers.get("Accept-Language", "")))
        return HttpResponse(body, status=status, headers=dict(headers))
    return _fresh(JsonResponse({"status": "ready"}))


def _fresh(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def check_database() -> None:
    """Problem 503 unless the database answers and every migration is applied."""
    global _migrated_at
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
        if time.monotonic() - _migrated_at > MIGRATIONS_RECHECKED_AFTER:
            executor = MigrationExecutor(connections["default"])
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                raise _unready("not-migrated", "Cơ sở dữ liệu chưa được cập nhật.", "Migrations are missing.")
            _migrated_at = time.monotonic()
    except DatabaseError as error:
        connections["default"].close()
        raise _unready(
            "no-database", "Không kết nối được cơ sở dữ liệu.", "The database cannot be reached."
        ) from error


def check_disk() -> None:
    """Problem 503 when the folder that the city writes to is almost full."""
    if free_bytes() < LEAST_FREE_BYTES:
        raise _unready("disk-full", "Đĩa sắp đầy.", "The disk is almost full.")


def check_queue() -> None:
    """Problem 503 when jobs have waited too long: no worker runs, or it is stuck."""
    try:
        lag = queue_lag()
    except DatabaseError as error:
        connections["default"].close()
        raise _unready(
            "no-database", "Không kết nối được cơ sở dữ liệu.", "The database cannot be reached."
        ) from error
    if lag > LONGEST_QUEUE_SECONDS:
        raise _unready("queue-stuck", "Việc nền bị ứ lại.", "Background jobs are stuck.")


def _unready(code: str, vi: str, en: str) -> Problem:
    return Problem(503, code, Text(vi, en), headers={"Retry-After": "5"})


def free_bytes() -> int:
    """Bytes left on the disk of HUONG_VAR."""
    return shutil.disk_usage(settings.CONFIG.var).free


def queue_lag() -> float:
    """Seconds that the oldest due job has waited; 0 when none does."""
    with connections["default"].cursor() as cursor:
        cursor.execute(QUEUE_LAG)
        row = cursor.fetchone()
    return float(row[0]) if row else 0.0


class CityCollector(Collector):
    """Figures read at the moment of the scrape, from what the city has and not from what this process did."""

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("huong_disk_free_bytes", "Bytes left where the city writes", free_bytes())
        lag, up = float("nan"), 1.0
        try:
            lag = queue_lag()
        except ProgrammingError:  # not migrated yet
            connections["default"].close()
        except DatabaseError:
            connections["default"].close()
            up = 0.0
        yield GaugeMetricFamily("huong_database_up", "1 if the database answers", up)
        yield GaugeMetricFamily("huong_queue_lag_seconds", "Wait of the oldest due job", lag)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text of all processes together; 404 for whoever comes through the front door.

    The front door always sets X-Forwarded-For and the process listens nowhere else in public; the scraper's own door
    (HUONG_METRICS_PORT, 127.0.0.1 only) does not set it.
    """
    if request.headers.get("X-Forwarded-For"):
        return HttpResponse(status=404)
    registry = CollectorRegistry()
    registry.register(CityCollector())
    text = prometheus_client.generate_latest(registry)
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        multiprocess.MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
        text += prometheus_client.generate_latest(counted)
    else:
        text += prometheus_client.generate_latest(prometheus_client.REGISTRY)
    return _fresh(HttpResponse(text, content_type=prometheus_client.CONTENT_TYPE_LATEST))
