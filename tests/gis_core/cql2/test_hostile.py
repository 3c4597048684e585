"""Filters from strangers: each ends as a Problem 400 or selects rows, none as an error of PostgreSQL or our death."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from typing import Any

import psycopg
import pytest

from gis_core.cql2 import PUBLIC, Predicate, compile_json, compile_text, to_literal_sql
from gis_core.crs import EPSG9214
from gis_core.problems import Problem
from tests.gis_core.cql2.conftest import QUERYABLES, Find

PAYLOADS = [
    "' OR 1=1 --", "a' OR '1'='1", "'; DROP TABLE awkward; --", "') OR TRUE --", "''", "'", "\"", "\\",
    "\\'", "\\\\'",
    "%s", "%(x)s", "%%", "%", "%b", "$1", "$$", "$a$x$a$", ":x", "?", "{}", "{0}", "\0", "\x01", "\x7f",
    "\ud800",
    "\udfff\ud800", "\uffff", "\u202e", "\u2028", "\n--", "/*", "*/", "/* */ --", "#0", "#1", "secret",
    "fid", "ctid",
    "pg_sleep(10)", "(select 1)", "awkward.secret", "a.secret", "public.awkward", "current_user",
    "CURRENT_DATE", "NULL",
    "E'\\x27'", "U&'\\0027'", "x' UNION SELECT secret FROM awkward --", "1; select pg_sleep(10)", "1/0",
    "1e400", "-1e400",
    "0x41", "NaN", "Infinity", "-infinity", "1e-400", "99999999999999999999999999", "١٢٣", "½", "1_000",
    "..", "POINT(0 0)",
    "'::text", "x::int", "cast(1 as text)", "\\u0027", "%27", "＇", "ʼ", "％", "＼", "﹨", "＿", "_", "[a-z]",
    "(?i)", "^(a+)+$",
    "🎉" * 20, "a" * 300, "%" * 60, "_" * 60, "\\" * 61, "\\%", "\\_", "x\\", "a\tb", "a\nb", "a\rb",
    "\ufeff", "e\u0301" * 30,
]  # fmt: skip

TEXT_PLACES = [
    "name = {q}", "{q} = name", "name LIKE {q}", "CASEI(name) LIKE CASEI({q})",
    "ACCENTI(name) LIKE ACCENTI({q})",
    "name IN ('a', {q})", "name BETWEEN {q} AND 'z'", "ACCENTI(CASEI({q})) = name", "{q} LIKE 'a%'",
    "{q} IS NULL",
    "pop = {q}", "flag = {q}", "built = {q}", "seen = {q}", "built = DATE({q})", "seen > TIMESTAMP({q})",
    "T_INTERSECTS(seen, INTERVAL({q}, '..'))", "T_AFTER(seen, {q})", "S_INTERSECTS(geom, {q})",
    "pop = {p}", "pop IN (1, {p})", "pop BETWEEN {p} AND 5", "{p} = 1", "{p}", "NOT {p}", "\"{p}\" = 1",
    "\"{p}\" LIKE 'a'",
    "{p}(name) = 'x'", "S_INTERSECTS(geom, POINT({p} 1))", "S_INTERSECTS(geom, BBOX({p},1,2,3))",
    "S_INTERSECTS({p}, POINT(1 2))",
    "S_INTERSECTS(geom, POLYGON(({p})))", "built = DATE('{p}')", "name = '{p}'", "name = 'x' {p}",
    "{p} name = 'x'",
    "name IN ({p})", "name IS {p} NULL", "T_AFTER({p}, DATE('2020-01-01'))",
]  # fmt: skip


def quoted(payload: str) -> str:
    return "'" + payload.replace("'", "''") + "'"


def harmless(predicate: Predicate, database: psycopg.Connection[Any]) -> None:
    """Runs the filter bound and written in; a psycopg error fails the test, and the private column is not in it."""
    assert "secret" not in predicate.sql
    query = f"select count(*) from awkward where {predicate.sql}"
    bound = database.execute(query.encode(), predicate.params).fetchone()
    written = database.execute(
        f"select count(*) from awkward where {to_literal_sql(predicate)}".encode()
    ).fetchone()
    assert bound == written
    assert database.execute("select count(*) from awkward").fetchone() == (9,)


@pytest.mark.parametrize("place", TEXT_PLACES)
def test_payloads_in_text(place: str, database: psycopg.Connection[Any]) -> None:
    """About 3,500 texts: every payload in every position."""
    for payload in PAYLOADS:
        try:
            predicate = compile_text(place.format(q=quoted(payload), p=payload), QUERYABLES)
        except Problem as problem:
            refusal(problem)
        else:
            harmless(predicate, database)


def refusal(problem: Problem) -> None:
    assert problem.status == 400
    assert problem.parameter == "filter"
    for language in ("vi", "en"):
        json.dumps(problem.document(language), ensure_ascii=False)
        assert len(problem.document(language)["detail"]) < 400


def json_places(payload: Any) -> list[Any]:
    name, geom = {"property": "name"}, {"property": "geom"}
    return [
        payload,
        {"op": "=", "args": [name, payload]},
        {"op": "=", "args": [{"property": "pop"}, payload]},
        {"op": "=", "args": [{"property": "built"}, payload]},
        {"op": "=", "args": [{"property": payload}, 1]},
        {"op": payload, "args": [name, "x"]},
        {"op": "=", "args": payload},
        {"op": "like", "args": [name, payload]},
        {"op": "like", "args": [{"op": "accenti", "args": [name]}, {"op": "accenti", "args": [payload]}]},
        {"op": "in", "args": [name, [payload, "x"]]},
        {"op": "in", "args": [name, payload]},
        {"op": "not", "args": [payload]},
        {"op": "and", "args": [payload, True]},
        {"op": "isNull", "args": [payload]},
        {"op": "=", "args": [{"property": "seen"}, {"timestamp": payload}]},
        {"op": "=", "args": [{"property": "built"}, {"date": payload}]},
        {"op": "t_intersects", "args": [{"property": "seen"}, {"interval": [payload, ".."]}]},
        {"op": "t_intersects", "args": [{"property": "seen"}, {"interval": payload}]},
        {"op": "s_intersects", "args": [geom, payload]},
        {"op": "s_intersects", "args": [geom, {"bbox": [payload, 1, 2, 3]}]},
        {"op": "s_intersects", "args": [geom, {"bbox": payload}]},
        {"op": "s_intersects", "args": [geom, {"type": "Point", "coordinates": payload}]},
        {"op": "s_intersects", "args": [geom, {"type": "Point", "coordinates": [payload, 1]}]},
        {"op": "s_intersects", "args": [geom, {"type": "Polygon", "coordinates": [payload]}]},
        {"op": "s_intersects", "args": [geom, {"type": payload, "coordinates": [1, 1]}]},
        {"op": "s_intersects", "args": [geom, {"type": "GeometryCollection", "geometries": [payload]}]},
        {"function": {"name": payload, "args": [payload]}},
        {"casei": payload},
    ]


ODD_VALUES: list[Any] = [
    None, True, [], {}, [[]], [{}], {"op": "="}, {"op": None, "args": []}, {"args": []}, {"property": None},
    {"property": {}},
    10**400, -(10**5000), 1e308, float("inf"), float("nan"), 5e-324, -0.0, [1, 2], [1, "2"],
    [[0, 0], [1, 1], [0, 0]],
    [[0, 0], [1, 1], [2, 2], [0, 0]], [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]], [1e400, 0], [180.1, 0],
    {"bbox": []},
    {"date": "2020-01-01"}, {"interval": []}, {"type": "Point"}, {"type": "Feature"},
    {"type": "Point", "coordinates": [[[]]]},
    b"bytes", (1, 2), object(),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(json_places(""))))
def test_payloads_in_json(number: int, database: psycopg.Connection[Any]) -> None:
    """About 3,400 documents: every payload and every odd value in every position."""
    for payload in itertools.chain(PAYLOADS, ODD_VALUES):
        try:
            predicate = compile_json(json_places(payload)[number], QUERYABLES)
        except Problem as problem:
            refusal(problem)
        else:
            harmless(predicate, database)


def code_of(text: str, **options: Any) -> str:
    with pytest.raises(Problem) as caught:
        compile_text(text, QUERYABLES, **options)
    refusal(caught.value)
    return caught.value.code


def test_private_and_missing_properties_answer_alike() -> None:
    """Any difference would tell a stranger which private columns exist."""
    answers = []
    for name in ("secret", "nosuch", "SECRET", "ctid"):
        with pytest.raises(Problem) as caught:
            compile_text(f"{name} = 1", QUERYABLES)
        answers.append(json.dumps(caught.value.document("vi")).replace(name, "?"))
    assert len(set(answers)) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "filter-syntax"),
        ("   ", "filter-syntax"),
        ("name = 'x", "filter-syntax"),
        ('"name = 1', "filter-syntax"),
        ("(pop = 1", "filter-syntax"),
        ("pop = 1)", "filter-syntax"),
        ("pop == 1", "filter-syntax"),
        ("pop = 1 AND", "filter-syntax"),
        ("pop IN ()", "filter-syntax"),
        ("pop = 1; select 1", "filter-syntax"),
        ("name LIKE code", "filter-syntax"),
        ("CASEI(name, code) = 'x'", "filter-syntax"),
        ("S_INTERSECTS(geom)", "filter-syntax"),
        ("name = NULL", "filter-null"),
        ("name IN ('a', NULL)", "filter-null"),
        ("nosuch = 1", "filter-unknown-property"),
        ('"#0" = 1', "filter-unknown-property"),
        ("upper(name) = 'X'", "filter-unknown-function"),
        ("S_DWITHIN(geom, POINT(1 2), 10, meters)", "filter-unknown-function"),
        ("A_CONTAINS(name, ('a'))", "filter-unknown-function"),
        ("pop + 1 = 2", "filter-arithmetic"),
        ("pop / 0 = 2", "filter-arithmetic"),
        ("pop div 0 = 2", "filter-arithmetic"),
        ("-pop = 2", "filter-arithmetic"),
        ("name = 'x' -- c", "filter-arithmetic"),
        ("name", "filter-type"),
        ("5", "filter-type"),
        ("name = 5", "filter-type"),
        ("pop = '5'", "filter-type"),
        ("flag = 1", "filter-type"),
        ("pop LIKE '5%'", "filter-type"),
        ("CASEI(pop) = 'x'", "filter-type"),
        ("name AND flag", "filter-type"),
        ("geom = POINT(1 2)", "filter-type"),
        ("built = seen", "filter-type"),
        ("built > TIMESTAMP('2020-01-01T00:00:00Z')", "filter-type"),
        ("seen = INTERVAL('..','..')", "filter-type"),
        ("T_DURING(seen, INTERVAL('2020-01-01','..'))", "filter-type"),
        ("T_AFTER(name, DATE('2020-01-01'))", "filter-type"),
        ("T_AFTER(seen, '2020-01-01')", "filter-type"),
        ("T_EQUALS(seen, DATE('2020-01-01'))", "filter-type"),
        ("S_INTERSECTS(name, POINT(1 2))", "filter-type"),
        ("S_INTERSECTS(geom, 'POINT(1 2)')", "filter-type"),
        ("pop = 1e400", "filter-value"),
        ("built = DATE('2020-13-45')", "filter-value"),
        ("built = DATE('2021-02-29')", "filter-value"),
        ("built = DATE('today')", "filter-value"),
        ("seen = TIMESTAMP('2020-01-01 00:00:00Z')", "filter-value"),
        ("seen = TIMESTAMP('2020-01-01T24:00:01Z')", "filter-value"),
        ("seen = TIMESTAMP('2020-01-01T00:00:00')", "filter-value"),
        ("T_AFTER(seen, INTERVAL('2021-01-01','2020-01-01'))", "filter-value"),
        ("name LIKE 'x\\\\'", "filter-value"),
        ("S_INTERSECTS(geom, POLYGON((0 0,1 1,1 0,0 1,0 0)))", "filter-geometry"),
        ("S_INTERSECTS(geom, POLYGON((0 0,1 1,1 0,0 1)))", "filter-geometry"),
        ("S_INTERSECTS(geom, POLYGON EMPTY)", "filter-geometry"),
        ("S_INTERSECTS(geom, GEOMETRYCOLLECTION EMPTY)", "filter-geometry"),
        ("S_INTERSECTS(geom, LINESTRING(1 1))", "filter-geometry"),
        ("S_INTERSECTS(geom, BBOX(1,2,3))", "bad-bbox"),
        ("S_INTERSECTS(geom, BBOX(1,3,2,2))", "bad-bbox"),
        ("S_INTERSECTS(geom, POINT(90 180))", "coordinates-out-of-range"),
        ("S_INTERSECTS(geom, MULTIPOINT(7.02 49.92, 90 180))", "coordinates-out-of-range"),
    ],
)
def test_fault_is_named(text: str, code: str) -> None:
    assert code_of(text) == code


def test_syntax_fault_says_where() -> None:
    """The position is that of the caller's text, although the parser saw another."""
    with pytest.raises(Problem) as caught:
        compile_text("pop = 12345 AND name = 'it\\'s' AND AND flag", QUERYABLES)
    assert "character 40" in caught.value.detail.en  # the second AND was read as a property
    with pytest.raises(Problem) as caught:
        compile_text("pop = 12345 AND name == 'x'", QUERYABLES)
    assert "character 23" in caught.value.detail.en


def test_coordinates_far_outside_a_projected_crs_are_refused() -> None:
    assert code_of("S_INTERSECTS(geom, POINT(1e14 0))", filter_crs=EPSG9214) == "coordinates-out-of-range"


LARGE = {
    "length": "name = '" + "x" * PUBLIC.length + "'",
    "parentheses": "(" * 33 + "flag" + ")" * 33,
    "not": "NOT " * 21 + "flag",
    "minus": "pop = ---1",
    "conditions": " OR ".join(["flag = true"] * 51),
    "chain": " = ".join(["pop"] * 60),
    "terms": "pop IN (" + ",".join(["1"] * 400) + ")",
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_large_text_is_refused(text: str) -> None:
    assert code_of(text) == "filter-too-large"


def nested(depth: int) -> Any:
    document: Any = True
    for _ in range(depth):
        document = {"op": "not", "args": [document]}
    return document


LARGE_JSON = {
    "depth": nested(20),
    "very deep": nested(100_000),
    "deep list": {"op": "in", "args": [{"property": "pop"}, [json.loads("[" * 500 + "]" * 500)]]},
    "conditions": {"op": "or", "args": [{"op": "=", "args": [{"property": "pop"}, 1]}] * 60},
    "values": {"op": "in", "args": [{"property": "pop"}, [1] * 10_000]},
    "text": {"op": "=", "args": [{"property": "name"}, "x" * 5000]},
    "vertices": {
        "op": "s_intersects",
        "args": [
            {"property": "geom"},
            {"type": "LineString", "coordinates": [[i / 100, 0] for i in range(1001)]},
        ],
    },
}


@pytest.mark.parametrize("document", LARGE_JSON.values(), ids=LARGE_JSON)
def test_large_json_is_refused(document: Any) -> None:
    with pytest.raises(Problem) as caught:
        compile_json(document, QUERYABLES)
    assert caught.value.code == "filter-too-large"


def test_filters_within_the_limits_are_served(find: Find) -> None:
    """The caps leave room for what people ask: a long list, nested parentheses, a polygon of 1,000 points."""
    assert find(compile_text("pop IN (" + ",".join(["10"] * 250) + ")", QUERYABLES)) == {1}
    assert find(compile_text("(" * 31 + "pop = 10" + ")" * 31, QUERYABLES)) == {1}
    line = [[107 + i / 1000, 16.5] for i in range(1000)]
    document = {
        "op": "s_intersects",
        "args": [{"property": "geom"}, {"type": "LineString", "coordinates": line}],
    }
    assert find(compile_json(document, QUERYABLES)) == {1, 3, 4, 9}


CRASHERS = """
import itertools, threading, time
from gis_core.cql2 import PUBLIC, TRUSTED, Queryable, compile_json, compile_text
from gis_core.problems import Problem
kinds = dict(a="number", name="text", flag="boolean", geom="geometry", ts="datetime")
queryables = {n: Queryable(n, t, n) for n, t in kinds.items()}

def texts():
    openers = ["(", "NOT (", "f(", "CASEI(", "-(", "- ", "NOT ", "a IN (", "f(a,", "(a,", "INTERVAL(", "POINT("]
    for opener, n in itertools.product(openers, (10, 31, 47, 100, 1000, 10000, 300000)):
        yield opener * n + "a" + ")" * n * opener.count("(")
        yield opener * n
    joins = ["=", "<>", "LIKE", "AND", "OR", "^", "+", "-", "*", "IN", "BETWEEN", ","]
    for join, n in itertools.product(joins, (40, 149, 290, 5000)):
        yield ("%s %s " % ("a", join)) * n + "a"
        yield (" " + join) * n
    words = ["'", '"', "''", "\\\\", "\\\\'", "#", "\\x00", "(((", ")", "IS NULL "]
    for word, n in itertools.product(words, (1, 1000, 2040)):
        yield word * n
        yield "name = '" + word * n

def run():
    for limits, text in itertools.product((PUBLIC, TRUSTED), texts()):
        start = time.thread_time()
        try:
            compile_text(text, queryables, limits=limits)
        except Problem:
            pass
        assert time.thread_time() - start < 1, text[:80]
    print("alive")

threading.stack_size(1024 * 1024)  # smaller than the stack of any thread that serves
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


def test_no_text_kills_the_process() -> None:
    """The parser overruns the stack on nesting that the caps let through; here in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", CRASHERS], capture_output=True, text=True, timeout=250, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr[-2000:]
