"""Django's side: the caller of a request, refusals as problem documents, CSRF where the session is what counts."""

from __future__ import annotations

import base64
import json
import time

import pytest
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory

from gis_core.accounts import tokens
from gis_core.accounts.models import User
from gis_core.accounts.requests import CallerMiddleware, client_address, current_caller, enforce_csrf
from gis_core.audiences import CITIZEN
from gis_core.problems import Problem
from tests.gis_core.accounts.conftest import signed_in

pytestmark = pytest.mark.django_db


def request_of(client: Client | None, method: str = "post", **more: str) -> HttpRequest:
    factory = RequestFactory()
    if client is not None:
        factory.cookies = client.cookies
    request: HttpRequest = getattr(factory, method)("/ogcapi/", content_type="application/json", **more)
    return request


def test_caller_of_a_request(officer: User) -> None:
    request = request_of(signed_in(officer, second_step_at=time.time()), "get")
    assert current_caller(request).audience == "officer"
    assert current_caller(request) is current_caller(request)


def test_anonymous_request() -> None:
    assert current_caller(request_of(None, "get")) == CITIZEN


def test_bad_token_goes_no_further() -> None:
    """A view that forgot to ask would otherwise answer a revoked token as a citizen, and nobody would notice."""

    def view(request: HttpRequest) -> HttpResponse:
        raise AssertionError("reached")

    response = CallerMiddleware(view)(request_of(None, "get", HTTP_AUTHORIZATION="Bearer nonsense"))
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert "no-store" in response["Cache-Control"]
    assert json.loads(response.content)["code"] == "bad-token"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("language", "word"), [("vi", "mã truy cập"), ("en", "API token")])
def test_refusal_speaks_both_languages(client: Client, language: str, word: str) -> None:
    response = client.get("/accounts/", headers={"authorization": "Bearer x", "accept-language": language})
    assert response.status_code == 401
    assert word in response.json()["detail"]


def token_headers(user: User, scheme: str) -> dict[str, str]:
    _, token = tokens.issue(user, scheme, "officer", scope="write")
    pair = base64.b64encode(f"{user.username}:{token}".encode()).decode()
    return {"HTTP_AUTHORIZATION": f"Bearer {token}" if scheme == "Bearer" else f"Basic {pair}"}


class TestCsrf:
    def test_session_without_a_csrf_token_is_refused(self, officer: User) -> None:
        """Another site's form posts with the officer's cookie."""
        client = signed_in(officer, second_step_at=time.time())
        for method in ("post", "put", "patch", "delete"):
            with pytest.raises(Problem) as caught:
                enforce_csrf(request_of(client, method))
            assert (caught.value.status, caught.value.code) == (403, "csrf-failed")

    def test_session_with_a_csrf_token_passes(self, officer: User) -> None:
        client = signed_in(officer, second_step_at=time.time())
        page = request_of(None, "get")
        header = get_token(page)
        client.cookies["csrftoken"] = page.META["CSRF_COOKIE"]
        enforce_csrf(request_of(client, HTTP_X_CSRFTOKEN=header))

    def test_foreign_origin_is_refused_despite_a_csrf_token(self, officer: User) -> None:
        client = signed_in(officer, second_step_at=time.time())
        page = request_of(None, "get")
        header = get_token(page)
        client.cookies["csrftoken"] = page.META["CSRF_COOKIE"]
        with pytest.raises(Problem):
            enforce_csrf(request_of(client, HTTP_X_CSRFTOKEN=header, HTTP_ORIGIN="https://evil.example"))

    def test_reading_needs_none(self, officer: User) -> None:
        enforce_csrf(request_of(signed_in(officer), "get"))

    def test_nobody_needs_none(self) -> None:
        enforce_csrf(request_of(None))

    @pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
    def test_programs_need_none(self, officer: User, scheme: str) -> None:
        enforce_csrf(request_of(None, **token_headers(officer, scheme)))

    def test_a_remembered_basic_password_is_refused_from_another_site(self, officer: User) -> None:
        """Somebody opened https://user:token@city/ once; the browser now adds it to any page's form."""
        with pytest.raises(Problem):
            enforce_csrf(
                request_of(None, HTTP_SEC_FETCH_SITE="cross-site", **token_headers(officer, "Basic"))
            )


@pytest.mark.parametrize(
    ("forwarded", "remote", "expected"),
    [
        ("113.161.1.2", "127.0.0.1", "113.161.1.2"),
        ("10.0.0.1, 113.161.1.2", "127.0.0.1", "113.161.1.2"),
        ("", "127.0.0.1", "127.0.0.1"),
        ("nonsense'--", "", None),
        ("2001:db8::1", "", "2001:db8::1"),
    ],
)
def test_client_address(forwarded: str, remote: str, expected: str | None) -> None:
    """Only the last hop counts, the one our own front door wrote; an odd value must not reach an inet column."""
    request = RequestFactory().get("/", REMOTE_ADDR=remote)
    if forwarded:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    assert client_address(request) == expected
