"""The private PostgreSQL cluster: made, started, stopped and repaired here; the roles in it are `database`'s work."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from psycopg.conninfo import make_conninfo

from gis_core.config import Config
from gis_core.runtime.console import Failure, step
from gis_core.runtime.database import LOG_SETTINGS, prepare_database
from gis_core.runtime.place import Place, fits_sockets

VERSIONS = ("16", "15")
SUPERUSER = "postgres"
SYSTEM_USER = "postgres"  # whom the distribution's packages create; PostgreSQL refuses to run as root
STATE_FOLDER = Path("/var/lib/huong")

HBA = f"""\
# Written by Hương at each start.
local all {SUPERUSER} peer map=huong
local all all scram-sha-256
host all {SUPERUSER} all reject
host all all 127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True)
class Cluster:
    """One private cluster: its folder and the system user that it runs as (None: ourselves)."""

    home: Path
    user: str | None

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def sockets(self) -> Path:
        return self.home

    @property
    def log(self) -> Path:
        return self.home / "postgresql.log"

    def run(self, *command: str | Path, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """Run ``command`` as the cluster's user; the caller judges its exit code."""
        return subprocess.run(
            [*as_user(self.user), *map(str, command)],
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def program(self, name: str) -> Path:
        """The path of PostgreSQL's ``name``, of the version that made the data (else of the newest)."""
        made_by = self.data / "PG_VERSION"
        version = made_by.read_text().strip() if made_by.exists() else newest_version()
        path = Path("/usr/lib/postgresql") / version / "bin" / name
        if not path.exists():
            raise Failure(
                f"Cụm dữ liệu thuộc PostgreSQL {version}, nhưng máy không có bản đó; hãy cài postgresql-{version}.",
                f"The cluster belongs to PostgreSQL {version}, which is not here; install postgresql-{version}.",
            )
        return path

    def command(self) -> list[str]:
        """What runs the server in the foreground, as the cluster's user."""
        return [str(self.program("postgres")), "-D", str(self.data)]

    def is_running(self) -> bool:
        return self.run(self.program("pg_ctl"), "status", "-D", self.data).returncode == 0


def as_user(user: str | None) -> list[str]:
    """The words before a command that make it run as ``user`` with that user's groups and nothing more."""
    if user is None:
        return []
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--inh-caps=-all", "--"]


def newest_version() -> str:
    """The newest supported PostgreSQL here that has PostGIS and pgRouting."""
    for version in VERSIONS:
        extensions = Path("/usr/share/postgresql") / version / "extension"
        programs = Path("/usr/lib/postgresql") / version / "bin"
        needed = (programs / "initdb", extensions / "postgis.control", extensions / "pgrouting.control")
        if all(path.exists() for path in needed):
            return version
    raise Failure(
        "Máy không có PostgreSQL 15 hoặc 16 cùng PostGIS và pgRouting; chạy script/server để cài.",
        "There is no PostgreSQL 15 or 16 with PostGIS and pgRouting here; script/server installs them.",
    )


def cluster_of(config: Config) -> Cluster:
    """Where the private cluster of this instance is, or will be.

    It is in ``var``, unless the user it runs as cannot get there (a clone under /root) or the path is too long for
    a socket: then in /var/lib/huong. A cluster that exists stays where it is.
    """
    near = config.var / "postgres"
    far = STATE_FOLDER / Place.of(config).id
    user = SYSTEM_USER if os.geteuid() == 0 else None
    for home in (near, far):
        if (home / "data").exists():
            return Cluster(home, user)
    if fits_sockets(near) and _can_enter(config.var, user):
        return Cluster(near, user)
    if user is None:
        raise Failure(
            f"Đường dẫn {near} quá dài; hãy đặt HUONG_VAR ngắn hơn.",
            f"The path {near} is too long; set HUONG_VAR to a shorter one.",
        )
    return Cluster(far, user)


def _can_enter(folder: Path, user: str | None) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    test = subprocess.run(
        [*as_user(user), "test", "-x", str(folder)], cwd="/", capture_output=True, check=False
    )
    return test.returncode == 0


def ensure_cluster(config: Config) -> str:
    """Make the cluster if there is none, start it if it stands still, and return the superuser's conninfo.

    Only the system users in pg_ident.conf (root, the cluster's own) get in with it, through the Unix socket. Raises
    `Failure` with the end of PostgreSQL's log where it does not start.
    """
    cluster = cluster_of(config)
    _make(cluster)
    if not cluster.is_running():
        configure(config, cluster)
        _start(cluster)
    return superuser_of(config, cluster)


def superuser_of(config: Config, cluster: Cluster) -> str:
    address = json.loads((config.var / "cluster.json").read_text())
    return make_conninfo(host=str(cluster.sockets), port=address["port"], user=SUPERUSER, dbname="postgres")


@contextmanager
def running_cluster(config: Config) -> Iterator[str]:
    """The superuser's conninfo of a running cluster, which is left as it was found: running or not."""
    cluster = cluster_of(config)
    was_running = (cluster.data / "PG_VERSION").exists() and cluster.is_running()
    try:
        yield ensure_cluster(config)
    finally:
        if not was_running:
            stop_cluster(config)


def serve_cluster(config: Config, port: int) -> NoReturn:
    """Become the PostgreSQL server of this instance, roles and database prepared, on ``port`` of every interface."""
    with running_cluster(config) as superuser:
        prepare_database(superuser, config, config.role_prefix)
    cluster = cluster_of(config)
    configure(config, cluster, network_port=port)
    command = [*as_user(cluster.user), *cluster.command()]
    os.chdir(cluster.home)
    os.execvp(command[0], command)


def stop_cluster(config: Config) -> None:
    """Stop the cluster if it runs; open connections are cut, nothing committed is lost."""
    cluster = cluster_of(config)
    if (cluster.data / "PG_VERSION").exists() and cluster.is_running():
        cluster.run(cluster.program("pg_ctl"), "stop", "-D", cluster.data, "-m", "fast", "-w", "-t", "60")


def _make(cluster: Cluster) -> None:
    """Create the data folder; one that an interrupted run left half made is made again."""
    if (cluster.data / "PG_VERSION").exists():
        return
    step("Tạo cụm PostgreSQL riêng", f"Making the private PostgreSQL cluster in {cluster.home}")
    cluster.home.mkdir(parents=True, exist_ok=True)
    if cluster.user is not None:
        account = pwd.getpwnam(cluster.user)
        os.chown(cluster.home, account.pw_uid, account.pw_gid)
    cluster.home.chmod(0o700)
    unfinished = cluster.home / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    made = cluster.run(
        cluster.program("initdb"),
        *("-D", unfinished, "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"),
        *("--auth-local=peer", "--auth-host=scram-sha-256"),
    )
    if made.returncode != 0:
        raise Failure(f"initdb không chạy được: {made.stderr}", f"initdb failed: {made.stderr}")
    with (unfinished / "postgresql.conf").open("a") as settings:
        settings.write("\ninclude 'huong.conf'\n")
    unfinished.rename(cluster.data)


def configure(config: Config, cluster: Cluster, *, network_port: int = 0) -> None:
    """Write what the cluster reads at its start, and ``cluster.json``, which tells the others its address.

    With ``network_port`` it listens there on every interface (a container of its own), for passwords alone.
    """
    _drop_stale_locks(cluster)
    place = config.var / "cluster.json"
    known = json.loads(place.read_text()) if place.exists() else {}
    port = network_port or _free_port(int(known.get("port", 0)))
    names = dict.fromkeys(("root", pwd.getpwuid(os.geteuid()).pw_name, cluster.user or SUPERUSER))
    identities = "".join(f'huong "{name}" {SUPERUSER}\n' for name in names)
    listen = "*" if network_port else "127.0.0.1"
    _write(cluster, "huong.conf", settings_text(cluster, listen, port, memory()))
    _write(cluster, "pg_hba.conf", HBA + ("host all all all scram-sha-256\n" if network_port else ""))
    _write(cluster, "pg_ident.conf", identities)
    address = {"host": str(cluster.sockets), "port": port, "dbname": config.role_prefix}
    unfinished = place.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(address))
    unfinished.replace(place)


def wal_compression(cluster: Cluster) -> str:
    """How whole pages are packed in the log: by LZ4 where PostgreSQL has it. Its own way takes half of the time that an
    index takes to be made.
    """
    built = cluster.run(cluster.program("pg_config"), "--configure")
    return "lz4" if "--with-lz4" in built.stdout else "on"


def settings_text(cluster: Cluster, listen: str, port: int, memory: int) -> str:
    """postgresql.conf lines for a machine with ``memory`` bytes. Durability is left as PostgreSQL has it: on."""
    megabyte = 2**20
    buffers = max(128, min(memory // 8 // megabyte, 2048))
    cache = max(256, memory // 2 // megabyte)
    logging = "".join(f"{name} = '{value}'\n" for name, value in LOG_SETTINGS.items())
    return f"""\
# Written by Hương at each start.
listen_addresses = '{listen}'
port = {port}
unix_socket_directories = '{str(cluster.sockets).replace("'", "''")}'
unix_socket_permissions = 0777  # the folder itself is private
max_connections = 200
shared_buffers = {buffers}MB
effective_cache_size = {cache}MB
maintenance_work_mem = {max(64, buffers // 4)}MB
work_mem = 16MB
random_page_cost = 1.1  # solid state
jit = off  # compiling costs more than a tile
wal_compression = {wal_compression(cluster)}
max_wal_size = 4GB
password_encryption = 'scram-sha-256'
log_line_prefix = '%m [%p] %u@%d '
log_lock_waits = on
log_checkpoints = off  # two lines every five minutes of a quiet city; that they come too often is still told
log_file_mode = 0600
log_timezone = 'UTC'
timezone = 'UTC'
{logging}"""


def _write(cluster: Cluster, name: str, text: str) -> None:
    path = cluster.data / name
    path.write_text(text)
    if cluster.user is not None:
        account = pwd.getpwnam(cluster.user)
        os.chown(path, account.pw_uid, account.pw_gid)
    path.chmod(0o600)


def memory() -> int:
    """Bytes that this machine, or this container, may use."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    with suppress(OSError, ValueError):
        return min(machine, int(limit.read_text()))
    return machine


def _free_port(wanted: int) -> int:
    """``wanted`` if nobody listens there on 127.0.0.1, else any free port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _drop_stale_locks(cluster: Cluster) -> None:
    """Remove the lock files of a killed server: their number may be another program's by now, or a zombie's.

    While any process works in the data folder they stay: PostgreSQL finds by them the shared memory of servers that
    lost their postmaster, and must not start beside those.
    """
    data = cluster.data.resolve()
    if not any(folder == data for folder in _working_folders()):
        for file in (cluster.data / "postmaster.pid", *cluster.sockets.glob(".s.PGSQL.*")):
            file.unlink(missing_ok=True)


def _working_folders() -> Iterator[Path]:
    for process in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            yield process.readlink()


def _start(cluster: Cluster) -> None:
    started = cluster.run(
        cluster.program("pg_ctl"), "start", "-D", cluster.data, "-l", cluster.log, "-w", "-t", "300"
    )
    if started.returncode != 0:
        tail = (
            "\n".join(cluster.log.read_text(errors="replace").splitlines()[-5:])
            if cluster.log.exists()
            else ""
        )
        raise Failure(
            f"PostgreSQL không khởi động được; nhật ký {cluster.log} kết thúc bằng:\n{tail}",
            f"PostgreSQL does not start; its log is {cluster.log}",
        )
