"""The private cluster: made once, safe, found again, and mended after an interrupted run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from gis_core.config import Config
from gis_core.runtime import cluster as clusters
from gis_core.runtime.cluster import cluster_of, ensure_cluster, running_cluster, settings_text, stop_cluster
from gis_core.runtime.place import Place
from gis_core.runtime.processes import local_addresses


@pytest.fixture
def fresh(instance: Config) -> Iterator[Config]:
    """An instance without a cluster yet."""
    folder = Path(tempfile.mkdtemp(prefix="huong-", dir="/tmp"))
    folder.chmod(0o755)
    config = replace(instance, var=folder)
    yield config
    stop_cluster(config)
    shutil.rmtree(cluster_of(config).home, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def test_durable_and_private(superuser: str) -> None:
    """Would fail if data could be lost silently, or a password travel in the clear."""
    with psycopg.connect(superuser) as connection:

        def setting(name: str) -> str:
            row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            assert row is not None
            return str(row[0])

        assert setting("data_checksums") == "on"
        assert {setting(name) for name in ("fsync", "full_page_writes", "synchronous_commit")} == {"on"}
        assert setting("listen_addresses") == "127.0.0.1"
        assert setting("server_encoding") == "UTF8"
        assert setting("jit") == "off"
        rules = connection.execute(
            "SELECT type, user_name, auth_method FROM pg_hba_file_rules WHERE error IS NULL ORDER BY line_number"
        ).fetchall()
    assert {method for _, _, method in rules} == {"peer", "scram-sha-256", "reject"}
    assert not any(
        kind == "host" and users == ["postgres"] and method != "reject" for kind, users, method in rules
    )


def test_superuser_has_no_way_in_by_network(superuser: str) -> None:
    """Would fail if the superuser could be tried from a port."""
    port = psycopg.conninfo.conninfo_to_dict(superuser)["port"]
    with pytest.raises(psycopg.OperationalError, match="reject"):
        psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres password=x")


def test_interrupted_initdb_is_made_again(fresh: Config) -> None:
    """Would fail if a start that was cut off while making the cluster made every later start fail."""
    home = cluster_of(fresh).home
    (home / "data.unfinished").mkdir(parents=True)
    (home / "data.unfinished" / "PG_VERSION").write_text("15")
    with psycopg.connect(ensure_cluster(fresh)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not (home / "data.unfinished").exists()


def test_taken_port_is_left_to_the_other(fresh: Config) -> None:
    """Would fail if a remembered port that another program now uses kept the city from starting."""
    ensure_cluster(fresh)
    stop_cluster(fresh)
    port = json.loads((fresh.var / "cluster.json").read_text())["port"]
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with psycopg.connect(ensure_cluster(fresh)) as connection:
            assert connection.execute("SHOW port").fetchone() != (str(port),)
    stop_cluster(fresh)
    again = json.loads((fresh.var / "cluster.json").read_text())["port"]
    ensure_cluster(fresh)
    assert json.loads((fresh.var / "cluster.json").read_text())["port"] == again


def test_starts_after_a_kill(fresh: Config) -> None:
    """Would fail if postmaster.pid of a killed server, or one whose number is another's now, blocked the start."""
    with psycopg.connect(ensure_cluster(fresh), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS a")
    pid_file = cluster_of(fresh).data / "postmaster.pid"
    pid = int(pid_file.read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    while any(folder == cluster_of(fresh).data for folder in clusters._working_folders()):
        time.sleep(0.05)
    lines = pid_file.read_text().split("\n")
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    with psycopg.connect(ensure_cluster(fresh)) as connection:
        assert connection.execute("SELECT a FROM kept").fetchone() == (1,)


def test_left_as_found(fresh: Config) -> None:
    """Would fail if a command beside a running city stopped its database, or left one running that stood still."""
    with running_cluster(fresh):
        assert cluster_of(fresh).is_running()
    assert not cluster_of(fresh).is_running()
    ensure_cluster(fresh)
    with running_cluster(fresh):
        pass
    assert cluster_of(fresh).is_running()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the cluster as another user")
def test_closed_folder_sends_it_to_the_state_folder(instance: Config) -> None:
    """Would fail if a clone under /root, where the user postgres cannot go, got no database."""
    folder = Path(tempfile.mkdtemp(prefix="huong-", dir="/tmp"))  # mode 0700
    config = replace(instance, var=folder / "var")
    try:
        cluster = cluster_of(config)
        assert cluster.home == Path("/var/lib/huong") / Place.of(config).id
        with psycopg.connect(ensure_cluster(config)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        folder.chmod(0o755)
        assert cluster_of(config) == cluster  # where it was made, there it stays
    finally:
        stop_cluster(config)
        shutil.rmtree(cluster_of(config).home)
        shutil.rmtree(folder)


def test_nobody_else_reaches_the_processes_past_nginx(instance: Config) -> None:
    """Would fail if another user of the machine could speak to web or tiles, and say from which address he comes."""
    place = Place.of(instance)
    (place.run / "sock").mkdir(mode=0o755, parents=True, exist_ok=True)
    for address in local_addresses(place).values():
        assert address.socket
        assert stat.S_IMODE(address.socket.parent.stat().st_mode) == 0o700


def test_too_long_path_for_a_socket(instance: Config) -> None:
    """Would fail if a deep checkout, whose socket path PostgreSQL refuses, got no database."""
    folder = Path(tempfile.mkdtemp(prefix="huong-", dir="/tmp"))
    folder.chmod(0o755)
    config = replace(instance, var=folder / ("rất-dài-" * 12))
    try:
        if os.geteuid() == 0:
            assert cluster_of(config).home.is_relative_to("/var/lib/huong")
        sockets = Place.of(config).sockets
        assert len(os.fsencode(sockets / "supervisor.sock")) < 108
        assert sockets.stat().st_mode & 0o077 == 0
        sockets.rmdir()
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize(("gigabytes", "buffers"), [(0.5, 128), (4, 512), (24, 2048), (512, 2048)])
def test_memory_follows_the_machine(instance: Config, gigabytes: float, buffers: int) -> None:
    """Would fail if a small machine were asked for more than it has, or a large one for all of it."""
    text = settings_text(cluster_of(instance), "127.0.0.1", 5432, int(gigabytes * 2**30))
    assert f"shared_buffers = {buffers}MB" in text
