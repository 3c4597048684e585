"""Which requests share threads: small ones never stand behind dear ones, and the city's watchers behind neither.

| lane | what | threads |
|---|---|---|
| watch | ``/readyz``, ``/metrics`` | 1 |
| small | documents, one feature, short lists of a box, edits of few bytes | 2 |
| dear | pages, long and filtered lists, downloads, WFS, processes, sign-ins | 3 |

``/healthz`` needs no thread at all. Threads wait for the database, which the machine shares: a few are enough.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qsl

Lane = Literal["watch", "small", "dear"]
THREADS: Mapping[Lane, int] = {"watch": 1, "small": 2, "dear": 3}
MOST_WAITING: Mapping[Lane, int] = {"watch": 20, "small": 1000, "dear": 1000}
# Longer than the readers' longest statement, shorter than the front door waits.
PATIENCE_S = 20.0

WATCHERS = frozenset({"/readyz", "/metrics"})
ITEMS = re.compile(r"/ogcapi/collections/[^/]+/items")
DOCUMENTS = re.compile(
    r"/ogcapi(?:/api|/conformance|/page\.css|/processes(?:/[^/]+)?|/collections(?:/[^/]+)?"
    r"|/collections/[^/]+/(?:queryables|sortables|schema|items/[^/]+))?"
    r"|/map-style\.json|/robots\.txt|/favicon\.ico|/(?:en/)?manifest\.webmanifest"
)
# Parameters of a list that the primary key or the spatial index answers.
INDEXED = frozenset({"bbox", "bbox-crs", "crs", "cursor", "f", "limit"})
SHORT_LIST = 200  # features
SHORT_BODY = 65_536  # bytes


def lane_of(method: str, path: str, query: str, *, accept: str = "", length: int = 0) -> Lane:
    """The lane of a request, by its head alone; ``query`` as it was sent, ``length`` of its body in bytes."""
    path = path.rstrip("/")
    if path in WATCHERS:
        return "watch"
    if method not in ("GET", "HEAD", "OPTIONS"):
        edits = ITEMS.fullmatch(path) or (path.startswith("/ogcapi/collections/") and "/items/" in path)
        return "small" if edits and length <= SHORT_BODY else "dear"
    if ITEMS.fullmatch(path):
        return "small" if is_short_list(query, accept) else "dear"
    return "small" if DOCUMENTS.fullmatch(path) else "dear"


def is_short_list(query: str, accept: str) -> bool:
    """Whether a list is a page of few features in JSON, found by an index."""
    try:
        given = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=16))
    except ValueError:
        return False
    as_json = given["f"] in ("json", "") if "f" in given else "html" not in accept or "json" in accept
    limit = given.get("limit", "")
    short = limit.isascii() and limit.isdecimal() and len(limit) < 5 and int(limit) <= SHORT_LIST
    return as_json and short and given.keys() <= INDEXED
