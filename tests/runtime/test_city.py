"""A whole city, started as a user starts it: it comes up, mends itself, answers for its health, and stops."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from gis_core.runtime.leftovers import INSTANCE, PROGRAM, end, leftovers
from tests.waiting import wait_until

HUONG = str(Path(sys.executable).parent / "huong")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
        return httpx.get(f"http://127.0.0.1:{self.settings[setting]}{path}", headers=headers, timeout=30)

    def is_ready(self) -> bool:
        try:
            return self.get("/readyz").status_code == 200
        except httpx.HTTPError:
            return False

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
        wait_until(lambda: found.is_ready() or process.poll() is not None, "it does not come up", 240)
        assert process.poll() is None, output.read_text()
        yield found
    finally:
        process.terminate()
        process.wait(90)
        shutil.rmtree(folder)


@pytest.mark.timeout(300)
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
    text = city.get("/metrics", setting="HUONG_METRICS_PORT").text
    assert "huong_database_up 1.0" in text
    assert "huong_disk_free_bytes" in text
    assert "huong_queue_lag_seconds 0.0" in text


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
    assert city.process.wait(90) == 0
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
        assert ours.wait(1) == -signal.SIGTERM
        assert other.poll() is None
    finally:
        for process in (ours, other):
            process.kill()
            process.wait()
