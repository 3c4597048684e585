"""Nobody gives more than he has, in whatever way one account can be made to do another's."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.test import Client

from gis_core.accounts.models import Membership, User
from tests.gis_core.accounts.conftest import MakeUser, signed_in

pytestmark = pytest.mark.django_db
PASSWORD = {"password1": "một mật khẩu mới toanh", "password2": "một mật khẩu mới toanh"}


@pytest.fixture
def manager(make_user: MakeUser) -> User:
    """An officer of two communes who may do everything with accounts that a permission allows."""
    user = make_user("manager", roles={"officer": ["19774", "19753"]}, is_staff=True, second_factor=True)
    user.user_permissions.add(
        *Permission.objects.filter(content_type__app_label__in=("accounts", "mfa", "auth", "admin"))
    )
    return user


@pytest.fixture
def browser(manager: User) -> Client:
    return signed_in(manager, second_step_at=time.time())


def form(user: User, *roles: tuple[str, str], initial: int = 0, **more: str) -> dict[str, Any]:
    sent = {
        "username": user.username, "email": user.email, "is_active": "on",
        "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00",
        "memberships-TOTAL_FORMS": str(len(roles)), "memberships-INITIAL_FORMS": str(initial),
    }  # fmt: skip
    for at, (audience, units) in enumerate(roles):
        sent |= {
            f"memberships-{at}-audience": audience,
            f"memberships-{at}-units": units,
            f"memberships-{at}-user": str(user.pk),
        }
    return {**sent, **more}


def change(browser: Client, user: User, sent: dict[str, Any]) -> int:
    return browser.post(f"/admin/accounts/user/{user.pk}/change/", sent).status_code


@pytest.mark.parametrize(
    ("audience", "units", "given"),
    [
        ("officer", "19774", True),
        ("officer", "19774,19753", True),
        ("officer", "", True),
        ("officer", "19774,19777", False),
        ("operations", "", False),
        ("land", "19774", False),
    ],
)
def test_only_a_role_of_ones_own_is_given(
    browser: Client, make_user: MakeUser, audience: str, units: str, given: bool
) -> None:
    lan = make_user("lan")
    assert change(browser, lan, form(lan, (audience, units))) == (302 if given else 200)
    assert Membership.objects.filter(user=lan).exists() is given


def test_nobody_gives_himself_a_role(browser: Client, manager: User) -> None:
    own = manager.memberships.get()
    sent = form(
        manager,
        ("officer", "19774,19753"),
        ("operations", ""),
        initial=1,
        **{"memberships-0-id": str(own.pk)},
    )
    assert change(browser, manager, sent) == 200
    wider = form(manager, ("officer", "19774,19753,19777"), initial=1, **{"memberships-0-id": str(own.pk)})
    assert change(browser, manager, wider) == 200
    assert set(manager.memberships.get().units) == {"19774", "19753"}


def test_a_role_is_not_given_to_an_account_that_is_being_made(browser: Client) -> None:
    made = User(username="bong")
    sent = {**form(made, ("operations", "")), **PASSWORD, "usable_password": "true"}
    browser.post("/admin/accounts/user/add/", sent)
    assert not Membership.objects.filter(audience="operations").exists()


def test_who_has_more_is_not_managed(browser: Client, make_user: MakeUser) -> None:
    """Another's password, address or lost second factor is that other's whole account."""
    more = [
        make_user("dieu", roles={"operations": []}, second_factor=True),
        make_user("xa-khac", roles={"officer": ["19777"]}, second_factor=True),
        make_user("tat", roles={"land": []}, second_factor=True, is_active=False),
        make_user("quyen", second_factor=True, is_staff=True),
        make_user("nhom", second_factor=True),
        make_user("trum", second_factor=True, is_staff=True, is_superuser=True),
    ]
    more[3].user_permissions.add(Permission.objects.get(codename="change_layerstyles"))
    group = Group.objects.create(name="ban chỉ huy")
    group.permissions.add(Permission.objects.get(codename="add_road"))
    more[4].groups.add(group)
    for user in more:
        before = User.objects.get(pk=user.pk).password
        assert browser.post(f"/admin/accounts/user/{user.pk}/password/", PASSWORD).status_code == 403, user
        assert change(browser, user, form(user, email="toi@example.org")) == 403, user
        factor = Authenticator.objects.get(user=user)
        browser.post(f"/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"})
        chosen = {"action": "delete_selected", "_selected_action": [factor.pk], "post": "yes"}
        browser.post("/admin/mfa/authenticator/", chosen)
        assert Authenticator.objects.filter(pk=factor.pk).exists(), user
        now = User.objects.get(pk=user.pk)
        assert (now.password, now.email) == (before, user.email), user


def test_who_has_no_more_is(browser: Client, make_user: MakeUser) -> None:
    lan = make_user("lan", roles={"officer": ["19774"]}, second_factor=True)
    assert browser.post(f"/admin/accounts/user/{lan.pk}/password/", PASSWORD).status_code == 302
    factor = Authenticator.objects.get(user=lan)
    browser.post(f"/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"})
    assert not Authenticator.objects.filter(pk=factor.pk).exists()


def test_groups_are_a_superusers(browser: Client, superuser: User, manager: User) -> None:
    """Whoever changes a group that he is in gives himself its permissions."""
    group = Group.objects.get(name="officer")
    every = [str(pk) for pk in Permission.objects.values_list("pk", flat=True)]
    for path in (f"{group.pk}/change/", "add/"):
        sent = {"name": f"officer {path}"[:7], "permissions": every}
        assert browser.post(f"/admin/auth/group/{path}", sent).status_code == 403
    assert not group.permissions.exists()
    chief = signed_in(superuser, second_step_at=time.time())
    assert chief.get(f"/admin/auth/group/{group.pk}/change/").status_code == 200
    assert chief.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_log_is_a_superusers(browser: Client, superuser: User) -> None:
    assert browser.get("/admin/admin/logentry/").status_code == 403
    assert signed_in(superuser, second_step_at=time.time()).get("/admin/admin/logentry/").status_code == 200
