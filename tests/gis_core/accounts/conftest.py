"""People to sign in as: users with roles, second factors and sessions that have gone through both steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from gis_core.accounts.models import Membership, User
from gis_core.accounts.resolving import MEMORY

PASSWORD = "sông Hương chảy qua Huế"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

MakeUser = Callable[..., User]


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """A test's rows are rolled back; what the process remembers of them must go as well."""
    MEMORY.forget()
    yield
    MEMORY.forget()


def new_user(
    name: str = "lan",
    *,
    roles: dict[str, list[str]] | None = None,
    second_factor: bool = False,
    **more: object,
) -> User:
    """A user with a password and an address, the units of each role, and an authenticator app if wanted."""
    user = User.objects.create_user(name, f"{name}@example.org", PASSWORD, **more)
    for audience, units in (roles or {}).items():
        Membership.objects.create(user=user, audience=audience, units=units)
    if second_factor:
        TOTP.activate(user, SECRET)
    return user


@pytest.fixture
def make_user(db: None) -> MakeUser:
    """`new_user` in a transaction that the test's end rolls back."""
    return new_user


@pytest.fixture
def officer(make_user: MakeUser) -> User:
    return make_user("officer", roles={"officer": ["19774", "19753"]}, second_factor=True)


@pytest.fixture
def superuser(make_user: MakeUser) -> User:
    return make_user("admin", second_factor=True, is_staff=True, is_superuser=True)


def code(step: int = 0, secret: str = SECRET) -> str:
    """What the authenticator app shows; ``step`` -1 and 1 are its neighbours, which are accepted as well."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def signed_in(
    user: User, *, second_step_at: float | None = None, client: Client | None = None, acting: str = ""
) -> Client:
    """A browser with a session of ``user``; ``second_step_at`` is when the second factor was used (None: never).

    ``acting`` is the audience that the user chose to act in, where it is not the strongest.
    """
    client = client or Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    if second_step_at is not None:
        session = SessionStore(client.cookies["sessionid"].value)
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {"method": "mfa", "at": second_step_at, "type": "totp"}
        ]
        if acting:
            session["audience"] = acting
        session.save()
    MEMORY.forget()
    return client


def cookie_of(client: Client) -> dict[str, str]:
    """The headers that the browser would send to the process that serves tiles."""
    return {"cookie": f"other=1; sessionid={client.cookies['sessionid'].value}"}
