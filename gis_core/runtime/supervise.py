"""Running the processes of a city: supervisord restarts what dies, this process speaks with the person at the terminal.

Our process starts supervisord, tells when the city answers, repeats what the supervisor reports in plain words, and
hands on Ctrl-C. Whichever of the two is killed, nothing keeps running: supervisord dies with us (PR_SET_PDEATHSIG), and
children that lost it are stopped here or, at the latest, by the next start.
"""

from __future__ import annotations

import fcntl
import os
import re
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

from gis_core.config import Config
from gis_core.parting import end_with_parent
from gis_core.runtime.cluster import cluster_of, configure, stop_cluster
from gis_core.runtime.console import Failure, step
from gis_core.runtime.leftovers import INSTANCE, PROGRAM, end, leftovers
from gis_core.runtime.nginx import write_nginx
from gis_core.runtime.own_folder import sweep_all
from gis_core.runtime.place import Place
from gis_core.runtime.processes import Process, processes, resolved

READY_WITHIN = 120.0
OPEN_FILES = 16_384


def serve(config: Config) -> int:
    """Prepare the city, run it and stay until it is stopped; the exit code. Failure where it cannot start."""
    with sole_run(config):
        stop_leftovers(config)
        sweep_all(config)
        check_port(config)
        # In a process of its own: what preparing loads would otherwise stay in memory as long as the city runs.
        prepared = subprocess.run([sys.executable, "-m", "gis_core.cli", "prepare"], check=False)
        if prepared.returncode != 0:
            return prepared.returncode
        return _watch(config, write_configuration(config))


@contextmanager
def sole_run(config: Config) -> Iterator[None]:
    """Hold the lock of this instance; Failure if another start of it is alive."""
    place = Place.of(config)
    place.make()
    with (place.run / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise Failure(
                f"Thành phố này đang chạy rồi (tiến trình {lock.read().strip()}).",
                "This city is running already; stop it with Ctrl-C there, or with `huong stop`.",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def stop_running(config: Config) -> bool:
    """Ask the running start of this instance to stop and wait for it; False if none runs."""
    path = Place.of(config).run / "lock"
    if not path.exists():
        return False
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            os.kill(int(lock.read()), signal.SIGTERM)
            fcntl.flock(lock, fcntl.LOCK_EX)
            return True
        return False


def check_port(config: Config) -> None:
    """Failure that names the port of the front door if somebody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", config.port))
        except PermissionError as error:
            raise Failure(
                f"Không được phép mở cổng {config.port}; hãy đặt HUONG_PORT từ 1024 trở lên.",
                f"Port {config.port} may not be opened; set HUONG_PORT to 1024 or above.",
            ) from error
        except OSError as error:
            raise Failure(
                f"Cổng {config.port} đang có chương trình khác dùng; hãy đặt HUONG_PORT khác, ví dụ HUONG_PORT="
                f"{config.port + 80} script/server.",
                f"Port {config.port} is in use by another program; set HUONG_PORT to another one.",
            ) from error


def stop_leftovers(config: Config) -> None:
    """End the processes that a killed run of this instance left behind."""
    left = list(leftovers(Place.of(config).run))
    if left:
        step("Dọn tiến trình còn sót của lần chạy trước", f"Stopping {len(left)} processes of an earlier run")
        end(left)
    if not config.database_url:
        stop_cluster(config)


def write_configuration(config: Config) -> Path:
    """Write what the children read; the path of supervisord's own file."""
    place = Place.of(config)
    place.make()
    shutil.rmtree(place.metrics)
    place.metrics.mkdir()
    for stale in place.sockets.glob("*.sock"):
        stale.unlink()
    if not config.database_url:
        configure(config, cluster_of(config))
    write_nginx(config)
    path = place.run / "supervisord.conf"
    path.write_text(supervisor_text(config, processes(config)))
    return path


def supervisor_text(config: Config, children: tuple[Process, ...]) -> str:
    """supervisord.conf for ``children``."""
    place = Place.of(config)
    shared = {
        INSTANCE: str(place.run),
        "HUONG_VAR": str(config.var),
        "DJANGO_SETTINGS_MODULE": "gis_core.settings",
        "PROMETHEUS_MULTIPROC_DIR": str(place.metrics),
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",  # threads would otherwise each keep an arena of freed memory
    }
    head = f"""\
[supervisord]
nodaemon=true
minfds={open_files()}
logfile={escaped(place.log / "supervisord.log")}
logfile_maxbytes=5MB
pidfile={escaped(place.run / "supervisord.pid")}
childlogdir={escaped(place.log)}
{"user=root" if os.geteuid() == 0 else ""}
environment={",".join(f'{key}="{escaped(value)}"' for key, value in shared.items())}

[unix_http_server]
file={escaped(place.sockets / "supervisor.sock")}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{escaped(place.sockets / "supervisor.sock")}
"""
    return head + "".join(_program(place, child) for child in children)


def open_files() -> int:
    """How many files a process may have open: `OPEN_FILES`, or what this machine allows.

    Each event stream is one, and two in nginx; a login shell of Debian gives 1,024.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    return OPEN_FILES if most == resource.RLIM_INFINITY else min(most, OPEN_FILES)


def _program(place: Place, child: Process) -> str:
    log = escaped(place.log / f"{child.name}.log")
    command = resolved(child.command)
    account = f"user={child.user}"
    if child.user is None:
        launcher = (sys.executable, "-m", "gis_core.runtime.leftovers", str(place.run), child.name)
        command = (*launcher, *command)
        account = f'environment={PROGRAM}="{child.name}"'
    return f"""
[program:{child.name}]
command={escaped(shlex.join(command))}
directory={escaped(place.run) if child.user is None else "/"}
{account}
priority={child.order}
autorestart=true
startsecs=2
startretries=1000
stopsignal={child.stop_signal}
stopwaitsecs={child.stop_seconds}
stopasgroup={"false" if child.name == "postgres" else "true"}
killasgroup=true
umask=022
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=2
"""


def escaped(value: object) -> str:
    """``value`` for supervisord.conf, which reads % as the start of a name."""
    return str(value).replace("%", "%%")


def _watch(config: Config, conf: Path) -> int:
    """Run supervisord and talk about it until it ends."""
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(conf)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # Ctrl-C comes to us alone, and we pass it on once
        preexec_fn=_die_with_parent,  # no thread runs yet
        umask=0o077,  # the logs that it opens; supervisord's own setting is for daemons
    )
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if not stopping.is_set():
            stopping.set()
            supervisor.send_signal(signal.SIGTERM)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    threading.Thread(target=_announce, args=(config, stopping), daemon=True).start()
    assert supervisor.stdout is not None
    _repeat(supervisor.stdout, stopping, Place.of(config))
    code = supervisor.wait()
    if stopping.is_set():
        step("Đã dừng", "Stopped")
        return 0
    stop_leftovers(config)
    raise Failure(
        "Bộ giám sát dừng bất ngờ; mọi tiến trình đã được dừng.",
        f"The supervisor ended unexpectedly (code {code}); everything is stopped.",
    )


def _die_with_parent() -> None:
    end_with_parent(signal.SIGTERM)


def _announce(config: Config, stopping: threading.Event) -> None:
    """Say once when the city is ready, or what it waits for when that takes long."""
    address = f"http://127.0.0.1:{config.port}"
    until = time.monotonic() + READY_WITHIN
    reason = ""
    while not stopping.wait(0.2) and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                step(f"Thành phố sẵn sàng: {config.public_url}", "The city is ready. Ctrl-C stops it")
                return
        except urllib.error.HTTPError as error:
            reason = error.read().decode(errors="replace")
        except OSError as error:
            reason = str(error)
    if not stopping.is_set():
        step(f"Chưa sẵn sàng sau {READY_WITHIN:.0f} giây", f"Not ready: {reason}; see {Place.of(config).log}")


def _repeat(lines: IO[str], stopping: threading.Event, place: Place) -> None:
    """Tell of children that died; supervisord starts them again."""
    for line in lines:
        died = re.search(r"exited: (\w+) \((.*?)[;)]", line)
        if died and not stopping.is_set():
            name, why = died[1], died[2]
            log = place.log / f"{name}.log"
            step(
                f"Tiến trình {name} dừng ({why}), đang khởi động lại",
                f"{name} ended, starting it again; see {log}",
            )
        elif ("CRIT" in line and "HTTP authentication" not in line) or line.startswith("Error"):
            print(line.rstrip(), file=sys.stderr, flush=True)
