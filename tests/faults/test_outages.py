"""What is no fault of a request: 503 with a reason and a time to come again, in both servers; never 500."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import django.db.utils
import httpx
import psycopg
import psycopg_pool
import pytest

from gis_core.outages import is_lost, outage_of
from tests.city_plugin import SUPERUSER
from tests.live_city import LiveCity
from tests.waiting import wait_until

ITEMS = "/ogcapi/collections/roads/items"
WFS = "/wfs?service=WFS&version=2.0.0&request=GetFeature&count=1&typenames=roads"
TILE = "/ogcapi/collections/roads/tiles/WebMercatorQuad/14/7434/13086?f=mvt"
READ = ("/", "/search?q=hue", "/map-style.json", f"{ITEMS}?limit=3", f"{ITEMS}?f=csv", f"{ITEMS}/1", WFS,
        "/ogcapi/collections", TILE, "/accounts/login/")  # fmt: skip


# What a page leaves its layer out for, as for any fault of one layer.
WRITERS_ALONE = ("40001", "25006")


def caused(error: BaseException) -> Exception:
    """Django's error around psycopg's."""
    outer = django.db.utils.OperationalError()
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize(
    ("error", "code", "lost"),
    [
        (psycopg.OperationalError("server closed the connection unexpectedly"), "database-away", True),
        (psycopg.InterfaceError("the connection is closed"), "database-away", True),
        (psycopg.errors.AdminShutdown(), "database-away", True),
        (psycopg.errors.CrashShutdown(), "database-away", True),
        (psycopg.errors.CannotConnectNow(), "database-away", True),
        (caused(psycopg.OperationalError("connection refused")), "database-away", True),
        (psycopg_pool.PoolTimeout(), "database-busy", False),
        (psycopg_pool.TooManyRequests(), "database-busy", False),
        (psycopg.errors.TooManyConnections(), "database-busy", False),
        (psycopg.errors.OutOfMemory(), "database-busy", False),
        (psycopg.errors.LockNotAvailable(), "database-busy", False),
        (psycopg.errors.DiskFull(), "disk-full", False),
        (caused(psycopg.errors.DiskFull()), "disk-full", False),
        (OSError(errno.ENOSPC, "No space left on device"), "disk-full", False),
        (psycopg.errors.QueryCanceled(), "too-slow", False),
        (psycopg.errors.ConfigurationLimitExceeded("temp_file_limit"), "too-slow", False),
        (psycopg.errors.DeadlockDetected(), "database-busy", False),
        (psycopg.errors.SerializationFailure(), "database-busy", False),
        (caused(psycopg.errors.SerializationFailure()), "database-busy", False),
        (psycopg.errors.IoError(), "database-busy", False),
        (psycopg.errors.ReadOnlySqlTransaction(), "database-read-only", False),
        (psycopg.errors.IdleInTransactionSessionTimeout(), "database-away", True),
        (psycopg.errors.IdleSessionTimeout(), "database-away", True),
        (OSError(errno.EMFILE, "Too many open files"), "server-busy", False),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "server-busy", False),
        (BlockingIOError(errno.EAGAIN, "no more processes"), "server-busy", False),
        (MemoryError(), "server-busy", False),
        (OSError(errno.EROFS, "Read-only file system"), "disk-failed", False),
        (OSError(errno.EIO, "Input/output error"), "disk-failed", False),
        (psycopg.errors.UniqueViolation(), None, False),
        (psycopg.errors.UndefinedColumn(), None, False),
        (OSError(errno.ENOENT, "no such file"), None, False),
        (KeyError("a fault of ours"), None, False),
    ],
)
def test_what_is_an_outage(error: BaseException, code: str | None, lost: bool) -> None:
    """Would fail if an outage were shown as a fault of ours, a fault as an outage, or tried again where it may not."""
    problem = outage_of(error)
    assert (problem and problem.code, is_lost(error)) == (code, lost)
    assert problem is None or (problem.status == 503 and problem.headers["Retry-After"])


def ask_everywhere(city: LiveCity, rounds: int, who: str | None = None) -> list[tuple[str, httpx.Response]]:
    """Everything at once, so that pools have several connections."""
    paths = [path for path in READ for _ in range(rounds)]
    with city.client(who) as client, ThreadPoolExecutor(len(READ)) as readers:
        return list(zip(paths, readers.map(client.get, paths), strict=True))


@pytest.mark.parametrize("who", [None, "officer"])
def test_connections_that_were_cut_are_replaced(live_city: LiveCity, who: str | None) -> None:
    """Would fail if a request were given a connection that the database has ended, and told so."""
    assert {answer.status_code for _, answer in ask_everywhere(live_city, 3, who)} == {200}
    with psycopg.connect(SUPERUSER, autocommit=True) as connection:
        ended = connection.execute(
            "select pid, pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
            [live_city.database],
        ).fetchall()
        pids = [pid for pid, _ in ended]
        still = "select 1 from pg_stat_activity where pid = any(%s)"
        wait_until(lambda: connection.execute(still, [pids]).fetchone() is None, "an end of the connections")
    if who is not None:
        with live_city.client(who) as client, ThreadPoolExecutor(6) as writers:
            nowhere = "/ogcapi/collections/reports/items/999999999"
            told = list(writers.map(lambda _: client.delete(nowhere, headers={"If-Match": '"1"'}), range(6)))
        assert all(answer.status_code < 500 for answer in told), told[0].text
    for path, answer in ask_everywhere(live_city, 3, who):
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"


@contextmanager
def failing(city: LiveCity, state: str) -> Iterator[None]:
    """Reading a name of a road, and writing a report, fail with SQLSTATE ``state`` (as a full disk makes them)."""
    fault = f"raise exception 'injected' using errcode = '{state}';"
    with city.connect() as owner:
        row = owner.execute("select pg_get_functiondef('huong.fold(text)'::regprocedure)").fetchone()
        assert row is not None
        for statement in (
            (
                "create or replace function huong.fold(value text) returns text language plpgsql immutable"
                f" parallel safe as $$ begin {fault} end $$"
            ),
            f"create function injected() returns trigger language plpgsql as $$ begin {fault} end $$",
            "create trigger injected before insert on reports_report execute function injected()",
        ):
            owner.execute(statement)  # type: ignore[call-overload]
        try:
            yield
        finally:
            owner.execute(row[0])
            owner.execute("drop function injected() cascade")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("53100", "disk-full"),
        ("53200", "database-busy"),
        ("40001", "database-busy"),
        ("25006", "database-read-only"),
        ("57P03", "database-away"),
    ],
)
def test_an_outage_in_the_middle_is_said_with_its_reason(live_city: LiveCity, state: str, code: str) -> None:
    """Would fail if a full disk, or a database that goes down, were a 500 to whoever reads or writes at that moment."""
    report = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [107.5786, 16.4703]},
        "properties": {"category": "environment", "description": "Đèn không sáng"},
    }
    with failing(live_city, state), live_city.client() as citizen, live_city.client("officer") as officer:
        found: dict[str, Callable[[], httpx.Response]] = {
            "page": lambda: citizen.get("/search?q=hue"),
            "write": lambda: officer.post("/ogcapi/collections/reports/items", json=report),
        }
        if state in WRITERS_ALONE:
            del found["page"]
        for name, asked in found.items():
            answer: Any = asked()
            assert answer.status_code == 503, f"{name}: {answer.status_code} {answer.text[:300]}"
            assert answer.headers["Retry-After"], name
            assert name == "page" or answer.json()["code"] == code
