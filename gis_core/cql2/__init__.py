"""CQL2, the one language that selects features: API filters, row predicates, rules, alarms and exports.

A filter, as text or as JSON, is measured, parsed, and compiled to a boolean SQL expression with bound parameters over
an allow-list of properties. Any fault is a `Problem` 400 on ``filter``. Functions of `FUNCTIONS_SQL` must exist in the
database. Standard: OGC 21-065r2.

    predicate = compile_text("ACCENTI(name) LIKE ACCENTI('duong%')", queryables)
    cursor.execute(f'select fid from citizen.roads where {predicate.sql}', predicate.params)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cql2

from gis_core.cql2 import faults, lexer
from gis_core.cql2.compiler import Compiler, Queryable
from gis_core.cql2.limits import PUBLIC, TRUSTED, Limits
from gis_core.cql2.nodes import Node
from gis_core.cql2.reader import Reader, measure
from gis_core.cql2.sql import Sql, inlined
from gis_core.crs import CRS84, Crs
from gis_core.words import Text, nfc

__all__ = [
    "CONFORMANCE",
    "FUNCTIONS_SQL",
    "PUBLIC",
    "TRUSTED",
    "Limits",
    "Predicate",
    "Queryable",
    "compile_json",
    "compile_text",
    "compile_tree",
    "to_literal_sql",
]

FUNCTIONS_SQL: str = Path(__file__).with_name("functions.sql").read_text(encoding="utf-8")
"""DDL of ``huong.fold_accents``, ``huong.fold_case`` and ``huong.fold``; may be run again."""

_CLASS = "http://www.opengis.net/spec/cql2/1.0/conf/"
CONFORMANCE: tuple[str, ...] = (
    _CLASS + "cql2-text",
    _CLASS + "cql2-json",
    _CLASS + "basic-cql2",
    _CLASS + "advanced-comparison-operators",
    _CLASS + "case-insensitive-comparison",
    _CLASS + "accent-insensitive-comparison",
    _CLASS + "basic-spatial-functions",
    _CLASS + "basic-spatial-functions-plus",
    _CLASS + "spatial-functions",
    _CLASS + "temporal-functions",
    _CLASS + "property-property",
    # What the drafts called basic-spatial-functions: older QGIS sends spatial filters only to who declares it.
    _CLASS + "basic-spatial-operators",
)
"""The conformance classes of CQL2 that are implemented in full. Not: functions, arithmetic, array-functions."""


@dataclass(frozen=True)
class Predicate:
    """A boolean SQL expression for psycopg (``%s`` placeholders) and the public names of the properties in it."""

    sql: str
    params: tuple[object, ...]
    properties: frozenset[str]


def compile_text(
    text: str,
    queryables: Mapping[str, Queryable],
    *,
    filter_crs: Crs = CRS84,
    limits: Limits = PUBLIC,
    alias: str | None = None,
) -> Predicate:
    """Compile CQL2 text.

    ``queryables`` are the only properties that exist, by public name. Coordinates are in ``filter_crs`` with the
    authority's axis order. ``alias`` qualifies the columns. Raises Problem 400.
    """
    if len(text) > limits.length:
        raise faults.too_large(Text("số ký tự", "characters"), limits.length)
    prepared = lexer.prepare(nfc(text), limits)
    document = _parse(prepared)
    return _compile(Reader(limits, prepared.literals).read(document), queryables, filter_crs, alias)


def compile_json(
    document: object,
    queryables: Mapping[str, Queryable],
    *,
    filter_crs: Crs = CRS84,
    limits: Limits = PUBLIC,
    alias: str | None = None,
) -> Predicate:
    """Compile CQL2 JSON, given as decoded JSON; otherwise as `compile_text`."""
    measure(document, limits)
    return _compile(Reader(limits).read(document), queryables, filter_crs, alias)


def compile_tree(
    tree: Node, queryables: Mapping[str, Queryable], *, filter_crs: Crs = CRS84, alias: str | None = None
) -> Predicate:
    """Compile a filter that another reader made into `gis_core.cql2.nodes` (a filter in XML), and has measured."""
    return _compile(tree, queryables, filter_crs, alias)


def to_literal_sql(predicate: Predicate) -> str:
    """The expression with its parameters written in as SQL literals, for DDL, where none can be bound."""
    return inlined(Sql(predicate.sql, predicate.params))


def _compile(
    tree: Node, queryables: Mapping[str, Queryable], filter_crs: Crs, alias: str | None
) -> Predicate:
    compiler = Compiler(queryables, filter_crs, alias)
    compiled = compiler.predicate(tree)
    return Predicate(compiled.text, compiled.params, frozenset(compiler.properties))


def _parse(prepared: lexer.Prepared) -> object:
    try:
        return cql2.Expr(prepared.text).to_json()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        found = re.search(r"--> (\d+):(\d+)", str(error))
        if found is None:
            raise faults.syntax("không đọc được", "it cannot be read") from None
        line, column = int(found[1]), int(found[2])
        lines = prepared.text.split("\n")
        at = prepared.position(sum(len(before) + 1 for before in lines[: line - 1]) + column - 1)
        raise faults.syntax(
            f"không đọc được từ ký tự {at}", f"it cannot be read from character {at}"
        ) from None
