"""Texts that clients keep for us and cannot read: what they say of the city is nobody's but the city's."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12  # bytes
BLOCK = 128  # bytes that texts are filled up to: neither does a length tell anything
LONGEST = 65_536  # characters of a sealed text that are looked at


class Seal:
    """Seals texts with one key of the instance; whoever has the instance's secret reads them, in every process.

    Sealing a text twice gives two sealed texts: whether anything has happened between them does not show either.
    """

    def __init__(self, key: str) -> None:
        """``key``: 64 hexadecimal digits (`Config.derive`)."""
        self._key = bytes.fromhex(key)

    @cached_property
    def _cipher(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # 10 MB: when the first text is sealed

        return AESGCM(self._key)

    def seal(self, text: str) -> str:
        """``text`` (ASCII, no space at its end) for somebody to keep: letters, digits, ``-`` and ``_``."""
        filled = text.encode("ascii").ljust(-(-len(text) // BLOCK) * BLOCK)
        nonce = os.urandom(NONCE)
        return urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, filled, None)).rstrip(b"=").decode()

    def open(self, sealed: str) -> str | None:
        """The text, or None for anything that was not sealed with this key."""
        from cryptography.exceptions import InvalidTag

        if len(sealed) > LONGEST or not sealed.isascii():
            return None
        try:
            raw = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            return self._cipher.decrypt(raw[:NONCE], raw[NONCE:], None).decode("ascii").rstrip()
        except (ValueError, InvalidTag):
            return None
