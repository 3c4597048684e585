"""Two at once: each lock is held where without it one of the two would be lost, and the tests meet it there.

No race is left to luck. The first of the two stops in the middle of its work until the second either waits for the
database or, where nothing holds it, has gone past the place where it should have waited.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import shapely
from django.db import connections

from gis_core import reading
from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.layer import Layer, Write
from gis_core.overview_maintainer import catch_up, maintain
from gis_core.problems import Problem
from gis_core.reading import registry
from gis_core.registry import REVISION_SQL, Registry
from gis_core.styles.editing import history, set_styles
from gis_core.values import Columns, Place
from gis_core.writers import write_row
from gis_core.writing import Change, write
from tests.acceptance import places
from tests.acceptance.places import KIM_LONG, inside
from tests.gis_core.styles.test_editing import style
from tests.waiting import wait_until

CITY = "demo"
ONE, OTHER = (Caller("operations", (), f"user:{number}") for number in (31, 32))
BLOCKED = """
select count(*) from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()"""


@pytest.fixture(scope="module", autouse=True)
def trees(_database_of_module: None) -> None:
    places.publish(Config.from_env(), places.dataset("trees"))


@pytest.fixture
def owner(city: Config) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**city.connection("owner"), autocommit=True) as connection:  # type: ignore[arg-type]
        yield connection


def blocked(owner: psycopg.Connection[Any]) -> bool:
    row = owner.execute(BLOCKED).fetchone()
    return row is not None and row[0] > 0


class Halfway:
    """A layer's own way of writing; its first writer waits inside until it is told to go on."""

    def __init__(self) -> None:
        self.entered: list[str | None] = []
        self.may_go_on = threading.Event()

    def __call__(self, layer: Layer, change: Change, columns: Columns, caller: Caller) -> int:
        self.entered.append(caller.actor)
        if len(self.entered) == 1:
            assert self.may_go_on.wait(60)
        return write_row(layer, change.op, change.fid, columns, caller)


halfway = Halfway()


def own_service(layer: Layer, change: Change, columns: Columns, caller: Caller) -> int:
    return halfway(layer, change, columns, caller)


def in_thread(pool: ThreadPoolExecutor, work: Callable[[], Any]) -> Future[Any]:
    def closing() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    return pool.submit(closing)


CASES = (
    ("trees", {"species": "Sao"}, {"species": "một"}, {"stems": 2}),
    ("sensors", {"code": "R1", "name": "Trạm", "kind": "<code>"}, {"name": "một"}, {"contact_phone": "2"}),
)


@pytest.mark.parametrize("second", ["update", "replace", "delete"])
@pytest.mark.parametrize(("layer_id", "born", "mine", "yours"), CASES)
def test_of_two_edits_at_once_the_second_is_refused(
    owner: psycopg.Connection[Any],
    layer_id: str,
    born: dict[str, Any],
    mine: dict[str, Any],
    yours: dict[str, Any],
    second: str,
) -> None:
    """Both have seen the same version. The row is locked before the versions are compared, or both would pass."""
    global halfway
    halfway = Halfway()
    found = registry().current(fresh=True).layers[layer_id]
    at = Place(shapely.Point(inside(owner, KIM_LONG)))
    if layer_id == "sensors":
        kind = found.layer.field("kind").codes[0].value
        born = {**born, "code": f"R-{second}", "kind": kind}
    made = write(found, Change("create", properties=born, place=at), ONE)
    service = f"{own_service.__module__}.own_service"
    slow = replace(
        found, layer=replace(found.layer, write=Write(audiences=frozenset({"operations"}), service=service))
    )
    first = Change("update", made.fid, mine, version=made.version, exact=True)
    change = {
        "update": Change("update", made.fid, yours, version=made.version, exact=True),
        "replace": Change("replace", made.fid, {**born, **yours}, at, version=made.version, exact=True),
        "delete": Change("delete", made.fid, version=made.version, exact=True),
    }[second]
    with ThreadPoolExecutor(2) as pool:
        one = in_thread(pool, lambda: write(slow, first, ONE))
        wait_until(lambda: halfway.entered == [ONE.actor], "the first never began")
        other = in_thread(pool, lambda: write(slow, change, OTHER))
        wait_until(
            lambda: blocked(owner) or len(halfway.entered) > 1 or other.done(), "the second never came"
        )
        halfway.may_go_on.set()
        assert one.result(60).version
        with pytest.raises(Problem) as refused:
            other.result(60)
    assert refused.value.status == 412
    name, value = next(iter(mine.items()))
    row = owner.execute(f"select {name} from {found.layer.table} where fid = %s", [made.fid]).fetchone()
    assert row == (value,)


def test_a_retry_waits_for_its_first_request(owner: psycopg.Connection[Any]) -> None:
    """The first has not yet written down what it made when its retry comes."""
    global halfway
    halfway = Halfway()
    found = registry().current(fresh=True).layers["trees"]
    write_ = Write(audiences=frozenset({"operations"}), service=f"{own_service.__module__}.own_service")
    slow = replace(found, layer=replace(found.layer, write=write_))
    at = Place(shapely.Point(inside(owner, KIM_LONG)))
    change = Change(
        "create", properties={"species": "Một"}, place=at, idempotency_key="k", request_digest="d"
    )
    with ThreadPoolExecutor(2) as pool:
        one = in_thread(pool, lambda: write(slow, change, ONE))
        wait_until(lambda: len(halfway.entered) == 1, "the first never began")
        again = in_thread(pool, lambda: write(slow, change, ONE))
        wait_until(lambda: blocked(owner) or len(halfway.entered) > 1, "the retry never came")
        halfway.may_go_on.set()
        assert again.result(60).fid == one.result(60).fid
    assert len(halfway.entered) == 1


def test_of_two_edits_of_styles_at_once_the_second_is_refused(
    owner: psycopg.Connection[Any], city: Config
) -> None:
    """Both know the same newest edit. The first has made its own and not yet committed."""
    layer = places.dataset("styled")
    places.publish(city, layer)
    registry().current(fresh=True)
    seen = set_styles(layer.id, [style("#111111")], "user:1")
    with psycopg.connect(**city.connection("owner")) as first:  # type: ignore[arg-type]
        row = first.execute(
            "select huong.set_styles(%s, '[]'::jsonb, '{citizen}', 'user:2', %s, 50)", [layer.id, seen]
        ).fetchone()
        assert row is not None and row[0] is not None
        with ThreadPoolExecutor(1) as pool:
            late = in_thread(pool, lambda: set_styles(layer.id, [style("#222222")], "user:3", seen=seen))
            wait_until(lambda: blocked(owner) or late.done(), "the second never came")
            first.commit()
            with pytest.raises(Problem) as refused:
                late.result(60)
    assert refused.value.status == 409
    assert [edit.actor for edit in history(layer.id)][:2] == ["user:2", "user:1"]


# The overviews -----------------------------------------------------------------------------------------------------


def test_events_are_followed_once(owner: psycopg.Connection[Any], city: Config) -> None:
    """Who brings the overviews up to now while another does goes on from where that one stops."""
    with owner.transaction(), owner.cursor() as cursor:
        catch_up(cursor)
    owner.execute("insert into huong.change (layer, audiences, op) values ('trees', '{citizen}', 'U')")
    with psycopg.connect(**city.connection("owner")) as first:  # type: ignore[arg-type]
        assert catch_up(first.cursor()) == 1

        def follow() -> int:
            with psycopg.connect(**city.connection("owner")) as second:  # type: ignore[arg-type]
                return catch_up(second.cursor())

        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(follow)
            wait_until(lambda: blocked(owner) or late.done(), "the second never came")
            first.commit()
            assert late.result(60) == 0


def test_there_is_one_maintainer(owner: psycopg.Connection[Any], city: Config) -> None:
    """The second leaves at once, and comes back when the first has ended."""
    stop, began = threading.Event(), threading.Event()
    with psycopg.connect(**city.connection("owner"), autocommit=True) as first:  # type: ignore[arg-type]
        first.execute("select pg_advisory_lock(hashtext('huong.overviews'))")

        def second() -> None:
            with psycopg.connect(**city.connection("owner"), autocommit=True) as connection:  # type: ignore[arg-type]
                began.set()
                maintain(connection, stop)

        thread = threading.Thread(target=second)
        thread.start()
        assert began.wait(60)
        try:
            wait_until(lambda: not thread.is_alive(), "two maintainers at once", 20)
        finally:
            stop.set()
            thread.join(60)


# What a process holds ----------------------------------------------------------------------------------------------


def test_an_older_catalogue_never_takes_the_place_of_a_newer() -> None:
    """One thread has read the revision, and is slow with the layers; another reads both anew meanwhile."""
    revision, slow, goes_on = [5], threading.Event(), threading.Event()

    def query(sql: str) -> list[tuple[Any, ...]]:
        if sql == REVISION_SQL:
            return [(revision[0],)]
        if threading.current_thread().name.startswith("slow"):
            slow.set()
            assert goes_on.wait(60)
        return []

    held = Registry(query)
    with ThreadPoolExecutor(1, "slow") as first, ThreadPoolExecutor(1, "quick") as second:
        one = first.submit(held.current, fresh=True)
        assert slow.wait(60)
        revision[0] = 6
        other = second.submit(held.current, fresh=True)
        wait_until(lambda: other.running() or other.done(), "the second never came")
        threading.Event().wait(0.1)  # without the lock it is through by now; with it, it waits however long
        goes_on.set()
        one.result(60), other.result(60)
    assert held.current().revision == 6


def test_two_first_readers_open_one_pool(city: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second pool would be lost with its connections, and never closed."""
    reading.close_pools()
    opened: list[object] = []
    both = threading.Barrier(2)

    class Slow(reading.ConnectionPool):  # type: ignore[type-arg]
        def __init__(self, **given: Any) -> None:
            opened.append(self)
            threading.Event().wait(0.2)
            super().__init__(**given)

    monkeypatch.setattr(reading, "ConnectionPool", Slow)

    def read() -> object:
        both.wait(60)
        return reading.pool("citizen")

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.submit(read), pool.submit(read)
        assert one.result(60) is other.result(60)
    assert len(opened) == 1
    reading.close_pools()
