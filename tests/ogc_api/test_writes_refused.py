"""Writes that must be refused before they are read, and conditions that must not be passed over."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import psycopg
import pytest

import ogc_api.editing
from gis_core.config import Config
from tests.acceptance import places
from tests.acceptance.asking import Call, Person, citizen, staff
from tests.acceptance.places import KIM_LONG, point

CITY = "demo"
ITEMS = "/ogcapi/collections/trees/items"
PATCH = "application/merge-patch+json"


@pytest.fixture(scope="module", autouse=True)
def trees(_database_of_module: None) -> None:
    places.publish(Config.from_env(), places.dataset("trees"))


@pytest.fixture
def url(city: Config) -> str:
    """The address of a tree that stands in the city."""
    with psycopg.connect(**city.connection("owner"), autocommit=True) as owner:
        place = point(*places.inside(owner, KIM_LONG))
    feature = {"type": "Feature", "geometry": place, "properties": {"species": "Sấu"}}
    done = staff("operations").ask(Call(ITEMS, "POST", feature, media_type="application/geo+json"))
    assert done.status == 201, done.body.decode()
    return "/" + done.headers["Location"].split("/", 3)[3]


@pytest.mark.parametrize(
    ("method", "path"), [("POST", ITEMS), ("PUT", f"{ITEMS}/1"), ("PATCH", f"{ITEMS}/1")]
)
@pytest.mark.parametrize(("person", "status"), [(citizen, 401), (lambda: staff("officer"), 403)])
def test_who_may_not_write_is_told_before_the_body_is_read(
    monkeypatch: pytest.MonkeyPatch,
    city: Config,
    method: str,
    path: str,
    person: Callable[[], Person],
    status: int,
) -> None:
    """20 MB of GeoJSON from anybody kept a thread of the web process busy for two seconds."""
    read: list[object] = []
    monkeypatch.setattr(ogc_api.editing, "read_feature", read.append)
    done = person().ask(Call(path, method, b'{"type": "Feature"}', media_type="application/geo+json"))
    assert (done.status, read) == (status, [])


@pytest.mark.parametrize("header", ["", " ", '""', "²", "\xff"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_an_if_match_that_names_nothing_matches_nothing(url: str, method: str, header: str) -> None:
    """A condition that is passed over is a lost update: a PATCH with an empty If-Match was once carried out."""
    who = staff("operations")
    before = who.get(url).json
    body = {**before, "properties": {**before["properties"], "species": "Phượng"}}
    sent = None if method == "DELETE" else body if method == "PUT" else {"properties": {"species": "Phượng"}}
    media_type = PATCH if method == "PATCH" else "application/geo+json"
    done = who.ask(Call(url, method, sent, {"If-Match": header}, media_type))
    assert done.status == 412, done.body.decode()
    assert who.get(url).json["properties"] == before["properties"]


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59-14:00"]
)
def test_a_moment_outside_the_calendar_is_refused(url: str, moment: str) -> None:
    """PostgreSQL kept the year before 1, and from then on nobody could open or change the feature."""
    who = staff("operations")
    etag = who.get(url).headers["ETag"]
    done = who.ask(Call(url, "PATCH", {"properties": {"checked_at": moment}}, {"If-Match": etag}, PATCH))
    assert (done.status, orjson.loads(done.body)["parameter"]) == (422, "checked_at")
    assert who.ask(Call(url, "DELETE")).status == 204


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_lists_and_weak_tags(url: str, method: str) -> None:
    """The state that stands may be one of several that will do; a weak tag names no state exactly (RFC 9110, 13.1)."""
    who = staff("operations")
    read = who.get(url)
    etag = read.headers["ETag"]
    sent = orjson.loads(read.body) if method == "PUT" else {"properties": {"species": "Bàng"}}
    media_type = PATCH if method == "PATCH" else "application/geo+json"

    def status(**headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return who.ask(Call(url, method, sent if method != "DELETE" else None, named, media_type)).status

    assert status(If_Match=f"W/{etag}") == 412
    assert status(If_Match=f'"1-x", W/{etag}') == 412
    assert status(If_Match=etag, If_None_Match="*") == 412
    assert status(If_Match=etag, If_None_Match=f'"1-x", W/{etag}') == 412
    assert status(If_Match=f'"1-x", {etag}', If_None_Match='"1-x"') == 204
