"""The administration: closed without the second step, nothing by default, and a log of what was done."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from gis_core.accounts import tokens
from gis_core.accounts.models import ApiToken, Membership, User
from gis_core.accounts.resolving import resolve
from tests.gis_core.accounts.conftest import SECRET, MakeUser, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(superuser: User) -> Client:
    return signed_in(superuser, second_step_at=time.time())


def manager(make_user: MakeUser) -> User:
    """A user who may manage users, and nothing else."""
    user = make_user("manager", is_staff=True, second_factor=True)
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label="accounts"))
    return user


class TestDoor:
    def test_open_after_both_steps(self, browser: Client) -> None:
        assert browser.get("/admin/").status_code == 200

    @pytest.mark.parametrize(
        ("second_factor", "second_step_at", "leads_to"),
        [
            (False, None, "mfa_activate_totp"),
            (True, None, "mfa_reauthenticate"),
            (True, 1.0, "mfa_reauthenticate"),
            (False, "now", "mfa_activate_totp"),
        ],
    )
    def test_closed_without_the_second(
        self, make_user: MakeUser, second_factor: bool, second_step_at: float | str | None, leads_to: str
    ) -> None:
        """A superuser's stolen password must open nothing."""
        user = make_user("admin", second_factor=second_factor, is_staff=True, is_superuser=True)
        at = time.time() if second_step_at == "now" else second_step_at
        browser = signed_in(user, second_step_at=at)  # type: ignore[arg-type]
        response = browser.get("/admin/accounts/user/", follow=True)
        assert any(address.startswith(reverse(leads_to)) for address, _ in response.redirect_chain)

    def test_every_page_is_behind_it(self, make_user: MakeUser) -> None:
        """Walks the admin's own addresses, so that a page that a room adds is asked as well."""
        user = make_user("admin", is_staff=True, is_superuser=True)
        browser = signed_in(user)
        names = [p.name for p in admin.site.get_urls() if getattr(p, "name", None)]
        lists = [
            reverse(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist")
            for m in admin.site._registry
        ]
        assert len(lists) > 5
        plain = [reverse(f"admin:{n}") for n in names if n not in ("login", "view_on_site", "app_list")]
        for address in [*lists, *plain]:
            assert browser.get(address).status_code == 302, address

    def test_stranger_signs_in_first(self, client: Client) -> None:
        response = client.get("/admin/", follow=True)
        assert response.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"

    def test_the_old_password_form_is_gone(self, client: Client, superuser: User) -> None:
        """Django's own form would let in with the password alone."""
        response = client.post("/admin/login/", {"username": "admin", "password": "x", "next": "/admin/"})
        assert response["Location"].startswith("/accounts/login/")

    def test_officer_without_admin_rights_is_refused(self, officer: User) -> None:
        assert signed_in(officer, second_step_at=time.time()).get("/admin/", follow=True).status_code == 403


class TestRights:
    def test_staff_sees_nothing_by_default(self, make_user: MakeUser) -> None:
        browser = signed_in(make_user("staff", is_staff=True, second_factor=True), second_step_at=time.time())
        assert browser.get("/admin/").status_code == 200
        for model in admin.site._registry:
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            assert browser.get(address).status_code == 403, address

    def test_manager_makes_nobody_a_superuser(self, make_user: MakeUser) -> None:
        browser = signed_in(manager(make_user), second_step_at=time.time())
        lan = make_user("lan")
        page = browser.get(f"/admin/accounts/user/{lan.pk}/change/").content.decode()
        assert 'name="email"' in page
        for field in ("is_superuser", "is_staff", "groups", "user_permissions"):
            assert f'name="{field}"' not in page

    def test_manager_touches_no_superuser(self, make_user: MakeUser, superuser: User) -> None:
        """Setting an administrator's password would be becoming one."""
        browser = signed_in(manager(make_user), second_step_at=time.time())
        assert browser.get(f"/admin/accounts/user/{superuser.pk}/password/").status_code == 403
        new = {"password1": "một mật khẩu mới toanh", "password2": "một mật khẩu mới toanh"}
        assert browser.post(f"/admin/accounts/user/{superuser.pk}/password/", new).status_code == 403

    def test_manager_makes_no_tokens(self, make_user: MakeUser) -> None:
        browser = signed_in(manager(make_user), second_step_at=time.time())
        assert browser.get("/admin/accounts/apitoken/add/").status_code == 403

    def test_role_brings_the_group_and_takes_it(self, make_user: MakeUser) -> None:
        user = make_user(roles={"officer": [], "land": []})
        user.groups.add(Group.objects.create(name="ban chỉ huy"))
        assert set(user.groups.values_list("name", flat=True)) == {"officer", "land", "ban chỉ huy"}
        Membership.objects.get(audience="land").delete()
        assert set(user.groups.values_list("name", flat=True)) == {"officer", "ban chỉ huy"}


class TestTokens:
    def test_made_shown_once(self, browser: Client, officer: User) -> None:
        wanted = {"user": officer.pk, "name": "gateway", "audience": "officer", "scope": "read", "days": "30"}
        page = browser.post("/admin/accounts/apitoken/add/", wanted).content.decode()
        token = re.search(r"huong_[\w-]{43}", page)
        assert token is not None
        assert resolve({"authorization": f"Bearer {token.group()}"}).audience == "officer"
        assert token.group() not in browser.get("/admin/accounts/apitoken/").content.decode()
        assert "huong_" not in str(browser.cookies)
        assert LogEntry.objects.filter(content_type__model="apitoken", action_flag=1).count() == 1

    def test_role_that_the_user_lacks_is_said(self, browser: Client, officer: User) -> None:
        wanted = {"user": officer.pk, "name": "gateway", "audience": "land", "scope": "read", "days": "30"}
        assert browser.post("/admin/accounts/apitoken/add/", wanted).status_code == 200
        assert not ApiToken.objects.exists()

    def test_name_that_is_taken_is_said(self, browser: Client, officer: User) -> None:
        tokens.issue(officer, "gateway", "officer")
        wanted = {"user": officer.pk, "name": "gateway", "audience": "officer", "scope": "read", "days": "30"}
        assert browser.post("/admin/accounts/apitoken/add/", wanted).status_code == 200

    def test_revoked_by_an_action_and_logged(self, browser: Client, officer: User) -> None:
        made, _ = tokens.issue(officer, "gateway", "officer")
        chosen = {"action": "revoke", "_selected_action": [made.pk]}
        browser.post("/admin/accounts/apitoken/", chosen)
        made.refresh_from_db()
        assert made.revoked is not None
        assert LogEntry.objects.get().change_message == "revoked"


def test_user_with_roles_is_made_in_one_form(browser: Client, make_user: MakeUser) -> None:
    user = make_user("lan")
    form = {
        "username": "lan", "email": "lan@hue.example", "is_active": "on",
        "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00",
        "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0",
        "memberships-0-audience": "officer", "memberships-0-units": "19774,19753", "memberships-0-user": user.pk,
    }  # fmt: skip
    response = browser.post(f"/admin/accounts/user/{user.pk}/change/", form)
    assert response.status_code == 302, response.content.decode()[:3000]
    assert Membership.objects.get(user=user).units == ["19774", "19753"]
    assert LogEntry.objects.filter(content_type__model="user").count() == 1


@pytest.mark.parametrize("units", ["19774,19774", "a b", "x" * 41, "'; drop"])
def test_units_that_are_no_codes_are_refused(browser: Client, make_user: MakeUser, units: str) -> None:
    """A comma or a space in a code would widen the scope of a read transaction."""
    user = make_user("lan")
    form = {
        "username": "lan", "is_active": "on", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00",
        "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0",
        "memberships-0-audience": "officer", "memberships-0-units": units, "memberships-0-user": user.pk,
    }  # fmt: skip
    assert browser.post(f"/admin/accounts/user/{user.pk}/change/", form).status_code == 200
    assert not Membership.objects.exists()


def test_second_factors_are_listed_without_their_secrets(browser: Client, superuser: User) -> None:
    factor = Authenticator.objects.get()
    for address in ("/admin/mfa/authenticator/", f"/admin/mfa/authenticator/{factor.pk}/change/"):
        page = browser.get(address).content.decode()
        assert factor.data["secret"] not in page
        assert SECRET not in page


def test_users_are_switched_off_not_deleted(browser: Client, officer: User) -> None:
    assert browser.post(f"/admin/accounts/user/{officer.pk}/delete/", {"post": "yes"}).status_code == 403
