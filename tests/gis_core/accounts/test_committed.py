"""What only real commits show: enrolling, which allauth finishes after its transaction, and a lost connection."""

from __future__ import annotations

import time

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
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
    # A password that was typed a moment ago is not asked for again; one of long ago is, and that of another session.
    page = client.get(arrived["Location"]).content.decode()
    asked = older.get(arrived["Location"])
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    secret = client.session["mfa.totp.secret"]
    assert secret in page
    assert client.post(arrived["Location"], {"code": code(secret=secret)}).status_code == 302
    assert resolve(cookie_of(client)).audience == "officer"
    # Whoever had the password before this, and a session by it, gains nothing.
    assert resolve(cookie_of(older)).audience == "citizen"
    by_password = Client()
    assert by_password.post("/accounts/login/", {"login": "moi", "password": PASSWORD})[
        "Location"
    ] == reverse("mfa_authenticate")
    assert_asked_again(client, "moi")


def assert_asked_again(client: Client, name: str) -> None:
    """Would fail if a sign-in of an hour ago, or a password alone, let one change the second factor."""
    session = SessionStore(client.cookies["sessionid"].value)
    key = AUTHENTICATION_METHODS_SESSION_KEY
    fresh = session[key]
    aged = [{**each, "at": time.time() - 3600} for each in fresh]
    by_password = [{"method": "password", "at": time.time(), "username": name}]
    for records, again in ((aged, True), (by_password, True), (fresh, False)):
        session[key] = records
        session.save()
        answer = client.get(reverse("mfa_deactivate_totp"))
        assert (answer.status_code == 302) == again, records


def test_the_first_sign_in_goes_on_to_where_it_was_going(city: Config) -> None:
    """Would fail if enrolling ended at the list of recovery codes with no way on."""
    new_user("truong", roles={"officer": ["19774"]}, is_staff=True)
    client = Client()
    wanted = "/admin/reports/report/?state__exact=new"
    asked = client.get(wanted, follow=True).redirect_chain[-1][0]
    client.post(asked, {"login": "truong", "password": PASSWORD}, follow=True)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    done = client.post(
        reverse("mfa_activate_totp"), {"code": code(secret=client.session["mfa.totp.secret"])}, follow=True
    )
    assert reverse("account_go_on") in done.content.decode()
    arrived = client.get(reverse("account_go_on"))
    assert arrived["Location"] == wanted
    assert client.get(wanted).status_code == 200
    assert client.get(reverse("account_go_on"))["Location"] == reverse("account"), "once"


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
