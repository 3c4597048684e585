"""How allauth behaves in this house: who may sign up, where a link in a letter leads, how second factors are kept."""

from __future__ import annotations

import base64
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse

from gis_core.accounts.lockout import normal_name
from gis_core.accounts.models import User
from gis_core.accounts.requests import client_address
from gis_core.accounts.standing import has_second_factor, is_staff
from gis_core.accounts.words import ENROL, spoken_language

log = logging.getLogger(__name__)

# Letters leave beside the request: a slow mail server must not tell by its slowness which addresses have accounts.
_post = ThreadPoolExecutor(max_workers=1, thread_name_prefix="post")


def deliver(letter: EmailMessage) -> None:
    """Send ``letter``; a failure is recorded without its text, which may hold a link that opens an account."""
    try:
        letter.send()
    except Exception as error:  # whatever the mail library raises: nobody waits for this thread
        log.error("a letter could not be sent: %s", type(error).__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator; citizens sign up when there is something for them to follow."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing: axes counts wrong passwords, by name and address together and over all processes."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """allauth's backend tries a name as an address too; given both, it would hash twice for a known address."""
        if "username" in credentials:
            credentials.pop("email", None)
            credentials["username"] = normal_name(credentials["username"])
        return super().authenticate(request, **credentials)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "unknown"

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff without a second factor are led to it; everybody else to the map."""
        user = request.user
        if isinstance(user, User) and is_staff(user) and not has_second_factor(user):
            messages.warning(request, ENROL.to(spoken_language()))
            return reverse("mfa_activate_totp")
        return str(super().get_login_redirect_url(request))

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Not of whoever has just signed in by all that the account asks for: no password is typed twice in a row."""
        return bool(super().is_reauthentication_required(app=app, **more)) and not just_signed_in(
            self.request
        )

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the city's own address, whatever Host the request claimed."""
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return str(settings.CONFIG.public_url + path)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        letter = self.render_mail(template_prefix, email, {**context, "address": settings.CONFIG.public_url})
        _post.submit(deliver, letter)


def just_signed_in(request: HttpRequest | None) -> bool:
    """Whether the user has signed in within the time for which allauth trusts a repeated password.

    A password alone is not enough once there is a second factor, which may have come meanwhile, in another session.
    """
    user = getattr(request, "user", None)
    if request is None or not isinstance(user, User):
        return False
    whole = [each for each in get_authentication_records(request, user)
             if each.get("method") == "mfa" or not has_second_factor(user)]  # fmt: skip
    return any(time.time() - each["at"] < app_settings.REAUTHENTICATION_TIMEOUT for each in whole)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of authenticator apps are encrypted with a key of the instance: a stolen dump opens no account."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """ValueError where the instance's secret is another than when the factor was enrolled."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise ValueError("second factor was encrypted with another HUONG_SECRET") from error


def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(bytes.fromhex(settings.CONFIG.derive("second-factor"))))
