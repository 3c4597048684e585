"""An archive in a page with nothing behind it but files: the page of the how-to, read by a real Chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, Page

from gis_core.config import Config
from tests.browser.conftest import WIDE
from tests.city_plugin import IN_PROCESS, ROOT, huong
from tests.ports import free_port
from tests.waiting import wait_until_served

CITY = "demo"
MODULES = ROOT / "web" / "node_modules"
LIBRARIES = (
    *(f"maplibre-gl/dist/maplibre-gl{part}" for part in (".mjs", "-shared.mjs", "-worker.mjs", ".css")),
    "pmtiles/dist/pmtiles.js",
)
NGINX = """
daemon off;
pid nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp;
    scgi_temp_path temp;
    types {{ text/html html; text/css css; text/javascript js mjs; }}
    default_type application/octet-stream;
    server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


@pytest.fixture(scope="module")
def archive(_database_of_module: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wards, roads and parcels of the demo city, as a citizen sees them."""
    file = tmp_path_factory.mktemp("offline") / "hue.pmtiles"
    layers = ("admin_units", "roads", "parcels")
    huong("tiles", "export", *layers, str(file), "--zoom", "0-15", database=IN_PROCESS)
    return file


@pytest.fixture(scope="module")
def files(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a folder behind nginx: the page of the how-to, two libraries, the archive."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if nginx is None or not MODULES.is_dir():
        pytest.skip("needs nginx and the front end's libraries (script/server installs both)")
    folder = archive.parent
    for library in LIBRARIES:
        shutil.copy(MODULES / library, folder)
    page = re.search(r"```html\n(.*?)```", (ROOT / "docs/how-to/offline.md").read_text(), re.DOTALL)
    assert page is not None
    (folder / "index.html").write_text(page[1])
    port, place = free_port(), tmp_path_factory.mktemp("nginx")
    (place / "nginx.conf").write_text(NGINX.format(port=port, root=folder))
    for each in (folder, *folder.parents, place):
        each.chmod(each.stat().st_mode | 0o055) if each.is_relative_to(folder.parents[1]) else None
    process = subprocess.Popen([nginx, "-p", str(place), "-c", str(place / "nginx.conf")])
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_served(url)
        yield url
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
def page(browser: Browser, files: str) -> Iterator[Page]:
    """The page with its map drawn; it may have asked nobody but the file server, and broken nothing."""
    context = browser.new_context(viewport=WIDE)
    opened, faults, asked = context.new_page(), [], []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(files)
    # Until the page's script has run, window.map is the element of that id.
    opened.wait_for_function("typeof window.map?.loaded === 'function' && window.map.loaded()")
    yield opened
    context.close()
    hosts = {urlsplit(url).netloc for url in asked if not url.startswith("blob:")}
    assert hosts == {urlsplit(files).netloc}
    assert not faults, faults


def drawn(page: Page, layer: str) -> set[int]:
    """The ids of the features of ``layer`` that are on the canvas."""
    found = page.evaluate(
        """async (layer) => {
          if (!map.loaded()) await new Promise((done) => map.once("idle", done));
          return map.queryRenderedFeatures({ layers: [layer] }).map((each) => each.id);
        }""",
        layer,
    )
    return set(found)


def seen(config: Config, sql: str, values: Any = ()) -> set[int]:
    with psycopg.connect(**config.connection("citizen")) as citizen:  # type: ignore[arg-type]
        return {row[0] for row in citizen.execute(sql, values).fetchall()}


def test_the_page_draws_every_ward(city: Config, page: Page) -> None:
    """Whatever is amiss between the archive and the canvas, a Range answer or the order of rows, is a ward less."""
    wards = seen(city, "select fid from citizen.admin_units")
    assert drawn(page, "admin_units:fill") == wards and len(wards) == 40
    credit = page.locator(".maplibregl-ctrl-attrib").inner_text()
    assert "OpenStreetMap" in credit


def test_parcels_of_the_view_are_those_of_the_database(city: Config, page: Page) -> None:
    with psycopg.connect(**city.connection("citizen")) as citizen:  # type: ignore[arg-type]
        lon, lat = citizen.execute(
            "select st_x(c), st_y(c) from"
            " (select st_pointonsurface(geom) c from citizen.parcels order by fid limit 1) p"
        ).fetchone() or (0, 0)
    page.evaluate("([lon, lat]) => map.jumpTo({ center: [lon, lat], zoom: 17 })", [lon, lat])
    on_canvas = drawn(page, "parcels:fill")
    west, south, east, north = page.evaluate("map.getBounds().toArray().flat()")
    inside = (
        "select fid from citizen.parcels where st_intersects(geom, st_makeenvelope(%s, %s, %s, %s, 4326))"
    )
    assert on_canvas == seen(city, inside, [west, south, east, north])
    assert len(on_canvas) > 20


def test_a_file_is_read_in_parts(files: str) -> None:
    """Else the whole archive would be fetched for the first tile."""
    answer = httpx.get(f"{files}/hue.pmtiles", headers={"Range": "bytes=0-6"})
    assert answer.status_code == 206 and answer.content == b"PMTiles"
