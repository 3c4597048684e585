"""Whether a signed-in user has proved to be staff: a second factor, in this session, not too long ago."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled

from gis_core.accounts.models import User

WANTED = "wanted"  # the key in a session under which the address waits that a sign-in was on the way to
# A working day: whoever proved the second factor longer ago than this signs in again.
STAFF_SECONDS = 12 * 3600
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_staff(user: User) -> bool:
    """Whether ``user`` may enter the admin or has a staff audience, and so must use a second factor."""
    return user.is_active and (user.is_staff or user.is_superuser or user.memberships.exists())


def has_second_factor(user: User) -> bool:
    """Whether ``user`` has enrolled an authenticator app or a security key (recovery codes alone do not count)."""
    return bool(is_mfa_enabled(user, types=SECOND_FACTORS))


def proved_second_factor(session: Mapping[str, Any], now: float | None = None) -> bool:
    """Whether the second factor was used in this session within `STAFF_SECONDS`.

    A session from before the enrolment does not count: it may be the one of whoever knew the password first.
    """
    since = (time.time() if now is None else now) - STAFF_SECONDS
    records = session.get(AUTHENTICATION_METHODS_SESSION_KEY)
    if not isinstance(records, list):
        return False
    return any(record.get("method") == "mfa" and record.get("at", 0) > since for record in records)


def acts_as_staff(user: User, session: Mapping[str, Any]) -> bool:
    """Staff, with a second factor that was used in this session."""
    return is_staff(user) and proved_second_factor(session) and has_second_factor(user)
