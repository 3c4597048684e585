"""Overviews: exact sums of what each audience sees, kept up cell by cell."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from gis_core.config import Config
from gis_core.layer import Layer, Overview
from gis_core.overview_maintainer import catch_up, run_maintainer
from gis_core.overviews import cells_of, overview_of
from gis_core.publish import publish_layers, retire_layer
from tests.tilesrv.conftest import TABLES, plots
from tests.waiting import wait_until

FULL = os.environ.get("HUONG_TEST_FULL") == "1"
SQUARES = """
insert into test_plots (code, kind, unit, geom)
select i, (array['house', 'field', 'shop', 'secret'])[1 + i %% 4], 'w' || i %% 3,
  st_multi(st_makeenvelope(x, y, x + 0.0004, y + 0.0003, 4326))
from (select i, 107.3 + (i %% 97) * 0.004 as x, 16.1 + (i / 97) * 0.005 as y from generate_series(0, %s) i) p"""


@pytest.fixture
def owner(city: Config) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the owner, in a database with one layer of 6,000 more squares than drawn one by one."""
    with psycopg.connect(**city.connection("owner"), autocommit=True) as connection:  # type: ignore[arg-type]
        made = connection.execute("select to_regclass('test_plots')").fetchone()
        if made is None or made[0] is None:
            connection.execute(TABLES)
            connection.execute(SQUARES, [9000])
            connection.execute("analyze test_plots")
            publish(connection, plots())
            catch(connection)
        yield connection


def publish(connection: psycopg.Connection[Any], layer: Layer) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        publish_layers(cursor, [layer])


def catch(connection: psycopg.Connection[Any]) -> int:
    with connection.transaction(), connection.cursor() as cursor:
        return catch_up(cursor)


def cells(
    connection: psycopg.Connection[Any], z: int, where: str = "view like 'citizen%%'"
) -> dict[Any, Any]:
    rows = connection.execute(
        "select unit, cx, cy, class, n, round(area_m2) from huong.overview"
        f" where layer = 'test_plots' and z = %s and {where}",
        [z],
    ).fetchall()
    return {row[:4]: row[4:] for row in rows}


def counted(connection: psycopg.Connection[Any], z: int) -> dict[Any, Any]:
    """The same from the features, by another way: the tile of zoom z + 5 in which the middle of the box lies."""
    found: dict[Any, list[float]] = {}
    for kind, x, y, area in connection.execute(
        "select kind, st_x(c), st_y(c), a from (select kind, st_transform(st_centroid(st_envelope(geom3857)), 4326) c,"
        " st_area(geom::geography) a from test_plots where kind <> 'secret') p"
    ).fetchall():
        import math

        side = 2 ** (z + 5)
        column = math.floor((x + 180) / 360 * side)
        row = math.floor((1 - math.asinh(math.tan(math.radians(y))) / math.pi) / 2 * side)
        cell = found.setdefault(("", column, row, kind), [0, 0.0])
        cell[0] += 1
        cell[1] += area
    return {key: (n, round(area)) for key, (n, area) in found.items()}


def everything(connection: psycopg.Connection[Any]) -> list[dict[Any, Any]]:
    """The counts of all audiences at three zooms."""
    views = ("view like '%%citizen%%'", "view like '%%land%%'", "view = 'officer'")
    return [cells(connection, z, view) for z in (12, 7, 0) for view in views]


@pytest.mark.parametrize("z", [12, 9, 4, 0])
def test_counts_and_areas_are_exact(owner: psycopg.Connection[Any], z: int) -> None:
    """Against a count of the features on the ellipsoid; a formula of the sphere would be 0.5% off."""
    ours, theirs = cells(owner, z), counted(owner, z)
    assert ours.keys() == theirs.keys()
    assert all(ours[key][0] == theirs[key][0] for key in ours)
    assert all(abs(float(ours[key][1]) - theirs[key][1]) <= max(1.5, theirs[key][1] * 1e-5) for key in ours)


def test_nothing_hidden_is_counted(owner: psycopg.Connection[Any]) -> None:
    """Citizens' cells know no secret kind; an officer's are kept by unit, and his view shows his alone."""
    assert "secret" not in {key[3] for key in cells(owner, 12)}
    assert "secret" in {key[3] for key in cells(owner, 12, "view like '%%land%%'")}
    city = Config.from_env()
    with psycopg.connect(**city.connection("officer"), autocommit=True) as officer:  # type: ignore[arg-type]
        count = "select coalesce(sum(n), 0) from officer.overview_cell where z = 0"
        assert officer.execute(count).fetchone() == (0,)
        with officer.transaction():
            officer.execute("select set_config('huong.scope', 'w1', true)")
            seen = officer.execute(count).fetchone()
    assert seen == owner.execute("select count(*) from test_plots where unit = 'w1'").fetchone()
    with psycopg.connect(**city.connection("citizen"), autocommit=True) as citizen:  # type: ignore[arg-type]
        views = citizen.execute("select distinct view from citizen.overview_cell").fetchall()
    assert all("citizen" in view for (view,) in views)


def test_random_changes_are_followed_cell_by_cell(owner: psycopg.Connection[Any]) -> None:
    """After some of many random changes, in full after each, every level is what a count from nothing gives."""
    chance = random.Random(7)
    for turn in range(12):
        some = [chance.randrange(1, 9000) for _ in range(chance.choice([1, 1, 3, 40]))]
        statement = chance.choice(
            [
                "delete from test_plots where fid = any(%s)",
                "update test_plots set kind = 'shop' where fid = any(%s)",
                "update test_plots set kind = 'secret' where fid = any(%s)",
                "update test_plots set unit = 'w2' where fid = any(%s)",
                "update test_plots set geom = st_translate(geom, 0.013, -0.02) where fid = any(%s)",
                "insert into test_plots (kind, geom) select kind, geom from test_plots where fid = any(%s)",
            ]
        )
        owner.execute(statement, [some])
        catch(owner)
        if turn % 3 != 2 and not FULL:  # what went wrong in a turn is still there in the next
            continue
        kept = everything(owner)
        with owner.transaction(), owner.cursor() as cursor:
            cursor.execute("delete from huong.feed_reader")
            catch_up(cursor)
        anew = everything(owner)
        assert kept == anew, (turn, statement)


def test_only_those_who_saw_a_change_are_told(owner: psycopg.Connection[Any]) -> None:
    """A change of a hidden row counts for staff and is no event for citizens."""
    owner.execute(
        "insert into test_plots (code, kind, geom) select 'x', 'secret', geom from test_plots limit 1"
    )
    catch(owner)
    before = owner.execute("select max(id) from huong.change").fetchone()
    owner.execute(
        "update test_plots set geom = st_translate(geom, 0.01, 0.01) where kind = 'secret' and code = 'x'"
    )
    assert catch(owner) > 0
    told = owner.execute("select audiences, op, max_zoom from huong.change where id > %s", before).fetchall()
    assert {row[1] for row in told} == {"U", "O"} and not any("citizen" in row[0] for row in told)
    assert {row[2] for row in told if row[1] == "O"} == {12}


def test_few_features_have_none(owner: psycopg.Connection[Any]) -> None:
    """By rule, and when a layer shrinks; published anew it is counted anew."""
    layer = plots()
    assert overview_of(layer, 5_001) and not overview_of(layer, 5_000)
    assert overview_of(layer, 2_501, has_one=True) and not overview_of(layer, 2_500, has_one=True)
    plain = replace(layer, overview=None)
    assert overview_of(plain, 20_001) == Overview(max_zoom=12, by=None) and not overview_of(plain, 20_000)
    with owner.transaction(force_rollback=True), owner.cursor() as cursor:
        revision = cursor.execute("select revision from huong.catalogue").fetchone()
        cursor.execute("delete from test_plots where fid > 1000")
        catch_up_within(cursor, owner)
        assert cursor.execute(
            "select count(*) from huong.overview where layer = 'test_plots'"
        ).fetchone() == (0,)
        assert cursor.execute("select revision from huong.catalogue").fetchone() != revision
    with owner.transaction(force_rollback=True), owner.cursor() as cursor:
        publish_layers(cursor, [plots(overview=Overview(max_zoom=9, by="kind"))])
        catch_up_within(cursor, owner)
        assert cursor.execute("select max(z) from huong.overview where layer = 'test_plots'").fetchone() == (
            9,
        )
    with owner.transaction(force_rollback=True), owner.cursor() as cursor:
        retire_layer(cursor, "test_plots")
        catch_up_within(cursor, owner)
        assert cursor.execute("select count(*) from huong.overview_state").fetchone() == (0,)


def catch_up_within(cursor: Any, owner: psycopg.Connection[Any]) -> None:
    """Inside one transaction its own events are not visible by snapshot: start over instead."""
    cursor.execute("delete from huong.feed_reader")
    catch_up(cursor)


def test_the_maintainer_follows_within_seconds_and_stops(owner: psycopg.Connection[Any]) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=run_maintainer, args=(stop, Config.from_env()))
    thread.start()
    try:
        time.sleep(1)
        before = cells(owner, 12)
        owner.execute(
            "delete from test_plots where fid in (select fid from test_plots where kind = 'house' limit 1)"
        )
        wait_until(lambda: cells(owner, 12) != before, "the change is never counted")
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()


def test_cells_halve_exactly() -> None:
    """A cell of one zoom is four of the next: squares nest."""
    chance = random.Random(3)
    for _ in range(200):
        x, y = chance.uniform(-2e7, 2e7), chance.uniform(-2e7, 2e7)
        z = chance.randrange(1, 15)
        fine, coarse = cells_of((x, y, x, y), z), cells_of((x, y, x, y), z - 1)
        assert tuple(each >> 1 for each in fine) == coarse
