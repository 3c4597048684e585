"""``/events/``: the change feed as Server-Sent Events, as the caller sees it, resumed by Last-Event-ID."""

from __future__ import annotations

import asyncio
import contextlib
import time

from gis_core.changes import Position
from gis_core.problems import Problem, bad_request
from gis_core.sealing import Seal
from tilesrv.callers import caller_of
from tilesrv.catalogue import Watch
from tilesrv.http import VARY, Headers, Request, Response, Send, dressed, freshness
from tilesrv.parameters import box_of
from tilesrv.streams import Stream, Streams

HEARTBEAT_S = 15.0
ACCESS_CHECKED_S = 55.0  # a caller who loses an access keeps no stream for more than a minute
SEND_S = 20.0  # a client that takes nothing for so long is gone
RETRY_MS = 2000
FIRST_BEAT = b"event: beat\ndata: {}\n\n"  # without a position: what is queued comes after it


async def stream_of(request: Request, watch: Watch, seal: Seal) -> Stream:
    """The stream that a request asks for; a Problem for bad parameters or a layer that the caller cannot see."""
    caller = await caller_of(request)
    given = request.parameters(("layers", "bbox", "last-event-id"))
    catalogue = watch.now.catalogue
    layers = frozenset(name.strip() for name in given.get("layers", "").split(",") if name.strip())
    for name in sorted(layers):
        published = catalogue.layers.get(name)
        if published is None or not caller.sees(published.layer):
            raise no_such_layer(name)
    last = request.text(b"last-event-id") or given.get("last-event-id", "")
    since = Position.parse(seal.open(last) or "") if last else None
    return Stream(
        caller=caller,
        owner=caller.actor or "",
        seal=seal,
        layers=layers,
        box=box_of(given["bbox"]) if "bbox" in given else None,
        since=since,
        malformed=bool(last) and since is None,
    )


def no_such_layer(name: str) -> Problem:
    return bad_request(
        "no-such-collection",
        f"Tham số “layers”: không có lớp dữ liệu “{name[:80]}”.",
        f"Parameter “layers”: there is no collection “{name[:80]}”.",
        parameter="layers",
    )


async def serve_events(
    request: Request, send: Send, watch: Watch, streams: Streams, seal: Seal
) -> Response | None:
    """Answer with the stream until the client leaves; a plain response where there is none to give (HEAD)."""
    stream = await stream_of(request, watch, seal)
    headers: Headers = [
        (b"content-type", b"text/event-stream"),
        (b"x-accel-buffering", b"no"),
        VARY,
        *freshness(private=request.has_credentials),
    ]
    if request.method == "HEAD":
        return Response(200, b"", headers)
    streams.admit(stream)
    work = [
        asyncio.create_task(write(stream, dressed(headers), send)),
        asyncio.create_task(request.left()),
    ]
    if request.has_credentials:
        work.append(asyncio.create_task(loss_of_access(request, stream)))
    try:
        await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
    finally:
        streams.leave(stream)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        with contextlib.suppress(Exception):
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    return None


async def write(stream: Stream, headers: Headers, send: Send) -> None:
    """Send what is queued as it comes, and a beat of the heart at once and when nothing does.

    The beat is an event, since a comment is not told to the page that listens: whoever hears none for two of them
    knows that nobody tells him of changes.
    """
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await put(send, b"retry: %d\n\n" % RETRY_MS + FIRST_BEAT)
    while not stream.lost:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_S):
                await stream.ready.wait()
        stream.ready.clear()
        if stream.queue:
            ready = b"".join(stream.queue)
            stream.queue.clear()
        else:
            ready = beat(stream)
        await put(send, ready)


def beat(stream: Stream) -> bytes:
    """A sign of life with the position up to which the stream has told everything, where it has one.

    Sealed anew each time: that nothing was told does not say whether nothing happened.
    """
    here = stream.here(stream.position) if stream.position else b""
    return b"event: beat\n" + here + b"data: {}\n\n"


async def put(send: Send, body: bytes) -> None:
    """Send, or give up on a client whose buffers stay full (TimeoutError)."""
    async with asyncio.timeout(SEND_S):
        await send({"type": "http.response.body", "body": body, "more_body": True})


async def loss_of_access(request: Request, stream: Stream) -> None:
    """Return when the caller's credentials have come to mean something else than when the stream began."""
    while True:
        began = time.monotonic()
        await asyncio.sleep(ACCESS_CHECKED_S / 2)
        try:
            async with asyncio.timeout(ACCESS_CHECKED_S / 2):
                now = await caller_of(request)
        except (Problem, TimeoutError):
            return
        if now != stream.caller or time.monotonic() - began > ACCESS_CHECKED_S:
            return
