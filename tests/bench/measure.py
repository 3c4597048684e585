"""How times are taken: interleaved rounds, medians, one client for latencies, wrk for throughput."""

from __future__ import annotations

import http.client
import math
import random
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LEAST_ROUNDS, PATIENCE_S = 3, 30.0

Tile = tuple[int, int, int]  # z, x, y


def interleaved(calls: Mapping[str, Callable[[], object]], rounds: int, warm: int = 2) -> dict[str, float]:
    """Median milliseconds of each call; in every round each is called once, in a new order.

    Where a peer is slow there are fewer rounds, three at least: the others' medians settle long before.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    order = random.Random(7)
    begun = time.monotonic()
    for number in range(warm + rounds):
        if number >= warm + LEAST_ROUNDS and time.monotonic() - begun > PATIENCE_S:
            break
        names = list(calls)
        order.shuffle(names)
        for name in names:
            begin = time.perf_counter()
            calls[name]()
            if number >= warm:
                times[name].append((time.perf_counter() - begin) * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}


class Client:
    """A kept-alive HTTP/1.1 connection that reads bodies as bytes and nothing more."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes, str]:
        """Status, body, ETag."""
        try:
            reply = self._ask(path, headers or {})
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.connection.close()  # closed by the server while others were measured
            reply = self._ask(path, headers or {})
        return reply.status, reply.read(), reply.getheader("ETag") or ""

    def _ask(self, path: str, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        self.connection.request("GET", path, headers=dict(headers))
        return self.connection.getresponse()

    def fetch(self, path: str) -> bytes:
        """The body; ValueError unless 200 or 204."""
        status, body, _ = self.get(path)
        if status not in (200, 204):
            raise ValueError(f"GET {path}: status {status}: {body[:200]!r}")
        return body


def tiles_within(bounds: Sequence[float], zooms: range, each: int) -> list[Tile]:
    """``each`` seeded tiles a zoom (or all, if there are fewer) inside west, south, east, north."""
    chosen: list[Tile] = []
    for zoom in zooms:
        left, top = tile_at(bounds[0], bounds[3], zoom)
        right, bottom = tile_at(bounds[2], bounds[1], zoom)
        whole = [(zoom, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
        chosen += whole if len(whole) <= each else random.Random(zoom).sample(whole, each)
    return chosen


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Column and row in WebMercatorQuad."""
    size = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * size), int(y * size)


WRK_SCRIPT = """\
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local at = 0
request = function()
  at = at %% #paths + 1
  return wrk.format("GET", paths[at])
end
local bad = 0
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("ERRORS %%d\\n", e.status + e.timeout + e.read))
end
"""


def requests_a_second(
    port: int, paths: Sequence[str], var: Path, seconds: int = 4, connections: int = 16
) -> float:
    """What wrk reaches over the paths in turn; ValueError if any answer was an error."""
    listed, script = var / "wrk-paths.txt", var / "wrk.lua"
    shuffled = list(paths)
    random.Random(11).shuffle(shuffled)
    listed.write_text("\n".join(shuffled) + "\n")
    script.write_text(WRK_SCRIPT % listed)
    command = [
        "wrk",
        "--timeout",
        "60s",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "-s",
        str(script),
        f"http://127.0.0.1:{port}",
    ]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate, errors = re.search(r"Requests/sec:\s+([\d.]+)", out), re.search(r"ERRORS (\d+)", out)
    if rate is None or errors is None or int(errors[1]) > 0:
        raise ValueError(f"wrk on port {port}: {out[-300:]}")
    return float(rate[1])


def throughput(
    servers: Mapping[str, tuple[int, Sequence[str]]], var: Path, rounds: int, seconds: int
) -> dict[str, float]:
    """Median requests a second of each server, rounds interleaved; each is warmed first for a second."""
    rates: dict[str, list[float]] = {name: [] for name in servers}
    for port, paths in servers.values():
        requests_a_second(port, paths, var, 1)
    for _ in range(rounds):
        for name, (port, paths) in servers.items():
            rates[name].append(requests_a_second(port, paths, var, seconds))
    return {name: statistics.median(reached) for name, reached in rates.items()}
