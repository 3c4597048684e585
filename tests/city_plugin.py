"""Databases and running cities for the tests, on a real PostGIS cluster under ``var/test``.

Loaded before Django's settings are (``-p tests.city_plugin``), since they name the database. Two templates are made
once per state of the sources, for all runs: ``empty`` (migrated, published) and ``demo`` (with the demo city). A module
that uses a database gets a fresh committed clone: readers connect with their own roles and cannot see a test's open
transaction. A module chooses by ``CITY = "demo"`` at its top; ``empty`` is the default.

Two runs at once would replace each other's databases: give each a word of its own in ``HUONG_TEST_DATABASE``.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

# A shell gives what it runs in the background no Ctrl-C, and neither do those to their children: some tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)
ROOT = Path(__file__).resolve().parent.parent
os.environ["HUONG_VAR"] = str(ROOT / "var" / "test")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gis_core.settings")
for inherited in ("HUONG_DATABASE_URL", "HUONG_PORT", "HUONG_SECRET", "HUONG_ROLE_PREFIX"):
    os.environ.pop(inherited, None)

from gis_core.config import Config  # noqa: E402  (the environment comes first)
from gis_core.runtime.cluster import ensure_cluster  # noqa: E402
from gis_core.runtime.database import prepare_database  # noqa: E402

CLUSTER = Config.from_env()
SUPERUSER = ensure_cluster(CLUSTER)
RUN = os.environ.get("HUONG_TEST_DATABASE", "")
if not re.fullmatch(r"[a-z0-9]{0,20}", RUN):
    raise pytest.UsageError(f"HUONG_TEST_DATABASE={RUN!r}: at most 20 lower-case letters and digits")
OF_RUN = f"_{RUN}" if RUN else ""  # ends the name of everything that this run alone uses
IN_PROCESS = f"huong_pytest{OF_RUN}"
SOURCES = ("gis_core", "layers", "sensors", "cameras", "imports", "web/migrations", "ogc_api/migrations")
# The owner's address of the database that this process works on; its name stays, its content is replaced.
os.environ["HUONG_DATABASE_URL"] = CLUSTER.with_database(IN_PROCESS).database_url


def execute(statement: str) -> None:
    with psycopg.connect(SUPERUSER, autocommit=True) as connection:
        connection.execute(statement)


def without_a_disk() -> None:
    """What the machine would lose with its power is nothing here: clusters whose durability is tested are others. A
    commit still waits until PostgreSQL has it, and a killed PostgreSQL loses none."""
    with psycopg.connect(SUPERUSER, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            if connection.execute("select current_setting(%s)", [setting]).fetchone() != ("off",):
                connection.execute(f"alter system set {setting} = off")
        connection.execute("select pg_reload_conf()")


without_a_disk()


def drop(name: str) -> None:
    execute(f'drop database if exists "{name}" with (force)')


def clone(template: str, name: str) -> None:
    """Make database ``name`` anew from the template ``empty`` or ``demo``."""
    source = template_database(template)
    drop(name)
    execute(f'create database "{name}" template "{source}" owner "{CLUSTER.role("owner")}"')


def fingerprint() -> str:
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".sql", ".json", ".csv") and path.is_file():
                digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def exists(name: str) -> bool:
    with psycopg.connect(SUPERUSER) as connection:
        return bool(connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone())


def template_database(kind: str) -> str:
    """The template of this state of the sources, made at first use by whichever run comes first; older ones go."""
    name = f"huong_t_{kind}_{fingerprint()}"
    if exists(name):
        return name
    with psycopg.connect(SUPERUSER, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(hashtext('templates'), hashtext(%s))", [kind])
        if not exists(name):
            make_template(kind, name)
    return name


def make_template(kind: str, name: str) -> None:
    with psycopg.connect(SUPERUSER) as connection:
        old = connection.execute(
            "select datname from pg_database where datname ~ %s",
            [f"^huong_t_{kind}(_[a-z0-9]+)?_[0-9a-f]{{12}}$"],
        ).fetchall()
    for (each,) in old:
        drop(each)
    making = f"huong_making_{kind}"
    if kind == "empty":
        drop(making)
        prepare_database(SUPERUSER, CLUSTER, making)
        huong("migrate", database=making)
    else:
        clone("empty", making)
        huong("demo", database=making)
    execute(f'alter database "{making}" rename to "{name}"')


def environment_of(database: str, root: Path = ROOT) -> dict[str, str]:
    """The environment of a process that runs the sources in ``root`` on a database of the test cluster."""
    env = {**os.environ, "HUONG_DATABASE_URL": CLUSTER.with_database(database).database_url}
    return env if root == ROOT else {**env, "PYTHONPATH": str(root)}


def huong(*arguments: str, database: str, root: Path = ROOT, **environment: str) -> str:
    """Run the command ``huong`` of the sources in ``root``; its output, or the test fails with it."""
    done = subprocess.run(
        [sys.executable, "-m", "gis_core.cli", *arguments],
        env={**environment_of(database, root), **environment},
        cwd=root,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        pytest.fail(f"huong {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


def forget_connections() -> None:
    """The next module has another city: nothing read of this one is known any more."""
    from django.db import connections

    from gis_core.reading import close_pools
    from web import sources

    connections.close_all()
    close_pools()
    sources.forget()


def uses_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or "city" in fixtures


@pytest.fixture(scope="module", autouse=True)
def _database_of_module(request: pytest.FixtureRequest) -> Iterator[None]:
    module = request.node
    wanted = any(uses_database(i) for i in request.session.items if i.getparent(pytest.Module) is module)
    if wanted:
        forget_connections()
        clone(getattr(request.module, "CITY", "empty"), IN_PROCESS)
    yield
    if wanted:
        forget_connections()


@pytest.fixture
def city(django_db_blocker: object) -> Iterator[Config]:
    """The module's committed database; what a test writes through it stays for the rest of the module."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield Config.from_env()


def pytest_unconfigure() -> None:
    """Leave the cluster stopped if nobody else uses it; templates stay for the next run."""
    from gis_core.runtime.cluster import stop_cluster

    os.environ.pop("HUONG_DATABASE_URL", None)
    if os.environ.get("HUONG_TEST_KEEP_CLUSTER"):
        return
    try:
        with psycopg.connect(SUPERUSER) as connection:
            others = connection.execute(
                "select count(*) from pg_stat_activity"
                " where backend_type = 'client backend' and pid <> pg_backend_pid()"
            ).fetchone()
    except psycopg.OperationalError:
        return  # another run stopped it in this moment
    if others == (0,):
        stop_cluster(CLUSTER)
