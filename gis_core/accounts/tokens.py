"""Making, finding and revoking API tokens. The token itself exists only in the answer that hands it out."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from gis_core.accounts.models import ApiToken, User
from gis_core.layer import Audience
from gis_core.problems import Problem
from gis_core.words import Text, nfc

PREFIX = "huong_"
LONGEST_DAYS = 366
MOST_LIVE = 20


def digest(token: str) -> str:
    """SHA-256 of a token, hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue(
    user: User, name: str, audience: Audience = "citizen", *, scope: str = "read", days: int = 90
) -> tuple[ApiToken, str]:
    """A new token for ``user``, and the only copy of its text.

    Raises Problem 422 where the audience is not the user's, the name is taken, the time is out of range or the user
    has `MOST_LIVE` tokens.
    """
    name = nfc(name).strip()[:80]
    check(user, name, audience, scope, days)
    token = PREFIX + secrets.token_urlsafe(32)
    now = timezone.now()
    made = ApiToken(user=user, name=name, audience=audience, scope=scope, created=now)
    made.hash, made.shown, made.expires = digest(token), token[:12], now + timedelta(days=days)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:  # two requests at once
        raise _name_taken() from error
    return made, token


def check(user: User, name: str, audience: str, scope: str, days: int) -> None:
    """Problem 422, which names the faulty part, where ``user`` may not have such a token."""
    if not name:
        raise _refused("name", "Hãy đặt tên cho mã truy cập.", "Give the token a name.")
    if scope not in ApiToken.Scope.values:
        raise _refused("scope", "Quyền phải là read hoặc write.", "The scope must be read or write.")
    if not 1 <= days <= LONGEST_DAYS:
        raise _refused(
            "days",
            f"Thời hạn từ 1 đến {LONGEST_DAYS} ngày.",
            f"A token lives 1 to {LONGEST_DAYS} days.",
        )
    if audience != "citizen" and not user.memberships.filter(audience=audience).exists():
        raise _refused("audience", "Người dùng không có vai trò này.", "The user does not have this role.")
    live = user.tokens.filter(revoked__isnull=True)
    if live.filter(name=name).exists():
        raise _name_taken()
    if live.filter(expires__gt=timezone.now()).count() >= MOST_LIVE:
        raise _refused(
            "name",
            f"Đã có {MOST_LIVE} mã truy cập đang dùng; hãy thu hồi bớt.",
            f"There are {MOST_LIVE} tokens in use; revoke some first.",
        )


def _name_taken() -> Problem:
    return _refused(
        "name",
        "Đã có một mã truy cập tên này; hãy thu hồi mã đó hoặc chọn tên khác.",
        "There is a token of this name; revoke it, or choose another name.",
    )


def _refused(parameter: str, vi: str, en: str) -> Problem:
    return Problem(422, "token-refused", Text(vi, en), parameter=parameter)


def revoke(token: ApiToken) -> None:
    """End ``token`` now; every process follows within the cache time of `gis_core.accounts.resolving`."""
    if token.revoked is None:
        token.revoked = timezone.now()
        token.save(update_fields=["revoked"])
