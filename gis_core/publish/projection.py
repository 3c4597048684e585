"""What one class of audiences sees of a layer: columns, place and rows, as SQL over the layer's own table."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from gis_core.cql2 import TRUSTED, Queryable, compile_text, to_literal_sql
from gis_core.layer import AUDIENCES, Audience, DeclarationError, Field, FieldType, Layer

# Column types of PostgreSQL and the field type that filters treat them as.
FIELD_TYPES: Mapping[str, FieldType] = {
    "text": "text",
    "character varying": "text",
    "character": "text",
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "numeric": "number",
    "real": "number",
    "double precision": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamp with time zone": "datetime",
}
UNHASHABLE = frozenset({"json", "xml", "point", "polygon"})


@dataclass(frozen=True)
class Table:
    """A table as the database knows it: column -> type name (without modifiers), in order."""

    name: str
    columns: Mapping[str, str]

    @property
    def bare(self) -> str:
        """``public.reports`` -> ``reports`` for the public schema, else ``schema_table``: a name for its history."""
        schema, name = self.name.split(".")
        return name if schema == "public" else f"{schema}_{name}"


@dataclass(frozen=True)
class Projection:
    """Audiences of one layer that see the same columns, the same place and the same rows.

    ``rows`` is SQL over the layer's own table, without the caller's units; `view_predicate` has them.
    """

    layer: str
    audiences: tuple[Audience, ...]
    fields: tuple[Field, ...]
    geometry: str
    original: str | None
    rows: str
    scope: str | None
    version: str
    search: str | None

    @property
    def view_predicate(self) -> str:
        if self.scope is None:
            return self.rows
        return f'({self.rows}) and "{self.scope}" = any(huong.scope())'


def projections(layer: Layer, table: Table) -> tuple[Projection, ...]:
    """The classes of audiences of ``layer``; DeclarationError where the declaration and the table differ."""
    require_columns(layer, table)
    classes: dict[tuple[object, ...], list[Audience]] = {}
    for audience in (a for a in AUDIENCES if a in layer.audiences):
        key = (
            layer.fields_for(audience),
            layer.geometry.column_for(audience),
            layer.rows.get(audience, ""),
            layer.scope is not None and audience in layer.scope.audiences,
        )
        classes.setdefault(key, []).append(audience)
    return tuple(project(layer, table, tuple(audiences)) for audiences in classes.values())


def project(layer: Layer, table: Table, audiences: tuple[Audience, ...]) -> Projection:
    """The projection of ``layer`` that ``audiences`` share."""
    audience = audiences[0]
    fields = layer.fields_for(audience)
    geometry = layer.geometry.column_for(audience)
    exact = geometry == layer.geometry.column
    scoped = layer.scope is not None and audience in layer.scope.audiences
    return Projection(
        layer=layer.id,
        audiences=audiences,
        fields=fields,
        geometry=geometry,
        original=layer.geometry.original if exact else None,
        rows=rows_sql(layer, table, audience),
        scope=layer.scope.column if layer.scope and scoped else None,
        version=version_sql(fields, geometry, table),
        search=search_sql(fields),
    )


def rows_sql(layer: Layer, table: Table, audience: Audience) -> str:
    """The declared row predicate (CQL2 over the table's own columns) as SQL with its literals in place."""
    text = layer.rows.get(audience)
    if not text:
        return "true"
    own = {f.name: f.sql_column for f in layer.fields}
    names = {name: name for name in table.columns} | own
    queryables = {
        name: Queryable(name, FIELD_TYPES[table.columns[column]], column)
        for name, column in names.items()
        if table.columns.get(column) in FIELD_TYPES
    }
    return to_literal_sql(compile_text(text, queryables, limits=TRUSTED))


def version_sql(fields: tuple[Field, ...], geometry: str, table: Table) -> str:
    """The version of a row as one audience sees it: a 52-bit hash of exactly the values that it sees.

    A change of anything else leaves it as it is, and no counter has to be kept by whoever writes.
    """
    parts = [hashable(f.sql_column, table) for f in fields]
    parts.append(f'"{geometry}"::bytea')
    return f"(hash_record_extended(row({', '.join(parts)}), 0) & 4503599627370495)"


def hashable(column: str, table: Table) -> str:
    return f'"{column}"::text' if table.columns[column] in UNHASHABLE else f'"{column}"'


def search_sql(fields: tuple[Field, ...]) -> str | None:
    """The folded text that search reads, of the searchable fields of one audience; immutable, so it can be indexed."""
    parts = [f"coalesce(\"{f.sql_column}\"::text, '')" for f in fields if f.searchable]
    return f"huong.fold({" || ' ' || ".join(parts)})" if parts else None


def require_columns(layer: Layer, table: Table) -> None:
    """Raise DeclarationError unless every column that the declaration names is in the table."""
    places = {layer.geometry.column, *layer.geometry.coarse.values()}
    wanted = {"fid", *(f.sql_column for f in layer.fields), *places, *(f"{p}3857" for p in places)}
    if layer.scope:
        wanted.add(layer.scope.column)
    if layer.geometry.original:
        wanted.add(layer.geometry.original)
    missing = sorted(wanted - set(table.columns))
    if missing:
        raise DeclarationError(f"layer {layer.id!r}: table {table.name} has no column {', '.join(missing)}")


def short_name(prefix: str, *parts: str) -> str:
    """A name for an index or trigger that is stable and fits PostgreSQL's 63 bytes."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:10]
    return f"{prefix}_{digest}"
