"""What the pages may load: their own files and nothing else. No inline script, no inline style, no other host."""

from __future__ import annotations

from typing import Any

SELF = "'self'"
NONE = "'none'"

# ``data:`` and ``blob:`` are pictures that the map makes itself (symbols, decoded tiles).
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
