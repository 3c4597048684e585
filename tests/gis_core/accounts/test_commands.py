"""``huong user`` and ``huong token``: how the first administrator and the accounts of programs come to be."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from click.testing import CliRunner, Result

from gis_core.accounts.commands import token, user
from gis_core.accounts.models import ApiToken, Membership, User
from gis_core.accounts.resolving import resolve
from gis_core.problems import Problem
from tests.gis_core.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def run(group: object, *arguments: str, answers: str = "") -> Result:
    return CliRunner().invoke(group, arguments, input=answers)  # type: ignore[arg-type]


def made(*arguments: str, password: str = PASSWORD) -> Result:
    return run(user, "create", *arguments, answers=f"{password}\n{password}\n")


def test_officer_with_units() -> None:
    result = made(
        "lan", "--email", "lan@example.org", "--audience", "officer", "--unit", "19774", "--unit", "19753"
    )
    assert result.exit_code == 0, result.output
    assert Membership.objects.get().units == ["19774", "19753"]
    assert User.objects.get().check_password(PASSWORD)
    assert PASSWORD not in result.output


def test_superuser_is_staff() -> None:
    made("admin", "--superuser")
    assert User.objects.filter(is_staff=True, is_superuser=True).count() == 1


@pytest.mark.parametrize(
    ("arguments", "password"),
    [
        (["lan"], "ngắn"),
        (["a b"], PASSWORD),
        (["lan", "--email", "no address"], PASSWORD),
        (["lan", "--audience", "officer", "--unit", "a,b"], PASSWORD),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_made(arguments: list[str], password: str) -> None:
    result = made(*arguments, password=password)
    assert isinstance(result.exception, Problem)
    assert not User.objects.exists()


def test_same_name_twice() -> None:
    made("lan")
    assert isinstance(made("lan").exception, Problem)


def test_token_of_a_program() -> None:
    run(user, "create", "gateway", "--no-password", "--audience", "operations")
    printed = run(
        token, "create", "gateway", "--name", "cổng", "--audience", "operations", "--scope", "write"
    )
    caller = resolve({"authorization": f"Bearer {printed.stdout.strip()}"})
    assert (caller.audience, caller.writes) == ("operations", True)
    listed = run(token, "list", "gateway").stdout
    assert printed.stdout.strip() not in listed
    assert "live" in listed
    run(token, "revoke", str(ApiToken.objects.get().pk))
    assert "ended" in run(token, "list", "gateway").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "nobody", "--name", "x"],
        ["create", "lan", "--name", "x", "--audience", "land"],
        ["create", "lan", "--name", " "],
        ["create", "lan", "--name", "x", "--days", "9999"],
        ["revoke", "999"],
    ],
)
def test_token_refused(arguments: list[str]) -> None:
    made("lan")
    assert isinstance(run(token, *arguments).exception, Problem)
    assert not ApiToken.objects.exists()


def test_lost_phone() -> None:
    made("lan", "--audience", "land")
    Authenticator.objects.create(user=User.objects.get(), type=Authenticator.Type.TOTP, data={})
    run(user, "forget-second-factor", "lan")
    assert not Authenticator.objects.exists()
