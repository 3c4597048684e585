"""A whole city, started as a user starts it: it comes up, mends itself, answers for its health, and stops."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from gis_core.config import Config
from gis_core.runtime.leftovers import INSTANCE, PROGRAM, end, leftovers
from tests.ports import free_port
from tests.waiting import wait_until

HUONG = str(Path(sys.executable).parent / "huong")


def environment(**settings: str) -> dict[str, str]:
    """The environment of a user who set only ``settings``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUONG_", "DJANGO_"))}
    return kept | settings


@dataclass
class City:
    var: Path
    settings: dict[str, str]
    process: subprocess.Popen[bytes]
    output: Path

    def get(self, path: str, setting: str = "HUONG_PORT", **headers: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.settings[setting]}{path}", headers=headers, timeout=60)

    def is_ready(self) -> bool:
        try:
            return self.get("/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def connect(self, role: str) -> psycopg.Connection[Any]:
        """A connection to the city's own database, autocommit."""
        prefix = self.settings["HUONG_ROLE_PREFIX"]
        config = replace(Config.from_env(), var=self.var, database_url="", role_prefix=prefix)
        return psycopg.connect(**config.connection(role), autocommit=True)  # type: ignore[arg-type]

    def pid(self, program: str) -> int:
        control = [
            sys.executable,
            "-m",
            "supervisor.supervisorctl",
            "-c",
            str(self.var / "run/supervisord.conf"),
        ]
        return int(
            subprocess.run([*control, "pid", program], capture_output=True, text=True, check=True).stdout
        )


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    """A running city of its own, its features made once."""
    folder = Path(tempfile.mkdtemp(prefix="huong-", dir="/tmp"))
    folder.chmod(0o755)
    settings = {
        "HUONG_VAR": str(folder / "var"),
        "HUONG_PORT": str(free_port()),
        "HUONG_METRICS_PORT": str(free_port()),
        "HUONG_ROLE_PREFIX": "whole",
    }
    output = folder / "output"
    with output.open("wb") as file:
        process = subprocess.Popen([HUONG, "server"], env=environment(**settings), stdout=file, stderr=file)
    found = City(folder / "var", settings, process, output)
    try:
        wait_until(lambda: found.is_ready() or process.poll() is not None, "it does not come up", 500)
        assert process.poll() is None, output.read_text()
        yield found
    finally:
        process.terminate()
        process.wait(200)
        shutil.rmtree(folder)


def test_comes_up_with_one_line_a_step(city: City) -> None:
    """Would fail if a start ended in silence, or spoke in traces."""
    wait_until(lambda: "Thành phố sẵn sàng" in city.output.read_text(), "it does not say so")
    assert "Traceback" not in city.output.read_text()
    assert city.get("/healthz").text == "ok\n"


@pytest.mark.parametrize("program", ["web", "worker", "nginx", "postgres"])
def test_killed_process_comes_back(city: City, program: str) -> None:
    """Would fail if a master killed with its workers left alive blocked its successor, or nobody started one."""
    before = city.pid(program)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: city.pid(program) not in (0, before) and city.is_ready(), "it does not come back")


READ = (
    "/",
    "/search?q=hue",
    "/map-style.json",
    "/ogcapi/collections",
    "/ogcapi/collections/roads/items?limit=3",
    "/ogcapi/collections/roads/items?f=csv",
    "/wfs?service=WFS&version=2.0.0&request=GetFeature&typenames=roads&count=3",
    "/ogcapi/collections/roads/tiles/WebMercatorQuad/14/7434/13086?f=mvt",
    "/tiles/admin_units_history/10/817/464.mvt?t=2024-01-01",
    "/accounts/login/",
)


def read_everywhere(city: City, rounds: int) -> list[tuple[str, httpx.Response]]:
    """What ``rounds`` readers are told who ask for everything at once, so that pools have several connections."""
    paths = [path for path in READ for _ in range(rounds)]
    with ThreadPoolExecutor(len(READ)) as readers:
        return list(zip(paths, readers.map(city.get, paths), strict=True))


def test_killed_database_is_no_fault_of_a_request(city: City) -> None:
    """Would fail if a connection that the database had dropped were handed out, or an outage shown as a fault.

    While the database is away whatever needs it is 503 with a reason and a time to come again; afterwards nobody
    meets a connection of before.
    """
    assert {answer.status_code for _, answer in read_everywhere(city, 3)} <= {200, 204}
    os.kill(city.pid("postgres"), signal.SIGKILL)
    away = read_everywhere(city, 1)
    wait_until(city.is_ready, "the city does not come back")
    for path, answer in read_everywhere(city, 3):
        assert answer.status_code in (200, 204), f"{path}: {answer.status_code} {answer.text[:300]}"
    for path, answer in away:
        assert answer.status_code in (200, 204, 503), f"{path}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code != 503 or "Retry-After" in answer.headers, path


def test_logs_hold_nothing_that_people_entered(city: City) -> None:
    """Would fail if a log held a statement, a row, a query string or the words of an error with somebody's data.

    After each kind of fault all logs are searched for what was entered; and they must still tell what failed.
    """
    seed = f"0905{uuid.uuid4().hex}"
    faults_in_the_database(city, seed)
    faults_in_the_processes(city, seed)
    logs = {file: file.read_bytes() for file in (city.var / "log").iterdir()}
    assert {"web.log", "tiles.log", "worker.log", "nginx.log", "postgres.log"} <= {file.name for file in logs}
    for file, content in logs.items():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        assert seed.encode() not in content, next(
            line for line in content.decode().splitlines() if seed in line
        )
    web = (city.var / "log" / "web.log").read_text()
    assert "psycopg.errors.UndefinedFunction 42883" in web and "gis_core/query/items.py" in web
    assert "was terminated by signal 9" in (city.var / "log" / "postgres.log").read_text()
    access = city.var / "log" / "nginx.log"
    wait_until(lambda: "GET /wms 503" in access.read_text(), "the access log does not tell of a refusal")


def faults_in_the_database(city: City, seed: str) -> None:
    """Broken rules, values that do not fit, waits, a slow query, a killed one; ``seed`` is what was entered."""
    faults: tuple[tuple[str, list[str]], ...] = (
        (f"insert into kept values ('{seed}', 1)", []),  # twice: a broken key
        ("insert into kept values (%s, 1)", [seed]),
        (f"insert into kept values ('{seed}2', -1)", []),
        ("insert into kept values (%s, null), (null, 1)", [seed + "3"]),
        (f"select '{seed}'::int", []),
        ("select %s::text::int", [seed]),
        (f"select nothing from kept where phone = '{seed}'", []),
        (f"do $$ begin raise warning '{seed}'; raise exception '{seed}'; end $$", []),
        (f"select pg_sleep(2.1), '{seed}'", []),
    )
    with city.connect("owner") as owner:
        owner.execute("create table kept (phone text primary key, age int check (age > 0))")
        owner.execute("insert into kept values (%s, 1)", [seed])
    for role in ("app", "owner"):
        with city.connect(role) as connection:
            for statement, values in faults:
                with suppress(psycopg.Error):
                    connection.execute(statement, values)  # type: ignore[arg-type]
    with city.connect("app") as first, city.connect("app") as second:
        first.execute("begin")
        first.execute("select pg_advisory_xact_lock(7)")
        second.execute("set statement_timeout = '1500ms'; set lock_timeout = 0")
        with suppress(psycopg.Error):
            second.execute(f"select pg_advisory_xact_lock(7), '{seed}'")  # type: ignore[arg-type]
    with city.connect("app") as killed:
        pid = killed.info.backend_pid
        threading.Timer(1, os.kill, (pid, signal.SIGKILL)).start()
        with suppress(psycopg.Error):
            killed.execute(f"select pg_sleep(30), '{seed}'")  # type: ignore[arg-type]
    wait_until(lambda: has_restarted(city), "the database does not end its other sessions and begin anew")
    wait_until(city.is_ready, "the city does not come back")


def has_restarted(city: City) -> bool:
    """Whether the database has begun anew after the last session that was killed."""
    told = (city.var / "log" / "postgres.log").read_text()
    _, killed, since = told.rpartition("was terminated by signal 9")
    return bool(killed) and "ready to accept connections" in since


def faults_in_the_processes(city: City, seed: str) -> None:
    """A statement that nobody foresaw, an answer of a process that is not there."""
    with city.connect("owner") as owner:
        row = owner.execute("select pg_get_functiondef('huong.fold_case(text)'::regprocedure)").fetchone()
        assert row is not None
        owner.execute(
            "create or replace function huong.fold_case(value text) returns text language plpgsql immutable as $$ begin"
            " raise exception 'no way to fold %', $1 using errcode = '42883'; end $$"
        )
        try:
            filter_ = f"CASEI(name)=CASEI('{seed}')"
            answer = city.get(f"/ogcapi/collections/roads/items?filter={filter_}")
            assert answer.status_code == 500, answer.text
            assert city.get(f"/search?q={seed}").status_code == 200
        finally:
            owner.execute(row[0])
    assert city.get(f"/ogcapi/collections/roads/items?filter=name='{seed}").status_code == 400
    for path in (
        f"/wfs?service=WFS&request={seed}",
        f"/tiles/roads/14/1/1.mvt?t={seed}",
        f"/list?q={seed}%00",
    ):
        assert city.get(path).status_code == 400, path
    control = [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(city.var / "run/supervisord.conf")]
    subprocess.run([*control, "stop", "tiles"], check=True, capture_output=True)
    try:
        assert city.get(f"/wms?service=WMS&request={seed}").status_code == 503
    finally:
        subprocess.run([*control, "start", "tiles"], check=True, capture_output=True)


def test_second_start_is_told_of_the_first(city: City) -> None:
    """Would fail if two starts of one city fought, or the second one stopped the first."""
    second = subprocess.run(
        [HUONG, "server"], env=environment(**city.settings), capture_output=True, text=True, check=False
    )
    assert second.returncode == 2
    assert "is running already" in second.stderr
    wait_until(city.is_ready, "the first one is gone")


def test_metrics_for_the_scraper_alone(city: City) -> None:
    """Would fail if the figures were public, absent, or wrong about the database."""
    assert city.get("/metrics").status_code == 404

    def text() -> str:
        return city.get("/metrics", setting="HUONG_METRICS_PORT").text

    assert "huong_database_up 1.0" in text()
    assert "huong_disk_free_bytes" in text()
    # The worker takes up its jobs again, whatever was killed before.
    wait_until(lambda: "huong_queue_lag_seconds 0.0" in text(), "jobs wait for ever")


def test_not_ready_says_what_is_missing(city: City) -> None:
    """Would fail if a city without its database called itself ready, or answered with a trace."""
    control = [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(city.var / "run/supervisord.conf")]
    subprocess.run([*control, "stop", "postgres"], check=True, capture_output=True)
    try:
        answer = city.get("/readyz", **{"Accept-Language": "en"})
        assert answer.status_code == 503
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "no-database"
        assert city.get("/healthz").status_code == 200
    finally:
        subprocess.run([*control, "start", "postgres"], check=True, capture_output=True)
    wait_until(city.is_ready, "it does not come back")


def test_stops_and_leaves_nothing(city: City) -> None:
    """Would fail if Ctrl-C left a process behind. The last test of the module: the city does not come back."""
    city.process.send_signal(signal.SIGINT)
    assert city.process.wait(200) == 0
    assert list(leftovers(city.var / "run")) == []
    assert city.output.read_text().rstrip().endswith("Stopped")


def test_port_in_use_is_named() -> None:
    """Would fail if a taken port ended in nginx failing again and again."""
    folder = tempfile.mkdtemp(prefix="huong-", dir="/tmp")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        settings = environment(HUONG_VAR=folder, HUONG_PORT=str(port))
        done = subprocess.run([HUONG, "server"], env=settings, capture_output=True, text=True, check=False)
    shutil.rmtree(folder)
    assert done.returncode == 2
    assert f"Port {port} is in use" in done.stderr
    assert "HUONG_PORT" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"HUONG_PORT": "eight"}, "HUONG_PORT"),
        ({"HUONG_DATABASE_URL": "mysql://x/y"}, "HUONG_DATABASE_URL"),
        ({"HUONG_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "huong db-setup --print-sql"),
    ],
)
def test_mistake_ends_in_one_message(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    """Would fail if a setting that cannot work ended in a trace."""
    own = environment(HUONG_VAR=str(tmp_path), **settings)
    done = subprocess.run([HUONG, "prepare"], env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_leftovers_of_a_killed_run_are_found_and_ended(tmp_path: Path) -> None:
    """Would fail if an orphan of an earlier run kept its port, or a process of somebody else were ended."""
    marks = os.environ | {INSTANCE: str(tmp_path), PROGRAM: "web"}
    ours = subprocess.Popen(["sleep", "60"], env=marks)
    other = subprocess.Popen(
        ["sleep", "60"], env=os.environ | {INSTANCE: str(tmp_path / "other"), PROGRAM: "web"}
    )
    try:
        assert list(leftovers(tmp_path, "web")) == [ours.pid]
        assert list(leftovers(tmp_path, "tiles")) == []
        end([ours.pid])
        assert ours.wait(60) == -signal.SIGTERM
        assert other.poll() is None
    finally:
        for process in (ours, other):
            process.kill()
            process.wait()
