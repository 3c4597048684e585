"""Limits by address at the real nginx: who is stopped, who is not, and how many people fit behind one address."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack

import httpx
import pytest

from gis_core.admission.addresses import ADDRESSES
from gis_core.config import Config
from gis_core.runtime.limits import Limits
from tests.runtime.front_door import FrontDoor, Upstream, front_door

PROXY = "127.0.0.1/32"  # we are the city's own proxy, and say who asks
ITEMS = "/ogcapi/collections/wards/items"
QUERY = f"{ITEMS}?filter=name%20LIKE%20%27a%25%27"
COSTLY = (
    QUERY,
    f"{ITEMS}?offset=900000",
    f"{ITEMS}?limit=10&%66ilter=a%3D1",
    f"{ITEMS}?sortby=name&bbox=1,2,3,4",
    "/ogcapi/processes/what-is-here/execution",
    "/en/search?q=duong",
    *(f"{each}?q=duong" for each, kind in ADDRESSES.items() if kind == "question"),
    "/wfs?service=WFS&request=GetFeature&typenames=wards",
)
DRAWN = (
    "/wms?request=GetMap",
    "/wmts",
    "/wmts/1.0.0/wards/default/WebMercatorQuad/3/1/1.png",
    "/pictures/basemap/107.5,16.4,12/300x200.png",
    "/tiles/basemap/14/13086/7412.png",
    "/tiles/basemap/14/13086/7412@2x.webp",
    "/ogcapi/map",
    "/ogcapi/collections/wards/map",
    "/ogcapi/collections/wards/styles/default/map",
    "/print/map.pdf?center=1,2",
)
FEW = Limits(
    work=80, streams=3, queries=60, queries_burst=8, sign_ins=60, sign_ins_burst=4, drawings=3, sheets=6
)


@pytest.fixture(scope="module")
def narrow(instance: Config) -> Iterator[FrontDoor]:
    """A front door with small numbers."""
    with front_door(instance, limits=FEW, trusted_proxy=PROXY) as made:
        yield made


@pytest.fixture(scope="module")
def usual(instance: Config) -> Iterator[FrontDoor]:
    """A front door as a city has it."""
    with front_door(instance, limits=Limits(), trusted_proxy=PROXY) as made:
        yield made


def answers(
    door: FrontDoor, path: str, addresses: Sequence[str], method: str = "GET", accept: str = "*/*"
) -> list[httpx.Response]:
    """What is answered to ``addresses``, which all ask at once."""

    async def all_at_once() -> list[httpx.Response]:
        base, pool = f"http://127.0.0.1:{door.port}", httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=base, limits=pool, timeout=60) as client:
            asked = (
                client.request(method, path, headers={"X-Forwarded-For": address, "Accept": accept})
                for address in addresses
            )
            return await asyncio.gather(*asked)

    return asyncio.run(all_at_once())


def ask(door: FrontDoor, path: str, address: str, count: int, method: str = "GET") -> Counter[int]:
    """Statuses of ``count`` requests that ``address`` sends at once."""
    return Counter(answer.status_code for answer in answers(door, path, [address] * count, method))


def streams(door: FrontDoor, address: str, count: int) -> Counter[int]:
    """Statuses of ``count`` event streams that are open at the same time."""

    async def all_open() -> Counter[int]:
        pool = httpx.Limits(max_connections=None)
        base = f"http://127.0.0.1:{door.port}"
        headers = {"X-Forwarded-For": address}
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=base, limits=pool, timeout=60, headers=headers)
            )
            opened = [
                await stack.enter_async_context(client.stream("GET", "/events/held")) for _ in range(count)
            ]
            return Counter(answer.status_code for answer in opened)

    try:
        return asyncio.run(all_open())
    finally:
        Upstream.let_go.set()
        Upstream.let_go.clear()


@pytest.mark.parametrize("path", COSTLY)
def test_a_script_that_queries_without_end_is_stopped(narrow: FrontDoor, path: str) -> None:
    """Would fail if a costly address, or a parameter's name written in another way, were not counted."""
    address = f"203.0.113.{COSTLY.index(path) + 10}"
    statuses = ask(narrow, path, address, 40)
    assert statuses[429] >= 30 and statuses[200] >= 8, statuses
    assert ask(narrow, path, "198.51.100.1", 1) == {200: 1}, "another address is not refused for it"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/list?z=14&lat=16.4&lon=107.5",
        f"{ITEMS}?limit=1000&cursor=abc",
        f"{ITEMS}?bbox=107,16,108,17&bbox-crs=http%3A%2F%2Fwww.opengis.net%2Fdef%2Fcrs%2FOGC%2F1.3%2FCRS84&f=json",
        ITEMS,
        f"{ITEMS}/7",
        "/tiles/wards/14/13086/7410.mvt",
        "/tiles/wards/14/1/1.mvt",
    ],
)
def test_maps_pages_and_downloads_are_not_counted(narrow: FrontDoor, path: str) -> None:
    """Would fail if panning in QGIS, paging through a layer or looking at the map met a limit.

    Fewer at once than there may be large answers at a time, as which pages of a thousand are counted.
    """
    count = Limits.downloads - 8
    assert ask(narrow, path, "203.0.113.250", count) == {200: count}


def test_attempts_to_sign_in_are_limited(narrow: FrontDoor) -> None:
    """Would fail if passwords could be tried, or the city's processors be kept busy with hashing, at any speed."""
    assert ask(narrow, "/accounts/login/", "203.0.113.251", 20, "POST")[429] >= 12
    assert ask(narrow, "/accounts/login/", "203.0.113.251", 20) == {200: 20}, "the form itself is a page"


def test_streams_of_one_address_are_limited(narrow: FrontDoor) -> None:
    """Would fail if one script could take every connection that the front door has."""
    assert streams(narrow, "203.0.113.252", 5) == {200: 3, 429: 2}


@pytest.mark.parametrize("path", DRAWN)
def test_pictures_drawn_for_one_address_are_limited(narrow: FrontDoor, path: str) -> None:
    """Would fail if one script could take every place in which pictures wait to be drawn."""
    address = f"203.0.114.{DRAWN.index(path) + 10}"
    more = "&" if "?" in path else "?"
    assert ask(narrow, f"{path}{more}slow=1", address, 5) == {200: 3, 429: 2}
    assert ask(narrow, path, address, 1) == {200: 1}, "what was drawn is no longer counted"


@pytest.mark.parametrize(
    "path", ["/legend/wards.png", "/styles/wards.json", "/tiles/wards/14/1/1.mvt", "/ogcapi/styles"]
)
def test_what_is_not_drawn_is_not_counted_as_a_picture(narrow: FrontDoor, path: str) -> None:
    """Would fail if documents, or vector tiles, waited for pictures."""
    assert ask(narrow, f"{path}?slow=1", "203.0.114.9", 8) == {200: 8}


def test_sheets_of_one_address_are_limited(narrow: FrontDoor) -> None:
    """Would fail if one script could keep the processors drawing sheets of A0, one after another."""
    statuses = Counter(ask(narrow, "/print/map.pdf", "203.0.114.8", 1).popitem()[0] for _ in range(12))
    assert statuses[200] >= 6 and statuses[429] >= 4, statuses
    assert ask(narrow, "/print/check?d=a", "203.0.114.8", 3) == {200: 3}, "checking a paper is a page"


def test_a_refusal_says_so_to_programs_and_people(narrow: FrontDoor) -> None:
    """Would fail if a refused caller did not learn why, or when to come again."""
    told = next(a for a in answers(narrow, QUERY, ["203.0.113.253"] * 30) if a.status_code == 429)
    assert (told.json()["code"], told.headers["Retry-After"]) == ("too-many-requests", "10")
    assert told.headers["Content-Type"] == "application/problem+json"
    shown = answers(narrow, QUERY, ["203.0.113.254"] * 30, accept="text/html")
    page = next(a for a in shown if a.status_code == 429)
    assert "Quá nhiều yêu cầu" in page.text and "Too many requests" in page.text


def test_ipv6_is_counted_by_network(narrow: FrontDoor) -> None:
    """Would fail if a subscriber's 2**64 addresses had a limit each."""
    one = answers(narrow, QUERY, [f"2001:db8:1:2:{n:x}::1" for n in range(1, 30)])
    assert Counter(a.status_code for a in one)[429] >= 15
    assert ask(narrow, QUERY, "2001:db8:1:3::1", 1) == {200: 1}


def test_this_machine_is_not_counted(narrow: FrontDoor) -> None:
    """Would fail if a proxy that nobody named made the whole city one address."""
    assert ask(narrow, QUERY, "127.0.0.1", 60) == {200: 60}


def test_an_office_behind_one_address_works(usual: FrontDoor) -> None:
    """300 people of one commune: all search in the same second, all sign in, all keep the map open."""
    office = "203.0.113.1"
    assert ask(usual, QUERY, office, 300) == {200: 300}
    assert ask(usual, "/accounts/login/", office, 300, "POST") == {200: 300}
    assert streams(usual, office, 300) == {200: 300}


def test_a_flood_from_one_address_ends(usual: FrontDoor) -> None:
    assert ask(usual, "/search?q=a", "203.0.113.2", 600)[429] >= 150


def test_limits_are_settings(clean_environment: pytest.MonkeyPatch) -> None:
    """Would fail if a setting were not read, or 0 did not switch its limit off."""
    clean_environment.setenv("HUONG_LIMIT_QUERIES", "0")
    clean_environment.setenv("HUONG_LIMIT_STREAMS", "7")
    clean_environment.setenv("HUONG_UNLIMITED", "10.20.0.0/16, 2001:db8::/32")
    clean_environment.setenv("HUONG_LIMIT_DRAWINGS", "9")
    clean_environment.setenv("HUONG_LIMIT_SHEETS", "0")
    words = Limits.from_env().words()
    assert words["QUERY_LIMIT"] == "" and words["SHEET_LIMIT"] == ""
    assert words["DRAWING_LIMIT"] == "limit_conn drawings 9;"
    assert words["STREAM_LIMIT"] == "limit_conn streams 7;"
    assert words["UNLIMITED"].endswith("10.20.0.0/16 0; 2001:db8::/32 0;")


@pytest.mark.parametrize("path", ["/list?z=12", "/", "/ogcapi/collections", f"{ITEMS}/7"])
def test_work_of_one_address_is_limited(narrow: FrontDoor, path: str) -> None:
    """Would fail if one address could have any number of pages, lists or documents made at a time."""
    more = "&" if "?" in path else "?"
    address = f"203.0.115.{len(path)}"
    assert ask(narrow, f"{path}{more}slow=1", address, FEW.work + 5) == {200: FEW.work, 429: 5}
    assert ask(narrow, "/healthz?slow=1", address, FEW.work + 5) == {200: FEW.work + 5}
    assert ask(narrow, path, address, 1) == {200: 1}, "what was answered is no longer counted"
