"""Editing over OGC API Features Part 4, as an API client and as QGIS do it, on datasets and on Django models."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
import pyproj
import pytest
import shapely
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.db import connections
from django.test import Client

from gis_core.accounts.models import User
from gis_core.config import Config
from gis_core.reading import registry
from tests.acceptance import places
from tests.acceptance.asking import Call, Person, Reply, citizen, staff
from tests.acceptance.places import ELSEWHERE, KIM_LONG, PHU_XUAN, point, square

CITY = "demo"
PATCH = "application/merge-patch+json"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@dataclass(frozen=True)
class Case:
    """A layer, who edits it, what is written first, and a property that is then changed to two other values."""

    layer: str
    audience: str
    properties: dict[str, Any]
    changed: str
    values: tuple[Any, Any]
    shape: Any = point
    deletes: bool = True


CASES = (
    Case("trees", "operations", {"species": "Bằng lăng", "height_m": 4.5, "stems": 2, "protected": True,
                                 "planted_on": "2024-02-29", "checked_at": "2025-01-01T08:00:00Z", "state": "good"},
         "species", ("Phượng vĩ", "Long não")),
    Case("parcels", "land", {"sheet": 991, "number": 17, "land_use": "ODT", "certificate_no": "CS 01"},
         "certificate_no", ("CS 02", "CS 03"), square),
    Case("planning_zones", "land", {"lot_code": "OCT-01", "project": "Đồ án thử", "level": "general",
                                    "function": "<code>", "internal_note": "nháp"},
         "internal_note", ("một", "hai"), square),
    Case("reports", "officer", {"category": "<code>", "description": "Đèn không sáng", "staff_note": "gọi lại"},
         "staff_note", ("đã gọi", "đã xong"), deletes=False),
    Case("sensors", "operations", {"code": "THU-01", "name": "Trạm thử", "kind": "<code>", "contact_phone": "0000"},
         "contact_phone", ("0001", "0002")),
    Case("cameras", "operations", {"name": "Cầu thử", "purpose": "<code>", "owner_type": "<code>",
                                   "direction_deg": 90, "fov_deg": 60, "range_m": 80},
         "name", ("Cầu hai", "Cầu ba")),
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def trees(_database_of_module: None) -> None:
    places.publish(Config.from_env(), places.dataset("trees"))


@pytest.fixture
def owner(city: Config) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**city.connection("owner"), autocommit=True) as connection:
        yield connection


def feature(case: Case, at: tuple[float, float]) -> dict[str, Any]:
    layer = registry().current(fresh=True).layers[case.layer].layer
    filled = {
        name: layer.field(name).codes[0].value if value == "<code>" else value
        for name, value in case.properties.items()
    }
    return {"type": "Feature", "geometry": case.shape(*at), "properties": filled}


def post(who: Person, layer: str, body: Any, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return who.ask(Call(f"/ogcapi/collections/{layer}/items", "POST", body, sent, "application/geo+json"))


def put(who: Person, url: str, body: Any, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return who.ask(Call(url, "PUT", body, sent, "application/geo+json"))


def patch(who: Person, url: str, properties: dict[str, Any], **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return who.ask(Call(url, "PATCH", {"properties": properties}, sent, PATCH))


def created(who: Person, layer: str, body: Any) -> str:
    """The path of a new feature."""
    done = post(who, layer, body)
    assert done.status == 201, done.body.decode()
    return "/" + done.headers["Location"].split("/", 3)[3]


def as_qgis(who: Person, url: str, **properties: Any) -> dict[str, Any]:
    """The feature as QGIS sends it back: all it read, ``version`` included, with some values changed."""
    read = who.get(url).json
    return {
        "type": "Feature",
        "id": read["id"],
        "geometry": read["geometry"],
        "properties": {**read["properties"], **properties},
    }


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


def feature_again(case: Case, owner: psycopg.Connection[Any]) -> dict[str, Any]:
    """The case's feature once more, with what must be unique made so."""
    lon, lat = places.inside(owner, KIM_LONG)
    number = time.monotonic_ns() % 1_000_000
    body = feature(case, (round(lon + number * 1e-9, 7), lat))
    unique = {"parcels": {"number": 1000 + number}, "sensors": {"code": f"THU-{number}"}}.get(case.layer, {})
    body["properties"] |= unique
    if case.layer == "parcels":
        body["properties"]["national_id"] = f"w7x{number:09d}".replace("a", "b")
    return body


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


def test_options_says_what_each_audience_may_do(owner: psycopg.Connection[Any]) -> None:
    """QGIS shows its pencil by this answer; PATCH is not named, since QGIS would prefer it and lose updates."""
    reading, adding = {"GET", "HEAD", "OPTIONS"}, {"GET", "HEAD", "OPTIONS", "POST"}
    whole = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}
    expected = {
        ("trees", "operations"): (adding, whole),
        ("trees", "officer"): (reading, reading),
        ("reports", "officer"): (adding, whole - {"DELETE"}),
        ("reports", "operations"): (reading, reading),
        ("parcels", "land"): (adding, whole),
        ("parcels", "citizen"): (reading, reading),
    }
    for (layer, audience), allowed in expected.items():
        who = citizen() if audience == "citizen" else staff(audience)
        for path, methods in zip(("items", "items/1"), allowed, strict=True):
            reply = who.ask(Call(f"/ogcapi/collections/{layer}/{path}", "OPTIONS"))
            assert set(reply.headers["Allow"].split(", ")) == methods, (layer, audience, path)


def test_an_officer_writes_in_the_own_units_alone(owner: psycopg.Connection[Any]) -> None:
    officer, case = staff("officer"), next(case for case in CASES if case.layer == "reports")
    outside = feature(case, places.inside(owner, ELSEWHERE))
    count = owner.execute("select count(*) from reports_report").fetchone()
    refused = post(officer, "reports", outside)
    assert (refused.status, refused.json["code"]) == (403, "outside-your-units")
    url = created(officer, "reports", feature(case, places.inside(owner, KIM_LONG)))
    moved = as_qgis(officer, url)
    moved["geometry"] = outside["geometry"]
    assert put(officer, url, moved).status == 403
    moved["geometry"] = point(*places.inside(owner, PHU_XUAN))
    assert put(officer, url, moved).status == 204
    unit = owner.execute(
        "select unit_code from reports_report where fid = %s", [url.rsplit("/", 1)[1]]
    ).fetchone()
    assert unit == (PHU_XUAN,)
    hidden = owner.execute(
        "select fid from reports_report where unit_code <> all(%s) limit 1", [[KIM_LONG, PHU_XUAN]]
    ).fetchone()
    there = f"/ogcapi/collections/reports/items/{hidden[0]}"
    assert put(officer, there, as_qgis(officer, url)).status == 404
    assert patch(officer, there, {"staff_note": "x"}, If_Match='"1"').status == 404
    assert owner.execute("select count(*) - 1 from reports_report").fetchone() == count


def test_whoever_may_not_write_is_told_so(owner: psycopg.Connection[Any]) -> None:
    body = feature_again(CASES[0], owner)
    assert post(citizen(), "trees", body).status == 401
    assert post(staff("officer"), "trees", body).status == 403
    assert post(staff("operations"), "roads", body).status == 403
    assert post(staff("operations"), "camera_views", body).status == 403
    assert post(citizen(), "camera_views", body).status == 404
    assert post(citizen(), "nosuch", body).status == 404


def test_a_session_needs_the_csrf_token(owner: psycopg.Connection[Any]) -> None:
    """A foreign page can make a signed-in browser send a POST; without the token it changes nothing."""
    staff("operations", "browser")
    user = User.objects.get(username="browser-operations")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time()}]
    session.save()
    path, body = "/ogcapi/collections/trees/items", orjson.dumps(feature_again(CASES[0], owner))
    done = client.post(path, body, content_type="application/geo+json")
    assert done.status_code == 403 and done.json()["code"] == "csrf-failed", done.content
    token = "c" * 32
    client.cookies["csrftoken"] = token
    done = client.post(path, body, content_type="application/geo+json", headers={"X-CSRFToken": token})
    assert done.status_code == 201, done.content
    assert owner.execute(
        "select count(*) from dataset.trees where fid = %s", [done["Location"].rsplit("/", 1)[1]]
    ).fetchone() == (1,)


@pytest.mark.parametrize("code", ["9214", "4326", "3857", "3405"])
def test_content_crs_places_the_feature_right(owner: psycopg.Connection[Any], code: str) -> None:
    """Coordinates in the authority's axis order; pyproj, asked independently, says where that is."""
    lon, lat = places.inside(owner, KIM_LONG)
    to_crs = pyproj.Transformer.from_crs("EPSG:4326", f"EPSG:{code}", always_xy=False)
    sent = to_crs.transform(lat, lon)
    body = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": sent},
        "properties": {"species": code},
    }
    for header in (f"<{EPSG}{code}>", f"{EPSG}{code}"):
        done = post(staff("operations"), "trees", body, Content_Crs=header)
        assert done.status == 201, done.body
        row = owner.execute(
            "select st_x(geom), st_y(geom) from dataset.trees where fid = %s",
            [done.headers["Location"].rsplit("/", 1)[1]],
        ).fetchone()
        assert row == pytest.approx((lon, lat), abs=2e-6), header


def test_a_parcel_keeps_its_surveyed_coordinates(owner: psycopg.Connection[Any]) -> None:
    """A parcel written in VN-2000 is read back in VN-2000 to the millimetre; through degrees it would not be."""
    land, case = staff("land"), CASES[1]
    lon, lat = places.inside(owner, KIM_LONG)
    x0, y0 = map(round, pyproj.Transformer.from_crs("EPSG:4326", "EPSG:9214").transform(lat, lon))
    ring = [[x0 + dx, y0 + dy] for dx, dy in ((0, 0), (10.123, 0), (10.123, 8.456), (0, 8.456), (0, 0))]
    body = feature_again(case, owner)
    body["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    done = post(land, "parcels", body, Content_Crs=f"<{EPSG}9214>")
    assert done.status == 201, done.body.decode()
    url = "/" + done.headers["Location"].split("/", 3)[3]
    read = land.get(f"{url}?crs={EPSG}9214")
    assert read.headers["Content-Crs"] == f"<{EPSG}9214>"
    assert sorted(read.json["geometry"]["coordinates"][0][0]) == sorted(ring)
    assert read.json["properties"]["area_m2"] == pytest.approx(10.123 * 8.456, abs=0.1)


@pytest.mark.parametrize("crs", ["", f"?crs={EPSG}3857", f"?crs={EPSG}4326", f"?crs={EPSG}9214"])
def test_an_edit_of_an_attribute_moves_nothing(owner: psycopg.Connection[Any], crs: str) -> None:
    """A client sends the geometry back as it read it, rounded; writing that would spoil a survey a little each time."""
    land = staff("land")
    url = created(land, "parcels", feature_again(CASES[1], owner))
    fid = int(url.rsplit("/", 1)[1])
    owner.execute("update parcels_parcel set geom_original = st_translate(geom_original, 0.00012345, 0.0004321)"
                  " where fid = %s", [fid])  # fmt: skip
    place = "select geom_original::bytea from parcels_parcel where fid = %s"
    before = owner.execute(place, [fid]).fetchone()
    read = land.get(f"{url}{crs}").json
    sent = {
        "type": "Feature",
        "geometry": read["geometry"],
        "properties": {**read["properties"], "address": "mới"},
    }
    headers = {"Content_Crs": f"<{crs.removeprefix('?crs=')}>"} if crs else {}
    assert put(land, url, sent, **headers).status == 204
    assert owner.execute(place, [fid]).fetchone() == before
    assert land.get(url).json["properties"]["address"] == "mới"
    sent["geometry"]["coordinates"][0][0][1][0] += 1e-6 if crs in ("", f"?crs={EPSG}4326") else 0.01
    sent["properties"]["version"] = land.get(url).json["properties"]["version"]
    assert put(land, url, sent, **headers).status == 204
    assert owner.execute(place, [fid]).fetchone() != before


def test_what_does_not_fit_is_refused_and_nothing_is_written(owner: psycopg.Connection[Any]) -> None:
    one = staff("operations")
    good = feature_again(CASES[0], owner)
    url = created(one, "trees", good)
    before = owner.execute("select count(*), sum(hashtext(t::text)) from dataset.trees t").fetchone()
    for number, (body, statuses, why) in enumerate(refused_bodies(good)):
        for reply in (post(one, "trees", body), put(one, url, body, If_Match="*")):
            assert reply.status in statuses, f"{number} {why}: {reply.status} {reply.body[:300]!r}"
            assert reply.headers["Content-Type"] == "application/problem+json", why
            assert reply.json["status"] == reply.status
    after = owner.execute("select count(*), sum(hashtext(t::text)) from dataset.trees t").fetchone()
    assert before == after


def refused_bodies(good: dict[str, Any]) -> Iterator[tuple[Any, tuple[int, ...], str]]:
    """Bodies, the statuses that are right for each, and what is wrong with it."""

    def properties(**values: Any) -> dict[str, Any]:
        return {**good, "properties": {**good["properties"], **values}}

    def geometry(kind: str, coordinates: Any) -> dict[str, Any]:
        return {**good, "geometry": {"type": kind, "coordinates": coordinates}}

    bad, unfit = (400,), (422,)
    text = orjson.dumps(good).decode()
    for body in (b" ", b"{", b"[]", b"null", b"\xff\xfe", b"1", b'"x"', b'{"type":"Feature"', b"\x00"):
        yield body, bad, f"no JSON feature: {body!r}"
    yield text.replace("4.5", "NaN").encode(), bad, "NaN"
    yield text.replace("4.5", "Infinity").encode(), bad, "infinity"
    yield text.replace("4.5", "1e999").encode(), (400, 422), "a number without end"
    yield b'{"a":' * 5000 + b"1" + b"}" * 5000, bad, "deep nesting"
    yield text.replace('"Bằng lăng"', "[" * 900 + "]" * 900).encode(), (400, 422), "a deep value"
    yield b"[" * 100_000, bad, "deep nesting without end"
    yield b'{"type":"Feature","properties":{"species":"' + b"x" * 21_000_000 + b'"}}', (413,), "21 MB"
    yield {"type": "FeatureCollection", "features": [good]}, bad, "a collection"
    yield {**good, "properties": [1]}, bad, "properties in a list"
    yield {**good, "geometry": None}, unfit, "no geometry"
    yield properties(nosuch=1), bad, "unknown property"
    yield properties(owner_name="x"), bad, "a property of another audience"
    yield properties(species=None), unfit, "required"
    yield properties(species=""), unfit, "empty"
    yield properties(species=7), unfit, "a number for a text"
    yield properties(species="x" * 61), unfit, "too long"
    yield properties(species="a\x00b"), unfit, "NUL"
    yield text.replace("Bằng lăng", "\\ud800").encode(), (400, 422), "half a character"
    yield properties(state="middling"), unfit, "not in the code list"
    yield properties(stems=1.5), unfit, "no whole number"
    yield properties(stems=2**63), unfit, "too large"
    yield properties(stems=True), unfit, "a boolean for a number"
    yield properties(stems="2"), unfit, "a text for a number"
    yield properties(height_m="4"), unfit, "a text for a number"
    yield properties(protected="yes"), unfit, "a text for a boolean"
    yield properties(planted_on="31/12/2024"), unfit, "no date"
    yield properties(planted_on="2023-02-29"), unfit, "a day that was not"
    yield properties(checked_at="2024-01-01T25:00:00Z"), unfit, "an hour that is not"
    yield properties(checked_at=5), unfit, "a number for a moment"
    for kind, coordinates in (
        ("Point", []), ("Point", [1]), ("Point", ["a", "b"]), ("Point", [None, None]), ("Point", [1000, 1000]),
        ("Point", [107, 89.9]), ("Point", [181, 0]), ("Polygon", [[[0, 0], [1, 1]]]), ("Sphere", [0, 0]),
        ("LineString", [[107, 16], [107.1, 16.1]]), ("Point", [[107, 16]]), ("Point", {}), ("Point", "x"),
        ("MultiPoint", [[107, 16], [107.2, 16]]), ("Point", [1e300, 1e300]),
    ):  # fmt: skip
        yield geometry(kind, coordinates), (400, 422), f"{kind} {coordinates}"
    yield {**good, "geometry": 5}, (400, 422), "no geometry object"
    yield {**good, "geometry": {"type": "GeometryCollection", "geometries": []}}, (400, 422), "a collection"


def test_polygons_that_are_none_are_refused(owner: psycopg.Connection[Any]) -> None:
    land = staff("land")
    body = feature(CASES[2], places.inside(owner, KIM_LONG))
    bow_tie = [[107.5, 16.4], [107.6, 16.5], [107.6, 16.4], [107.5, 16.5], [107.5, 16.4]]
    open_ring = [[107.5, 16.4], [107.6, 16.4], [107.6, 16.5], [107.5, 16.5]]
    many = [[107 + i * 1e-6, 16.0] for i in range(200_001)] + [[107.1, 16.2], [107, 16.0]]
    for ring, why in ((bow_tie, "bow tie"), (open_ring, "open"), (bow_tie[:3], "short"), (many, "vertices")):
        sent = {**body, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        reply = post(land, "planning_zones", sent)
        assert reply.status == 422, (why, reply.status, reply.body[:300])


def test_rules_of_the_data_are_conflicts_without_the_databases_words(owner: psycopg.Connection[Any]) -> None:
    """A unique constraint's message quotes the row that is there already, which the caller may not see."""
    operations, land = staff("operations"), staff("land")
    body = feature_again(CASES[4], owner)
    created(operations, "sensors", body)
    taken = post(operations, "sensors", body)
    assert taken.status in (409, 422), taken.body
    parcel = feature_again(CASES[1], owner)
    created(land, "parcels", parcel)
    parcel["properties"]["national_id"] = "w7xzzzzzzzzz"
    twice = post(land, "parcels", parcel)
    assert twice.status in (409, 422), twice.body
    for reply in (taken, twice):
        assert not any(
            word in reply.body.decode() for word in ("constraint", "DETAIL", "duplicate", "psycopg", "Key (")
        )
    zone = feature(CASES[2], places.inside(owner, KIM_LONG))
    zone["properties"]["density_pct"] = 500
    assert post(land, "planning_zones", zone).status in (409, 422)
    camera = feature(CASES[5], places.inside(owner, KIM_LONG))
    for name, value in (("direction_deg", 400), ("range_m", -1), ("fov_deg", 0), ("retention_days", 99999)):
        wrong = {**camera, "properties": {**camera["properties"], name: value}}
        assert post(operations, "cameras", wrong).status in (409, 422), name


def test_a_read_only_property_is_passed_over_in_a_whole_feature_and_refused_in_a_patch(
    owner: psycopg.Connection[Any],
) -> None:
    operations = staff("operations")
    url = created(operations, "trees", feature_again(CASES[0], owner))
    assert put(operations, url, as_qgis(operations, url, number=5)).status == 204
    assert operations.get(url).json["properties"]["number"] is None
    refused = patch(operations, url, {"number": 5}, If_Match=operations.get(url).headers["ETag"])
    assert (refused.status, refused.json["parameter"]) == (422, "number")


def test_unknown_parameters_and_media_types_are_refused(owner: psycopg.Connection[Any]) -> None:
    one, body = staff("operations"), feature_again(CASES[0], owner)
    path = "/ogcapi/collections/trees/items"
    assert one.ask(Call(f"{path}?x=1", "POST", body, media_type="application/geo+json")).status == 400
    for media_type in ("text/plain", "application/xml", "multipart/form-data; boundary=x", ""):
        assert one.ask(Call(path, "POST", body, media_type=media_type)).status == 415, media_type
    assert one.ask(Call(path, "PUT", body)).status == 405
    for crs in ("nonsense", f"<{EPSG}27700>", "<>"):
        assert post(one, "trees", body, Content_Crs=crs).status == 400, crs
