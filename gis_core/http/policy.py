"""What browsers may do with an answer: load its own files and nothing else, in no frame, under its own type.

Every answer carries `EVERYWHERE`, which the front door adds. Documents that a browser shows as pages carry `PAGES`
besides, whichever process made them: Django's settings and the tile server take them from here.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

SELF = "'self'"
NONE = "'none'"

# Nothing inline, no other host. ``data:`` and ``blob:`` are pictures that the map makes itself (symbols, tiles).
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "worker-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
FRAME_OPTIONS = "DENY"
OPENER_POLICY = "same-origin"

EVERYWHERE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # an address holds coordinates
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}


def directives(policy: Mapping[str, Any] = CONTENT_SECURITY_POLICY) -> str:
    """The policy as a header says it."""
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy["DIRECTIVES"].items())


PAGES: Mapping[str, str] = {
    "Content-Security-Policy": directives(),
    "X-Frame-Options": FRAME_OPTIONS,
    "Cross-Origin-Opener-Policy": OPENER_POLICY,
}


def pages_with_style(text: str) -> Mapping[str, str]:
    """`PAGES` for a page that may have this ``<style>`` too, since it is shown where no file of ours can be loaded."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    allowed = f"style-src {SELF} 'sha256-{digest}'"
    return {**PAGES, "Content-Security-Policy": directives().replace(f"style-src {SELF}", allowed)}


# A drawing that is opened by itself is a document too; ours hold styles of their own and never a script.
DRAWINGS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
}


def of_media_type(media_type: str) -> Mapping[str, str]:
    """What an answer of this type carries besides `EVERYWHERE`."""
    if media_type.startswith(("text/html", "application/xhtml+xml")):
        return PAGES
    return DRAWINGS if media_type.startswith("image/svg+xml") else {}
