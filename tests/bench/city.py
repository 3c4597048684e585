"""Our own city under measurement: an instance of its own in ``var/bench/city``, with the demo city and
the parcels.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from gis_core.config import Config
from gis_core.runtime.processes import Address, tiles_command
from tests.bench.peers import Absent, running

PORT = int(os.environ.get("HUONG_BENCH_PORT", "8690"))
BIN = Path(sys.executable).parent


def settle(var: Path) -> Config:
    """Point this process at the instance under measurement and give its settings."""
    (var / "city").mkdir(parents=True, exist_ok=True)
    for name in ("HUONG_DATABASE_URL", "HUONG_SECRET", "HUONG_ROLE_PREFIX", "HUONG_PUBLIC_URL", "HUONG_MQTT"):
        os.environ.pop(name, None)
    os.environ.update(HUONG_VAR=str(var / "city"), HUONG_PORT=str(PORT))
    return Config.from_env()


@contextmanager
def running_city(config: Config) -> Iterator[tuple[int, float]]:
    """The whole city as ``script/server`` runs it: pid of its supervisor, seconds until it was ready."""
    if is_ready():
        raise Absent(f"something answers at port {PORT} already")
    log = (config.var.parent / "city.log").open("ab")
    begin = time.monotonic()
    process = subprocess.Popen([BIN / "huong", "server"], stdout=log, stderr=log, start_new_session=True)
    try:
        while not is_ready():
            if process.poll() is not None or time.monotonic() - begin > 600:
                raise Absent(f"the city did not start; see {log.name}")
            time.sleep(0.05)
        yield process.pid, time.monotonic() - begin
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def is_ready() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=5) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def tiles_alone(config: Config, port: int) -> Iterator[int]:
    """The tile process on a port, as the city runs it but without nginx and its files before it."""
    command = list(tiles_command(Address(host="127.0.0.1", port=port)))
    command[0] = str(BIN / command[0])
    env = {"HUONG_VAR": str(config.var), "HUONG_PORT": str(config.port), "PYTHONPATH": str(config.root)}
    env["HUONG_TILE_FILES_MB"] = "0"
    with running(command, env, f"http://127.0.0.1:{port}/healthz", config.var.parent / "tiles.log"):
        yield port


def connect(config: Config, role: str = "owner") -> psycopg.Connection[tuple[object, ...]]:
    """A connection as ``role``, each statement its own transaction."""
    return psycopg.connect(**config.connection(role), autocommit=True)  # type: ignore[arg-type]


def address(config: Config) -> Mapping[str, str]:
    """How peers reach the same database: by TCP, as its owner."""
    return {**config.connection("owner"), "host": "127.0.0.1"}


def memory(pid: int) -> tuple[float, float]:
    """Megabytes of ``pid`` and its descendants but PostgreSQL: proportional and resident set sizes, summed.

    The first counts a page that several processes share once in all, the second in each of them.
    """
    proportional = resident = 0
    for one in family(pid):
        try:
            if Path(f"/proc/{one}/comm").read_text().startswith("postgres"):
                continue
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    proportional += int(line.split()[1])
                elif line.startswith("Rss:"):
                    resident += int(line.split()[1])
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return proportional / 1024, resident / 1024


def family(pid: int) -> list[int]:
    """``pid`` and its descendants."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found
