"""No text in any parameter, path, header or body reaches the database as SQL or ends as a fault of ours.

A refusal by the database's parser would be an error that nothing turns into a 4xx, so a 5xx is what to look for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlencode

import psycopg
import pytest

from gis_core.config import Config
from tests.acceptance.asking import Call, Person, citizen, staff
from tests.acceptance.payloads import payloads
from tests.city_plugin import IN_PROCESS, SUPERUSER

CITY = "demo"
FULL = os.environ.get("HUONG_TEST_FULL") == "1"
EVERY = (
    1 if FULL else 16
)  # in the plain run each payload goes to every sixteenth place, another one each time

WEB = ("z", "lat", "lon", "layers", "feature", "q", "box")
QUERY = (
    *("limit", "offset", "cursor", "bbox", "bbox-crs", "datetime", "crs", "sortby", "filter", "filter-lang"),
    *("filter-crs", "f", "description", "state", "reported_on", "rating", "nosuch"),
)
REPORTS = "/ogcapi/collections/reports"

Place = Callable[[str], Call]


def places() -> Iterator[tuple[str, Place]]:
    """Wherever a stranger's text can go, by a name for it."""
    for name in QUERY:
        yield f"items {name}", lambda text, name=name: Call(f"{REPORTS}/items?{urlencode({name: text})}")
        yield f"item {name}", lambda text, name=name: Call(f"{REPORTS}/items/1?{urlencode({name: text})}")
    yield (
        "filter json",
        lambda text: Call(f"{REPORTS}/items?{urlencode({'filter': text, 'filter-lang': 'cql2-json'})}"),
    )
    yield (
        "sorted cursor",
        lambda text: Call(f"{REPORTS}/items?{urlencode({'cursor': text, 'sortby': 'state'})}"),
    )
    yield "parameter name", lambda text: Call(f"{REPORTS}/items?{urlencode({text: '1'})}")
    yield "collection", lambda text: Call(f"/ogcapi/collections/{quote(text, safe='')}/items")
    yield "collection schema", lambda text: Call(f"/ogcapi/collections/{quote(text, safe='')}/schema")
    yield "feature id", lambda text: Call(f"{REPORTS}/items/{quote(text, safe='')}")
    yield "process", lambda text: Call(f"/ogcapi/processes/{quote(text, safe='')}")
    yield "process limit", lambda text: Call(f"/ogcapi/processes?{urlencode({'limit': text})}")
    for name in WEB:
        yield f"page {name}", lambda text, name=name: Call(f"/list?{urlencode({name: text})}")
        yield (
            f"beside {name}",
            lambda text, name=name: Call(f"/en/beside?box=107,16,108,17&{urlencode({name: text})}"),
        )
    yield "search", lambda text: Call(f"/search?{urlencode({'q': text})}")
    yield "feature page", lambda text: Call(f"/feature/{quote(text, safe='')}/1")
    for name in ("Accept", "Accept-Language", "If-None-Match", "Cookie", "Authorization"):
        yield (
            f"header {name}",
            lambda text, name=name: Call(f"{REPORTS}/items?limit=1", headers={name: latin(text)}),
        )
    yield (
        "inputs",
        lambda text: Call(
            "/ogcapi/processes/what-is-here/execution",
            "POST",
            {"inputs": {"lon": text, "lat": 16, text[:20]: 1}},
        ),
    )


def written() -> Iterator[tuple[str, Place]]:
    """Where an editor's text can go."""
    items, point = "/ogcapi/collections/sensors/items", {"type": "Point", "coordinates": [107.59, 16.46]}

    def feature(**properties: str) -> dict[str, object]:
        return {"type": "Feature", "geometry": point, "properties": properties}

    kind = "application/geo+json"
    yield (
        "property",
        lambda text: Call(items, "POST", feature(code=text, name=text, kind="water"), media_type=kind),
    )
    yield "name", lambda text: Call(items, "POST", feature(**{text: "x"}), media_type=kind)
    for name in ("Idempotency-Key", "Content-Crs", "If-Match"):
        yield name, lambda text, name=name: Call(items, "POST", feature(code="x"), {name: latin(text)}, kind)
        yield (
            f"{name} PUT",
            lambda text, name=name: Call(f"{items}/1", "PUT", feature(code="x"), {name: latin(text)}, kind),
        )
    yield (
        "geometry type",
        lambda text: Call(items, "POST", {"type": "Feature", "properties": {}, "geometry": {"type": text}}),
    )


def latin(text: str) -> str:
    """What of a text can stand in a header."""
    return "".join(c for c in text if c.isprintable()).encode("latin-1", "ignore").decode("latin-1") or "x"


@pytest.fixture(scope="module")
def sleepless(_database_of_module: None) -> None:
    """Nobody may make this database sleep: a payload that gets so far is refused by it, and ends as a fault of ours."""
    with psycopg.connect(SUPERUSER, dbname=IN_PROCESS, autocommit=True) as superuser:
        superuser.execute("revoke execute on function pg_sleep(double precision) from public")
    with (
        psycopg.connect(**Config.from_env().connection("citizen")) as citizens,  # type: ignore[arg-type]
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        citizens.execute("select pg_sleep(0)")


def refuse_faults(who: Person, where: list[tuple[str, Place]]) -> None:
    texts = payloads()
    assert len(texts) == 500
    step = min(EVERY, len(where))
    for number, text in enumerate(texts):
        for name, place in where[number % step :: step]:
            reply = who.ask(place(text))
            assert reply.status < 500, f"{name} {text!r}: {reply.status} {reply.body[:300]!r}"
            assert b"psycopg" not in reply.body and b"Traceback" not in reply.body


@pytest.mark.timeout(3600 if FULL else 300)
def test_no_payload_of_a_stranger_is_a_fault(sleepless: None, city: Config) -> None:
    refuse_faults(citizen(), list(places()))


@pytest.mark.timeout(3600 if FULL else 300)
def test_no_payload_of_an_editor_is_a_fault(sleepless: None, city: Config) -> None:
    refuse_faults(staff("operations"), list(written()))
