"""A table of awkward rows in a database of its own, and the filters run over it."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from gis_core.cql2 import FUNCTIONS_SQL, Predicate, Queryable

COLUMNS: dict[str, tuple[str, str]] = {
    # property: (type of the queryable, column of the table)
    "name": ("text", "name"),
    "code": ("text", "code"),
    "pop": ("integer", "pop"),
    "area": ("number", "area"),
    "price": ("number", "price"),
    "flag": ("boolean", "flag"),
    "built": ("date", "built"),
    "renovated": ("date", "renovated"),
    "seen": ("datetime", "seen"),
    "gone": ("datetime", "gone"),
    "geom": ("geometry", "geom"),
    "tên": ("text", 'lạ%s "cột"'),
}
QUERYABLES = {name: Queryable(name, kind, column) for name, (kind, column) in COLUMNS.items()}  # type: ignore[arg-type]

DDL = '''
create table awkward (
  fid integer primary key, name text, code varchar(20), pop bigint, area double precision, price numeric,
  flag boolean, built date, renovated date, seen timestamptz, gone timestamptz, geom geometry(Geometry, 4326),
  "lạ%s ""cột""" text, secret text default 'mật'
)
'''
SQUARE = "POLYGON((107 16,108 16,108 17,107 17,107 16))"
ROWS: list[tuple[Any, ...]] = [
    (1, "Đường Huế", "A1", 10, 1.5, "0.1", True, "2020-01-01", "2021-06-30", "2020-01-01T00:00:00+07", "2020-06-01T00:00:00Z", "POINT(107.5 16.5)", "x"),  # noqa: E501
    (2, unicodedata.normalize("NFD", "Đường Huế"), "A2", -10, -1.5, "0.2", False, "2020-01-02", "2020-01-02", "2020-01-01T23:59:59.999999+07", "2021-01-01T00:00:00Z", "POINT(109 16.5)", "y"),  # noqa: E501
    (3, "O'Brien 100% \\ x", "B1", 0, 0.0, "0", None, "2020-12-31", None, "2020-01-02T00:00:00+07", None, SQUARE, "it's"),  # noqa: E501
    (4, "duong  hue", "B_1", 2**53, 1e300, "1e30", True, "1999-12-31", "2000-01-01", "1999-12-31T17:00:00Z", "2000-01-01T00:00:00Z", "LINESTRING(106 16.5,109 16.5)", None),  # noqa: E501
    (5, None, None, None, None, None, None, None, None, None, None, None, None),
    (6, "ĐƯỜNG HUẾ", "b1", 2**53 + 1, 9007199254740992.0, "9007199254740993", False, "9999-12-31", "9999-12-31", "9999-12-31T00:00:00Z", "9999-12-31T00:00:00Z", "POLYGON((108 16,109 16,109 17,108 17,108 16))", "%"),  # noqa: E501
    (7, "Straße", "S%", 2**63 - 1, 3.14, "3.14", True, "0001-01-01", "0001-01-01", "0001-01-02T00:00:00Z", "0001-01-03T00:00:00Z", "POINT(179.9 0)", ""),  # noqa: E501
    (8, "STRASSE", "", -(2**63), -0.0, "-3.14", False, "2020-01-01", "2020-01-01", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "POINT(-179.9 0)", "Z"),  # noqa: E501
    (9, "tab\tnew\nline 🎉", "🎉", 1, 1e-300, "1", True, "2020-02-29", "2020-03-01", "2020-02-29T12:00:00.5Z", "2020-03-01T00:00:00Z", SQUARE, "a_b"),  # noqa: E501
]  # fmt: skip

Find = Callable[[Predicate], set[int]]


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> str:
    """The tests' own cluster; without its plugin HUONG_DATABASE_URL, whose role may create databases and extensions."""
    if request.config.pluginmanager.hasplugin("tests.city_plugin"):
        from tests.city_plugin import SUPERUSER

        return SUPERUSER
    url = os.environ.get("HUONG_DATABASE_URL")
    if not url:
        pytest.skip("HUONG_DATABASE_URL is not set: no PostGIS to run filters on")
    return url


@pytest.fixture(scope="session")
def database(server: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a new database with the rows, the text functions and nothing else; dropped at the end."""
    name = f"cql2_test_{os.getpid()}"
    create = "create database {} template template0 encoding 'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL(create).format(sql.Identifier(name)))
        try:
            with psycopg.connect(server, dbname=name, autocommit=True) as connection:
                fill(connection)
                yield connection
        finally:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def fill(connection: psycopg.Connection[Any]) -> None:
    connection.execute("create extension postgis")
    connection.execute(FUNCTIONS_SQL.encode())
    connection.execute(FUNCTIONS_SQL.encode())  # the migration may run again
    connection.execute(DDL.encode())
    insert = f"insert into awkward values ({','.join(['%s'] * 11)}, st_geomfromtext(%s, 4326), %s)"
    connection.cursor().executemany(insert.encode(), ROWS)


@pytest.fixture
def find(database: psycopg.Connection[Any]) -> Find:
    """The fids that a predicate selects."""

    def run(predicate: Predicate) -> set[int]:
        query = f"select fid from awkward where {predicate.sql}"
        return {fid for (fid,) in database.execute(query.encode(), predicate.params)}

    return run
