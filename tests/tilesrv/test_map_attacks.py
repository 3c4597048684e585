"""What a stranger tried against maps: to take their processes, their disk and their connections, to make them fail."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from gis_core.audiences import CITIZEN, Caller
from gis_core.styles.errors import StyleError
from gis_core.styles.model import parse_text
from gis_core.words import Text
from tests.tilesrv.conftest import A_LUOI, TileCity, plots, publish, tile_at
from tests.tilesrv.test_pictures import coloured, renderer_of, slow_style
from tilesrv.cache import TileFiles
from tilesrv.grid import TileId, web_mercator
from tilesrv.journal import Journal
from tilesrv.render.picture import Drawing, Picture
from tilesrv.render.worker import MOST_CONNECTIONS

SHEET = "/print/map.pdf?layers=test_plots&center=107.235,16.225&scale=5000&paper=A0"


@pytest.fixture
def maps(tile_city: TileCity) -> TileCity:
    tile_city.publish(coloured())
    return tile_city


def statuses(url: str, path: str, count: int) -> list[int]:
    """Answers to ``count`` requests at once."""
    pool = httpx.Limits(max_connections=None)
    with httpx.Client(base_url=url, timeout=120, limits=pool) as client, ThreadPoolExecutor(count) as threads:
        return list(threads.map(lambda _: client.get(path).status_code, range(count)))


def test_sheets_wait_for_no_more_than_a_few_others(maps: TileCity) -> None:
    """Would fail if whoever asks for many sheets made everybody else's wait behind them, for hours."""
    answers = statuses(maps.urls[0], SHEET, 30)
    assert answers.count(503) >= 15 and answers.count(200) >= 8, answers
    assert statuses(maps.urls[0], SHEET, 1) == [200]


@pytest.mark.parametrize("scale", ["9" * 5000, "٥٠٠٠", "1e3", "-1", ""])
def test_a_scale_that_is_no_number_is_refused(maps: TileCity, scale: str) -> None:
    with maps.client() as client:
        answer = client.get("/print/map.pdf", params={"center": "107.5,16.4", "scale": scale})
    assert answer.status_code == 400, answer.text


def test_officers_of_many_units_do_not_use_up_the_connections(maps: TileCity) -> None:
    """Would fail if a process that draws kept a connection for each unit that it ever read for: a city has 40."""
    west, south = web_mercator(*A_LUOI)
    with renderer_of(maps, size=1) as (runner, renderer, watch):
        for number in range(3 * MOST_CONNECTIONS):
            caller = Caller("officer", (f"w{number}",), "user:1")
            published = watch.now.catalogue.get("test_plots", caller)
            drawing = Drawing(slow_style(), (published,))
            picture = Picture((drawing,), 3857, (west, south, west + 50, south + 50), 50, 50)
            assert runner.run(renderer.draw(caller, picture))
            assert connections_for_pictures(maps) <= 2 * MOST_CONNECTIONS


def connections_for_pictures(city: TileCity) -> int:
    with city.owner() as owner:
        row = owner.execute(
            "select count(*) from pg_stat_activity where application_name = 'huong render officer'"
            " and datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_database_that_refuses_is_reported_without_the_password() -> None:
    """Mapnik quotes its connection in the words of an error, and those go to the log."""
    script = (
        "import sys\n"
        "from tilesrv.render.job import Drawn, Job, Source, frame\n"
        "source = Source('a', (), '(select 1) as t')\n"
        "words = \"none host=127.0.0.1 port=1 user=u password=pass-word options='-c huong.scope=1'\"\n"
        "job = Job('k', '', (source,), words, (), 3857, (0, 0, 1, 1), 9, 9, 1, None, False, 'png', 0)\n"
        "sys.stdout.buffer.write(frame(job))\n"
    )
    asked = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
    told = subprocess.run(
        [sys.executable, "-m", "tilesrv.render.worker"], input=asked, capture_output=True, check=True
    )
    assert b"Connection refused" in told.stdout
    assert b"pass-word" not in told.stdout + told.stderr


def test_a_layer_published_anew_while_it_is_drawn_is_drawn(maps: TileCity) -> None:
    """Would fail if a view that is replaced under a picture's query were answered as a fault of the server."""
    wrong: list[tuple[int, str]] = []

    def ask(stop: float) -> None:
        with maps.client() as client:
            for number in range(10**6):
                if time.monotonic() > stop:
                    return
                place = f"{A_LUOI[0] + 1e-6 * (number % 999):.7f},{A_LUOI[1]:.7f}"
                answer = client.get(f"/pictures/test_plots/{place},16/64x64.png")
                if answer.status_code != 200:
                    wrong.append((answer.status_code, answer.text))

    with ThreadPoolExecutor(2) as threads:
        asking = [threads.submit(ask, time.monotonic() + 6) for _ in range(2)]
        code, _, *others = plots().fields
        for turn in range(12):
            # The style colours by a column that is in the view every other time.
            fields = plots().fields if turn % 2 else (code, *others)
            publish(maps.config, coloured(fields=fields, overview=None))
            time.sleep(0.4)
        for each in asking:
            each.result()
    publish(maps.config, coloured())
    assert not [status for status, _ in wrong if status >= 500], wrong[:3]


def test_folders_of_tiles_that_went_go_too(tmp_path: Path) -> None:
    """Would fail if each column of tiles ever asked for left a folder behind for good."""
    files = TileFiles(tmp_path, Journal(), limit_bytes=40_000)
    files.prepare()
    for x in range(50):
        path = files.path("wards", TileId(24, x, 7))
        path.parent.mkdir(parents=True)
        path.write_bytes(b"tile")
    assert files.sweep() <= 40_000
    left = list((files.root / "wards" / "24").iterdir())
    assert 0 < len(left) < 12
    assert all(any(column.iterdir()) for column in left)


def test_pictures_of_nothing_and_of_the_deepest_zooms_are_not_kept(maps: TileCity) -> None:
    """Would fail if asking for a million tiles of the sea pushed the city's out of the folder."""
    folder = maps.var / "tilecache" / "pictures" / "test_plots"
    deep = tile_at(A_LUOI, 22)
    with maps.client() as client:
        for path in (f"/tiles/test_plots/22/{deep.x}/{deep.y}.png", "/tiles/test_plots/12/100/100.png"):
            assert client.get(path).status_code == 200
        seen = tile_at(A_LUOI, 16)
        path = f"/tiles/test_plots/16/{seen.x}/{seen.y}.webp"
        deadline = time.monotonic() + 60
        while not (folder / "16" / str(seen.x) / f"{seen.y}.webp").exists():
            assert client.get(path).status_code == 200
            assert time.monotonic() < deadline, "the picture is never kept"
            time.sleep(0.05)
    assert not (folder / "22").exists() and not (folder / "12").exists()


@pytest.mark.parametrize(
    "width",
    [
        '["interpolate", ["linear"], ["get", "area"], 0, 1, Infinity, 2]',
        '["step", ["get", "area"], 1, NaN, 2]',
        '["step", ["get", "area"], 1, 1e999, 2]',
        f'["step", ["get", "area"], 1, 1{"0" * 400}, 2]',
        '["to-number", ["get", "kind"], 1e999]',
        f'["to-number", ["get", "kind"], 1{"0" * 400}]',
        '["interpolate", ["exponential", 10], ["get", "area"], 0, 1, 1e5, 2]',
        '["interpolate", ["exponential", 1.0000000000000002], ["get", "area"], 0, 1, 0.1, 2]',
    ],
)
def test_numbers_that_are_none_are_refused_in_styles(width: str) -> None:
    """JSON of Python takes NaN and Infinity; in a query they would be names of columns, and no picture be drawn."""
    text = f'[{{"id": "a", "type": "line", "paint": {{"line-width": {width}}}}}]'
    with pytest.raises(StyleError) as refused:
        parse_text(text, id="x", title=Text("x", "x"), collection="test_plots")
    assert refused.value.path.startswith("layers[0].paint.line-width")


HUGE = (
    {"id": "a", "type": "circle", "paint": {"circle-radius": ["*", ["get", "area"], 1e6]}},
    {"id": "a", "type": "circle", "paint": {"circle-stroke-width": ["*", ["get", "area"], 1e6]}},
    {"id": "a", "type": "line", "paint": {"line-width": ["*", ["get", "area"], 1e14]}},
    {"id": "a", "type": "line", "paint": {"line-offset": ["*", ["get", "area"], -1e14]}},
    {"id": "a", "type": "symbol", "layout": {"text-field": "X", "text-size": ["*", ["get", "area"], 1e3]}},
    {"id": "a", "type": "symbol", "layout": {"text-field": "X", "text-size": ["*", 90, 1e3]}},
    {"id": "a", "type": "symbol", "layout": {"icon-image": "drop", "icon-size": ["*", ["get", "area"], 1e6]}},
    {"id": "a", "type": "symbol", "layout": {"text-field": ["get", "note"]}},
)


@pytest.mark.parametrize("layer", HUGE, ids=range(len(HUGE)))
def test_what_data_say_is_drawn_in_bounds(maps: TileCity, layer: dict[str, Any]) -> None:
    """Would fail if one number or text in imported data kept every picture of its layer from being drawn in time."""
    overlapping = {f"{name}-allow-overlap": True for name in ("text", "icon")}
    given = {**layer, "layout": {**layer["layout"], **overlapping}} if layer["type"] == "symbol" else layer
    style = parse_text(json.dumps([given]), id="x", title=Text("x", "x"), collection="test_plots")
    west, south = web_mercator(*A_LUOI)
    with renderer_of(maps, size=1) as (runner, renderer, watch), maps.owner() as owner:
        owner.execute("update test_plots set note = repeat('Huế ', 250000) where code like 'L3%'")
        published = watch.now.catalogue.get("test_plots", CITIZEN)
        picture = Picture(
            (Drawing(style, (published,)),), 3857, (west, south, west + 800, south + 800), 400, 400
        )
        assert runner.run(renderer.draw(CITIZEN, picture, deadline_s=6))
        owner.execute("update test_plots set note = 'note'")


def test_a_drawing_process_ends_with_the_one_that_started_it(maps: TileCity) -> None:
    """Would fail if a killed tile process left behind what draws for it, in the middle of a picture."""
    script = (
        "import asyncio, os\n"
        "from tilesrv.render.pool import start_worker\n"
        "async def main():\n"
        "    worker = await start_worker()\n"
        "    await asyncio.sleep(2)\n"
        "    os.kill(worker.process.pid, 19)\n"  # stopped: it reads no end of its input
        "    print(worker.process.pid, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    deadline = time.monotonic() + 60
    while Path(f"/proc/{int(told.stdout)}/stat").exists() and not is_dead(int(told.stdout)):
        assert time.monotonic() < deadline, "it is left behind"
        time.sleep(0.05)


def is_dead(pid: int) -> bool:
    """Whether the process is there in name only, until somebody takes its exit code."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
