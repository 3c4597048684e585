"""The other servers, each started as its own documentation says, on the same tables, with caches off.

They live in environments of their own below ``var/bench``, made once; a peer that cannot be made is
recorded as absent with the reason.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TIPG, PYGEOAPI, MARTIN = "TiPg", "pygeoapi", "Martin"
REQUIREMENTS = {
    TIPG: ("tipg==1.6.1", "uvicorn==0.54.*", "uvloop", "httptools"),
    PYGEOAPI: ("pygeoapi==0.24.*", "sqlalchemy", "geoalchemy2", "psycopg2-binary", "gunicorn"),
}
MARTIN_VERSION = "1.14.0"
SCHEMA = "bench"  # views that only peers read: pygeoapi needs one geometry a table, and no generated one
WORKERS = 2
MOST_FEATURES = 10_000_000  # in a tile of a peer: all. TiPg's default of 10,000 drops features at random


class Absent(Exception):
    """A peer that is not here, with the reason."""


@dataclass(frozen=True)
class Peer:
    """A running server: where its tiles and its pages of features are. ``{z} {x} {y}`` stay to be filled."""

    name: str
    version: str
    port: int
    tiles: Callable[[str], str] | None = None
    items: Callable[[str, int], str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def environment(var: Path, name: str) -> Path:
    """The peer's virtual environment; made if it is not there. Absent if it cannot be made."""
    home = var / f"venv-{name.lower()}"
    if not (home / "ready").exists():
        python = str(home / "bin/python")
        commands = (
            [sys.executable, "-m", "venv", "--clear", str(home)],
            [python, "-m", "pip", "install", "-q", *REQUIREMENTS[name]],
        )
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Absent(f"{' '.join(command[1:3])} failed: {done.stderr.strip()[-200:]}")
        (home / "ready").touch()
    return home


def installed(home: Path, package: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run(
        [home / "bin/python", "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


@contextmanager
def running(command: list[str], env: Mapping[str, str], ready: str, log: Path) -> Iterator[None]:
    """Run a server in a process group of its own until the block ends; Absent if it does not answer."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, env={**os.environ, **env}, stdout=out, stderr=out, start_new_session=True, cwd=log.parent
        )
    try:
        wait_until(ready, process)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until(url: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError as fault:
            if process.poll() is not None or time.monotonic() > end:
                raise Absent(f"{url} does not answer: {fault}") from None
            time.sleep(0.2)


def prepare_views(cursor: object, table: str) -> None:
    """What peers read of a dataset's table: one geometry each, for features (4326) and for tiles (3857)."""
    execute = cursor.execute  # type: ignore[attr-defined]
    name = table.rpartition(".")[2]
    execute(f"create schema if not exists {SCHEMA}")
    execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
        [table],
    )
    rows = cursor.fetchall()  # type: ignore[attr-defined]
    columns = [row[0] for row in rows if not row[0].startswith("geom")]
    listed = ", ".join(f'"{column}"' for column in columns)
    for suffix, geometry in (("items", "geom"), ("tiles", "geom3857")):
        execute(f"drop view if exists {SCHEMA}.{name}_{suffix}")
        execute(f'create view {SCHEMA}.{name}_{suffix} as select {listed}, "{geometry}" from {table}')


@contextmanager
def tipg(var: Path, database: Mapping[str, str], port: int) -> Iterator[Peer]:
    home = environment(var, TIPG)
    env = {
        "DATABASE_URL": url_of(database),
        "TIPG_DB_SCHEMAS": json.dumps([SCHEMA]),
        "TIPG_DB_SPATIAL_EXTENT": "FALSE",
        "TIPG_DB_EXCLUDE_FUNCTION_SCHEMAS": json.dumps(["public", SCHEMA]),
        "TIPG_MAX_FEATURES_PER_TILE": str(MOST_FEATURES),
    }
    command = [str(home / "bin/uvicorn"), "tipg.main:app", "--port", str(port), "--workers", str(WORKERS)]
    command += ["--log-level", "warning", "--no-access-log"]
    with running(command, env, f"http://127.0.0.1:{port}/healthz", var / "tipg.log"):
        tiles = "/collections/{name}/tiles/WebMercatorQuad/{{z}}/{{x}}/{{y}}"
        yield Peer(
            TIPG,
            installed(home, "tipg"),
            port,
            tiles=lambda layer: tiles.format(name=f"{SCHEMA}.{layer}_tiles"),
            items=lambda layer, limit: f"/collections/{SCHEMA}.{layer}_items/items?limit={limit}&f=geojson",
        )


@contextmanager
def martin(var: Path, database: Mapping[str, str], port: int) -> Iterator[Peer]:
    program = shutil.which("martin") or str(var / "martin/bin/martin")
    if not Path(program).exists():
        install = f"cargo install martin --version {MARTIN_VERSION} --locked"
        install += " --no-default-features --features postgres"
        raise Absent(f"not installed ({install} --root var/bench/martin)")
    version = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=True
    ).stdout.split()[-1]
    config = var / "martin.json"  # JSON is YAML
    schema = {"from_schemas": [SCHEMA], "source_id_format": "{table}", "id_columns": ["fid"]}
    publish = {"tables": schema, "functions": False}
    postgres = {
        "connection_string": url_of(database),
        "pool_size": 20,
        "auto_bounds": "skip",
        "auto_publish": publish,
    }
    settings = {"cache_size_mb": 0, "worker_processes": WORKERS, "listen_addresses": f"127.0.0.1:{port}"}
    config.write_text(json.dumps({**settings, "postgres": postgres}))
    with running(
        [program, "--config", str(config)],
        {"RUST_LOG": "warn"},
        f"http://127.0.0.1:{port}/health",
        var / "martin.log",
    ):
        yield Peer(MARTIN, version, port, tiles=lambda layer: f"/{layer}_tiles/{{z}}/{{x}}/{{y}}")


@contextmanager
def pygeoapi(var: Path, database: Mapping[str, str], port: int, layers: list[str]) -> Iterator[Peer]:
    """Its WSGI application under gunicorn, as its documentation runs it; ``count`` as it is by default."""
    home = environment(var, PYGEOAPI)
    config, definition = var / "pygeoapi.json", var / "pygeoapi-openapi.json"
    config.write_text(json.dumps(pygeoapi_settings(database, port, layers)))
    env = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(definition)}
    with definition.open("w") as out:
        command = [home / "bin/pygeoapi", "openapi", "generate", config, "--format", "json"]
        made = subprocess.run(
            command, env={**os.environ, **env}, stdout=out, stderr=subprocess.PIPE, check=False
        )
    if made.returncode != 0:
        raise Absent(f"pygeoapi openapi generate failed: {made.stderr.decode()[-200:]}")
    serve = [
        str(home / "bin/gunicorn"),
        "-w",
        str(WORKERS),
        "-b",
        f"127.0.0.1:{port}",
        "pygeoapi.flask_app:APP",
    ]
    with running(serve, env, f"http://127.0.0.1:{port}/conformance?f=json", var / "pygeoapi.log"):
        yield Peer(
            PYGEOAPI,
            installed(home, "pygeoapi"),
            port,
            items=lambda layer, limit: f"/collections/{layer}/items?f=json&limit={limit}",
        )


def pygeoapi_settings(database: Mapping[str, str], port: int, layers: list[str]) -> dict[str, object]:
    url = f"http://127.0.0.1:{port}"
    limits = {"default_items": 1000, "max_items": 10000}
    server = {
        "bind": {"host": "127.0.0.1", "port": port},
        "url": url,
        "mimetype": "application/json; charset=UTF-8",
        "encoding": "utf-8",
        "gzip": False,
        "languages": ["en-US"],
        "limits": limits,
        "map": {"url": "about:blank", "attribution": ""},
    }
    person = {"name": "bench", "url": url}
    metadata = {
        "identification": {
            "title": "b",
            "description": "b",
            "keywords": ["b"],
            "terms_of_service": url,
            "url": url,
        },
        "license": {"name": "b", "url": url},
        "provider": person,
        "contact": person,
    }
    resources = {name: resource(database, name) for name in layers}
    return {"server": server, "logging": {"level": "ERROR"}, "metadata": metadata, "resources": resources}


def resource(database: Mapping[str, str], name: str) -> dict[str, object]:
    data = {key: database[key] for key in ("host", "port", "dbname", "user", "password")}
    provider = {
        "type": "feature",
        "name": "PostgreSQL",
        "data": {**data, "search_path": [SCHEMA, "public"]},
        "id_field": "fid",
        "table": f"{name}_items",
        "geom_field": "geom",
    }
    extent = {"spatial": {"bbox": [107, 16, 108, 17], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}
    described = {"title": name, "description": name, "keywords": ["b"], "links": []}
    return {"type": "collection", **described, "extents": extent, "providers": [provider]}


def url_of(database: Mapping[str, str]) -> str:
    """postgresql:// with the password in it; host must be an address."""
    return "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**database)
