"""A dataset is live in every process and protocol within seconds, and gone from all of them as fast."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from gis_core.datasets import remove_dataset
from gis_core.layer import Layer
from tests.acceptance import places
from tests.acceptance.tile_surfaces import tile_at
from tests.city_plugin import SUPERUSER
from tests.live_city import LiveCity
from tests.waiting import wait_until

BEAT = "data: {}"  # the stream is alive
WITHIN_S = 60.0  # on a machine that does other things too; a quiet one takes two seconds
ASKED = 12  # times in a row, each by a connection of its own, so that each of the two workers is met
LON, LAT = 107.5905, 16.4637
TREES = f"""
insert into dataset.live_trees (species, stems, planted_on, geom)
select 'Muồng hoàng yến ' || i, i, date '2024-01-01' + i, st_setsrid(st_makepoint({LON} + i * 1e-5, {LAT}), 4326)
from generate_series(1, 30) i
"""


def addresses(layer: str) -> dict[str, Callable[[httpx.Response], bool]]:
    """Where a layer with trees shows itself, and what tells that it does."""
    x, y = tile_at(14, LON, LAT)
    here = f"/ogcapi/collections/{layer}"
    return {
        "/ogcapi/collections": lambda r: f'"id":"{layer}"' in r.text,
        here: lambda r: r.json()["id"] == layer,
        f"{here}/items?limit=50": lambda r: r.json()["numberReturned"] == 30,
        f"{here}/items?sortby=-stems&limit=1": lambda r: r.json()["features"][0]["properties"]["stems"] == 30,
        f"{here}/queryables": lambda r: "species" in r.json()["properties"],
        f"{here}/schema": lambda r: "planted_on" in r.json()["properties"],
        f"{here}/tiles": lambda r: "tilesets" in r.json(),
        f"/tiles/{layer}.json": lambda r: r.json()["vector_layers"][0]["id"] == layer,
        f"/tiles/{layer}/14/{x}/{y}.mvt": lambda r: "Muồng".encode() in r.content,
        f"{here}/tiles/WebMercatorQuad/14/{y}/{x}": lambda r: "Muồng".encode() in r.content,
        "/search?q=muong+hoang+yen+7": lambda r: "Muồng hoàng yến 7" in r.text,
        f"/list?layers={layer}&z=15&lat={LAT}&lon={LON}": lambda r: "Muồng hoàng yến" in r.text,
        f"/en/?layers={layer}": lambda r: f'"{layer}"' in r.text,
    }


@pytest.fixture
def trees(live_city: LiveCity) -> Iterator[Layer]:
    yield places.dataset("live_trees")
    remove(live_city, "live_trees")


def remove(city: LiveCity, layer: str) -> None:
    with city.connect() as owner, owner.transaction(), owner.cursor() as cursor:
        cursor.execute("select 1 from huong.published where layer = %s", [layer])
        if cursor.fetchone():
            remove_dataset(cursor, places.dataset(layer))


def everywhere(city: LiveCity, shows: dict[str, Callable[[httpx.Response], bool]], since: float) -> None:
    """Wait until every address passes its test `ASKED` times in a row; fail where that takes longer than allowed."""
    for path, shown in shows.items():
        in_a_row = 0
        while in_a_row < ASKED:
            reply = httpx.get(f"{city.url}{path}", timeout=60)
            asked_at = time.monotonic() - since
            if reply.status_code == 200 and shown(reply):
                in_a_row += 1
            else:
                assert asked_at < WITHIN_S, (
                    f"{path} after {asked_at:.1f} s: {reply.status_code} {reply.text[:300]}"
                )
                in_a_row = 0


@contextmanager
def events(city: LiveCity) -> Iterator[list[dict[str, object]]]:
    """What the event stream tells a citizen meanwhile."""
    heard: list[dict[str, object]] = []
    ready, over = threading.Event(), threading.Event()

    def listen() -> None:
        with (
            city.client() as client,
            client.stream("GET", "/events/", timeout=60) as stream,
        ):
            try:
                for line in stream.iter_lines():
                    if line.startswith("data: "):
                        ready.set()  # by its first beat
                        if line != BEAT:
                            heard.append(json.loads(line[6:]))
                    if over.is_set():  # at the next beat
                        return
            except httpx.HTTPError:
                pass

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield heard
    finally:
        over.set()


def test_a_new_dataset_is_everywhere_without_a_restart(live_city: LiveCity, trees: Layer) -> None:
    """In both web workers and both tile workers, without a restart."""
    for path in addresses("live_trees"):
        httpx.get(
            f"{live_city.url}{path}", timeout=30
        )  # every process has looked for it, and knows that it is not there
    with events(live_city) as heard:
        places.publish(live_city.config, trees, TREES)
        everywhere(live_city, addresses("live_trees"), time.monotonic())
        wait_until(
            lambda: any(event.get("layer") == "live_trees" for event in heard), "nothing is told of it"
        )


def test_a_dataset_that_is_removed_is_nowhere_without_a_restart(live_city: LiveCity, trees: Layer) -> None:
    places.publish(live_city.config, trees, TREES)
    everywhere(live_city, addresses("live_trees"), time.monotonic())
    remove(live_city, "live_trees")
    began = time.monotonic()
    x, y = tile_at(14, LON, LAT)
    for path in ("/ogcapi/collections/live_trees", "/ogcapi/collections/live_trees/items", "/tiles/live_trees.json",
                 f"/tiles/live_trees/14/{x}/{y}.mvt"):  # fmt: skip
        in_a_row = 0
        while in_a_row < ASKED:
            status = httpx.get(f"{live_city.url}{path}", timeout=60).status_code
            in_a_row = in_a_row + 1 if status == 404 else 0
            assert status == 404 or time.monotonic() - began < WITHIN_S, f"{path}: {status}"


def test_an_imported_file_is_everywhere_without_a_restart(live_city: LiveCity, tmp_path: Path) -> None:
    """The same by the command that an operator types."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [LON + i * 1e-5, LAT]},
            "properties": {"species": f"Muồng hoàng yến {i}", "stems": i, "planted_on": "2024-01-02"},
        }
        for i in range(1, 31)
    ]
    file = tmp_path / "imported_trees.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    try:
        live_city.huong("import", str(file), "--title", "Cây nhập", "--title-en", "Imported trees")
        shows = addresses("imported_trees")
        del shows[
            "/ogcapi/collections/imported_trees/items?sortby=-stems&limit=1"
        ]  # an import makes no order
        del shows["/search?q=muong+hoang+yen+7"]  # nor does it choose what is searched
        everywhere(live_city, shows, time.monotonic())
    finally:
        remove(live_city, "imported_trees")


def test_a_changed_feature_is_seen_by_every_worker_at_once(live_city: LiveCity, trees: Layer) -> None:
    """Between processes nothing but the catalogue may be a second old: a read after a write finds it."""
    places.publish(live_city.config, trees, TREES)
    everywhere(live_city, addresses("live_trees"), time.monotonic())
    with live_city.client("operations") as editor:
        item = "/ogcapi/collections/live_trees/items/1"
        for round_ in range(5):
            feature = editor.get(item).json()
            feature["properties"]["stems"] = 100 + round_
            assert editor.put(item, json=feature).status_code == 204
            seen = [httpx.get(f"{live_city.url}{item}").json()["properties"]["stems"] for _ in range(4)]
            assert seen == [100 + round_] * 4


def test_the_second_stale_put_is_refused_by_whichever_worker_gets_it(
    live_city: LiveCity, trees: Layer
) -> None:
    """The same as within one process, with two editors at two workers, at the same moment."""
    places.publish(live_city.config, trees, TREES)
    everywhere(live_city, addresses("live_trees"), time.monotonic())
    item = "/ogcapi/collections/live_trees/items/2"
    with live_city.client("operations") as one, live_city.client("second-operations") as other:
        for round_ in range(20):
            read = one.get(item).json()
            statuses = []

            def put(
                client: httpx.Client,
                word: str,
                feature: dict[str, object] = read,
                found: list[int] = statuses,
            ) -> None:
                properties = {**feature["properties"], "species": word}  # type: ignore[dict-item]
                found.append(client.put(item, json={**feature, "properties": properties}).status_code)

            both = [
                threading.Thread(target=put, args=(c, f"{w} {round_}"))
                for c, w in ((one, "một"), (other, "hai"))
            ]
            for thread in both:
                thread.start()
            for thread in both:
                thread.join()
            assert sorted(statuses) == [204, 412]


def test_readers_cannot_see_tables_while_it_all_runs(live_city: LiveCity, trees: Layer) -> None:
    places.publish(live_city.config, trees, TREES)
    with live_city.connect("citizen") as reader:
        assert reader.execute('select count(*) from "citizen".live_trees').fetchone() == (30,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("select owner_name from dataset.live_trees")
        with pytest.raises(psycopg.errors.UndefinedColumn):
            reader.execute('select owner_name from "citizen".live_trees')


def test_a_client_that_leaves_the_front_door_ends_its_query(live_city: LiveCity, trees: Layer) -> None:
    """Would fail if nginx waited on for who has gone: the tile process would go on drawing for nobody."""
    path = f"/pictures/live_trees/{LON},{LAT},15/300x300.png"
    with psycopg.connect(SUPERUSER, autocommit=True) as superuser, live_city.connect() as owner:
        reader = live_city.config.role("citizen")
        # It must be the leaving that ends the query, not a reader's patience with locks.
        superuser.execute(
            f'alter role "{reader}" in database "{live_city.database}" set lock_timeout = \'60s\''
        )

        def running() -> int:
            row = superuser.execute(
                "select count(*) from pg_stat_activity where application_name like 'huong render%%'"
                " and state = 'active' and datname = %s",
                [live_city.database],
            ).fetchone()
            assert row is not None
            return int(row[0])

        places.publish(live_city.config, trees, TREES)
        everywhere(live_city, {path: lambda r: True}, time.monotonic())  # each knows where the trees are
        with owner.transaction():
            owner.execute("lock table dataset.live_trees in access exclusive mode")
            with pytest.raises(httpx.ReadTimeout):
                httpx.get(live_city.url + path, timeout=1)
            assert running() == 1, "it was not being drawn"
            deadline = time.monotonic() + 2
            while running():
                assert time.monotonic() < deadline, "the query outlives its client"
                time.sleep(0.05)
