"""The front door before clients that mean harm: requests of two readings, ranges by the thousand, answers not taken."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from gis_core.config import Config
from gis_core.runtime.limits import Limits
from tests.hostile import TWO_READINGS, answers_to
from tests.runtime.front_door import LARGE, FrontDoor, Upstream, front_door
from tests.runtime.test_limits import PROXY

ITEMS = "/ogcapi/collections/wards/items"
FEW = 3
LARGE_ONES = (
    f"{ITEMS}?f=csv&large=1",
    f"{ITEMS}?large=1&limit=10000",
    f"{ITEMS}?large=1&%6cimit=10000",
    f"{ITEMS}/?large=1&limit=%31000",
    f"{ITEMS}?limit=+1000&large=1",
    "/wfs?service=WFS&request=GetFeature&typenames=wards&large=1",
)


@pytest.fixture(scope="module")
def door(instance: Config) -> Iterator[FrontDoor]:
    with front_door(instance, limits=replace(Limits(), downloads=FEW), trusted_proxy=PROXY) as made:
        yield made


@pytest.mark.parametrize("kind", TWO_READINGS)
def test_a_request_of_two_readings_is_refused(door: FrontDoor, kind: str) -> None:
    """Would fail if the door and the processes behind it could take one request for two, or two for one: whoever
    comes next on that connection would be given the second one's answer."""
    with socket.create_connection(("127.0.0.1", door.port), timeout=30) as wire:
        said = answers_to(wire, TWO_READINGS[kind])
    assert said.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")) and said.count(b"HTTP/1.1 ") == 1
    assert b'"code": "unreadable-request"' in said or b'"code":"unreadable-request"' in said
    assert b"/second" not in said


def test_a_thousand_ranges_are_one_answer(door: FrontDoor) -> None:
    """Would fail if 8 kB of a request could be answered by fifty times the file."""
    path = "/static/assets/city-abcdef12.js"
    whole = door.raw.get(path)
    some = door.raw.get(path, headers={"Range": "bytes=0-9,20-29"})
    assert some.status_code == 206 and len(some.content) < 500
    ranges = ",".join(f"{n}-{n}" for n in range(0, 1600, 2))
    many = door.raw.get(path, headers={"Range": f"bytes={ranges}"})
    assert (many.status_code, many.content) == (200, whole.content)


def test_nothing_is_upgraded(door: FrontDoor) -> None:
    """Would fail if a WebSocket, or HTTP/2 without a handshake, opened a way through the door that nobody counts."""
    for upgrade in ("websocket", "h2c"):
        key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}
        answer = door.client.get("/events/", headers={"Connection": "Upgrade", "Upgrade": upgrade, **key})
        assert answer.status_code == 200
        assert answer.json()["headers"].get("Connection") in (None, "close"), upgrade


def test_heads_that_are_too_long_are_refused(door: FrontDoor) -> None:
    """Would fail if a head of any size were taken in: of one line, of many, of a query."""
    lines = "".join(f"X-{n}: {'a' * 1000}\r\n" for n in range(100))
    for path, more, status in (("/", lines, 431), (f"/search?q={'a' * 20_000}", "", 414)):
        with socket.create_connection(("127.0.0.1", door.port), timeout=30) as wire:
            wire.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n".encode())
            answer = http.client.HTTPResponse(wire)
            answer.begin()
            assert answer.status == status and json.loads(answer.read())["status"] == status


@pytest.mark.parametrize("path", LARGE_ONES)
def test_large_answers_that_nobody_takes_are_few(door: FrontDoor, path: str) -> None:
    """Would fail if hundreds of connections of one address could each leave an answer of 20 MB on the disk: as many
    wait there as may, further ones are refused, however they are written; others are served.
    """
    address = f"203.0.113.{LARGE_ONES.index(path) + 10}"
    with ExitStack() as opened:
        statuses = []
        for _ in range(FEW + 2):
            wire = opened.enter_context(socket.socket())
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            wire.settimeout(30)
            wire.connect(("127.0.0.1", door.port))
            wire.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {address}\r\n\r\n".encode())
            statuses.append(int(wire.recv(12).split()[1]))
        assert statuses == [200] * FEW + [429] * 2
        assert sum(each.stat().st_size for each in waiting(door)) <= FEW * (LARGE + 10_000)
        for other, asked in ((address, f"{ITEMS}?limit=100&bbox=1,2,3,4&f=json"), ("198.51.100.1", path)):
            answer = door.client.get(asked, headers={"X-Forwarded-For": other})
            assert answer.status_code == 200, asked


def waiting(door: FrontDoor) -> list[Path]:
    """The files in which answers wait for their clients."""
    return [each for each in (door.bodies.parent / "proxy").rglob("*") if each.is_file()]


def test_what_leaves_no_trace(door: FrontDoor) -> None:
    """None of the above has reached the processes as something else than it was sent."""
    assert not any("/second" in each for each in Upstream.asked)
