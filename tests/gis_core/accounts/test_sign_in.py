"""Signing in through the real pages: both steps, lock-out, what a stranger can learn, where a link may lead."""

from __future__ import annotations

import re
import time
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, identify_hasher
from django.core import mail
from django.test import Client
from django.urls import reverse

from gis_core.accounts import adapters
from gis_core.accounts.models import User
from gis_core.accounts.options import account_options
from gis_core.accounts.resolving import resolve
from tests.gis_core.accounts.conftest import PASSWORD, SECRET, MakeUser, code, cookie_of, signed_in

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


def attempt(client: Client, name: str, password: str, **more: str) -> object:
    return client.post(LOGIN, {"login": name, "password": password, **more})


class TestTwoSteps:
    def test_officer_signs_in_with_both(self, client: Client, officer: User) -> None:
        first = attempt(client, "officer", PASSWORD)
        assert first["Location"] == reverse("mfa_authenticate")  # type: ignore[index]
        assert resolve(cookie_of(client)).actor is None
        second = client.post(reverse("mfa_authenticate"), {"code": code()})
        assert second["Location"] == "/"
        assert resolve(cookie_of(client)).audience == "officer"

    def test_a_code_works_once(self, client: Client, officer: User) -> None:
        """Somebody who looks over a shoulder has half a minute; the code is used up by then."""
        shown = code()
        for expected in (302, 200):
            browser = Client()
            attempt(browser, "officer", PASSWORD)
            assert browser.post(reverse("mfa_authenticate"), {"code": shown}).status_code == expected

    def test_codes_cannot_be_guessed_on(self, client: Client, officer: User) -> None:
        attempt(client, "officer", PASSWORD)
        for _ in range(6):
            response = client.post(reverse("mfa_authenticate"), {"code": "000000"})
        assert "quá nhiều lần" in response.content.decode()
        assert client.post(reverse("mfa_authenticate"), {"code": code()}).status_code == 200

    def test_enrolling_lifts_no_older_session(self, officer: User) -> None:
        """Whoever had the password before the officer enrolled keeps a citizen's session."""
        thief = signed_in(officer)
        signed_in(officer, second_step_at=time.time())
        assert resolve(cookie_of(thief)).audience == "citizen"

    def test_secret_is_encrypted(self, officer: User) -> None:
        """A stolen dump holds the passwords' hashes and would otherwise hold the second step in clear."""
        stored = Authenticator.objects.get().data["secret"]
        assert SECRET not in stored
        assert adapters.SecondFactorAdapter().decrypt(stored) == SECRET

    def test_recovery_code_is_a_second_step(self, client: Client, officer: User) -> None:
        from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

        recovery = RecoveryCodes.activate(officer)
        attempt(client, "officer", PASSWORD)
        client.post(reverse("mfa_authenticate"), {"code": recovery.get_unused_codes()[0]})
        assert resolve(cookie_of(client)).audience == "officer"


class TestLockout:
    def test_ten_wrong_passwords(self, client: Client, make_user: MakeUser) -> None:
        make_user("lan")
        statuses = [attempt(client, "lan", f"sai {n}").status_code for n in range(10)]  # type: ignore[attr-defined]
        assert statuses == [200] * 9 + [429]
        locked = attempt(client, "lan", PASSWORD)
        assert locked.status_code == 429  # type: ignore[attr-defined]
        assert locked["Retry-After"] == "900"  # type: ignore[index]

    @pytest.mark.parametrize(
        ("language", "word"), [("vi", "quá nhiều lần"), ("en", "Too many wrong sign-ins")]
    )
    def test_says_so_in_both_languages(self, client: Client, language: str, word: str) -> None:
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        answers = [attempt(client, "ai", "sai") for _ in range(10)]
        assert word in answers[-1].content.decode()  # type: ignore[attr-defined]

    def test_nobody_is_locked_out_from_elsewhere(self, client: Client, make_user: MakeUser) -> None:
        """Else anybody could keep the officer on duty out during a flood."""
        make_user("lan")
        attacker = Client(HTTP_X_FORWARDED_FOR="203.0.113.9")
        for n in range(12):
            attempt(attacker, "lan", f"sai {n}")
        owner = Client(HTTP_X_FORWARDED_FOR="198.51.100.7")
        assert attempt(owner, "lan", PASSWORD).status_code == 302  # type: ignore[attr-defined]

    def test_neighbours_behind_one_address_are_not_locked_out(self, make_user: MakeUser) -> None:
        make_user("lan")
        client = Client(HTTP_X_FORWARDED_FOR="203.0.113.9")
        for n in range(12):
            attempt(client, "khác", f"sai {n}")
        assert attempt(client, "lan", PASSWORD).status_code == 302  # type: ignore[attr-defined]

    def test_spelling_is_no_way_around(self, client: Client, make_user: MakeUser) -> None:
        make_user("lan")
        spellings = ["lan", "LAN", "Lan", "ｌａｎ", "lan"]
        answers = [attempt(client, name, f"sai {n}") for n in range(2) for name in spellings]
        assert answers[-1].status_code == 429  # type: ignore[attr-defined]

    def test_odd_names_are_no_error(self, client: Client) -> None:
        for name in ("a" * 5000, "'; drop table--", "\0", "é" * 300, "", "x@" + "y" * 300):
            assert attempt(client, name, "sai").status_code == 200  # type: ignore[attr-defined]

    def test_record_of_attempts_holds_no_password(self, client: Client) -> None:
        from axes.models import AccessAttempt

        attempt(client, "lan", "mật-khẩu-gõ-nhầm-chỗ")
        record = AccessAttempt.objects.get()
        assert "nhầm" not in f"{record.post_data}{record.get_data}{record.username}"


class TestStranger:
    def test_address_in_any_case(self, client: Client, make_user: MakeUser) -> None:
        make_user("Lan")
        assert User.objects.get().email == "lan@example.org"
        assert attempt(client, "LAN@Example.org", PASSWORD).status_code == 302  # type: ignore[attr-defined]

    def test_name_typed_in_another_unicode_form(self, client: Client, make_user: MakeUser) -> None:
        make_user("huế")
        assert attempt(client, "hue\u0302\u0301", PASSWORD).status_code == 302  # type: ignore[attr-defined]

    @pytest.mark.parametrize("name", ["lan", "lan@example.org", "nobody", "nobody@example.org"])
    def test_each_answer_costs_one_hash(self, client: Client, make_user: MakeUser, name: str) -> None:
        """Argon2 takes nearly all of the time: an answer without it says that the name is unknown."""
        make_user("lan")
        hashed = []
        encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify

        def counted(method: object) -> object:
            def count(self: Argon2PasswordHasher, *args: str) -> object:
                hashed.append(name)
                return method(self, *args)  # type: ignore[operator]

            return count

        with (
            patch.object(Argon2PasswordHasher, "encode", counted(encode)),
            patch.object(Argon2PasswordHasher, "verify", counted(verify)),
        ):
            response = attempt(client, name, "sai")
        assert response.status_code == 200  # type: ignore[attr-defined]
        assert len(hashed) == 1

    def test_answers_differ_in_the_name_alone(self, client: Client, make_user: MakeUser) -> None:
        make_user("lan")
        masked = [
            re.sub(r'value="[^"]{20,}"|(xxx|lan)', "", attempt(Client(), name, "sai").content.decode())  # type: ignore[attr-defined]
            for name in ("lan", "xxx")
        ]
        assert masked[0] == masked[1]

    def test_password_reset_tells_nothing(self, client: Client, make_user: MakeUser) -> None:
        make_user("lan")
        answers = [
            client.post("/accounts/password/reset/", {"email": email})
            for email in ("lan@example.org", "nobody@example.org")
        ]
        assert [(a.status_code, a["Location"]) for a in answers] == [
            (302, "/accounts/password/reset/done/")
        ] * 2

    def test_passwords_are_argon2(self, make_user: MakeUser) -> None:
        assert identify_hasher(make_user().password).algorithm == "argon2"

    def test_sign_up_is_closed(self, client: Client) -> None:
        data = {"username": "ai", "email": "ai@example.org", "password1": PASSWORD, "password2": PASSWORD}
        for response in (client.get("/accounts/signup/"), client.post("/accounts/signup/", data)):
            assert "người quản trị" in response.content.decode()
        assert not User.objects.exists()

    def test_looking_at_the_page_leaves_no_session(self, client: Client) -> None:
        """The front door serves the public's tiles from files only to browsers without this cookie."""
        client.get(LOGIN)
        assert "sessionid" not in client.cookies

    def test_signing_out_ends_the_session(self, client: Client, officer: User) -> None:
        signed_in(officer, second_step_at=time.time(), client=client)
        headers = cookie_of(client)
        client.post("/accounts/logout/")
        assert resolve(headers).actor is None
        assert client.cookies["sessionid"].value == ""


class TestLinks:
    @pytest.mark.parametrize(
        "target",
        ["https://evil.example/", "//evil.example", "/\\evil.example", "https:evil.example", "javascript:alert(1)",
         "///evil.example", "http://testserver@evil.example/", "\x09//evil.example", "https://evil.example\\@testserver"],
    )  # fmt: skip
    def test_no_way_out_after_signing_in(self, client: Client, make_user: MakeUser, target: str) -> None:
        make_user("lan")
        assert attempt(client, "lan", PASSWORD, next=target)["Location"] == "/"  # type: ignore[index]
        moved = client.post("/accounts/audience/", {"audience": "citizen", "next": target})
        assert moved["Location"] == "/accounts/"
        told = client.post("/accounts/language/", {"language": "en", "next": target})
        assert told["Location"] == "/"

    def test_a_way_on_after_signing_in(self, client: Client, make_user: MakeUser) -> None:
        make_user("lan")
        assert attempt(client, "lan", PASSWORD, next="/list?q=1")["Location"] == "/list?q=1"  # type: ignore[index]

    def test_reset_link_leads_to_the_city_whatever_host_was_claimed(
        self, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A forged Host would put the key that opens the account into a link to the forger."""
        make_user("lan")
        monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["*"])
        monkeypatch.setattr(adapters, "_post", Now())
        client = Client(HTTP_HOST="evil.example")
        client.post("/accounts/password/reset/", {"email": "lan@example.org"})
        letter = mail.outbox[0].body
        assert "evil.example" not in letter
        link = re.search(
            rf"{re.escape(settings.CONFIG.public_url)}(/accounts/password/reset/key/\S+)", letter
        )
        assert link is not None
        page = Client().get(link.group(1), follow=True)
        assert "password1" in page.content.decode()

    def test_reset_opens_the_account_and_ends_its_sessions(
        self, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user = make_user("lan")
        before = cookie_of(signed_in(user))
        monkeypatch.setattr(adapters, "_post", Now())
        Client().post("/accounts/password/reset/", {"email": "lan@example.org"})
        link = re.search(r"/accounts/password/reset/key/\S+", mail.outbox[0].body)
        browser = Client()
        form = browser.get(link.group(), follow=True)  # type: ignore[union-attr]
        new = "cầu Trường Tiền sáu vài"
        browser.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
        assert resolve(before).actor is None
        assert attempt(Client(), "lan", new).status_code == 302  # type: ignore[attr-defined]


class Now:
    """The post room without its thread."""

    def submit(self, work: object, *args: object) -> None:
        work(*args)  # type: ignore[operator]


def test_a_mail_server_that_fails_is_no_error(client: Client, make_user: MakeUser, caplog: object) -> None:
    """It would be one only for addresses that exist, and so tell which do."""
    letter = mail.EmailMessage("subject", "https://city/key/SECRET")
    with patch.object(mail.EmailMessage, "send", side_effect=ConnectionRefusedError("SECRET")):
        adapters.deliver(letter)
    assert "could not be sent" in caplog.text  # type: ignore[attr-defined]
    assert "SECRET" not in caplog.text  # type: ignore[attr-defined]


def test_cookies_follow_the_address(city: object) -> None:
    """Over https the cookies never travel in clear; over plain http on 127.0.0.1 they must still be kept."""
    from dataclasses import replace

    config = replace(settings.CONFIG, public_url="https://hue.example")
    secure, plain = account_options(config), account_options(settings.CONFIG)
    assert (secure["SESSION_COOKIE_SECURE"], secure["CSRF_COOKIE_SECURE"]) == (True, True)
    assert (plain["SESSION_COOKIE_SECURE"], plain["SECURE_PROXY_SSL_HEADER"]) == (False, None)
    assert (secure["SESSION_COOKIE_HTTPONLY"], secure["SESSION_COOKIE_SAMESITE"]) == (True, "Lax")
    assert "webauthn" in secure["MFA_SUPPORTED_TYPES"]


def test_session_cookie_is_out_of_reach_of_scripts(client: Client, make_user: MakeUser) -> None:
    make_user("lan")
    attempt(client, "lan", PASSWORD)
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_form_without_its_token_is_refused_in_words(make_user: MakeUser) -> None:
    response = Client(enforce_csrf_checks=True).post(LOGIN, {"login": "lan", "password": PASSWORD})
    assert response.status_code == 403
    assert "Chưa ghi gì" in response.content.decode()
