"""Editing over OGC API Features Part 4, as an API client and as QGIS do it, on datasets and on Django models."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
import shapely
from django.db import connections

from gis_core.config import Config
from gis_core.reading import registry
from tests.acceptance import places
from tests.acceptance.asking import Call, Reply, staff
from tests.acceptance.editing import (
    CASES,
    EPSG,
    PATCH,
    Case,
    as_qgis,
    created,
    feature,
    feature_again,
    patch,
    post,
    put,
)
from tests.acceptance.places import KIM_LONG

CITY = "demo"


@pytest.fixture(scope="module", autouse=True)
def trees(_database_of_module: None) -> None:
    places.publish(Config.from_env(), places.dataset("trees"))


@pytest.fixture
def owner(city: Config) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**city.connection("owner"), autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.layer)
def test_the_life_of_a_feature(owner: psycopg.Connection[Any], case: Case) -> None:
    """Create, replace, update, delete; the history tells each by whom."""
    who = staff(case.audience)
    body = feature(case, places.inside(owner, KIM_LONG))
    done = post(who, case.layer, body)
    assert done.status == 201, done.body.decode()
    location = done.headers["Location"]
    assert location.startswith("http://") and "?" not in location and location.rsplit("/", 1)[1].isdecimal()
    url = "/" + location.split("/", 3)[3]
    read = who.get(url)
    assert read.headers["ETag"] == done.headers["ETag"]
    assert read.json["geometry"] == body["geometry"]
    sent = body["properties"]
    assert {name: read.json["properties"][name] for name in sent} == {**sent, **moments(sent)}

    first, second = case.values
    assert put(who, url, as_qgis(who, url, **{case.changed: first})).status == 204
    replaced = who.get(url)
    assert replaced.json["properties"][case.changed] == first
    rest = {k: v for k, v in read.json["properties"].items() if k not in (case.changed, "version")}
    assert {k: replaced.json["properties"][k] for k in rest} == rest

    done = patch(who, url, {case.changed: second}, If_Match=replaced.headers["ETag"])
    assert done.status == 204 and done.headers["ETag"] == who.get(url).headers["ETag"]
    assert who.get(url).json["properties"] == {
        **rest,
        case.changed: second,
        "version": who.get(url).json["properties"]["version"],
    }

    gone = who.ask(Call(url, "DELETE"))
    assert gone.status == (204 if case.deletes else 403)
    assert who.get(url).status == (404 if case.deletes else 200)
    table = registry().current().layers[case.layer].layer.table.removeprefix("public.").replace(".", "_")
    fid = int(url.rsplit("/", 1)[1])
    past = owner.execute(
        f"select h_op, h_actor, {case.changed} from history.{table} where fid = %s order by h_id", [fid]
    ).fetchall()
    actor = who.caller.actor
    expected = [("U", actor, sent[case.changed]), ("U", actor, first), ("D", actor, second)]
    assert past == expected[: 3 if case.deletes else 2]


def moments(sent: dict[str, Any]) -> dict[str, Any]:
    """How the one moment among the sent properties is answered."""
    return {"checked_at": "2025-01-01T08:00:00.000000Z"} if "checked_at" in sent else {}


def test_put_keeps_columns_that_the_caller_cannot_see(owner: psycopg.Connection[Any]) -> None:
    """PUT replaces what its sender knows; blanking the rest would destroy what another department wrote."""
    land, operations = staff("land"), staff("operations")
    body = feature(CASES[0], places.inside(owner, KIM_LONG))
    body["properties"]["owner_name"] = "Bà Lê Thị Hoa"
    url = created(land, "trees", body)
    fid = int(url.rsplit("/", 1)[1])
    owner.execute("update dataset.trees set number = 77 where fid = %s", [fid])
    short = as_qgis(operations, url, species="Sấu")
    short["properties"] = {k: short["properties"][k] for k in ("species", "version")}
    assert put(operations, url, short).status == 204
    row = owner.execute(
        "select species, owner_name, number, height_m, state from dataset.trees where fid = %s", [fid]
    ).fetchone()
    assert row == ("Sấu", "Bà Lê Thị Hoa", 77, None, None)
    assert put(operations, url, as_qgis(operations, url, owner_name="ai")).status == 400


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.layer)
def test_the_second_stale_put_is_refused_and_the_first_edit_stands(
    owner: psycopg.Connection[Any], case: Case
) -> None:
    one, other = staff(case.audience), staff(case.audience, "second")
    url = created(one, case.layer, feature_again(case, owner))
    mine, yours = as_qgis(one, url, **{case.changed: case.values[0]}), as_qgis(other, url)
    yours["properties"][case.changed] = case.values[1]
    assert put(one, url, mine).status == 204
    refused = put(other, url, yours)
    assert refused.status == 412 and refused.json["code"] == "changed-meanwhile"
    assert one.get(url).json["properties"][case.changed] == case.values[0]


def test_the_same_editor_may_put_again_with_an_old_version_unless_another_came_between(
    owner: psycopg.Connection[Any],
) -> None:
    """QGIS does not re-read after a change: its second edit before a reload carries the version before its first."""
    one, other = staff("operations"), staff("operations", "second")
    url = created(one, "trees", feature_again(CASES[0], owner))
    first_read = as_qgis(one, url)
    for word in ("một", "hai"):
        again = {**first_read, "properties": {**first_read["properties"], "species": word}}
        assert put(one, url, again).status == 204
    assert put(other, url, as_qgis(other, url, state="poor")).status == 204
    late = {**first_read, "properties": {**first_read["properties"], "species": "ba"}}
    assert put(one, url, late).status == 412
    kept = one.get(url).json["properties"]
    assert (kept["species"], kept["state"]) == ("hai", "poor")


def test_a_version_that_never_was_is_refused(owner: psycopg.Connection[Any]) -> None:
    one = staff("operations")
    url = created(one, "trees", feature_again(CASES[0], owner))
    assert put(one, url, as_qgis(one, url, version=12345)).status == 412
    assert put(one, url, as_qgis(one, url, version="x")).status in (412, 428)
    for bad in ('"12345-1-json.vi"', "nonsense", '"x"', 'W/"1"'):
        assert put(one, url, as_qgis(one, url), If_Match=bad).status == 412, bad
        assert patch(one, url, {"species": "x"}, If_Match=bad).status == 412, bad
        assert one.ask(Call(url, "DELETE", headers={"If-Match": bad})).status == 412, bad
    assert one.get(url).status == 200


def test_preconditions_are_asked_for(owner: psycopg.Connection[Any]) -> None:
    one = staff("operations")
    url = created(one, "trees", feature_again(CASES[0], owner))
    bare = as_qgis(one, url)
    del bare["properties"]["version"]
    assert patch(one, url, {"species": "x"}).status == 428
    assert put(one, url, bare).status == 428
    assert put(one, url, bare, If_Match="*").status == 204
    assert put(one, url, bare, If_Match=one.get(url).headers["ETag"]).status == 204


def test_a_stale_deletion_removes_no_fresh_work(owner: psycopg.Connection[Any]) -> None:
    """QGIS deletes without saying what it saw. It is refused until it has read again what somebody else has changed."""
    one, other = staff("operations"), staff("operations", "second")
    url = created(one, "trees", feature_again(CASES[0], owner))
    assert put(other, url, as_qgis(other, url, species="Muỗm")).status == 204
    for _ in range(2):
        refused = one.ask(Call(url, "DELETE"))
        assert (refused.status, refused.json["code"]) == (412, "changed-meanwhile")
    assert one.get(url).json["properties"]["species"] == "Muỗm"
    again = put(other, url, as_qgis(other, url, species="Xoài"))
    assert again.status == 204
    assert one.ask(Call(url, "DELETE")).status == 412  # what was read since is old again
    assert one.get(url.rsplit("/", 1)[0]).status == 200
    assert one.ask(Call(url, "DELETE")).status == 204


def test_a_deletion_is_not_refused_for_nothing(owner: psycopg.Connection[Any]) -> None:
    one, other, land = staff("operations"), staff("operations", "second"), staff("land")

    def new() -> str:
        return created(other, "trees", feature_again(CASES[0], owner))

    assert one.ask(Call(new(), "DELETE")).status == 204  # nobody has changed it since it was made
    own = new()
    assert put(one, own, as_qgis(one, own, species="Sấu")).status == 204
    assert one.ask(Call(own, "DELETE")).status == 204
    unseen = new()
    assert (
        patch(land, unseen, {"owner_name": "Bà Hoa"}, If_Match=land.get(unseen).headers["ETag"]).status == 204
    )
    assert one.ask(Call(unseen, "DELETE")).status == 204  # changed in what this audience does not see
    old = new()
    assert put(other, old, as_qgis(other, old, species="Sấu")).status == 204
    owner.execute(
        "update history.dataset_trees set h_at = h_at - interval '8 days' where fid = %s", [fid_of(old)]
    )
    assert one.ask(Call(old, "DELETE")).status == 204
    exact = new()
    assert put(other, exact, as_qgis(other, exact, species="Sấu")).status == 204
    etag = one.get(exact).headers["ETag"]
    assert one.ask(Call(exact, "DELETE", headers={"If-Match": etag})).status == 204
    whatever = new()
    assert put(other, whatever, as_qgis(other, whatever, species="Sấu")).status == 204
    assert one.ask(Call(whatever, "DELETE", headers={"If-Match": "*"})).status == 204


def fid_of(url: str) -> int:
    return int(url.rsplit("/", 1)[1])


def test_an_own_edit_is_taken_back_but_never_by_another_window(owner: psycopg.Connection[Any]) -> None:
    """Both send the version of before the first edit; only what they send beside it tells them apart."""
    one = staff("operations")
    url = created(one, "trees", feature_again(CASES[0], owner))
    opened = as_qgis(one, url)

    def send(**properties: Any) -> int:
        return put(one, url, {**opened, "properties": {**opened["properties"], **properties}}).status

    assert send(species="một") == 204
    assert send() == 204  # back to what it was
    assert one.get(url).json["properties"]["species"] == opened["properties"]["species"]
    assert send(species="hai") == 204
    assert send(stems=9) == 412  # a window that has not seen "hai"
    assert send(species="hai", stems=9) == 204
    assert one.get(url).json["properties"] | {"version": 0} == opened["properties"] | {
        "species": "hai", "stems": 9, "version": 0,
    }  # fmt: skip


def test_a_patch_to_nowhere_is_refused(owner: psycopg.Connection[Any]) -> None:
    one = staff("operations")
    url = created(one, "trees", feature_again(CASES[0], owner))
    etag = one.get(url).headers["ETag"]
    call = Call(url, "PATCH", {"geometry": None}, {"If-Match": etag}, PATCH)
    assert (one.ask(call).status, one.ask(call).json["parameter"]) == (422, "geometry")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2025-07-01T08:00:00", "2025-07-01T01:00:00.000000Z"),  # the city's zone, as in imports
        ("2025-07-01T08:00:00+09:00", "2025-06-30T23:00:00.000000Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000Z"),  # an open end
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59-07:00", None),
        ("0001-01-01T00:00:00+07:00", None),
    ],
)
def test_moments_are_kept_or_refused(owner: psycopg.Connection[Any], sent: str, kept: str | None) -> None:
    one = staff("operations")
    body = feature_again(CASES[0], owner)
    body["properties"]["checked_at"] = sent
    reply = post(one, "trees", body)
    assert reply.status == (201 if kept else 422), reply.body
    if kept:
        url = "/" + reply.headers["Location"].split("/", 3)[3]
        assert one.get(url).json["properties"]["checked_at"] == kept
        assert one.get(f"{url}?f=html").status == 200
        assert put(one, url, as_qgis(one, url)).status == 204


def test_a_line_that_is_turned_round_is_another_line(owner: psycopg.Connection[Any]) -> None:
    """Only rings are the same whichever way they turn: a road or a river has a direction, as served and as stored."""
    one = staff("operations")
    places.publish(Config.from_env(), places.dataset("lanes", geometry=places.Geometry(type="LineString")))
    lane = {"type": "LineString", "coordinates": [[107.55, 16.45], [107.56, 16.46], [107.57, 16.45]]}
    url = created(one, "lanes", {**feature(CASES[0], (107.55, 16.45)), "geometry": lane})
    assert one.get(url).json["geometry"] == lane
    turned = as_qgis(one, url)
    turned["geometry"] = {**lane, "coordinates": lane["coordinates"][::-1]}
    assert put(one, url, turned).status == 204
    assert one.get(url).json["geometry"] == turned["geometry"]


def test_rings_turn_as_rfc_7946_asks(owner: psycopg.Connection[Any]) -> None:
    """However they are stored: outer rings counterclockwise, holes clockwise."""
    land = staff("land")
    lon, lat = places.inside(owner, KIM_LONG)
    outer = [[lon, lat], [lon, lat + 0.01], [lon + 0.01, lat + 0.01], [lon + 0.01, lat], [lon, lat]]
    hole = [
        [lon + 0.002, lat + 0.002],
        [lon + 0.004, lat + 0.002],
        [lon + 0.004, lat + 0.004],
        [lon + 0.002, lat + 0.002],
    ]
    body = feature(CASES[2], (lon, lat))
    body["geometry"] = {"type": "Polygon", "coordinates": [outer, hole]}
    url = created(land, "planning_zones", body)
    for crs in ("", f"?crs={EPSG}4326", f"?crs={EPSG}9214"):
        (rings,) = land.get(url + crs).json["geometry"]["coordinates"]
        if "4326" in crs:  # latitude first: seen with east to the right all the same
            rings = [[point[::-1] for point in ring] for ring in rings]
        assert [shapely.LinearRing(ring).is_ccw for ring in rings] == [True, False], crs


def test_an_etag_of_any_form_is_good_for_if_match(owner: psycopg.Connection[Any]) -> None:
    """The client may have read the feature in another language, CRS or before the layer was published anew."""
    one = staff("operations")
    url = created(one, "trees", feature_again(CASES[0], owner))
    read = one.ask(Call(f"{url}?crs={EPSG}3857", headers={"Accept-Language": "en"}))
    assert patch(one, url, {"species": "Bàng"}, If_Match=read.headers["ETag"]).status == 204


def test_a_retry_of_the_same_post_makes_one_feature(owner: psycopg.Connection[Any]) -> None:
    one, other = staff("operations"), staff("operations", "second")
    body = feature_again(CASES[0], owner)
    first, again = (
        post(one, "trees", body, Idempotency_Key="a"),
        post(one, "trees", body, Idempotency_Key="a"),
    )
    assert first.status == again.status == 201 and first.headers["Location"] == again.headers["Location"]
    different = {**body, "properties": {**body["properties"], "species": "khác"}}
    assert post(one, "trees", different, Idempotency_Key="a").status == 422
    assert post(other, "trees", body, Idempotency_Key="a").headers["Location"] != first.headers["Location"]
    assert post(one, "trees", body, Idempotency_Key="x" * 201).status == 400


def test_eight_retries_at_once_make_one_feature(owner: psycopg.Connection[Any]) -> None:
    """A phone on a bad line sends again before the first request is through."""
    one = staff("operations")
    body = feature_again(CASES[0], owner)
    body["properties"]["species"] = "Tám lần"

    def send(_: int) -> Reply:
        try:
            return post(one, "trees", body, Idempotency_Key="eight")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(send, range(8)))
    assert {reply.status for reply in replies} == {201}, [reply.body for reply in replies]
    assert len({reply.headers["Location"] for reply in replies}) == 1
    assert owner.execute("select count(*) from dataset.trees where species = 'Tám lần'").fetchone() == (1,)
