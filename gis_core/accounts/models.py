"""Users, what each of them acts as (audience and units), and their API tokens."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from gis_core.accounts.words import AUDIENCES as AUDIENCE_WORDS
from gis_core.accounts.words import SCOPES, spoken
from gis_core.layer import AUDIENCES, Audience
from gis_core.places import unit_name
from gis_core.words import nfc

# Who acts first where somebody is several things: the whole city before one field, one field before one ward.
BY_STRENGTH: tuple[Audience, ...] = ("operations", "land", "officer", "citizen")
AUDIENCE_NAMES: dict[Audience, str] = {audience: spoken(*AUDIENCE_WORDS[audience]) for audience in AUDIENCES}
STAFF_CHOICES = [(a, AUDIENCE_NAMES[a]) for a in AUDIENCES if a != "citizen"]
# Joined by commas in cache keys and in the scope of a read transaction.
UNIT_CODE = re.compile(r"[\w.-]{1,40}")


class User(AbstractUser):
    """One person or one program that may sign in.

    Our own from the first migration: Django cannot change the user model of a database that is in use. An address
    belongs to one user, in lower case: allauth looks for it so, and a shared one would cost a sign-in two hashes.
    """

    class Meta(AbstractUser.Meta):
        verbose_name = spoken("người dùng", "user")
        verbose_name_plural = spoken("người dùng", "users")
        constraints = (
            models.UniqueConstraint(
                fields=["email"],
                condition=~models.Q(email=""),
                name="user_email_once",
                violation_error_message="Địa chỉ thư này là của một người dùng khác.",
            ),
        )

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = (self.email or "").lower()
        super().save(*args, **kwargs)


def check_units(codes: list[str]) -> None:
    """ValidationError unless every code is short, without spaces and commas, and named once."""
    for code in codes:
        if not UNIT_CODE.fullmatch(code) or code != nfc(code):
            raise ValidationError(f"Mã đơn vị không hợp lệ: {code!r}.")
    if len(set(codes)) != len(codes):
        raise ValidationError("Một mã đơn vị được nêu hai lần.")


class Membership(models.Model):
    """A user sees and writes as ``audience``, in the units ``units`` where that audience is scoped.

    Units are codes of administrative units: the ground floor knows no list of them. A scoped audience without units
    sees no scoped row.
    """

    user = models.ForeignKey(
        User, models.CASCADE, related_name="memberships", verbose_name=spoken("người dùng", "user")
    )
    audience = models.CharField(spoken("vai trò", "role"), max_length=20, choices=STAFF_CHOICES)
    units = ArrayField(
        models.CharField(max_length=40),
        verbose_name=spoken("mã đơn vị", "unit codes"),
        default=list,
        blank=True,
        validators=[check_units],
        help_text=spoken(
            "Mã xã, phường; cách nhau bằng dấu phẩy.", "Commune codes, with commas between them."
        ),
    )

    class Meta:
        verbose_name = spoken("vai trò", "role")
        verbose_name_plural = spoken("vai trò", "roles")
        constraints = (
            models.UniqueConstraint(fields=["user", "audience"], name="membership_once_per_audience"),
            models.CheckConstraint(
                condition=models.Q(audience__in=[a for a, _ in STAFF_CHOICES]),
                name="membership_known_audience",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_audience_display()} {', '.join(map(unit_name, self.units))}".strip()


class ApiToken(models.Model):
    """A key for a program: acts as its user in one audience, until it expires or is revoked.

    Only the SHA-256 of the token is kept: 256 random bits need no slow hash, and the index on it finds the row without
    comparing secrets. ``shown`` are its first letters, enough to tell one's tokens apart.
    """

    class Scope(models.TextChoices):
        READ = "read", spoken(*SCOPES["read"])
        WRITE = "write", spoken(*SCOPES["write"])

    user = models.ForeignKey(
        User, models.CASCADE, related_name="tokens", verbose_name=spoken("người dùng", "user")
    )
    name = models.CharField(spoken("tên", "name"), max_length=80)
    audience = models.CharField(
        spoken("vai trò", "role"),
        max_length=20,
        default="citizen",
        choices=[(a, AUDIENCE_NAMES[a]) for a in AUDIENCES],
    )
    scope = models.CharField(
        spoken("quyền", "scope"), max_length=5, choices=Scope.choices, default=Scope.READ
    )
    hash = models.CharField(spoken("dấu vết SHA-256", "SHA-256"), max_length=64, unique=True, editable=False)
    shown = models.CharField(spoken("mã", "begins with"), max_length=16, editable=False)
    created = models.DateTimeField(spoken("tạo lúc", "made at"), default=timezone.now, editable=False)
    expires = models.DateTimeField(spoken("hết hạn", "expires"))
    last_used = models.DateField(spoken("dùng lần cuối", "last used"), null=True, editable=False)
    revoked = models.DateTimeField(spoken("thu hồi lúc", "revoked at"), null=True, editable=False)

    class Meta:
        verbose_name = spoken("mã truy cập", "API token")
        verbose_name_plural = spoken("mã truy cập", "API tokens")
        ordering = ("-created",)
        constraints = (
            models.UniqueConstraint(
                fields=["user", "name"],
                condition=models.Q(revoked__isnull=True),
                name="token_name_once",
                violation_error_message="Đã có một mã truy cập tên này đang dùng.",
            ),
            models.CheckConstraint(condition=models.Q(audience__in=AUDIENCES), name="token_known_audience"),
            models.CheckConstraint(condition=models.Q(scope__in=["read", "write"]), name="token_known_scope"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.shown}…)"

    @property
    def is_live(self) -> bool:
        return self.revoked is None and self.expires > timezone.now()
