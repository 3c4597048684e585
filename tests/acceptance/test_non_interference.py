"""What an audience must not see changes nothing that it can ask: no byte, no header, no ETag, no event.

Surfaces are all addresses of the web and the tiles process (`surfaces`, `tile_surfaces`) and the administration's
pages (`desk_surfaces`); what is private is found in the database (`hidden`). Each audience asks about all its layers
once before and once after everything hidden from it has changed; ``HUONG_TEST_FULL=1`` runs many seeds, and every pair
of layer and audience alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import hypothesis
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from gis_core.config import Config
from gis_core.layer import AUDIENCES, Layer
from gis_core.overview_maintainer import catch_up
from gis_core.publish.extents import measure_changed
from gis_core.publish.publisher import declared_layers, table_of
from gis_core.reading import registry
from tests.acceptance import hidden
from tests.acceptance.asking import UNITS, Person, Reply, citizen, person
from tests.acceptance.desk_surfaces import Desk, desk_calls
from tests.acceptance.surfaces import ELSEWHERE, FULL, SURFACES, Subject, routes, surface_of
from tests.acceptance.tile_surfaces import STREAMS, TILE_SURFACES, TilesProcess, front_door

CITY = "demo"
# Every surface before and after a change, the pages of the administration among them.
pytestmark = pytest.mark.timeout(1200)
SEEDS = range(8) if FULL else range(2)

THOROUGHLY = settings(
    max_examples=3 if FULL else 4,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def groups() -> list[Any]:
    """Audience and layers that are changed and asked together: all where something is hidden, in full one by one.

    From a citizen something is hidden in every layer; from staff where the declaration hides a field or a row.
    """
    found: dict[str, list[str]] = {audience: [] for audience in AUDIENCES}
    for layer in declared_layers():
        for audience in AUDIENCES:
            less = audience in layer.audiences and layer.fields_for(audience) != layer.fields
            if FULL or audience == "citizen" or less or hides_rows(layer, audience):
                found[audience].append(layer.id)
    if FULL:
        return [pytest.param(a, [one], id=f"{a}-{one}") for a, ids in found.items() for one in ids]
    return [pytest.param(audience, ids, id=audience) for audience, ids in found.items() if ids]


@pytest.fixture
def owner(city: Config) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**city.connection("owner"), autocommit=True) as connection:
        yield connection


def subject_of(owner: psycopg.Connection[Any], layer: Layer, who: Person, number: int = 0) -> Subject:
    """The layer for ``who``; where it is not there for this audience at all, its addresses are asked all the same.

    Pictures are drawn of the place of one feature that is seen and of one that is not, in full of two each.
    """
    layers = hidden.sharing(registry().current().layers, layer)
    seen = hidden.seen_rows(owner, layer, who.caller) if who.caller.sees(layer) else []
    unseen = hidden.hidden_rows(owner, layers, who.caller)
    some = [*seen[:2], *unseen[:2]]
    published = registry().current().layers[layer.id]
    words = hidden.words_in(owner, layer, some)
    spots = hidden.spots_of(owner, layer, some if FULL else [*seen[:1], *unseen[:1]])
    return Subject(who.caller, published, tuple(seen[:3]), tuple(unseen[:3]), words, spots, number)


Ask = Callable[[], dict[str, Reply]]
LEFT_OUT = b'class="notice missing"'


@pytest.fixture(scope="module")
def tiles(_database_of_module: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TilesProcess]:
    process = TilesProcess(tmp_path_factory.mktemp("tiles"))
    yield process
    process.stop()


def asker(who: Person, subjects: list[Subject], tiles: TilesProcess) -> Ask:
    """A function that asks both processes everything about ``subjects``, and what is the same for all of them once."""
    asked = [surface_of(route) for route in routes()]
    desk = Desk(who.caller)
    calls: dict[str, Callable[[], Reply]] = {}
    for subject in subjects:
        for questions in asked:
            for call in questions(subject) if questions is not None else ():
                calls[f"{call} {dict(call.headers)} {call.body or ''}"] = partial(who.ask, call)
        for call in desk_calls(subject):
            calls[f"desk: {call}"] = partial(desk.ask, call)
        for questions in TILE_SURFACES.values():
            for call in questions(subject):
                calls[f"tiles: {call} {dict(call.headers)}"] = partial(tiles.ask, who, call)
    return lambda: {name: whole(ask) for name, ask in calls.items()}


def whole(ask: Callable[[], Reply]) -> Reply:
    """An answer of all layers: what a busy machine left out, as the page says, or could not draw is asked for again."""
    for _ in range(10):
        reply = ask()
        if not lacks_a_layer(reply):
            break
    assert reply.status != 500, reply.body
    return reply


def lacks_a_layer(reply: Reply) -> bool:
    """Suggestions have no words for it: they say that they are not to be kept."""
    headers = {name.lower(): value for name, value in reply.headers.items()}
    unkept = reply.body.startswith(b'{"hits"') and headers.get("cache-control") == "no-store"
    return LEFT_OUT in reply.body or reply.status == 503 or unkept


def differing(before: dict[str, Reply], after: dict[str, Reply]) -> list[str]:
    return [call for call in before if before[call].lasting != after[call].lasting]


def still_differing(before: dict[str, Reply], ask: Ask) -> list[str]:
    """What differs each of three times: a layer that a busy machine left out of a picture once is no leak."""
    found = differing(before, ask())
    for _ in range(2):
        found = [call for call in differing(before, ask()) if call in found] if found else found
    return found


def last_event(owner: psycopg.Connection[Any]) -> int:
    return owner.execute("select coalesce(max(id), 0) from huong.change").fetchone()[0]


def events_for(city: Config, who: Person, since: int) -> list[tuple[Any, ...]]:
    """What the change feed tells this caller."""
    with psycopg.connect(**city.connection(who.caller.audience), autocommit=True) as reader:
        reader.execute("select set_config('huong.scope', %s, false)", [who.caller.scope])
        feed = f'select layer, unit, op, n, boxes from "{who.caller.audience}".change_feed where id > %s'
        return reader.execute(feed, [since]).fetchall()


def let_the_worker_work(owner: psycopg.Connection[Any]) -> None:
    """What follows from a change later: extents measured, overviews counted anew."""
    owner.execute("update huong.extent set measured_at = measured_at - interval '1 day'")
    with owner.transaction(), owner.cursor() as cursor:
        measure_changed(cursor, list(declared_layers()), table_of)
        catch_up(cursor)


@pytest.mark.parametrize("route", [pytest.param(route, id=route) for route in routes()])
def test_every_route_is_asked_or_has_a_reason_not_to_be(route: str) -> None:
    """An address that nobody thought of is where private data would leak unnoticed."""
    surface_of(route)


def test_every_address_of_the_tiles_process_is_asked() -> None:
    assert front_door() == set(TILE_SURFACES) | STREAMS


def test_no_surface_is_listed_that_is_not_there() -> None:
    found = set(routes())
    assert set(SURFACES) <= found, "take these off the list"
    assert all(any(route.startswith(prefix) for route in found) for prefix in ELSEWHERE)


def test_two_askings_without_a_change_agree_and_a_public_change_shows(
    owner: psycopg.Connection[Any], tiles: TilesProcess
) -> None:
    """Else the tests below would compare answers that vary anyway, or that show nothing of the data."""
    who, layer = citizen(), registry().current().layers["reports"].layer
    subject = subject_of(owner, layer, who)
    ask = asker(who, [subject], tiles)
    let_the_worker_work(owner)
    before = ask()
    assert differing(before, ask()) == []
    owner.execute("update reports_report set description = 'Một lời khác ' || fid where published")
    owner.execute("update reports_report set state = case when state = 'closed' then 'new' else 'closed' end")
    owner.execute("update reports_report set geom = st_translate(geom, 0.0004, 0) where published")
    let_the_worker_work(owner)
    shown = differing(before, ask())
    for part in (
        ".mvt",
        "WebMercatorQuad/16/",
        "/pictures/",
        ".png",
        "request=GetMap",
        "request=GetFeatureInfo",
        "/wmts/",
        "/map?center",
        "f=csv",
        "f=fgb",
        "f=html",
        "/items {",
        f"/items/{subject.seen[0]}",
        "/search?",
        "/feature/",
        "execution",
        "request=GetFeature",
        "POST /wfs",
        "desk: GET /admin/reports/report/?",
        f"desk: GET /admin/reports/report/{subject.seen[0]}/change/",
    ):
        assert any(part in call for call in shown), f"the change does not show in {part}"


def change_private_values(owner: psycopg.Connection[Any], layer: Layer, who: Person) -> None:
    """Every private column of some seen row takes another value."""
    layers = hidden.sharing(registry().current().layers, layer)
    columns = hidden.columns_of(owner, layer.table)
    public = hidden.visible_columns(layers, who.caller) | hidden.deciding_columns(layers, who.caller)
    private = [column for column in hidden.settable(columns) if column.name not in public]
    rows = hidden.seen_somewhere(owner, layers, who.caller)
    assert rows, f"{layer.id}: nothing to change"

    def change(tries: dict[str, list[hidden.Step]]) -> None:
        for column in private:
            changed = hidden.change_column(owner, layer.table, column, rows, tries[column.name])
            assert changed, f"{column.name} could not be changed without changing what is made of it"

    for seed in SEEDS:
        each = hypothesis.given(
            st.fixed_dictionaries({column.name: hidden.steps(column) for column in private})
        )
        hypothesis.seed(seed)(THOROUGHLY(each(change)))()


def change_what_hangs(owner: psycopg.Connection[Any], layer: Layer, who: Person) -> None:
    """Reporters, holders, access to cameras, alarm levels: tables of their own that no audience reads."""
    for table, key in hidden.hanging_tables(owner, layer.table):
        columns = hidden.columns_of(owner, table)
        own = [c for c in hidden.settable(columns) if c.name != key]
        rows = [row[0] for row in owner.execute(f'select "{key}" from {table} order by 1').fetchall()]
        if rows and own:
            hidden.change_all(owner, table, own, rows, key, who.caller.audience)


def hides_rows(layer: Layer, audience: str) -> bool:
    return (
        audience in layer.audiences
        and (audience in layer.rows or (layer.scope is not None and audience in layer.scope.audiences))
        and layer.table != "public.admin_units_adminunit"  # the history layer shows every row of it
        and layer.id != "camera_views"  # its audience sees every camera in the other layer
    )


def hide_one(owner: psycopg.Connection[Any], layer: Layer, who: Person) -> None:
    """One row at least is of no concern to the caller."""
    layers = hidden.sharing(registry().current().layers, layer)
    if hidden.hidden_rows(owner, layers, who.caller):
        return
    row = owner.execute(f"select fid from {layer.table} order by fid limit 1").fetchone()
    assert row is not None and layer.scope is None
    owner.execute(f"update {layer.table} set status = 'draft' where fid = %s", [row[0]])


def change_hidden_rows(owner: psycopg.Connection[Any], layer: Layer, who: Person) -> None:
    """Rows of no concern to the caller are changed in every column, and deleted."""
    if not hides_rows(layer, who.caller.audience):
        return
    layers = hidden.sharing(registry().current().layers, layer)
    rows = hidden.hidden_rows(owner, layers, who.caller)
    columns = hidden.columns_of(owner, layer.table)
    deciding = hidden.deciding_columns(layers, who.caller)
    own = [column for column in hidden.settable(columns) if column.name not in deciding]
    hidden.change_all(owner, layer.table, own, rows[:3], "fid", "x")
    for table, key in hidden.hanging_tables(owner, layer.table):
        owner.execute(f'delete from {table} where "{key}" = %s', [rows[-1]])
    owner.execute(f"delete from {layer.table} where fid = %s", [rows[-1]])


@pytest.mark.parametrize(("audience", "layer_ids"), groups())
def test_what_is_hidden_changes_nothing(
    city: Config, owner: psycopg.Connection[Any], tiles: TilesProcess, audience: str, layer_ids: list[str]
) -> None:
    """Whatever changes in what the audience must not see, every answer stays as it was, byte for byte.

    All is changed between two askings; run in full, it is asked again after each kind of change in each layer, which
    tells the one that shows.
    """
    who = person(audience)
    layers = [registry().current().layers[layer_id].layer for layer_id in layer_ids]
    for layer in layers:
        if hides_rows(layer, audience):
            hide_one(owner, layer, who)
    let_the_worker_work(owner)
    ask = asker(who, [subject_of(owner, layer, who, n) for n, layer in enumerate(layers)], tiles)
    before, since = ask(), last_event(owner)
    for change in (change_private_values, change_what_hangs, change_hidden_rows):
        for layer in layers:
            change(owner, layer, who)
        if FULL:
            let_the_worker_work(owner)
            assert still_differing(before, ask) == [], change.__doc__
    let_the_worker_work(owner)
    assert still_differing(before, ask) == []
    assert events_for(city, who, since) == []


def test_errors_speak_of_a_private_property_as_of_one_that_is_not_there(city: Config) -> None:
    """Another word in a refusal would tell that the property exists."""
    who, real, none = citizen(), "staff_note", "nosuch_prop"
    for question in ("filter={} = 'a'", "sortby={}", "sortby=-{}", "{}=a", "filter=CASEI({}) LIKE 'a%'"):
        path = "/ogcapi/collections/reports/items?"
        replies = [who.get(path + question.format(name)).lasting for name in (real, none)]
        renamed = (replies[0][0], replies[0][2].replace(real.encode(), none.encode()))
        assert renamed == (replies[1][0], replies[1][2]), question
        assert replies[0][0] == 400


def test_a_hidden_feature_is_answered_as_one_that_is_not_there(owner: psycopg.Connection[Any]) -> None:
    officer = person("officer")
    for who, where in ((citizen(), "not published"), (officer, f"unit_code <> all('{{{','.join(UNITS)}}}')")):
        row = owner.execute(f"select fid from reports_report where {where} order by fid limit 1").fetchone()
        assert row is not None
        for path in ("/ogcapi/collections/reports/items/{}", "/feature/reports/{}", "/?feature=reports/{}"):
            there, absent = (who.get(path.format(fid)).lasting for fid in (row[0], 4503599627370001))
            masked = there[2].replace(str(row[0]).encode(), b"4503599627370001")
            assert (there[0], masked) == (absent[0], absent[2])
            assert there[0] == 404
