"""Roles, rights and extensions of an instance's database, as SQL: run by us in the private cluster, or printed for
the administrator of the city's own.

Every statement can be run again. Privacy rests on this page: a reader's role can do nothing but read the views that
publishing grants it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import warnings
from collections.abc import Mapping
from typing import LiteralString
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from gis_core.audiences import CITIZEN_TIMEOUT_MS
from gis_core.config import Config, SettingError
from gis_core.layer import AUDIENCES, Audience

EXTENSIONS = ("postgis", "pgrouting", "pg_trgm", "unaccent", "btree_gist")

# VN-2000 zones that PostGIS 3.3 and 3.4 lack; Huế's is 9214.
VN2000_ZONES = range(9205, 9219)
# EPSG operation "VN-2000 to WGS 84 (2)", position vector form: Vietnam onshore, 1 m.
VN2000_TO_WGS84 = (
    "+towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278"
)

_READER: Mapping[str, str] = {
    "default_transaction_read_only": "on",
    "lock_timeout": "1s",
    "idle_in_transaction_session_timeout": "30s",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
}
_STAFF: Mapping[str, str] = {
    **_READER, "statement_timeout": "10s", "work_mem": "32MB", "temp_file_limit": "1GB",
}  # fmt: skip
READER_SETTINGS: Mapping[Audience, Mapping[str, str]] = {
    "citizen": {
        **_READER,
        "statement_timeout": f"{CITIZEN_TIMEOUT_MS}ms",
        "work_mem": "16MB",
        "temp_file_limit": "256MB",
    },
    "officer": _STAFF,
    "operations": _STAFF,
    "land": _STAFF,
}
APP_SETTINGS: Mapping[str, str] = {"lock_timeout": "5s", "idle_in_transaction_session_timeout": "5min"}
# What PostgreSQL's log is told. A statement and its parameters, the row that broke a rule, even the first line of an
# error ("invalid input syntax: ...") quote what somebody entered. So errors are not logged there at all: whoever sent
# the statement is told, and the city's processes log the SQLSTATE. Stops, crashes and waits for locks are.
LOG_SETTINGS: Mapping[str, str] = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_duration": "off",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# Rasters in the database may name files and addresses (security: a server-side request): both are shut.
DATABASE_SETTINGS: Mapping[str, str] = {
    "postgis.gdal_enabled_drivers": "DISABLE_ALL",
    "postgis.enable_outdb_rasters": "off",
    "jit": "off",
    "timezone": "UTC",
    **LOG_SETTINGS,
}

TABLES_FOR_APP: LiteralString = """\
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}"""
CREATE_ROLE: LiteralString = """\
DO $do$ BEGIN
    CREATE ROLE {role};
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $do$"""


def prepare_database(superuser: str, config: Config, dbname: str) -> None:
    """Make the roles and database ``dbname`` ready for migration, as superuser ``superuser`` (a conninfo).

    May be run again at any time; psycopg.Error where the cluster refuses.
    """
    with psycopg.connect(superuser, autocommit=True) as cluster:
        owner = owner_of(config)[0]
        # The owner's role loses every right but its tables: a superuser named here would be lost to the whole cluster.
        if cluster.execute("SELECT FROM pg_roles WHERE rolname = %s AND rolsuper", [owner]).fetchone():
            raise SettingError(
                f"HUONG_DATABASE_URL must not name the superuser {owner!r}: give the city its own role"
            )
        for statement in role_statements(config):
            cluster.execute(statement)
        exists = cluster.execute("SELECT FROM pg_database WHERE datname = %s", [dbname]).fetchone()
        if exists is None:
            cluster.execute(create_statement(config, dbname))
    with psycopg.connect(make_conninfo(superuser, dbname=dbname), autocommit=True) as database:
        database.execute("SET client_min_messages = warning")
        for statement in database_statements(config, dbname):
            database.execute(statement)


def script(config: Config, dbname: str) -> str:
    """The same as a psql script, for an administrator who keeps the superuser's rights to himself."""

    def lines(statements: list[sql.Composed]) -> str:
        return "\n".join(statement.as_string(None) + ";" for statement in statements)

    quoted = sql.quote(dbname)
    create = sql.Literal(create_statement(config, dbname).as_string(None)).as_string(None)
    return "\n".join(
        [
            "-- Hương: roles, database and extensions. Run as superuser with psql; may be run again.",
            "-- Passwords stand here only as SCRAM verifiers.",
            "-- In postgresql.conf, too: log_error_verbosity = terse. After a crash the server itself logs the",
            "-- statement of the process that died, values and all; no setting of one database holds for that.",
            r"\set ON_ERROR_STOP on",
            lines(role_statements(config)),
            rf"SELECT {create} WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = {quoted}) \gexec",
            rf"\connect {sql.Identifier(dbname).as_string(None)}",
            lines(database_statements(config, dbname)),
            "",
        ]
    )


def owner_of(config: Config) -> tuple[str, str]:
    """Name and password of the role that owns the tables; the password is empty where it is the city's affair."""
    url = urlsplit(config.database_url)
    if url.username:
        return unquote(url.username), unquote(url.password or "")
    return config.role("owner"), config.derive(f"role:{config.role('owner')}")


def role_statements(config: Config) -> list[sql.Composed]:
    """Roles with their passwords and limits. None of them is a superuser or may create roles or databases."""
    owner, password = owner_of(config)
    statements = _role(config, owner, password, {})
    for name, settings in ({"app": APP_SETTINGS} | dict(READER_SETTINGS)).items():
        role = config.role(name)
        statements += _role(config, role, config.derive(f"role:{role}"), settings)
    return statements


def _role(config: Config, role: str, password: str, settings: Mapping[str, str]) -> list[sql.Composed]:
    name = sql.Identifier(role)
    rights = sql.SQL(
        "ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    ).format(name)
    if password:
        salt = bytes.fromhex(config.derive(f"salt:{role}"))[:16]
        rights += sql.SQL(" PASSWORD {}").format(sql.Literal(scram_verifier(password, salt)))
    limits = [
        sql.SQL("ALTER ROLE {} SET {} = {}").format(name, sql.Identifier(key), sql.Literal(value))
        for key, value in settings.items()
    ]
    return [sql.SQL(CREATE_ROLE).format(role=name), rights, *limits]


def create_statement(config: Config, dbname: str) -> sql.Composed:
    """CREATE DATABASE, owned by the owner role; C.UTF-8, so that order never depends on the machine's locale."""
    return sql.SQL(
        "CREATE DATABASE {} OWNER {} ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' TEMPLATE template0"
    ).format(sql.Identifier(dbname), sql.Identifier(owner_of(config)[0]))


def database_statements(config: Config, dbname: str) -> list[sql.Composed]:
    """What makes the database ours: settings, extensions, coordinate systems, and who may do what in it."""
    database, owner = sql.Identifier(dbname), sql.Identifier(owner_of(config)[0])
    names: dict[str, sql.Composable] = {
        "database": database,
        "owner": owner,
        "app": sql.Identifier(config.role("app")),
    }
    names["users"] = sql.SQL(", ").join(sql.Identifier(config.role(name)) for name in ("app", *AUDIENCES))
    settings = [
        sql.SQL("ALTER DATABASE {} SET {} = {}").format(database, setting_name(key), sql.Literal(value))
        for key, value in DATABASE_SETTINGS.items()
    ]
    extensions = [
        sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public").format(sql.Identifier(name))
        for name in EXTENSIONS
    ]
    grants: tuple[LiteralString, ...] = (
        "ALTER DATABASE {database} OWNER TO {owner}",
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {users}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE, CREATE ON SCHEMA public TO {owner}",
        TABLES_FOR_APP,
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}",
    )
    return [
        *settings,
        *extensions,
        *(sql.SQL(text).format(**names) for text in grants),
        *(vn2000_statement(srid) for srid in VN2000_ZONES),
    ]


def setting_name(key: str) -> sql.Composable:
    """``a.b`` as a configuration parameter: each part quoted."""
    return sql.Identifier(*key.split("."))


def vn2000_statement(srid: int) -> sql.Composed:
    """The row of spatial_ref_sys for one VN-2000 zone, from PROJ's copy of the EPSG register."""
    from pyproj import CRS

    crs = CRS.from_epsg(srid)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # a PROJ string has no room for the datum: it is added here
        parameters = crs.to_proj4()
    proj = parameters.replace("+units=m", f"{VN2000_TO_WGS84} +units=m").replace(" +type=crs", "")
    return sql.SQL(
        "INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)"
        " VALUES ({0}, 'EPSG', {0}, {1}, {2}) ON CONFLICT (srid) DO NOTHING"
    ).format(sql.Literal(srid), sql.Literal(crs.to_wkt("WKT1_GDAL")), sql.Literal(proj))


def scram_verifier(password: str, salt: bytes, iterations: int = 4096) -> str:
    """What PostgreSQL keeps of a password (RFC 5802, RFC 7677): sent so, it is in no statement log.

    ASCII only, where SASLprep changes nothing; SettingError otherwise.
    """
    if not password.isascii():
        raise SettingError("the password in HUONG_DATABASE_URL must be ASCII")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client = hmac.digest(salted, b"Client Key", "sha256")
    server = hmac.digest(salted, b"Server Key", "sha256")
    stored = hashlib.sha256(client).digest()
    salt64, stored64, server64 = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256${iterations}:{salt64}${stored64}:{server64}"
