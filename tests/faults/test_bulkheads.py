"""Dear work that does not end: what else is answered meanwhile, and what becomes of it when its asker leaves.

A lock in the city's database holds every request that reads the layer `HELD`, for as long as a test wants.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from gis_core.admission.lanes import THREADS
from gis_core.runtime.processes import WEB_WORKERS
from tests.city_plugin import CLUSTER, SUPERUSER
from tests.live_city import LiveCity
from tests.waiting import wait_until

HELD, FREE = "waterways", "admin_units"
STORM, OTHER = "203.0.113.5", "198.51.100.7"
PLACES = THREADS["dear"] * WEB_WORKERS
WFS = "service=WFS&version=2.0.0&request=GetFeature&typenames"
DEAR = {
    "filtered list": f"/ogcapi/collections/{HELD}/items?filter=name%20LIKE%20'a%25'",
    "download": f"/ogcapi/collections/{HELD}/items?f=csv",
    "WFS": f"/wfs?{WFS}={HELD}",
    "page": f"/list?layers={HELD}&z=12&lat=16.4&lon=107.6",
}
READING = "select count(*) from pg_stat_activity where datname = %s and state = 'active' and wait_event_type = 'Lock'"


@dataclass(frozen=True)
class Held:
    """A city in which requests for one layer do not end."""

    city: LiveCity

    def send(self, path: str, address: str = STORM) -> socket.socket:
        """Ask, and do not wait for the answer."""
        wire = socket.create_connection(("127.0.0.1", self.city.config.port), timeout=60)
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {address}\r\n\r\n".encode())
        return wire

    def ask(self, path: str, address: str) -> httpx.Response:
        return httpx.get(f"{self.city.url}{path}", headers={"X-Forwarded-For": address}, timeout=60)

    def reading(self) -> int:
        """How many queries wait for the lock."""
        with psycopg.connect(SUPERUSER, autocommit=True) as connection:
            row = connection.execute(READING, [self.city.database]).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def held(live_city: LiveCity) -> Iterator[Held]:
    """The lock, and readers who are patient enough to wait for it."""
    with patient_readers(live_city), live_city.connect() as owner, owner.transaction():
        row = owner.execute(
            "select c.relnamespace::regnamespace::text, c.relname from pg_rewrite r join pg_depend d on d.objid = r.oid"
            " join pg_class c on c.oid = d.refobjid and c.relkind = 'r' where r.ev_class = %s::regclass limit 1",
            [f"citizen.{HELD}"],
        ).fetchone()
        assert row is not None
        owner.execute(sql.SQL("lock table {} in access exclusive mode").format(sql.Identifier(*row)))
        yield Held(live_city)


@contextmanager
def patient_readers(city: LiveCity) -> Iterator[None]:
    """Citizens' queries of this database wait for a lock and run for a minute; nobody else's do."""
    role, database = CLUSTER.role("citizen"), city.database
    with psycopg.connect(SUPERUSER, autocommit=True) as connection:
        for name in ("lock_timeout", "statement_timeout"):
            connection.execute(f'alter role "{role}" in database "{database}" set {name} = \'60s\'')
        end_connections(connection, role, database)
        try:
            yield
        finally:
            connection.execute(f'alter role "{role}" in database "{database}" reset all')
            end_connections(connection, role, database)


def end_connections(connection: psycopg.Connection[Any], role: str, database: str) -> None:
    """The next ones have the settings of now; the city minds an ended connection as little as a restart."""
    connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s and datname = %s",
        [role, database],
    )


@contextmanager
def storm(held: Held, path: str, count: int) -> Iterator[list[socket.socket]]:
    """``count`` requests from one address that do not end, all of its share of a worker's threads taken."""
    sent = [held.send(path) for _ in range(count)]
    share = THREADS["dear"] - 1
    try:
        wait_until(lambda: held.reading() >= share, "the storm does not blow")
        yield sent
    finally:
        for wire in sent:
            with suppress(OSError):
                wire.close()
        wait_until(lambda: held.reading() == 0, "queries went on although their askers had left")


@pytest.mark.parametrize("kind", DEAR)
def test_a_storm_of_dear_requests_stops_nobody_else(held: Held, kind: str) -> None:
    """Would fail if dear requests of one address took the threads of small ones, of health, or of other people.

    None of the storm's requests can end before the lock is given back, so whatever is answered is answered beside
    them. When the askers leave, none of their queries goes on.
    """
    with storm(held, DEAR[kind], 4 * PLACES):
        for path in ("/healthz", "/readyz", f"/ogcapi/collections/{FREE}/items?limit=5", "/ogcapi"):
            assert held.ask(path, STORM).status_code == 200, path
        for path in (f"/ogcapi/collections/{FREE}/items?f=csv", f"/wfs?{WFS}={FREE}", "/accounts/login/"):
            assert held.ask(path, OTHER).status_code == 200, path


def test_a_storm_from_many_addresses_leaves_small_requests_alone(held: Held) -> None:
    """Would fail if dear requests, of whomever, could stand before health and small ones."""
    sent = [held.send(DEAR["filtered list"], f"203.0.113.{n}") for n in range(10, 10 + 4 * PLACES)]
    try:
        wait_until(
            lambda: held.reading() >= THREADS["dear"], "no worker's threads for dear work are all taken"
        )
        for path in ("/healthz", "/readyz", f"/ogcapi/collections/{FREE}/items?limit=5"):
            assert held.ask(path, OTHER).status_code == 200, path
    finally:
        for wire in sent:
            wire.close()
    wait_until(lambda: held.reading() == 0, "queries went on although their askers had left")
