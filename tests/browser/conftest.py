"""A real Chromium on a running city. ``HUONG_TEST_CITY`` names one that runs already; else the suite's own is used."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
# Software WebGL: machines that test have no graphics card. Pages are painted without it, which takes a fifth less.
FLAGS = [
    "--disable-gpu-rasterization",
    "--disable-gpu-compositing",
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]
AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"width": 412, "height": 823}
WIDE = {"width": 1280, "height": 800}
DRAWN_MS = 120_000  # for a state that a busy machine reaches late
OpenPage = Callable[..., Page]
# A bound for a test that is broken, on a machine that is busy with others too: it is no measurement.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

FULL = os.environ.get("HUONG_TEST_FULL") == "1"
NARROW = {"width": 320, "height": 640}
LOOKS = (
    pytest.param(PHONE, "light", id="phone"),
    pytest.param(WIDE, "dark", id="wide"),
    pytest.param(NARROW, "light", id="narrow"),
)


def views(paths: Sequence[str]) -> list[Any]:
    """Prefix of a language, path, viewport and colour scheme: each two of them together, all together in full."""
    return [
        pytest.param(prefix, path, *look.values, id=f"{look.id}-{prefix}{path}")
        for row, path in enumerate(paths)
        for column, look in enumerate(LOOKS)
        for turn, prefix in enumerate(("", "/en"))
        if FULL or (row + column + turn) % 2 == 0
    ]


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> str:
    """The address of the city under test, without a trailing slash."""
    running = os.environ.get("HUONG_TEST_CITY")
    return (running or str(request.getfixturevalue("live_city").url)).rstrip("/")


@pytest.fixture(scope="session")
def units(request: pytest.FixtureRequest) -> int:
    """How many units of today there are, by SQL as the citizen; a city that runs already is asked by its API."""
    running = os.environ.get("HUONG_TEST_CITY")
    if running:
        items = httpx.get(f"{running.rstrip('/')}/ogcapi/collections/admin_units/items?limit=1", timeout=30)
        return int(items.json()["numberMatched"])
    with request.getfixturevalue("live_city").connect("citizen") as reader:
        (count,) = reader.execute("select count(*) from citizen.admin_units").fetchone()
    return int(count)


def launch(*more: str) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"the browser tests need {CHROMIUM} (Debian's package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*FLAGS, *more])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """A browser for the tests of a module, which may ask for more flags by ``BROWSER_FLAGS``."""
    yield from launch(*getattr(request.module, "BROWSER_FLAGS", ()))


@pytest.fixture
def open_page(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """``open_page("/en/", viewport=PHONE, ...)`` -> a page. Whatever breaks the page's policy fails the test.

    Its reader wishes no motion, whose every frame is drawn in software, unless the module says ``MOTION``.
    """
    motion = getattr(request.module, "MOTION", "reduce")
    contexts: list[BrowserContext] = []
    broken: list[str] = []

    def heard(text: str) -> None:
        if "Content Security Policy" in text:
            broken.append(text)

    def opened(path: str, **options: object) -> Page:
        options.setdefault("viewport", PHONE)
        options.setdefault("reduced_motion", motion)
        context = browser.new_context(base_url=site, **options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script("window.__huongTest = true")
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: heard(message.text))
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not broken, broken


def live(page: Page) -> None:
    """Wait until the live map has drawn."""
    page.wait_for_selector('[data-live="on"]', timeout=60_000)


def drawn(page: Page, layer: str) -> int:
    """How many features of ``layer`` the map has on its canvas: a blank map looks like any other to the DOM."""
    return int(
        page.evaluate(
            """async (layer) => {
              const map = window.__map;
              if (!map.loaded()) await new Promise((done) => map.once("idle", done));
              const own = map.getStyle().layers.map((each) => each.id).filter((id) => id.startsWith(layer + ":"));
              const found = map.queryRenderedFeatures({ layers: own }).map((each) => each.id);
              return new Set(found.filter((id) => id !== undefined)).size;
            }""",
            layer,
        )
    )
