"""Pictures: what is drawn is what the caller may see, in the style's colours, and never older than a COMMIT."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from PIL import Image

from gis_core.audiences import CITIZEN, Caller
from gis_core.layer import DeclaredStyle, Layer
from gis_core.problems import Problem
from gis_core.styles import parse_layers
from gis_core.words import Text
from tests.city_plugin import SUPERUSER
from tests.tilesrv.conftest import A_LUOI, STEP, THUAN_AN, TileCity, plots, publish, tile_at
from tests.waiting import wait_until
from tilesrv.catalogue import Watch
from tilesrv.database import Database
from tilesrv.grid import TileId, web_mercator
from tilesrv.render import pool as pool_module
from tilesrv.render.job import Drawn, Job
from tilesrv.render.metatile import Metatile
from tilesrv.render.picture import Drawing, Picture
from tilesrv.render.pool import Renderer
from tilesrv.styles.book import layer_style

KINDS = {"house": "#ff0000", "field": "#00ff00", "shop": "#0000ff"}
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def coloured(**changes: Any) -> Layer:
    """The plots in a flat colour by kind, without outlines: a pixel inside a plot is that colour exactly."""
    pairs = [part for kind, colour in KINDS.items() for part in (kind, colour)]
    fill = {
        "id": "fill",
        "type": "fill",
        "paint": {"fill-color": ["match", ["get", "kind"], *pairs, "#000000"]},
    }
    holders = {"id": "holders", "type": "fill", "paint": {"fill-color": "#123456"}}
    holders["filter"] = ["==", ["get", "holder"], "Nguyễn Văn 3"]
    styles = (
        DeclaredStyle(id="default", title=Text("Loại", "Kind"), layers=(fill,)),
        DeclaredStyle(id="holder", title=Text("Người giữ", "Holder"), layers=(holders,)),
    )
    return plots(**{"styles": styles, **changes})


@pytest.fixture
def pictures(tile_city: TileCity) -> TileCity:
    tile_city.publish(coloured())
    return tile_city


def middle_of(i: int, j: int, place: tuple[float, float] = A_LUOI) -> tuple[float, float]:
    """Longitude and latitude of the middle of plot ``i``, ``j``."""
    return place[0] + (i + 0.4) * STEP, place[1] + (j + 0.4) * STEP


def picture_at(client: httpx.Client, place: tuple[float, float], name: str = "test_plots") -> Image.Image:
    """A picture of 101 px about ``place`` at zoom 17: a plot is 93 px wide."""
    answer = client.get(f"/pictures/{name}/{place[0]:.7f},{place[1]:.7f},17/101x101.png")
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content)).convert("RGBA")


def middle_pixel(
    client: httpx.Client, place: tuple[float, float], name: str = "test_plots"
) -> tuple[int, ...]:
    pixel = picture_at(client, place, name).getpixel((50, 50))
    assert isinstance(pixel, tuple)
    return pixel


@contextmanager
def renderer_of(city: TileCity, **options: Any) -> Iterator[tuple[asyncio.Runner, Renderer, Watch]]:
    """A renderer of our own, with its event loop."""
    with asyncio.Runner() as runner:
        database = Database(city.config)
        watch = Watch(database)
        runner.run(watch.refresh())
        renderer = Renderer(city.config, watch, **options)
        try:
            yield runner, renderer, watch
        finally:
            runner.run(renderer.close())
            runner.run(database.close())


def drawn_by(city: TileCity, caller: Caller, style_id: str | None = None) -> Image.Image:
    """The plots of A Lưới as ``caller`` sees them, 20 px to a plot."""
    west, south = web_mercator(*A_LUOI)
    east, north = web_mercator(A_LUOI[0] + 20 * STEP, A_LUOI[1] + 20 * STEP)
    with renderer_of(city, size=1) as (runner, renderer, watch):
        published = watch.now.catalogue.get("test_plots", caller)
        drawing = Drawing(layer_style(published, caller, style_id), (published,))
        picture = Picture((drawing,), 3857, (west, south, east, north), 400, 400)
        body = runner.run(renderer.draw(caller, picture))
    return Image.open(io.BytesIO(body)).convert("RGBA")


def test_a_pixel_has_the_colour_of_its_feature(pictures: TileCity) -> None:
    with pictures.client() as client:
        for i, j in ((0, 0), (1, 0), (2, 0), (5, 7)):
            colour = (RED, GREEN, BLUE)[(i + j) % 3]
            assert middle_pixel(client, middle_of(i, j)) == (*colour, 255)
        assert middle_pixel(client, (107.0, 16.0))[3] == 0  # nothing there: transparent


def test_several_names_are_one_picture(pictures: TileCity) -> None:
    """The ground under a layer, and the layer's own colour on it."""
    both = "basemap,test_plots"
    with pictures.client() as client:
        assert middle_pixel(client, middle_of(0, 0), both) == (*RED, 255)
        assert middle_pixel(client, (107.0, 16.0), both)[3] == 255
        assert middle_pixel(client, middle_of(0, 0), "basemap") != (*RED, 255)


def test_a_tile_and_its_dense_form_show_the_same(pictures: TileCity) -> None:
    """@2x is the same picture with four pixels for each, and other formats hold the same colours."""
    tile = tile_at(A_LUOI, 17)
    with pictures.client() as client:
        path = f"/tiles/test_plots/{tile.z}/{tile.x}/{tile.y}"
        plain, dense, webp = (
            Image.open(io.BytesIO(client.get(path + end).content)).convert("RGBA")
            for end in (".png", "@2x.png", ".webp")
        )
    assert plain.size == (256, 256) and dense.size == (512, 512)
    inside = [(x, y) for x in range(0, 256, 8) for y in range(0, 256, 8) if plain.getpixel((x, y))[3] == 255]  # type: ignore[index]
    assert len(inside) > 200
    wrong = [at for at in inside if dense.getpixel((2 * at[0], 2 * at[1])) != plain.getpixel(at)]
    assert len(wrong) < len(inside) * 0.03  # edges fall differently
    far = [
        at
        for at in inside
        if max(abs(a - b) for a, b in zip(webp.getpixel(at), plain.getpixel(at), strict=True)) > 24  # type: ignore[arg-type]
    ]
    assert len(far) < len(inside) * 0.05


def test_neighbouring_tiles_join(pictures: TileCity) -> None:
    """The last column of a tile and the first of the next are neighbours of one picture, across metatiles too."""
    west = Metatile.around(tile_at(A_LUOI, 17))
    y = west.y + 1
    with pictures.client() as client:
        for x in (west.x + 2, west.x + 3):
            left, right = (
                Image.open(io.BytesIO(client.get(f"/tiles/test_plots/17/{each}/{y}.png").content)).convert(
                    "RGBA"
                )
                for each in (x, x + 1)
            )
            pairs = [(left.getpixel((255, row)), right.getpixel((0, row))) for row in range(256)]
            assert sum(a == b for a, b in pairs) > 200


def test_rows_and_units_that_are_not_for_a_caller_are_not_drawn(pictures: TileCity) -> None:
    """The picture is read as the caller's role and scope, by connections that are never another's."""
    here = middle_of(3, 3)
    with pictures.owner() as owner:
        owner.execute(
            "update test_plots set kind = 'secret' where st_contains(geom, st_point(%s, %s, 4326))", here
        )
        try:
            one, other = (Caller("officer", (unit,), "user:1") for unit in ("w1", "w2"))
            land = Caller("land", (), "user:2")
            at = (int(3.4 * 20), 400 - int(3.4 * 20))
            assert drawn_by(pictures, CITIZEN).getpixel(at)[3] == 0  # type: ignore[index]
            assert drawn_by(pictures, land).getpixel(at) == (0, 0, 0, 255)
            assert drawn_by(pictures, one).getbbox() is not None
            assert drawn_by(pictures, other).getbbox() is None  # A Lưới is not in his unit
        finally:
            owner.execute("update test_plots set kind = 'house' where kind = 'secret'")


@pytest.mark.parametrize(
    "unit",
    [
        "Xã A Lưới",
        "phường-Thuận-Hoá",
        "đ" * 60,
        "a b\\ c\\\\",
        "it's",
        'the "old" one',
        "tab\there",
        "w9\u00a0\u2003w8",
    ],
)
def test_units_of_any_name_are_read_as_they_are(pictures: TileCity, unit: str) -> None:
    """Would fail for officers of units whose codes are no plain words: the API shows them what pictures did not."""
    officer = Caller("officer", (unit,), "user:1")
    with pictures.owner() as owner:
        owner.execute("update test_plots set unit = %s where code = 'L3_3'", [unit])
        try:
            row = owner.execute(
                "select set_config('huong.scope', %s, false), huong.scope()", [officer.scope]
            ).fetchone()
            assert row is not None and row[1] == [unit]
            assert drawn_by(pictures, officer).getbbox() is not None
            assert drawn_by(pictures, Caller("officer", (unit[:-1],), "user:2")).getbbox() is None
        finally:
            owner.execute("update test_plots set unit = 'w1' where code = 'L3_3'")


@pytest.mark.parametrize(
    "unit",
    [
        "x -c huong.scope=w1",
        "x' options='-c huong.scope=w1",
        "x\\ -c huong.scope=w1",
        "x\\",
        "x'",
        "x host=nowhere",
        "\n-c\thuong.scope=w1",
    ],
)
def test_a_unit_is_no_way_to_another(pictures: TileCity, unit: str) -> None:
    """Would fail if the code of a unit could end the option in which it stands, or the word of the connection."""
    assert drawn_by(pictures, Caller("officer", (unit,), "user:1")).getbbox() is None
    assert drawn_by(pictures, Caller("officer", (unit, "w1"), "user:1")).getbbox() is not None


def test_a_style_tells_nobody_of_a_private_column(pictures: TileCity) -> None:
    """The style by holder draws for the land office and nothing for citizens: for them the column is null."""
    assert drawn_by(pictures, CITIZEN, "holder").getbbox() is None
    assert drawn_by(pictures, Caller("land", (), "user:2"), "holder").getbbox() is not None


def test_words_in_a_style_do_not_change_a_query(pictures: TileCity) -> None:
    """Mapnik replaces !bbox! and @name in the SQL that it sends: in a style's text they are only text."""
    words = "x' or !bbox! is not null; --@zoom [kind]"
    layers = [
        {
            "id": "f",
            "type": "fill",
            "filter": ["!=", ["get", "kind"], words],
            "paint": {"fill-color": ["match", ["get", "kind"], words, "#000000", "#ff0000"]},
        }
    ]
    style = parse_layers(layers, id="words", title=Text("w", "w"), collection="test_plots")
    west, south = web_mercator(*A_LUOI)
    with renderer_of(pictures, size=1) as (runner, renderer, watch):
        published = watch.now.catalogue.get("test_plots", CITIZEN)
        picture = Picture(
            (Drawing(style, (published,)),), 3857, (west, south, west + 500, south + 500), 200, 200
        )
        body = runner.run(renderer.draw(CITIZEN, picture))
    colours = {c for _, c in Image.open(io.BytesIO(body)).convert("RGB").getcolors(100000) or []}
    assert (255, 0, 0) in colours


def file_of(city: TileCity, tile: TileId, end: str = ".png") -> Path:
    return city.var / "tilecache" / "pictures" / "test_plots" / str(tile.z) / str(tile.x) / f"{tile.y}{end}"


def kept_picture(city: TileCity, client: httpx.Client, tile: TileId) -> Path:
    """The file of a picture, asked for until it is there."""
    path = file_of(city, tile)
    deadline = time.monotonic() + 60
    while not path.exists():
        assert client.get(f"/tiles/test_plots/{tile.z}/{tile.x}/{tile.y}.png").status_code == 200
        assert time.monotonic() < deadline, "the picture is never kept"
        time.sleep(0.05)
    return path


def test_a_change_drops_the_pictures_that_show_it_and_no_others(pictures: TileCity) -> None:
    here, there = tile_at(A_LUOI, 17), tile_at(THUAN_AN, 17)
    middle = A_LUOI[0] + STEP * 10.4, A_LUOI[1] + STEP * 10.4
    with pictures.client(0) as one, pictures.client(1) as other, pictures.owner() as owner:
        changed, kept = kept_picture(pictures, one, here), kept_picture(pictures, one, there)
        assert kept_picture(pictures, other, here) == changed
        before = kept.stat().st_mtime
        owner.execute(
            "update test_plots set kind = 'other' where st_contains(geom, st_point(%s, %s, 4326))", middle
        )
        wait_until(lambda: not changed.exists(), "the old picture stays")
        for client in (one, other):
            assert middle_pixel(client, middle) == (0, 0, 0, 255)
            tile = Image.open(io.BytesIO(client.get(f"/tiles/test_plots/17/{here.x}/{here.y}.png").content))
            assert (0, 0, 0) in {c[:3] for _, c in tile.convert("RGBA").getcolors(65536) or []}  # type: ignore[index]
        assert kept.stat().st_mtime == before
        owner.execute("update test_plots set kind = 'house' where kind = 'other'")


def test_a_changed_style_is_drawn_without_a_restart(pictures: TileCity) -> None:
    tile = tile_at(A_LUOI, 17)
    layer = coloured()
    first = layer.styles[0]
    teal = replace(first, layers=({**first.layers[0], "paint": {"fill-color": "#008080"}},))
    with pictures.client(1) as client:
        kept_picture(pictures, client, tile)
        publish(pictures.config, coloured(), replace(layer, styles=(teal,)))
        path = f"/tiles/test_plots/17/{tile.x}/{tile.y}.png"

        def is_teal() -> bool:
            picture = Image.open(io.BytesIO(client.get(path).content)).convert("RGBA")
            return (0, 128, 128) in {c[:3] for _, c in picture.getcolors(65536) or []}  # type: ignore[index]

        wait_until(is_teal, "the old style is still drawn")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tiles/test_plots/17/1/1.gif", 404),
        ("/tiles/no_such/3/1/1.png", 404),
        ("/tiles/test_plots:none/3/1/1.png", 404),
        ("/tiles/test_plots/3/9/1.png", 404),
        ("/tiles/test_plots/03/1/1.png", 404),
        ("/tiles/test_plots/17/1/1@3x.png", 404),
        ("/tiles/test_plots/3/1/1.png?x=1", 400),
        ("/tiles/test_plots/3/1/1.png?t=2020-01-01", 400),
        ("/pictures/test_plots/107,16,10/99999x100.png", 404),
        ("/pictures/test_plots/107,96,10/100x100.png", 404),
        ("/pictures/test_plots/nan,16,10/100x100.png", 404),
        ("/pictures/test_plots,no_such/107,16,10/100x100.png", 404),
        ("/pictures/test_plots,/107,16,10/100x100.png", 404),
        (f"/pictures/{','.join(['test_plots'] * 21)}/107,16,10/100x100.png", 404),
    ],
)
def test_what_there_is_not_is_said(pictures: TileCity, path: str, status: int) -> None:
    with pictures.client() as client:
        answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_entity_tag_is_kept_where_nothing_changed(pictures: TileCity) -> None:
    tile = tile_at(THUAN_AN, 16)
    with pictures.client(0) as one, pictures.client(1) as other:
        path = f"/tiles/test_plots/16/{tile.x}/{tile.y}.png"
        first, second = one.get(path), other.get(path)
        assert first.headers["etag"] == second.headers["etag"]
        assert one.get(path, headers={"if-none-match": first.headers["etag"]}).status_code == 304


def slow_style() -> Any:
    layers = [{"id": "f", "type": "fill", "paint": {"fill-color": "#ff0000"}}]
    return parse_layers(layers, id="slow", title=Text("s", "s"), collection="test_plots")


def test_a_picture_past_its_deadline_is_killed_and_its_query_with_it(
    waiting_for_locks: None, pictures: TileCity
) -> None:
    """A lock makes the query wait: at the deadline the asker has his answer, the process is gone, and the
    database drops the query of a reader that is gone."""
    with (
        renderer_of(pictures, size=1) as (runner, renderer, watch),
        psycopg.connect(**pictures.config.connection("owner")) as owner,  # type: ignore[arg-type]
    ):
        published = watch.now.catalogue.get("test_plots", CITIZEN)
        west, south = web_mercator(*A_LUOI)
        drawing = Drawing(slow_style(), (published,))
        picture = Picture((drawing,), 3857, (west, south, west + 500, south + 500), 200, 200)
        assert runner.run(renderer.draw(CITIZEN, picture))
        owner.execute("lock table test_plots in access exclusive mode")
        with pytest.raises(Problem) as refused:  # while the lock is held
            runner.run(renderer.draw(CITIZEN, picture, deadline_s=0.5))
        assert refused.value.status == 503
        assert running_renders(pictures) == 1, "it was not being drawn"
        wait_until(lambda: not running_renders(pictures), "the query outlives its reader", 30)
        owner.rollback()
        assert runner.run(renderer.draw(CITIZEN, picture))  # and the next picture is drawn by a new process


def test_the_last_of_many_has_as_much_time_as_the_first(
    pictures: TileCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that asks for a screen of tiles at once has no holes in it because they are drawn one by one."""

    async def drawn_in_a_while(job: Job) -> Drawn:
        await asyncio.sleep(0.1)
        return Drawn((b"drawn",))

    async def all_drawn(renderer: Renderer, picture: Picture) -> list[bytes]:
        return await asyncio.gather(*(renderer.draw(CITIZEN, picture, deadline_s=1) for _ in range(20)))

    with renderer_of(pictures, size=1) as (runner, renderer, watch):
        monkeypatch.setattr(renderer, "_drawn_by_someone", drawn_in_a_while)
        published = watch.now.catalogue.get("test_plots", CITIZEN)
        west, south = web_mercator(*A_LUOI)
        picture = Picture(
            (Drawing(slow_style(), (published,)),), 3857, (west, south, west + 500, south + 500), 200, 200
        )
        assert runner.run(all_drawn(renderer, picture)) == [b"drawn"] * 20
        monkeypatch.setattr(pool_module, "QUEUE_S", 0.5)
        with pytest.raises(Problem) as refused:
            runner.run(all_drawn(renderer, picture))
    assert (refused.value.status, refused.value.code) == (503, "busy")


def running_renders(city: TileCity) -> int:
    """How many queries of processes that draw are running; only a superuser is told of the state of others'."""
    with psycopg.connect(SUPERUSER) as superuser, city.owner() as owner:
        row = superuser.execute(
            "select count(*) from pg_stat_activity where application_name like 'huong render%%' and state = 'active'"
            " and datname = %s",
            [owner.info.dbname],
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_process_that_dies_is_replaced(pictures: TileCity) -> None:
    with renderer_of(pictures, size=1) as (runner, renderer, watch):
        published = watch.now.catalogue.get("test_plots", CITIZEN)
        west, south = web_mercator(*A_LUOI)
        picture = Picture(
            (Drawing(slow_style(), (published,)),), 3857, (west, south, west + 99, south + 99), 99, 99
        )
        body = runner.run(renderer.draw(CITIZEN, picture))
        os.kill(renderer._free[0].process.pid, signal.SIGKILL)
        with pytest.raises((pool_module.RenderFault, Problem)):
            runner.run(renderer.draw(CITIZEN, picture))
        assert runner.run(renderer.draw(CITIZEN, picture)) == body
