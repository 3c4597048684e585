"""Waiting for a server that was just started."""

from __future__ import annotations

import time

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
