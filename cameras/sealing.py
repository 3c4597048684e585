"""Camera passwords at rest: sealed with a key that is not in the database.

The key is derived from the instance's secret, so neither a dump nor a stolen database opens the cameras; and a
database restored beside another secret cannot either: the passwords are then entered anew.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class SealBrokenError(ValueError):
    """A sealed text that this instance's secret does not open."""


def _fernet() -> Fernet:
    key = bytes.fromhex(settings.CONFIG.derive("camera-access"))
    return Fernet(base64.urlsafe_b64encode(key))


def seal(secret: str) -> str:
    """``secret`` as a Fernet token (AES-128-CBC with HMAC-SHA-256), ASCII."""
    return _fernet().encrypt(secret.encode()).decode("ascii")


def unseal(token: str) -> str:
    """The text that was sealed into ``token``; SealBrokenError if it was altered or sealed elsewhere."""
    try:
        return _fernet().decrypt(token.encode("ascii")).decode()
    except (InvalidToken, UnicodeEncodeError) as error:
        raise SealBrokenError("the sealed text does not open with this instance's secret") from error
