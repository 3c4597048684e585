"""Pages of other origins: they may use every API of the house, as whoever brings a token or as anybody.

``*`` is said of every answer and never ``Allow-Credentials``: a browser then hands a page of another origin nothing
that it was given for a cookie or a remembered login, while a page that has a token of its own sends it in a header.
"""

from __future__ import annotations

from collections.abc import Iterable

# What a page may send besides what is always allowed. ``*`` would not cover Authorization (Fetch, 3.2.5).
SENT = (
    *("Accept", "Accept-Language", "Authorization", "Content-Crs", "Content-Language", "Content-Type"),
    *("Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID", "Prefer", "X-Requested-With"),
)
# What a page may read besides Cache-Control, Content-Language, Content-Length, Content-Type, Expires, Last-Modified.
READ = (
    *(
        "Accept-Patch",
        "Allow",
        "Content-Bbox",
        "Content-Crs",
        "Content-Datetime",
        "Content-Disposition",
        "Date",
    ),
    *("ETag", "Link", "Location", "OGC-NumberMatched", "OGC-NumberReturned", "Retry-After", "Vary"),
    *("WWW-Authenticate", "X-Request-Id"),
)
HEADERS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", ", ".join(READ)),
)
NAMES = frozenset(name.lower() for name, _ in HEADERS)
KEPT_S = 86_400  # how long a browser need not ask again

# Addresses of programs in the pages' process; the tile process has no others.
PROGRAMS = ("/ogcapi", "/wfs", "/map-style.json")


def is_open(path: str) -> bool:
    """Whether ``path`` is one of the addresses that pages of other origins may use."""
    return any(path == one or path.startswith(f"{one}/") for one in PROGRAMS)


def is_preflight(method: str, asked_method: str | None) -> bool:
    """Whether a browser asks for a page what it may do here; ``asked_method`` is Access-Control-Request-Method."""
    return method == "OPTIONS" and asked_method is not None


def preflight(methods: Iterable[str]) -> list[tuple[str, str]]:
    """The headers of the answer (204) besides `HEADERS`, which every answer has.

    They are the same whoever asks: a browser sends no login along with the question.
    """
    listed = ", ".join(methods)
    return [
        ("Allow", listed),
        ("Access-Control-Allow-Methods", listed),
        ("Access-Control-Allow-Headers", ", ".join(SENT)),
        ("Access-Control-Max-Age", str(KEPT_S)),
    ]
