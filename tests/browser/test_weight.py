"""What the first view costs on a phone: everything, cold, as it goes over the wire."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser

from tests.browser.conftest import PHONE

BUDGET = 120_000  # bytes, headers not counted
PICTURE = 40_000
COMPRESSIBLE = ("text/html", "text/css", "javascript", "json", "svg")


def load(browser: Browser, site: str) -> dict[str, tuple[int, str, str]]:
    """Address -> (bytes on the wire, type, content-encoding) of a cold load of the first page."""
    context = browser.new_context(viewport=PHONE, base_url=site)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    heard: dict[str, dict[str, Any]] = {}
    session.on(
        "Network.responseReceived", lambda e: heard.setdefault(e["requestId"], {}).update(e["response"])
    )
    session.on(
        "Network.loadingFinished",
        lambda e: heard.setdefault(e["requestId"], {}).update(weight=e["encodedDataLength"]),
    )
    page.goto("/", wait_until="networkidle")
    context.close()
    weights = {}
    for each in heard.values():
        headers = {name.lower(): value for name, value in each["headers"].items()}
        weights[each["url"]] = (each.get("weight", 0), each["mimeType"], headers.get("content-encoding", ""))
    return weights


def test_the_first_view_on_a_phone_is_light(browser: Browser, site: str) -> None:
    loaded = load(browser, site)
    unpacked = [url for url, (_, kind, how) in loaded.items() if kind.startswith(COMPRESSIBLE) and not how]
    total = sum(weight for weight, _, _ in loaded.values())
    assert total < BUDGET, loaded
    assert any("woff2" in url for url in loaded), "the fonts belong to the first view"
    assert not any("element" in url or "maplibre" in url for url in loaded), "the engine does not"
    assert [url for url in unpacked if "/static/assets/" in url or url == f"{site}/"] == []
    assert loaded[f"{site}/"][0] < PICTURE
