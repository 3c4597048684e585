"""The front door, tried with the real nginx before two upstreams that say what reached them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from gis_core.config import Config, SettingError
from gis_core.http import bodies
from gis_core.http.bodies import WITHHELD as BODY_WITHHELD
from gis_core.http.problems import refusal
from gis_core.problems import Problem
from gis_core.runtime.limits import Limits
from gis_core.runtime.nginx import Door, headers_text, local_door, nginx_text, quotable
from gis_core.runtime.place import Place
from gis_core.runtime.processes import Address
from gis_core.runtime.refusals import refusals_text
from gis_core.words import Text
from tests.ports import free_port

TILE = b"a vector tile " * 100
LARGE = 12_000_000


class Upstream(BaseHTTPRequestHandler):
    """Answers with its name and what it was asked."""

    protocol_version = "HTTP/1.1"
    name = ""
    let_go = threading.Event()
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        if self.path.startswith("/events/held"):
            return self.hold()
        if self.path.endswith("slow=1"):
            time.sleep(1.5)
        if self.headers.get("X-Body-Withheld"):
            return self.leave()
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/refusing/"):
            return self.refuse(int(self.path.rpartition("/")[2]))
        told = json.dumps({"from": self.name, "path": self.path, "headers": dict(self.headers)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("ETag", '"strong"')
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("location", "/there")
        self.send_header("content-crs", "<here>")
        padding = LARGE if "large=1" in self.path else 600
        self.send_header("Content-Length", str(len(told) + padding))
        self.end_headers()
        self.wfile.write(told + b" " * padding)

    do_POST = do_PUT = do_GET

    def leave(self) -> None:
        """As the application says whether a body may come."""
        type(self).asked.append(f"{self.command} {self.path}")
        allowed = self.headers.get("Authorization") == "Bearer good"
        self.send_response(204 if allowed else 401)
        if not allowed:
            told = bodies.told(refusal(Problem(401, "bad-token", Text("Mã sai $1.", "Wrong $token."),
                                               headers={"WWW-Authenticate": "Bearer"}), "vi"))  # fmt: skip
            for name, value in told.items():
                self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def refuse(self, status: int) -> None:
        told = json.dumps({"from": self.name, "status": status}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def hold(self) -> None:
        """A stream that stays open until it is let go."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b": open\n\n")
        self.wfile.flush()
        type(self).let_go.wait(60)

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


@dataclass
class FrontDoor:
    client: httpx.Client
    raw: httpx.Client
    metrics: httpx.Client
    var: Path
    port: int
    bodies: Path


@contextmanager
def front_door(instance: Config, **changes: Any) -> Iterator[FrontDoor]:
    """nginx with our configuration, in a folder whose name needs care; ``changes`` are those of its `Door`."""
    folder = Path(tempfile.mkdtemp(prefix="huong-", dir="/tmp"))
    config = replace(instance, var=folder / "một thành phố", port=free_port())
    place = Place.of(config)
    place.make()
    (place.run / "nginx").mkdir()
    upstreams = {}
    for name in ("web", "tiles"):
        handler = type(name, (Upstream,), {"name": name})
        server = Server(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        upstreams[name] = Address(host="127.0.0.1", port=server.server_address[1])
    scraper = free_port()
    settings = replace(local_door(config), upstreams=upstreams, metrics_port=scraper, **changes)
    _write(place, settings)
    _files(config.var)
    base = f"http://127.0.0.1:{config.port}"
    with _nginx(place):
        yield FrontDoor(
            client=_ready(httpx.Client(base_url=base)),
            raw=httpx.Client(base_url=base, headers={"Accept-Encoding": "identity"}),
            metrics=httpx.Client(base_url=f"http://127.0.0.1:{scraper}"),
            var=config.var,
            port=config.port,
            bodies=place.run / "nginx" / "body",
        )
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def door(instance: Config) -> Iterator[FrontDoor]:
    with front_door(instance) as made:
        yield made


def _write(place: Place, settings: Door) -> None:
    (place.run / "nginx.conf").write_text(nginx_text(settings))
    (place.run / "headers.conf").write_text(headers_text(settings.headers))
    (place.run / "refusals.conf").write_text(refusals_text(settings.run))


@contextmanager
def _nginx(place: Place) -> Iterator[None]:
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    command = [program, "-e", "stderr", "-c", str(place.run / "nginx.conf")]
    process = subprocess.Popen(command, cwd=place.run, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def _files(var: Path) -> None:
    tile = var / "tilecache" / "citizen" / "wards" / "14" / "13086" / "7410.mvt.gz"
    tile.parent.mkdir(parents=True)
    tile.write_bytes(gzip.compress(TILE))
    os.utime(tile, (1_000_000, 1_000_000))
    static = var / "static" / "assets"
    static.mkdir(parents=True)
    (static / "city-abcdef12.js").write_text("x" * 2000)
    (static / "city-abcdef12.js.gz").write_bytes(gzip.compress(b"precompressed"))
    (var / "static" / "admin.css").write_text("a{}")
    (var / "static" / "admin.0123456789ab.css").write_text("a{}")


def _ready(client: httpx.Client) -> httpx.Client:
    for _ in range(1200):
        try:
            client.get("/")
        except httpx.ConnectError:
            time.sleep(0.05)
        else:
            return client
    raise AssertionError("nginx did not start")


@pytest.mark.parametrize(
    ("path", "process"),
    [
        ("/", "web"),
        ("/en/", "web"),
        ("/healthz", "web"),
        ("/ogcapi/collections/wards/items?limit=10", "web"),
        ("/ogcapi/collections/wards/tiles", "tiles"),
        ("/ogcapi/collections/wards/tiles/WebMercatorQuad", "tiles"),
        ("/ogcapi/collections/wards/tiles/WebMercatorQuad/14/7410/13086", "tiles"),
        ("/tiles/wards.json", "tiles"),
        ("/tiles/wards/14/1/1.mvt", "tiles"),
        ("/events/", "tiles"),
    ],
)
def test_each_path_reaches_its_process(door: FrontDoor, path: str, process: str) -> None:
    """Would fail if a page were asked of the tile server or a tile of the page server."""
    told = door.client.get(path).json()
    assert (told["from"], told["path"]) == (process, path)


def test_client_address_cannot_be_forged(door: FrontDoor) -> None:
    """Would fail if a caller could choose the address that login limits are counted by."""
    headers = door.client.get(
        "/", headers={"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"}
    ).json()["headers"]
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "http"


def test_open_tile_is_a_file(door: FrontDoor) -> None:
    """Would fail if an anonymous tile went through a process, or said something else to a client without gzip."""
    answer = door.client.get("/tiles/wards/14/13086/7410.mvt")
    assert answer.content == TILE
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["ETag"] == f'"{1_000_000:x}-{len(gzip.compress(TILE)):x}"'
    assert "Last-Modified" not in answer.headers
    assert door.raw.get("/tiles/wards/14/13086/7410.mvt").content == TILE


def test_open_tile_is_revalidated_by_etag_alone(door: FrontDoor) -> None:
    """Would fail if an unchanged tile were sent again, or a changed one of the same second were taken for unchanged."""
    path = "/tiles/wards/14/13086/7410.mvt"
    etag = door.client.get(path).headers["ETag"]
    assert door.client.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert door.client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert (
        door.client.get(path, headers={"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("?t=2026-01-01", {}),
        ("", {"Authorization": "Bearer x"}),
        ("", {"Cookie": "a=b; sessionid=x"}),
    ],
)
def test_known_caller_gets_no_open_tile(door: FrontDoor, query: str, headers: dict[str, str]) -> None:
    """Would fail if an officer were shown the citizen's tile, or a date were ignored."""
    answer = door.client.get(f"/tiles/wards/14/13086/7410.mvt{query}", headers=headers)
    assert answer.json()["from"] == "tiles"


def test_unlinked_tile_is_asked_for_at_once(door: FrontDoor) -> None:
    """Would fail if nginx kept a tile open after a change had removed it."""
    file = door.var / "tilecache" / "citizen" / "wards" / "3" / "1" / "1.mvt.gz"
    file.parent.mkdir(parents=True)
    for _ in range(3):
        file.write_bytes(gzip.compress(TILE))
        assert door.client.get("/tiles/wards/3/1/1.mvt").content == TILE
        file.unlink()
        assert door.client.get("/tiles/wards/3/1/1.mvt").json()["from"] == "tiles"


def test_nothing_outside_the_tile_folder(door: FrontDoor) -> None:
    """Would fail if a crafted path reached another file of the instance."""
    (door.var / "secret.mvt.gz").write_bytes(gzip.compress(b"secret"))
    for path in (
        "/tiles/../secret.mvt",
        "/tiles/%2e%2e/%2e%2e/secret.mvt",
        "/static/../secret.mvt.gz",
        "/static/%2e%2e/secret",
    ):
        assert b"secret" not in door.raw.get(path).content.replace(b"/secret", b"")


def test_static_files(door: FrontDoor) -> None:
    """Would fail if hashed names were asked for again, or a name without a hash were kept for a year."""
    hashed = door.client.get("/static/assets/city-abcdef12.js")
    assert hashed.text == "precompressed"
    assert "immutable" in hashed.headers["Cache-Control"]
    assert "immutable" in door.client.get("/static/admin.0123456789ab.css").headers["Cache-Control"]
    assert door.client.get("/static/admin.css").headers["Cache-Control"] == "public, max-age=300"
    assert hashed.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/ogcapi/", "/ogcapi/collections/wards/items/7", "/tiles/wards.json"])
def test_names_of_headers_go_out_as_clients_know_them(door: FrontDoor, path: str) -> None:
    """The libraries behind write them in lower case; QGIS looks for "Location" to the letter."""
    with door.raw.stream("GET", path) as reply:
        names = [name.decode() for name, _ in reply.headers.raw]
    assert {"Location", "Content-Crs", "ETag"} <= set(names)
    assert not {"location", "content-crs", "etag"} & set(names)
    assert "Link" not in names  # nothing is said that the process behind did not say


def test_one_feature_keeps_its_strong_etag(door: FrontDoor) -> None:
    """Would fail if compressing weakened the ETag that an editor sends back in If-Match."""
    assert door.client.get("/ogcapi/collections/wards/items/7").headers["ETag"] == '"strong"'
    listed = door.client.get("/ogcapi/collections/wards/items")
    assert listed.headers["Content-Encoding"] == "gzip"


def test_headers_of_every_answer(door: FrontDoor) -> None:
    """Would fail if a header were doubled, missing, or told the server's version."""
    for path in ("/", "/tiles/wards.json", "/metrics", "/static/admin.css"):
        headers = door.client.get(path).headers
        assert headers.get_list("X-Content-Type-Options") == ["nosniff"], path
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Server"] == "nginx"


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


def test_metrics_only_through_the_scrapers_door(door: FrontDoor) -> None:
    """Would fail if the figures of the city were public."""
    assert door.client.get("/metrics").status_code == 404
    told = door.metrics.get("/metrics").json()
    assert told["from"] == "web"
    assert not told["headers"].get("X-Forwarded-For")
    assert door.metrics.get("/").status_code == 404


def test_dead_process_is_a_503(instance: Config, door: FrontDoor) -> None:
    """Would fail if a restart of a process showed as a broken page instead of 'try again'."""
    config = replace(instance, var=door.var.parent / "dead", port=free_port())
    place = Place.of(config)
    place.make()
    (place.run / "nginx").mkdir()
    _write(place, local_door(config))
    with _nginx(place):
        client = _ready(httpx.Client(base_url=f"http://127.0.0.1:{config.port}"))
        for path in ("/", "/tiles/roads/3/6/3.mvt", "/tiles/roads/3/6/3.png", "/tiles/roads.json", "/wms"):
            answer = client.get(path)
            assert answer.status_code == 503, path
            assert answer.headers["Retry-After"] == "2"
            assert answer.json()["code"] == "starting-or-busy"


@pytest.mark.parametrize("path", ["/a;b", "/a'b", '/a"b', "/a$b", "/a{b"])
def test_path_that_nginx_would_misread(path: str) -> None:
    """Would fail if a folder's name could add a directive to the configuration."""
    with pytest.raises(SettingError):
        quotable(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUONG_METRICS_PORT", "x"),
        ("HUONG_METRICS_PORT", "70000"),
        ("HUONG_TRUSTED_PROXY", "everyone; }"),
        ("HUONG_LIMIT_QUERIES", "many"),
        ("HUONG_LIMIT_STREAMS", "-1"),
        ("HUONG_UNLIMITED", "10.0.0.0/8, nobody"),
    ],
)
def test_bad_setting_is_named(
    instance: Config, clean_environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Would fail if a mistyped setting ended as nginx's own complaint, or in its configuration."""
    clean_environment.setenv(name, value)
    with pytest.raises(SettingError, match=name):
        local_door(instance)
