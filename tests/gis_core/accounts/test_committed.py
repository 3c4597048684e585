"""What only real commits show: enrolling, which allauth finishes after its transaction, and a lost connection."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from gis_core.accounts import tokens
from gis_core.accounts.resolving import MEMORY, resolve
from gis_core.config import Config
from tests.city_plugin import execute
from tests.gis_core.accounts.conftest import PASSWORD, code, cookie_of, new_user, signed_in


def test_new_officer_is_led_to_the_second_step_and_through_it(city: Config) -> None:
    user = new_user("moi", roles={"officer": ["19774"]})
    client, older = Client(), signed_in(user)
    arrived = client.post("/accounts/login/", {"login": "moi", "password": PASSWORD})
    assert arrived["Location"] == reverse("mfa_activate_totp")
    assert resolve(cookie_of(client)).audience == "citizen"
    asked = client.get(arrived["Location"], follow=True)
    again = asked.redirect_chain[-1][0]
    assert again.startswith(reverse("account_reauthenticate"))
    page = client.post(again, {"password": PASSWORD}, follow=True).content.decode()
    secret = client.session["mfa.totp.secret"]
    assert secret in page
    assert client.post(arrived["Location"], {"code": code(secret=secret)}).status_code == 302
    assert resolve(cookie_of(client)).audience == "officer"
    # Whoever had the password before this, and a session by it, gains nothing.
    assert resolve(cookie_of(older)).audience == "citizen"


@pytest.mark.parametrize("times", [1, 2])
def test_a_connection_that_the_database_dropped_is_replaced(city: Config, times: int) -> None:
    """The tiles process has no Django request that would close it: after a restart every answer would fail."""
    _, token = tokens.issue(new_user(f"gateway{times}", roles={"officer": []}), "x", "officer")
    for _ in range(times):
        MEMORY.forget()
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            pid = cursor.fetchone()[0]
        execute(f"select pg_terminate_backend({pid})")
        assert resolve({"authorization": f"Bearer {token}"}).audience == "officer"
