"""Editing over OGC API Features Part 4: who may write, where a feature is placed, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import orjson
import psycopg
import pyproj
import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.test import Client

from gis_core.accounts.models import User
from gis_core.config import Config
from tests.acceptance import places
from tests.acceptance.asking import Call, citizen, staff
from tests.acceptance.editing import CASES, EPSG, as_qgis, created, feature, feature_again, patch, post, put
from tests.acceptance.places import ELSEWHERE, KIM_LONG, PHU_XUAN, point

CITY = "demo"


@pytest.fixture(scope="module", autouse=True)
def trees(_database_of_module: None) -> None:
    places.publish(Config.from_env(), places.dataset("trees"))


@pytest.fixture
def owner(city: Config) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**city.connection("owner"), autocommit=True) as connection:
        yield connection


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
    for height in (1e308, -1e308, 1e16, 5.1e7):
        yield properties(height_m=height), unfit, f"{height} m are no height on Earth"
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
