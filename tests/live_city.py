"""A running city for the tests: nginx, web, tiles and worker as a user starts them, on a clone of the demo city."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from gis_core.config import Config
from gis_core.layer import AUDIENCES
from tests.city_plugin import CLUSTER, OF_RUN, ROOT, clone, drop, environment_of, huong
from tests.ports import free_port

STARTS_WITHIN_S = 400
UNITS = ("19774", "19753")  # Kim Long and Phú Xuân: the units of the officer

MAKE_STAFF = """
from gis_core.accounts.models import Membership, User
from gis_core.accounts.tokens import issue
import json
made = {}
for audience in %(audiences)r:
    user = User.objects.create_user(username=f"test-{audience}", password=None)
    Membership.objects.create(user=user, audience=audience, units=%(units)r if audience == "officer" else [])
    made[audience] = issue(user, "tests", audience, scope="write")[1]
    second = User.objects.create_user(username=f"second-{audience}", password=None)
    Membership.objects.create(user=second, audience=audience, units=%(units)r if audience == "officer" else [])
    made[f"second-{audience}"] = issue(second, "tests", audience, scope="write")[1]
print("TOKENS " + json.dumps(made))
"""


@dataclass(frozen=True)
class LiveCity:
    """``url`` is the front door; ``tokens`` by audience (and ``second-<audience>``) may read and write."""

    url: str
    config: Config
    database: str
    tokens: dict[str, str]
    process: subprocess.Popen[bytes]

    def headers(self, who: str | None) -> dict[str, str]:
        """Request headers of ``who`` (a key of ``tokens``); none for a citizen."""
        return {} if who in (None, "citizen") else {"Authorization": f"Bearer {self.tokens[who]}"}

    def client(self, who: str | None = None, **more: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=self.headers(who), timeout=60, **more)

    def connect(self, role: str = "owner") -> psycopg.Connection[Any]:
        """A connection to the city's database, autocommit."""
        config = CLUSTER.with_database(self.database)
        return psycopg.connect(**config.connection(role), autocommit=True)  # type: ignore[arg-type]

    def huong(self, *arguments: str) -> str:
        return huong(
            *arguments, database=self.database, HUONG_VAR=str(self.config.var), HUONG_SECRET=CLUSTER.secret
        )


def start(name: str, template: str = "demo", *, root: Path = ROOT, **environment: str) -> LiveCity:
    """Start the city of the sources in ``root`` on a fresh clone of ``template``; it is up when this returns."""
    database = f"huong_live_{name}{OF_RUN}"
    clone(template, database)
    staff = [a for a in AUDIENCES if a != "citizen"]
    out = huong(
        "manage",
        "shell",
        "-v0",
        "-c",
        MAKE_STAFF % {"audiences": staff, "units": list(UNITS)},
        database=database,
        root=root,
    )
    tokens = json.loads(next(line for line in out.splitlines() if line.startswith("TOKENS "))[7:])
    port = free_port()
    var = ROOT / "var" / "test" / "live" / f"{name}{OF_RUN}"
    var.mkdir(parents=True, exist_ok=True)
    env = {
        **environment_of(database, root),
        "HUONG_VAR": str(var),
        "HUONG_PORT": str(port),
        "HUONG_SECRET": CLUSTER.secret,
        **environment,
    }
    log = (var / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "gis_core.cli", "server"],
        cwd=root,
        env=env,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    wait_until_ready(url, process, var / "server.log")
    config = Config(root, var, None, env["HUONG_DATABASE_URL"], CLUSTER.role_prefix, port, url, False)
    return LiveCity(url, config, database, tokens, process)


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            ready = httpx.get(f"{url}/readyz", timeout=5).status_code == 200
            if ready and httpx.get(f"{url}/tiles/admin_units.json", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    process.terminate()
    pytest.fail(f"the city did not start: {log.read_text()[-4000:]}")


def stop(city: LiveCity) -> None:
    city.process.send_signal(signal.SIGINT)
    try:
        city.process.wait(120)
    except subprocess.TimeoutExpired:
        os.killpg(city.process.pid, signal.SIGKILL)
    drop(city.database)


@pytest.fixture(scope="session")
def live_city() -> Iterator[LiveCity]:
    """One running demo city for the whole session. A test that writes to it leaves it as it found it, or uses
    features of its own making."""
    # A caller may say which address it comes from: limits by address are tested on it too.
    city = start("shared", HUONG_TRUSTED_PROXY="127.0.0.1")
    try:
        yield city
    finally:
        stop(city)
