"""The real nginx before two upstreams that say what reached them."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from gis_core.config import Config
from gis_core.http import bodies
from gis_core.http.problems import refusal
from gis_core.problems import Problem
from gis_core.runtime.nginx import Door, headers_text, local_door, nginx_text
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
    write(place, settings)
    some_files(config.var)
    base = f"http://127.0.0.1:{config.port}"
    with running_nginx(place):
        yield FrontDoor(
            client=ready(httpx.Client(base_url=base)),
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


def write(place: Place, settings: Door) -> None:
    (place.run / "nginx.conf").write_text(nginx_text(settings))
    (place.run / "headers.conf").write_text(headers_text(settings.headers))
    (place.run / "refusals.conf").write_text(refusals_text(settings.run))


@contextmanager
def running_nginx(place: Place) -> Iterator[None]:
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    command = [program, "-e", "stderr", "-c", str(place.run / "nginx.conf")]
    process = subprocess.Popen(command, cwd=place.run, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def some_files(var: Path) -> None:
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


def ready(client: httpx.Client) -> httpx.Client:
    for _ in range(1200):
        try:
            client.get("/")
        except httpx.ConnectError:
            time.sleep(0.05)
        else:
            return client
    raise AssertionError("nginx did not start")
