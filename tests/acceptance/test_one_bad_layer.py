"""One layer that cannot be read, that is slow, or that is being published: the others come, and it is said of the one.

Three datasets lie on the same spot; the view of one is then made to raise, to sleep, or is locked as a publisher does.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from PIL import Image
from psycopg import sql

from gis_core import reading
from gis_core.audiences import CITIZEN, Caller
from gis_core.config import Config
from gis_core.here import at_place
from gis_core.layer import Reference
from gis_core.overview_maintainer import catch_up
from gis_core.publish.extents import measure_changed
from gis_core.publish.publisher import table_of
from gis_core.reading import close_pools, registry
from gis_core.shares import WORDS, Shares
from imports.run import run_import
from tests.acceptance.asking import Call, Reply, citizen, staff
from tests.acceptance.map_surfaces import map_query
from tests.acceptance.surfaces import LAT, LON, Subject
from tests.acceptance.tile_surfaces import TilesProcess, tile_at
from tests.imports.files import feature, geojson, request, square

NAMES = ("asleep", "bad", "sound", "other")
SPOT = (LON + 0.002, LAT + 0.002)
AT = f"z=15.00&lat={SPOT[1]}&lon={SPOT[0]}&layers={','.join(NAMES)}"
# What a view's rows must pass: nothing, an error for each of them, half a minute.
RAISES, SLEEPS = "1 / (fid - fid) > 0", "pg_sleep(30)::text = ''"
AUDIENCES = ("citizen", "land")


@pytest.fixture(scope="module")
def datasets(_database_of_module: None, django_db_blocker: Any, tmp_path_factory: Any) -> None:
    folder: Path = tmp_path_factory.mktemp("datasets")
    with django_db_blocker.unblock():
        for name in NAMES:
            shape = feature(square(LON, LAT, 0.005), ten=f"Khu {name}")
            run_import(request(geojson(folder, shape, name=f"{name}.geojson"), title=f"Lớp {name}"))
        registry().current(fresh=True)


@pytest.fixture(scope="module")
def owner(datasets: None) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**Config.from_env().connection("owner"), autocommit=True) as connection:  # type: ignore[arg-type]
        yield connection


def only_rows(owner: psycopg.Connection[Any], condition: str, layer: str = "bad") -> None:
    """Let the views of a layer, the bad one, show the rows of ``condition``."""
    for audience in AUDIENCES:
        name = f"{audience}.{layer}"
        (text,) = owner.execute("select pg_get_viewdef(%s::regclass)", [name]).fetchone() or ("",)
        head = text.rstrip("; \n").split("WHERE")[0]
        owner.execute(sql.SQL("create or replace view {} as {} where {}").format(
            sql.Identifier(audience, layer), sql.SQL(head), sql.SQL(condition)  # type: ignore[arg-type]
        ))  # fmt: skip


@pytest.fixture
def raising(city: Config, owner: psycopg.Connection[Any]) -> Iterator[None]:
    only_rows(owner, RAISES)
    yield
    only_rows(owner, "true")


@pytest.fixture
def sleeping(city: Config, owner: psycopg.Connection[Any]) -> Iterator[None]:
    only_rows(owner, SLEEPS)
    yield
    only_rows(owner, "true")


@pytest.fixture
def first_ones_gone(raising: None, owner: psycopg.Connection[Any]) -> Iterator[None]:
    """The layer that is asked first sleeps, the second raises: they stand at the head of this process's catalogue."""
    only_rows(owner, SLEEPS, "asleep")
    known = registry().current().layers
    before = dict(known)
    known.clear()  # type: ignore[attr-defined]
    known.update({"asleep": before["asleep"], "bad": before["bad"], **before})  # type: ignore[attr-defined]
    yield
    known.clear()  # type: ignore[attr-defined]
    known.update(before)  # type: ignore[attr-defined]
    only_rows(owner, "true", "asleep")


@pytest.fixture(scope="module")
def tiles(datasets: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TilesProcess]:
    process = TilesProcess(tmp_path_factory.mktemp("tiles"))
    yield process
    process.stop()


PAGES = ("/", "/en/", f"/?{AT}", f"/list?{AT}", f"/beside?{AT}&box={LON},{LAT},{LON + 0.01},{LAT + 0.01}")


def shows_the_others(page: Reply, why: str = "failed", places: int = 1) -> None:
    """The page stands, has the others' features, and says in each of its places what is wrong with the one."""
    text = page.body.decode()
    assert page.status == 200
    assert all(f"/feature/{name}/1" in text for name in NAMES if name != "bad")
    assert text.count('class="notice missing"') == places
    language = "en" if page.headers["Content-Language"] == "en" else "vi"
    assert WORDS[why].to(language) in text and "Lớp bad" in text  # type: ignore[index]


@pytest.mark.parametrize("path", PAGES)
def test_pages_stand_without_a_layer_that_fails(raising: None, path: str) -> None:
    shows_the_others(citizen().get(path))


def test_search_brings_what_the_others_have(raising: None) -> None:
    shows_the_others(citizen().get("/search?q=khu"))
    shows_the_others(citizen().get("/?q=khu"), places=2)


def test_the_page_of_a_feature_stands_on_a_map_with_a_layer_that_fails(raising: None) -> None:
    assert citizen().get("/feature/sound/1").status == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/feature/bad/1", "/ogcapi/collections/bad/items/1", "/ogcapi/collections/bad/items"),
        *("/ogcapi/collections/bad/items?f=csv", "/ogcapi/collections/bad/items?f=html"),
        "/ogcapi/collections/bad/items?bbox=107,16,108,17",
        "/ogcapi/collections/bad/items?filter=ten%3D%27Khu%20bad%27",
    ],
)
def test_what_is_asked_of_that_layer_alone_is_said_to_be_its_fault(raising: None, path: str) -> None:
    """Would fail where whoever asks is told that a value of theirs is wrong."""
    reply = citizen().get(path)
    assert reply.status == 503 and "không đọc được lớp này" in reply.body.decode()
    assert int(reply.headers["Retry-After"]) > 0


def test_a_wrong_value_stays_the_fault_of_who_asked(city: Config, datasets: None) -> None:
    reply = citizen().get("/ogcapi/collections/sound/items?filter=1%2F(fid-fid)%3D1")
    assert reply.status == 400


def test_a_feature_says_that_a_name_in_it_could_not_be_read(
    raising: None, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The panel and the API's page have the key in place of the name, and say why."""
    owner.execute("update dataset.bad set ten = 'Khu sound'")  # the key that is looked for
    try:
        for path, start in (
            ("/feature/sound/1", "<article"),
            ("/ogcapi/collections/sound/items?f=html", "<table"),
        ):
            refer_to_bad(monkeypatch)
            reply = citizen().get(path)
            text = reply.body.decode()
            part = text[text.index(start) :].partition("</article>")[0]
            assert reply.status == 200 and "Khu sound" in part, path
            assert 'class="notice missing"' in part and "Lớp bad" in part, path
    finally:
        owner.execute("update dataset.bad set ten = 'Khu bad'")


def refer_to_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field of the sound layer refers to the one that cannot be read, in this process's catalogue."""
    known = registry().current().layers["sound"]
    fields = tuple(
        replace(f, reference=Reference("bad", "ten")) if f.name == "ten" else f for f in known.layer.fields
    )
    told = replace(known, layer=replace(known.layer, fields=fields))
    monkeypatch.setitem(registry().current().layers, "sound", told)


def test_an_extent_that_cannot_be_read_is_said(raising: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Caller, "is_scoped_in", lambda self, layer: layer.id in NAMES)
    found = {each["id"]: each for each in citizen().get("/ogcapi/collections").json["collections"]}
    assert found["bad"]["unanswered"]["why"] == "failed" and "unanswered" not in found["sound"]
    for path in ("/ogcapi/", "/ogcapi/collections", "/ogcapi/collections/bad"):
        assert b'"unanswered"' in citizen().get(path).body, path
        assert 'class="notice missing"' in citizen().get(f"{path}?f=html").body.decode(), path


def test_what_is_here_tells_of_the_layer_that_gave_no_answer(raising: None) -> None:
    inputs = {"inputs": {"lon": SPOT[0], "lat": SPOT[1]}}
    reply = citizen().ask(Call("/ogcapi/processes/what-is-here/execution", "POST", inputs))
    assert reply.status == 200
    found = {each["collection"]: each for each in reply.json}
    assert set(found) == set(NAMES)
    assert [f["properties"]["ten"] for f in found["sound"]["features"]] == ["Khu sound"]
    assert found["bad"]["features"] == [] and found["bad"]["unanswered"]["why"] == "failed"


DOCUMENTS = (
    *("/ogcapi/", "/ogcapi/collections", "/ogcapi/collections/sound", "/ogcapi/collections/sound/items"),
    *("/print", f"/print?{AT}", "/map-style.json", "/wfs?service=WFS&request=GetCapabilities"),
)
OF_TILES = (
    *("/tiles/", "/tiles/sound.json", "/tiles/bad.json", "/styles/", "/styles/bad.json", "/legend/bad.svg"),
    *("/legend/bad.png", "/legend/basemap.svg", "/qgis/huong.qgz", "/ogcapi/tiles", "/ogcapi/styles"),
    *("/wms?service=WMS&request=GetCapabilities", "/wmts/1.0.0/WMTSCapabilities.xml"),
)


@pytest.mark.parametrize("who", AUDIENCES)
def test_documents_about_all_layers_stand(raising: None, tiles: TilesProcess, who: str) -> None:
    person = citizen() if who == "citizen" else staff("land")
    found = {path: person.ask(Call(path)).status for path in DOCUMENTS}
    found |= {path: tiles.ask(person, Call(path)).status for path in OF_TILES}
    assert found == dict.fromkeys((*DOCUMENTS, *OF_TILES), 200)


@pytest.mark.parametrize("who", AUDIENCES)
def test_one_connection_is_enough_for_whatever_is_asked(
    city: Config, datasets: None, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """Would fail if an answer held one connection while it waits for another: as many such answers as there are
    connections would wait for each other, and a storm of them would be the end of all reading.
    """
    person = citizen() if who == "citizen" else staff("land")
    close_pools()
    monkeypatch.setattr(reading, "POOL_SIZE", 1)
    asked = (
        *DOCUMENTS,
        *PAGES,
        "/search?q=khu",
        "/suggest?q=khu",
        "/feature/sound/1",
        f"/near?lat={SPOT[1]}&lon={SPOT[0]}",
    )
    try:
        found = {path: person.ask(Call(path)).status for path in asked}
    finally:
        close_pools()
    assert found == dict.fromkeys(asked, 200)


def wms(tiles: TilesProcess, layers: str, **more: str) -> Reply:
    subject = Subject(CITIZEN, registry().current().layers["sound"], (1,), (), ())
    query = map_query(subject, SPOT, 100.0, layers=layers, transparent="true", **more)
    return tiles.ask(citizen(), Call(f"/wms?{urlencode(query)}"))


def test_a_map_of_several_layers_is_drawn_without_the_one_and_says_so(
    raising: None, tiles: TilesProcess
) -> None:
    reply, sound = wms(tiles, "sound,bad,other"), wms(tiles, "sound,other")
    assert reply.headers["content-type"] == "image/png" == sound.headers["content-type"]
    picture, whole = (Image.open(io.BytesIO(each.body)).convert("RGBA") for each in (reply, sound))
    assert picture.getpixel((100, 40)) == whole.getpixel((100, 40)) != (0, 0, 0, 0)
    assert picture.getpixel((3, 198)) == (255, 255, 255, 255) != whole.getpixel((3, 198))


def test_a_map_of_that_layer_alone_is_refused_with_words(raising: None, tiles: TilesProcess) -> None:
    reply = wms(tiles, "bad")
    assert reply.status == 503 and "không đọc được" in reply.body.decode()


@pytest.mark.parametrize("form", ["text/plain", "text/html", "application/json", "application/vnd.ogc.gml"])
def test_a_click_on_several_layers_answers_for_the_others(
    raising: None, tiles: TilesProcess, form: str
) -> None:
    click = {"request": "GetFeatureInfo", "query_layers": "sound,bad", "i": "100", "j": "100"}
    body = wms(tiles, "sound,bad", **click, info_format=form).body.decode()
    assert "Khu sound" in body and "Lớp bad" in body


@pytest.mark.parametrize(
    "path", ["/pictures/sound,bad/{lon},{lat},15/200x150.png", "/ogcapi/map?collections=sound,bad"]
)
def test_other_pictures_of_several_layers_stand(raising: None, tiles: TilesProcess, path: str) -> None:
    reply = tiles.ask(citizen(), Call(path.format(lon=SPOT[0], lat=SPOT[1])))
    assert reply.status == 200 and reply.headers["content-type"].startswith("image/")


def test_a_tile_of_the_layer_is_refused_and_never_a_500(raising: None, tiles: TilesProcess) -> None:
    x, y = tile_at(15, *SPOT)
    for path in (f"/tiles/bad/15/{x}/{y}.mvt", f"/tiles/bad/15/{x}/{y}.png"):
        reply = tiles.ask(citizen(), Call(path))
        assert (path, reply.status, reply.json["code"]) == (path, 503, "layer-unreadable")


# Slow, and being published ----------------------------------------------------------------------------------------


def test_a_slow_layer_takes_its_share_and_no_more(sleeping: None) -> None:
    shows_the_others(citizen().get(f"/?{AT}"), "slow")
    shows_the_others(citizen().get("/search?q=khu"), "slow")
    here = at_place(CITIZEN, *SPOT, 0)
    assert [each.published.layer.id for each in here.found] == ["asleep", "other", "sound"]
    assert [(each.layer.id, each.why) for each in here.missing] == [("bad", "slow")]


@pytest.mark.parametrize("path", [f"/?{AT}", f"/list?{AT}", "/search?q=khu", "/suggest?q=khu"])
def test_all_others_answer_although_the_first_is_slow_and_the_next_raises(
    first_ones_gone: None, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Would fail if the layers at the head of the order took the time of those behind them, or nothing were said."""
    monkeypatch.setattr("web.city.PAGE_S", 4.0)
    assert [each.layer.id for each in registry().current().seen_by(CITIZEN)][:2] == ["asleep", "bad"]
    page = citizen().get(path)
    text = page.body.decode()
    assert page.status == 200
    assert [each for each in NAMES if f"Khu {each}" in text] == ["sound", "other"]
    if not path.startswith("/suggest"):
        assert f"Lớp asleep” {WORDS['slow'].to('vi')}" in text
        assert f"Lớp bad” {WORDS['failed'].to('vi')}" in text


def test_what_is_here_and_a_click_tell_of_both_and_of_all_others(
    first_ones_gone: None, tiles: TilesProcess
) -> None:
    here = at_place(CITIZEN, *SPOT, 0)
    assert [each.published.layer.id for each in here.found] == ["other", "sound"]
    assert {each.layer.id: each.why for each in here.missing} == {"asleep": "slow", "bad": "failed"}
    click = {"request": "GetFeatureInfo", "query_layers": ",".join(NAMES), "i": "100", "j": "100"}
    body = wms(tiles, ",".join(NAMES), **click, info_format="text/plain").body.decode()
    assert all(each in body for each in ("Khu sound", "Khu other", "Lớp asleep", "Lớp bad"))
    assert "mất quá nhiều thời gian" in body and "không đọc được" in body


def test_a_slow_layer_is_left_out_of_a_map(sleeping: None, tiles: TilesProcess) -> None:
    assert wms(tiles, "sound,bad").headers["content-type"] == "image/png"


def test_a_layer_that_is_being_published_is_said_to_be(city: Config, owner: psycopg.Connection[Any]) -> None:
    with psycopg.connect(**city.connection("owner")) as publisher:  # type: ignore[arg-type]
        publisher.execute("lock table citizen.bad in access exclusive mode")
        shows_the_others(citizen().get(f"/?{AT}"), "changing")
    assert 'class="notice missing"' not in citizen().get(f"/?{AT}").body.decode()


def test_a_layer_that_is_published_anew_meanwhile_is_asked_again(city: Config, owner: Any) -> None:
    """The catalogue that this process holds is old: the page is made from the new one, and nothing is missing."""
    registry().current(fresh=True)
    owner.execute("drop view citizen.bad")
    try:
        page = citizen().get(f"/?{AT}")
        shows_the_others(page, "changing")
    finally:
        owner.execute("create view citizen.bad as select * from citizen.sound where true")
        owner.execute(f'grant select on citizen.bad to "{city.role("citizen")}"')


def test_the_share_shrinks_and_never_ends() -> None:
    """However many layers are slow, one more has time; a layer that gave nothing is not asked again."""
    now = Shares(CITIZEN, 8.0)
    assert now.timeout_ms is not None and 1500 < now.timeout_ms <= 2000
    assert Shares(CITIZEN, 10.0).timeout_ms is None  # what a citizen's role has anyway
    assert Shares(CITIZEN, 0.0).timeout_ms == 50


# Behind the pages ---------------------------------------------------------------------------------------------------


@pytest.fixture
def failing_table(city: Config, owner: psycopg.Connection[Any]) -> Iterator[None]:
    """The bad layer's table raises whoever reads it, the worker too."""
    owner.execute("alter table dataset.bad rename to bad_rows")
    owner.execute(f"create view dataset.bad as select * from dataset.bad_rows where {RAISES}")
    yield
    owner.execute("drop view dataset.bad")
    owner.execute("alter table dataset.bad_rows rename to bad")


def test_the_worker_goes_on_after_a_layer_that_fails(
    failing_table: None, owner: psycopg.Connection[Any]
) -> None:
    """Would fail if one layer left every overview and every extent of the city as they were for ever."""
    owner.execute("delete from huong.feed_reader")
    owner.execute("update huong.extent set measured_at = '2020-01-01', west = 0")
    owner.execute("insert into huong.change (layer, audiences, op) select id, '{citizen}', 'T' from"
                  " unnest(%s::text[]) id", [list(NAMES)])  # fmt: skip
    layers = [each.layer for each in registry().current().layers.values() if each.layer.id in NAMES]
    with owner.transaction(), owner.cursor() as cursor:
        assert set(NAMES) <= {*measure_changed(cursor, layers, table_of)}
        catch_up(cursor)
    measured = owner.execute(
        "select layer, west > 100 from huong.extent where audience = 'citizen'"
    ).fetchall()
    assert {name: dict(measured)[name] for name in NAMES} == {name: name != "bad" for name in NAMES}
    assert owner.execute("select count(*) from huong.feed_reader").fetchone() == (1,)


@pytest.mark.parametrize(
    ("change", "is_served"),
    [
        pytest.param(
            "jsonb_set(declaration, '{fields,0,name}', '\"xmin\"')", False, id="a name that is taken"
        ),
        pytest.param("declaration - 'geometry'", False, id="a part is missing"),
        pytest.param(
            "jsonb_set(declaration, '{styles}',"
            ' \'[{"id": "a", "title": ["a", "a"], "layers": [{"id": "a", "type": "smell"}]}]\')',
            True,
            id="a style that is none",
        ),
    ],
)
def test_a_declaration_that_cannot_be_read_takes_nothing_with_it(
    city: Config, owner: psycopg.Connection[Any], change: str, is_served: bool
) -> None:
    (kept,) = owner.execute(
        "select declaration::text from huong.published where layer = 'bad'"
    ).fetchone() or ("",)
    turned = "update huong.published set declaration = {} where layer = 'bad'"
    turn = "update huong.catalogue set revision = revision + 1"
    try:
        owner.execute(turned.format(change))  # type: ignore[arg-type]
        owner.execute(turn)
        assert ("bad" in registry().current(fresh=True).layers) == is_served
        text = citizen().get(f"/?{AT}").body.decode()
        assert "/feature/sound/1" in text and ("/feature/bad/1" in text) == is_served
        assert citizen().get("/ogcapi/collections").status == 200
    finally:
        owner.execute(turned.format("%s::jsonb"), [kept])  # type: ignore[arg-type]
        owner.execute(turn)
        registry().current(fresh=True)
