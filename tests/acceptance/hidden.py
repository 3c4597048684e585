"""What an audience must not see, found in the database itself, and changes of it.

Private are all columns of a layer's table that no layer on that table shows to the audience, the rows outside its view,
and the tables that hang on the layer's (who reported, who holds, how to reach).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg
from hypothesis import strategies as st
from psycopg import sql

from gis_core.audiences import Caller
from gis_core.layer import Layer
from gis_core.registry import Published

Connection = psycopg.Connection[Any]
TRIES = 25  # values that are tried where a rule of the table refuses some

COLUMNS = """
select a.attname, format_type(a.atttypid, null), a.attgenerated <> '',
  coalesce((select array_agg(other.attname::text) from pg_depend d
            join pg_attribute other on other.attrelid = d.refobjid and other.attnum = d.refobjsubid
            where d.classid = 'pg_attrdef'::regclass and d.objid = def.oid and d.refobjid = a.attrelid
              and d.refobjsubid <> a.attnum), '{}')
from pg_attribute a left join pg_attrdef def on def.adrelid = a.attrelid and def.adnum = a.attnum
where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
HANGING = """
select c.conrelid::regclass::text,
  (select attname from pg_attribute where attrelid = c.conrelid and attnum = c.conkey[1])
from pg_constraint c where c.contype = 'f' and c.confrelid = %s::regclass
"""


@dataclass(frozen=True)
class Column:
    """``made_of``: the columns that a generated one is computed from."""

    name: str
    type: str
    generated: bool
    made_of: frozenset[str]


def columns_of(owner: Connection, table: str) -> dict[str, Column]:
    rows = owner.execute(COLUMNS, [table]).fetchall()
    return {name: Column(name, type_, generated, frozenset(of)) for name, type_, generated, of in rows}


def hanging_tables(owner: Connection, table: str) -> list[tuple[str, str]]:
    """The tables that refer to ``table``, each with its referring column."""
    return owner.execute(HANGING, [table]).fetchall()


def visible_columns(layers: Sequence[Layer], caller: Caller) -> set[str]:
    """Columns that some layer of one table shows to the caller, or that choose its rows by their value."""
    seen: set[str] = {"fid"}
    for layer in layers:
        if not caller.sees(layer):
            continue
        place = layer.geometry.column_for(caller.audience)
        seen |= {f.sql_column for f in layer.fields_for(caller.audience)} | {place, f"{place}3857"}
        if layer.geometry.original and place == layer.geometry.column:
            seen.add(layer.geometry.original)
    return seen


def deciding_columns(layers: Sequence[Layer], caller: Caller) -> set[str]:
    """Columns whose value decides whether the caller sees a row: its row predicate's, its scope's."""
    named = {
        word for layer in layers for word in re.findall(r"[a-z_0-9]+", layer.rows.get(caller.audience, ""))
    }
    return named | {layer.scope.column for layer in layers if layer.scope and caller.is_scoped_in(layer)}


def value_of(column: Column) -> st.SearchStrategy[Any]:
    """New values; those of moments and places are steps, since the public may be told the day or the cell of one."""
    kind = column.type
    if kind in ("text", "character varying"):
        return st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
    if kind in ("smallint", "integer", "bigint"):
        return st.integers(1, 5)
    if kind in ("double precision", "numeric", "real"):
        return st.floats(0.5, 90, allow_nan=False).map(lambda number: round(number, 1))
    if kind == "boolean":
        return st.booleans()
    if kind == "date":
        return st.dates(date(2000, 1, 1), date(2030, 1, 1))
    if kind.startswith("timestamp"):
        return st.integers(-40_000, 40_000).map(lambda seconds: timedelta(seconds=seconds, microseconds=1))
    if kind == "geometry":
        return st.tuples(st.floats(1e-7, 1e-5), st.floats(1e-7, 1e-5))
    return st.nothing()


def seen_somewhere(owner: Connection, layers: Sequence[Layer], caller: Caller) -> list[int]:
    """The rows that the caller sees in some layer of the table; every row where he sees none."""
    seen = {fid for layer in layers if caller.sees(layer) for fid in seen_rows(owner, layer, caller)}
    return sorted(seen) or hidden_rows(owner, layers, caller)


def expression(column: Column, value: Any) -> tuple[sql.Composable, list[Any]]:
    """SQL of the new value and its parameters."""
    name = sql.Identifier(column.name)
    if isinstance(value, timedelta):
        return sql.SQL("coalesce({}, now()) + %s").format(name), [value]
    if column.type == "geometry":
        return sql.SQL("st_translate({}, %s, %s)").format(name), list(value)
    if column.type == "boolean":
        return sql.SQL("{} is distinct from true").format(name), []
    return sql.SQL("%s"), [value]


def qualified(table: str) -> sql.Composable:
    return sql.SQL(".").join(sql.Identifier(part) for part in table.split("."))


@dataclass(frozen=True)
class Step:
    """One change that is to be tried: the row (by its place among those that qualify) and the value."""

    row: int
    value: Any


def steps(column: Column) -> st.SearchStrategy[list[Step]]:
    return st.lists(st.builds(Step, st.integers(0, 10_000), value_of(column)), min_size=TRIES, max_size=TRIES)


def change_column(
    owner: Connection, table: str, column: Column, rows: Sequence[int], tries: list[Step]
) -> bool:
    """Change one row's ``column`` in a way that leaves every generated column as it is; whether a try succeeded.

    A public column may be computed from a private one (the day of a moment, the cell of a place): then the private one
    may vary within it, and no further.
    """
    computed = [c.name for c in columns_of(owner, table).values() if column.name in c.made_of]
    computed = [name for name in computed if name != f"{column.name}3857"]
    kept = sql.SQL(", ").join([sql.Identifier(name) for name in computed] or [sql.SQL("1")])
    for further in range(max(TRIES, len(rows))):
        step = tries[further % len(tries)]
        fid = rows[(step.row + further) % len(rows)]
        new, values = expression(column, step.value)
        names = {"table": qualified(table), "column": sql.Identifier(column.name), "new": new, "kept": kept}
        here = sql.SQL("select {column}::text, {kept} from {table} where fid = %s").format(**names)
        try:
            with owner.transaction() as change:
                before = owner.execute(here, [fid]).fetchone()
                statement = sql.SQL("update {table} set {column} = {new} where fid = %s").format(**names)
                owner.execute(statement, [*values, fid])
                after = owner.execute(here, [fid]).fetchone()
                assert before is not None and after is not None
                if before[0] == after[0] or before[1:] != after[1:]:
                    raise psycopg.Rollback(change)
        except (psycopg.errors.IntegrityError, psycopg.errors.DataError):
            continue
        if before[0] != after[0] and before[1:] == after[1:]:
            return True
    return False


def seen_rows(owner: Connection, layer: Layer, caller: Caller) -> list[int]:
    owner.execute("select set_config('huong.scope', %s, false)", [caller.scope])
    view = sql.Identifier(caller.audience, layer.id)
    return [
        row[0] for row in owner.execute(sql.SQL("select fid from {} order by fid").format(view)).fetchall()
    ]


def hidden_rows(owner: Connection, layers: Sequence[Layer], caller: Caller) -> list[int]:
    """Rows of the layers' table that the caller sees in none of them."""
    shown: set[int] = set()
    for layer in layers:
        if caller.sees(layer):
            shown |= set(seen_rows(owner, layer, caller))
    table = qualified(layers[0].table)
    everything = owner.execute(sql.SQL("select fid from {} order by fid").format(table)).fetchall()
    return [row[0] for row in everything if row[0] not in shown]


def sharing(catalogue: Mapping[str, Published], layer: Layer) -> list[Layer]:
    """The layers made from the same table."""
    return [p.layer for p in catalogue.values() if p.layer.table == layer.table]


def settable(columns: Mapping[str, Column]) -> Iterator[Column]:
    """Columns that hold data of their own."""
    for column in columns.values():
        twin = column.name.endswith("3857")
        if (
            column.name not in ("fid", "id")
            and not column.generated
            and not twin
            and not value_of(column).is_empty
        ):
            yield column


def change_all(
    owner: Connection, table: str, columns: Sequence[Column], rows: Sequence[int], key: str, word: str
) -> None:
    """Give ``columns`` of all ``rows`` (by ``key``) other values, each column that its rules let."""
    for column in columns:
        new, values = other_value(column, word)
        statement = sql.SQL("update {} set {} = {} where {} = any(%s)").format(
            qualified(table), sql.Identifier(column.name), new, sql.Identifier(key)
        )
        try:
            with owner.transaction():
                owner.execute(statement, [*values, list(rows)])
        except (psycopg.errors.IntegrityError, psycopg.errors.DataError):
            continue


def other_value(column: Column, word: str) -> tuple[sql.Composable, list[Any]]:
    name = sql.Identifier(column.name)
    if column.type in ("text", "character varying"):
        return sql.SQL("left(%s || {}, 8)").format(name), [word]
    if column.type == "boolean":
        return sql.SQL("not {}").format(name), []
    if column.type == "geometry":
        return sql.SQL("st_translate({}, 0.31, 0.17)").format(name), []
    if column.type == "date":
        return sql.SQL("coalesce({}, current_date) - 9000").format(name), []
    if column.type.startswith("timestamp"):
        return sql.SQL("coalesce({}, now()) - interval '9000 days'").format(name), []
    return sql.SQL("coalesce({}, 1) + 1").format(name), []


def words_in(owner: Connection, layer: Layer, fids: Sequence[int]) -> tuple[str, ...]:
    """Texts that stand in rows, wherever: what somebody could search for to learn whether they are there."""
    texts = [f.sql_column for f in layer.fields if f.type == "text" and not f.codes]
    statement = sql.SQL("select {} from {} where fid = any(%s) order by fid").format(
        sql.SQL(", ").join(map(sql.Identifier, texts)) if texts else sql.SQL("''"), qualified(layer.table)
    )
    found = [str(v) for row in owner.execute(statement, [list(fids)]).fetchall() for v in row if v]
    return tuple(dict.fromkeys(text[:60] for text in found))[:4]


def spots_of(owner: Connection, layer: Layer, fids: Sequence[int]) -> tuple[tuple[float, float], ...]:
    """Longitude and latitude of a point on each of the features that has a place."""
    statement = sql.SQL(
        "select st_x(p), st_y(p) from (select fid, st_pointonsurface({}) p from {} where fid = any(%s)) q"
        " where not st_isempty(p) order by fid"
    ).format(sql.Identifier(layer.geometry.column), qualified(layer.table))
    return tuple(owner.execute(statement, [list(fids)]).fetchall())
