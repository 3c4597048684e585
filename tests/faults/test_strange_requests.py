"""A running city before requests that nobody sends by mistake: behind the front door as well as at it."""

from __future__ import annotations

import gzip
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from gis_core.runtime.limits import Limits
from gis_core.runtime.place import Place
from gis_core.runtime.processes import local_addresses
from tests.hostile import TWO_READINGS, answers_to
from tests.live_city import LiveCity

ATTACKER, OTHER = "203.0.113.91", "198.51.100.91"
OTHERS = (
    "/healthz",
    "/readyz",
    "/tiles/admin_units/9/408/232.mvt",
    "/ogcapi/collections/admin_units/items?limit=5",
)


def others_are_served(city: LiveCity) -> None:
    for path in OTHERS:
        answer = httpx.get(f"{city.url}{path}", headers={"X-Forwarded-For": OTHER}, timeout=60)
        assert answer.status_code == 200, path


@pytest.mark.parametrize("process", ["web", "tiles"])
@pytest.mark.parametrize("kind", TWO_READINGS)
def test_the_processes_refuse_two_readings_too(live_city: LiveCity, process: str, kind: str) -> None:
    """Would fail if a process took the second half of a body for a request, should the door ever hand one on."""
    address = local_addresses(Place.of(live_city.config))[process]
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(30)
        wire.connect(str(address.socket))
        said = answers_to(wire, TWO_READINGS[kind])
    assert said.count(b"HTTP/1.1 ") <= 1 and b"/second" not in said
    assert not said or said.startswith(b"HTTP/1.1 4"), said[:200]


@contextmanager
def streams(city: LiveCity, count: int) -> Iterator[list[int]]:
    """Statuses of as many event streams of one address, all of them open, of which nothing more is read."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count + 500)), hard))
    head = f"GET /events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {ATTACKER}\r\n\r\n".encode()
    with ExitStack() as opened:
        wires = [
            opened.enter_context(socket.create_connection(("127.0.0.1", city.config.port), timeout=60))
            for _ in range(count)
        ]
        for wire in wires:
            wire.sendall(head)
        yield [int(wire.recv(12).split()[1]) for wire in wires]


def test_idle_streams_of_one_address_take_nothing_from_others(live_city: LiveCity) -> None:
    """Would fail if the connections, files or memory of the city were used up by a thousand that only wait."""
    with streams(live_city, Limits.streams + 5) as statuses:
        assert sorted(set(statuses)) == [200, 429] and statuses.count(429) == 5
        others_are_served(live_city)
        with httpx.stream("GET", f"{live_city.url}/events/", headers={"X-Forwarded-For": OTHER}) as one:
            assert one.status_code == 200
    others_are_served(live_city)


@pytest.mark.parametrize(
    "path",
    [
        "/ogcapi/processes/what-is-here/execution",
        "/ogcapi/collections/parcels/items",
        "/wfs",
        "/accounts/login/",
    ],
)
def test_a_body_is_not_unpacked(live_city: LiveCity, path: str) -> None:
    """Would fail if 60 kB could become 60 MB of a process's memory; it is said what to do instead."""
    bomb = gzip.compress(b'{"inputs": "' + b" " * 60_000_000 + b'"}')
    assert len(bomb) < 99_999
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json", "Accept": "application/json"}
    with live_city.client("land") as client:
        answer = client.post(path, content=bomb, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "packed-body")
    assert answer.headers["Accept-Encoding"] == "identity"
