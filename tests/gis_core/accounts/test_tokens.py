"""API tokens: shown once, kept as a hash, revoked by their owner, never in a log."""

from __future__ import annotations

import hashlib
import logging
import re
import time

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client

from gis_core.accounts import tokens
from gis_core.accounts.models import ApiToken, User
from gis_core.accounts.resolving import resolve
from gis_core.problems import Problem
from tests.gis_core.accounts.conftest import MakeUser, signed_in

pytestmark = pytest.mark.django_db

PAGE = "/accounts/tokens/"
WANTED = {"name": "QGIS ở phường", "audience": "officer", "scope": "write", "days": "30"}
IN_PAGE = re.compile(r"huong_[A-Za-z0-9_-]{43}")


@pytest.fixture
def browser(officer: User) -> Client:
    return signed_in(officer, second_step_at=time.time())


def everything_in_the_database() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
        )
        tables = [t for t in cursor.fetchall() if t[0] not in ("pg_catalog", "information_schema", "history")]
        texts = []
        for schema, name in tables:
            cursor.execute(
                "select has_table_privilege(format('%%I.%%I', %s::text, %s::text), 'select')", [schema, name]
            )
            if cursor.fetchone()[0]:
                cursor.execute(
                    f'select coalesce(string_agg(t::text, chr(10)), $$$$) from "{schema}"."{name}" t'
                )
                texts.append(cursor.fetchone()[0])
    return "\n".join(texts)


class TestPage:
    def test_made_shown_once_and_working(self, browser: Client) -> None:
        made = browser.post(PAGE, WANTED)
        found = IN_PAGE.search(made.content.decode())
        assert found is not None
        token = found.group()
        caller = resolve({"authorization": f"Bearer {token}"})
        assert (caller.audience, caller.units, caller.writes) == ("officer", ("19753", "19774"), True)
        later = browser.get(PAGE)
        assert IN_PAGE.search(later.content.decode()) is None
        assert token[:12] in later.content.decode()
        assert "no-store" in made["Cache-Control"]

    def test_neither_database_nor_log_has_it(self, browser: Client, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        token = IN_PAGE.search(browser.post(PAGE, WANTED).content.decode()).group()  # type: ignore[union-attr]
        resolve({"authorization": f"Bearer {token}"})
        browser.get("/accounts/", headers={"authorization": f"Bearer {token}"})
        browser.get("/accounts/", headers={"authorization": f"Bearer {token}x"})
        stored = everything_in_the_database()
        assert ApiToken.objects.get().hash in stored  # the search would find it
        assert token not in stored
        assert token[12:] not in stored
        logged = [r for r in caplog.records if not r.name.startswith(("django.db", "psycopg"))]
        assert token not in "".join(r.getMessage() for r in logged)

    def test_statements_carry_the_hash_alone(self, officer: User, caplog: pytest.LogCaptureFixture) -> None:
        """A database that logs slow statements logs their parameters."""
        caplog.set_level(logging.DEBUG, logger="django.db.backends")
        connection.force_debug_cursor = True
        try:
            _, token = tokens.issue(officer, "x", "officer")
            resolve({"authorization": f"Bearer {token}"})
        finally:
            connection.force_debug_cursor = False
        assert tokens.digest(token) in caplog.text
        assert token not in caplog.text

    def test_hash_is_sha_256_of_256_random_bits(self, officer: User) -> None:
        made, token = tokens.issue(officer, "x", "officer")
        assert made.hash == hashlib.sha256(token.encode()).hexdigest()
        assert IN_PAGE.fullmatch(token)  # 43 letters of base64 are 256 bits
        assert len({tokens.issue(officer, str(n), "officer")[1] for n in range(10)}) == 10

    def test_revoked_by_its_owner(self, browser: Client) -> None:
        token = IN_PAGE.search(browser.post(PAGE, WANTED).content.decode()).group()  # type: ignore[union-attr]
        browser.post(f"{PAGE}{ApiToken.objects.get().pk}/revoke/")
        with pytest.raises(Problem):
            resolve({"authorization": f"Bearer {token}"})
        assert [e.action_flag for e in LogEntry.objects.order_by("pk")] == [1, 2]

    def test_not_by_another(self, browser: Client, make_user: MakeUser) -> None:
        browser.post(PAGE, WANTED)
        made = ApiToken.objects.get()
        other = signed_in(
            make_user("other", roles={"officer": []}, second_factor=True), second_step_at=time.time()
        )
        assert other.post(f"{PAGE}{made.pk}/revoke/").status_code == 404
        assert made.shown not in other.get(PAGE).content.decode()
        made.refresh_from_db()
        assert made.is_live

    def test_no_staff_token_after_the_password_alone(self, officer: User) -> None:
        """A token would outlive the session: it must not be the way around the second step."""
        browser = signed_in(officer)
        assert browser.post(PAGE, WANTED).status_code == 422
        assert not ApiToken.objects.exists()

    def test_strangers_are_asked_to_sign_in(self, client: Client) -> None:
        for response in (client.get(PAGE), client.post(PAGE, WANTED), client.post(f"{PAGE}1/revoke/")):
            assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")

    def test_needs_the_csrf_token(self, officer: User) -> None:
        browser = signed_in(officer, second_step_at=time.time(), client=Client(enforce_csrf_checks=True))
        assert browser.post(PAGE, WANTED).status_code == 403
        assert not ApiToken.objects.exists()

    @pytest.mark.parametrize(
        "change",
        [{"days": "0"}, {"days": "367"}, {"days": "x"}, {"audience": "land"}, {"scope": "admin"}, {"name": " "},
         {"name": "a" * 81}, {"name": "\0"}],
    )  # fmt: skip
    def test_bad_wishes_are_said(self, browser: Client, change: dict[str, str]) -> None:
        response = browser.post(PAGE, {**WANTED, **change})
        assert response.status_code == 422
        assert 'class="errorlist"' in response.content.decode()

    def test_a_reload_makes_no_second_token(self, browser: Client) -> None:
        assert [browser.post(PAGE, WANTED).status_code for _ in range(2)] == [200, 422]
        assert ApiToken.objects.count() == 1

    def test_not_without_end(self, officer: User) -> None:
        for n in range(tokens.MOST_LIVE):
            tokens.issue(officer, str(n))
        with pytest.raises(Problem):
            tokens.issue(officer, "one more")


def test_caller_chooses_a_role(make_user: MakeUser) -> None:
    """The choice is seen by the next request, in every process: the session gets a new key."""
    user = make_user(roles={"officer": ["19774"], "land": []}, second_factor=True)
    browser = signed_in(user, second_step_at=time.time())
    from tests.gis_core.accounts.conftest import cookie_of

    seen = []
    for choice in ("officer", "citizen", "operations", "land"):
        browser.post("/accounts/audience/", {"audience": choice})
        seen.append(resolve(cookie_of(browser)).audience)
    assert seen == ["officer", "citizen", "citizen", "land"]
