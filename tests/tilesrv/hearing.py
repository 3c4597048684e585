"""The stream of changes as a client hears it; when it tells of a change, nothing from before it is served any more."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from tests.tilesrv.conftest import TileCity


@dataclass
class Heard:
    """What a stream has said so far, read by a thread of its own."""

    status: int = 0
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    messages: list[dict[str, Any]] = field(default_factory=list)
    beats: int = 0
    last_id: str = ""
    ended: bool = False

    def wait(self, count: int, seconds: float = 30) -> list[dict[str, Any]]:
        deadline = time.monotonic() + seconds
        while len(self.messages) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.messages


def listen(response: httpx.Response, heard: Heard) -> None:
    message: dict[str, Any] = {}
    try:
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            if line == "":
                if message.get("id"):
                    heard.last_id = message["id"]
                if message.get("event") == "beat":
                    heard.beats += 1
                elif "data" in message:
                    heard.messages.append(message | {"data": json.loads(message["data"])})
                message = {}
            elif name in ("id", "event", "data"):
                message[name] = value
    except (httpx.HTTPError, httpx.StreamError):
        pass
    heard.ended = True


@contextmanager
def stream(city: TileCity, query: str = "", which: int = 0, **headers: str) -> Iterator[Heard]:
    """An open stream that has said where it stands."""
    heard = Heard()
    with (
        httpx.Client(base_url=city.urls[which], timeout=30) as client,
        client.stream("GET", f"/events/{query}", headers=headers) as response,
    ):
        heard.status, heard.headers = response.status_code, response.headers
        thread = threading.Thread(target=listen, args=(response, heard), daemon=True)
        thread.start()
        deadline = time.monotonic() + 30
        while not heard.last_id and not heard.ended and time.monotonic() < deadline:
            time.sleep(0.01)
        try:
            yield heard
        finally:
            # The thread sits in recv(): only this ends the connection at once.
            response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
            thread.join(5)
