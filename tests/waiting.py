"""Waiting for a state, never for a time: a busy machine takes longer, and what is tested is the state."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx


def wait_until_served(url: str, seconds: float = 60) -> None:
    """Until ``url`` answers 200: no connection yet and 503 (up, but nothing read yet) are asked again."""
    deadline, last = time.monotonic() + seconds, ""
    while time.monotonic() < deadline:
        try:
            answer = httpx.get(url, timeout=5)
        except httpx.HTTPError as error:
            last = repr(error)
        else:
            if answer.status_code == 200:
                return
            last = f"{answer.status_code} {answer.text[:300]}"
        time.sleep(0.1)
    raise AssertionError(f"{url} was not served within {seconds:g} s: {last}")


def wait_until(reached: Callable[[], bool], why: str, seconds: float = 60) -> None:
    """Until ``reached``; the test fails with ``why`` where that never comes.

    ``seconds`` bounds a test that is broken, on a machine that is busy with others too: it is no measurement.
    """
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, why
        time.sleep(0.02)


@contextmanager
def at_most_cpu(seconds: float) -> Iterator[None]:
    """What is done in this block costs this process no more than ``seconds`` of its processor, however busy it is."""
    began = time.process_time()
    yield
    spent = time.process_time() - began
    assert spent < seconds, f"{spent:.2f} s of CPU"


@contextmanager
def asked_by_a_client_who_may_leave(url: str) -> Iterator[None]:
    """A request under way; its client is gone at the end, without having read anything."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        target = url.removeprefix(f"{address.scheme}://{address.netloc}")
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
        yield
