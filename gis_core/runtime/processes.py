"""The processes of a city, listed once: the supervisor of ``script/server`` and docker-compose.yml both read it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gis_core.config import Config
from gis_core.runtime.cluster import Cluster, cluster_of
from gis_core.runtime.place import Place

WEB_WORKERS, TILE_WORKERS = 2, 2  # the threads of each are in `gis_core.admission.lanes`


@dataclass(frozen=True)
class Address:
    """Where a process listens: a Unix socket, or a port of an interface."""

    socket: Path | None = None
    host: str = ""
    port: int = 0

    @property
    def upstream(self) -> str:
        """As nginx names it."""
        return f"unix:{self.socket}" if self.socket else f"{self.host}:{self.port}"

    def options(self) -> tuple[str, ...]:
        """As uvicorn wants it."""
        if self.socket:
            return ("--uds", str(self.socket))
        return ("--host", self.host, "--port", str(self.port))


@dataclass(frozen=True)
class Process:
    """One child of the supervisor. ``order``: lower starts earlier and stops later; ``stop_seconds`` then SIGKILL."""

    name: str
    command: tuple[str, ...]
    order: int
    user: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 10
    environment: Mapping[str, str] = field(default_factory=dict)


def web_command(address: Address) -> tuple[str, ...]:
    """Pages, admin and APIs."""
    return (
        *("uvicorn", *address.options(), "--workers", str(WEB_WORKERS), "--lifespan", "on"),
        *(
            "--no-access-log",
            "--no-server-header",
            "--no-proxy-headers",
            "--log-level",
            "warning",
            "--ws",
            "none",
        ),
        # The front door keeps idle connections for 60 s: it must not send on one that is being closed here.
        *("--timeout-keep-alive", "75", "--timeout-graceful-shutdown", "8", "gis_core.asgi:application"),
    )


def tiles_command(address: Address) -> tuple[str, ...]:
    """Vector tiles and the event stream."""
    return (
        *("uvicorn", *address.options(), "--workers", str(TILE_WORKERS)),
        *("--no-access-log", "--no-server-header", "--log-level", "warning", "--ws", "none"),
        *("--timeout-graceful-shutdown", "3", "tilesrv.app:app"),
    )


WORKER_COMMAND = ("huong", "worker")
NGINX_COMMAND = ("nginx", "-e", "stderr", "-c")  # and the configuration's path
MOSQUITTO_COMMAND = ("huong", "mosquitto")


def local_addresses(place: Place) -> dict[str, Address]:
    """Where ``web`` and ``tiles`` listen on this machine: sockets, so that no port but the front door is taken."""
    return {name: Address(socket=place.sockets / f"{name}.sock") for name in ("web", "tiles")}


def has_tiles(config: Config) -> bool:
    return (config.root / "tilesrv" / "app.py").exists()


def processes(config: Config) -> tuple[Process, ...]:
    """The processes of this instance on this machine, in the order in which they start."""
    place = Place.of(config)
    address = local_addresses(place)
    found = [] if config.database_url else [postgres(cluster_of(config))]
    found.append(Process("web", web_command(address["web"]), 20, stop_seconds=15))
    if has_tiles(config):
        found.append(Process("tiles", tiles_command(address["tiles"]), 20))
    found.append(Process("worker", WORKER_COMMAND, 20, stop_seconds=30))
    if wants_mqtt():
        found.append(Process("mosquitto", MOSQUITTO_COMMAND, 20))
    found.append(Process("nginx", (*NGINX_COMMAND, str(place.run / "nginx.conf")), 30))
    return tuple(found)


def postgres(cluster: Cluster) -> Process:
    # SIGINT is PostgreSQL's fast shutdown: connections are cut, the last checkpoint is written.
    return Process("postgres", tuple(cluster.command()), 10, cluster.user, stop_signal="INT", stop_seconds=60)


def wants_mqtt() -> bool:
    return os.environ.get("HUONG_MQTT", "0") == "1"


def resolved(command: tuple[str, ...]) -> tuple[str, ...]:
    """``command`` with the full path of a program that lies in our environment or in the system's sbin."""
    for folder in (Path(sys.executable).parent, Path("/usr/sbin")):
        if (folder / command[0]).exists():
            return (str(folder / command[0]), *command[1:])
    return command
