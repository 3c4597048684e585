"""A page of another origin, in a real browser: it reads, it writes with a token, it listens; a cookie is nobody's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.live_city import LiveCity


class Blank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Blank)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_address[1]}/"
    server.shutdown()


ASK = """async ([url, method, headers, body, credentials]) => {
  try {
    const answer = await fetch(url, {method, headers, body: body ?? undefined, credentials});
    return {status: answer.status, etag: answer.headers.get("etag"), crs: answer.headers.get("content-crs")};
  } catch (error) { return {refused: String(error)}; }
}"""
LISTEN = """(url) => new Promise((done, fail) => {
  const feed = new EventSource(url);
  feed.onopen = () => { feed.close(); done("open"); };
  feed.onerror = () => fail(new Error("not open"));
})"""


def test_a_page_of_another_origin(browser: Browser, live_city: LiveCity, elsewhere: str) -> None:
    """Conditions and tokens go through the browser's own preflight, of both servers; a remembered login does not."""
    page = browser.new_page()
    page.goto(elsewhere)
    land = live_city.headers("land")

    def ask(path: str, method: str = "GET", headers: dict[str, str] | None = None, body: str | None = None,
            credentials: str = "omit") -> Any:  # fmt: skip
        return page.evaluate(ASK, [live_city.url + path, method, headers or {}, body, credentials])

    read = ask("/ogcapi/collections/parcels/items/1", headers=land)
    assert read["status"] == 200 and read["etag"].startswith('"') and "CRS84" in read["crs"]
    known = {**land, "If-None-Match": read["etag"]}
    assert ask("/ogcapi/collections/parcels/items/1", headers=known)["status"] in (200, 304)
    stale = {**land, "If-Match": '"1-x"', "Content-Type": "application/merge-patch+json"}
    assert ask("/ogcapi/collections/parcels/items/1", "PATCH", stale, '{"properties": {}}')["status"] == 412
    assert ask("/ogcapi/collections/parcels/items/1", "DELETE", {"If-Match": '"1-x"'})["status"] == 401
    assert ask("/ogcapi/tiles", headers=land)["status"] == 200
    assert ask("/wfs?SERVICE=WFS&REQUEST=GetCapabilities", headers=land)["status"] == 200
    assert ask("/ogcapi/nothing", headers={"Authorization": "Bearer x"})["status"] == 401
    assert "refused" in ask("/ogcapi/collections", credentials="include")
    assert "refused" in ask("/accounts/login/")
    assert page.evaluate(LISTEN, f"{live_city.url}/events/") == "open"
    page.close()
