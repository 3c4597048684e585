"""What becomes of each kind of value and place that an editor may send: kept to the letter, or refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from gis_core.config import Config
from tests.acceptance import places
from tests.acceptance.asking import Call, Person, staff
from tests.acceptance.editing import CASES, PATCH, as_qgis, created, feature_again, patch, post, put

CITY = "demo"
TREES, PARCELS = CASES[0], CASES[1]
KEPT = object()  # what was sent is what is served


@pytest.fixture(scope="module", autouse=True)
def trees(_database_of_module: None) -> None:
    places.publish(Config.from_env(), places.dataset("trees"))


@pytest.fixture
def owner(city: Config) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**city.connection("owner"), autocommit=True) as connection:  # type: ignore[arg-type]
        yield connection


def patched(who: Person, url: str, **properties: Any) -> Any:
    return patch(who, url, properties, If_Match=who.get(url).headers["ETag"])


def tree_as_stored(owner: psycopg.Connection[Any], url: str) -> Any:
    """The row, and how many of its states are past."""
    fid = int(url.rsplit("/", 1)[1])
    row = owner.execute("select t::text from dataset.trees t where fid = %s", [fid]).fetchone()
    return row, owner.execute("select count(*) from history.dataset_trees where fid = %s", [fid]).fetchone()


TAKEN: tuple[tuple[str, Any, Any], ...] = (
    ("species", "một\nhai\r\nba\tbốn", KEPT),
    ("species", "  Sấu  ", KEPT),
    ("species", "Hue\u0302\u0301", "Huế"),
    ("species", "𩵜" * 60, KEPT),
    ("species", "'; drop table x; --", KEPT),
    ("state", None, None),
    ("state", "", None),  # no code of the list
    ("state", "poor", KEPT),
    ("height_m", None, None),
    ("height_m", "", None),
    ("height_m", 5, 5.0),
    ("height_m", 0.1 + 0.2, KEPT),
    ("height_m", 5e-324, KEPT),
    ("height_m", -50_000_000, -5e7),
    ("height_m", 49_999_999.999999, KEPT),
    ("stems", None, None),
    ("stems", 0, KEPT),
    ("stems", 2.0, 2),
    ("stems", -(2**63), KEPT),
    ("protected", None, None),
    ("protected", False, KEPT),
    ("planted_on", None, None),
    ("planted_on", "0001-01-01", KEPT),
    ("planted_on", "9999-12-31", KEPT),
    ("checked_at", None, None),
    ("checked_at", "2025-07-01T08:00:00.123456+07:00", "2025-07-01T01:00:00.123456Z"),
    ("checked_at", "2025-07-01T08:00:00,5Z", "2025-07-01T08:00:00.500000Z"),
    ("checked_at", "2025-07-01T08:00", "2025-07-01T01:00:00.000000Z"),
)
REFUSED: tuple[tuple[str, Any], ...] = (
    *((name, value) for name in ("species", "state", "height_m", "stems", "protected", "planted_on", "checked_at")
      for value in ([], ["x"], {}, {"a": 1}, [[]])),
    ("species", None), ("species", ""), ("species", "a\x00b"), ("species", "x" * 61), ("species", True),
    ("state", "Tốt"), ("state", 1), ("height_m", True), ("height_m", "4,5"), ("height_m", 2**53 + 1),
    ("height_m", 1.7976931348623157e308), ("height_m", -5e7 - 1),
    ("stems", 2.5), ("stems", 2**63), ("stems", "2"), ("stems", False), ("protected", 1), ("protected", "true"),
    ("planted_on", "2024-02-30"), ("planted_on", "20240229"), ("planted_on", "2024-W09-4"), ("planted_on", 20240229),
    ("planted_on", "2024-02-29T00:00:00Z"), ("planted_on", " 2024-02-29"), ("planted_on", "10000-01-01"),
    ("checked_at", "2024-W09-4T08:00:00Z"), ("checked_at", "20240229T080000Z"), ("checked_at", "08:00"),
    ("checked_at", "2024-02-29T08:00:60Z"), ("checked_at", "2024-02-29T08:00:00+25:00"), ("checked_at", 0),
)  # fmt: skip


def test_values_are_kept_to_the_letter(owner: psycopg.Connection[Any]) -> None:
    """By PATCH and by PUT; each moves its own property alone, and sent back as served it moves nothing."""
    one = staff("operations")
    url = created(one, "trees", feature_again(TREES, owner))
    for name, sent, served in TAKEN:
        expected = sent if served is KEPT else served
        before = one.get(url).json["properties"]
        done = patched(one, url, **{name: sent})
        assert done.status == 204, (name, sent, done.body.decode())
        after = one.get(url).json["properties"]
        assert (after[name], type(after[name])) == (expected, type(expected)), (name, sent)
        assert after | {name: 0, "version": 0} == before | {name: 0, "version": 0}, (name, sent)
        held = tree_as_stored(owner, url)
        assert put(one, url, as_qgis(one, url)).status == 204, (name, sent)
        assert patched(one, url, **{name: expected}).status == 204, (name, sent)
        assert tree_as_stored(owner, url) == held, (name, sent)


def test_values_that_do_not_fit_are_refused_by_name(owner: psycopg.Connection[Any]) -> None:
    one = staff("operations")
    url = created(one, "trees", feature_again(TREES, owner))
    for name, value in REFUSED:
        held = tree_as_stored(owner, url)
        for reply in (patched(one, url, **{name: value}), put(one, url, as_qgis(one, url, **{name: value}))):
            if reply.status == 204 and (name, value) in FORGIVEN:
                continue
            assert (reply.status, reply.json.get("parameter")) == (422, name), (
                name,
                value,
                reply.body.decode(),
            )
        if (name, value) not in FORGIVEN:
            assert tree_as_stored(owner, url) == held, (name, value)


FORGIVEN = (
    ("stems", "2"),
    ("protected", "true"),
)  # in a PUT, as a real QGIS sends them: `test_put_as_served`


def test_a_long_text_is_kept_whole_and_a_longer_one_refused(owner: psycopg.Connection[Any]) -> None:
    land = staff("land")
    url = created(land, "trees", feature_again(TREES, owner))
    longest = "Bà Lê Thị Hoa\n" * 714 + "xxxx"
    assert len(longest) == 10_000
    assert patched(land, url, owner_name=longest).status == 204
    assert land.get(url).json["properties"]["owner_name"] == longest
    held = tree_as_stored(owner, url)
    assert put(land, url, as_qgis(land, url)).status == 204
    assert patched(land, url, owner_name=longest + "x").status == 422
    assert patched(land, url, owner_name="").status == 204 and patched(land, url, owner_name="").status == 204
    assert land.get(url).json["properties"]["owner_name"] == ""
    assert tree_as_stored(owner, url) != held


def test_no_value_where_a_column_has_only_empty_texts_changes_nothing(owner: psycopg.Connection[Any]) -> None:
    """A client that sends null for the empty text that it was served has edited nothing, nor is it told so."""
    land = staff("land")
    body = feature_again(PARCELS, owner)
    del body["properties"]["certificate_no"]
    url = created(land, "parcels", body)
    fid, etag = url.rsplit("/", 1)[1], land.get(url).headers["ETag"]
    row = f"select p::text, (select count(*) from history.parcels_parcel where fid = {fid}) from parcels_parcel p"
    held = owner.execute(f"{row} where fid = {fid}").fetchone()  # type: ignore[arg-type]
    assert land.get(url).json["properties"]["certificate_no"] == ""
    assert patched(land, url, certificate_no=None, address=None).status == 204
    bare = as_qgis(land, url)
    bare["properties"] = {k: v for k, v in bare["properties"].items() if v != ""}
    assert put(land, url, bare).status == 204
    assert owner.execute(f"{row} where fid = {fid}").fetchone() == held  # type: ignore[arg-type]
    assert land.get(url).headers["ETag"] == etag


def test_a_place_of_one_part_or_with_heights_is_the_place(owner: psycopg.Connection[Any]) -> None:
    """As programs send them to a layer of flat points; a second part is a second thing."""
    one = staff("operations")
    body = feature_again(TREES, owner)
    lon, lat = body["geometry"]["coordinates"]
    for geometry in (
        {"type": "MultiPoint", "coordinates": [[lon, lat]]},
        {"type": "Point", "coordinates": [lon, lat, 12.5]},
        {"type": "GeometryCollection", "geometries": [body["geometry"]]},
    ):
        url = created(one, "trees", {**body, "geometry": geometry})
        assert one.get(url).json["geometry"] == body["geometry"]
        held = tree_as_stored(owner, url)
        assert put(one, url, {**as_qgis(one, url), "geometry": geometry}).status == 204
        assert tree_as_stored(owner, url) == held
    two = {"type": "MultiPoint", "coordinates": [[lon, lat], [lon, lat + 0.001]]}
    refused = post(one, "trees", {**body, "geometry": two})
    assert (refused.status, refused.json["parameter"]) == (422, "geometry")


def test_of_two_edits_of_one_state_the_second_is_refused(owner: psycopg.Connection[Any]) -> None:
    """By PATCH, whoever sends them: If-Match names the state that stands, or none."""
    one, other = staff("operations"), staff("operations", "second")
    for second in (one, other):
        url = created(one, "trees", feature_again(TREES, owner))
        etag = one.get(url).headers["ETag"]
        assert patch(one, url, {"species": "Sao"}, If_Match=etag).status == 204
        refused = patch(second, url, {"stems": 9}, If_Match=etag)
        assert (refused.status, refused.json["code"]) == (412, "changed-meanwhile")
        kept = one.get(url).json["properties"]
        assert (kept["species"], kept["stems"]) == ("Sao", 2)


def test_a_version_is_read_as_any_program_types_it(owner: psycopg.Connection[Any]) -> None:
    one = staff("operations")
    url = created(one, "trees", feature_again(TREES, owner))
    for number, kind in enumerate((int, float, str)):
        version = one.get(url).json["properties"]["version"]
        assert put(one, url, as_qgis(one, url, stems=number, version=kind(version))).status == 204, kind
        stale = put(one, url, as_qgis(one, url, stems=50, version=kind(version + 1)))
        assert stale.status == 412, kind
    for version in (None, 1.5, "1.5", "x", [], True, "", "٣"):
        assert put(one, url, as_qgis(one, url, version=version)).status == 428, version


HOLDER = """insert into parcels_parcelholder (parcel_id, name, id_number, address)
    values (%s, 'Bà Hoa', '', '') returning id"""
LEVEL = """insert into sensors_alarmlevel (station_id, level, metres, valid_from, legal_base, source, evidence)
    values (%s, 1, 2.5, '2020-01-01', 'QĐ', '', 'M') returning id"""
BELONGING = (("parcels", "land", HOLDER), ("sensors", "operations", LEVEL))


def test_what_other_records_belong_to_is_not_deleted_with_them(owner: psycopg.Connection[Any]) -> None:
    """Holders of a parcel and alarm levels of a station are in no layer: whoever deletes would not know."""
    for layer, audience, belongs in BELONGING:
        who, case = staff(audience), next(case for case in CASES if case.layer == layer)
        url = created(who, layer, feature_again(case, owner))
        row = owner.execute(belongs.encode(), [int(url.rsplit("/", 1)[1])]).fetchone()
        table = belongs.split()[2]
        refused = who.ask(Call(url, "DELETE", headers={"If-Match": who.get(url).headers["ETag"]}))
        assert (refused.status, refused.json["code"]) == (409, "others-belong-to-it")
        assert "Hoa" not in refused.body.decode()
        assert who.get(url).status == 200
        gone = owner.execute(f"delete from {table} where id = %s returning 1", row)  # type: ignore[arg-type]
        assert gone.fetchone() == (1,)
        assert who.ask(Call(url, "DELETE")).status == 204
        assert who.ask(Call(url, "DELETE")).status == 404


def test_a_retry_is_answered_as_the_first_was_whatever_came_after(owner: psycopg.Connection[Any]) -> None:
    """Changed or deleted meanwhile: no second feature, and nothing of what came after is undone."""
    one = staff("operations")
    body = feature_again(TREES, owner)
    first = post(one, "trees", body, Idempotency_Key="late")
    url = "/" + first.headers["Location"].split("/", 3)[3]
    assert patched(one, url, species="Sao").status == 204
    again = post(one, "trees", body, Idempotency_Key="late")
    assert (again.status, again.headers["Location"]) == (201, first.headers["Location"])
    assert one.get(url).json["properties"]["species"] == "Sao"
    assert one.ask(Call(url, "DELETE")).status == 204
    count = owner.execute("select count(*) from dataset.trees").fetchone()
    last = post(one, "trees", body, Idempotency_Key="late")
    assert (last.status, last.headers["Location"]) == (201, first.headers["Location"])
    assert owner.execute("select count(*) from dataset.trees").fetchone() == count
    wrong = {**body, "properties": {**body["properties"], "stems": "x"}}
    assert post(one, "trees", wrong, Idempotency_Key="once").status == 422
    assert (
        post(one, "trees", body, Idempotency_Key="once").status == 201
    )  # nothing was made by the one refused


def test_a_patch_of_nothing_changes_nothing(owner: psycopg.Connection[Any]) -> None:
    one = staff("operations")
    url = created(one, "trees", feature_again(TREES, owner))
    held = tree_as_stored(owner, url)
    for body in (
        {},
        {"properties": {}},
        {"properties": None},
        {"id": 5, "type": "Feature"},
        {"bbox": [1, 2, 3, 4]},
    ):
        etag = one.get(url).headers["ETag"]
        assert one.ask(Call(url, "PATCH", body, {"If-Match": etag}, PATCH)).status == 204, body
        assert tree_as_stored(owner, url) == held, body


@pytest.mark.parametrize("blank", ["   ", "\u3000", "\u200b", " \t\n"])
def test_a_text_that_must_be_there_has_something_to_see(city: Config, blank: str) -> None:
    answer = post(staff("operations", "blank"), "dams", a_dam(blank))
    assert (answer.status, answer.json["parameter"]) == (422, "name"), answer.body


def test_what_exists_already_is_told_from_what_does_not_fit(city: Config) -> None:
    who = staff("operations", "again")
    assert post(who, "dams", a_dam("Đập thử hai lần")).status == 201
    again = post(who, "dams", a_dam("Đập thử hai lần"))
    assert (again.status, again.json["code"]) == (409, "against-the-rules"), again.body
    dry = post(who, "dams", a_dam("Đập không có nước", capacity_mm3=-1))
    assert (dry.status, dry.json["code"]) == (422, "invalid-values"), dry.body
    assert "ràng buộc của lớp" in dry.json["detail"] and "dams_dam" not in dry.body.decode()


def a_dam(name: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [107.5, 16.4]},
        "properties": {"name": name, "kind": "irrigation", **more},
    }
