"""What publishing makes of a declaration: views as grants, history, and a feed that tells each audience the truth."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from gis_core.changes import Position, batch_from, events_sql, position_sql
from gis_core.config import Config
from gis_core.datasets import publish_dataset, remove_dataset
from gis_core.layer import AUDIENCES
from gis_core.publish import publisher
from gis_core.publish.publisher import build_indexes_beside, declared_layers, publish_layers
from gis_core.retention import begin_new_feed
from tests.acceptance import places
from tests.city_plugin import SUPERUSER

CITY = "demo"


@pytest.fixture
def owner(city: Config) -> psycopg.Connection[Any]:
    with psycopg.connect(**city.connection("owner"), autocommit=True) as connection:
        yield connection


def events_since(owner: psycopg.Connection[Any], last: int) -> list[tuple[Any, ...]]:
    return owner.execute(
        "select layer, audiences, unit, op, n from huong.change where id > %s order by id", [last]
    ).fetchall()


def last_event(owner: psycopg.Connection[Any]) -> int:
    return owner.execute("select coalesce(max(id), 0) from huong.change").fetchone()[0]


def test_a_reader_can_read_its_views_and_no_table(city: Config) -> None:
    """A reader with rights on a table would see every private column, whatever its views leave out."""
    for audience in AUDIENCES:
        with psycopg.connect(**city.connection(audience), autocommit=True) as reader:
            assert reader.execute(f'select count(*) from "{audience}".reports').fetchone() is not None
            for table in (
                "public.reports_report",
                "history.reports_report",
                "huong.fid_key",
                "huong.published",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    reader.execute(f"select 1 from {table}")
            for other in set(AUDIENCES) - {audience}:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    reader.execute(f'select 1 from "{other}".reports')
            with pytest.raises(psycopg.errors.Error):
                reader.execute("create temporary table t (x int)")


def test_the_application_cannot_touch_history(city: Config) -> None:
    with psycopg.connect(**city.connection("app"), autocommit=True) as app:
        for statement in (
            "delete from history.reports_report",
            "update history.reports_report set h_actor = 'x'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("create table public.mine (x int)")


def test_a_private_change_is_no_event_for_a_citizen(owner: psycopg.Connection[Any]) -> None:
    before = last_event(owner)
    citizens = "select version from citizen.reports order by fid"
    versions = owner.execute(citizens).fetchall()
    owner.execute("update reports_report set staff_note = staff_note || '.' where published")
    told = events_since(owner, before)
    assert told and all("citizen" not in audiences for _, audiences, _, _, _ in told)
    assert owner.execute(citizens).fetchall() == versions


def test_leaving_the_view_is_a_deletion_and_coming_back_an_insertion(owner: psycopg.Connection[Any]) -> None:
    fid = owner.execute("select fid from citizen.reports limit 1").fetchone()[0]
    seen = []
    for published in (False, True):
        before = last_event(owner)
        owner.execute("update reports_report set published = %s where fid = %s", [published, fid])
        seen += [op for _, audiences, _, op, _ in events_since(owner, before) if "citizen" in audiences]
    assert seen == ["D", "I"]


def test_moving_to_another_unit_is_leaving_for_one_officer_and_coming_for_the_other(
    owner: psycopg.Connection[Any],
) -> None:
    """One event with both boxes would show the first unit's officer where the report went."""
    before = last_event(owner)
    owner.execute(
        "update reports_report set unit_code = '19753' where fid = (select fid from reports_report"
        " where unit_code = '19774' limit 1)"
    )
    told = {(unit, op) for _, audiences, unit, op, _ in events_since(owner, before) if "officer" in audiences}
    assert told == {("19774", "D"), ("19753", "I")}


def test_raw_sql_is_recorded_with_its_actor(owner: psycopg.Connection[Any]) -> None:
    fid, name = owner.execute("select fid, name from facilities_facility limit 1").fetchone()
    with owner.transaction():
        owner.execute("select set_config('huong.actor', 'user:7', true)")
        owner.execute("update facilities_facility set name = 'Tên mới' where fid = %s", [fid])
    kept = owner.execute(
        "select name, h_op, h_actor from history.facilities_facility where fid = %s order by h_id desc limit 1",
        [fid],
    ).fetchone()
    assert kept == (name, "U", "user:7")


def test_truncate_keeps_every_row_in_history_and_tells_everyone(owner: psycopg.Connection[Any]) -> None:
    rows = owner.execute("select count(*) from dams_dam").fetchone()[0]
    before = last_event(owner)
    owner.execute("truncate dams_dam cascade")
    assert owner.execute("select count(*) from history.dams_dam where h_op = 'T'").fetchone()[0] == rows
    told = {op for layer, _, _, op, _ in events_since(owner, before) if layer == "dams"}
    assert told == {"T"}


def test_coarsening_ends_at_64_boxes_that_cover_all(owner: psycopg.Connection[Any]) -> None:
    """500 boxes spread over the country force the loop that small data never reaches."""
    boxes = [
        [x * 20_000.0, y * 20_000.0, x * 20_000.0 + 10, y * 20_000.0 + 10]
        for x in range(25)
        for y in range(20)
    ]
    merged = owner.execute("select huong.coarsen(%s::float8[])", [boxes]).fetchone()[0]
    assert 1 <= len(merged) <= 64
    assert all(
        any(m[0] <= b[0] and m[1] <= b[1] and m[2] >= b[2] and m[3] >= b[3] for m in merged) for b in boxes
    )


def test_permuted_identities_are_unique_small_and_far_apart(owner: psycopg.Connection[Any]) -> None:
    drawn = [row[0] for row in owner.execute("select huong.permuted_fid() from generate_series(1, 5000)")]
    assert len(set(drawn)) == 5000 and max(drawn) < 2**52
    neighbours = sum(abs(a - b) < 1_000_000 for a, b in itertools.pairwise(drawn))
    assert neighbours < 5


def test_a_restored_city_begins_a_new_feed(owner: psycopg.Connection[Any]) -> None:
    """Rows with transaction numbers of another cluster would be new for ever, or never."""
    before = owner.execute(position_sql()).fetchone()
    with owner.transaction(), owner.cursor() as cursor:
        begin_new_feed(cursor)
    after = owner.execute(position_sql()).fetchone()
    assert after[0] != before[0]
    since = Position(before[0], before[1])
    row = owner.execute(events_sql("citizen"), [since.snapshot, since.snapshot]).fetchone()
    assert batch_from(row, since).reset


def test_a_layer_is_announced_to_whoever_loses_it_and_to_nobody_who_never_had_it(
    city: Config, owner: psycopg.Connection[Any]
) -> None:
    """Who loses a layer must drop what is kept of it; its name is none of the others' business, and what was told of
    its places while it was open is not told again.
    """
    inside = places.dataset("lost", audiences=frozenset({"citizen", "land"}), write=None)
    before = last_event(owner)
    places.publish(
        city, inside, "insert into dataset.lost (species, geom) values ('Sấu', st_point(107.6, 16.4, 4326))"
    )
    owner.execute("update dataset.lost set species = 'Me'")
    told = [event for event in events_since(owner, before) if event[0] == "lost"]
    assert (["citizen"], "U") in [(event[1], event[3]) for event in told]
    shut = replace(inside, audiences=frozenset({"land"}))
    with psycopg.connect(**city.connection("owner")) as connection, connection.cursor() as cursor:
        publish_dataset(cursor, shut)
    told = [event for event in events_since(owner, before) if event[0] == "lost"]
    assert [(event[1], event[3]) for event in told][-1] == (["citizen", "land"], "P")
    assert {event[3] for event in told} == {"P"}
    with psycopg.connect(**city.connection("owner")) as connection, connection.cursor() as cursor:
        remove_dataset(cursor, shut)
    assert [event[1] for event in events_since(owner, before) if event[0] == "lost"][-1] == ["land"]


# Indexes ------------------------------------------------------------------------------------------------------------

TABLE, LAYER = "public.facilities_facility", "facilities"


class Watched:
    """A cursor that reads as a citizen when the first view is about to be made anew; ``late`` is built after that."""

    def __init__(self, cursor: psycopg.Cursor[Any], reader: psycopg.Connection[Any]) -> None:
        self._cursor, self._reader = cursor, reader
        self.early: list[str] = []
        self.late: list[str] = []
        self.read = 0

    def execute(self, statement: Any, values: Any = None, /) -> Any:
        if statement.startswith("drop view") and not self.read:
            (self.read,) = self._reader.execute(f"select count(*) from citizen.{LAYER}").fetchone() or (0,)
        elif statement.startswith("create index"):
            (self.late if self.read else self.early).append(statement)
        return self._cursor.execute(statement, values)

    def fetchone(self) -> Any:
        return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()


def test_readers_go_on_while_indexes_are_built(city: Config) -> None:
    """Would fail if views were taken away first: whoever reads would wait until every index of the table is there."""
    (layer,) = (each for each in declared_layers() if each.table == TABLE)
    field = next(each for each in layer.fields if each.type == "text" and not each.sortable)
    others = tuple(replace(each, sortable=True) if each is field else each for each in layer.fields)
    with psycopg.connect(**city.connection("owner")) as owner, owner.cursor() as cursor:
        with psycopg.connect(**city.connection("citizen"), autocommit=True) as reader:
            watched = Watched(cursor, reader)
            assert publish_layers(watched, [replace(layer, fields=others)]) == [LAYER]
        owner.rollback()
    assert watched.read > 0 and watched.late == []
    assert any(f'"{field.sql_column}"' in statement for statement in watched.early)


@pytest.fixture
def missing(owner: psycopg.Connection[Any]) -> list[str]:
    """Two indexes of the table: one that is not there, and one that an interrupted build has left."""
    found = owner.execute(
        "select indexrelid::regclass::text from pg_index where indrelid = %s::regclass"
        " and indexrelid::regclass::text like 'hx%%' order by 1 limit 2",
        [TABLE],
    ).fetchall()
    names = [row[0] for row in found]
    owner.execute(f"drop index {names[0]}")
    with psycopg.connect(SUPERUSER, dbname=owner.info.dbname, autocommit=True) as superuser:
        superuser.execute(
            "update pg_index set indisvalid = false where indexrelid = %s::regclass", [names[1]]
        )
    return names


def valid(owner: psycopg.Connection[Any], names: list[str]) -> list[str]:
    rows = owner.execute(
        "select n from unnest(%s::text[]) n join pg_index on indexrelid = to_regclass(n) where indisvalid",
        [names],
    )
    return [row[0] for row in rows]


def test_indexes_are_built_beside_readers_and_writers(
    owner: psycopg.Connection[Any], missing: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would fail if a new index kept a running city waiting, if one that is of no use stayed for ever, or if a long
    transaction kept the update waiting: then nothing is left, and the publication builds it.
    """
    monkeypatch.setattr(publisher, "BUILDING_LOCK_TIMEOUT", "200ms")
    with psycopg.connect(**Config.from_env().connection("owner")) as busy:
        busy.execute(f"lock table {TABLE} in row exclusive mode")
        build_indexes_beside()
        assert valid(owner, missing) == []
    build_indexes_beside()
    assert valid(owner, missing) == missing
