"""What an expression means: the same in Python, in SQL and in MapLibre itself.

`evaluate` is what every renderer is tested against, so it is tested against the two that can be asked directly: the
database, which computes Mapnik's columns, and the expressions of MapLibre's own package.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis_core.config import ROOT, Config
from gis_core.layer import FieldType
from gis_core.runtime.frontend import node_program
from gis_core.styles.colours import Colour
from gis_core.styles.errors import StyleError
from gis_core.styles.evaluation import evaluate
from gis_core.styles.maplibre import expression_json
from gis_core.styles.nodes import Expr
from gis_core.styles.properties import PROPERTIES, Property
from gis_core.styles.reader import Reader, read_property
from gis_core.styles.sql import Writer
from tests.gis_core.styles import expressions as random

FULL = os.environ.get("HUONG_TEST_FULL") == "1"
SPECIFICATION = ROOT / "web" / "node_modules" / "@maplibre" / "maplibre-gl-style-spec" / "dist" / "index.mjs"
KINDS: dict[str, tuple[Property | None, Any]] = {
    "number": (
        Property(group="paint", kind="number", default=1.0, feature=True, low=-1e9, high=1e9),
        random.numbers(3),
    ),
    "text": (Property(group="layout", kind="text", default="", feature=True), random.texts(3)),
    "colour": (PROPERTIES["fill"]["fill-color"], random.colours()),
    "boolean": (None, random.conditions(3)),
}


def parsed(kind: str, expression: Any) -> Expr:
    given_property = KINDS[kind][0]
    if given_property is None:
        return Reader(None).read(expression, "test")
    return read_property(expression, given_property, "test")


def same(kind: str, one: Any, other: Any) -> bool:
    """Whether two results are the same: colours within rounding, numbers within floating point."""
    if one is None or other is None:
        return one is None and other is None
    if kind == "colour":
        first, second = Colour.parse(one), Colour.parse(other)
        near = all(abs(a - b) <= 1 for a, b in zip(first[:3], second[:3], strict=True))
        return abs(first.alpha - second.alpha) < 0.005 and (near or first.alpha < 0.01)
    if kind == "number":
        return abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other))
    return bool(one == other)


# SQL --------------------------------------------------------------------------------------------------------------


class Table:
    """The rows of one example, asked by SQL."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def values(self, texts: Sequence[str], rows: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
        """The value of each SQL text for each row."""
        columns = (
            "kind text, name text, n float8, m float8, exact numeric, count bigint, flag boolean, fid int"
        )
        data = json.dumps([{**row, "fid": at} for at, row in enumerate(rows)])
        asked = f"select {', '.join(texts)} from jsonb_to_recordset(%s::jsonb) as t({columns}) order by fid"
        return self._connection.execute(asked.replace("%", "%%").replace("%%s", "%s", 1), [data]).fetchall()


@pytest.fixture(scope="module")
def table(_database_of_module: None) -> Any:
    with psycopg.connect(**Config.from_env().connection("owner"), autocommit=True) as connection:  # type: ignore[arg-type]
        yield Table(connection)


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=1000 if FULL else 150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_sql_computes_what_evaluate_says(city: Config, table: Table, kind: str, data: st.DataObject) -> None:
    """Fails where a picture by Mapnik would show another colour, size or text than the style means."""
    expr = parsed(kind, data.draw(KINDS[kind][1]))
    found = data.draw(st.lists(random.rows(), min_size=1, max_size=6))
    writer = Writer(random.FIELDS)
    text = writer.condition(expr) if kind == "boolean" else writer.write(expr).sql
    for row, (value,) in zip(found, table.values([text], found), strict=True):
        wanted = evaluate(expr, row)
        wanted = (wanted is True) if kind == "boolean" else wanted
        assert same(kind, value, wanted), f"{value!r} for {wanted!r}: {text} with {row}"


WILD_FIELDS: dict[str, FieldType] = {**random.FIELDS, "exact": "number"}


def as_doubles(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its numbers as doubles, which is what a vector tile holds."""
    return {
        name: float(value) if WILD_FIELDS[name] in ("number", "integer") else value
        for name, value in row.items()
    }


def not_refused(expression: Any) -> bool:
    """Whether a style may have it: a comparison of two constants it may not."""
    try:
        Reader(None).read(expression, "test")
    except StyleError:
        return False
    return True


@settings(
    max_examples=3000 if FULL else 300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(random.wild_numbers(3).filter(not_refused), st.lists(random.wild_rows(), min_size=1, max_size=6))
def test_no_data_makes_sql_fail(
    city: Config, table: Table, expression: Any, found: list[dict[str, Any]]
) -> None:
    """Fails where one feature with an absurd number would leave all others undrawn: PostgreSQL raises an error where a
    double overflows, and where it underflows."""
    expr = Reader(None).read(expression, "test")
    text = Writer(WILD_FIELDS).write(expr).sql
    for row, (value,) in zip(found, table.values([text], found), strict=True):
        wanted = evaluate(expr, as_doubles(row))
        assert value == wanted, f"{value!r} for {wanted!r}: {text} with {row}"


@settings(
    max_examples=1000 if FULL else 150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
@pytest.mark.parametrize("kind", KINDS)
def test_no_data_makes_sql_of_any_kind_fail(
    city: Config, table: Table, kind: str, data: st.DataObject
) -> None:
    """The same of texts, colours, conditions and exponential curves."""
    expr = parsed(kind, data.draw(KINDS[kind][1]))
    found = data.draw(st.lists(random.wild_rows(), min_size=1, max_size=6))
    writer = Writer(WILD_FIELDS)
    table.values([writer.condition(expr) if kind == "boolean" else writer.write(expr).sql], found)
    for row in found:
        evaluate(expr, as_doubles(row))


def test_what_is_nested_stays_short() -> None:
    """Would fail if each level were written as often as its formula speaks of it: a style of 1 kB as SQL of many MB."""
    number: Any = ["get", "n"]
    text: Any = ["get", "kind"]
    for _ in range(7):
        number = ["interpolate", ["linear"], number, 0, ["*", ["get", "m"], 2], 1, 5, 7, ["get", "count"]]
        text = ["to-string", ["to-number", text]]
    for expression in (number, text):
        assert len(Writer(random.FIELDS).write(Reader(None).read(expression, "test")).sql) < 20_000


def test_a_field_that_is_not_there_is_null(city: Config, table: Table) -> None:
    """A style speaks of a field that the view does not have: nothing of it may reach the SQL."""
    expr = parsed("text", ["coalesce", ["get", "holder"], "none"])
    written = Writer(random.FIELDS).write(expr).sql
    assert "holder" not in written
    assert table.values([written], [{}]) == [("none",)]


# MapLibre ---------------------------------------------------------------------------------------------------------

ASK_MAPLIBRE = """
import { createExpression } from %(package)s;
import { createInterface } from "node:readline";
console.warn = () => {};
const types = {
  number: { type: "number" }, text: { type: "string" }, colour: { type: "color" }, boolean: { type: "boolean" },
};
const written = (kind, value) => {
  if (kind !== "colour" || value === null) return value;
  const [r, g, b, a] = value.rgb;
  return `rgba(${[r, g, b].map((part) => Math.round(part * 255)).join(",")},${a.toFixed(4)})`;
};
const answer = ({ kind, expression, rows }) => {
  const spec = { ...types[kind], "property-type": "data-driven",
                 expression: { interpolated: true, parameters: ["zoom", "feature"] } };
  const made = createExpression(expression, "test", spec);
  if (made.result === "error") return { error: made.value.map(String) };
  const value = (properties) => written(kind, made.value.evaluate({ zoom: 10 }, { type: 3, properties }));
  return { values: rows.map(value) };
};
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line))));
}
"""


class MapLibre:
    """The expressions of MapLibre's package, in a process of their own."""

    def __init__(self) -> None:
        script = ASK_MAPLIBRE % {"package": json.dumps(SPECIFICATION.as_uri())}
        self._process = subprocess.Popen(
            [str(node_program()), "--input-type=module", "-e", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def values(self, kind: str, expression: Any, rows: Sequence[dict[str, Any]]) -> list[Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        print(
            json.dumps({"kind": kind, "expression": expression, "rows": rows}),
            file=self._process.stdin,
            flush=True,
        )
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, f"{answer['error']}: {json.dumps(expression)}"
        values: list[Any] = answer["values"]
        return values

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def maplibre() -> Iterator[MapLibre]:
    if not SPECIFICATION.exists():
        pytest.skip("the front end's packages are not installed (script/server)")
    asked = MapLibre()
    yield asked
    asked.stop()


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=2000 if FULL else 200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_maplibre_gives_what_evaluate_says(maplibre: MapLibre, kind: str, data: st.DataObject) -> None:
    """Fails where a browser would show another colour, size or text than Mapnik and QGIS."""
    expr = parsed(kind, data.draw(KINDS[kind][1]))
    found = data.draw(st.lists(random.rows(), min_size=1, max_size=6))
    written = expression_json(expr)
    for row, value in zip(found, maplibre.values(kind, written, found), strict=True):
        wanted = evaluate(expr, row)
        if kind == "text":  # a text that is null is not written, nor is an empty one
            value, wanted = value or "", wanted or ""
        assert same(kind, value, wanted), f"MapLibre {value!r}, here {wanted!r}: {written} with {row}"
