"""The verification code of a sheet: what was printed, signed, so that a paper can be held against what we know.

Nothing is kept: the QR code carries the facts of the sheet and their signature, and whoever scans it is shown them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import orjson

from gis_core.config import Config

PURPOSE = "printed sheets"
TAG_BYTES = 15  # 120 bits, 24 letters of base 32


def signed(config: Config, facts: Mapping[str, Any]) -> tuple[str, str]:
    """The text of a QR code's address, and the code that people read: the signature in groups of four."""
    body = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)
    tag = _tag(config, body)
    return f"{_packed(body)}.{_packed(tag)}", spoken(tag)


def facts_of(config: Config, text: str) -> tuple[Mapping[str, Any], str] | None:
    """The facts and the code of a signed text; None where it is not ours or was changed."""
    body_text, _, tag_text = text.partition(".")
    try:
        body, tag = _unpacked(body_text), _unpacked(tag_text)
    except ValueError:
        return None
    if len(text) > 4000 or not hmac.compare_digest(tag, _tag(config, body)):
        return None
    facts: Mapping[str, Any] = orjson.loads(body)
    return facts, spoken(tag)


def spoken(tag: bytes) -> str:
    letters = base64.b32encode(tag).decode()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def _tag(config: Config, body: bytes) -> bytes:
    return hmac.new(config.derive(PURPOSE).encode(), body, hashlib.sha256).digest()[:TAG_BYTES]


def _packed(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
