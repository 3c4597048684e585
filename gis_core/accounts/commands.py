"""Accounts from the command line: the first administrator, accounts of programs, a lost phone."""

from __future__ import annotations

from typing import cast

import click
from django.core.exceptions import ValidationError
from django.db import transaction

from gis_core.accounts import tokens
from gis_core.accounts.models import STAFF_CHOICES, ApiToken, Membership, User
from gis_core.accounts.standing import is_staff
from gis_core.layer import AUDIENCES, Audience
from gis_core.problems import Problem
from gis_core.runtime.console import step
from gis_core.words import Text


def user_called(name: str) -> User:
    """The user ``name``; Problem 404."""
    found = User.objects.filter(username=name).first()
    if found is None:
        raise Problem(404, "no-such-user", Text(f"Không có người dùng {name}.", f"There is no user {name}."))
    return found


@click.group()
def user() -> None:
    """Người dùng. · Users."""


@user.command("create")
@click.argument("name")
@click.option("--email", default="", help="Địa chỉ thư. · Address for a password reset.")
@click.option("--staff", is_flag=True, help="Vào trang quản trị. · May enter the administration.")
@click.option("--superuser", is_flag=True, help="Mọi quyền quản trị. · Every right there.")
@click.option("--audience", type=click.Choice([a for a, _ in STAFF_CHOICES]), help="Vai trò. · Role.")
@click.option("--unit", "units", multiple=True, help="Mã đơn vị, lặp lại được. · Unit code; may be repeated.")
@click.option("--no-password", is_flag=True, help="Chỉ dùng mã truy cập. · For a program: tokens only.")
def create_user(
    name: str,
    email: str,
    staff: bool,
    superuser: bool,
    audience: str | None,
    units: tuple[str, ...],
    no_password: bool,
) -> None:
    """Tạo người dùng; hỏi mật khẩu. · Make a user; asks for the password."""
    password = (
        None
        if no_password
        else click.prompt("Mật khẩu · Password", hide_input=True, confirmation_prompt=True)
    )
    made = User(username=User.normalize_username(name), email=email, is_staff=staff or superuser)
    made.is_superuser = superuser
    try:
        store(made, password, audience, list(units))
    except ValidationError as error:
        reason = " ".join(error.messages)
        raise Problem(422, "user-refused", Text(reason, reason)) from error
    step(f"Đã tạo người dùng {made.username}", f"Made the user {made.username}")
    if is_staff(made) and password:
        step("Lần đăng nhập đầu cần cài xác thực hai bước", "The first sign-in asks to set up two steps")


def store(made: User, password: str | None, audience: str | None, units: list[str]) -> None:
    """Check and save a user with a membership, both or neither; ValidationError where they do not fit."""
    from django.contrib.auth.password_validation import validate_password

    if password is None:
        made.set_unusable_password()
    else:
        validate_password(password, made)
        made.set_password(password)
    with transaction.atomic():
        made.full_clean()
        made.save()
        if audience:
            membership = Membership(user=made, audience=audience, units=units)
            membership.full_clean()
            membership.save()


@user.command("forget-second-factor")
@click.argument("name")
def forget_second_factor(name: str) -> None:
    """Gỡ xác thực hai bước (mất điện thoại). · Remove the second factor, for a lost phone."""
    from allauth.mfa.models import Authenticator

    Authenticator.objects.filter(user=user_called(name)).delete()
    step(
        f"{name} cài lại xác thực hai bước ở lần đăng nhập tới",
        f"{name} sets up two steps at the next sign-in",
    )


@click.group()
def token() -> None:
    """Mã truy cập cho chương trình. · Tokens for programs."""


@token.command("create")
@click.argument("user_name", metavar="USER")
@click.option("--name", required=True, help="Tên, để nhận ra. · Name, to recognise it.")
@click.option("--audience", type=click.Choice(AUDIENCES), default="citizen", show_default=True)
@click.option("--scope", type=click.Choice(ApiToken.Scope.values), default="read", show_default=True)
@click.option("--days", type=int, default=90, show_default=True)
def create_token(user_name: str, name: str, audience: str, scope: str, days: int) -> None:
    """Tạo mã và in ra một lần. · Make a token and print it, once."""
    _made, text = tokens.issue(user_called(user_name), name, cast(Audience, audience), scope=scope, days=days)
    click.echo(text)


@token.command("list")
@click.argument("user_name", metavar="USER")
def list_tokens(user_name: str) -> None:
    """Liệt kê mã của một người dùng. · List a user's tokens."""
    for each in user_called(user_name).tokens.all():
        state = "live" if each.is_live else "ended"
        click.echo(f"{each.pk}\t{each.shown}…\t{each.name}\t{each.audience}\t{each.scope}\t{state}")


@token.command("revoke")
@click.argument("token_id", metavar="ID", type=int)
def revoke_token(token_id: int) -> None:
    """Thu hồi mã theo số trong danh sách. · Revoke a token by its number in the list."""
    found = ApiToken.objects.filter(pk=token_id).first()
    if found is None:
        raise Problem(
            404, "no-such-token", Text(f"Không có mã số {token_id}.", f"There is no token {token_id}.")
        )
    tokens.revoke(found)
    step(f"Đã thu hồi {found.shown}…", f"Revoked {found.shown}…")


COMMANDS = [user, token]
