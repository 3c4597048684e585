"""Roles can do what they must and nothing else; the printed SQL does what we do ourselves."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pyproj import Transformer

from gis_core.config import Config, SettingError
from gis_core.layer import AUDIENCES
from gis_core.runtime.database import VN2000_ZONES, owner_of, prepare_database, scram_verifier, script


@pytest.fixture(scope="module")
def database(instance: Config, superuser: str) -> Iterator[Config]:
    """A prepared database; prepared twice, since every start does so."""
    prepare_database(superuser, instance, instance.role_prefix)
    prepare_database(superuser, instance, instance.role_prefix)
    with psycopg.connect(**instance.connection()) as owner:
        owner.execute(
            "CREATE TABLE IF NOT EXISTS public.private_matters (id int GENERATED ALWAYS AS IDENTITY, a int)"
        )
    yield instance
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(instance.role_prefix))
        )


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM public.private_matters",
        "INSERT INTO public.private_matters (a) VALUES (1)",
        "CREATE TABLE public.mine (a int)",
        "CREATE TEMPORARY TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SET ROLE runtime_owner",
        "SET temp_file_limit = -1",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SET SESSION AUTHORIZATION runtime_owner",
        "UPDATE spatial_ref_sys SET proj4text = ''",
    ],
)
def test_reader_is_refused(database: Config, audience: str, statement: str) -> None:
    """Would fail if a reader that shed its read-only default could reach past the views granted to it."""
    with psycopg.connect(**database.connection(audience), autocommit=True) as reader:
        reader.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(statement)


@pytest.mark.parametrize(("audience", "timeout"), [("citizen", "2s"), ("officer", "10s"), ("land", "10s")])
def test_reader_has_limits(database: Config, audience: str, timeout: str) -> None:
    """Would fail if one query of a stranger could hold the database."""
    with psycopg.connect(**database.connection(audience)) as reader:
        found = reader.execute(
            "SELECT current_setting('statement_timeout'), current_setting('default_transaction_read_only'),"
            " current_setting('max_parallel_workers_per_gather'), current_setting('jit'),"
            " current_setting('temp_file_limit'), current_setting('postgis.gdal_enabled_drivers'),"
            " current_setting('postgis.enable_outdb_rasters')"
        ).fetchone()
    assert found is not None
    assert found[:4] == (timeout, "on", "0", "off")
    assert found[4] != "-1"
    assert found[5:] == ("DISABLE_ALL", "off")


def test_application_writes_but_does_not_build(database: Config) -> None:
    """Would fail if the web process could change tables, or could not write to them."""
    with psycopg.connect(**database.connection("app"), autocommit=True) as app:
        app.execute("INSERT INTO private_matters (a) VALUES (1)")
        app.execute("DELETE FROM private_matters")
        for statement in (
            "DROP TABLE private_matters",
            "CREATE TABLE public.x (a int)",
            "TRUNCATE private_matters",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)


def test_owner_builds_but_does_not_rule(database: Config) -> None:
    """Would fail if migrations could not make schemas, or their role were more than an owner."""
    with psycopg.connect(**database.connection(), autocommit=True) as owner:
        owner.execute("CREATE SCHEMA IF NOT EXISTS readers")
        roles = owner.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'runtime%'"
            " AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)"
        ).fetchall()
        for statement in ("CREATE ROLE more", "CREATE DATABASE more"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(statement)
    assert roles == []


def test_wrong_password_is_refused(database: Config) -> None:
    """Would fail if being on the machine were enough."""
    with pytest.raises(psycopg.OperationalError, match="authentication"):
        psycopg.connect(**database.connection("citizen") | {"password": "x"})


def test_hue_lies_where_proj_says(database: Config) -> None:
    """Would fail if a VN-2000 zone were missing or 9214 were taken for its neighbour 9215, 26.7 km away."""
    with psycopg.connect(**database.connection("citizen")) as reader:
        for srid in VN2000_ZONES:
            row = reader.execute(
                "SELECT ST_X(p), ST_Y(p) FROM ST_Transform(ST_SetSRID(ST_Point(107.58, 16.46), 4326), %s::int) AS p",
                [srid],
            ).fetchone()
            expected = Transformer.from_crs(4326, srid, always_xy=True).transform(107.58, 16.46)
            assert row == pytest.approx(expected, abs=0.001), srid


def test_printed_sql_makes_the_same(instance: Config, superuser: str) -> None:
    """Would fail if what the city's administrator runs did less than what we run, or could not be run again."""
    city = replace(instance, role_prefix="printed")
    address = conninfo_to_dict(superuser)
    text = script(city, "city of Huế")
    for _ in range(2):
        done = subprocess.run(
            ["psql", "-X", "-q", "-h", address["host"], "-p", str(address["port"]), "-U", "postgres"],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    reached = city.connection("citizen") | {"dbname": "city of Huế"}
    with psycopg.connect(**reached) as reader:
        assert reader.execute("SELECT count(*) FROM spatial_ref_sys WHERE srid = 9214").fetchone() == (1,)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute('DROP DATABASE "city of Huế"')
    for role in ("owner", "app", *AUDIENCES):
        assert city.derive(f"role:{city.role(role)}") not in text


def test_owner_of_the_citys_own_database(instance: Config) -> None:
    """Would fail if the printed SQL named another owner than the address does."""
    city = replace(instance, database_url="postgresql://b%C3%A1c:p%40ss@db:5433/hue")
    assert owner_of(city) == ("bác", "p@ss")
    assert owner_of(replace(instance, database_url="postgresql://db/hue"))[0] == "runtime_owner"
    with pytest.raises(SettingError):
        scram_verifier("mật khẩu", b"0123456789abcdef")
