"""docker-compose.yml and its front door's configuration, made from the list of processes.

Each service runs without root, without capabilities, on a read-only file system, within limits; only the front door
is published, and the database sees no other network than its own.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from gis_core.config import ROOT
from gis_core.http.policy import EVERYWHERE
from gis_core.runtime.limits import Limits
from gis_core.runtime.nginx import Door, headers_text, nginx_text, trusted_proxy
from gis_core.runtime.processes import (
    MOSQUITTO_COMMAND,
    NGINX_COMMAND,
    WORKER_COMMAND,
    Address,
    tiles_command,
    web_command,
)
from gis_core.runtime.refusals import refusals_text

FILES = Path("deploy/compose")
USER = "10001:10001"  # the user that deploy/Dockerfile makes
STATE = "/var/lib/huong"
WEB, TILES = Address(host="web", port=8000), Address(host="tiles", port=8001)
# Everybody comes from the gateway of one of these unless a proxy is named: then nobody could be told apart.
DOCKER_NETWORKS = ("172.16.0.0/12", "192.168.0.0/16")
ANY = "0.0.0.0"  # inside a container, on internal networks
HEAD = """\
# Made by `huong compose --write`; change gis_core/runtime/compose.py and make it again.
#
#     mkdir -p secrets && openssl rand -hex 32 >secrets/huong && chmod 644 secrets/huong
#     docker compose up --build --wait          (with MQTT: docker compose --profile mqtt up --build --wait)
"""


def compose_text() -> str:
    """docker-compose.yml."""
    import yaml

    class Plain(yaml.SafeDumper):
        """YAML without anchors: each service can be read by itself."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    return HEAD + yaml.dump(compose(), Dumper=Plain, sort_keys=False, allow_unicode=True, width=110)


def write_compose() -> None:
    """Write docker-compose.yml and deploy/compose/ into the checkout."""
    for name, text in compose_files().items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def compose_files() -> dict[str, str]:
    """Text of each generated file by its path in the checkout."""
    limits = Limits.from_env()
    door = Door(
        run="/etc/huong",
        var=STATE,
        temporary="/tmp",  # a tmpfs of the container
        listen="8080",
        upstreams={"web": WEB, "tiles": TILES},
        trusted_proxy=trusted_proxy(os.environ.get("HUONG_TRUSTED_PROXY", "")),
        limits=replace(limits, unlimited=(*limits.unlimited, *DOCKER_NETWORKS)),
    )
    return {
        "docker-compose.yml": compose_text(),
        str(FILES / "nginx.conf"): nginx_text(door),
        str(FILES / "headers.conf"): headers_text(EVERYWHERE),
        str(FILES / "refusals.conf"): refusals_text(door.run),
    }


def compose() -> dict[str, Any]:
    """The Compose document."""
    return {
        "services": {
            "postgis": _postgis(),
            "prepare": _prepare(),
            "web": _web(),
            "tiles": _tiles(),
            "worker": _worker(),
            "nginx": _nginx(),
            "mosquitto": _mosquitto(),
        },
        "networks": {"edge": {}, "app": {"internal": True}, "database": {"internal": True}},
        "volumes": {"database": {}, "city": {}, "mosquitto": {}},
        "secrets": {"huong": {"file": "./secrets/huong"}},
    }


def _service(target: str, command: tuple[str, ...], *, memory: str, cpus: str, pids: int) -> dict[str, Any]:
    """What every service has: an image of ours, no rights, limits."""
    return {
        "image": f"huong-{target}:${{HUONG_VERSION:-local}}",
        "build": {"context": ".", "dockerfile": "deploy/Dockerfile", "target": target},
        "command": list(command),
        "user": USER,
        "read_only": True,
        "tmpfs": ["/tmp:mode=1777,size=256m"],
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "restart": "unless-stopped",
        "init": True,
        "stop_grace_period": "30s",
        "deploy": {"resources": {"limits": {"cpus": cpus, "memory": memory}}},
        "pids_limit": pids,
        "logging": {"driver": "local", "options": {"max-size": "10m", "max-file": "3"}},
    }


def _health(*test: str, seconds: int = 15, start: int = 60) -> dict[str, Any]:
    period = {"interval": f"{seconds}s", "timeout": "10s", "retries": 4, "start_period": f"{start}s"}
    return {"test": ["CMD", *test], **period}


def _port_health(port: int) -> dict[str, Any]:
    return _health("bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}")


def _page_health(port: int, path: str) -> dict[str, Any]:
    return _health(
        "bash",
        "-c",
        f"exec 3<>/dev/tcp/127.0.0.1/{port} && printf 'GET {path} HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3"
        " && read -r -t 8 line <&3 && [[ $$line == *' 200 '* ]]",
    )


def _instance(**more: str) -> dict[str, Any]:
    """Settings and secret of a process that belongs to the city."""
    environment = {
        "HUONG_VAR": STATE,
        "HUONG_DATABASE_URL": "postgresql://postgis:5432/huong",
        "HUONG_PUBLIC_URL": "${HUONG_PUBLIC_URL:-http://127.0.0.1:8000}",
        "HUONG_SECRET_FILE": "/run/secrets/huong",
        "DJANGO_SETTINGS_MODULE": "gis_core.settings",
    }
    return {"environment": environment | more, "secrets": ["huong"]}


def _after(**conditions: str) -> dict[str, Any]:
    return {"depends_on": {name: {"condition": f"service_{state}"} for name, state in conditions.items()}}


def _postgis() -> dict[str, Any]:
    own = _instance()
    del own["environment"]["HUONG_DATABASE_URL"]
    return {
        **_service("database", ("huong", "cluster", "serve"), memory="4g", cpus="4.0", pids=512),
        **own,
        "volumes": [f"database:{STATE}"],
        "networks": ["database"],
        "shm_size": "512m",
        "stop_signal": "SIGINT",
        "stop_grace_period": "60s",
        "healthcheck": _health("pg_isready", "-h", "127.0.0.1", "-p", "5432"),
    }


def _prepare() -> dict[str, Any]:
    return {
        **_service("app", ("huong", "prepare"), memory="2g", cpus="2.0", pids=128),
        **_instance(),
        **_after(postgis="healthy"),
        "restart": "no",
        "volumes": [f"city:{STATE}"],
        "networks": ["database"],
    }


def _web() -> dict[str, Any]:
    return {
        **_service("app", web_command(Address(host=ANY, port=WEB.port)), memory="1g", cpus="2.0", pids=128),
        **_instance(),
        **_after(postgis="healthy", prepare="completed_successfully"),
        "volumes": [f"city:{STATE}"],
        "networks": ["app", "database"],
        "healthcheck": _page_health(WEB.port, "/readyz"),
    }


def _tiles() -> dict[str, Any]:
    return {
        **_service(
            "app", tiles_command(Address(host=ANY, port=TILES.port)), memory="1g", cpus="2.0", pids=128
        ),
        **_instance(),
        **_after(postgis="healthy", prepare="completed_successfully"),
        "volumes": [f"city:{STATE}"],
        "networks": ["app", "database"],
        "healthcheck": _port_health(TILES.port),
    }


def _worker() -> dict[str, Any]:
    return {
        **_service("app", WORKER_COMMAND, memory="2g", cpus="2.0", pids=128),
        **_instance(),
        **_after(postgis="healthy", prepare="completed_successfully"),
        "volumes": [f"city:{STATE}"],
        "networks": ["database"],
        "healthcheck": _health("huong", "manage", "procrastinate", "healthchecks", seconds=60),
    }


def _nginx() -> dict[str, Any]:
    return {
        **_service("nginx", (*NGINX_COMMAND, "/etc/huong/nginx.conf"), memory="256m", cpus="1.0", pids=32),
        **_after(web="healthy", tiles="healthy"),
        "volumes": [f"city:{STATE}:ro", f"./{FILES}:/etc/huong:ro"],
        "networks": ["edge", "app"],
        "ports": ["127.0.0.1:${HUONG_PORT:-8000}:8080"],
        "healthcheck": _page_health(8080, "/healthz"),
    }


def _mosquitto() -> dict[str, Any]:
    own = _instance(HUONG_MQTT_HOST=ANY)
    del own["environment"]["HUONG_DATABASE_URL"]
    return {
        **_service("mosquitto", MOSQUITTO_COMMAND, memory="128m", cpus="0.5", pids=32),
        **own,
        "profiles": ["mqtt"],
        "volumes": [f"mosquitto:{STATE}"],
        "networks": ["app"],
        "healthcheck": _port_health(1883),
    }
