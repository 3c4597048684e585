"""The ``web`` process as an ASGI application: Django's views in threads, behind turns, for as long as somebody waits.

The server's event loop holds what waits; a thread is taken for work alone. Answers are sent whole: no view streams.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import unquote_to_bytes

from gis_core.admission.lanes import MOST_WAITING, PATIENCE_S, SHORT_BODY, THREADS, Lane, lane_of
from gis_core.admission.turns import Refused, Turns
from gis_core.asking import Asking
from gis_core.runtime import refusals

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

log = logging.getLogger(__name__)

# Most answers are there by then, and listening for a client's leaving costs more than a small one.
UNWATCHED_S = 0.05
# A body of `SHORT_BODY` is read while its request waits, so that its client's leaving is seen; one of `BODY_BYTES`
# before a thread is taken; a larger one by the thread, as far as the view wants it.
BODY_BYTES = 1 << 20
NO_STORE = (b"cache-control", b"no-store")


@dataclass(frozen=True)
class Answer:
    """Status, headers and the whole body."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass
class Asked:
    """A request before Django sees it. Header names are in lower case; the last of equal names counts here."""

    scope: Scope
    receive: Receive
    headers: Mapping[bytes, bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = dict(self.scope["headers"])

    def text(self, name: bytes) -> str:
        return self.headers.get(name, b"").decode("latin-1")

    @property
    def length(self) -> int:
        """Bytes of the body; as much as there may be where that is not said."""
        if b"transfer-encoding" in self.headers:
            return sys.maxsize
        text = self.text(b"content-length")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0

    @property
    def asker(self) -> str:
        """The address that the front door counts by; empty where it counts none."""
        return self.text(b"x-asker")

    @property
    def lane(self) -> Lane:
        query = self.scope["query_string"].decode("latin-1")
        accept = self.text(b"accept").lower()
        return lane_of(self.scope["method"], self.scope["path"], query, accept=accept, length=self.length)

    async def left(self) -> None:
        """Return when the client has closed the connection. Only once the body is read."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


class Threads:
    """The threads of one lane, and the turns at them."""

    def __init__(self, lane: Lane) -> None:
        self.turns = Turns(THREADS[lane], most_waiting=MOST_WAITING[lane], patience_s=PATIENCE_S)
        self.pool = ThreadPoolExecutor(THREADS[lane], thread_name_prefix=lane)

    def begin[T](self, asker: str, work: Callable[[], T]) -> asyncio.Future[T]:
        """Work in a thread, on a place that ``asker`` has; the place is free when the work is done."""
        begun = asyncio.get_running_loop().run_in_executor(self.pool, work)
        begun.add_done_callback(lambda _: self.turns.leave(asker))
        return begun


class Web:
    """The ASGI application around the WSGI application that ``load`` returns at the start."""

    def __init__(self, load: Callable[[], Wsgi]) -> None:
        self._load = load

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            with contextlib.suppress(OSError):
                await self._serve(Asked(scope, receive), send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._django = self._load()
        self._lanes = {lane: Threads(lane) for lane in THREADS}
        self._cancelling = ThreadPoolExecutor(1, thread_name_prefix="cancel")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for pool in (*(threads.pool for threads in self._lanes.values()), self._cancelling):
            pool.shutdown(wait=False, cancel_futures=True)
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, asked: Asked, send: Send) -> None:
        if asked.scope["path"] == "/healthz" and asked.scope["method"] in ("GET", "HEAD"):
            text = (b"content-type", b"text/plain; charset=utf-8")
            return await sent(send, Answer(200, [text, NO_STORE], b"ok\n"))
        try:
            answer = await self._answer(asked)
        except Refused:
            answer = refused(asked, 503)
        except Exception:
            log.exception("a request failed outside Django")
            answer = refused(asked, 500)
        if answer is not None:
            await sent(send, answer)

    async def _answer(self, asked: Asked) -> Answer | None:
        """The answer, or None when the client has left: what waits then is dropped, what reads is cancelled."""
        threads, asker = self._lanes[asked.lane], asked.asker
        early = asked.length <= SHORT_BODY
        body = await self._body(asked) if early else None
        if early and body is None:
            return None
        if not threads.turns.take(asker):
            waiting = asyncio.create_task(threads.turns.wait(asker))
            if not await done_before_leaving(waiting, asked, watched=early):
                return None
        if body is None:
            try:
                body = await self._body(asked)
            finally:
                if body is None:
                    threads.turns.leave(asker)
            if body is None:
                return None
        asking = Asking()
        work = threads.begin(asker, lambda: self._ask_django(asked, body, asking))
        if await done_before_leaving(work, asked, watched=asked.length <= BODY_BYTES):
            return work.result()
        await asyncio.get_running_loop().run_in_executor(self._cancelling, asking.leave)
        return None

    async def _body(self, asked: Asked) -> BinaryIO | None:
        """The body to read; None when the client left in the middle of it."""
        if asked.length > BODY_BYTES:
            return io.BufferedReader(LateBody(asked.receive, asyncio.get_running_loop()))
        parts: list[bytes] = []
        more = asked.length > 0
        while more:
            message = await asked.receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        return io.BytesIO(b"".join(parts))

    def _ask_django(self, asked: Asked, body: BinaryIO, asking: Asking) -> Answer:
        """In a thread: what Django answers."""
        told: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            told[:] = (int(status[:3]), headers)

        with asking.answering():
            parts = self._django(environ_of(asked.scope, body), start_response)
            try:
                whole = b"".join(parts)
            finally:
                parts.close()  # type: ignore[attr-defined]  # Django's responses have it
        status, headers = told
        return Answer(status, [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers], whole)


async def done_before_leaving(work: asyncio.Future[Any], asked: Asked, *, watched: bool = True) -> bool:
    """Wait for ``work``; False, with a wait cancelled, when the client leaves first. Raises what the work raises.

    A client whose body is not read yet is not ``watched``: listening would take the body.
    """
    done, _ = await asyncio.wait((work,), timeout=UNWATCHED_S if watched else None)
    if not done:
        gone = asyncio.ensure_future(asked.left())
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            if isinstance(work, asyncio.Task) and not work.done():
                work.cancel()
    if not work.done() or work.cancelled():
        return False
    work.result()
    return True


class LateBody(io.RawIOBase):
    """A large body, fetched from the event loop by the thread that reads it; OSError when the client left."""

    def __init__(self, receive: Receive, loop: asyncio.AbstractEventLoop) -> None:
        self._receive, self._loop = receive, loop
        self._held = b""
        self._more = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held and self._more:
            message: Any = asyncio.run_coroutine_threadsafe(_received(self._receive), self._loop).result()
            if message["type"] == "http.disconnect":
                raise OSError("the client left in the middle of its body")
            self._held, self._more = message.get("body", b""), message.get("more_body", False)
        taken = self._held[: len(buffer)]
        buffer[: len(taken)] = taken
        self._held = self._held[len(taken) :]
        return len(taken)


async def _received(receive: Receive) -> MutableMapping[str, Any]:
    return await receive()


def environ_of(scope: Scope, body: BinaryIO) -> dict[str, Any]:
    """PEP 3333's environment of a request."""
    host, port = scope.get("server") or ("localhost", None)
    client = scope.get("client")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host if port else "localhost",
        "SERVER_PORT": str(port or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0] if client else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        text = value.decode("latin-1")
        if key in environ:
            text = environ[key] + (";" if key == "HTTP_COOKIE" else ",") + text
        environ[key] = text
    if "HTTP_TRANSFER_ENCODING" in environ:
        environ["wsgi.input_terminated"] = True
    return environ


def refused(asked: Asked, status: int) -> Answer:
    """What the front door says of the same, so that whoever is refused reads the same words everywhere."""
    said = refusals.answer(status, asked.text(b"accept"))
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in said.headers.items()
    ]
    return Answer(said.status, headers, said.body)


async def sent(send: Send, answer: Answer) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})
