"""OGC API Processes: what is found, how results are written, what is refused, and where nothing is fetched."""

from __future__ import annotations

import base64
import contextlib
import email
import json
import socket
import threading
import time
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from django.test import Client

from gis_core import outward
from gis_core.config import Config
from ogc_api.processes import references, service

CITY = "demo"
HERE = "what-is-here"
HELD = {"text": "chào", "number": 2.5, "truth": False, "numbers": [1, 2], "mixed": {"value": {"a": 1}}}
BOX = {"bbox": [51.9, 7, 52, 7.1], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}


def run(inputs: Any, process: str = HERE, **more: Any) -> Any:
    body = json.dumps({"inputs": inputs, **more})
    path = f"/ogcapi/processes/{process}/execution"
    return Client().post(path, body, content_type="application/json", headers={"host": "127.0.0.1"})


def get(path: str) -> Any:
    return Client().get(f"/ogcapi{path}", headers={"host": "127.0.0.1", "accept": "application/json"})


# What is here -------------------------------------------------------------------------------------------------------


def test_it_finds_the_unit_of_a_point_and_the_nearest_first(city: Config) -> None:
    found = run({"lon": 107.577, "lat": 16.4785, "distance_m": 300}).json()
    by_layer = {each["collection"]: each["features"] for each in found}
    assert next(unit["distance_m"] for unit in by_layer["admin_units"]) == 0
    for features in by_layer.values():
        distances = [feature["distance_m"] for feature in features]
        assert distances == sorted(distances) and max(distances) <= 301


def test_distances_agree_with_the_ellipsoid(city: Config) -> None:
    """Measured in a projection: would fail if its scale were forgotten (4 % at this latitude)."""
    lon, lat = 107.577, 16.4785
    found = run({"lon": lon, "lat": lat, "distance_m": 3000, "limit": 50}).json()
    near = {
        f["id"]: f["distance_m"]
        for each in found
        if each["collection"] == "facilities"
        for f in each["features"]
    }
    assert len(near) > 20
    with psycopg.connect(**city.connection("owner")) as owner:
        for fid, metres in near.items():
            (true,) = owner.execute(
                "select st_distance(geom::geography, st_setsrid(st_makepoint(%s, %s), 4326)::geography)"
                " from facilities_facility where fid = %s",
                [lon, lat, fid],
            ).fetchone()
            assert metres == pytest.approx(true, rel=0.007, abs=1)


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"lon": 107},
        {"lon": "x", "lat": 16},
        {"lon": True, "lat": 16},
        {"lon": 107, "lat": 99},
        {"lon": 107, "lat": 16, "secret": 1},
        {"lon": {"value": "x"}, "lat": 16},
        {"lon": {"valeu": 107}, "lat": 16},
        {"lon": [107], "lat": 16},
        {"lon": 107, "lat": 16, "limit": 2.5},
        [],
    ],
)
def test_inputs_that_do_not_fit_are_refused(city: Config, inputs: Any) -> None:
    answer = run(inputs)
    assert answer.status_code == 400 and answer.json()["code"] == "bad-inputs"


def test_a_value_may_stand_in_an_object(city: Config) -> None:
    plain = run({"lon": 107.577, "lat": 16.4785})
    qualified = run({"lon": {"value": 107.577}, "lat": {"value": 16.4785, "mediaType": "application/json"}})
    assert plain.status_code == 200 and plain.json() == qualified.json() != []


# Results ------------------------------------------------------------------------------------------------------------


def test_a_document_is_keyed_by_output(city: Config) -> None:
    here = run({"lon": 107.577, "lat": 16.4785}, response="document")
    assert here.json() == {"found": run({"lon": 107.577, "lat": 16.4785}).json()}
    sent = run({**HELD, "box": BOX}, "echo", response="document")
    assert sent.json() == {**HELD, "box": BOX}, "objects stand in value, boxes as they are"
    assert run(HELD, "echo", response="document", outputs={"number": {}}).json() == {"number": 2.5}


def test_one_raw_value_is_itself(city: Config) -> None:
    for name, type_, body in (
        ("text", "text/plain; charset=utf-8", "chào".encode()),
        ("number", "application/json", b"2.5"),
        ("numbers", "application/json", b"[1,2]"),
        ("mixed", "application/json", b'{"a":1}'),
    ):
        answer = run(HELD, "echo", outputs={name: {"transmissionMode": "value"}}, response="raw")
        assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, type_, body)
    assert run(HELD, "echo", outputs={"box": {}}).status_code == 204, "nothing was made of what was not sent"


def test_an_empty_text_is_a_text_and_no_page(city: Config) -> None:
    answer = run({"text": ""}, "echo", outputs={"text": {}}, response="raw")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_several_raw_values_are_a_multipart_message(city: Config) -> None:
    answer = run(HELD, "echo")
    head = answer.headers["content-type"]
    assert head.startswith("multipart/related; boundary=")
    message = email.message_from_bytes(f"Content-Type: {head}\r\n\r\n".encode() + answer.content)
    parts = {str(each["Content-ID"]): each.get_payload(decode=True) for each in message.get_payload()}
    assert parts == {
        "<text>": "chào".encode(),
        "<number>": b"2.5",
        "<truth>": b"false",
        "<numbers>": b"[1,2]",
        "<mixed>": b'{"a":1}',
    }


@pytest.mark.parametrize(
    "more",
    [
        {"outputs": {"nothing": {}}},
        {"outputs": {"text": {"transmissionMode": "reference"}}},
        {"outputs": ["text"]},
        {"outputs": {"text": "value"}},
        {"response": "both"},
        {"invalid-execute-request": "true"},
        {"subscriber": {"successUri": "http://127.0.0.1:9/"}},
    ],
)
def test_requests_that_do_not_fit_are_refused(city: Config, more: dict[str, Any]) -> None:
    """A subscriber is an address that the server would call for a stranger."""
    answer = run(HELD, "echo", **more)
    assert answer.status_code == 400 and answer.json()["code"] == "bad-inputs"


def test_another_format_than_the_declared_one_is_refused(city: Config) -> None:
    text = '{"type":"Point","coordinates":[107,16]}'
    for said, status in (("application/geo+json", 200), ("application/gml+xml", 400)):
        assert (
            run({"text": "x", "document": {"value": text, "mediaType": said}}, "echo").status_code == status
        )
        assert (
            run({"text": "x", "document": {"value": text, "format": {"mediaType": said}}}, "echo").status_code
            == status
        )
    assert run({"text": "x", "document": {"type": "wrong/type"}}, "echo").status_code == 400
    alone = run({"text": "x", "document": text}, "echo", outputs={"document": {}})
    assert alone.headers["content-type"] == "application/geo+json" and alone.content == text.encode()


# Documents ----------------------------------------------------------------------------------------------------------


def test_exceptions_have_the_types_of_the_standard(city: Config) -> None:
    standard = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
    for path, type_ in (
        ("/processes/nothing", "no-such-process"),
        ("/jobs/1", "no-such-job"),
        ("/jobs/1/results", "no-such-job"),
    ):
        answer = get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, f"{standard}/{type_}")
    assert run({}, "nothing").json()["type"] == f"{standard}/no-such-process"


def test_every_link_of_the_documents_answers(city: Config) -> None:
    """Would fail with the documents that were there before: they link to web pages that there are not."""
    listed = get("/processes").json()
    assert [each["id"] for each in listed["processes"]] == [HERE, "echo"]
    assert len(get("/processes?limit=1").json()["processes"]) == 1
    for each in [listed, *listed["processes"]]:
        assert each["links"]
        for link in each["links"]:
            answer = get(link["href"].partition("/ogcapi")[2])
            assert answer.status_code == (405 if link["rel"].endswith("/execute") else 200), link
            assert link["rel"].endswith("/execute") or answer.headers["content-type"] == link["type"]


def test_the_api_definition_says_what_is_taken(city: Config) -> None:
    """Each request that is answered above fits the schema, and one that is refused does not."""
    import jsonschema

    schemas = get("/api").json()["components"]["schemas"]
    check = jsonschema.Draft7Validator(schemas["execute"])
    for good in (
        {"inputs": {"lon": 107, "lat": 16}},
        {"inputs": {"lon": {"value": 107}, "lat": {"href": "data:,16"}}, "response": "document"},
        {"inputs": {**HELD, "box": BOX}, "outputs": {"text": {"transmissionMode": "value"}}},
    ):
        assert check.is_valid(good), good
        assert run(good["inputs"], "echo" if "text" in good["inputs"] else HERE).status_code == 200
    for bad in (
        {"inputs": {"lon": 107}},
        {"inputs": HELD, "subscriber": {}},
        {"inputs": {"lon": 1, "lat": 99}},
    ):
        assert not check.is_valid(bad), bad


# By reference -------------------------------------------------------------------------------------------------------


def test_a_value_may_stand_in_its_address(city: Config) -> None:
    plain = run({"lon": 107.577, "lat": 16.4785}).json()
    assert run({"lon": {"href": "data:application/json,107.577"}, "lat": 16.4785}).json() == plain
    coded = "data:text/plain;base64," + base64.b64encode("chào".encode()).decode()
    assert run({"text": {"href": coded}}, "echo", outputs={"text": {}}).content == "chào".encode()
    for bad in ("data:", "data:x", "data:;base64,***", "data:,x", "data:,%ff", 5, None, {"a": 1}):
        assert run({"lon": {"href": bad}, "lat": 16}).status_code == 400, bad


BYPASSES = (
    "http://listed.example/x",
    "https://listed.example:8443/x",
    "https://user:password@listed.example/x",
    "https://other.example/x",
    "https://listed.example.other.example/x",
    "https://listed.example@other.example/x",
    "https://other.example#@listed.example/",
    "https://other.example\\@listed.example/",
    "//listed.example/x",
    "ftp://listed.example/x",
    "file:///etc/passwd",
    "gopher://listed.example/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://localhost/",
    "https://listed.example:99999/",
    "https://[listed.example/",
    "https:listed.example",
    "https://listed.example./x",
    "javascript:alert(1)",
    "/etc/passwd",
)


@pytest.mark.parametrize("href", BYPASSES)
def test_only_hosts_of_the_list_are_asked(city: Config, monkeypatch: pytest.MonkeyPatch, href: str) -> None:
    """Would fail if a name were looked up, or a connection opened, for an address that is not to be fetched."""

    def reached(*_: Any, **__: Any) -> Any:
        raise AssertionError("the way out was taken")

    monkeypatch.setattr(outward.socket, "getaddrinfo", reached)
    monkeypatch.setattr(outward.socket, "create_connection", reached)
    with pytest.raises(outward.NotFetched):
        outward.fetch(href, {"listed.example"})
    answer = run({"text": {"href": href}}, "echo")
    assert answer.status_code == 400 and answer.json()["code"] == "bad-inputs"


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["192.168.1.1"],
        ["100.64.0.1"],
        ["0.0.0.0"],
        ["::1"],
        ["fe80::1%eth0"],
        ["fd00::1"],
        ["::ffff:8.8.8.8"],
        ["64:ff9b::7f00:1"],
        ["64:ff9b:1::a00:1"],
        ["::10.0.0.1"],
        ["192.0.0.9"],
        ["2002:7f00:1::"],
        ["224.0.0.1"],
        ["8.8.8.8", "127.0.0.1"],
        [],
    ],
)
def test_a_name_that_leads_inside_is_not_followed(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    """A host of the list whose name is pointed at our own network: no connection."""
    monkeypatch.setattr(
        outward.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (each, 443)) for each in addresses]
    )
    monkeypatch.setattr(outward.socket, "create_connection", lambda *_, **__: pytest.fail("connected"))
    with pytest.raises(outward.NotFetched):
        outward.fetch("https://listed.example/x", {"listed.example"})


class Answering:
    """Stands for the connection: what comes back, and what was asked."""

    sock = None

    def __init__(self, status: int = 200, body: bytes = b"107.577") -> None:
        self.status, self.left, self.asked, self.length = status, body, [], 0

    def __call__(self, host: str, address: str, watch: outward.Watch) -> Answering:
        self.asked.append((host, address))
        return self

    def request(self, method: str, target: str, headers: dict[str, str]) -> None:
        assert not {name.lower() for name in headers} & {"authorization", "cookie"}
        self.asked.append((method, target))

    def getresponse(self) -> Answering:
        return self

    def read1(self, most: int) -> bytes:
        part, self.left = self.left[:most], self.left[most:]
        return part

    def close(self) -> None:
        self.asked.append("closed")


def test_a_host_of_the_list_is_asked_at_the_address_that_was_looked_at(
    city: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outward.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("8.8.8.8", 443))])
    listed = replace(references.settings.CONFIG, fetch_from=frozenset({"listed.example"}))
    monkeypatch.setattr(references.settings, "CONFIG", listed)
    answering = Answering()
    monkeypatch.setattr(outward, "PinnedConnection", answering)
    found = run({"lon": {"href": "https://Listed.example/lon?x=1"}, "lat": 16.4785})
    assert found.status_code == 200, found.content
    assert answering.asked == [("listed.example", "8.8.8.8"), ("GET", "/lon?x=1"), "closed"]
    for bad in (Answering(302), Answering(404), Answering(body=b"1" * (outward.MOST_BYTES + 1))):
        monkeypatch.setattr(outward, "PinnedConnection", bad)
        refused = run({"lon": {"href": "https://listed.example/"}, "lat": 16})
        assert refused.status_code == 400 and bad.asked[-1] == "closed"


class Slow(socket.socket):
    """Stands for a socket with TLS, whose greeting ends with an exclamation mark."""

    def do_handshake(self) -> None:
        while (sign := self.recv(1)) != b"!":
            if not sign:
                raise OSError("broken off")

    def wrap_socket(self, *_: object, **__: object) -> Slow:
        return self


@pytest.mark.parametrize(
    ("at_once", "drop"),
    [
        (b"", b"?"), (b"!", b"H"), (b"!HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"!HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"1"), (b"!HTTP/1.1 200 OK\r\n\r\n", b"1"),
        (b"!HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
    ],
    ids=["greeting", "status", "headers", "body", "body without end", "chunk"],
)  # fmt: skip
def test_a_byte_now_and_then_does_not_hold_a_fetch(
    monkeypatch: pytest.MonkeyPatch, at_once: bytes, drop: bytes
) -> None:
    """Would fail if time were counted anew by every read: the other side is cut off while it still sends."""
    for within_s in (
        0.3,
        3,
        30,
    ):  # a machine so busy that the time is over before there is a connection tries longer
        connected, why = dripped_upon(monkeypatch, at_once, drop, within_s)
        assert "quá chậm" in why
        if connected:
            return
    pytest.fail("there was never a connection")


def dripped_upon(
    monkeypatch: pytest.MonkeyPatch, at_once: bytes, drop: bytes, within_s: float
) -> tuple[bool, str]:
    """Whether a fetch had a connection, and what it said when it gave up; its other side, which never ends by itself,
    has then been cut off."""
    ours, theirs = socket.socketpair()
    wire = Slow(ours.family, ours.type, ours.proto, fileno=ours.detach())
    connected = threading.Event()

    def connect(_: object, limit: float) -> Slow:
        connected.set()
        wire.settimeout(limit)
        return wire

    def drip() -> None:
        with contextlib.suppress(OSError), theirs:
            theirs.sendall(at_once)
            while True:
                theirs.sendall(drop)
                time.sleep(0.05)

    monkeypatch.setattr(outward, "WITHIN_S", within_s)
    monkeypatch.setattr(outward.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("8.8.8.8", 443))])
    monkeypatch.setattr(outward.socket, "create_connection", connect)
    monkeypatch.setattr(outward.ssl, "create_default_context", lambda: wire)
    dripping = threading.Thread(target=drip, daemon=True)
    dripping.start()
    with pytest.raises(outward.NotFetched) as refused:
        outward.fetch("https://listed.example/x", {"listed.example"})
    if not connected.is_set():
        wire.close()
    dripping.join(60)
    assert not dripping.is_alive(), "the other side was not cut off"
    return connected.is_set(), refused.value.why.vi


def test_a_resolver_that_does_not_answer_does_not_hold_a_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(outward, "WITHIN_S", 0.1)
    monkeypatch.setattr(outward.socket, "getaddrinfo", lambda *_, **__: over.wait(60) and [])
    try:
        for _ in range(outward.MOST_RESOLVING + 1):
            with pytest.raises(outward.NotFetched) as refused:
                outward.fetch("https://listed.example/x", {"listed.example"})
            assert "quá chậm" in refused.value.why.vi and not over.is_set()
    finally:
        over.set()


def test_what_breaks_off_is_not_taken_for_whole() -> None:
    answer = Answering(body=b"107")
    answer.length = 4
    with outward.Watch(5) as watch, pytest.raises(outward.NotFetched):
        outward.read_body(answer, watch, 1000)


def test_a_second_run_at_once_is_put_off(city: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "WAIT_S", 0.01)
    monkeypatch.setattr(service, "_running", threading.Semaphore(0))
    answer = run({"lon": 107, "lat": 16})
    assert answer.status_code == 429 and answer.headers["Retry-After"]
