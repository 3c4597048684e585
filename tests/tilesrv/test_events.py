"""The stream of changes: who is told what, and that resuming misses nothing."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import count
from typing import Any

import httpx
import psycopg
import pytest

from gis_core.changes import Position
from gis_core.sealing import Seal
from tests.tilesrv.conftest import A_LUOI, THUAN_AN, TileCity, path_of, tile_at
from tests.tilesrv.hearing import Heard, listen, stream
from tests.tilesrv.test_tiles import decoded
from tests.waiting import wait_until


def change(owner: psycopg.Connection[Any], code: str, condition: str) -> None:
    owner.execute(f"update test_plots set code = %s where {condition}", [code])


def seal_of(city: TileCity) -> Seal:
    return Seal(city.config.derive("positions of the feed"))


ONE_HERE = "fid = (select min(fid) from test_plots where unit = 'w1')"
ONE_THERE = "fid = (select min(fid) from test_plots where unit = 'w2')"


def test_a_change_is_told(tile_city: TileCity) -> None:
    with stream(tile_city) as one, stream(tile_city, which=1) as other, tile_city.owner() as owner:
        assert one.status == 200 and one.headers["content-type"] == "text/event-stream"
        change(owner, "told", ONE_HERE)
        for heard in (one, other):
            (message,) = heard.wait(1)
            assert message["event"] == "change" and message["data"]["layer"] == "test_plots"
            assert message["data"]["op"] == "U" and message["data"]["n"] == 1
            ((west, south, east, north),) = message["data"]["boxes"]
            assert tile_at(A_LUOI, 12).covered_by([(west, south, east, north)])
            assert Position.parse(seal_of(tile_city).open(message["id"]) or "")


def test_a_beat_comes_at_once_and_carries_no_position(tile_city: TileCity) -> None:
    """Would fail if the page that listens could not tell a stream that lives from one that hangs (a comment is told to
    nobody), or if the first beat said that what waits in the queue was told."""
    with stream(tile_city) as heard:
        position = heard.last_id
    with tile_city.owner() as owner:
        change(owner, "missed", ONE_HERE)
    with (
        httpx.Client(base_url=tile_city.urls[0], timeout=30) as client,
        client.stream("GET", f"/events/?last-event-id={position}") as response,
    ):
        first = next(part for part in response.iter_text())
        assert "event: beat\ndata: {}\n\n" in first
        assert "id:" not in first.partition("event: beat")[2].partition("\n\n")[0]
    with stream(tile_city) as again:
        assert again.beats >= 1 and again.messages == []


def test_filters(tile_city: TileCity) -> None:
    """By layer and by box; both in one query."""
    near = f"?bbox={A_LUOI[0] - 0.1},{A_LUOI[1] - 0.1},{A_LUOI[0] + 0.1},{A_LUOI[1] + 0.1}"
    with (
        stream(tile_city, "?layers=test_epochs") as epochs,
        stream(tile_city, near) as box,
        stream(tile_city, f"{near}&layers=test_plots") as both,
        stream(tile_city) as everything,
        tile_city.owner() as owner,
    ):
        change(owner, "there", ONE_THERE)
        change(owner, "here", ONE_HERE)
        owner.execute("update test_epochs set name = name || '!' where name like 'new%'")
        assert len(everything.wait(3)) == 3
        # What a stream is told last shows that nothing else was on its way to it.
        change(owner, "the last", ONE_HERE)
        assert [m["data"]["layer"] for m in both.wait(2)] == ["test_plots"] * 2
        assert len(box.wait(2)) == 2
        owner.execute("update test_epochs set name = name || '!' where name like 'new%'")
        assert [m["data"]["layer"] for m in epochs.wait(2)] == ["test_epochs"] * 2


def test_an_early_number_that_commits_late_is_not_missed(tile_city: TileCity) -> None:
    """T1 takes its number first and commits last. A stream that resumes in between is told of it, once.

    ``id > last`` would miss it: the reference measured 390 of 817 so.
    """
    connect = tile_city.config.connection("owner")
    with (
        psycopg.connect(**connect) as first,  # type: ignore[arg-type]
        psycopg.connect(**connect) as second,  # type: ignore[arg-type]
    ):
        with stream(tile_city) as heard:
            change(first, "early", ONE_HERE)
            change(second, "late", ONE_THERE)
            second.commit()
            heard.wait(1)
            assert len(heard.messages) == 1
            resume = heard.last_id
        first.commit()
        here = tile_at(A_LUOI, 12)
        for turn, which in enumerate((0, 1), 1):
            headers = {"Last-Event-ID": resume}
            with stream(tile_city, which=which, **headers) as again, tile_city.owner() as owner:
                again.wait(turn)
                change(owner, f"the last {turn}", ONE_THERE)
                boxes = [tuple(box) for message in again.wait(turn + 1) for box in message["data"]["boxes"]]
                assert [here.covered_by([box]) for box in boxes] == [True, *[False] * turn], (
                    "missed, or told twice"
                )
            with stream(tile_city, f"?last-event-id={resume}", which=which) as by_query:
                (box,) = by_query.wait(1)[0]["data"]["boxes"]
                assert here.covered_by([tuple(box)])


def test_many_writers_and_a_stream_that_is_cut_off(tile_city: TileCity) -> None:
    """Four writers with open transactions of different lengths; the stream is cut off and resumed all the time.

    Every commit is told at least once, whatever the order in which numbers were taken.
    """
    stop = threading.Event()
    committed: list[str] = []
    lock = threading.Lock()

    def write(number: int) -> None:
        with psycopg.connect(**tile_city.config.connection("owner")) as writer:  # type: ignore[arg-type]
            turn = 0
            while not stop.is_set():
                x = 107.0 + number * 0.01 + turn * 1e-5
                writer.execute(
                    "insert into test_epochs (name, valid_from, geom)"
                    " values (%s, '2025-01-01', st_point(%s, 16.0, 4326))",
                    [f"w{number}", x],
                )
                time.sleep(0.005 * (number + 1))
                if turn % 7 == 3:
                    writer.rollback()
                else:
                    writer.commit()
                    with lock:
                        committed.append(f"{x:.5f}")
                turn += 1

    told: set[str] = set()
    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    with stream(tile_city, "?layers=test_epochs") as heard:
        last = heard.last_id
    for writer in writers:
        writer.start()
    for turn in count():
        headers = {"Last-Event-ID": last}
        with stream(tile_city, "?layers=test_epochs", which=turn % 2, **headers) as heard:
            if turn >= 10 and len(committed) > 100:
                stop.set()
                for writer in writers:
                    writer.join()
                missing = set(committed) - told
                wait_until(partial(all_told, missing, heard), "a commit is never told")
            else:
                heard.wait(3)
        told |= told_in(heard)
        last = heard.last_id or last
        if stop.is_set():
            break
    with tile_city.owner() as owner:
        owner.execute("delete from test_epochs where name like 'w%'")


def all_told(missing: set[str], heard: Heard) -> bool:
    return missing <= told_in(heard)


def told_in(heard: Heard) -> set[str]:
    return {place for message in list(heard.messages) for place in places(message)}


def places(message: dict[str, Any]) -> Iterator[str]:
    """The longitudes of the corners of an event's boxes; a box of several points names all steps between."""
    from tilesrv.grid import lon_lat

    for west, _, east, _ in message["data"]["boxes"]:
        low, high = lon_lat(west, 0)[0], lon_lat(east, 0)[0]
        for step in range(round((high - low) / 1e-5) + 1):
            yield f"{low + step * 1e-5:.5f}"


@pytest.mark.parametrize(
    "last",
    [
        "garbage",
        "0" * 12 + ":1:1:",
        "é",
        "' or 1=1",
        "1:1:",
        "0123456789ab:5:3:",
        "0123456789ab:" + "9" * 5000,
    ],
)
def test_a_position_that_is_none_of_ours_starts_over(tile_city: TileCity, last: str) -> None:
    with httpx.Client(base_url=tile_city.urls[0], timeout=60) as client:
        heard = Heard()
        with client.stream("GET", "/events/", params={"last-event-id": last}) as response:
            assert response.status_code == 200
            thread = threading.Thread(target=listen, args=(response, heard), daemon=True)
            thread.start()
            assert heard.wait(1)[0]["event"] == "reset"
            assert Position.parse(seal_of(tile_city).open(heard.messages[0]["id"]) or "")


def test_a_position_of_the_future_or_before_the_horizon_starts_over(tile_city: TileCity) -> None:
    """After a restore PostgreSQL would answer "nothing new" for ever; what was cleared away cannot be told."""
    with stream(tile_city) as heard:
        last = heard.last_id
    seal = seal_of(tile_city)
    generation = (seal.open(last) or "").partition(":")[0]
    future = seal.seal(f"{generation}:99999999999:99999999999:")
    with stream(tile_city, f"?last-event-id={future}") as again:
        assert again.wait(1)[0]["event"] == "reset"
    with tile_city.owner() as owner:
        owner.execute("update huong.feed set horizon = pg_current_xact_id()")
        try:
            with stream(tile_city, f"?last-event-id={last}") as again:
                assert again.wait(1)[0]["event"] == "reset"
        finally:
            owner.execute("update huong.feed set horizon = '0'")


def test_where_a_stream_stands_tells_nothing(tile_city: TileCity) -> None:
    """The numbers of transactions told anybody how many there had been that he was not to know of."""
    seal, ids, numbers = seal_of(tile_city), [], []

    def stands_at(least: int) -> bool:
        """Whether a stream that begins now stands behind ``least`` transactions, as the server learns by and by."""
        with stream(tile_city) as heard:
            position = Position.parse(seal.open(heard.last_id) or "")
        assert position is not None
        if position.xmax < least:
            return False
        ids.append(heard.last_id)
        numbers.append(position)
        return True

    with tile_city.owner() as owner:
        for hidden in (0, 0, 50):
            for _ in range(hidden):
                owner.execute(f"update test_plots set holder = holder || '.' where {ONE_HERE}")
            least = numbers[-1].xmax + hidden if numbers else 0
            wait_until(partial(stands_at, least), "the stream stays where it was")
    assert len(set(ids)) == 3 and len({len(each) for each in ids}) == 1
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{200,300}", each) for each in ids)
    plain = str(numbers[0])
    forged = (plain, f"{ids[0][:-2]}{'AA' if ids[0][-2:] != 'AA' else 'BB'}", Seal("00" * 32).seal(plain))
    for each in forged:
        with stream(tile_city, f"?last-event-id={each}") as again:
            assert again.wait(1)[0]["event"] == "reset"


def test_private_changes_are_no_event(tile_city: TileCity) -> None:
    """Neither a column that citizens do not see nor a row that is hidden from them."""
    with stream(tile_city) as heard, tile_city.owner() as owner:
        owner.execute(f"update test_plots set holder = 'private' where {ONE_HERE}")
        owner.execute(
            "insert into test_plots (code, kind, geom) select 's', 'secret', geom from test_plots limit 1"
        )
        owner.execute("update test_plots set code = 't' where kind = 'secret'")
        owner.execute("delete from test_plots where kind = 'secret'")
        # And a row that becomes hidden is gone: the first that is told, for what came before it was not.
        owner.execute(f"update test_plots set kind = 'secret' where {ONE_HERE}")
        assert heard.wait(1)[0]["data"]["op"] == "D"
        owner.execute("update test_plots set kind = 'house' where kind = 'secret'")
        assert heard.wait(2)[1]["data"]["op"] == "I"


@pytest.fixture
def tokens(tile_city: TileCity) -> dict[str, str]:
    """API tokens of an officer of unit w1 and of a land officer."""
    from gis_core.accounts.models import Membership, User
    from gis_core.accounts.tokens import issue

    made = {}
    for audience, units in (("officer", ["w1"]), ("land", [])):
        user, _ = User.objects.get_or_create(username=f"tiles-{audience}")
        Membership.objects.get_or_create(user=user, audience=audience, defaults={"units": units})
        made[audience] = issue(user, f"tests {user.tokens.count()}", audience, scope="read")[1]
    return made


def test_staff_see_their_own(tile_city: TileCity, tokens: dict[str, str]) -> None:
    """An officer: the tiles and the events of his unit alone; a land officer: the holder too. Nothing is kept."""
    officer = {"Authorization": f"Bearer {tokens['officer']}"}
    land = {"Authorization": f"Bearer {tokens['land']}"}
    here, there = path_of("test_plots", tile_at(A_LUOI, 14)), path_of("test_plots", tile_at(THUAN_AN, 14))
    with tile_city.client() as client:
        answer = client.get(here, headers=officer)
        assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-store"
        assert "access-control-allow-credentials" not in answer.headers
        assert client.get(there, headers=officer).status_code == 404, "nothing of his lies there"
        owned = next(iter(decoded(client.get(there, headers=land).content).values()))
        assert "holder" in owned["properties"]  # type: ignore[operator]
        document = client.get("/tiles/test_plots.json", headers=officer).json()
        assert document["bounds"][2] < THUAN_AN[0]
    with (
        stream(tile_city, **officer) as of_officer,
        stream(tile_city, **land) as of_land,
        tile_city.owner() as owner,
    ):
        change(owner, "elsewhere", ONE_THERE)
        owner.execute(f"update test_plots set holder = 'somebody' where {ONE_HERE}")
        change(owner, "his", ONE_HERE)
        assert len(of_land.wait(3)) == 3
        change(owner, "his, the last", ONE_HERE)
        boxes = [tuple(box) for message in of_officer.wait(2) for box in message["data"]["boxes"]]
        assert len(of_officer.messages) == 2 and all(tile_at(A_LUOI, 12).covered_by([box]) for box in boxes)


def test_too_many_streams_of_one_user(tile_city: TileCity, tokens: dict[str, str]) -> None:
    """Would fail if one account could take all; those whom nobody knows are counted by the front door."""
    known = {"Authorization": f"Bearer {tokens['officer']}", "Accept-Language": "en"}
    with (
        httpx.Client(
            base_url=tile_city.urls[0], timeout=60, limits=httpx.Limits(max_connections=200)
        ) as client,
        ExitStack() as opened,
    ):

        def statuses(count: int, headers: dict[str, str]) -> list[int]:
            streams = [client.stream("GET", "/events/", headers=headers) for _ in range(count)]
            return [opened.enter_context(each).status_code for each in streams]

        assert statuses(18, known) == [200] * 16 + [429] * 2
        assert client.get("/events/", headers=known).json()["code"] == "too-many-streams"
        assert statuses(80, {"X-Forwarded-For": "203.0.113.7"}) == [200] * 80
        opened.close()
        wait_until(lambda: statuses(1, known) == [200], "streams that left are still counted")
