"""Pictures by MapLibre in a real Chromium: the style document and the vector tiles come from the tile server."""

from __future__ import annotations

import base64
import functools
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image
from playwright.sync_api import Page

from gis_core.config import ROOT
from tests.browser.conftest import launch
from tests.clients.same_picture.features import SIDE, centre

DIST = ROOT / "web" / "node_modules" / "maplibre-gl" / "dist"
PAGE = f"""<!doctype html><meta charset="utf-8"><style>
@font-face {{ font-family: "Be Vietnam Pro"; src: url("/fonts/BeVietnamPro-Regular.ttf"); }}
body {{ margin: 0; font-family: "Be Vietnam Pro" }} #map {{ width: {SIDE}px; height: {SIDE}px }}</style>
<div id="map">Huế</div><script type="module">
import * as maplibregl from "/maplibre/maplibre-gl.mjs";
maplibregl.setWorkerUrl("/maplibre/maplibre-gl-worker.mjs");
await document.fonts.load('16px "Be Vietnam Pro"');
const errors = [];
const empty = {{ version: 8, sources: {{}}, layers: [] }};
const map = new maplibregl.Map({{
  container: "map", style: empty, interactive: false, attributionControl: false, fadeDuration: 0, pixelRatio: 1,
  canvasContextAttributes: {{ preserveDrawingBuffer: true, antialias: true }},
}});
map.on("error", (event) => errors.push(String(event.error && event.error.message)));
window.drawn = async (style, center, zoom) => {{
  errors.length = 0;
  map.setStyle(style, {{ diff: false }});
  map.jumpTo({{ center, zoom }});
  await new Promise((done) => {{
    const look = () => map.once("idle", () => (map.isStyleLoaded() && map.areTilesLoaded() ? done() : look()));
    look();
    map.triggerRepaint();
  }});
  return {{ picture: map.getCanvas().toDataURL("image/png"), errors: [...errors] }};
}};
window.ready = true;
</script>"""


class Files(SimpleHTTPRequestHandler):
    """The page, MapLibre and the typeface."""

    extensions_map: ClassVar[dict[str, str]] = {".mjs": "text/javascript", ".ttf": "font/ttf"}

    def translate_path(self, path: str) -> str:
        kind, _, name = path.lstrip("/").partition("/")
        folder = DIST if kind == "maplibre" else ROOT / "web" / "dist" / "fonts"
        return str(folder / Path(name).name)

    def do_GET(self) -> None:
        if self.path == "/":
            body = PAGE.encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests speak."""


@contextmanager
def page_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=str(DIST)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def draw(page: Page, style: dict[str, object], zoom: float) -> tuple[Image.Image, list[str]]:
    """The picture of a style document, and what MapLibre complained of."""
    answer = page.evaluate(
        "([style, center, zoom]) => window.drawn(style, center, zoom)", [style, centre(), zoom]
    )
    body = base64.b64decode(answer["picture"].partition(",")[2])
    return Image.open(io.BytesIO(body)).convert("RGBA"), list(answer["errors"])


def opened_page(side: int) -> Iterator[Page]:
    """The page, ``side`` px wide and high, in a browser of its own; without MapLibre's files the test is skipped."""
    if not DIST.is_dir():
        pytest.skip("needs the front end's libraries (huong prepare)")
    for browser in launch():
        with page_server() as address:
            page = browser.new_page(viewport={"width": side, "height": side})
            page.goto(address)
            page.wait_for_function("window.ready")
            yield page
