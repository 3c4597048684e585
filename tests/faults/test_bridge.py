"""The ``web`` process between its server and Django: bodies, headers, refusals, and clients that leave."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gis_core.admission import bridge
from gis_core.admission.bridge import Web
from gis_core.admission.lanes import MOST_WAITING, THREADS

Message = dict[str, Any]


class Parts(list[bytes]):
    def close(self) -> None: ...


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """What was asked, as text."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Cookie", environ.get("HTTP_COOKIE", ""))])
    return Parts([environ["PATH_INFO"].encode("latin-1"), b"|", environ["QUERY_STRING"].encode(), b"|", body])


class Client:
    """One request: messages of its body, then silence until it leaves; what it was sent."""

    def __init__(self, path: bytes = b"/list", chunks: Sequence[bytes] = (), **headers: str) -> None:
        raw, _, query = path.partition(b"?")
        length = sum(map(len, chunks))
        if length:
            headers["content-length"] = str(length)
        self.scope: Message = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST" if length else "GET",
            "path": raw.decode(),
            "raw_path": raw,
            "query_string": query,
            "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
        }
        self._chunks = list(chunks)
        self.left = asyncio.Event()
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        if self._chunks:
            chunk = self._chunks.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(self._chunks)}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def body(self) -> bytes:
        return bytes(self.sent[1]["body"])


@asynccontextmanager
async def served(application: Any = echo) -> AsyncIterator[Callable[[Client], asyncio.Task[None]]]:
    """The bridge around ``application``, started; asks for a client."""
    web, events, said = Web(lambda: application), asyncio.Queue[Message](), asyncio.Queue[Message]()
    living = asyncio.create_task(web({"type": "lifespan"}, events.get, said.put))
    await events.put({"type": "lifespan.startup"})
    assert (await said.get())["type"] == "lifespan.startup.complete"
    yield lambda client: asyncio.create_task(web(client.scope, client.receive, client.send))
    await events.put({"type": "lifespan.shutdown"})
    await living


@pytest.mark.parametrize("size", [1, 60_000, 900_000, 5_000_000])
def test_a_body_arrives_whole(size: int) -> None:
    """Would fail if a body of any size were cut, whichever way it is read."""

    async def work() -> None:
        chunks = [bytes([65 + n % 26]) * min(50_000, size - n * 50_000) for n in range(-(-size // 50_000))]
        client = Client(b"/wfs?a=%41", chunks)
        async with served() as ask:
            await ask(client)
        assert client.body == b"/wfs|a=%41|" + b"".join(chunks)

    asyncio.run(work())


def test_path_and_headers_are_handed_on_as_bytes() -> None:
    """Would fail if a path that is no UTF-8 lost its bytes, or one of two equal headers were lost."""

    async def work() -> None:
        client = Client(b"/a%2Fb%FF%C3%AA")
        client.scope["headers"] += [(b"cookie", b"a=1"), (b"cookie", b"b=2")]
        async with served() as ask:
            await ask(client)
        assert client.body == b"/a/b\xff\xc3\xaa||"
        assert client.headers[b"X-Cookie"] == b"a=1;b=2"

    asyncio.run(work())


def test_health_needs_no_thread_and_a_full_lane_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would fail if health waited for dear work, or a storm's queue grew without end; people and programs are told."""
    monkeypatch.setitem(MOST_WAITING, "dear", 1)  # type: ignore[call-overload]
    go_on = threading.Event()

    def slow(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        go_on.wait(60)
        return echo(environ, start_response)

    async def work() -> None:
        async with served(slow) as ask:
            busy = [Client(x_asker=str(n)) for n in range(THREADS["dear"] + 1)]
            working = [ask(client) for client in busy]
            await asyncio.sleep(0)
            program, person, watcher = Client(), Client(accept="text/html"), Client(b"/healthz")
            await asyncio.gather(ask(program), ask(person), ask(watcher))
            go_on.set()
            await asyncio.gather(*working)
        assert (watcher.status, watcher.body) == (200, b"ok\n")
        assert (program.status, program.headers[b"content-type"]) == (503, b"application/problem+json")
        assert program.headers[b"retry-after"] and person.headers[b"content-type"].startswith(b"text/html")
        assert [client.status for client in busy] == [200] * len(busy)

    asyncio.run(work())


def test_who_leaves_while_waiting_is_never_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would fail if work were done for clients that left before their turn, with a body or without."""
    monkeypatch.setattr(bridge, "UNWATCHED_S", 0.001)
    go_on, begun = threading.Event(), []

    def slow(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun.append(environ["QUERY_STRING"])
        go_on.wait(60)
        return echo(environ, start_response)

    async def work() -> None:
        async with served(slow) as ask:
            busy = [Client(b"/list?busy", x_asker=str(n)) for n in range(THREADS["dear"])]
            gone = [Client(b"/list?gone"), Client(b"/wfs?gone", [b"<a/>"])]
            working = [ask(client) for client in busy]
            leaving = [ask(client) for client in gone]
            for client in gone:
                client.left.set()
            await asyncio.gather(*leaving)
            go_on.set()
            await asyncio.gather(*working)
        assert begun == ["busy"] * THREADS["dear"] and all(not client.sent for client in gone)

    asyncio.run(work())


def test_a_fault_of_the_bridge_is_a_problem_document() -> None:
    """Would fail if a client were left without an answer, or shown a trace."""

    def broken(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        raise KeyError("0905 123 456")

    async def work() -> None:
        client = Client()
        async with served(broken) as ask:
            await ask(client)
        assert client.status == 500 and b"0905" not in client.body

    asyncio.run(work())
