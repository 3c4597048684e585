"""The front door refuses: bodies that are too large or too slow, and how it says what is refused."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
import socket
from contextlib import ExitStack
from dataclasses import replace

import pytest

from gis_core.config import Config
from gis_core.http.bodies import WITHHELD as BODY_WITHHELD
from gis_core.runtime.limits import Limits
from tests.runtime.front_door import (
    FrontDoor,
    Upstream,
    door,
    front_door,
)

__all__ = ["door"]


def test_too_large_is_a_problem_document(door: FrontDoor) -> None:
    """Would fail if a body over 20 MB reached a process, or were refused with a page that programs cannot read."""
    answer = door.client.post("/", content=b"x" * (20 * 2**20 + 1))
    assert answer.status_code == 413
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["code"] == "too-large"


ITEMS, ITEM = "/ogcapi/collections/wards/items", "/ogcapi/collections/wards/items/5"


@pytest.mark.parametrize(
    ("path", "most"),
    [("/", 99_999), ("/accounts/login/", 99_999), ("/ogcapi/processes/x/execution", 99_999), ("/tiles/x", 99_999),
     ("/wfs", 200_000), ("/wfs/", 200_000), (ITEMS, 20_000_000), (f"{ITEMS}/", 20_000_000), (ITEM, 20_000_000),
     ("/admin/x/1/change/", 10_000_000), ("/place/check", 1_000_000)],
)  # fmt: skip
def test_how_much_may_be_sent_goes_by_the_address(door: FrontDoor, path: str, most: int) -> None:
    """Would fail if a sign-in form could send the 20 MB of the largest feature. The head alone is sent: one that is
    too large is refused by what it says of itself."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\nContent-Length: "
    status, _, body = _asked(door.port, f"{head}{most + 1}\r\n\r\n".encode())
    assert (status, json.loads(body)["code"]) == (413, "too-large")
    if most < 300_000:
        content = b"x" * most
        answer = door.client.post(path, content=content, headers={"Authorization": "Bearer good"})
        assert answer.status_code == 200


@pytest.mark.parametrize("path", [ITEMS, ITEM, "/admin/x/1/change/", "/place/check"])
@pytest.mark.parametrize("length", ["Content-Length: 900000", "Transfer-Encoding: chunked"])
def test_a_large_body_is_refused_unread(door: FrontDoor, path: str, length: str) -> None:
    """Not a byte of it is sent, and the refusal is there, in the application's own words; the same with the token of
    somebody who may write is waited for. Would fail if 19 MB of a stranger were taken in before he is asked who he is.
    """
    head = f"PUT {path} HTTP/1.1\r\nHost: x\r\n{length}\r\n"
    with socket.create_connection(("127.0.0.1", door.port), timeout=60) as wire:
        wire.sendall(f"{head}{BODY_WITHHELD}: 0\r\n\r\n".encode())
        answer = http.client.HTTPResponse(wire)
        answer.begin()
        told = json.loads(answer.read())
    assert (answer.status, told["code"], told["detail"]) == (401, "bad-token", "Mã sai $1.")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers.get_all("Access-Control-Allow-Origin") == ["*"]
    assert Upstream.asked[-1] == f"PUT {path}"
    assert not any(path.stat().st_size for path in door.bodies.rglob("*") if path.is_file())
    with socket.create_connection(("127.0.0.1", door.port), timeout=60) as wire:
        wire.sendall(f"{head}Authorization: Bearer good\r\n\r\n".encode())
        wire.settimeout(0.5)
        with pytest.raises(TimeoutError):
            wire.recv(1)


def test_small_bodies_and_whole_ones_arrive(door: FrontDoor) -> None:
    """Small ones without a question; large ones whole, and nothing that a client says of the question gets through."""
    Upstream.asked.clear()
    small = door.client.put(ITEM, content=b"x" * 99_999, headers={BODY_WITHHELD: "1"}).json()
    assert (small["from"], small["headers"]["Content-Length"], Upstream.asked) == ("web", "99999", [])
    assert BODY_WITHHELD not in small["headers"]
    large = door.client.put(ITEM, content=b"x" * 3_000_000, headers={"Authorization": "Bearer good"}).json()
    assert large["headers"]["Content-Length"] == "3000000" and Upstream.asked == [f"PUT {ITEM}"]


def test_slow_bodies_of_one_address_are_few(instance: Config) -> None:
    """Would fail if a hundred connections of one address could each leave 20 MB on the disk."""
    limits = replace(Limits(), uploads=3, unlimited=())
    head = f"PUT {ITEM} HTTP/1.1\r\nHost: x\r\nContent-Length: 19000000\r\nAuthorization: Bearer good\r\n\r\n"
    with front_door(instance, limits=limits) as door, ExitStack() as open_:
        statuses = []
        for _ in range(10):
            wire = open_.enter_context(socket.create_connection(("127.0.0.1", door.port), timeout=60))
            wire.sendall(head.encode() + b"x" * 1000)
            wire.settimeout(1)
            try:
                answer = http.client.HTTPResponse(wire)
                answer.begin()
                statuses.append(answer.status)
            except TimeoutError:
                statuses.append(0)  # it is waited for
        assert statuses == [0] * 3 + [429] * 7
        assert door.client.put(ITEM, content=b"small").status_code == 200


def _asked(port: int, request: bytes) -> tuple[int, str, str]:
    """Status, content type and body of the answer to raw bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
        wire.sendall(request)
        answer = http.client.HTTPResponse(wire)
        answer.begin()
        return answer.status, answer.headers.get("Content-Type", ""), answer.read().decode()


HOST = b"Host: x\r\nConnection: close\r\n"
REFUSED = {
    "unreadable-request": (400, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
    "address-too-long": (414, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "headers-too-large": (431, b"GET / HTTP/1.1\r\n" + HOST + b"Cookie: " + b"a" * 9000 + b"\r\n\r\n"),
    "method-not-allowed": (405, b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n"),
    "no-such-page": (404, b"GET /static/none.css HTTP/1.1\r\n" + HOST + b"\r\n"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_refusals_of_the_front_door_are_problem_documents(door: FrontDoor, code: str) -> None:
    """Would fail if a program or a citizen were shown nginx's own page, which is English and says nothing to do."""
    status, request = REFUSED[code]
    found, kind, body = _asked(door.port, request)
    told = json.loads(body)
    assert (found, kind, told["status"], told["code"]) == (status, "application/problem+json", status, code)
    assert " · " in told["detail"]


def test_a_browser_is_told_in_a_page(door: FrontDoor) -> None:
    """Would fail if people were shown JSON, or a page that the policy of the pages would not let look like one."""
    answer = door.client.get(
        "/static/none.css", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    )
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Không có địa chỉ này." in answer.text
    assert '<div lang="en"><h2>Not found</h2><p>There is no such address.</p>' in answer.text
    style = re.search("<style>(.*)</style>", answer.text)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
    assert answer.headers.get_list("X-Content-Type-Options") == ["nosniff"]


def test_pages_of_refusals_cannot_be_asked_for(door: FrontDoor) -> None:
    """Would fail if /refused/503/json told whoever asks that the city is down."""
    assert door.client.get("/refused/503/json").json()["code"] == "no-such-page"


def test_refusals_of_the_processes_stay_theirs(door: FrontDoor) -> None:
    """Would fail if the door replaced what the application says of a filter by a page of its own."""
    assert door.client.get("/refusing/400").json() == {"from": "web", "status": 400}
