"""Which caller a request's headers make: the one function that decides what anybody sees, in every process."""

from __future__ import annotations

import base64
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from gis_core.accounts import tokens
from gis_core.accounts.models import ApiToken, Membership, User
from gis_core.accounts.resolving import MEMORY, REMEMBERED_SECONDS, resolve
from gis_core.accounts.standing import STAFF_SECONDS
from gis_core.audiences import CITIZEN, Caller
from gis_core.problems import Problem
from tests.gis_core.accounts.conftest import MakeUser, cookie_of, signed_in

pytestmark = pytest.mark.django_db

UNITS = ("19753", "19774")


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def basic(name: str, token: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{token}".encode()).decode()}


def refused(headers: dict[str, str], **more: float) -> Problem:
    with pytest.raises(Problem) as caught:
        resolve(headers, **more)
    assert caught.value.status == 401
    assert caught.value.headers["WWW-Authenticate"].startswith("Bearer")
    return caught.value


class TestNobody:
    """Strangers are citizens; odd cookies must not become errors, nor cost the database a question."""

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"cookie": ""},
            {"cookie": "theme=dark"},
            {"cookie": "sessionid="},
            {"cookie": "sessionid=short"},
            {"cookie": "sessionid=" + "x" * 31 + "\0"},
            {"cookie": "sessionid=" + "é" * 32},
            {"cookie": "sessionid=" + "A" * 32},
            {"cookie": "sessionid=' or 1=1 --aaaaaaaaaaaaaaaaaaa"},
            {"cookie": ";;;=;sessionid"},
            {"authorization": "  "},
        ],
    )
    def test_is_a_citizen(self, headers: dict[str, str], django_assert_num_queries: object) -> None:
        with django_assert_num_queries(0):  # type: ignore[operator]
            assert resolve(headers) == CITIZEN

    def test_unknown_session_is_a_citizen(self) -> None:
        assert resolve({"cookie": "sessionid=" + "a" * 32}) == CITIZEN


class TestSession:
    def test_citizen_with_an_account(self, make_user: MakeUser) -> None:
        user = make_user()
        assert resolve(cookie_of(signed_in(user))) == Caller(actor=f"user:{user.pk}", via="session")

    def test_officer_after_both_steps(self, officer: User) -> None:
        caller = resolve(cookie_of(signed_in(officer, second_step_at=time.time())))
        assert caller == Caller("officer", UNITS, f"user:{officer.pk}", via="session")

    def test_officer_after_the_password_alone_is_a_citizen(self, officer: User) -> None:
        """A stolen password, or a session from before the enrolment, opens nothing."""
        assert resolve(cookie_of(signed_in(officer))).audience == "citizen"

    def test_second_step_wears_off(self, officer: User) -> None:
        client = signed_in(officer, second_step_at=time.time() - STAFF_SECONDS - 1)
        assert resolve(cookie_of(client)).audience == "citizen"

    def test_second_step_without_a_factor_is_a_citizen(self, officer: User) -> None:
        """The factor was removed (a lost phone): sessions that used it are staff no more."""
        client = signed_in(officer, second_step_at=time.time())
        Authenticator.objects.all().delete()
        assert resolve(cookie_of(client)).audience == "citizen"

    def test_recovery_codes_alone_are_no_factor(self, make_user: MakeUser) -> None:
        user = make_user(roles={"land": []})
        Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})
        assert resolve(cookie_of(signed_in(user, second_step_at=time.time()))).audience == "citizen"

    def test_strongest_role_by_default(self, make_user: MakeUser) -> None:
        user = make_user(roles={"officer": ["19774"], "land": [], "operations": []}, second_factor=True)
        client = signed_in(user, second_step_at=time.time())
        assert resolve(cookie_of(client)).audience == "operations"
        Membership.objects.filter(audience="operations").delete()
        assert resolve(cookie_of(client)).audience == "land"

    @pytest.mark.parametrize(
        ("choice", "audience", "units"),
        [
            ("officer", "officer", ("19774",)),
            ("citizen", "citizen", ()),
            ("operations", "land", ()),  # not the user's: the default
            (["land"], "land", ()),
        ],
    )
    def test_chosen_role(
        self, make_user: MakeUser, choice: object, audience: str, units: tuple[str, ...]
    ) -> None:
        user = make_user(roles={"officer": ["19774"], "land": []}, second_factor=True)
        client = signed_in(user, second_step_at=time.time())
        session = client.session
        session["audience"] = choice
        session.save()
        caller = resolve(cookie_of(client))
        assert (caller.audience, caller.units) == (audience, units)

    def test_password_change_ends_other_sessions(self, officer: User) -> None:
        client = signed_in(officer, second_step_at=time.time())
        officer.set_password("một mật khẩu khác hẳn")
        officer.save()
        assert resolve(cookie_of(client)) == CITIZEN

    def test_inactive_user_is_a_citizen(self, officer: User) -> None:
        client = signed_in(officer, second_step_at=time.time())
        User.objects.filter(pk=officer.pk).update(is_active=False)
        assert resolve(cookie_of(client)) == CITIZEN

    def test_expired_session_is_a_citizen(self, officer: User) -> None:
        client = signed_in(officer, second_step_at=time.time())
        from django.contrib.sessions.models import Session

        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        assert resolve(cookie_of(client)) == CITIZEN


class TestToken:
    def test_bearer_and_basic(self, officer: User) -> None:
        made, token = tokens.issue(officer, "QGIS", "officer")
        expected = Caller("officer", UNITS, f"token:{made.pk}", writes=False, via="token")
        for headers in (
            bearer(token),
            basic("officer", token),
            {"authorization": f"bEaReR   {token} "},
        ):
            assert resolve(headers) == expected

    def test_writing_token(self, officer: User) -> None:
        _, token = tokens.issue(officer, "QGIS", "officer", scope="write")
        assert resolve(bearer(token)).writes

    def test_token_of_a_citizen(self, officer: User) -> None:
        """A token never acts in more than its own audience, whatever its user is."""
        _, token = tokens.issue(officer, "open data", "citizen")
        caller = resolve(bearer(token))
        assert (caller.audience, caller.units) == ("citizen", ())

    def test_token_counts_before_a_cookie(self, officer: User, make_user: MakeUser) -> None:
        made, token = tokens.issue(make_user(), "script")
        headers = {**cookie_of(signed_in(officer, second_step_at=time.time())), **bearer(token)}
        assert resolve(headers).actor == f"token:{made.pk}"

    def test_bad_token_is_refused_even_beside_a_good_cookie(self, officer: User) -> None:
        headers = cookie_of(signed_in(officer, second_step_at=time.time()))
        refused({**headers, "authorization": "Bearer huong_" + "A" * 43})

    @pytest.mark.parametrize(
        "authorization",
        [
            "Bearer",
            "Bearer ",
            "Bearer huong_",
            "Bearer huong_" + "A" * 43,
            "Bearer huong_" + "A" * 42 + "\0",
            "Bearer " + "A" * 100_000,
            "Bearer huong_" + "ế" * 43,
            "Basic",
            "Basic !!!",
            "Basic " + base64.b64encode(b"\xff\xfe").decode(),
            "Basic " + base64.b64encode(b"admin:password").decode(),
            "Basic " + base64.b64encode(b"no-colon").decode(),
            "Digest username=x",
            "\ud800",
        ],
    )
    def test_what_is_no_token_is_refused(self, authorization: str) -> None:
        refused({"authorization": authorization})

    def test_wrong_user_name_is_refused(self, officer: User) -> None:
        _, token = tokens.issue(officer, "QGIS", "officer")
        refused(basic("admin", token))

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda token: tokens.revoke(token),
            lambda token: ApiToken.objects.update(expires=timezone.now() - timedelta(seconds=1)),
            lambda token: User.objects.update(is_active=False),
            lambda token: Membership.objects.all().delete(),
            lambda token: token.user.delete(),
        ],
        ids=["revoked", "expired", "user switched off", "role taken away", "user deleted"],
    )
    def test_ended_token_is_refused_alike(self, officer: User, spoil: object) -> None:
        """One answer for every reason: it tells a thief nothing."""
        made, token = tokens.issue(officer, "QGIS", "officer")
        spoil(made)  # type: ignore[operator]
        assert refused(bearer(token)).detail == refused(bearer("huong_" + "A" * 43)).detail

    def test_use_is_noted_by_the_day(self, officer: User, django_assert_num_queries: object) -> None:
        made, token = tokens.issue(officer, "QGIS", "officer")
        resolve(bearer(token))
        made.refresh_from_db()
        assert made.last_used == timezone.localdate()
        MEMORY.forget()
        with django_assert_num_queries(2):  # type: ignore[operator]  # token with user, membership: no write
            resolve(bearer(token))


class TestMemory:
    """Revoking works within the minute in a process that hears nothing of it."""

    def test_answers_are_remembered(self, officer: User, django_assert_num_queries: object) -> None:
        _, token = tokens.issue(officer, "QGIS", "officer")
        resolve(bearer(token), now=100.0)
        with django_assert_num_queries(0):  # type: ignore[operator]
            resolve(bearer(token), now=100.0 + REMEMBERED_SECONDS - 0.1)

    def test_revoked_elsewhere_ends_in_time(self, officer: User) -> None:
        made, token = tokens.issue(officer, "QGIS", "officer")
        resolve(bearer(token), now=100.0)
        ApiToken.objects.filter(pk=made.pk).update(
            revoked=timezone.now()
        )  # no signal: as another process would
        assert REMEMBERED_SECONDS <= 30
        refused(bearer(token), now=100.0 + REMEMBERED_SECONDS)

    def test_revoked_here_ends_at_once(self, officer: User) -> None:
        made, token = tokens.issue(officer, "QGIS", "officer")
        resolve(bearer(token), now=100.0)
        tokens.revoke(made)
        refused(bearer(token), now=100.0)

    def test_role_taken_away_here_ends_at_once(self, officer: User) -> None:
        client = signed_in(officer, second_step_at=time.time())
        assert resolve(cookie_of(client), now=100.0).audience == "officer"
        Membership.objects.get().delete()
        assert resolve(cookie_of(client), now=100.0).audience == "citizen"

    def test_an_answer_from_before_a_change_is_not_kept(self) -> None:
        """A look-up that began before a revocation and ended after it must not live on for its full time."""
        _, generation = MEMORY.get(b"key", 100.0)
        MEMORY.forget()
        MEMORY.put(b"key", CITIZEN, 100.0, generation)
        assert MEMORY.get(b"key", 100.0)[0] is None

    def test_is_bounded(self) -> None:
        """Somebody who tries random tokens fills no memory."""
        from gis_core.accounts import resolving

        _, generation = MEMORY.get(b"", 0.0)
        for n in range(resolving.MOST_REMEMBERED + 10):
            MEMORY.put(n.to_bytes(4), CITIZEN, 0.0, generation)
        assert MEMORY.get((5).to_bytes(4), 0.0)[0] is None
        assert MEMORY.get((resolving.MOST_REMEMBERED + 9).to_bytes(4), 0.0)[0] is CITIZEN
