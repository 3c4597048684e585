"""One HTTP behaviour: the same questions to both servers, through the front door and directly."""

from __future__ import annotations

import contextlib
import http.client
import json
import math
import os
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from gis_core.http import cors, policy
from gis_core.runtime.place import Place
from tests.acceptance.asking import lasting
from tests.live_city import LiveCity

# The process that answers, and an address of it.
DOCUMENTS = {
    "/ogcapi": "web",
    "/ogcapi/collections": "web",
    "/ogcapi/collections/admin_units": "web",
    "/ogcapi/collections/admin_units/items?limit=2": "web",
    "/wfs?SERVICE=WFS&REQUEST=GetCapabilities": "web",
    "/ogcapi/tiles": "tiles",
    "/ogcapi/styles": "tiles",
    "/ogcapi/collections/admin_units/styles": "tiles",
    "/tiles": "tiles",
    "/tiles/admin_units.json": "tiles",
    "/styles": "tiles",
    "/wms?SERVICE=WMS&REQUEST=GetCapabilities": "tiles",
    "/wmts?SERVICE=WMTS&REQUEST=GetCapabilities": "tiles",
}
WITH_WORDS = [
    path for path in DOCUMENTS if path not in ("/tiles", "/ogcapi/collections/admin_units/items?limit=2")
]
DATED_TILE = "/tiles/admin_units_history/8/204/116.mvt"
PAGES = ["/ogcapi/collections", "/ogcapi/tiles", "/tiles", "/styles"]
ABSENT = {"/ogcapi/nothing": "web", "/ogcapi/collections/nothing": "web", "/tiles/nothing.json": "tiles",
          "/ogcapi/collections/nothing/tiles": "tiles", "/styles/nothing.json": "tiles"}  # fmt: skip


class Servers:
    """Both processes, by the front door or by their own sockets."""

    def __init__(self, city: LiveCity, *, direct: bool) -> None:
        sockets = Place.of(city.config).sockets
        self._clients = {
            name: httpx.Client(
                base_url=city.url,
                transport=httpx.HTTPTransport(uds=str(sockets / f"{name}.sock")) if direct else None,
                headers={"Accept-Encoding": "identity"},
                timeout=30,
            )
            for name in ("web", "tiles")
        }
        self.direct = direct

    def ask(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        process = {**DOCUMENTS, **ABSENT}.get(
            path.replace("/?", "?").rstrip("/"), "tiles" if "tile" in path else "web"
        )
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._clients[process].request(method, path, headers=named)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


@pytest.fixture(scope="module", params=["front door", "directly"])
def servers(request: pytest.FixtureRequest, live_city: LiveCity) -> Iterator[Servers]:
    made = Servers(live_city, direct=request.param == "directly")
    yield made
    made.close()


def listed(answer: httpx.Response, name: str) -> set[str]:
    return {each.strip().lower() for each in answer.headers.get(name, "").split(",")}


def assert_open(answer: httpx.Response) -> None:
    """A page of another origin may read it: said once, and which headers besides."""
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert {"etag", "location", "link", "content-crs", "retry-after"} <= listed(
        answer, "access-control-expose-headers"
    )
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", [*DOCUMENTS, *ABSENT])
def test_pages_of_other_origins_read_every_answer(servers: Servers, path: str) -> None:
    """What is there, what is not, what is refused before any view, and what is known already."""
    answer = servers.ask(path, Origin="https://other.example")
    assert answer.status_code == (404 if path in ABSENT else 200), answer.text
    assert_open(answer)
    assert_open(servers.ask(path, Authorization="Bearer wrong"))
    if path not in ABSENT:
        held = servers.ask(path, If_None_Match="*")
        assert held.status_code == 304 and held.content == b""
        assert_open(held)


@pytest.mark.parametrize("path", [*DOCUMENTS, *ABSENT])
def test_a_preflight_allows_tokens_and_conditions(servers: Servers, path: str) -> None:
    """A browser asks without the token, whatever it is for; the answer is about the address, not about who asks."""
    asked = "Authorization, If-Match, Content-Type, Content-Crs"
    answer = servers.ask(
        path,
        "OPTIONS",
        Origin="https://other.example",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers=asked,
    )
    assert answer.status_code == 204
    assert_open(answer)
    assert "get" in listed(answer, "access-control-allow-methods")
    assert {"authorization", "if-match", "content-type", "content-crs"} <= listed(
        answer, "access-control-allow-headers"
    )


def test_a_preflight_of_writing_names_the_methods(servers: Servers) -> None:
    """Also for a collection that nobody may write, or that is not there: it tells nothing of what there is."""
    said = [
        servers.ask(path, "OPTIONS", Origin="https://o.example", Access_Control_Request_Method="PUT").headers
        for path in ("/ogcapi/collections/admin_units/items/1", "/ogcapi/collections/nothing/items/1")
    ]
    for headers in said:
        methods = {each.strip() for each in headers["access-control-allow-methods"].split(",")}
        assert {"GET", "PUT", "PATCH", "DELETE"} <= methods
    assert said[0]["access-control-allow-methods"] == said[1]["access-control-allow-methods"]


@pytest.mark.parametrize("path", WITH_WORDS)
def test_languages_by_their_quality(servers: Servers, path: str) -> None:
    vi, en = (servers.ask(path, Accept_Language=code).text for code in ("vi", "en"))
    assert vi != en
    for header, text in (
        ("vi;q=0.1, en;q=0.9", en), ("en-GB", en), ("vi;q=0", en), ("en;q=0", vi), ("*", vi), ("fr, en;q=0.2", en),
        ("en;q=0.4, *;q=0.5", vi),
    ):  # fmt: skip
        assert servers.ask(path, Accept_Language=header).text == text, header


@pytest.mark.parametrize("path", PAGES)
def test_formats_by_their_quality(servers: Servers, path: str) -> None:
    for header, kind in (
        ("*/*", "application/json"),
        ("text/html;q=0.1, application/json", "application/json"),
        ("application/json;q=0, */*;q=0.1", "text/html"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("text/html, application/json;q=0.9", "text/html"),
    ):
        answer = servers.ask(path, Accept=header)
        assert answer.headers["content-type"].split(";")[0] == kind, header
    for header in ("image/png", "text/html;q=0", "*/*;q=0"):
        refused = servers.ask(path, Accept=header)
        assert refused.status_code == 406, header
        assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", DOCUMENTS)
def test_codings_by_their_quality(servers: Servers, path: str) -> None:
    """The pages' process leaves compressing to the front door; nobody is sent what he refuses."""
    for header in ("gzip;q=0", "gzip;q=0.000, *;q=0", "identity", "gzip ; q=0"):
        assert "content-encoding" not in servers.ask(path, Accept_Encoding=header).headers, header
    if not servers.direct or DOCUMENTS[path] == "tiles":
        packed, plain = servers.ask(path, Accept_Encoding="gzip"), servers.ask(path)
        assert packed.headers["content-encoding"] == "gzip"
        assert lasting(packed.content) == lasting(plain.content)
        # Other bytes are another representation: a tag of their own, or a weak one.
        assert packed.headers["etag"] != plain.headers["etag"] or plain.headers["etag"].startswith("W/")


@pytest.mark.parametrize("path", DOCUMENTS)
def test_conditions(servers: Servers, path: str) -> None:
    etag = servers.ask(path).headers["etag"]
    opaque = etag.removeprefix("W/")
    for header in (etag, "*", f'"other", {opaque}', f"W/{opaque}", f'"a",{opaque},"b"'):
        for method in ("GET", "HEAD"):
            answer = servers.ask(path, method, If_None_Match=header)
            assert answer.status_code == 304, header
            assert answer.headers["etag"] == etag
    assert servers.ask(path, If_None_Match='"other"').status_code == 200
    assert servers.ask(path, If_Match='"other"').status_code == 412
    assert servers.ask(path, If_Match=f"W/{opaque}").status_code == 412
    if not etag.startswith("W/"):
        assert servers.ask(path, If_Match=f'"other", {etag}').status_code == 200
    assert servers.ask(path, If_Match="*").status_code == 200


@pytest.mark.parametrize("path", DOCUMENTS)
def test_slashes_at_the_end_are_alike(servers: Servers, path: str) -> None:
    """The same document, and in it the same links; no redirect that a client of an API would not follow."""
    address, mark, query = path.partition("?")
    one, other = servers.ask(path), servers.ask(f"{address}/{mark}{query}")
    assert (one.status_code, other.status_code) == (200, 200)
    assert lasting(one.content) == lasting(other.content)


@pytest.mark.parametrize("path", ABSENT)
def test_refusals_are_problem_documents(servers: Servers, path: str) -> None:
    for header, title in (("vi;q=0.3, en", "Not found"), ("en;q=0.3, vi", "Không tìm thấy")):
        answer = servers.ask(path, Accept_Language=header)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["title"] == title and answer.json()["status"] == 404
        assert answer.headers["cache-control"] == "no-store"
        assert "accept-language" in listed(answer, "vary")


@pytest.mark.parametrize("path", [p for p in DOCUMENTS if p.startswith(("/ogcapi", "/tiles", "/styles"))])
def test_methods_that_are_not_there(servers: Servers, path: str) -> None:
    answer = servers.ask(path, "DELETE")
    assert answer.status_code == 405
    assert answer.json()["code"] == "method-not-allowed"
    assert {"get", "head", "options"} <= listed(answer, "allow")
    assert listed(servers.ask(path, "OPTIONS"), "allow") >= {"get", "head", "options"}


@pytest.mark.parametrize("path", [*DOCUMENTS, *ABSENT, f"{DATED_TILE}?t=2025-07-01"])
def test_another_host_is_not_ours(servers: Servers, path: str) -> None:
    """A page elsewhere whose name leads to this address would have been answered by one process of the two."""
    for host in ("other.example", "other.example:8000", "127.0.0.1.other.example", "a@127.0.0.1"):
        answer = servers.ask(path, Host=host, Accept_Language="en")
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown-host"), host
        assert "http" in answer.json()["detail"] and host not in answer.text
        assert_open(answer)
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:8000"):
        assert servers.ask(path, Host=host).status_code != 400, host


def test_pages_refuse_another_host_too(live_city: LiveCity) -> None:
    with live_city.client() as client:
        answer = client.get("/en/", headers={"Host": "other.example"})
        assert answer.status_code == 400 and "does not answer to that name" in answer.text
        assert client.get("/events/", headers={"Host": "other.example"}).json()["code"] == "unknown-host"
        assert client.get("/healthz", headers={"Host": "other.example"}).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_policy_of_pages(servers: Servers, path: str) -> None:
    """A page of the tile server could be framed, and load what a page of the city may not."""
    answer = servers.ask(path, Accept="text/html")
    for name, value in policy.PAGES.items():
        said = answer.headers.get_list(name)
        assert [sorted(each.split("; ")) for each in said] == [sorted(value.split("; "))], name
    if not servers.direct:
        for name, value in policy.EVERYWHERE.items():
            assert answer.headers.get_list(name) == [value]


def test_redirects_stay_where_the_client_is(live_city: LiveCity) -> None:
    """Behind a proxy the door knows neither the name nor the scheme that its client used."""
    with live_city.client(follow_redirects=False) as client:
        for path, place in (("/list/?layers=admin_units", "/list?layers=admin_units"), ("/en", "/en/"),
                            ("/accounts/login", "/accounts/login/")):  # fmt: skip
            answer = client.get(path, headers={"Host": f"127.0.0.1:{live_city.config.port}"})
            assert answer.status_code in (301, 302, 308), path
            assert answer.headers["location"] == place
        assert client.get("//evil.example/list/").headers.get("location", "/").startswith("/")
        assert not client.get("//evil.example/").headers.get("location", "/").startswith("//")


def test_what_is_open_is_what_programs_use() -> None:
    assert all(cors.is_open(path) for path in ("/ogcapi", "/ogcapi/x", "/wfs", "/map-style.json"))
    assert not any(cors.is_open(path) for path in ("/", "/ogcapix", "/accounts/login/", "/admin/", "/list"))


ITEMS, PARCEL = "/ogcapi/collections/reports/items", "/ogcapi/collections/parcels/items/1"


@pytest.mark.parametrize(
    ("method", "path", "who", "status", "code"),
    [
        ("POST", ITEMS, "citizen", 401, "not-allowed"),
        ("PUT", f"{ITEMS}/1", "citizen", 401, "not-allowed"),
        ("POST", ITEMS, "wrong", 401, "bad-token"),
        ("POST", "/ogcapi/collections/parcels/items", "officer", 403, "not-allowed"),
        ("POST", "/ogcapi/collections/nothing/items", "operations", 404, "no-such-collection"),
        ("DELETE", f"{ITEMS}/1", "operations", 413, "too-large"),
        ("GET", ITEMS, "operations", 413, "too-large"),
        ("POST", "/admin/", "citizen", 403, "not-allowed"),
    ],
)  # fmt: skip
def test_a_large_body_is_refused_by_its_head(
    live_city: LiveCity, method: str, path: str, who: str, status: int, code: str
) -> None:
    """The same refusal as for a small body, before a byte of 9 MB is sent; by the process alone, too."""
    headers = {"Authorization": "Bearer wrong"} if who == "wrong" else live_city.headers(who)
    headers |= {"Content-Type": "application/geo+json", "Content-Length": "9000000", "Host": "127.0.0.1"}
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
    sockets = Place.of(live_city.config).sockets
    for family, address in (
        (socket.AF_INET, ("127.0.0.1", live_city.config.port)),
        (socket.AF_UNIX, str(sockets / "web.sock")),
    ):
        with socket.socket(family) as wire:
            wire.settimeout(20)
            wire.connect(address)
            wire.sendall(head.encode())
            answer = http.client.HTTPResponse(wire)
            answer.begin()
            told = json.loads(answer.read())
        assert (answer.status, told["code"]) == (status, code)
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_large_body_of_somebody_who_may_write_is_read(live_city: LiveCity) -> None:
    """And whatever it says is answered; a small one of a stranger too."""
    with live_city.client("land") as client:
        large = client.put(
            PARCEL, content=b'{"x":"' + b"x" * 200_000, headers={"Content-Type": "application/geo+json"}
        )
        assert (large.status_code, large.json()["code"]) == (400, "bad-json")
    with live_city.client() as client:
        assert client.post(ITEMS, content=b"{}").status_code == 401


@pytest.mark.skipif(os.environ.get("HUONG_TEST_FULL") != "1", reason="a dozen features of 19 MB: --full")
def test_large_bodies_leave_no_memory_behind(live_city: LiveCity) -> None:
    """What a feature of 190,000 vertices was as numbers stayed in cycles: 80 to 200 MB a process."""
    turns = [2 * math.pi * i / 190_000 for i in range(190_000)]
    ring = [[107.5 + 0.05 * math.cos(turn), 16.4 + 0.05 * math.sin(turn)] for turn in [*turns, 0.0]]
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    body = json.dumps(feature).encode().ljust(19_000_000)

    def put(_: int) -> int:
        with live_city.client("land") as client:
            return client.put(
                PARCEL, content=body, headers={"Content-Type": "application/geo+json"}
            ).status_code

    before = private_bytes(live_city)
    with ThreadPoolExecutor(6) as several:
        assert set(several.map(put, range(12))) == {428}
    after = private_bytes(live_city)
    assert {
        name: after[name] - before[name] for name in before if after[name] - before[name] > 80 * 2**20
    } == {}


def private_bytes(city: LiveCity) -> dict[str, int]:
    """Memory of its own of each process of the city, by process id."""
    found = {}
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and os.fsencode(city.config.var) in (process / "environ").read_bytes():
                said = re.search(r"RssAnon:\s+(\d+) kB", (process / "status").read_text())
                found[process.name] = int(said[1]) * 1024 if said else 0
    return found
