"""How much may be sent to which address, and whose large bodies are read at all.

The front door and Django's skin take the same table. A body larger than `UNASKED` is read only where somebody who may
write sends it: before a byte of it is taken in, the front door asks the application for leave with the head of the
request alone (`WITHHELD`), and what the application then refuses is told with its own words (`told`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from gis_core.http.problems import Refusal
from gis_core.problems import Problem
from gis_core.words import Text

# Methods whose bodies mean something; nothing reads that of another.
METHODS = frozenset({"POST", "PUT", "PATCH"})
# Bytes that anybody may send where something may be sent: forms, small features. Five digits, which nginx can tell.
UNASKED = 99_999


class Size(NamedTuple):
    """``most`` bytes to the addresses that ``pattern`` (of nginx and of Python) matches; ``leave``: who may write."""

    pattern: str
    most: int
    leave: bool = False


# A feature of 200,000 vertices, as many as one may have, is some 8 MB of GeoJSON.
ITEMS = Size(r"^/ogcapi/collections/[^/]+/items/?$", 20_000_000, leave=True)
ITEM = Size(r"^/ogcapi/collections/[^/]+/items/[^/]+/?$", 20_000_000, leave=True)
ADMINISTRATION = Size(r"^/admin/", 10_000_000, leave=True)
# A place as it is typed: some 20,000 corners; a form may hold more, which is then judged when it is sent.
PLACE = Size(r"^/place/check$", 1_000_000, leave=True)
WFS = Size(r"^/wfs/?$", 200_000)
EVERYWHERE = Size("", UNASKED)
SIZES = (ITEMS, ITEM, ADMINISTRATION, PLACE, WFS)

WITHHELD = (
    "X-Body-Withheld"  # the front door asks whether the body may come; clients' own headers never get here
)
REFUSED_WITH, REFUSAL, CHALLENGE = "X-Refused-With", "X-Refusal", "X-Challenge"
# What may be said instead of reading a body; any other refusal is told as the first of them, a failure as the last.
STATUSES = (403, 400, 401, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429, 503)


class BodyWithheld(Exception):
    """The body was asked for that the front door has not let in yet: everything else about the request is in order."""


def size_of(path: str) -> Size:
    """What may be sent to ``path``."""
    return next((size for size in SIZES if re.match(size.pattern, path)), EVERYWHERE)


def needs_leave(path: str, length: int) -> bool:
    """Whether a body of ``length`` bytes is read for those alone who may write at ``path``."""
    return length > UNASKED and size_of(path).leave


def not_for_you() -> Problem:
    """403, where a large body comes from nobody known."""
    return Problem(
        403,
        "not-allowed",
        Text(
            "Chỉ người được phép ghi mới gửi được nội dung lớn tới đây. Hãy đăng nhập.",
            "Only those who may write can send a large body here. Sign in.",
        ),
    )


def is_packed() -> Problem:
    """415: a body that is compressed, of which nobody knows how large it is before it is unpacked."""
    return Problem(
        415,
        "packed-body",
        Text(
            "Nội dung gửi lên đang được nén. Hãy gửi không nén.", "The body is compressed. Send it as it is."
        ),
        headers={"Accept-Encoding": "identity"},
    )


def told(refusal: Refusal) -> Mapping[str, str]:
    """The headers in which the front door is told what it is to answer; one of them says it all in ASCII.

    ValueError where the refusal's body is no document.
    """
    status = refusal.status
    if status not in STATUSES:
        status = STATUSES[-1] if status >= 500 else STATUSES[0]
    document = json.dumps({**json.loads(refusal.body), "status": status}, separators=(",", ":"))
    said = {REFUSED_WITH: str(status), REFUSAL: document}
    challenge = refusal.headers.get("WWW-Authenticate")
    return {**said, CHALLENGE: challenge} if challenge else said
