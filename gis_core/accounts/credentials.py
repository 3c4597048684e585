"""What one credential stands for: a browser's session, or an API token in an Authorization header."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Q
from django.http import HttpRequest, parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from gis_core.accounts.models import BY_STRENGTH, ApiToken, Membership, User
from gis_core.accounts.standing import acts_as_staff
from gis_core.accounts.tokens import PREFIX, digest
from gis_core.accounts.words import BAD_TOKEN, NOT_A_TOKEN
from gis_core.audiences import CITIZEN, Caller
from gis_core.words import Text

SESSION_KEY = re.compile(r"[a-z0-9]{32}")
TOKEN = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
CHOSEN = "audience"  # the key in a session under which a user's choice of audience is kept

Answer = Caller | Text  # the text says why the credentials are refused


# Sessions ---------------------------------------------------------------------------------------------------------


def session_key(cookie: str) -> str:
    """The key of Django's session in a Cookie header; empty where there is none that could be one."""
    key = parse_cookie(cookie).get(settings.SESSION_COOKIE_NAME, "") if cookie else ""
    return key if SESSION_KEY.fullmatch(key) else ""


def by_session(key: str) -> Caller:
    """The caller of a browser's session; a citizen where it has ended or belongs to nobody."""
    request = HttpRequest()
    session = request.session = SessionStore(key)
    # Django's own check: an active user, a backend still in use, a password not changed since.
    user = get_user(request)
    if not isinstance(user, User):
        return CITIZEN
    actor = f"user:{user.pk}"
    membership = None
    if acts_as_staff(user, session):
        membership = chosen_membership(user, session.get(CHOSEN))
    if membership is None:
        return Caller(actor=actor, via="session")
    return Caller(as_audience(membership), tuple(sorted(membership.units)), actor, via="session")


def chosen_membership(user: User, choice: object) -> Membership | None:
    """The membership that the user chose to act in; without a valid choice the strongest, None for a citizen."""
    if choice == "citizen":
        return None
    memberships = sorted(user.memberships.all(), key=lambda m: BY_STRENGTH.index(as_audience(m)))
    return next((m for m in memberships if m.audience == choice), memberships[0] if memberships else None)


def as_audience(membership: Membership | ApiToken) -> Any:
    """The audience, checked by the database and so one of `gis_core.layer.AUDIENCES`."""
    return membership.audience


# Tokens -----------------------------------------------------------------------------------------------------------


def by_authorization(header: str) -> Answer:
    """The caller of an Authorization header: ``Bearer TOKEN``, or ``Basic`` of ``user:TOKEN`` as QGIS sends it."""
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "bearer":
        return by_token(credentials.strip())
    if scheme.lower() == "basic":
        try:
            pair = base64.b64decode(credentials.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            return NOT_A_TOKEN
        name, _, token = pair.partition(":")
        return by_token(token, name)
    return NOT_A_TOKEN


def by_token(token: str, name: str | None = None) -> Answer:
    """The caller of a token, and of the user called ``name`` where one is named."""
    if not TOKEN.fullmatch(token):
        return NOT_A_TOKEN
    now = timezone.now()
    found = (
        ApiToken.objects.select_related("user")
        .filter(hash=digest(token), revoked__isnull=True, expires__gt=now, user__is_active=True)
        .first()
    )
    if found is None or (name is not None and not constant_time_compare(name, found.user.get_username())):
        return BAD_TOKEN
    units: tuple[str, ...] = ()
    if found.audience != "citizen":
        membership = Membership.objects.filter(user=found.user, audience=found.audience).first()
        if membership is None:
            return BAD_TOKEN
        units = tuple(sorted(membership.units))
    note_use(found, timezone.localdate(now))
    return Caller(
        as_audience(found), units, f"token:{found.pk}", found.scope == ApiToken.Scope.WRITE, "token"
    )


def note_use(token: ApiToken, today: date) -> None:
    """Remember the day, no finer: enough to find the tokens that nobody uses, and one write a day."""
    if token.last_used != today:
        unseen = Q(last_used__isnull=True) | Q(last_used__lt=today)
        ApiToken.objects.filter(unseen, pk=token.pk).update(last_used=today)
