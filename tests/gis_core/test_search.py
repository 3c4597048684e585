"""Search in a large layer: a word that stands in every row is as quick as a rare one, measured by the rows read."""

from __future__ import annotations

import os
from math import isqrt
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gis_core.audiences import CITIZEN
from gis_core.config import Config
from gis_core.reading import read, registry
from gis_core.search import MOST_CANDIDATES, Wanted, search, search_sql, words_of
from imports.run import run_import
from tests.imports.files import feature, geojson, request

MANY = 200_000 if os.environ.get("HUONG_TEST_FULL") == "1" else 20_000
FILL = """
insert into dataset.nha (ten, dia_chi, geom)
select 'Nhà ' || n, n || ' phường X, thành phố Huế', st_setsrid(st_makepoint(107.5 + n * 1e-6, 16.4), 4326)
from generate_series(2, %s) n
"""
# Whoever looks for these has typed what stands in every row, in one row, or in none.
COMMON = ("thành phố Huế", "hue", "phường X, thành phố Huế", "x", "ng")


# The last rows of the table: one that is called so, one that has it in the middle of its name, one that is long.
LAST = """
insert into dataset.nha (ten, dia_chi, geom) values
  ('Phường X', '', st_setsrid(st_makepoint(107.5, 16.5), 4326)),
  ('Trường mầm non Phường X', repeat('đường ', 30), st_setsrid(st_makepoint(107.5, 16.5), 4326)),
  ('Nhà 5', '5 phường X, thành phố Huế', st_setsrid(st_makepoint(107.5, 16.5), 4326))
"""


@pytest.fixture(scope="module")
def large(_database_of_module: None, django_db_blocker: Any, tmp_path_factory: Any) -> None:
    folder: Path = tmp_path_factory.mktemp("large")
    with django_db_blocker.unblock():
        first = feature(ten="Nhà 1", dia_chi="1 phường X, thành phố Huế")
        run_import(request(geojson(folder, first, name="nha.geojson")))
        run_import(request(geojson(folder, feature(ten="Phở Huế"), name="quan.geojson")))
        with psycopg.connect(**Config.from_env().connection("owner"), autocommit=True) as owner:  # type: ignore[arg-type]
            owner.execute(FILL, [MANY])
            owner.execute(LAST)
            owner.execute("vacuum analyze dataset.nha")
        registry().current(fresh=True)


def rows_read(text: str) -> int:
    """The rows that the search reads of the large layer, kept or not."""
    published = registry().current().layers["nha"]
    sql, params = search_sql(published, CITIZEN, Wanted(words_of(text)), 20)
    with read(CITIZEN, timeout_ms=60_000) as cursor:
        cursor.execute("set local enable_seqscan = off")
        (plan,) = cursor.execute(f"explain (analyze, format json) {sql}", params).fetchone() or ([],)

    def heap(node: dict[str, Any]) -> int:
        found = sum(heap(each) for each in node.get("Plans", []))
        if node.get("Relation Name") == "nha":
            lost = node.get("Rows Removed by Index Recheck", 0) + node.get("Rows Removed by Filter", 0)
            found += node["Actual Rows"] + lost
        return found

    return heap(plan[0]["Plan"])


@pytest.mark.parametrize("text", COMMON)
def test_common_words_read_a_bounded_number_of_rows(city: Config, large: None, text: str) -> None:
    assert rows_read(text) <= 2 * MOST_CANDIDATES


def test_a_rare_word_beside_common_ones_is_found_by_the_index(city: Config, large: None) -> None:
    found = search(CITIZEN, f"Nhà {MANY - 7} thành phố Huế", "vi")
    assert found.hits[0].title == f"Nhà {MANY - 7}"
    assert rows_read(f"Nhà {MANY - 7} thành phố Huế") <= 100


@pytest.mark.parametrize(
    ("text", "titles"),
    [("phường x", ["Phường X", "Trường mầm non Phường X"]), ("mầm non phường x", ["Trường mầm non Phường X"]),
     ("nhà 5", ["Nhà 5"])],
)  # fmt: skip
def test_the_best_of_more_than_can_be_looked_at_is_found(
    city: Config, large: None, text: str, titles: list[str]
) -> None:
    """Would fail if candidates were taken as the index brings them, or the short ones alone were ranked.

    Of what is neither common nor rare, all that have it or all until enough have it are read: at most as many as where
    both are as many.
    """
    assert [hit.title for hit in search(CITIZEN, text, "vi").hits][: len(titles)] == titles
    assert rows_read(text) <= isqrt(MANY * MOST_CANDIDATES)


def test_what_is_found_does_not_depend_on_where_rows_lie(city: Config, large: None) -> None:
    """A write to a column that nobody may read moves a row to the table's end: the same are found."""
    before = [hit.fid for hit in search(CITIZEN, "hue", "vi", limit=500).hits]
    with psycopg.connect(**Config.from_env().connection("owner"), autocommit=True) as owner:  # type: ignore[arg-type]
        owner.execute("update dataset.nha set ten = ten where fid <= 300")
    assert [hit.fid for hit in search(CITIZEN, "hue", "vi", limit=500).hits] == before


def test_a_row_without_a_name_is_found_by_what_else_it_says(
    city: Config, large: None, tmp_path: Path
) -> None:
    """Would fail if what is like nothing had no rank: it stood first, and nothing could be added to it."""
    first, second = feature(name=None, title="Miếu cổ"), feature(name="Miếu cổ", title=None)
    run_import(request(geojson(tmp_path, first, second, name="mieu.geojson")))
    registry().current(fresh=True)
    assert len(search(CITIZEN, "miếu cổ", "vi").hits) == 2


def test_the_hits_of_others_stand_beside_those_of_the_large_layer(city: Config, large: None) -> None:
    found = search(CITIZEN, "hue", "vi", limit=20)
    assert not found.missing
    assert {hit.layer_id for hit in found.hits} == {"nha", "quan"} and found.hits[0].title == "Phở Huế"


def test_short_words_are_found_where_words_begin(city: Config, large: None) -> None:
    assert [hit.title for hit in search(CITIZEN, "ph hu", "vi").hits][:1] == ["Phở Huế"]
    assert not search(CITIZEN, "ue", "vi").hits


def test_signs_are_no_words() -> None:
    assert words_of("?! % -- số 5/12") == ["số", "5/12"]
