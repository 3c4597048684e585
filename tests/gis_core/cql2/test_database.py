"""What the filter language asks of the database: its text functions, and plans that use the indexes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from gis_core.cql2 import Queryable, compile_text
from gis_core.cql2.scalar import UNACCENTED_TO_WILDCARD

LETTERS = [
    chr(c) for c in range(1, 0x30000) if not 0xD800 <= c < 0xE000 and unicodedata.category(chr(c)) != "Cn"
]


def folded(database: psycopg.Connection[Any], function: str, texts: list[str]) -> list[str]:
    query = (
        f"select array_agg(huong.{function}(t) order by o) from unnest(%s::text[]) with ordinality u(t, o)"
    )
    row = database.execute(query.encode(), (texts,)).fetchone()
    assert row is not None
    result: list[str] = row[0]
    return result


def test_case_is_folded_in_full(database: psycopg.Connection[Any]) -> None:
    """Every letter that Unicode's full case folding takes for another is taken for it here (as CASEI requires)."""
    cased = [c for c in LETTERS if c.casefold() != c]
    mine = folded(database, "fold_case", cased)
    theirs = folded(database, "fold_case", [c.casefold() for c in cased])
    assert len(cased) > 1400
    assert [(c, hex(ord(c))) for c, a, b in zip(cased, mine, theirs, strict=True) if a != b] == []
    # To lower case, as the literals of the standard's tests are written. (Cherokee alone folds to its capitals.)
    others = [c for c in cased if not "\u13a0" <= c <= "\u13ff" and not "\uab70" <= c <= "\uabbf"]
    small = folded(database, "fold_case", others)
    assert [(c, hex(ord(c)), a) for c, a in zip(others, small, strict=True) if a != c.casefold()] == []
    assert folded(database, "fold_case", ["Straße", "ΟΔΟΣ", "οδοσ", "ĐƯỜNG"]) == [
        "strasse",
        "οδοσ",
        "οδοσ",
        "đường",
    ]


def test_folding_keeps_the_wildcards_apart(database: psycopg.Connection[Any]) -> None:
    """Only the known letters may turn into %, _ or a backslash: any other would change a LIKE pattern, or break it."""
    for function, expected in (("fold_case", ""), ("fold_accents", UNACCENTED_TO_WILDCARD)):
        results = folded(database, function, LETTERS)
        changed = {
            c for c, out in zip(LETTERS, results, strict=True) if set(out) & set("%_\\") and c not in "%_\\"
        }
        assert changed == set(expected), function


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_vietnamese_without_accents(database: psycopg.Connection[Any], form: Any) -> None:
    vowels = "aăâeêioôơuưy"
    tones = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    words = [unicodedata.normalize(form, v + t) for v in vowels + vowels.upper() for t in tones] + ["đ", "Đ"]
    plain = [unicodedata.normalize("NFD", w)[0] for w in words[:-2]] + ["d", "D"]
    assert folded(database, "fold_accents", words) == plain
    assert folded(database, "fold", ["  ĐƯỜNG \t Lê   Lợi\n", "", "a"]) == ["duong le loi", "", "a"]


def test_the_short_way_of_ascii_folds_to_the_same(database: psycopg.Connection[Any]) -> None:
    """Every letter beside others, and every kind of space at the ends, alone and twice."""
    spaces = [a + b for a in " \t\n\v\f\r\u00a0\u2003x" for b in " \t\n\v\f\r\u00a0\u2003x"]
    texts = [f"Đá {c}Q" for c in LETTERS] + [text for s in spaces for text in (s, f"{s}B", f"a{s}B", f"B{s}")]
    long = (
        "select array_agg(btrim(regexp_replace(huong.fold_case(huong.fold_accents(t)), '\\s+', ' ', 'g')) order by o)"
        " from unnest(%s::text[]) with ordinality u(t, o)"
    )
    row = database.execute(long.encode(), (texts,)).fetchone()
    assert row is not None and folded(database, "fold", texts) == row[0]


def test_functions_are_nulls_of_null_and_may_be_indexed(database: psycopg.Connection[Any]) -> None:
    query = "select proname, provolatile, proparallel from pg_proc where pronamespace = 'huong'::regnamespace"
    functions = {name: (volatility, parallel) for name, volatility, parallel in database.execute(query)}
    assert functions == dict.fromkeys(("fold_accents", "fold_case", "fold"), ("i", "s"))
    row = database.execute(
        "select huong.fold_accents(null), huong.fold_case(null), huong.fold(null)"
    ).fetchone()
    assert row == (None, None, None)


@pytest.fixture(scope="module")
def big(database: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """20,000 rows with the indexes that a published layer has."""
    database.execute("""
        create table big as select i as fid, 'P' || lpad(i::text, 7, '0') as name, (i * 7919) % 20011 as pop,
            ('Đường ' || i)::varchar(60) as street, timestamptz '2020-01-01 00:00Z' + i * interval '1 hour' as seen,
            st_setsrid(st_point(107 + (i % 200) * 0.005, 16 + (i / 200) * 0.005), 4326) as geom
        from generate_series(1, 20000) i;
        create index on big using gist (geom);
        create index on big (name);
        create index on big (pop);
        create index on big (street);
        create index on big (seen);
        create index on big (huong.fold(street));
        create index on big (huong.fold_case(name) text_pattern_ops);
        analyze big
    """)
    yield database
    database.execute("drop table big")


KINDS = {"name": "text", "pop": "integer", "street": "text", "seen": "datetime", "geom": "geometry"}
BIG = {name: Queryable(name, kind, name) for name, kind in KINDS.items()}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("S_INTERSECTS(geom, BBOX(107.1,16.1,107.12,16.12))", "big_geom_idx"),
        ("S_INTERSECTS(geom, POLYGON((107.1 16.1,107.12 16.1,107.11 16.12,107.1 16.1)))", "big_geom_idx"),
        ("S_WITHIN(geom, BBOX(107.1,16.1,107.12,16.12))", "big_geom_idx"),
        ("S_INTERSECTS(geom, POINT(107.1 16.1)) AND pop > 3", "big_geom_idx"),
        ("name = 'P0000077'", "big_name_idx"),
        ("name IN ('P0000077', 'P0000078')", "big_name_idx"),
        ("street = 'Đường 77'", "big_street_idx"),
        ("pop = 77", "big_pop_idx"),
        ("pop = 77.0", "big_pop_idx"),
        ("pop BETWEEN 77 AND 79", "big_pop_idx"),
        ("seen = TIMESTAMP('2020-01-02T00:00:00Z')", "big_seen_idx"),
        ("seen = DATE('2020-01-02')", "big_seen_idx"),
        ("T_INTERSECTS(seen, INTERVAL('2020-01-02','2020-01-03'))", "big_seen_idx"),
        ("CASEI(name) = CASEI('p0000077')", "big_fold_case_idx"),
        ("CASEI(name) LIKE CASEI('p000007%')", "big_fold_case_idx"),
    ],
)
def test_index_is_used(big: psycopg.Connection[Any], text: str, index: str) -> None:
    """A literal of the wrong type, or a cast of the column, would read all rows of the layer for each filter."""
    predicate = compile_text(text, BIG)
    rows = big.execute(f"explain select fid from big where {predicate.sql}".encode(), predicate.params)
    plan = "\n".join(line for (line,) in rows)
    assert index in plan, plan


def test_prepared_filter_still_uses_the_spatial_index(big: psycopg.Connection[Any]) -> None:
    """psycopg prepares a query after five runs; the server may then plan without knowing the geometry."""
    predicate = compile_text("S_INTERSECTS(geom, BBOX(107.1,16.1,107.12,16.12))", BIG)
    big.execute("set plan_cache_mode = force_generic_plan")
    try:
        query = f"explain select fid from big where {predicate.sql}".encode()
        plan = "\n".join(line for (line,) in big.execute(query, predicate.params, prepare=True))
    finally:
        big.execute("reset plan_cache_mode")
    assert "big_geom_idx" in plan, plan
